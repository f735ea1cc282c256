"""Somebody who reads the site."""

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

CHECKOUT = Path(__file__).resolve().parents[2]

# The lowest contrast of a text with what is behind it, as WCAG 2 counts it, and the text. Charts are not looked at:
# their text lies on drawings, and in the dark they are inverted.
CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const parse = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = rgb => rgb.slice(0, 3)
    .map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  let worst = [21, ''];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest('svg')) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < worst[0]) worst = [contrast, walker.currentNode.data.trim()];
  }
  return worst;
}"""


class Reader:
    """Somebody who reads the pages of the folder, and notes what goes wrong."""

    def __init__(self, context, folder: Path):
        self.folder = folder
        self.wrong: list[str] = []
        self.page = context.new_page()
        self.page.on(
            "console", lambda message: self.note("console", message.text, message.type in ("error", "warning"))
        )
        self.page.on("pageerror", lambda error: self.note("error", str(error)))
        # The icon of a page may still be on its way when the next page is opened; a file that is not there fails otherwise.
        self.page.on(
            "requestfailed", lambda request: self.note("failed", request.url, request.failure != "net::ERR_ABORTED")
        )
        self.page.on(
            "request", lambda request: self.note("left the folder", request.url, not self.is_inside(request.url))
        )

    def note(self, what: str, about: str, wrong: bool = True) -> None:
        if wrong:
            self.wrong.append(f"{self.page.url}: {what}: {about}")

    def is_inside(self, url: str) -> bool:
        return url.startswith("blob:") or path_of(url).is_relative_to(self.folder)

    def open(self, path: Path, place: str = "") -> None:
        self.page.goto(path.as_uri() + place)


def path_of(url: str) -> Path:
    parts = urlsplit(url)
    return Path(url2pathname(parts.path)) if parts.scheme == "file" else Path("/nowhere")


A_RUN = 90_000  # milliseconds that a run may take on a busy machine


def visitor(browser, site, **context):
    """A reader without a network, who wants no motion."""
    context = browser.new_context(offline=True, **{"reduced_motion": "reduce"} | context)
    return context, Reader(context, site)


def experiment(page, name: str):
    return page.locator(f"#run-{name}")


def run(one) -> None:
    one.get_by_role("button", name="Run").click()


def ended(one, text: str = "done") -> None:
    one.get_by_role("status").and_(one.get_by_text(text, exact=True)).first.wait_for(timeout=A_RUN)
