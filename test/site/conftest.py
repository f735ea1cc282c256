"""The site, built once for all tests that read it, and those who read it."""

import subprocess
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from ports import free_port
from reading import CHECKOUT, visitor


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    place = tmp_path_factory.mktemp("site") / "a folder"
    command = ["go", "run", "-buildvcs=false", "./cmd/evident", "site", "--out", str(place)]
    done = subprocess.run(command, check=False, cwd=CHECKOUT, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(place / "index.html")
    return place


@pytest.fixture
def reader(browser, site):
    context, reader = visitor(browser, site)
    yield reader
    context.close()


@pytest.fixture
def server(site):
    """The site below a path of a web server, which the test can stop."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def translate_path(self, path):
            return super().translate_path(path.removeprefix("/below/a/path"))

    server = ThreadingHTTPServer(("127.0.0.1", free_port()), partial(Quiet, directory=site))
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.server_close()
