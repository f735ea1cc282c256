"""A notebook in JupyterLab, as seen and used in a browser."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page

# The cells as JupyterLab holds them. Its application is in the page because of LabApp.expose_app_in_browser.
CELLS = """() => {
  const panel = window.jupyterapp.shell.currentWidget;
  return panel.content.widgets.map(cell => ({
    code: cell.model.type === 'code' && cell.model.sharedModel.source.trim() !== '',
    source: cell.model.sharedModel.source,
    tags: cell.model.getMetadata('tags') ?? [],
    count: cell.model.executionCount ?? null,
    outputs: cell.model.type === 'code' ? cell.model.outputs.toJSON() : [],
  }));
}"""
KERNEL = "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
# Scrolls the notebook to its top and tells its height.
TO_TOP = """() => {
  const outer = document.querySelector('.jp-Notebook .jp-WindowedPanel-outer');
  outer.scrollTop = 0;
  return outer.scrollHeight;
}"""


class Notebook:
    def __init__(self, page: Page, url: str, name: str, card: str = ""):
        """Opens a notebook, or JupyterLab's launcher, whose card makes one."""
        self.page = page
        self.name = name
        self.strangers: list[str] = []  # requests that left the machine
        self.started: dict[int, int | None] = {}  # cells, and their counts before they were started last
        page.on("request", lambda request: self.note_stranger(request.url))
        page.goto(url)
        if card:
            page.locator(".jp-LauncherCard").get_by_text(card, exact=True).click(timeout=60_000)
        page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
        # Until its first cell runs, GoNB leaves JupyterLab without word whether it is idle or busy.
        page.wait_for_function(f"() => {KERNEL}?.connectionStatus === 'connected'", timeout=60_000)

    def note_stranger(self, url: str) -> None:
        if urlsplit(url).hostname not in (None, "127.0.0.1"):  # data: and blob: have no host
            self.strangers.append(url)

    def menu(self, menu: str, entry: str) -> None:
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.locator(".lm-Menu").get_by_text(entry, exact=True).click()

    def cells(self) -> list[dict]:
        return self.page.evaluate(CELLS)

    def tagged(self, tag: str) -> int:
        found = [i for i, cell in enumerate(self.cells()) if tag in cell["tags"]]
        assert len(found) == 1, f"one cell has the tag {tag!r}: {found}"
        return found[0]

    def run_all(self, seconds: float) -> None:
        self.menu("Run", "Run All Cells")
        self.page.wait_for_function(
            f"() => {{ const all = ({CELLS})().filter(c => c.code);"
            f" return all.every(c => c.count !== null) && {KERNEL}.status === 'idle'; }}",
            timeout=seconds * 1000,
        )

    def run(self, index: int) -> None:
        """Starts a cell, as Ctrl-Enter in it does."""
        self.started[index] = self.cells()[index]["count"]
        self.editor(index).click()
        self.page.keyboard.press("Control+Enter")

    def run_tagged(self, tag: str, seconds: float) -> None:
        """Runs the cell with the tag, and waits for it."""
        cell = self.tagged(tag)
        self.run(cell)
        self.wait_run(cell, seconds=seconds)

    def write(self, index: int, source: str) -> None:
        self.editor(index).click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(source)
        assert self.cells()[index]["source"] == source

    def append(self, source: str) -> int:
        """Adds a cell at the end."""
        last = len(self.cells()) - 1
        self.page.evaluate("i => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = i; }", last)
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:insert-cell-below')")
        self.write(last + 1, source)
        return last + 1

    def output(self, index: int) -> list[dict]:
        return self.cells()[index]["outputs"]

    def wait_until(self, holds: Callable[[], bool], seconds: float) -> None:
        for _ in range(int(seconds * 10)):
            if holds():
                return
            self.page.wait_for_timeout(100)
        raise TimeoutError(f"not within {seconds} s")

    def wait_training(self, index: int, seconds: float) -> None:
        """Waits until the cell shows how far its training is."""
        self.cell(index).locator(".evident-progress progress[value]").wait_for(timeout=seconds * 1000)

    def wait_run(self, index: int, seconds: float) -> None:
        """Waits for a cell that was started, and for the kernel to rest."""
        self.page.wait_for_function(
            f"([i, before]) => ![null, before].includes(({CELLS})()[i].count) && {KERNEL}.status === 'idle'",
            arg=[index, self.started[index]],
            timeout=seconds * 1000,
        )

    def cell(self, index: int):
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def editor(self, index: int):
        return self.cell(index).locator(".jp-InputArea-editor .cm-content")

    def screenshot(self, path: Path) -> None:
        """The whole notebook in one picture: the window grows to its height, for the moment."""
        path.parent.mkdir(parents=True, exist_ok=True)
        usual = self.page.viewport_size
        height = self.page.evaluate(TO_TOP)
        self.page.set_viewport_size({"width": usual["width"], "height": min(height + 120, 16_000)})
        self.page.wait_for_timeout(500)
        self.page.evaluate(TO_TOP)
        self.page.screenshot(path=path)
        self.page.set_viewport_size(usual)

    def shut_down(self) -> None:
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
