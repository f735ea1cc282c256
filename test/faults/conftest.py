"""A kernel of the checkout as it is now, whose temporary files, cache and settings are the test's own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client import KernelManager
from processes import CHECKOUT


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

    def __init__(self, environment: dict[str, str] | None = None):
        self.sessions: list[int] = []  # of this kernel and of those before a restart
        self.manager = KernelManager(kernel_name="evident")
        self.manager.start_kernel(**({"env": environment} if environment else {}))
        self.client = self.manager.client()
        self.client.start_channels()
        self.wait()

    def wait(self) -> None:
        self.client.wait_for_ready(timeout=120)
        self.sessions.append(self.pid)

    @property
    def pid(self) -> int:
        return self.manager.provisioner.pid

    def start(self, code: str, until: str, seconds: float = 120) -> str:
        """Sends a cell, waits until it has printed a text, and returns the id of the request."""
        request = self.client.execute(code)
        printed = ""  # a text may come in pieces
        for message in self.said(request, seconds):
            printed += message["content"].get("text", "")
            if until in printed:
                return request
        raise AssertionError(f"the cell has ended, and printed {printed!r}")

    def wait_for_end(self, request: str, seconds: float = 60) -> None:
        for _ in self.said(request, seconds):
            pass

    def said(self, request: str, seconds: float) -> Iterator[dict]:
        """What the kernel says about a request, until it says that it is idle again; the reply may come before that or behind."""
        end = time.monotonic() + seconds
        while True:
            message = self.client.get_iopub_msg(timeout=max(0, end - time.monotonic()))
            if message["parent_header"].get("msg_id") != request:
                continue
            yield message
            if message["content"].get("execution_state") == "idle":
                return

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


@pytest.fixture(scope="session")
def layer(tmp_path_factory) -> Path:
    """The kernel's program."""
    path = tmp_path_factory.mktemp("bin") / "evident-kernel"
    subprocess.run(["go", "build", "-buildvcs=false", "-o", path, "./cmd/evident-kernel"], check=True, cwd=CHECKOUT, env=os.environ | {"CGO_ENABLED": "0"})
    return path


@pytest.fixture
def kernels(place, layer, monkeypatch):
    """Starts kernels."""
    share = place / "share"
    subprocess.run([sys.executable, CHECKOUT / "kernel/install.py", "--share", share, "--program", layer], check=True)
    monkeypatch.setenv("JUPYTER_PATH", str(share))
    started = []

    def start(environment: dict[str, str] | None = None) -> Kernel:
        started.append(Kernel(environment))
        return started[-1]

    yield start
    for kernel in started:
        if kernel.manager.is_alive():
            kernel.stop()


@pytest.fixture
def kernel(kernels):
    return kernels()
