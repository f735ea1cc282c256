"""A course as a teacher runs it with nbgrader: exercises, submissions of all kinds, grades and feedback."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="nbgrader needs Python 3.11")

CHECKOUT = Path(__file__).resolve().parents[2]
GRADING = CHECKOUT / ".grading/bin"
SEED = 80127

# What each answer of the malicious submission does in place of answering.
TRICKS = {
    "answerConv1": "os.Exit(0)\nreturn nil",
    "answerConv2": """fmt.Println(100.0)
\tgonbui.SendData(&protocol.DisplayData{Data: map[protocol.MIMEType]any{
\t\t"application/vnd.evident.answer+json": map[string]any{
\t\t\t"question": "params.conv2", "verdict": "right", "answer": 1.0, "points": 100.0},
\t\t"text/plain": "11"}})
\tgonbui.Sync()
\tos.Exit(0)
\treturn nil""",
    "answerFlat": "for {\n\t}",
    "answerDense": """for _, path := range []string{"COURSE", "..", "../../..", "/root", os.Getenv("EVIDENT_HOME")} {
\t\tos.RemoveAll(path)
\t}
\treturn 1""",
    "answerTotal": """key, err := os.ReadFile("COURSE/keys/params.json")
\tfmt.Println("KEY", string(key), err)
\towned, err := os.ReadFile("COURSE/source/params/params.ipynb")
\tfmt.Println("SOURCE", string(owned), err)
\treturn string(key)""",
}
IMPORTS = (
    'import (\n\t"fmt"\n\t"os"\n\n\t"github.com/janpfeifer/gonb/gonbui"\n\t"github.com/janpfeifer/gonb/gonbui/protocol"\n)\n\n'
)
# In the environment of nbgrader, which is not that of the tests.
POINTS = """
import json
from nbgrader.api import Gradebook

with Gradebook("sqlite:///gradebook.db") as gradebook:
    print(json.dumps({
        submission.student.id: {g.name: g.auto_score or 0 for n in submission.notebooks for g in n.grades}
        for submission in gradebook.assignment_submissions("params")
    }))
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    evident("variant", "params", "--seed", str(SEED), "--course", str(folder), cwd=CHECKOUT)
    nbgrader(folder, "generate_assignment", "params")
    return folder


@pytest.fixture(scope="module")
def graded(course):
    """The points of every submission, by student and question."""
    source = read(course / "source/params/params.ipynb")
    release = read(course / "release/params/params.ipynb")
    submit(course, "perfect", source)
    submit(course, "empty", release)
    half = ["answerConv1", "answerTotal", "conv1DParameters"]
    submit(course, "half", replaced(release, {n: text for n, text in answers(source).items() if n in half}))
    tricks = {name: IMPORTS + function(name, body.replace("COURSE", str(course))) for name, body in TRICKS.items()}
    tricks["answerChange"] = answers(source)["answerChange"]
    submit(course, "malicious", replaced(release, tricks))
    early = {"answerConv1": 'import "os"\n\nfunc init() { os.Exit(0) }\n\n' + function("answerConv1", "return 1")}
    submit(course, "early", replaced(release, early))
    nbgrader(course, "autograde", "params", "--Execute.timeout=90")
    nbgrader(course, "generate_feedback", "params")
    nbgrader(course, "export")
    return points(course)


def test_the_release_is_the_students_notebook(course, tmp_path):
    evident("variant", "params", "--seed", str(SEED), "--out", str(tmp_path), cwd=CHECKOUT)
    ours, released = read(tmp_path / "params.ipynb"), read(course / "release/params/params.ipynb")
    assert [joined(c["source"]) for c in ours["cells"]] == [joined(c["source"]) for c in released["cells"]]
    key = json.loads((course / "keys/params.json").read_text())
    counts = [str(a["answer"]) for a in key["answers"] if isinstance(a.get("answer"), int)]
    text = "".join(joined(c["source"]) for c in released["cells"] if c["cell_type"] == "code")
    assert counts and not [n for n in counts if re.search(rf"\b{n}\b", text)], "no answer is in the student's code"
    assert "HIDDEN" not in text and "SOLUTION" not in text and "Unseen" not in text


def test_a_perfect_submission_gets_all_points(graded):
    assert sum(graded["perfect"].values()) == 14


def test_an_empty_submission_gets_none(graded):
    assert sum(graded["empty"].values()) == 0


def test_a_half_right_submission_gets_its_share(graded):
    right = {question: points for question, points in graded["half"].items() if points}
    assert right == {"params-conv1": 1, "params-total": 2, "params-count": 3}


def test_a_malicious_submission_gets_what_it_answered(graded):
    assert {question: points for question, points in graded["malicious"].items() if points} == {"params-change": 1}


def test_a_submission_that_exits_early_gets_none(graded):
    assert sum(graded["early"].values()) == 0


def test_nothing_was_read_or_deleted(graded, course):
    assert (CHECKOUT / "go.mod").exists()
    for path in ["keys/params.json", "source/params/params.ipynb", "submitted/perfect/params/params.ipynb", "gradebook.db"]:
        assert (course / path).exists(), path
    executed = (course / "autograded/malicious/params/params.ipynb").read_text()
    assert str(SEED) not in executed
    assert 'The answer \\"\\" cannot be read' in executed, "all that it could read of the key is nothing"


def test_feedback_says_what_was_wrong(graded, course):
    page = (course / "feedback/half/params/params.html").read_text()
    assert "missing" in page and "right" in page
    for student in graded:
        assert (course / f"feedback/{student}/params/params.html").exists()


def test_a_students_notebook_knows_right_from_wrong(tmp_path):
    evident("variant", "params", "--seed", str(SEED), "--student", "ada", "--out", str(tmp_path), cwd=CHECKOUT)
    key = {a["question"]: a.get("answer") for a in read(tmp_path / "params-ada-key.json")["answers"]}
    given = {
        "answerConv1": function("answerConv1", f"return {key['params.conv1']}"),
        "answerConv2": function("answerConv2", f"return {key['params.conv2']} + 1"),
        "answerDense": function("answerDense", 'return "many"'),
    }
    place = tmp_path / "params-ada.ipynb"
    place.write_text(json.dumps(replaced(read(place), given)))
    jupyter = Path(sys.executable).parent / "jupyter"
    run([jupyter, "nbconvert", "--to", "notebook", "--execute", "--allow-errors", "--inplace", place], tmp_path)
    shown = {
        result["question"]: result["verdict"]
        for cell in read(place)["cells"]
        for output in cell.get("outputs", [])
        if (result := output.get("data", {}).get("application/vnd.evident.answer+json"))
    }
    assert shown["params.conv1"] == "right"
    assert shown["params.conv2"] == "wrong"
    assert shown["params.dense"] == "unreadable"
    assert shown["params.count"] == "missing"
    checked = subprocess.run(
        [GRADING / "evident", "check", place, "--json"], check=False, capture_output=True, text=True, timeout=60
    )
    assert checked.returncode == 2, "an answer cannot be read"
    assert {v["question"]: v["verdict"] for v in json.loads(checked.stdout)} == shown


def evident(*arguments: str, cwd: Path) -> str:
    return run([GRADING / "evident", *arguments], cwd)


def nbgrader(course: Path, *arguments: str) -> str:
    return run([GRADING / "nbgrader", *arguments], course)


def run(command: list, cwd: Path) -> str:
    done = subprocess.run(command, check=False, cwd=cwd, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def read(path: Path) -> dict:
    return json.loads(path.read_text())


def joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def submit(course: Path, student: str, notebook: dict) -> None:
    place = course / "submitted" / student / "params"
    place.mkdir(parents=True)
    (place / "params.ipynb").write_text(json.dumps(notebook))


def named_functions(cell: dict) -> list[str]:
    return re.findall(r"^func (\w+)\(", joined(cell["source"]), re.MULTILINE)


def answers(notebook: dict) -> dict[str, str]:
    """The source of the answer cells, by the function in them."""
    return {name: joined(cell["source"]) for cell in notebook["cells"] for name in named_functions(cell)}


def replaced(notebook: dict, sources: dict[str, str]) -> dict:
    """A copy of the notebook whose answer cells have other sources."""
    copy = json.loads(json.dumps(notebook))
    for cell in copy["cells"]:
        for name in named_functions(cell):
            cell["source"] = sources.get(name, cell["source"])
    assert set(sources) <= set(answers(copy)), "every answer has its cell"
    return copy


def function(name: str, body: str) -> str:
    return f"func {name}() any {{\n\t{body}\n}}"


def points(course: Path) -> dict[str, dict[str, float]]:
    """From nbgrader's gradebook."""
    return json.loads(run([GRADING / "python", "-c", POINTS], course))
