"""The site as a reader has it: pages in a folder, no network, a phone, the dark, a keyboard."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from reading import CHECKOUT, CONTRAST, Reader, path_of

PHONE = {"width": 360, "height": 780}

# What a page tells of itself, once its pictures are there.
FACTS = """async () => {
  const images = [...document.images];
  for (const image of images) image.loading = 'eager';
  await Promise.all(images.map(image => image.decode().catch(() => {})));
  return {
    width: document.documentElement.scrollWidth,
    window: window.innerWidth,
    ids: [...document.querySelectorAll('[id]')].map(e => e.id),
    links: [...document.links].map(a => a.href),
    silent: images.filter(i => !i.alt.trim()).map(i => i.src),
    broken: images.filter(i => !i.naturalWidth).map(i => i.src),
    math: [...document.querySelectorAll('math')].map(e => e.getBoundingClientRect().height),
  };
}"""


@pytest.fixture(params=["light", "dark"])
def phone(request, browser, site):
    context = browser.new_context(viewport=PHONE, color_scheme=request.param, offline=True)
    yield Reader(context, site)
    context.close()


@pytest.fixture
def desk(browser, site):
    context = browser.new_context(viewport={"width": 1400, "height": 900}, offline=True)
    yield Reader(context, site)
    context.close()


def pages(site: Path) -> list[Path]:
    found = sorted(site.rglob("*.html"))
    notebooks = [path.stem for path in sorted((CHECKOUT / "notebooks").glob("*.ipynb"))]
    assert notebooks == [path.stem for path in found if path.parent == site / "notebooks"]
    return found


def test_every_page_reads_well_on_a_phone_without_a_network(phone, site):
    facts = {}
    for path in pages(site):
        phone.open(path)
        facts[path] = phone.page.evaluate(FACTS)
        contrast, text = phone.page.evaluate(CONTRAST)
        assert contrast >= 4.5, f"{path.name}: {text!r} has a contrast of {contrast:.2f}"

    assert phone.wrong == []
    for path, page in facts.items():
        assert page["width"] <= page["window"] == PHONE["width"], f"{path.name} scrolls sideways"
        assert page["silent"] == [] == page["broken"], path.name
        assert all(height > 0 for height in page["math"]), path.name
        for link in page["links"]:
            assert is_good(link, facts), f"{path.name} leads to {link}"


def is_good(link: str, facts: dict) -> bool:
    """Whether a link leads to a page and to a place on it. Those to other sites are the reader's to follow."""
    parts = urlsplit(link)
    if parts.scheme == "https":
        return True
    if path_of(link).suffix == ".txt":
        return path_of(link).is_file()
    page = facts.get(path_of(link))
    return page is not None and (not parts.fragment or unquote(parts.fragment) in page["ids"])


def test_every_page_fits_a_desk(desk, site):
    for path in pages(site):
        desk.open(path)
        page = desk.page.evaluate(FACTS)
        assert page["width"] <= page["window"], f"{path.name} scrolls sideways"
    assert desk.wrong == []


def test_the_index_shows_the_verdicts_that_are_asked_for(desk, site):
    desk.open(site / "index.html")
    rows = desk.page.locator("tr[data-verdict]")
    everything = rows.count()
    shown = {}
    offered = desk.page.locator("input[name=verdict]").evaluate_all("all => all.map(input => input.id.replace('show-', ''))")
    assert {"all", "supported", "refuted", "mixed", "unmeasured"} <= set(offered)
    for verdict in offered[1:]:
        desk.page.locator(f"#show-{verdict}").check()
        seen = rows.locator("visible=true").evaluate_all("all => all.map(row => row.dataset.verdict)")
        assert set(seen) == {verdict}
        shown[verdict] = len(seen)
    desk.page.locator("#show-all").check()
    assert rows.locator("visible=true").count() == everything == sum(shown.values())


def test_a_claim_leads_to_its_card_and_a_name_to_its_package(desk, site):
    desk.open(site / "index.html")
    desk.page.get_by_role("link", name="q7a.0", exact=True).click()
    card = desk.page.locator("[data-claim='q7a.0']:target")
    assert card.is_visible()
    desk.page.get_by_role("link", name="DefaultTrial", exact=True).first.click()
    assert desk.page.locator("#DefaultTrial:target").inner_text() == "func DefaultTrial"
    assert desk.wrong == []


def test_a_screen_reader_finds_its_way(phone, site):
    phone.open(site / "index.html")
    phone.page.keyboard.press("Tab")
    assert phone.page.evaluate("document.activeElement.textContent") == "Skip to the content"
    for role in ["banner", "navigation", "main", "contentinfo"]:
        assert phone.page.get_by_role(role).count() == 1, role
    # On a phone the table is drawn as cards, and stays a table to who hears it.
    table = phone.page.get_by_role("table", name="All claims of all lessons")
    claims = phone.page.locator("tr[data-verdict]").count()
    lessons = len(list((CHECKOUT / "notebooks").glob("*.ipynb"))) - 1  # the tutorial has no claims
    assert table.get_by_role("columnheader").count() == 6
    assert table.get_by_role("rowheader").count() == claims + lessons
    assert table.get_by_role("cell").count() == 5 * claims
