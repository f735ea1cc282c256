"""However a kernel ends, no process and no temporary folder of it stays."""

import json
import os
import signal
import subprocess
import sys

from processes import SLOW, members, wait_for

RESTARTS = 50 if SLOW else 6
IMPORTS = '%noautoget\nimport (\n\t"fmt"\n\t"os"\n\t"time"\n)\n'
ANSWER = "%%\nfmt.Println(6*7)\n"
# A cell that leaves a folder, and listens to nobody.
DEAF = '%%\n_, _ = os.MkdirTemp("", "cell-")\nfmt.Println("deaf")\nfor { time.Sleep(time.Minute) }\n'


def test_restarts_leave_nothing_behind(kernel, place):
    """Kernels that are asked to end, that are killed, and that are killed while a cell runs, by turns."""
    for number in range(RESTARTS):
        status, printed = kernel.run(IMPORTS + ANSWER)
        assert (status, printed) == ("ok", "42\n")
        match number % 3:
            case 0:
                kernel.restart()
            case 1:
                kernel.kill()
            case 2:
                kernel.start(IMPORTS + DEAF, until="deaf\n")
                kernel.restart(now=True)
    assert len(kernel.sessions) == RESTARTS + 1
    wait_for(lambda: members(kernel.sessions[:-1]) == {})
    assert members([kernel.pid]) != {}
    kernel.stop()

    wait_for(lambda: members(kernel.sessions) == {})
    wait_for(lambda: list((place / "tmp").iterdir()) == [])


# Starts a kernel as Jupyter does, says which process it is, and waits.
JUPYTER = """
import json, time
from jupyter_client import KernelManager
manager = KernelManager(kernel_name="evident")
manager.start_kernel()
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=120)
client.execute(%r)
print(json.dumps(manager.provisioner.pid), flush=True)
time.sleep(1000)
"""


def test_a_kernel_ends_when_jupyter_was_killed(kernels, place):
    program = JUPYTER % ("!sleep 500",)
    jupyter = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    kernel = json.loads(jupyter.stdout.readline())
    wait_for(lambda: any("sleep 500" in command for command in members([kernel]).values()))
    os.kill(jupyter.pid, signal.SIGKILL)
    jupyter.wait()
    wait_for(lambda: members([kernel]) == {})
    wait_for(lambda: list((place / "tmp").glob("evident-*")) == [])
