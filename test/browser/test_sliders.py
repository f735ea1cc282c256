"""A slider writes its number into the cell's code, and runs the cell."""

import pytest

pytestmark = pytest.mark.parametrize("notebook", ["notebooks/02-saddle-points.ipynb"], indirect=True, scope="module")

CELL = """%%
plane := saddle.Default().Plane
plane.Rate = 0.05
plane.Beta = 0.9 // of momentum
show.Sliders(plane, "Rate", "Beta", "PathSteps")
fmt.Println("rate", plane.Rate, "beta", plane.Beta)"""


def test_a_slider_changes_the_code_and_runs_it(notebook):
    imports = next(i for i, cell in enumerate(notebook.cells()) if cell["code"])
    notebook.run(imports)
    notebook.wait_run(imports, seconds=120)
    own = notebook.append('import "fmt"\n\n' + CELL)
    notebook.run(own)
    notebook.wait_run(own, seconds=90)
    assert "rate 0.05 beta 0.9" in printed(notebook, own)

    rate = notebook.page.get_by_label("Rate:")
    assert rate.get_attribute("aria-valuetext") == "0.05"
    rate.focus()
    notebook.page.keyboard.press("End")
    notebook.wait_until(lambda: "rate 0.5 beta 0.9" in printed(notebook, own), seconds=60)
    assert "plane.Rate = 0.5\n" in notebook.cells()[own]["source"]
    assert "plane.Beta = 0.9 // of momentum\n" in notebook.cells()[own]["source"]

    # The keys go on moving the slider after the cell has run.
    notebook.page.keyboard.press("ArrowLeft")
    notebook.wait_until(lambda: "rate 0.489 beta 0.9" in printed(notebook, own), seconds=60)

    notebook.page.get_by_label("Beta:").fill("100")
    notebook.wait_until(lambda: "rate 0.489 beta 0.495" in printed(notebook, own), seconds=60)
    assert "plane.Beta = 0.495 // of momentum\n" in notebook.cells()[own]["source"]

    steps = notebook.page.get_by_label("PathSteps:")
    assert steps.is_disabled(), "the cell does not set it"
    assert notebook.page.get_by_text("cfg.PathSteps = ").is_visible()


def printed(notebook, cell: int) -> str:
    return "".join(o.get("text", "") for o in notebook.output(cell))
