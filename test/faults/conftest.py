"""A kernel of the checkout as it is now, whose temporary files, cache and settings are the test's own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from jupyter_client import KernelManager
from processes import CHECKOUT, wait_for


@pytest.fixture(scope="session")
def program(tmp_path_factory) -> Path:
    """The command evident."""
    path = tmp_path_factory.mktemp("bin") / "evident"
    subprocess.run(["go", "build", "-buildvcs=false", "-o", path, "./cmd/evident"], check=True, cwd=CHECKOUT)
    return path


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """A folder that holds the caches of what the test starts, and in tmp/ its temporary files."""
    monkeypatch.setenv("GOCACHE", subprocess.check_output(["go", "env", "GOCACHE"], text=True).strip())
    for variable, name in {
        "TMPDIR": "tmp",
        "XDG_CACHE_HOME": "cache",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
    }.items():
        (tmp_path / name).mkdir()
        monkeypatch.setenv(variable, str(tmp_path / name))
    return tmp_path


class Kernel:
    """A kernel, and the processes that it has started."""

    def __init__(self):
        self.sessions: list[int] = []  # of this kernel and of those before a restart
        self.manager = KernelManager(kernel_name="evident")
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.wait()

    def wait(self) -> None:
        self.client.wait_for_ready(timeout=120)
        self.sessions.append(self.pid)

    @property
    def pid(self) -> int:
        return self.manager.provisioner.pid

    def start(self, code: str) -> str:
        """Sends a cell, and returns the id of the request."""
        return self.client.execute(code)

    def wait_for_output(self, text: str, seconds: float = 120) -> None:
        wait_for(lambda: text in self.next_text(seconds), seconds)

    def next_text(self, seconds: float) -> str:
        message = self.client.get_iopub_msg(timeout=seconds)
        assert message["msg_type"] != "error", message["content"]
        return message["content"].get("text", "")

    def run(self, code: str, seconds: float = 120) -> tuple[str, str]:
        """Runs a cell, and returns its status and what it printed."""
        printed = []
        reply = self.client.execute_interactive(
            code, timeout=seconds, output_hook=lambda message: printed.append(message["content"].get("text", ""))
        )
        return reply["content"]["status"], "".join(printed)

    def restart(self, now: bool = False) -> None:
        self.manager.restart_kernel(now=now)
        self.wait()

    def kill(self) -> None:
        """Ends the kernel's process as the system does when memory runs out, and starts another one."""
        os.kill(self.pid, 9)
        self.restart(now=True)

    def stop(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel()


@pytest.fixture
def kernel(place, monkeypatch):
    share = place / "share"
    subprocess.run([sys.executable, CHECKOUT / "kernel/install.py", "--share", share], check=True)
    monkeypatch.setenv("JUPYTER_PATH", str(share))
    started = Kernel()
    yield started
    if started.manager.is_alive():
        started.stop()
