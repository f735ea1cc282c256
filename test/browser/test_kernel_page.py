"""What a reader who writes code of their own sees: a flood that stops, an error with its line, names that are completed."""

import pytest

pytestmark = pytest.mark.parametrize("notebook", ["notebooks/02-saddle-points.ipynb"], indirect=True)


def run(notebook, source: str, seconds: float = 60) -> int:
    cell = notebook.append(source)
    notebook.run(cell)
    notebook.wait_run(cell, seconds=seconds)
    return cell


def test_a_flood_is_interrupted_and_the_page_lives(notebook):
    run(notebook, 'import "fmt"\n%%\nfmt.Println("ready")')
    flood = notebook.append('%%\nfor {\n\tfmt.Println("OK")\n}')
    notebook.run(flood)
    notebook.page.wait_for_timeout(3000)
    notebook.menu("Kernel", "Interrupt Kernel")
    notebook.wait_run(flood, seconds=4)
    shown = "".join(o.get("text", "") for o in notebook.output(flood))
    assert len(shown) < 1_100_000 and "are shown" in shown[-300:]
    alive = run(notebook, '%%\nfmt.Println("alive")', seconds=20)
    assert [o["text"] for o in notebook.output(alive)] == ["alive\n"]


def test_an_error_shows_its_line_and_what_to_do(notebook):
    cell = run(notebook, "%%\ny := 5")
    shown = notebook.page.locator(".jp-Notebook .jp-Cell").nth(cell).locator(".jp-OutputArea-output")
    assert shown.count() == 1
    assert "line 2: declared and not used: y\n    y := 5\n    ^\n  hint: use y" in shown.inner_text()


def test_a_name_is_completed_behind_letters_of_all_kinds(notebook):
    cell = notebook.append('%%\nη := "🎓🎓"; fmt.Printl')
    notebook.editor(cell).click()
    notebook.page.keyboard.press("Control+End")
    notebook.page.keyboard.press("Tab")
    notebook.wait_until(lambda: notebook.cells()[cell]["source"].endswith("fmt.Println") or notebook.page.locator(".jp-Completer").is_visible(), seconds=30)
    if not notebook.cells()[cell]["source"].endswith("fmt.Println"):
        notebook.page.keyboard.press("Enter")
    notebook.wait_until(lambda: notebook.cells()[cell]["source"] == '%%\nη := "🎓🎓"; fmt.Println', seconds=5)
