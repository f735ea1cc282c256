"""nbmake, which runs notebooks as tests of pytest, runs ours, and tells of an error as the kernel does."""

import json
import subprocess
import sys

from processes import CHECKOUT

TEMPLATE = CHECKOUT / "kernel/launcher/static/template.ipynb"


def nbmake(place, notebook: dict) -> subprocess.CompletedProcess:
    (place / "own.ipynb").write_text(json.dumps(notebook))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--nbmake", "--nbmake-timeout=300", "own.ipynb"]
    return subprocess.run(command, check=False, cwd=place, capture_output=True, text=True)


def test_a_notebook_passes_and_one_with_an_error_fails_and_names_the_line(kernels, place):
    notebook = json.loads(TEMPLATE.read_text())
    done = nbmake(place, notebook)
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout

    notebook["cells"][-1]["source"] = ["%%\n", "y := 5\n"]
    done = nbmake(place, notebook)
    assert done.returncode == 1 and "1 failed" in done.stdout
    assert "cell [3], line 2: declared and not used: y" in done.stdout, done.stdout
