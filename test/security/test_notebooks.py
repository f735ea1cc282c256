"""Notebooks of strangers: what their names and metadata say is text, and never a command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
NAMES = ["$(touch pwned).ipynb", "--to=script.ipynb", "; `touch pwned`\ntouch pwned\n.ipynb"]


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """evident as its users have it."""
    path = tmp_path_factory.mktemp("bin") / "evident"
    subprocess.run(["go", "build", "-buildvcs=false", "-o", path, "./cmd/evident"], cwd=CHECKOUT, check=True)
    return path


@pytest.fixture
def place(tmp_path):
    """A checkout with hostile notebooks, and in reach of Jupyter a hostile kernel and hostile settings."""
    place = tmp_path / "checkout"
    (place / "notebooks").mkdir(parents=True)
    (place / "go.mod").write_text("module evident\n")
    (place / ".venv").symlink_to(CHECKOUT / ".venv")
    for name in NAMES:
        (place / "notebooks" / name).write_text(json.dumps(hostile(place)))
    kernel = tmp_path / "share" / "kernels" / "evil"
    kernel.mkdir(parents=True)
    argv = ["touch", str(place / "pwned")]
    (kernel / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "evil", "language": "go"}))
    for folder in (place, place / "notebooks"):
        for name in ("jupyter_config.py", "jupyter_nbconvert_config.py", "sitecustomize.py", "nbconvert.py"):
            (folder / name).write_text(f"open({str(place / 'pwned')!r}, 'w').close()\n")
    return place


def hostile(place: Path) -> dict:
    """A notebook without code; every other field tries to run a command."""
    command = f"'; touch '{place}/pwned' #`touch {place}/pwned`$(touch {place}/pwned)"
    template = "{{ cycler.__init__.__globals__.os.system('touch " + str(place / "pwned") + "') }}"
    metadata = {
        "kernelspec": {"name": "evil", "display_name": command, "language": command, "argv": ["touch", "pwned"]},
        "language_info": {"name": command, "nbconvert_exporter": "script", "pygments_lexer": command, "file_extension": f".sh;{command}"},
        "title": template,
        "authors": [{"name": template}],
        "evident": {"lesson": command, "sheet": command},
        "evident_executed": command,
        "papermill": {"parameters": {"x": command}},
        "celltoolbar": template,
    }
    cells = [
        {"id": "a", "cell_type": "markdown", "metadata": {"tags": [command], "nbgrader": {"grade_id": command}}, "source": f"{command}\n\n{template}"},
        {"id": "b", "cell_type": "raw", "metadata": {"raw_mimetype": command, "format": template}, "source": template},
    ]
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def run(program: Path, place: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = os.environ | {"JUPYTER_PATH": str(place.parent / "share"), "XDG_CACHE_HOME": str(place.parent / "cache")}
    return subprocess.run(
        [program, *arguments], check=False, cwd=place, env=environment, capture_output=True, text=True, timeout=900
    )


def pwned(place: Path) -> list[Path]:
    return list(place.parent.rglob("pwned"))


def test_the_hostile_kernel_would_run_where_its_name_is_believed(place):
    """Without this the tests below could pass for a wrong reason."""
    notebook = hostile(place)
    notebook["cells"].append({"id": "c", "cell_type": "code", "metadata": {}, "source": "1", "outputs": [], "execution_count": None})
    (place / "trusted.ipynb").write_text(json.dumps(notebook))
    command = [Path(sys.executable).parent / "jupyter", "nbconvert", "--to=notebook", "--execute", place / "trusted.ipynb"]
    run(command[0], place, *command[1:])
    assert pwned(place)


def test_executing_notebooks_runs_nothing_that_names_or_metadata_say(program, place):
    done = run(program, place, "notebooks", "--out", "out")
    assert not pwned(place), done.stderr
    written = {path.name for path in (place / "out").iterdir()}
    assert written == {name.removesuffix(".ipynb") + ending for name in NAMES for ending in (".ipynb", ".html")}, done.stderr
    for page in (place / "out").glob("*.html"):
        assert "cycler.__init__" in page.read_text(), "the template is text"


@pytest.mark.parametrize("name", NAMES)
def test_checking_a_notebook_runs_nothing_and_answers_in_one_line(program, place, name):
    for arguments in (["check", "--", name], ["check", "--", f"notebooks/{name}"], ["check", "--key", f"notebooks/{name}", f"notebooks/{name}"]):
        done = run(program, place, *arguments)
        assert done.returncode == 2, done.stderr
        assert done.stderr.count("\n") == 1 and done.stderr.startswith("evident: "), done.stderr
    assert not pwned(place)


def test_a_name_with_signs_that_a_terminal_obeys_is_told_without_them(program, place):
    done = run(program, place, "check", "\x1b[2J\x1b]0;pwned\x07.ipynb")
    assert done.returncode == 2
    assert "\x1b" not in done.stderr and "\x07" not in done.stderr
