"""The guide docs/own-lesson.md, followed word for word in a copy of the checkout."""

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
def followed(shell):
    """The guide's blocks, each with what it printed."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 6
    return [(block, shell(block)) for block in blocks]


def test_the_lesson_is_in_the_catalog(followed, shell):
    [lesson] = [entry for entry in json.loads(shell("go run ./cmd/evident list --json")) if entry["name"] == NAME]
    assert lesson["title"] == "The mean of noisy gradients"
    assert lesson["claims"] == [f"{NAME}.1", f"{NAME}.2"]
    listed = followed[1][1]
    assert re.search(rf"^{NAME} +own +The mean of noisy gradients +{NAME}\.1 {NAME}\.2$", listed, re.MULTILINE)
    assert "2 claims: 2 supported" in listed, "as the guide says"


def test_its_verdicts_are_those_of_the_guide(followed, shell):
    assert "2 claims: 1 supported, 1 refuted" in followed[3][1]
    [report] = json.loads(shell(f"go run ./cmd/evident run {NAME} --json"))
    assert verdicts(report) == [(f"{NAME}.1", "exact", "supported"), (f"{NAME}.2", "sampled", "refuted")]
    assert all(c["verdict"] == c["recorded"] for c in report["claims"])
    assert "less than a fifth" in report["claims"][1]["statement"]


def test_its_tests_ran(followed):
    for step in (2, 3, 4):
        assert re.search(r"^ok\s+evident/", followed[step][1], re.MULTILINE)
        assert "no tests to run" not in followed[step][1]


def test_its_notebook_was_executed(followed, home):
    assert "2 claims: 1 supported, 1 refuted" in followed[4][1], "read back from the outputs"
    [path] = (home / "evident/notebooks").glob(f"*-{NAME}.ipynb")
    notebook = json.loads(path.read_text())
    assert "evident_executed" in notebook["metadata"]
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] in ("error", "stream")]
    [report] = [output["data"][REPORT] for output in outputs if REPORT in output.get("data", {})]
    assert verdicts(report) == [(f"{NAME}.1", "exact", "supported"), (f"{NAME}.2", "sampled", "refuted")]


def test_the_commit_holds_all_of_it(followed, shell):
    changed = shell("git show --name-only --format=%s").splitlines()
    assert changed[0] == "Add a lesson on the mean of noisy gradients"
    assert len([path for path in changed if path.startswith(f"lessons/{NAME}/")]) == 13
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
