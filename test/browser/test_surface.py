"""What a reader does with a cell of their own: the surface to descend, and the slider over its steps."""

import pytest

pytestmark = pytest.mark.parametrize("notebook", ["notebooks/01-learning-rate.ipynb"], indirect=True, scope="module")

SLIDER = ".vega-embed input[type=range]"


def test_the_slider_moves_the_paths(notebook):
    notebook.run_tagged("imports", seconds=60)
    notebook.run_tagged("knobs", seconds=60)
    notebook.run_tagged("own-surface", seconds=90)

    slider = notebook.page.locator(SLIDER)
    slider.wait_for(timeout=10_000)
    assert slider.get_attribute("max") == "30"
    chart = notebook.page.locator(".vega-embed canvas").first
    whole = chart.screenshot()
    slider.fill("5")
    notebook.wait_until(lambda: chart.screenshot() != whole, seconds=10)
    assert notebook.page.get_by_text("Javascript Error").count() == 0
    assert notebook.strangers == []


def test_an_own_surface_joins_the_picture(notebook):
    own = notebook.tagged("own-surface")
    source = notebook.cells()[own]["source"]
    changed = source.replace("cfg.Steps = 30", "cfg.Steps = 12").replace("x⁴/4 − x²/2 + y²", "a surface of mine")
    assert changed != source
    notebook.write(own, changed)

    notebook.run_tagged("own-surface", seconds=60)

    assert [o for o in notebook.output(own) if o["output_type"] == "error"] == []
    assert "a surface of mine" in str(notebook.output(own))
    notebook.page.wait_for_function(f"() => document.querySelector('{SLIDER}')?.max === '12'", timeout=10_000)


def test_a_bad_knob_is_named(notebook):
    own = notebook.tagged("own-surface")
    source = notebook.cells()[own]["source"]
    notebook.write(own, source.replace("{0.02, 0.2, 0.9}", "{0.02, -0.2, 0.9}"))

    notebook.run_tagged("own-surface", seconds=60)

    assert "Surface.Rates has -0.2" in str(notebook.output(own))
