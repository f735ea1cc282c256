"""Parameters that papermill writes into a Go notebook."""

import json
import re
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PYTHON = CHECKOUT / ".grading/bin/python"

# What the parameters cell declares, what is given, and what is written.
WRITTEN = [
    ("", 7, "var x = 7"),
    ("", 0.5, "var x = 0.5"),
    ("", 1e-9, "var x = 1e-09"),
    ("", 2.0, "var x = 2.0"),
    ("", True, "var x = true"),
    ("", "é \"x\" \\ \n%% 😀", 'var x = "é \\"x\\" \\\\ \\n%% 😀"'),
    ("", [1, 2], "var x = []int{1, 2}"),
    ("", [1, 0.5], "var x = []float64{1, 0.5}"),
    ("", ["a"], 'var x = []string{"a"}'),
    ("", [], "var x = []any{}"),
    ("", {"rate": 0.1, 2: 1}, 'var x = map[string]float64{"rate": 0.1, "2": 1}'),
    ("", None, "the parameter x: Go has no value without a type: leave the parameter out"),
    ("", float("inf"), "the parameter x: a number has to be finite, not inf"),
    ("", float("nan"), "the parameter x: a number has to be finite, not nan"),
    ("var x = 0.1", 1, "var x = 1.0"),
    ("var x float32", 1, "var x float32 = 1.0"),
    ("var x = 3", 1e3, "var x = 1000"),
    ("var x = 3", 2.5, "the parameter x: its type is int, and 2.5 does not fit"),
    ("var x = 3", True, "the parameter x: its type is int, and true does not fit"),
    ("type Size int\n\nvar x Size = 3", 7, "var x Size = 7"),
    ('import "time"\n\nvar x time.Duration = time.Second', 7, "var x time.Duration = 7"),
    ('var x = "ada"', 7, 'var x = "7"'),
    ("var x = false", "true", "var x = true"),
    ("var x = false", 1, "the parameter x: its type is bool, and 1 does not fit"),
    ("var x = []float64{1, 2.5}", [1, 2], "var x = []float64{1.0, 2.0}"),
    ("var x = [][]int{}", [[1], []], "var x = [][]int{[]int{1}, []int{}}"),
    ("var x = map[string]float64{}", {"a": 1}, 'var x = map[string]float64{"a": 1.0}'),
    ("var x = []int{}", 7, "the parameter x: its type is []int: give a list, as in -y '{NAME: [1, 2]}'"),
]
TRANSLATE = """
import json, sys
from types import SimpleNamespace
from evident_papermill import BadParameter, GoTranslator

def written(cell, value):
    GoTranslator.inspect(SimpleNamespace(source=cell))
    try:
        return GoTranslator.codify({"x": value}).splitlines()[1]
    except BadParameter as err:
        return str(err)

print(json.dumps([written(*one) for one in json.load(sys.stdin)]))
"""


def test_values_as_go_writes_them():
    given = json.dumps([(cell, value) for cell, value, _ in WRITTEN])
    done = subprocess.run([PYTHON, "-c", TRANSLATE], check=True, cwd=CHECKOUT / "grading", input=given, stdout=subprocess.PIPE, text=True)
    assert json.loads(done.stdout) == [written for _, _, written in WRITTEN]


PARAMETERS = """var (
	rate  = 0.1
	name  = "ada"
	steps = 3
	deep  = false
	sizes = []float64{1, 2.5}
)"""
PRINT = """import "fmt"

%%
fmt.Println(rate/2, len([]rune(name)), name, steps, deep, len(sizes), sizes[0]/2)"""


@pytest.mark.parametrize(
    "options, printed",
    [
        ([], "0.05 3 ada 3 false 2 0.5\n"),
        (["-p", "rate", "1", "-p", "name", "007", "-p", "deep", "true"], "0.5 3 007 3 true 2 0.5\n"),
        (["-f", "params.yaml"], '0.05 32 O"Brien \\ %d\n%% second line 日本 🎓 12345678901 true 2 0.5\n'),
    ],
)
def test_types_are_those_of_the_cell(tmp_path, options, printed):
    (tmp_path / "params.yaml").write_text(
        'name: "O\\"Brien \\\\ %d\\n%% second line 日本 🎓"\nsteps: 12345678901\ndeep: true\nsizes: [1, 2]\n'
    )
    done, cells = papermill(tmp_path, notebook(PARAMETERS, PRINT), *options)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "unknown parameter" not in done.stderr
    assert "".join("".join(o["text"]) for o in cells[-1]["outputs"]) == printed


def test_a_misspelt_parameter_is_warned_of(tmp_path):
    done, _ = papermill(tmp_path, notebook(PARAMETERS, PRINT), "-p", "raet", "0.2", "-p", "rate", "0.3", "--prepare-only")
    assert done.returncode == 0
    assert re.findall("unknown parameter: (.*)", done.stderr) == ["raet"]


def test_a_value_that_does_not_fit_is_refused_in_a_line(tmp_path):
    done, _ = papermill(tmp_path, notebook(PARAMETERS, PRINT), "-p", "steps", "2.5")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "evident: the parameter steps: its type is int, and 2.5 does not fit"
    assert "Traceback" not in done.stderr


def test_a_notebook_that_does_not_say_its_language(tmp_path):
    silent = notebook(PARAMETERS, PRINT) | {"metadata": {"kernelspec": {"display_name": "Go", "name": "evident"}}}
    done, cells = papermill(tmp_path, silent, "-p", "rate", "1")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "".join(cells[-1]["outputs"][0]["text"]).startswith("0.5 ")


@pytest.mark.parametrize(
    "source, status, cells_run",
    [
        ("%%\nos.Exit(3)", 1, 2),
        ("%%\nfmt.Println(undefinedName)", 1, 2),
        ('%%\npanic("on purpose")', 1, 2),
        ("%no_such_magic", 1, 2),
        ("%%\nos.Exit(0)", 0, 3),  # docs/teaching.md says so
    ],
)
def test_what_fails_ends_the_notebook(tmp_path, source, status, cells_run):
    done, cells = papermill(tmp_path, notebook("var n = 1", source, '%%\nfmt.Println("after", n)'))
    assert done.returncode == status
    assert len([c for c in cells if c.get("execution_count")]) == cells_run


def notebook(*sources: str) -> dict:
    cells = [
        {"cell_type": "code", "id": f"c{i}", "source": source, "outputs": [], "execution_count": None, "metadata": {}}
        for i, source in enumerate(sources)
    ]
    cells[0]["metadata"] = {"tags": ["parameters"]}
    kernel = {"display_name": "Go", "language": "go", "name": "evident"}
    return {"cells": cells, "metadata": {"kernelspec": kernel, "language_info": {"name": "go"}}, "nbformat": 4, "nbformat_minor": 5}


def papermill(folder: Path, given: dict, *options: str) -> tuple[subprocess.CompletedProcess, list[dict]]:
    (folder / "in.ipynb").write_text(json.dumps(given))
    command = [PYTHON, CHECKOUT / "grading/evident_papermill.py", "in.ipynb", "out.ipynb", *options]
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True, timeout=300)
    out = folder / "out.ipynb"
    cells = json.loads(out.read_text())["cells"] if out.exists() else []
    return done, [c for c in cells if c["cell_type"] == "code" and "injected-parameters" not in c["metadata"].get("tags", [])]


def test_a_notebook_runs_with_other_numbers(tmp_path):
    out = tmp_path / "seven.ipynb"
    command = [PYTHON, CHECKOUT / "grading/evident_papermill.py", CHECKOUT / "notebooks/04-by-hand.ipynb", out]
    done = subprocess.run([*command, "-p", "seed", "7"], check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    executed = json.loads(out.read_text())
    [injected] = [c for c in executed["cells"] if "injected-parameters" in c["metadata"].get("tags", [])]
    assert "var seed = 7" in "".join(injected["source"])
    reports = [
        o["data"]["application/vnd.evident.report+json"]
        for c in executed["cells"]
        for o in c.get("outputs", [])
        if "application/vnd.evident.report+json" in o.get("data", {})
    ]
    assert [(r["config"]["Net"]["Seed"], r["config"]["Image"]["Seed"]) for r in reports] == [(7, 7)]
