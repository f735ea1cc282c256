"""What a student does with a calculation by hand: read its formulas, and have the answers checked."""

import pytest

pytestmark = pytest.mark.parametrize("notebook", ["notebooks/04-by-hand.ipynb"], indirect=True, scope="module")


def test_formulas_are_set_offline(notebook):
    notebook.page.locator("mjx-container").first.wait_for(timeout=30_000)
    assert notebook.page.locator("mjx-merror, [data-mjx-error]").count() == 0
    assert notebook.strangers == []


def test_the_first_wrong_answer_is_named(notebook):
    for tag in ["imports", "parameters", "knobs", "answers"]:
        notebook.run_tagged(tag, seconds=90)
    assert "Look again at z2" in answer(notebook)


def test_right_answers_are_told_so(notebook):
    own = notebook.tagged("answers")
    notebook.write(own, notebook.cells()[own]["source"].replace('"z2": -0.2', '"z2": -1.2'))
    notebook.run_tagged("answers", seconds=60)
    assert "Look again" not in answer(notebook)
    assert "2 of 2" in answer(notebook)


def test_another_seed_is_another_exercise(notebook):
    notebook.write(notebook.tagged("parameters"), "var seed = 7")
    notebook.run_tagged("parameters", seconds=60)
    notebook.run_tagged("answers", seconds=60)
    assert "Look again at z1" in answer(notebook)


def answer(notebook) -> str:
    return str(notebook.output(notebook.tagged("answers")))
