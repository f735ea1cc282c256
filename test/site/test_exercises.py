"""The page of exercises, and data of the reader's own."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect
from reading import A_RUN, CHECKOUT, CONTRAST, ended, experiment, run, visitor

SEED = 17
TEXTS = CHECKOUT / "lessons/textcnn/testdata/eighty.csv"
PICTURES = CHECKOUT / "lessons/imageclass/testdata/twenty"


@pytest.fixture(scope="module")
def variant(tmp_path_factory):
    """What the command line writes for the same seed."""
    place = tmp_path_factory.mktemp("variant")
    command = ["go", "run", "-buildvcs=false", "./cmd/evident", "variant", "params", "--seed", str(SEED), "--out", str(place)]
    done = subprocess.run(command, check=False, cwd=CHECKOUT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return place


def drawn(reader, site, place="params", seed=SEED):
    reader.open(site / "exercises.html", f"#{place}?seed={seed}")
    lesson = reader.page.locator(f"details#{place.split('.')[0]}")
    ended(lesson)
    return lesson


def question(page, name: str):
    return page.locator(f"[id='{name}']")


def answer(one, text: str) -> str:
    """Types an answer, and returns the card."""
    one.get_by_role("textbox").fill(text)
    one.get_by_role("textbox").press("Enter")
    card = one.locator(".judged .evident-answer")
    card.wait_for(timeout=A_RUN)
    return card.inner_text()


def test_answers_are_judged_as_on_the_command_line(reader, site, variant):
    lesson = drawn(reader, site)
    key = json.loads((variant / "params-key.json").read_text())
    page = reader.page
    # A convolution of 12 filters of size 5 on 11 features: 5·11·12 weights and 12 biases.
    assert "12 filters of kernel size 5" in question(page, "params.conv1").inner_text()
    wrong = answer(question(page, "params.conv1"), "660")
    assert "wrong" in wrong and "The biases are missing." in wrong
    for item in key["answers"]:
        one = question(page, item["question"])
        if "answer" not in item:
            assert "write it in the notebook" in one.inner_text()
            assert one.locator("input").count() == 0
            continue
        if isinstance(item["answer"], str):
            one.get_by_label(item["answer"], exact=True).check()
            one.get_by_role("button").click()
        else:
            one.get_by_role("textbox").fill(str(item["answer"]))
            one.get_by_role("textbox").press("Enter")
        one.locator("[data-verdict='right']").wait_for(timeout=A_RUN)
        assert one.locator(".judged > p").count() > 0, "an answer that is right is explained"
    with page.expect_download() as download:
        lesson.get_by_role("button", name="Download the notebook").click()
    assert download.value.suggested_filename == "params.ipynb"
    assert Path(download.value.path()).read_bytes() == (variant / "params.ipynb").read_bytes()
    assert reader.wrong == []


def test_the_seed_is_in_the_address(reader, site):
    lesson = drawn(reader, site, "params.dense")
    page = reader.page
    assert page.url.endswith(f"#params.dense?seed={SEED}")
    expect(question(page, "params.dense")).to_be_in_viewport()
    before = question(page, "params.dense").inner_text()
    lesson.get_by_role("button", name="Other numbers").click()
    ended(lesson)
    seed = lesson.get_by_label("Seed").input_value()
    assert seed != str(SEED)
    assert page.url.endswith(f"#params?seed={seed}")
    assert question(page, "params.dense").inner_text() != before
    page.goto("about:blank")
    lesson = drawn(reader, site)
    assert question(page, "params.dense").inner_text() == before
    lesson.get_by_label("Seed").fill("many")
    lesson.get_by_role("button", name="Draw").click()
    ended(lesson, 'the seed "many" is no whole number of up to 18 digits: write one, as in 80127')
    assert lesson.get_by_label("Seed").get_attribute("aria-invalid") == "true"
    expect(lesson.get_by_label("Seed")).to_be_focused()
    expect(lesson.get_by_role("button", name="Download the notebook")).to_be_disabled()
    assert reader.wrong == []


def test_a_lesson_leads_to_its_questions(reader, site):
    reader.open(site / "notebooks/05-counting-parameters.html")
    reader.page.locator("a[href$='exercises.html#params.conv1']").first.click()
    lesson = reader.page.locator("details#params")
    expect(lesson.get_by_role("heading", name="One convolution")).to_be_visible()
    assert reader.page.evaluate("globalThis.evidentProgram") is None, "nothing is loaded before somebody draws"


def test_exercises_by_keyboard(reader, site):
    lesson = drawn(reader, site)
    page = reader.page
    nameless = page.evaluate("""() => [...document.querySelectorAll('input, button')]
      .filter(e => !e.textContent.trim() && !(e.labels?.length && e.labels[0].textContent.trim())).map(e => e.outerHTML)""")
    assert nameless == []
    lesson.locator("summary").focus()
    order = []
    for _ in range(6):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
    assert order == ["seed-params", "Draw", "Other numbers", "answer-params.conv1", "Check “One convolution”", "answer-params.conv2"]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    question(page, "params.conv1").get_by_text("missing").wait_for(timeout=A_RUN)
    assert page.evaluate("document.activeElement.textContent.trim()") == "Check “One convolution”", "the focus stays"
    status = question(page, "params.conv1").get_by_role("status")
    assert "Write your answer: a whole number" in status.inner_text(), "a screen reader hears the verdict"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lesson", ["params", "imageclass", "byhand"])
def test_exercises_fit_a_small_phone(browser, site, scheme, lesson):
    context, reader = visitor(browser, site, viewport={"width": 360, "height": 740}, color_scheme=scheme)
    drawn(reader, site, lesson)
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= 360
    contrast, text = reader.page.evaluate(CONTRAST)
    assert contrast >= 4.5, f"{text!r} has a contrast of {contrast:.2f}"
    assert reader.wrong == []
    context.close()


def test_exercises_work_offline_after_a_visit(browser, server):
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page_of_exercises = f"http://127.0.0.1:{server.server_address[1]}/below/a/path/exercises.html"
    page.goto(page_of_exercises + "#params?seed=1")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    ended(page.locator("details#params"))
    page.wait_for_function(
        "async () => (await (await caches.open((await caches.keys())[0])).keys()).some(r => r.url.endsWith('.gz'))"
    )
    server.shutdown()
    server.server_close()
    page.goto("about:blank")
    page.goto(page_of_exercises + "#convdims?seed=2")
    ended(page.locator("details#convdims"))
    assert page.locator("#convdims .answer").count() > 0
    context.close()


def own(page, name: str):
    return experiment(page, name).locator(".own")


def test_own_texts_take_the_place_of_generated_ones(reader, site):
    reader.open(site / "notebooks/08-text-cnn.html", "#run-maps?scale=smoke")
    page = reader.page
    one = experiment(page, "maps")
    chosen = one.get_by_label("A table of texts and labels")
    chosen.set_input_files({"name": "large.csv", "mimeType": "text/csv", "buffer": b"x" * (9 << 20)})
    line = "the files have 9.0 MB, and 8.0 MB are the most: choose less, or run the lesson on your machine with --data"
    own(page, "maps").get_by_text(line, exact=True).wait_for()
    own(page, "maps").locator(".drop").evaluate(
        """(drop, text) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([text], 'mails.csv'));
          drop.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
        }""",
        TEXTS.read_text(),
    )
    own(page, "maps").get_by_text("mails.csv in place of generated data").wait_for()
    run(one)
    ended(one)
    assert "texts in mails.csv: 2 columns between commas" in one.locator(".notices").inner_text()

    chosen.set_input_files(CHECKOUT / "go.mod")
    own(page, "maps").get_by_text("go.mod in place of generated data").wait_for()
    run(one)
    one.locator(".actions.failed, .failed").get_by_text(re.compile("^labelled texts go.mod: ")).wait_for(timeout=A_RUN)

    own(page, "maps").get_by_role("button", name="Take generated data").click()
    run(one)
    ended(one)
    assert one.locator(".notices").count() == 0
    assert reader.wrong == []


def test_own_pictures_take_the_place_of_generated_ones(reader, site):
    reader.open(site / "notebooks/07-image-classifier.html", "#run-train?scale=smoke")
    one = experiment(reader.page, "train")
    one.get_by_label("Pictures of the first class").set_input_files(sorted((PICTURES / "cross").iterdir()))
    own(reader.page, "train").get_by_text("choose pictures of the other class too").wait_for()
    one.get_by_label("Pictures of the second class").set_input_files(sorted((PICTURES / "disc").iterdir()))
    own(reader.page, "train").get_by_text("20 files in place of generated data").wait_for()
    run(one)
    ended(one)
    assert "10 of class first (8 to train on, 2 to validate with)" in one.locator(".notices").inner_text()
    assert reader.wrong == []
