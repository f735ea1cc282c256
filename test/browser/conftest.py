"""A real JupyterLab on copies of the notebooks, and a page of headless Chromium that shows it."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from notebook_page import Notebook
from ports import free_port

CHECKOUT = Path(__file__).resolve().parents[2]
TOKEN = "evident"


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """The address of a JupyterLab that leaves the checkout and the home alone, and the folder it serves."""
    place = tmp_path_factory.mktemp("lab")
    root = place / "notebooks"
    root.mkdir()
    settings = place / "config/lab/user-settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    # Cells out of sight would otherwise not be in the page.
    settings.write_text('{"windowingMode": "none"}')

    address = f"http://127.0.0.1:{(port := free_port())}"
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": f"{place}/config",
        "JUPYTER_DATA_DIR": f"{place}/data",
        "IPYTHONDIR": f"{place}/ipython",
        # Models go to a cache of the test's own; what Go has built is used.
        "XDG_CACHE_HOME": f"{place}/cache",
        "GOCACHE": subprocess.check_output(["go", "env", "GOCACHE"], text=True).strip(),
    }
    options = [
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={root}",
        f"--IdentityProvider.token={TOKEN}",
        "--LabApp.expose_app_in_browser=True",
    ]
    with (place / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options], cwd=place, env=environment, stdout=log, stderr=log
        )
    try:
        wait_for(f"{address}/api?token={TOKEN}", server, place / "log")
        yield address, root
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="module")
def notebook(request, browser, lab):
    """The notebook that the test's parameter names, opened without its committed outputs."""
    address, root = lab
    source = CHECKOUT / request.param
    if not source.exists():
        pytest.skip(f"{request.param} does not exist")
    (root / source.name).write_text(json.dumps(without_outputs(json.loads(source.read_text()))))
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    opened = Notebook(page, f"{address}/lab/workspaces/{source.stem}/tree/{source.name}?token={TOKEN}", source.stem)
    yield opened
    opened.shut_down()
    page.close()


@pytest.fixture(autouse=True)
def shots(request, notebook):
    """After each test a picture of the notebook, in the folder EVIDENT_SHOTS when that is set."""
    yield
    if folder := os.environ.get("EVIDENT_SHOTS"):
        notebook.screenshot(Path(folder) / f"{notebook.name}-{request.node.originalname}.png")


def without_outputs(notebook: dict) -> dict:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    return notebook


def wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.25)
    pytest.fail(f"JupyterLab does not start:\n{log.read_text()}")
