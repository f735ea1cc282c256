"""Executes notebooks on the kernel `evident`, one after the other, and converts each to HTML.

Standard input has one path a line, in JSON. NAME.ipynb and NAME.html go into the folder that is the argument. Standard
output has one event a line, in JSON: the cell that begins, what it says about its progress, and the end.
What cannot be executed ends the process.
"""

import json
import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

# What kernels and libraries print must not come between the events.
EVENTS = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)


def tell(**event) -> None:
    EVENTS.write(json.dumps(event) + "\n")


class Client(NotebookClient):
    def process_message(self, msg, cell, cell_index):
        content = msg["content"]
        # Package show names the output of its progress bar so.
        if content.get("transient", {}).get("display_id", "").startswith("evident-progress-"):
            tell(progress=content["data"].get("text/plain", ""))
        return super().process_message(msg, cell, cell_index)


def execute(path: Path, folder: Path, exporter: HTMLExporter) -> None:
    """Runs all cells. One that fails shows in its outputs. Nothing is recorded that varies from run to run, such as times."""
    notebook = nbformat.read(path, as_version=4)
    Client(
        notebook,
        kernel_name="evident",
        resources={"metadata": {"path": str(path.parent)}},
        allow_errors=True,
        record_timing=False,
        coalesce_streams=True,
        on_cell_start=lambda cell, cell_index: tell(cell=cell_index),
    ).execute()
    executed = folder / path.name
    nbformat.write(notebook, executed)
    page, _ = exporter.from_filename(str(executed))
    executed.with_suffix(".html").write_text(page)


def main() -> None:
    folder, exporter = Path(sys.argv[1]), HTMLExporter()
    for line in sys.stdin:
        execute(Path(json.loads(line)), folder, exporter)
        tell(done=True)


if __name__ == "__main__":
    main()
