"""Pages that run the lessons in the browser: from a folder, from a server, and without one after a first visit."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from reading import A_RUN, CHECKOUT, CONTRAST, ended, experiment, run, visitor

LEARNING_RATE = "notebooks/01-learning-rate.html"

# A quick experiment of each lesson.
QUICK = {
    "01-learning-rate": "surface",
    "02-saddle-points": "plane",
    "03-mini-batches": "time",
    "04-by-hand": "net",
    "05-counting-parameters": "layers",
    "06-conv-dimensions": "fields",
    "07-image-classifier": "start",
    "08-text-cnn": "ngrams",
    "09-one-by-one": "reduction",
    "10-inception": "modules",
}

def test_every_lesson_has_a_quick_experiment():
    assert list(QUICK) == [path.stem for path in sorted((CHECKOUT / "notebooks").glob("*.ipynb"))][1:]


@pytest.mark.parametrize("lesson", QUICK)
def test_a_page_in_a_folder_runs_an_experiment_to_its_verdict(reader, site, lesson):
    reader.open(site / "notebooks" / f"{lesson}.html", f"#run-{QUICK[lesson]}?scale=smoke")
    one = experiment(reader.page, QUICK[lesson])
    run(one)
    ended(one)
    judged = one.locator("form [data-claim]").count()
    assert one.locator(".outcome .evident-claims > .evident-verdict").count() == judged
    figures = one.locator(".outcome").locator(".live-chart svg, img, table, details")
    assert figures.count() > 0
    assert "Measured in your browser" in one.locator(".live-time").inner_text()
    assert reader.wrong == []


def test_a_prediction_stands_beside_its_verdict(reader, site):
    reader.open(site / "notebooks/05-counting-parameters.html", "#run-layers")
    one = experiment(reader.page, "layers")
    slider = one.get_by_role("slider", name=re.compile("^q3a.t "))
    slider.fill("70")
    run(one)
    ended(one)
    assert one.locator("[data-claim='q3a.t'] .evident-prediction").inner_text() == "you: 70 %"
    assert slider.is_disabled(), "a prediction after the verdict is none"


def test_stop_ends_a_run_at_once(reader, site):
    reader.open(site / LEARNING_RATE, "#run-floor?scale=default")
    one = experiment(reader.page, "floor")
    run(one)
    one.locator("progress[max]").wait_for(timeout=A_RUN)
    milliseconds = reader.page.evaluate("""() => {
      const stop = document.querySelector('#run-floor .stop');
      const before = performance.now();
      stop.click();
      return performance.now() - before;
    }""")
    assert milliseconds < 200
    assert one.get_by_role("status").inner_text() == "stopped"
    reader.page.wait_for_function("true")
    expect(one.get_by_role("button", name="Run")).to_be_enabled()
    for _ in range(50):  # the browser tells of it a little later
        if not reader.page.workers:
            break
        reader.page.wait_for_timeout(100)
    assert reader.page.workers == []
    assert one.locator(".outcome").inner_html() == ""


def test_a_knob_out_of_range_is_named(reader, site):
    reader.open(site / LEARNING_RATE, "#run-floor?scale=smoke")
    one = experiment(reader.page, "floor")
    for knob, value, error in [
        ("Steps", "-3", "Floor.Steps is -3: it must be at least 1"),
        ("Steps", "many", 'Floor.Steps is "many": it must be a whole number'),
        ("Rates", "0.1", "Floor.Rates has 1 value: give at least 2"),
        ("Seeds", "1, 1", "Floor.Seeds has 1 twice: give each value once"),
    ]:
        one.get_by_label("Scale").select_option("default")
        one.get_by_label("Scale").select_option("smoke")
        one.locator(".more").evaluate("more => more.open = false")
        field = one.locator(f"[data-knob='{knob}']")
        field.evaluate("(field, value) => { field.value = value; field.dispatchEvent(new Event('change')); }", value)
        run(one)
        ended(one, error)
        assert field.get_attribute("aria-invalid") == "true"
        assert field.is_visible()
        assert field.evaluate("field => field === document.activeElement")
    assert reader.wrong == []


def test_a_link_opens_an_experiment_with_its_knobs(reader, site):
    reader.open(site / LEARNING_RATE)
    one = experiment(reader.page, "floor")
    one.locator("summary").first.click()
    one.get_by_label("Scale").select_option("smoke")
    one.get_by_label("Rates").fill("0.01, 0.1")
    one.get_by_label("Rates").press("Tab")
    link = reader.page.url
    assert link.endswith("#run-floor?Rates=0.01%2C+0.1&scale=smoke")

    reader.page.goto("about:blank")
    reader.page.goto(link)
    assert one.get_by_label("Rates").input_value() == "0.01, 0.1"
    assert one.get_by_label("Seeds").input_value() == "1, 2", "as the scale has it"
    assert one.get_by_role("button", name="Run").is_visible()
    assert not experiment(reader.page, "grid").get_by_role("button", name="Run").is_visible()


def test_the_index_judges_the_claims_beside_the_record(reader, site):
    reader.open(site / "index.html")
    # Two quick lessons stand for all.
    kept = reader.page.evaluate("""() => {
      for (const body of document.querySelectorAll('tbody[data-lesson]')) {
        if (!['params', 'byhand'].includes(body.dataset.lesson)) body.remove();
      }
      return document.querySelectorAll('tr[data-claim]').length;
    }""")
    assert reader.page.get_by_role("columnheader", name="Here").count() == 0
    reader.page.get_by_role("button", name="Judge all claims here").click()
    reader.page.get_by_text(re.compile(rf"^{kept} verdicts in \d+ s$")).wait_for(timeout=A_RUN)
    verdicts = reader.page.locator("td.here").all_inner_texts()
    assert [text.split()[-1] for text in verdicts] == ["supported"] * kept
    assert reader.page.get_by_role("columnheader", name="Here").is_visible()
    assert reader.wrong == []


def test_after_a_visit_the_site_works_offline(browser, server):
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    root = f"http://127.0.0.1:{server.server_address[1]}/below/a/path/"
    page.goto(root + "index.html")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto(root + "notebooks/05-counting-parameters.html#run-layers")
    one = experiment(page, "layers")
    run(one)
    ended(one)
    page.wait_for_function(
        "async () => (await (await caches.open((await caches.keys())[0])).keys()).some(r => r.url.endsWith('.gz'))"
    )
    server.shutdown()
    server.server_close()

    page.goto(root + LEARNING_RATE + "#run-surface?scale=smoke")
    one = experiment(page, "surface")
    run(one)
    ended(one)
    assert one.locator(".live-chart svg").count() > 0
    page.goto(root + "index.html")
    assert page.get_by_role("heading", level=1).is_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_run_fits_a_small_phone(browser, site, scheme):
    context, reader = visitor(browser, site, viewport={"width": 360, "height": 740}, color_scheme=scheme)
    reader.open(site / LEARNING_RATE, "#run-quadratic?scale=smoke&Steps=5")
    one = experiment(reader.page, "quadratic")
    run(one)
    ended(one)
    facts = reader.page.evaluate("""() => ({
      width: document.documentElement.scrollWidth,
      charts: [...document.querySelectorAll('.live-chart svg')].map(svg => svg.getBoundingClientRect().width),
    })""")
    assert facts["width"] <= 360
    assert facts["charts"] and max(facts["charts"]) <= 340
    contrast, text = reader.page.evaluate(CONTRAST)
    assert contrast >= 4.5, f"{text!r} has a contrast of {contrast:.2f}"
    assert reader.wrong == []
    context.close()


def test_the_form_is_named_and_works_by_keyboard(reader, site):
    reader.open(site / LEARNING_RATE)
    nameless = reader.page.evaluate("""() => [...document.querySelectorAll('.experiment :is(input, select)')]
      .filter(input => !input.labels.length || !input.labels[0].textContent.trim()).map(input => input.outerHTML)""")
    assert nameless == []
    one = experiment(reader.page, "surface")
    one.locator("summary").first.focus()
    reader.page.keyboard.press("Enter")
    order = []
    for _ in range(4):
        reader.page.keyboard.press("Tab")
        order.append(reader.page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert order[:2] == ["surface-scale", "surface-Rates"] and order[-1] in ("start", "more"), order
    one.get_by_role("button", name="Run").focus()
    reader.page.keyboard.press("Enter")
    ended(one)


def test_pages_forbid_what_they_do_not_need(site):
    for path in site.rglob("*.html"):
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', Path(path).read_text()).group(1)
        scripts = dict(part.strip().split(" ", 1) for part in policy.split(";"))["script-src"]
        assert scripts == "'self' 'wasm-unsafe-eval'", path
        assert "default-src 'none'" in policy


def test_evidence_arrives_before_the_verdict(reader, site):
    reader.open(site / LEARNING_RATE, "#run-vanishing?scale=smoke&Depths=2,4&Steps=2&Seeds=1,2,3")
    one = experiment(reader.page, "vanishing")
    reader.page.evaluate("""() => {
      window.seen = [];
      const outcome = document.querySelector('#run-vanishing .outcome');
      new MutationObserver(() => {
        const said = outcome.querySelector('strong')?.textContent;
        const judged = outcome.querySelectorAll('.evident-badge').length > 0;
        if (said && seen.at(-1)?.[0] !== said) seen.push([said, judged]);
      }).observe(outcome, { childList: true });
    }""")
    one.get_by_label("Show the evidence seed by seed").check()
    run(one)
    ended(one)
    assert reader.page.evaluate("seen") == [
        ["After 1 of 3 seeds.", False],
        ["After 2 of 3 seeds.", False],
        ["q1b.3", True],
    ]
    assert one.locator(".intervals .live-chart svg").count() == 2, "one for each part of the claim"
    assert reader.wrong == []


def test_a_keras_model_is_counted(reader, site):
    reader.open(site / "count.html")
    chosen = reader.page.get_by_label("Drop a file here")
    cases = CHECKOUT / "kit/keras/testdata/cases"
    reader.page.set_viewport_size({"width": 360, "height": 740})
    chosen.set_input_files(cases / "shared.config.json")
    reader.page.get_by_text("Total params").wait_for(timeout=A_RUN)
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert reader.page.locator(".outcome figure img").count() == 1
    chosen.set_input_files(CHECKOUT / "go.mod")
    reader.page.locator(".failed").get_by_text("go.mod: ").wait_for(timeout=A_RUN)
    assert reader.page.locator(".outcome").inner_html() == ""
    assert reader.wrong == []
