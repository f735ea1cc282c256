"""The processes of a kernel, and which tests are slow.

Tests that take longer than half a minute run only where EVIDENT_SLOW is set.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SLOW = bool(os.environ.get("EVIDENT_SLOW"))
slow = pytest.mark.skipif(not SLOW, reason="takes minutes: set EVIDENT_SLOW=1")


def members(sessions: list[int]) -> dict[int, str]:
    """The command lines of the living processes of these sessions."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, session = (process / "stat").read_text().rpartition(")")[2].split()[:4]
            command = (process / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue  # it has ended
        if int(session) in sessions and state not in "ZX":
            found[int(process.name)] = command
    return found


def wait_for(holds: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)
