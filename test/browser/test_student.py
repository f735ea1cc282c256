"""A student's path through a lesson: predict, measure, see the prediction beside the verdict, and the score."""

import json
import re

import pytest
from conftest import CHECKOUT, TOKEN
from notebook_page import Notebook

SOURCE = CHECKOUT / "notebooks/05-counting-parameters.ipynb"
OLD = '<div class="evident-verdict" data-claim="q3a.t">an old verdict</div>'


def code(source: str) -> dict:
    return {"cell_type": "code", "id": re.sub(r"\W", "", source)[:20], "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def prepared() -> dict:
    """The lesson without outputs, but for a folded verdict as `evident notebooks --inplace` leaves it; with cells to predict and to score."""
    lesson = json.loads(SOURCE.read_text())
    cells = []
    for cell in lesson["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
        if "show.Run(params.LayerArguments" in source:
            old = {"output_type": "display_data", "data": {"text/html": OLD, "text/plain": "old"}, "metadata": {}}
            cell |= {"outputs": [old], "metadata": {"jupyter": {"outputs_hidden": True}, "tags": ["measure"]}}
            cells.append(code('%%\nshow.Predict("q3a.t", 0.5)') | {"metadata": {"tags": ["predict"]}})
        if cell["cell_type"] != "code" or not re.search(r"show\.(Predict|Score)", source):  # the lesson's own
            cells.append(cell)
    lesson["cells"] = [*cells, code("%%\nshow.Score()") | {"metadata": {"tags": ["score"]}}]
    return lesson


@pytest.fixture(scope="module")
def notebook(browser, lab):
    address, root = lab
    (root / "student.ipynb").write_text(json.dumps(prepared()))
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    opened = Notebook(page, f"{address}/lab/workspaces/student/tree/student.ipynb?token={TOKEN}", "student")
    yield opened
    opened.shut_down()
    page.close()


def test_an_opened_notebook_gives_no_verdict_away(notebook):
    measure = notebook.cell(notebook.tagged("measure"))
    measure.get_by_text("Predict first: run this cell to measure, or click here to see the verdicts").wait_for(timeout=10_000)
    assert notebook.page.locator(".evident-verdict").count() == 0


def test_predict_measure_score(notebook):
    measure = notebook.tagged("measure")
    for i in [i for i, cell in enumerate(notebook.cells()) if cell["code"] and i < measure]:
        notebook.run(i)
        notebook.wait_run(i, seconds=120)
    predict = notebook.tagged("predict")
    notebook.write(predict, '%%\nshow.Predict("q3a.t", 0.2)')
    notebook.run_tagged("predict", seconds=60)
    assert "predicted: q3a.t 20 %" in str(notebook.output(predict))

    notebook.run_tagged("measure", seconds=120)
    card = notebook.cell(measure).locator('.evident-verdict[data-claim="q3a.t"]')
    card.wait_for(timeout=10_000)
    assert "supported" in card.inner_text() and "you: 20 %" in card.inner_text(), "running the cell has unfolded its outputs"

    notebook.run_tagged("score", seconds=60)
    score = notebook.cell(notebook.tagged("score"))
    score.get_by_text("Brier score 0.640 over 1 claim").wait_for(timeout=10_000)
    assert score.locator(".vega-embed canvas, .vega-embed svg").first.bounding_box()["height"] > 50
    assert "q3a.t" in score.locator("table").inner_text(), "what surprised"
    assert notebook.strangers == []
