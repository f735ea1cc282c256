"""Judges submissions outside of the process that ran them, one after the other.

A submission can end its program early, print anything, and write any output. So a test cell that did not fail is no
proof: what counts is the answer that the cell has put out, and `evident check` judges it by the key, which the kernel
of the submission cannot reach. Questions that the key does not know, a teacher's own, are graded as nbgrader does.

A notebook can also be cut, merged or mended by hand. None of that stops the others: it is set aside, and named.
"""

import json
import re
import secrets
import shutil
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import nbformat
from jsonschema import ValidationError
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert.exporters import NotebookExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader import utils
from nbgrader.converters.base import NbGraderException
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.nbgraderformat.common import BaseMetadataValidator, SchemaMismatchError
from nbgrader.preprocessors import (
    AssignLatePenalties,
    ClearHiddenTests,
    ClearOutput,
    Execute,
    GetGrades,
    IgnorePattern,
    LimitOutput,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)
from sqlalchemy.exc import OperationalError
from traitlets import Bool, Integer

EVIDENT = Path(__file__).resolve().parents[1] / ".grading" / "bin" / "evident"
GRADED = "evident_graded"  # in the metadata of a notebook that was graded to the end
UNSEEN = "evident_unseen"  # in those of a cell that HoldBack has added
ENDED = "evident_ended"  # in those of a test cell: what it prints at its end


class SetAside(Exception):
    """Why a submission is not graded, in one line."""


# Reading


class Submission(NotebookExporter):
    """Reads notebooks as students hand them in."""

    def from_file(self, file_stream, resources=None, **kw):
        return self.from_notebook_node(vetted(read(file_stream.read())), resources=resources, **kw)


def read(text: str):
    text = text.removeprefix("\ufeff")  # some editors write it before the first letter
    try:
        json.loads(text)
    except json.JSONDecodeError as err:
        for number, line in enumerate(text.splitlines(), 1):
            if line.startswith("<<<<<<<"):
                raise SetAside(f"line {number} is the mark of a merge conflict: keep one of the two sides") from None
        if err.pos >= len(text.rstrip()) or err.msg.startswith("Unterminated"):
            raise SetAside("the file is empty, or ends in the middle: have it handed in again") from None
        raise SetAside(f"it is not JSON (line {err.lineno}: {err.msg}): have it handed in again") from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ids that are missing or double are mended
        try:
            return nbformat.validator.normalize(nbformat.reads(text, as_version=4))[1]
        except (AttributeError, KeyError, TypeError, ValueError, ValidationError) as err:
            raise SetAside(f"it is not a notebook ({one_line(err)})") from None


def vetted(nb):
    """The notebook, if nbgrader can tell its cells apart."""
    seen = {}
    for number, cell in enumerate(nb.cells, 1):
        if not cell.metadata.get("nbgrader"):
            cell.metadata.pop("nbgrader", None)
            continue
        grade_id = grade_id_of(cell)
        name = f"cell {number} ({grade_id})" if grade_id else f"cell {number}"
        try:
            BaseMetadataValidator.validate_cell(MetadataValidator(), cell)
        except SchemaMismatchError as err:
            raise SetAside(
                f"{name} has metadata of nbgrader's version {err.actual_version}, not {err.expected_version}: "
                "have the answers put into the notebook that was handed out, or run `nbgrader update` on it"
            ) from None
        except (ValidationError, AttributeError, TypeError) as err:
            raise SetAside(f"{name} has damaged metadata of nbgrader ({one_line(err)})") from None
        if grade_id and seen.setdefault(grade_id, number) != number:
            raise SetAside(f"{name} is there twice, in cell {seen[grade_id]} too: keep one of them")
    return nb


def grade_id_of(cell) -> str:
    about = cell.metadata.get("nbgrader")
    return about.get("grade_id", "") if isinstance(about, dict) else ""


class Restore(OverwriteCells):
    """Makes the teacher's cells those that the teacher wrote, in the teacher's order, with those that are gone.

    What the student is to write is no such cell: it may be there under no name.
    """

    add_missing_cells = Bool(True).tag(config=True)

    def preprocess_cell(self, cell, resources, cell_index):
        source = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        grade_id = grade_id_of(cell)
        if grade_id not in {known.name for known in source.source_cells}:
            cell.metadata.pop("nbgrader", None)
            return cell, resources
        cell.metadata.nbgrader.update(about(grade_id, source))
        return super().preprocess_cell(cell, resources, cell_index)

    def add_missing_grade_cells(self, nb, resources):
        nb.metadata.pop(GRADED, None)
        source = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        there = {grade_id_of(cell) for cell in nb.cells}
        for known in source.source_cells:
            if known.locked and known.name not in there:
                self.log.warning("%s: the cell %s was gone and is put back", resources["nbgrader"]["student"], known.name)
                new = nbformat.v4.new_code_cell if known.cell_type == "code" else nbformat.v4.new_markdown_cell
                described = about(known.name, source) | {"checksum": known.checksum}
                nb.cells.append(new(source=known.source, metadata={"nbgrader": described}))
        # A cell of the student's own stays behind the one that it follows.
        places, last = {known.name: place for place, known in enumerate(source.source_cells)}, -1
        order = []
        for cell in nb.cells:
            last = places.get(grade_id_of(cell), last)
            order.append(last)
        nb.cells = [cell for _, cell in sorted(zip(order, nb.cells, strict=True), key=lambda placed: placed[0])]
        return nb, resources


def about(grade_id: str, source) -> dict:
    """What the gradebook knows of a cell."""
    points = {cell.name: cell.max_score for cell in [*source.grade_cells, *source.task_cells]}
    tasks = {cell.name for cell in source.task_cells}
    described = {
        "schema_version": MetadataValidator.schema_version,
        "grade_id": grade_id,
        "grade": grade_id in points and grade_id not in tasks,
        "solution": grade_id in {cell.name for cell in source.solution_cells},
        "task": grade_id in tasks,
        "locked": next(cell.locked for cell in source.source_cells if cell.name == grade_id),
    }
    return described | ({"points": points[grade_id]} if grade_id in points else {})


# Running


class Timed(Execute):
    """Runs a submission within one limit, Execute.timeout.

    A cell gets half of the time that is left, so that an answer that does not end takes no other with it; and code that
    is run with every cell, as a package's init is, cannot ask for the limit again and again.
    """

    LEAST = 2  # seconds that are worth starting a cell for

    iopub_timeout = Integer(10).tag(config=True)  # GoNB kills what does not mind an interrupt after five

    def preprocess(self, nb, resources=None, km=None):
        self.deadline, self.over = None, ""
        self.timeout_func = lambda _: max(1, int(self.left() / 2))
        self.error_on_timeout = failure("Timeout", f"it took too long: a submission has {self.timeout} s, and a cell half of what is left")
        return super().preprocess(nb, resources, km)

    def left(self) -> float:
        if self.deadline is None:  # the kernel has just started
            self.deadline = time.monotonic() + self.timeout
        return self.deadline - time.monotonic()

    def preprocess_cell(self, cell, resources, cell_index):
        if cell.cell_type != "code":
            return cell, resources
        if not self.over and self.left() < self.LEAST:
            self.over = f"it was not run: the {self.timeout} s of the submission were over"
        if self.over:
            cell.outputs = [nbformat.v4.new_output("error", **failure("NotRun", self.over))]
            return cell, resources
        try:
            cell, resources = super().preprocess_cell(cell, resources, cell_index)
        except (CellTimeoutError, DeadKernelError) as err:
            dead = isinstance(err, DeadKernelError)
            reason = "the kernel died, for want of memory as a rule" if dead else "it took too long, and could not be interrupted"
            self.over = f"it was not run: in cell {cell_index + 1} {reason}"
            cell.outputs.append(nbformat.v4.new_output("error", **failure("Stopped", reason)))
        cell.outputs.sort(key=lambda output: output.get("ename") != "Timeout")  # what is said of an interrupt comes after its reason
        return cell, resources


def failure(name: str, text: str) -> dict:
    return {"ename": name, "evalue": text, "traceback": [text]}


class HoldBack(NbGraderPreprocessor):
    """Prepares the test cells, until Judge has seen their outputs.

    Calls on unseen inputs move behind all other cells: so no cell of the student's runs after them that could show what a
    function has kept of them, and a notebook that was graded does not hold them. A test of the teacher's own says at its
    end that it came there: a program that ends before fails nothing.
    """

    def preprocess(self, nb, resources):
        questions = questions_of(resources)
        for cell in list(nb.cells):
            if not utils.is_grade(cell) or cell.cell_type != "code":
                continue
            if grade_id_of(cell) not in questions:
                if re.search(r"^%(%|main)", cell.source, re.MULTILINE):
                    cell.metadata[ENDED] = secrets.token_hex(8)
                    cell.source += ending(cell)
            elif hidden := hidden_region(cell.source):
                cell.source = cell.source.replace("\n" + hidden, "")
                metadata = {UNSEEN: True, "nbgrader": {"grade_id": grade_id_of(cell) + "-unseen"}}
                nb.cells.append(nbformat.v4.new_code_cell("%%\n" + hidden, metadata=metadata))
        return nb, resources


def ending(cell) -> str:
    return f'\nprintln("{cell.metadata[ENDED]}")'


def hidden_region(source: str) -> str:
    """With the lines that mark it."""
    found = re.search(r"^.*BEGIN HIDDEN TESTS.*$[\s\S]*?^.*END HIDDEN TESTS.*$", source, re.MULTILINE)
    return found[0] if found else ""


# Judging


class Judge(NbGraderPreprocessor):
    """Writes the verdict of `evident check` into the outputs of the test cells, from which nbgrader takes the points."""

    def preprocess(self, nb, resources):
        questions = questions_of(resources)
        verdicts = judged(nb, key_of(resources)) if questions & set(map(grade_id_of, nb.cells)) else {}
        nb.cells = [cell for cell in nb.cells if UNSEEN not in cell.metadata]
        for cell in nb.cells:
            if not utils.is_grade(cell) or cell.cell_type != "code":
                continue
            if grade_id_of(cell) in questions:
                cell.outputs = [output(verdicts[grade_id_of(cell)])]
            else:
                came_to_its_end(cell)
        nb.metadata[GRADED] = True
        return nb, resources


def came_to_its_end(cell) -> None:
    """Leaves a test of the teacher's own as nbgrader judges it: an error takes the points.

    So does whatever is on stderr, where Go's log writes and nothing has to be wrong.
    """
    streams = [o for o in cell.outputs if o.output_type == "stream"]
    failed = any(o.output_type == "error" for o in cell.outputs)
    if ENDED in cell.metadata:
        cell.source = cell.source.removesuffix(ending(cell))
        token = cell.metadata.pop(ENDED)
        if not failed and token not in "".join(o.text for o in streams):
            cell.outputs.append(nbformat.v4.new_output("error", **failure("Ended", "the program ended before its test did")))
        for o in streams:
            o.text = o.text.replace(token + "\n", "").replace(token, "")
        cell.outputs = [o for o in cell.outputs if o.output_type != "stream" or o.text.strip()]
    if not failed:
        for o in streams:
            o.name = "stdout"


def key_of(resources) -> Path:
    """The key in keys/ of the course, which lies three folders above autograded/STUDENT/ASSIGNMENT."""
    return course_of(resources) / "keys" / f"{resources['nbgrader']['assignment']}.json"


def course_of(resources) -> Path:
    return Path(resources["metadata"]["path"]).resolve().parents[2]


def questions_of(resources) -> set[str]:
    """The ids of the test cells that the key judges: none in an assignment that evident did not write."""
    key = key_of(resources)
    if key.exists():
        return {answer["question"].replace(".", "-") for answer in json.loads(key.read_text())["answers"]}
    named = resources["nbgrader"]
    source = course_of(resources) / "source" / named["assignment"] / f"{named['notebook']}.ipynb"
    if source.exists() and "evident" in json.loads(source.read_text())["metadata"]:
        raise RuntimeError(f"{key} is missing: write it again with `evident variant` and the same seed")
    return set()


def judged(nb, key: Path) -> dict[str, dict]:
    """The verdicts by the id of the test cell."""
    with tempfile.TemporaryDirectory() as folder:
        executed = Path(folder) / "executed.ipynb"
        executed.write_text(json.dumps(nb))
        command = [EVIDENT, "check", executed, "--key", key, "--json"]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    if not done.stdout:
        raise RuntimeError(done.stderr.strip())
    return {verdict["question"].replace(".", "-"): verdict for verdict in json.loads(done.stdout)}


def output(verdict: dict):
    """What nbgrader gives all points for, or, as an error, none."""
    if verdict["verdict"] == "right":
        return nbformat.v4.new_output("stream", name="stdout", text="✔ right\n")
    said = f"{verdict['verdict']}. {verdict.get('hint', '')}".strip()
    return nbformat.v4.new_output("error", ename="Answer", evalue=said, traceback=[f"✘ {said}"])


class HideTests(ClearHiddenTests):
    """Leaves the hidden tests of a teacher's own questions out of the feedback, and the code that an error quotes."""

    def preprocess_cell(self, cell, resources, cell_index):
        if utils.is_locked(cell) and self._remove_hidden_test_region(cell):
            for shown in cell.get("outputs", []):
                if shown.output_type == "error":
                    shown.traceback = [shown.evalue]
        return cell, resources


# A class


def one_by_one(self) -> None:
    """Autograde.convert_notebooks, but for this: what is wrong with one submission is said in a line, and the next is
    graded."""
    aside = []
    for folder, notebooks in sorted(self.assignments.items()):
        self.notebooks = sorted(notebooks)
        parts = re.match(self._format_source("(?P<assignment_id>.*)", "(?P<student_id>.*)", escape=True), folder)
        place = parts["assignment_id"], parts["student_id"]
        graded = Path(self._format_dest(*place))
        if not all(map(finished, graded.glob("*.ipynb"))):
            discard(self, graded)
        if not self.init_destination(*place):
            continue
        at = ""
        try:
            self.run_pre_convert_hook()
            self.init_assignment(*place)
            for notebook in self.notebooks:
                at = f"{Path(notebook).name}: "
                self.convert_single_notebook(notebook)
            self.set_permissions(*place)
            self.run_post_convert_hook()
        except BaseException as err:
            discard(self, graded)
            if isinstance(err, OperationalError) or not isinstance(err, Exception):
                raise
            self.log.error("%s is set aside. %s%s", parts["student_id"], at, one_line(err))
            self.log.debug("the error", exc_info=True)
            aside.append(parts["student_id"])
    if aside:
        self.log.error(
            "Not graded: %s. Mend what they handed in, and run this again: it goes on with those that are not graded.",
            ", ".join(aside),
        )
        raise NbGraderException


def finished(notebook: Path) -> bool:
    """Whether a notebook was graded to the end: a grader that was killed leaves one that was not."""
    try:
        return GRADED in json.loads(notebook.read_text())["metadata"]
    except ValueError:
        return False


def discard(converter, graded: Path) -> None:
    if converter.coursedir.notebook_id == "*":
        shutil.rmtree(graded, ignore_errors=True)
    else:
        for notebook in converter.notebooks:
            (graded / Path(notebook).name).unlink(missing_ok=True)


def one_line(err: Exception) -> str:
    if isinstance(err, UnicodeDecodeError):
        return "it is not UTF-8 text: have it handed in again"
    text = getattr(err, "message", None) or str(err)
    first = text.strip().splitlines()[0] if text.strip() else ""
    named = isinstance(err, (SetAside, RuntimeError, ValidationError, NbGraderException))
    return first if first and named else f"{type(err).__name__}: {first}"


SANITIZE = [ClearOutput, OverwriteKernelspec, Restore]
AUTOGRADE = [HoldBack, Timed, Judge, IgnorePattern, LimitOutput, SaveAutoGrades, AssignLatePenalties]
FEEDBACK = [GetGrades, HideTests, CSSHTMLHeaderPreprocessor]
