"""Too little memory: a lesson runs more slowly, or ends with a status of its own, and leaves nothing half-written."""

import hashlib
import json
import os
import resource
import subprocess
from pathlib import Path

import pytest
from processes import CHECKOUT

GIB = 1 << 30
MEMORY = Path("/sys/fs/cgroup/memory")


def run(program, place, *arguments, before=None):
    return subprocess.run(
        [program, "run", *arguments, "--out", place / "out", "--json"],
        check=False,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=600,
        preexec_fn=before,
    )


def limited(size: int):
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size))


def verdicts(printed: str) -> list[str]:
    [report] = json.loads(printed)
    return [claim["verdict"] for claim in report["claims"]]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("gib", [2, 3])
def test_where_xla_has_no_room_pure_go_takes_its_place(program, place, gib):
    done = run(program, place, "params", "--scale", "smoke", before=limited(gib * GIB))
    assert done.returncode == 0, done.stderr
    [line] = done.stderr.splitlines()
    assert "XLA takes 4 GiB of address space" in line
    assert f"{gib:.1f} GiB (ulimit -v)" in line
    assert verdicts(done.stdout) == ["supported"] * 4


def test_who_asks_for_xla_is_told_in_one_line(program, place, monkeypatch):
    [plugin] = CHECKOUT.glob(".venv/lib/python3.*/site-packages/xla_plugins/xla_cpu_pjrt/*.so")
    monkeypatch.setenv("GOMLX_BACKEND", f"xla:{plugin}")
    done = run(program, place, "params", "--scale", "smoke", before=limited(2 * GIB))
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert str(plugin) in line
    assert "2.0 GiB (ulimit -v): unset GOMLX_BACKEND" in line
    assert files(place / "out") == []


def test_no_room_even_for_go(program, place):
    done = run(program, place, "params", "--scale", "smoke", before=limited(GIB // 2))
    assert done.returncode not in (0, 1)
    assert done.stdout == ""
    assert files(place) == []


@pytest.fixture
def memory_group():
    """A group of processes with a limit on their memory, which are killed beyond it."""
    group = MEMORY / f"evident-{os.getpid()}"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(GIB // 8))
    except OSError as error:
        pytest.skip(f"no control group can be made: {error}")
    yield group
    group.rmdir()


def test_a_lesson_that_is_killed_for_memory_leaves_nothing_half_written(program, place, memory_group):
    def join():
        (memory_group / "cgroup.procs").write_text(str(os.getpid()))

    done = run(program, place, "inception", "--scale", "smoke", before=join)
    assert done.returncode == -9
    assert done.stdout == ""
    assert files(place / "out") == []
    for path in files(place / "cache/evident/programs"):
        content = path.read_bytes()
        assert hashlib.sha256(content[32:]).digest() == content[:32], f"{path} is not whole"
    assert files(place / "tmp") == []
