"""Starts a Jupyter kernel, and leaves nothing of it behind.

GoNB cleans up after itself when it is asked to end. When it is killed (by "restart" while a cell does not listen, by the
system when memory runs out) its folder stays, its language server runs on, and so does the cell. So a second process
waits, in a session of its own, until the kernel has ended in whichever way: then it ends what the kernel has started and
removes the folder that was its TMPDIR.

Usage: launch.py COMMAND [ARGUMENT…]
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PAUSE = 0.5  # seconds between two looks


def main() -> None:
    # Whoever has no session of his own, as in a terminal, shares it with processes that are not the kernel's.
    if os.getsid(0) == os.getpid():
        # A short name: the folder's sockets have paths of 100 characters at most.
        folder = tempfile.mkdtemp(prefix="evident-")
        os.environ["TMPDIR"] = folder
        kernel = os.getpid()
        if os.fork() == 0:
            clean_up_after(kernel, folder)
            os._exit(0)
    vectors = subprocess.run([Path(__file__).with_name("goexperiment.sh")], check=False, text=True, stdout=subprocess.PIPE).stdout.strip()
    if vectors:
        os.environ["GOEXPERIMENT"] = vectors
    os.execvp(sys.argv[1], sys.argv[1:])


def clean_up_after(kernel: int, folder: str) -> None:
    os.setsid()
    os.chdir("/")
    # Whoever reads the kernel's output must not wait for this process.
    for stream in range(3):
        os.dup2(os.open(os.devnull, os.O_RDWR), stream)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while os.getppid() == kernel:
        time.sleep(PAUSE)
    # What a process starts while it is looked for is found by the next look.
    while left := members(kernel):
        for process in left:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)


def members(session: int) -> list[int]:
    """The processes of a session, but for those that have ended and wait for their parent."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, its_session = (process / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(its_session) == session and state not in "ZX":
            found.append(int(process.name))
    return found


if __name__ == "__main__":
    main()
