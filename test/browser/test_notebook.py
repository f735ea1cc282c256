"""What a student does with a lesson: run it all, look, turn a knob, stop a training and go on."""

import re

import pytest

KNOB = re.compile(r"^(\s*cfg\.Train\.Epochs = )\d+", re.MULTILINE)

pytestmark = pytest.mark.parametrize("notebook", ["notebooks/10-inception.ipynb"], indirect=True)


def test_all_cells_run(notebook):
    knob = notebook.tagged("knob-train")
    # One call decides how much is measured; `make lessons` measures at the scale of the record.
    small = notebook.cells()[knob]["source"].replace("inception.Default()", "inception.Smoke()")
    assert "Smoke" in small
    notebook.write(knob, KNOB.sub(r"\g<1>1", small))

    notebook.run_all(seconds=400)

    assert [o for cell in notebook.cells() for o in cell["outputs"] if o["output_type"] == "error"] == []
    chart = notebook.page.locator(".vega-embed canvas, .vega-embed svg").first
    chart.wait_for(timeout=10_000)
    assert chart.bounding_box()["height"] > 50
    claims = notebook.page.locator(".evident-verdict[data-claim]").evaluate_all("all => all.map(e => e.dataset.claim)")
    # Those of a cell that runs one experiment come again with the whole lesson.
    assert claims and all(claims) and max(claims.count(c) for c in claims) <= 2, claims
    assert notebook.page.get_by_text("Javascript Error").count() == 0
    assert notebook.strangers == []


def test_a_knob_changes_the_training(notebook):
    before = notebook.output(notebook.tagged("train"))

    train(notebook, epochs=1)

    notebook.wait_run(notebook.tagged("train"), seconds=60)
    after = notebook.output(notebook.tagged("train"))
    assert [o for o in after if o["output_type"] == "error"] == []
    assert after != before


def test_a_training_is_interrupted_and_the_kernel_goes_on(notebook):
    train(notebook, epochs=100_000)
    notebook.wait_training(notebook.tagged("train"), seconds=60)
    assert notebook.cells()[notebook.tagged("train")]["count"] is None, "the training ended by itself"

    notebook.menu("Kernel", "Interrupt Kernel")

    # The kernel kills a cell that has not stopped after a second; a lesson stops by itself.
    notebook.wait_run(notebook.tagged("train"), seconds=4)
    following = notebook.append('%%\nfmt.Println("still here")')
    notebook.run(following)
    notebook.wait_run(following, seconds=10)
    assert [o.get("text") for o in notebook.output(following)] == ["still here\n"]
    # What was finished by then is shown, be it nothing.
    assert notebook.page.get_by_text("Javascript Error").count() == 0


def train(notebook, epochs: int) -> None:
    """Sets the knob, runs its cell and starts the training."""
    knob = notebook.tagged("knob-train")
    source = notebook.cells()[knob]["source"]
    assert KNOB.search(source), "the cell knob-train sets cfg.Train.Epochs"
    notebook.write(knob, KNOB.sub(rf"\g<1>{epochs}", source))
    notebook.run(knob)
    notebook.wait_run(knob, seconds=20)
    notebook.run(notebook.tagged("train"))
