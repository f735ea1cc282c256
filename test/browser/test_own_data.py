"""What a reader does with data of their own: name the folder or the table, train, and ask the saved model."""

import csv
import random
import re

import pytest
from PIL import Image, ImageDraw

IMAGES = "notebooks/07-image-classifier.ipynb"
TEXTS = "notebooks/08-text-cnn.ipynb"
FOLDER = re.compile(r'(cfg\.Data\.Folder = )"[^"]*"')


@pytest.mark.parametrize("notebook", [IMAGES], indirect=True)
def test_an_own_folder_of_pictures(notebook, tmp_path):
    folder = tmp_path / "shapes"
    draw_shapes(folder, each=100)
    (folder / "disc" / "broken.png").write_bytes(b"no picture")
    notebook.run_tagged("imports", seconds=90)
    set_folder(notebook, folder)

    shown = run(notebook, "pictures")
    assert "pictures of class disc" in shown and "pictures of class square" in shown
    assert "broken.png" in shown, "what was left out is named"

    assert "validation accuracy" in run(notebook, "train")

    unseen = tmp_path / "unseen.jpg"
    shape("disc", random.Random(999)).resize((300, 200)).save(unseen)
    cell = notebook.append(
        "%%\nmodel := must.M1(imageclass.Open(show.Backend(), must.M1(imageclass.ModelFolder())))\n"
        f'show.Table(model.Table(must.M1(model.PredictFile(show.Context(), "{unseen}"))))'
    )
    notebook.run(cell)
    notebook.wait_run(cell, seconds=60)
    assert "The net says: disc" in str(notebook.output(cell))


@pytest.mark.parametrize("notebook", [TEXTS], indirect=True)
def test_an_own_table_of_texts(notebook, tmp_path):
    table = tmp_path / "mails.csv"
    write_mails(table, each=150)
    notebook.run_tagged("imports", seconds=90)
    knobs = notebook.tagged("data")
    notebook.write(knobs, f'func data() textcnn.DataConfig {{ return textcnn.OwnTexts("{table}") }}')
    notebook.run_tagged("data", seconds=60)
    notebook.run_tagged("knobs", seconds=60)

    assert "mails" in run(notebook, "train")

    predict = notebook.tagged("predict")
    source = notebook.cells()[predict]["source"]
    changed = source.replace("The plot is not good, and the music was weak", "the parcel has arrived, many thanks")
    assert changed != source
    notebook.write(predict, changed)
    assert "thanks" in run(notebook, "predict")


@pytest.mark.parametrize("notebook", [IMAGES], indirect=True)
def test_a_folder_that_is_not_there_is_named(notebook, tmp_path):
    notebook.run_tagged("imports", seconds=90)
    set_folder(notebook, tmp_path / "none")
    notebook.run_tagged("pictures", seconds=60)
    assert f"{tmp_path}/none" in str(notebook.output(notebook.tagged("pictures")))


def set_folder(notebook, folder) -> None:
    knobs = notebook.tagged("knobs")
    changed, found = FOLDER.subn(rf'\g<1>"{folder}"', notebook.cells()[knobs]["source"])
    assert found == 1
    notebook.write(knobs, changed)
    notebook.run_tagged("knobs", seconds=60)


def run(notebook, tag: str) -> str:
    """Runs the cell with the tag, and returns its outputs."""
    notebook.run_tagged(tag, seconds=120)
    outputs = notebook.output(notebook.tagged(tag))
    assert [o for o in outputs if o["output_type"] == "error"] == []
    return str(outputs)


def draw_shapes(folder, each: int) -> None:
    """Light discs and dark squares on grey, of random place, size and format."""
    drawn = random.Random(7)
    for kind in ["disc", "square"]:
        (folder / kind).mkdir(parents=True)
        for i in range(each):
            shape(kind, drawn).save(folder / kind / f"{i}.{drawn.choice(['png', 'jpg', 'bmp'])}")


def shape(kind: str, drawn: random.Random) -> Image.Image:
    picture = Image.new("RGB", (drawn.randint(60, 90), drawn.randint(60, 90)), (drawn.randint(100, 140),) * 3)
    x, y, side = drawn.randint(2, 25), drawn.randint(2, 25), drawn.randint(18, 32)
    pen, box = ImageDraw.Draw(picture), (x, y, x + side, y + side)
    if kind == "disc":
        pen.ellipse(box, fill=(drawn.randint(190, 250),) * 3)
    else:
        pen.rectangle(box, fill=(drawn.randint(5, 60),) * 3)
    return picture


def write_mails(table, each: int) -> None:
    drawn = random.Random(7)
    said = {
        "thanks": ["many thanks for the parcel", "it has arrived safely", "we are very happy", "a great service"],
        "complaint": ["the parcel is late", "it arrived broken", "we want our money back", "a poor service"],
    }
    with table.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "label"])
        for i in range(each):
            for label, phrases in said.items():
                rows.writerow([f"order {i}: {', '.join(drawn.sample(phrases, 3))}", label])
