"""A course whose execution was interrupted goes on where it stopped, and one that has ended is not executed again."""

import json
import re
import shutil
import signal
import subprocess
import time

import pytest
from processes import CHECKOUT

CELLS = [
    '%noautoget\nimport (\n\t"evident/kit/show"\n\t"evident/lessons/pointwise"\n\n\t"github.com/janpfeifer/must"\n)',
    """%%
lesson := must.M1(pointwise.Lesson.Only("mixing", "linearity", "order"))
show.Verdicts(must.M1(lesson.Run(show.Context(), show.Backend(), pointwise.Default())))""",
]


@pytest.fixture
def course(program, kernels, place):
    """A checkout with two notebooks: the last experiment of the first takes seconds. Returns how they are executed."""
    notebooks = place / "checkout" / "notebooks"
    notebooks.mkdir(parents=True)
    (place / "checkout" / "go.mod").write_text("module evident\n")
    shutil.copytree(CHECKOUT / "kernel", place / "checkout" / "kernel")
    for name in (".venv", "go.sum", "kit", "lessons", "datasets", "internal", "cmd"):
        (place / "checkout" / name).symlink_to(CHECKOUT / name)
    for name, cells in {"01-long": CELLS, "02-short": ["%noautoget", '%%\nprintln("done")']}.items():
        code = [{"id": f"c{i}", "cell_type": "code", "metadata": {}, "source": cell, "outputs": [], "execution_count": None} for i, cell in enumerate(cells)]
        (notebooks / f"{name}.ipynb").write_text(json.dumps({"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return lambda *names: subprocess.Popen(
        [program, "notebooks", *names, "--jobs", "2"], cwd=place / "checkout", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def made(kept):
    """What is kept of measurements and notebooks; the verdicts and figures of a measurement lie beside it, in a group of files."""
    return [path for path in kept.glob("*.kept") if "-" not in path.name]


def until(reached, seconds: float):
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "not reached"
        time.sleep(0.02)


def test_an_interrupted_course_measures_only_what_is_missing(course, place):
    out, kept = place / "checkout" / "out" / "notebooks", place / "cache" / "evident" / "kept"
    first = course("01-long")
    until(lambda: made(kept), 300)
    first.send_signal(signal.SIGINT)
    table, messages = first.communicate(timeout=60)
    assert first.returncode == 130, messages
    assert (table, messages) == ("", "evident: interrupted\n")
    assert not list(out.iterdir()), "nothing half-written"
    measured = len(made(kept))
    assert 1 <= measured < 3
    until(lambda: not list((place / "tmp").iterdir()), 30)

    second = course()
    table, messages = second.communicate(timeout=300)
    assert second.returncode == 0, messages
    assert re.search(rf"(?m)^evident: 01-long: .* s, {measured} of 3 experiments kept$", messages), messages
    assert re.search(r"(?m)^evident: 02-short: .* s$", messages), messages
    assert len(made(kept)) == 5, "three experiments and two notebooks"
    assert sorted(path.name for path in out.iterdir()) == ["01-long.html", "01-long.ipynb", "02-short.html", "02-short.ipynb"]

    executed = (out / "01-long.ipynb").read_text()
    third = course()
    same, messages = third.communicate(timeout=60)
    assert third.returncode == 0, messages
    assert same == table
    for name in ("01-long", "02-short"):
        assert re.search(rf"(?m)^evident: {name}: executed .*, kept$", messages), messages
    assert (out / "01-long.ipynb").read_text() == executed
