"""Trainings that the reader steers in the browser, while they run."""

import re

import pytest
from playwright.sync_api import expect
from reading import CONTRAST, Reader

LEARNING_RATE = "notebooks/01-learning-rate.html"

# The lessons with a training, and how many charts it has.
TRAININGS = {
    "01-learning-rate": 2,
    "02-saddle-points": 2,
    "03-mini-batches": 3,
    "07-image-classifier": 2,
    "10-inception": 2,
}

A_RUN = 90_000  # milliseconds that something may take on a busy machine


class Trainer:
    """The training of a page, and who steers it."""

    def __init__(self, browser, site, path, reduced_motion="no-preference", **context):
        self.context = browser.new_context(offline=True, reduced_motion=reduced_motion, **context)
        self.reader = Reader(self.context, site)
        self.page = self.reader.page
        self.reader.open(site / path, "#train-here")
        self.one = self.page.locator(".training")

    def press(self, name: str) -> None:
        self.one.get_by_role("button", name=name).click()

    def step(self) -> int:
        return int(self.one.get_attribute("data-step") or 0)

    def loss(self) -> float:
        return float(re.search(r"loss ([\d.e−+]+)", self.one.locator(".now").inner_text()).group(1).replace("−", "-"))

    def reaches(self, step: int) -> None:
        self.page.wait_for_function(
            "step => Number(document.querySelector('.training').dataset.step) >= step", arg=step, timeout=A_RUN
        )

    def says(self, text: str) -> None:
        self.one.get_by_role("status").and_(self.one.get_by_text(text)).wait_for(timeout=A_RUN)

    def curve(self) -> str:
        """The line of the last chart."""
        return self.one.locator(".moving").last.locator("svg .mark-line path").first.get_attribute("d")


@pytest.fixture
def trainer(browser, site):
    opened = []

    def open_one(*args, **options):
        opened.append(Trainer(browser, site, *args, **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.context.close()


@pytest.mark.parametrize("lesson", TRAININGS)
def test_a_training_starts_and_goes_on(trainer, lesson):
    one = trainer(f"notebooks/{lesson}.html")
    one.press("Start")
    one.reaches(1)
    one.reaches(one.step() + 2)
    expect(one.one.locator(".moving svg")).to_have_count(TRAININGS[lesson], timeout=A_RUN)
    answers = one.one.locator(".answers li")
    assert answers.count() == (10 if lesson[:2] in ("07", "10") else 0)
    for text in answers.all_inner_texts():
        assert re.fullmatch(r"[✓✗] \w+ \d+\s%", text)
    assert one.reader.wrong == []


def test_a_moved_rate_changes_the_curve(trainer):
    one = trainer(LEARNING_RATE)
    one.press("Start")
    one.reaches(6)
    one.press("Pause")
    one.says("paused")
    before, loss, step = one.curve(), one.loss(), one.step()
    assert loss < 11.44, "at a low rate it falls"

    rate = one.one.get_by_label("Rate")
    rate.focus()
    rate.press("End")
    assert rate.get_attribute("aria-valuetext") == "0.15"
    one.press("Continue")
    one.reaches(step + 8)
    one.press("Pause")
    one.says("paused")
    assert one.loss() > 10 * loss, "above 2/λ it grows"
    assert one.curve() != before

    milliseconds = one.page.evaluate("""() => {
      const before = performance.now();
      document.querySelector('.training .stop').click();
      return performance.now() - before;
    }""")
    assert milliseconds < 200
    one.says("stopped")
    for _ in range(50):  # the browser tells of it a little later
        if not one.page.workers:
            break
        one.page.wait_for_timeout(100)
    assert one.page.workers == []
    one.press("Start")
    one.page.wait_for_function("() => Number(document.querySelector('.training').dataset.step) < 5", timeout=A_RUN)
    assert one.reader.wrong == []


def test_a_training_that_diverged_says_so_and_can_be_reset(trainer):
    one = trainer(LEARNING_RATE)
    one.one.get_by_label("Surface").select_option("bent valley")
    one.one.get_by_label("Rate").press("End")
    one.one.get_by_label("Pace").press("End")
    one.press("Start")
    one.says("The loss is no longer a number")
    expect(one.one.locator(".start")).to_be_disabled()
    one.one.get_by_label("Rate").press("Home")
    one.press("Reset")
    one.says("paused")
    assert one.loss() < 25
    one.press("Continue")
    one.reaches(one.step() + 1)
    assert one.reader.wrong == []


def test_who_wants_no_motion_steps_by_keyboard(trainer):
    one = trainer(LEARNING_RATE, reduced_motion="reduce")
    assert not one.one.locator(".start").is_visible()
    for step in (1, 2):
        one.one.get_by_role("button", name="Step").press("Enter")
        one.reaches(step)
        one.page.wait_for_timeout(500)
        assert one.step() == step, "it does not run by itself"


def test_a_screen_reader_hears_of_it_once_a_second(trainer):
    one = trainer(LEARNING_RATE)
    nameless = one.page.evaluate("""() => [...document.querySelectorAll('.training :is(input, select)')]
      .filter(input => !input.labels.length || !input.labels[0].textContent.trim()).map(input => input.outerHTML)""")
    assert nameless == []
    one.press("Start")
    one.reaches(2)
    heard, seconds = one.page.evaluate("""async () => {
      let heard = 0;
      const began = performance.now();
      new MutationObserver(() => { heard += 1; }).observe(document.querySelector('.spoken'), { childList: true });
      await new Promise(resolve => setTimeout(resolve, 3000));
      return [heard, (performance.now() - began) / 1000];
    }""")
    assert 1 <= heard <= seconds + 1
    assert "The path of the descent" in one.one.locator(".moving").first.get_attribute("aria-label")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_training_fits_a_small_phone(trainer, scheme):
    one = trainer("notebooks/10-inception.html", viewport={"width": 360, "height": 740}, color_scheme=scheme)
    one.press("Step")
    one.reaches(1)
    expect(one.one.locator(".moving svg")).to_have_count(2, timeout=A_RUN)
    facts = one.page.evaluate("""() => ({
      width: document.documentElement.scrollWidth,
      charts: [...document.querySelectorAll('.moving svg')].map(svg => svg.getBoundingClientRect().width),
    })""")
    assert facts["width"] <= 360
    assert max(facts["charts"]) <= 340
    contrast, text = one.page.evaluate(CONTRAST)
    assert contrast >= 4.5, f"{text!r} has a contrast of {contrast:.2f}"
    assert one.reader.wrong == []
