"""Judges submissions outside of the process that ran them.

A submission can end its program early, print anything, and write any output. So a test cell that did not fail is no
proof: what counts is the answer that the cell has put out, and `evident check` judges it by the key, which the kernel
of the submission cannot reach.
"""

import json
import subprocess
import tempfile
from pathlib import Path

import nbformat
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    Execute,
    IgnorePattern,
    LimitOutput,
    NbGraderPreprocessor,
    SaveAutoGrades,
)

EVIDENT = Path(__file__).resolve().parents[1] / ".grading" / "bin" / "evident"


class Judge(NbGraderPreprocessor):
    """Writes the verdict of `evident check` into the outputs of the test cells, from which nbgrader takes the points."""

    def preprocess(self, nb, resources):
        verdicts = judged(nb, key_of(resources))
        for cell in nb.cells:
            about = cell.metadata.get("nbgrader", {})
            if about.get("grade") and cell.cell_type == "code":
                cell.outputs = [output(verdicts.get(about["grade_id"]))]
        return nb, resources


def key_of(resources) -> Path:
    """The key in keys/ of the course, which lies three folders above autograded/STUDENT/ASSIGNMENT."""
    place = Path(resources["metadata"]["path"]).resolve()
    return place.parents[2] / "keys" / f"{resources['nbgrader']['assignment']}.json"


def judged(nb, key: Path) -> dict[str, dict]:
    """The verdicts by the id of the test cell."""
    with tempfile.TemporaryDirectory() as folder:
        executed = Path(folder) / "executed.ipynb"
        nbformat.write(nb, executed)
        command = [EVIDENT, "check", executed, "--key", key, "--json"]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    if not done.stdout:
        raise RuntimeError(done.stderr.strip())
    return {verdict["question"].replace(".", "-"): verdict for verdict in json.loads(done.stdout)}


def output(verdict: dict | None):
    """What nbgrader gives all points for, or, as an error, none."""
    if verdict and verdict["verdict"] == "right":
        return nbformat.v4.new_output("stream", name="stdout", text="✔ right\n")
    said = f"{verdict['verdict']}. {verdict.get('hint', '')}".strip() if verdict else "not a question of this key"
    return nbformat.v4.new_output("error", ename="Answer", evalue=said, traceback=[f"✘ {said}"])


def autograde_preprocessors() -> list:
    """nbgrader's own, with the judge behind the execution."""
    return [Execute, Judge, IgnorePattern, LimitOutput, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]
