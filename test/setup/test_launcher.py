"""What JupyterLab offers to students: what `make setup` installed, and nothing that `make grading` or `make test` added."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

LAB = Path(sys.prefix)
GRADING = Path(__file__).resolve().parents[2] / ".grading"


def kernels(environment: Path) -> set[str]:
    listed = jupyter(environment, "kernelspec", "list", "--json").stdout
    # Those of the system lie elsewhere.
    return {name for name, kernel in json.loads(listed)["kernelspecs"].items() if Path(kernel["resource_dir"]).is_relative_to(environment.parent)}


def extensions(environment: Path, kind: str) -> set[str]:
    listed = jupyter(environment, *kind.split(), "list")
    return set(re.findall(r"^ +(\S+) .*enabled", listed.stdout + listed.stderr, re.MULTILINE))


def jupyter(environment: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([environment / "bin/jupyter", *arguments], check=True, capture_output=True, text=True)


def test_the_lab_has_one_go_kernel() -> None:
    assert kernels(LAB) == {"evident", "python3"}, "remove .venv and run `make setup`"
    assert kernels(GRADING) == {"evident", "evident-grading", "python3"}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="nbgrader needs Python 3.11")
@pytest.mark.parametrize("kind", ["labextension", "server extension"])
def test_the_lab_has_no_panels_of_nbgrader(kind: str) -> None:
    lab, grading = extensions(LAB, kind), extensions(GRADING, kind)
    assert any("nbgrader" in name for name in grading), grading
    assert lab, "JupyterLab has some of its own"
    assert not {name for name in lab if re.search("nbgrader|notebook(?!_shim)", name)}, "remove .venv and run `make setup`"
