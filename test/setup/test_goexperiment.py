"""What kernel/goexperiment.sh says, in a copy of it beside a .venv of which only the plugin matters."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "kernel" / "goexperiment.sh"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "kernel").mkdir()
    shutil.copy(SCRIPT, tmp_path / "kernel")
    (tmp_path / ".venv/lib/python3.12/site-packages").mkdir(parents=True)
    return tmp_path


def says(checkout: Path, **variables: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in ("GOMLX_BACKEND", "GOEXPERIMENT")}
    # Vectors are those of one kind of processor, which this one need not be.
    environment |= {"GOARCH": "amd64"} | variables
    return subprocess.run([checkout / "kernel" / SCRIPT.name], env=environment, text=True, capture_output=True, check=True).stdout


def add_plugin(checkout: Path) -> None:
    plugin = checkout / ".venv/lib/python3.12/site-packages/xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so"
    plugin.parent.mkdir(parents=True)
    plugin.touch()


def test_vectors_where_only_pure_go_can_run(checkout: Path) -> None:
    assert says(checkout) == "simd\n"


def test_no_second_build_for_those_with_xla(checkout: Path) -> None:
    add_plugin(checkout)
    assert says(checkout) == ""
    assert says(checkout, GOMLX_BACKEND="go") == "simd\n"
    assert says(checkout, GOMLX_BACKEND="go:parallelism=2") == "simd\n"


def test_nothing_where_another_backend_is_asked_for(checkout: Path) -> None:
    assert says(checkout, GOMLX_BACKEND="xla:/elsewhere/plugin.so") == ""


def test_nothing_on_other_processors(checkout: Path) -> None:
    assert says(checkout, GOARCH="arm64") == ""


def test_a_setting_of_ones_own_stays(checkout: Path) -> None:
    assert says(checkout, GOEXPERIMENT="jsonv2") == "jsonv2\n"


def test_nothing_where_the_toolchain_does_not_know_it(checkout: Path) -> None:
    go = checkout / "bin" / "go"
    go.parent.mkdir()
    # As Go 1.25 and older answer.
    go.write_text('#!/bin/sh\necho "go: unknown GOEXPERIMENT $GOEXPERIMENT" >&2\nexit 2\n')
    go.chmod(0o755)
    assert says(checkout, PATH=f"{go.parent}:{os.environ['PATH']}") == ""
