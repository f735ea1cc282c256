"""JupyterLab as `make lab` starts it, asked by strangers: it listens on this machine alone, and answers who has the token."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from ports import free_port

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """What the server that `make lab` started writes about itself."""
    with started(tmp_path_factory.mktemp("lab")) as about:
        yield about


@pytest.fixture(scope="module")
def contained(tmp_path_factory):
    """The same as the container starts it, which listens to all that is outside."""
    with started(tmp_path_factory.mktemp("container"), "IP=0.0.0.0") as about:
        yield about


@contextlib.contextmanager
def started(place: Path, *options: str):
    settings = place / "config"
    settings.mkdir()
    (settings / "jupyter_server_config.json").write_text(
        json.dumps({"ServerApp": {"open_browser": False, "port_retries": 0}, "ExtensionApp": {"open_browser": False}})
    )
    # What is set up is taken for new: other tests are about that.
    command = ["make", "-o", ".venv/kernel", "lab", f"PORT={free_port()}", *options]
    command += [f"JUPYTER_CONFIG_DIR={settings}", f"JUPYTER_DATA_DIR={place}/data", f"IPYTHONDIR={place}/ipython"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "MAKE"))}
    with (place / "log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=CHECKOUT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield described(place, server)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def described(place: Path, server: subprocess.Popen) -> dict:
    for _ in range(480):
        for file in place.glob("data/runtime/jpserver-*.json"):
            with contextlib.suppress(OSError, ValueError):
                about = json.loads(file.read_text())
                if status(about, f"/api/status?token={about['token']}") == 200:
                    return about
        if server.poll() is not None:
            break
        time.sleep(0.25)
    pytest.fail(f"make lab does not start:\n{(place / 'log').read_text()}")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def status(about: dict, path: str, method: str = "GET", **headers: str) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{about['port']}{path}", method=method, headers=headers)
    if method != "GET":
        request.data = b"{}"
    try:
        with urllib.request.build_opener(NoRedirect).open(request, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


ASKED = [
    ("GET", "/api/contents"),
    ("GET", "/api/kernels"),
    ("GET", "/api/terminals"),
    ("POST", "/api/kernels"),
    ("POST", "/api/terminals"),
    ("PUT", "/api/contents/x.ipynb"),
    ("DELETE", "/api/contents/01-learning-rate.ipynb"),
    ("GET", "/files/01-learning-rate.ipynb"),
]


@pytest.mark.parametrize("where", ["lab", "contained"])
@pytest.mark.parametrize(("method", "path"), ASKED)
def test_without_the_token_nothing_is_told_or_done(where, method, path, request):
    about = request.getfixturevalue(where)
    for attempt in ({}, {"Authorization": "token "}, {"Authorization": "token wrong"}, {"Cookie": "username-127-0-0-1=x"}):
        refused = status(about, path, method, **attempt)
        # A page sends who has no token to the log-in; the programs' interface refuses.
        assert refused == 403 or (path.startswith("/files") and refused == 302), attempt
    assert status(about, f"{path}?token=", method) in (302, 403)


@pytest.mark.parametrize("where", ["lab", "contained"])
def test_with_the_token_it_answers(where, request):
    about = request.getfixturevalue(where)
    assert len(about["token"]) >= 32 and not about["password"]
    assert status(about, "/api/contents", Authorization=f"token {about['token']}") == 200


def test_every_start_has_a_token_of_its_own(lab, contained):
    assert lab["token"] != contained["token"]


def test_it_listens_on_this_machine_alone(lab):
    assert lab["hostname"] == "127.0.0.1"
    for address in outside():
        with pytest.raises(OSError):
            socket.create_connection((address, lab["port"]), timeout=2).close()


def test_a_page_that_pretends_to_be_this_machine_is_refused(lab):
    """DNS rebinding: the browser asks 127.0.0.1 for a host of the attacker's."""
    assert status(lab, "/api/contents", Authorization=f"token {lab['token']}", Host="evil.example") == 403


def outside() -> list[str]:
    """The machine's address in its network, where it has one; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked, contextlib.suppress(OSError):
        asked.connect(("192.0.2.1", 9))
        return [asked.getsockname()[0]]
    return []
