"""What readers have set in their system or need: less motion, paper, a page that stays in its place."""

import pytest
from reading import A_RUN, ended, experiment, run, visitor

RATES = "notebooks/01-learning-rate.html"

# Sums the shifts of the layout that no input of the reader explains, as web.dev counts them; 0.1 is good.
SHIFTS = """
window.shifted = [];
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) {
    if (!entry.hadRecentInput) shifted.push([entry.value, entry.sources.map(s => s.node?.nodeName + '.' + s.node?.className).join(' ')]);
  }
}).observe({ type: 'layout-shift', buffered: true });
"""

GOOD = 0.1


def shifts(page) -> tuple[float, list]:
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 300)))")
    entries = page.evaluate("shifted")
    return sum(value for value, _ in entries), entries


@pytest.fixture(params=[360, 1280])
def steady(request, browser, site):
    """A reader who notes what moves."""
    context, reader = visitor(browser, site, viewport={"width": request.param, "height": 800})
    reader.page.add_init_script(SHIFTS)
    yield reader
    context.close()


@pytest.mark.parametrize("path", ["index.html", RATES, "exercises.html", "count.html", "notebooks/08-text-cnn.html#run-maps"])
def test_a_page_stays_in_its_place_while_it_loads(steady, site, path):
    file, _, place = path.partition("#")
    steady.open(site / file, f"#{place}" if place else "")
    moved, entries = shifts(steady.page)
    assert moved < GOOD, entries


@pytest.mark.parametrize("knobs", ["#run-floor?scale=smoke", "#run-vanishing?scale=smoke&Depths=2,4&Steps=2&Seeds=1,2,3,4"])
def test_a_page_stays_in_its_place_while_it_runs(steady, site, knobs):
    steady.open(site / RATES, knobs)
    one = experiment(steady.page, knobs.partition("?")[0].removeprefix("#run-"))
    one.get_by_label("Show the evidence seed by seed").check()
    run(one)
    ended(one)
    moved, entries = shifts(steady.page)
    assert moved < GOOD, entries


def test_exercises_stay_in_their_place(steady, site):
    steady.open(site / "exercises.html", "#params?seed=3")
    lesson = steady.page.locator("details#params")
    ended(lesson)
    steady.page.locator("[id='params.conv1']").get_by_role("button").click()
    steady.page.locator(".judged .evident-answer").wait_for(timeout=A_RUN)
    moved, entries = shifts(steady.page)
    assert moved < GOOD, entries


@pytest.mark.parametrize("path", ["index.html", RATES, "exercises.html", "count.html"])
def test_nothing_moves_for_who_wants_less_motion(reader, site, path):
    reader.open(site / path)
    page = reader.page
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    moving = page.evaluate("""() => [...document.querySelectorAll('*')].filter(e => {
      const style = getComputedStyle(e);
      return style.animationName !== 'none' || style.transitionDuration.split(', ').some(d => d !== '0s');
    }).map(e => e.outerHTML)""")
    assert moving == []
    assert page.evaluate("document.getAnimations({ subtree: true }).length") == 0


def test_the_bar_of_a_run_stands_still_for_who_wants_less_motion(reader, site):
    reader.open(site / RATES, "#run-floor")
    bar = experiment(reader.page, "floor").locator("progress")
    bar.evaluate("bar => { bar.hidden = false; }")
    first = bar.screenshot()
    for _ in range(3):
        reader.page.wait_for_timeout(150)
        assert bar.screenshot() == first


def test_paper_has_results_and_no_controls(reader, site):
    page = reader.page
    reader.open(site / RATES, "#run-floor?scale=smoke")
    run(experiment(page, "floor"))
    ended(experiment(page, "floor"))
    page.emulate_media(media="print")
    assert page.locator(":is(button, input, select, progress, form):visible").count() == 0
    assert page.locator("#run-floor .outcome .evident-verdict").first.is_visible()
    assert page.locator("#run-floor .live-chart svg").first.is_visible()
    assert not page.locator("#run-grid").is_visible(), "what did not run leaves no trace"

    page.emulate_media(media="screen")
    reader.open(site / "exercises.html", "#params?seed=3")
    ended(page.locator("details#params"))
    one = page.locator("[id='params.conv1']")
    one.get_by_role("button").click()
    one.locator(".evident-answer").wait_for(timeout=A_RUN)
    page.emulate_media(media="print")
    assert page.locator(":is(button, input, select, progress, form):visible").count() == 0
    assert one.locator(".evident-answer").is_visible()
    assert one.get_by_role("heading").is_visible()
    assert not page.locator("#convdims").is_visible()

    for path in ["index.html", "count.html"]:
        reader.open(site / path)
        assert page.locator(":is(button, input, select, progress, form):visible").count() == 0, path
