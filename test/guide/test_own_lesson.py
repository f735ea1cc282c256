"""The guide docs/own-lesson.md, followed word for word in a copy of the checkout: commands, edits and new files."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
GUIDE = CHECKOUT / "docs/own-lesson.md"
REPORT = "application/vnd.evident.report+json"
NAME = "averaging"
VERDICTS = [
    (f"{NAME}.1", "exact", "supported"),
    (f"{NAME}.2", "sampled", "refuted"),
    (f"{NAME}.3", "sampled", "supported"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("own")


@pytest.fixture(scope="module")
def shell(home):
    """Runs a script in the copy, which has the .venv of the checkout and a kernel and a history of its own."""
    copy = copied(home / "evident")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("EVIDENT_", "GIT_"))}
    environment |= {
        "GOFLAGS": "-buildvcs=false",
        "JUPYTER_PATH": str(home / "share"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    for role in ["AUTHOR", "COMMITTER"]:
        environment |= {f"GIT_{role}_NAME": "Ada", f"GIT_{role}_EMAIL": "ada@example.com"}

    def run(script: str) -> str:
        command = ["bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(
            command, check=False, cwd=copy, env=environment, capture_output=True, text=True, timeout=900
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    run(f".venv/bin/python kernel/install.py --share '{home / 'share'}'")
    run("git init -q && git add . ':!.venv' && git commit -qm 'The checkout'")
    return run


@pytest.fixture(scope="module")
def followed(shell, home):
    """What the commands of each step printed, by its number. An edit is one of the file named last before it."""
    printed = {}
    for number, step in re.findall(r"^## (\d) [^\n]*\n(.*?)(?=^## )", GUIDE.read_text(), re.MULTILINE | re.DOTALL):
        path = None
        parts = re.findall(r"`(lessons/\w+/\w+\.go)`|^```(\w+)\n(.*?)^```$", step, re.MULTILINE | re.DOTALL)
        for named, language, block in parts:
            if named:
                path = home / "evident" / named
            elif language == "sh":
                printed[int(number)] = printed.get(int(number), "") + shell(block)
            elif language == "go":
                path.write_text(block)
            else:
                assert language == "diff"
                edit(path, block)
    assert list(printed) == list(range(1, 9))
    return printed


def edit(path: Path, diff: str):
    """Replaces the old lines of each hunk by its new ones; lines that begin with a space are in both."""
    for hunk in diff.split("@@\n"):
        lines = hunk.splitlines()
        old = "".join(line[1:] + "\n" for line in lines if line[0] in " -")
        new = "".join(line[1:] + "\n" for line in lines if line[0] in " +")
        text = "\n" + path.read_text()
        assert text.count("\n" + old) == 1, f"{path.name} has these lines {text.count(old)} times:\n{old}"
        path.write_text(text.replace("\n" + old, "\n" + new)[1:])


def test_the_lesson_is_in_the_catalog(followed, shell):
    [lesson] = [entry for entry in json.loads(shell("go run ./cmd/evident list --json")) if entry["name"] == NAME]
    assert lesson["title"] == "The mean of noisy gradients"
    assert lesson["claims"] == [f"{NAME}.1", f"{NAME}.2", f"{NAME}.3"]
    assert re.search(rf"^{NAME} +own +The mean of noisy gradients$", followed[2], re.MULTILINE)
    experiment = rf"^ +{NAME}\.spread +Descent with noisy gradients +{NAME}\.1 {NAME}\.2$"
    assert re.search(experiment, followed[2], re.MULTILINE)
    assert "2 claims: 2 supported" in followed[2], "as the guide says"


@pytest.fixture(scope="module")
def measured(followed, shell):
    """The lesson's report after all edits."""
    [report] = json.loads(shell(f"go run ./cmd/evident run {NAME} --json"))
    return report


def test_its_verdicts_are_those_of_the_guide(followed, measured):
    assert "2 claims: 1 supported, 1 refuted" in followed[4]
    assert "3 claims: 2 supported, 1 refuted" in followed[5]
    assert verdicts(measured) == VERDICTS
    assert all(c["verdict"] == c["recorded"] for c in measured["claims"])


def test_one_edit_moved_the_threshold_in_the_claim_and_in_its_rule(measured):
    [claim] = [claim for claim in measured["claims"] if claim["id"] == f"{NAME}.2"]
    assert "less than 0.2 of the spread" in claim["statement"]
    assert "below 0.2 times that" in claim["rule"]


def test_the_knob_and_the_chart_are_in_the_report(measured):
    assert measured["config"]["Spread"]["Start"] == 1
    [chart] = [chart for chart in measured["charts"] if chart["id"] == "paths"]
    assert [curve["name"] for curve in chart["curves"]] == ["no noise", "k = 1", "k = 4", "k = 16", "k = 64"]
    assert chart["curves"][0]["y"][:3] == [1, 0.5, 0.25]


def test_the_readers_data_are_read(followed, measured, shell, home):
    assert "3 claims: 2 supported, 1 refuted" in followed[6], "with coins"
    [own] = json.loads(shell(f"go run ./cmd/evident run {NAME} --data out/coin.txt --json"))
    assert own["provenance"]["data_hash"] == hashlib.sha256(b"-1\n1\n").hexdigest()
    assert own["config"] == measured["config"]
    assert own["charts"] != measured["charts"]
    (home / "evident/out/words.txt").write_text("1 one")
    (home / "evident/out/ones.txt").write_text("1 1")
    for path, message in {
        "out/words.txt": 'number 2 is "one"',
        "out/ones.txt": "2 numbers with the standard deviation 0",
        "out": "give a file of numbers",
    }.items():
        assert message in shell(f"go run ./cmd/evident run {NAME} --data {path} 2>&1 && exit 1 || true")


def test_its_tests_ran(followed):
    for step in (3, 4, 5, 6, 7):
        assert re.search(r"^ok\s+evident/", followed[step], re.MULTILINE)
        assert "no tests to run" not in followed[step]


def test_its_notebook_was_executed(followed, home):
    assert "3 claims: 2 supported, 1 refuted" in followed[7], "read back from the outputs"
    [path] = (home / "evident/notebooks").glob(f"*-{NAME}.ipynb")
    notebook = json.loads(path.read_text())
    assert "evident_executed" in notebook["metadata"]
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] in ("error", "stream")]
    [report] = [output["data"][REPORT] for output in outputs if REPORT in output.get("data", {})]
    assert verdicts(report) == VERDICTS


def test_the_commit_holds_all_of_it(followed, shell):
    changed = shell("git show --name-only --format=%s").splitlines()
    assert changed[0] == "Add a lesson on the mean of noisy gradients"
    files = {Path(path).name for path in changed if path.startswith(f"lessons/{NAME}/")}
    assert files == {"doc.go", "lesson.go", "spread.go", "data.go", "lesson_test.go", "spread_test.go"}
    assert "lessons/catalog.go" in changed
    assert shell("git status --porcelain -- lessons notebooks cmd") == ""
    assert shell("gofmt -l lessons cmd") == ""


def copied(target: Path) -> Path:
    """The files of the checkout that git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], check=True, cwd=CHECKOUT, capture_output=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (CHECKOUT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, target / name)
    (target / ".venv").symlink_to(sys.prefix)
    return target


def verdicts(report: dict) -> list[tuple[str, str, str]]:
    return [(claim["id"], claim["kind"], claim["verdict"]) for claim in report["claims"]]
