"""The launcher's card: one click makes a notebook whose cells train a net, show it and use it."""

import re

import pytest
from conftest import TOKEN
from notebook_page import Notebook


@pytest.fixture(scope="module")
def notebook(browser, lab):
    address, root = lab
    (root / "own").mkdir()
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    opened = Notebook(page, f"{address}/lab/workspaces/launcher/tree/own?token={TOKEN}", "template", card="Go · evident: train a net")
    yield opened
    opened.shut_down()
    page.close()


def test_a_card_of_the_launcher_makes_a_notebook_that_runs(notebook, lab):
    _, root = lab
    assert (root / "own/Untitled.ipynb").exists()
    assert notebook.page.locator(".jp-Dialog").count() == 0, "it asks for no kernel"
    notebook.run_all(seconds=180)
    outputs = [notebook.output(i) for i, cell in enumerate(notebook.cells()) if cell["code"]]
    assert [o for shown in outputs for o in shown if o["output_type"] == "error"] == []
    _, trained, used = map(str, outputs)
    assert "Loss while training" in trained
    assert float(re.search(r"validation accuracy: (\d\.\d+)", trained)[1]) > 0.9
    assert "the corner is around" in used
    assert (root / "own/rings").is_dir()
    assert notebook.strangers == []
