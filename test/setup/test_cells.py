"""What the program of a notebook cell is made of, since each cell waits for the linker."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CELL = """package main

import (
	"github.com/janpfeifer/must"

	"evident/lessons/imageclass"
	"evident/kit/show"
)

func main() {
	show.Report(must.M1(imageclass.Lesson.Run(show.Context(), show.Backend(), imageclass.Default())))
}
"""


@pytest.fixture(scope="module")
def kernel() -> dict:
    return json.loads(Path(sys.prefix, "share/jupyter/kernels/evident/kernel.json").read_text())


@pytest.fixture(scope="module")
def cell(kernel: dict, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as GoNB makes it: a module in a workspace with those of -go_work."""
    folder = tmp_path_factory.mktemp("cell")
    (folder / "main.go").write_text(CELL)
    modules = next(a.removeprefix("-go_work=") for a in kernel["argv"] if a.startswith("-go_work="))
    go(kernel, folder, "mod", "init", "cell")
    go(kernel, folder, "work", "init", *modules.split(","), ".")
    return folder


def go(kernel: dict, folder: Path, *arguments: str, flags: str = "") -> subprocess.CompletedProcess:
    environment = os.environ | kernel["env"] | {"PATH": os.environ["PATH"]}
    environment["GOFLAGS"] += flags
    return subprocess.run(["go", *arguments], cwd=folder, env=environment, text=True, capture_output=True, check=True)


def test_no_network_is_linked(kernel: dict, cell: Path) -> None:
    packages = go(kernel, cell, "list", "-deps", ".").stdout.split()
    assert "github.com/gomlx/go-xla/installer" in packages, "which the kernel replaces"
    assert "github.com/gomlx/go-xla/compute/xla" in packages
    assert not {"net/http", "crypto/tls"} & set(packages)


def test_methods_that_nobody_calls_are_left_out(kernel: dict, cell: Path) -> None:
    """The linker keeps all exported methods as soon as one function finds methods by names known only as it runs."""
    linked = go(kernel, cell, "build", "-o", os.devnull, ".", flags=" '-ldflags=-s -w -linkmode=internal -dumpdep'").stderr
    assert "evident/lessons/imageclass.measureTrain" in linked
    by_name = {line for line in linked.splitlines() if line.endswith("<ReflectMethod>")}
    assert not by_name


def test_the_stand_in_says_why_it_installs_nothing(kernel: dict, cell: Path) -> None:
    program = cell / "install" / "main.go"
    program.parent.mkdir()
    program.write_text('package main\n\nimport "github.com/gomlx/go-xla/compute/xla"\n\nfunc main() { println(xla.AutoInstall().Error()) }\n')
    assert "make setup" in go(kernel, cell, "run", "./install").stderr


def test_nothing_is_left_to_compile_but_the_cell(kernel: dict, cell: Path) -> None:
    compiled = [line for line in go(kernel, cell, "build", "-n", "-o", os.devnull, ".").stderr.splitlines() if "/compile " in line]
    assert len(compiled) == 1, compiled
