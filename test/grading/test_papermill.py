"""Parameters that papermill writes into a Go notebook."""

import json
import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PYTHON = CHECKOUT / ".grading/bin/python"

WRITTEN = [
    (7, "7"),
    (0.5, "0.5"),
    (1e-9, "1e-09"),
    (2.0, "2.0"),
    (True, "true"),
    ("é \"x\" \\ \n😀", '"é \\"x\\" \\\\ \\n😀"'),
    ([1, 2], "[]int{1, 2}"),
    ([1, 0.5], "[]float64{1, 0.5}"),
    (["a"], '[]string{"a"}'),
    ([], "[]any{}"),
    ({"rate": 0.1}, 'map[string]float64{"rate": 0.1}'),
    (None, "Go has no value without a type: leave the parameter out"),
    (float("inf"), "a parameter has to be finite, not inf"),
    (float("nan"), "a parameter has to be finite, not nan"),
]
TRANSLATE = """
import json, sys
from evident_papermill import GoTranslator

def written(value):
    try:
        return GoTranslator.translate(value)
    except ValueError as err:
        return str(err)

print(json.dumps([written(value) for value in json.load(sys.stdin)]))
"""


def test_values_as_go_writes_them():
    values = json.dumps([value for value, _ in WRITTEN])
    done = subprocess.run([PYTHON, "-c", TRANSLATE], check=True, cwd=CHECKOUT / "grading", input=values, stdout=subprocess.PIPE, text=True)
    assert json.loads(done.stdout) == [written for _, written in WRITTEN]


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
