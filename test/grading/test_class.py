"""A class whose teacher has changed the assignment, and whose students hand in what students do."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_nbgrader import (
    CHECKOUT,
    GRADING,
    SEED,
    answers,
    evident,
    function,
    joined,
    nbgrader,
    points,
    read,
    replaced,
)

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="nbgrader needs Python 3.11")

LIMIT = 60  # seconds for a submission
OWN = """func doubled(n int) int {
\t// BEGIN SOLUTION
\treturn 2 * n
\t// END SOLUTION
}"""
OWN_TEST = """%%
if doubled(4) != 8 {
\tpanic("4 is not doubled")
}
// BEGIN HIDDEN TESTS
if doubled(731) != 1462 {
\tpanic("not every number is doubled")
}
// END HIDDEN TESTS"""
# Two of the key's questions are kept, and the teacher's own added.
ALL = {"params-conv1": 1, "params-count": 3, "own": 2}

# What a student writes below the first answer. GoNB runs functions named init_… with every cell.
HARMLESS = """

func init_log() { log.Println("log writes to stderr too") }
func init_grade() { fmt.Println("1.0") }
func init_debug() { println("debug: the builtin println writes to stderr") }

var hoard [][]byte

func init_hoard() {
\tfor range 64 {
\t\thoard = append(hoard, make([]byte, 64<<20))
\t}
}

func init_spin() {
\tgo func() {
\t\tfor {
\t\t}
\t}()
}"""
LOOP = "\n\nfunc init_loop() {\n\tfor {\n\t}\n}"
INPUT = "\n\nfunc init_input() { var s string; fmt.Scanln(&s) }"
EXIT = "\n\nfunc init_exit() { os.Exit(0) }"
# A function keeps its inputs in a file, and every later cell prints them.
REMEMBER = """\tfile, _ := os.OpenFile(os.TempDir()+"/seen", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
\tjson.NewEncoder(file).Encode([]any{kernel, channels, filters, groups, bias})
"""
SHOW = """

func init_show() {
\tseen, _ := os.ReadFile(os.TempDir() + "/seen")
\tfmt.Println("SEEN", string(seen))
}"""
# What students do to the notebook around their answers, several things at once.
MENDED = {
    "bytes": ["no-metadata", "bom"],
    "order": ["lies", "unknown-id", "reverse-order", "crlf"],
    "gone": ["delete-tests"],
}
ASIDE = {
    "copy-answer": "cell 5 (params-conv1-answer) is there twice, in cell 4 too: ",
    "split-answer": "cell 5 (params-conv1-answer) is there twice, in cell 4 too: ",
    "old-schema": "cell 1 (head) has metadata of nbgrader's version 1, not 3: ",
    "damaged": "cell 4 (params-conv1-answer) has damaged metadata of nbgrader (",
    "cut": "the file is empty, or ends in the middle: ",
    "empty": "the file is empty, or ends in the middle: ",
    "merge-conflict": "line 30 is the mark of a merge conflict: ",
    "picture": "it is not UTF-8 text: ",
    "list": "it is not a notebook (",
}
# What keeps points from a submission, by the questions that lose them.
LOSES = {
    "exits": [*ALL],
    "breaks": [*ALL],
    "loops": ["params-conv1"],
    "remembers": [],
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    evident("variant", "params", "--seed", str(SEED), "--course", str(folder), cwd=CHECKOUT)
    place = folder / "source/params/params.ipynb"
    source = read(place)
    source["cells"] = [c for c in source["cells"] if re.match("head|sheet|params-(conv1|count)", grade_id(c))]
    source["cells"] += [
        cell("own-answer", OWN, grade=False, solution=True, locked=False),
        cell("own", OWN_TEST, grade=True, solution=False, locked=True, points=2),
    ]
    place.write_text(json.dumps(source))
    nbgrader(folder, "generate_assignment", "params")
    return folder


@pytest.fixture(scope="module")
def perfect(course):
    return replaced(read(course / "release/params/params.ipynb"), answers(read(course / "source/params/params.ipynb")))


@pytest.fixture(scope="module")
def graded(course, perfect):
    """What nbgrader has said, and the points by student and question."""
    for student, ways in (MENDED | {student: [student] for student in ASIDE}).items():
        hand_in(course, student, changed(perfect, ways))
    hand_in(course, "harmless", added(perfect, HARMLESS))
    hand_in(course, "exits", added(perfect, EXIT))
    right = answers(perfect)
    head, body = right["conv1DParameters"].split("{\n", 1)
    for student, sources in {
        "breaks": {
            "answerConv1": function("answerConv1", 'panic("on purpose")'),
            "conv1DParameters": head + '{\n\tpanic("here too")\n}',
            "doubled": "func doubled(n int) int { return missing }",
        },
        "loops": {"answerConv1": function("answerConv1", "for {\n\t}")},
        "remembers": {"conv1DParameters": head + "{\n" + REMEMBER + body, "doubled": right["doubled"] + SHOW},
    }.items():
        hand_in(course, student, replaced(perfect, sources))
    done = autograde(course)
    assert done.returncode == 1, "some are set aside"
    nbgrader(course, "generate_feedback", "params")
    return done.stderr, points(course)


def test_nothing_stops_the_class(graded):
    said, _ = graded
    assert "Traceback" not in said and "Logging error" not in said
    lines = [line for line in said.splitlines() if " is set aside. " in line]
    assert len(lines) == len(ASIDE)
    for student, reason in ASIDE.items():
        assert [line for line in lines if f" {student} is set aside. params.ipynb: {reason}" in line], "\n".join(lines)


@pytest.mark.parametrize("student", [*MENDED, "harmless"])
def test_what_does_no_harm_costs_no_points(graded, student):
    assert graded[1][student] == ALL


@pytest.mark.parametrize("student", LOSES)
def test_what_is_wrong_costs_its_own_points(graded, student):
    assert graded[1][student] == {question: 0 if question in LOSES[student] else full for question, full in ALL.items()}


@pytest.mark.parametrize(
    "student, said",
    [
        ("breaks", "✘ unreadable. The answer panicked: on purpose."),
        ("breaks", "✘ failed. The function panicked on ["),
        ("breaks", "undefined: missing"),
        ("exits", "✘ failed. The cell below the answer put out none: the program ended before."),
        ("exits", "the program ended before its test did"),
        ("loops", f"✘ failed. The cell below the answer failed: it took too long: a submission has {LIMIT} s"),
    ],
)
def test_feedback_says_why(graded, course, student, said):
    assert said in feedback(course, student)


def test_feedback_shows_no_hidden_input(graded, course):
    [hidden] = re.findall(r"check\.Unseen\(.*`(.*)`\)", (course / "source/params/params.ipynb").read_text())
    calls = [json.dumps(inputs, separators=(",", ":")) for inputs in json.loads(hidden)]
    assert len(calls) == 5
    assert "SEEN [" in feedback(course, "remembers"), "it shows the inputs of the examples"
    for student in graded[1]:
        if student in ASIDE:
            continue
        page = feedback(course, student)
        assert not [call for call in [*calls, "731", "HIDDEN"] if call in page], student


@pytest.mark.parametrize("student, code", [("spins", LOOP), ("waits", INPUT)])
def test_a_submission_has_one_limit(course, perfect, student, code):
    hand_in(course, student, added(perfect, code))
    before = time.monotonic()
    assert autograde(course, "--student", student).returncode == 0
    assert time.monotonic() - before < LIMIT + 30, "starting and ending it take some seconds too"


def test_a_grader_that_is_killed_leaves_nothing(course, perfect):
    hand_in(course, "killed", added(perfect, LOOP))
    grader = subprocess.Popen(command("--student", "killed"), cwd=course, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: any("gonb" in name for name in started_by(grader.pid)), 30)
    time.sleep(5)  # until a cell runs
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    wait_until(lambda: not started_by(grader.pid), 15)
    # What is half done is done again.
    assert (course / "autograded/killed/params/params.ipynb").exists()
    hand_in(course, "killed", perfect)
    assert autograde(course, "--student", "killed").returncode == 0
    assert points(course)["killed"] == ALL


def test_without_its_key_an_assignment_is_not_graded(course, perfect):
    hand_in(course, "late", perfect)
    key = course / "keys/params.json"
    content = key.read_text()
    key.unlink()
    done = autograde(course, "--student", "late")
    key.write_text(content)
    assert done.returncode == 1
    assert "late is set aside. params.ipynb: " in done.stderr and "keys/params.json is missing: write it again" in done.stderr


def command(*options: str) -> list:
    return [GRADING / "nbgrader", "autograde", "params", f"--Execute.timeout={LIMIT}", *options]


def autograde(course: Path, *options: str) -> subprocess.CompletedProcess:
    return subprocess.run(command(*options), check=False, cwd=course, capture_output=True, text=True, timeout=900)


def feedback(course: Path, student: str) -> str:
    return (course / f"feedback/{student}/params/params.html").read_text().replace("&#39;", "'")


def started_by(process: int) -> list[str]:
    """The commands of the processes that a kernel of this process has started, and its own."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if f"JPY_PARENT_PID={process}\0" in (place / "environ").read_text(errors="replace"):
                found.append((place / "cmdline").read_text())
        except OSError:
            continue
    return [name for name in found if name]


def wait_until(condition, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def grade_id(cell: dict) -> str:
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def cell(name: str, source: str, **roles) -> dict:
    about = {"schema_version": 3, "grade_id": name, "task": False} | roles
    return {"cell_type": "code", "id": name, "source": source, "outputs": [], "execution_count": None, "metadata": {"nbgrader": about}}


def hand_in(course: Path, student: str, notebook: dict | bytes) -> None:
    place = course / "submitted" / student / "params"
    place.mkdir(parents=True, exist_ok=True)
    (place / "params.ipynb").write_bytes(notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode())


def added(notebook: dict, code: str) -> dict:
    """The notebook with more code below its first answer."""
    return replaced(notebook, {"answerConv1": answers(notebook)["answerConv1"] + code})


def changed(notebook: dict, ways: list[str]) -> bytes:
    """The notebook as a student hands it in."""
    notebook = json.loads(json.dumps(notebook))
    cells = notebook["cells"]
    [at] = [i for i, c in enumerate(cells) if grade_id(c) == "params-conv1-answer"]
    for how in ways:
        match how:
            case "copy-answer":
                cells.insert(at, cells[at] | {"id": "copied"})
            case "split-answer":
                lines = joined(cells[at]["source"]).split("\n")
                cells.insert(at + 1, cells[at] | {"id": "split", "source": "\n".join(lines[1:])})
                cells[at] = cells[at] | {"source": lines[0]}
            case "old-schema":
                for c in cells:
                    c["metadata"]["nbgrader"]["schema_version"] = 1
            case "damaged":
                cells[at]["metadata"]["nbgrader"]["locked"] = "no"
            case "delete-tests":
                cells[:] = [c for c in cells if grade_id(c) not in {"sheet", "params-conv1", "params-count", "own"}]
            case "lies":
                for c in cells:
                    c["metadata"]["nbgrader"] |= {"grade": False, "solution": True, "locked": False, "points": 100}
            case "unknown-id":
                cells.append(cell("params-flat", "%%\nfmt.Println(1)", grade=True, solution=False, locked=True, points=100))
            case "reverse-order":
                cells.reverse()
            case "no-metadata":
                cells[at]["metadata"] = {}
                notebook |= {"metadata": {}, "nbformat_minor": 4}
                for c in cells:
                    c.pop("id")
    text = json.dumps(notebook, indent=1)
    match ways[-1]:
        case "merge-conflict":
            lines = text.split("\n")
            return "\n".join([*lines[:29], "<<<<<<< HEAD", lines[29], "=======", lines[29], ">>>>>>> 1f2e3d4", *lines[30:]]).encode()
        case "bom":
            return text.encode("utf-8-sig")
        case "crlf":
            return text.replace("\n", "\r\n").encode()
        case "cut":
            return text.encode()[: len(text) // 2]
        case "empty":
            return b""
        case "picture":
            return b"\x89PNG\r\n\x1a\n"
        case "list":
            return b"[1]"
    return text.encode()
