"""Parameters that papermill writes into a Go notebook."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "grading"))

from evident_papermill import GoTranslator


@pytest.mark.parametrize(
    ("value", "written"),
    [
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
    ],
)
def test_values_as_go_writes_them(value, written):
    assert GoTranslator.translate(value) == written


@pytest.mark.parametrize("value", [None, float("inf"), float("nan")])
def test_values_that_go_does_not_have(value):
    with pytest.raises(ValueError, match="value|finite"):
        GoTranslator.translate(value)


def test_a_notebook_runs_with_other_numbers(tmp_path):
    out = tmp_path / "seven.ipynb"
    command = [sys.executable, CHECKOUT / "grading/evident_papermill.py", CHECKOUT / "notebooks/04-by-hand.ipynb", out]
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
    assert [r["config"]["Seed"] for r in reports] == [7]
