"""A student's way through the tutorial: run it, break the net, read the error, mend it, train, reload, predict, use a table."""

import re

import pytest

pytestmark = pytest.mark.parametrize("notebook", ["notebooks/00-your-first-net.ipynb"], indirect=True, scope="module")

AXIS = "Mul(x, x)}, -1)"


def cell_with(notebook, text: str) -> int:
    [index] = [i for i, cell in enumerate(notebook.cells()) if cell["code"] and text in cell["source"]]
    return index


def rerun(notebook, text: str, old: str = "", new: str = "", seconds: float = 180) -> str:
    """Runs the cell with a text, edited if there is an edit, and returns what it shows."""
    cell = cell_with(notebook, text)
    if old:
        source = notebook.cells()[cell]["source"]
        assert source.count(old) == 1
        notebook.write(cell, source.replace(old, new))
    notebook.run(cell)
    notebook.wait_run(cell, seconds=seconds)
    return str(notebook.output(cell))


def test_all_cells_run(notebook, lab):
    _, root = lab
    notebook.run_all(seconds=300)
    outputs = [notebook.output(i) for i, cell in enumerate(notebook.cells()) if cell["code"]]
    assert len(outputs) == 6
    assert [o for shown in outputs for o in shown if o["output_type"] == "error"] == []
    graph, _, net, trained, used, _ = map(str, outputs)
    assert "float32(8)" in graph and "float32(12)" in graph, "2³ and 3·2²"
    assert "parameters:  1282" in net, "5·32 + 33·32 + 33·2"
    assert float(re.search(r"validation accuracy: (\d\.\d+)", trained)[1]) > 0.95
    assert "lies on spiral 1, with a probability of " in used
    assert (root / "spirals").is_dir()
    assert notebook.strangers == []


def test_a_wrong_axis_is_an_error_with_shape_cell_and_line(notebook):
    cell = cell_with(notebook, AXIS)
    source = notebook.cells()[cell]["source"]
    line = source[: source.index("fit.NewClassifier")].count("\n") + 1
    rerun(notebook, AXIS, old=AXIS, new="Mul(x, x)}, 0)")
    shown = notebook.cell(cell).locator(".jp-OutputArea-output").inner_text()
    assert len(shown.splitlines()) < 12, "no stack of libraries"
    assert "the network's output is [64 2] for a batch of 32" in shown
    assert f"line {line}, in classifier" in shown


def test_the_mended_net_trains_and_a_later_cell_uses_it(notebook):
    assert "1282" in rerun(notebook, "Mul(x, x)}, 0)", old="Mul(x, x)}, 0)", new=AXIS)
    trained = rerun(notebook, "net.Save", old="Epochs: 60", new="Epochs: 40")
    assert float(re.search(r"validation accuracy: (\d\.\d+)", trained)[1]) > 0.9
    used = rerun(notebook, "The point lies on", old="{0, 0.5}", new="{0, 0.85}")
    assert "lies on spiral 0, with a probability of " in used


def test_an_interrupted_training_keeps_its_history(notebook):
    cell = cell_with(notebook, "net.Save")
    notebook.write(cell, notebook.cells()[cell]["source"].replace("Epochs: 40", "Epochs: 100000"))
    notebook.run(cell)
    notebook.wait_training(cell, seconds=120)
    notebook.menu("Kernel", "Interrupt Kernel")
    notebook.wait_run(cell, seconds=30)
    shown = str(notebook.output(cell))
    assert "interrupted" in shown and "validation accuracy" in shown


def snippet(notebook, text: str) -> str:
    """The block of Go with a text in the notebook's prose."""
    prose = "\n".join(cell["source"] for cell in notebook.cells() if not cell["code"])
    [found] = [block for block in re.findall(r"```go\n(.*?)```", prose, re.DOTALL) if text in block]
    return found


def test_a_table_of_ones_own_trains(notebook, lab):
    _, root = lab
    rows = [f"{i / 40 - 1},{j / 40 - 1},{int(i > j)}" for i in range(0, 80, 4) for j in range(1, 80, 4)]
    (root / "own.csv").write_text("\n".join(["width,height,label", *rows]))
    cell = notebook.append(snippet(notebook, "own.csv"))
    notebook.run(cell)
    notebook.wait_run(cell, seconds=60)
    assert notebook.output(cell) == []
    trained = rerun(notebook, "net.Save", old="Epochs: 100000", new="Epochs: 20")
    assert float(re.search(r"validation accuracy: (\d\.\d+)", trained)[1]) > 0.9
