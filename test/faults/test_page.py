"""docs/notebooks.md: all its cells run, in their order, and print what the page says."""

import re

from processes import CHECKOUT

# What each block of Go prints, at least; the last of a training are numbers of their own.
PRINTED = [
    r"^0\.25\n$",
    r"^training\ntrained\n$",
    r"removed var net",
    r"^0\.0000\n$",
    r"^\[\[[01]",
    r"^$",
    r"^$",
    r"",
    r"^below\n$",
]


def test_the_cells_of_the_page_run(kernels, place, monkeypatch):
    cells = re.findall(r"^```go\n(.*?)^```$", (CHECKOUT / "docs/notebooks.md").read_text(), re.MULTILINE | re.DOTALL)
    assert len(cells) == len(PRINTED)
    monkeypatch.chdir(place)
    kernel = kernels()
    for code, printed in zip(cells, PRINTED):
        status, text = kernel.run(code)
        assert status == "ok", f"{code}\n{text}"
        assert re.search(printed, text), f"{code}\n{text}"
    assert (place / "points").is_dir()
