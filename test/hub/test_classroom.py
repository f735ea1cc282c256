"""A class on one machine: a real JupyterHub, two students who are real users of the machine, a lesson, and what each may see."""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from ports import free_port

pytest.importorskip("jupyterhub", reason="JupyterHub is not installed: .venv/bin/python -m pip install -r kernel/requirements-hub.txt")
if sys.platform != "linux" or os.geteuid() != 0:
    pytest.skip("the Hub starts each student's server as that student, for which it must be root", allow_module_level=True)
if subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode:
    pytest.skip("this machine lets nobody mount, as a container may: unshare --mount fails", allow_module_level=True)

CHECKOUT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
GROUP = "evident-class"
NAMES = ["evident-ada", "evident-bob"]

# The Hub sees the checkout, Python and Go where students can reach them, also when this machine keeps them in root's home:
# each folder is bound to a place of its own, the closed folders are covered, and the places are bound back.
OPEN_UP = """
place=$1; closed=$2; shift 2
number=0
for folder in $FOLDERS; do
    mkdir -p "$place/$number"
    mount --bind "$folder" "$place/$number"
    number=$((number + 1))
done
for folder in $closed; do
    mount -t tmpfs -o mode=755 tmpfs "$folder"
done
number=0
for folder in $FOLDERS; do
    mkdir -p "$folder"
    mount --bind "$place/$number" "$folder"
    number=$((number + 1))
done
exec "$@"
"""


@dataclass
class Student:
    name: str
    password: str
    home: Path


@dataclass
class LoggedIn:
    """A student in the Hub, with cookies as a browser has them and a token of their own."""

    student: Student
    server: str  # address of the student's Jupyter server
    token: str


@pytest.fixture(scope="module")
def students():
    """Made as docs/classroom.md says."""
    remove_students()
    run("groupadd", GROUP)
    made = [Student(name, secrets.token_urlsafe(12), Path("/home") / name) for name in NAMES]
    try:
        for student in made:
            run("useradd", "--create-home", "--key", "HOME_MODE=0700", "--groups", GROUP, "--home-dir", str(student.home), student.name)
            run("chpasswd", text=f"{student.name}:{student.password}")
        yield made
    finally:
        remove_students()


def remove_students() -> None:
    for name in NAMES:
        subprocess.run(["userdel", "--force", "--remove", name], check=False, capture_output=True)
    subprocess.run(["groupdel", GROUP], check=False, capture_output=True)


@pytest.fixture(scope="module")
def hub(students):
    """The address of a Hub on the configuration for teachers."""
    place = Path(tempfile.mkdtemp(prefix="evident-hub"))
    place.chmod(0o755)
    address, api = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    hub = [
        f"{BIN}/jupyterhub",
        f"--config={CHECKOUT}/deploy/jupyterhub_config.py",
        f"--JupyterHub.bind_url={address}",
        f"--JupyterHub.hub_bind_url=http://127.0.0.1:{free_port()}",
        f"--ConfigurableHTTPProxy.api_url={api}",
        f"--JupyterHub.db_url=sqlite:///{place}/hub.sqlite",
        f"--JupyterHub.cookie_secret_file={place}/cookie",
        f"--ConfigurableHTTPProxy.pid_file={place}/proxy.pid",
        f"--PAMAuthenticator.allowed_groups={GROUP}",
        "--JupyterHub.cleanup_servers=True",
    ]
    server = subprocess.Popen(opened_up(place, hub), cwd=place, env=surroundings())
    try:
        wait_for(f"{address}/hub/login", server)
        yield address
    finally:
        server.terminate()
        server.wait(120)
        shutil.rmtree(place)


def opened_up(place: Path, command: list[str]) -> list[str]:
    closed = {str(ancestor) for folder in shared() for ancestor in Path(folder).parents if not ancestor.stat().st_mode & 0o001}
    outermost = [folder for folder in sorted(closed) if not any(str(parent) in closed for parent in Path(folder).parents)]
    return ["unshare", "--mount", "sh", "-ec", OPEN_UP, "sh", str(place), " ".join(outermost), *command]


def shared() -> list[str]:
    caches = subprocess.check_output(["go", "env", "GOMODCACHE", "GOCACHE"], text=True).split()
    return [*caches, str(CHECKOUT), sys.base_prefix]


def surroundings() -> dict[str, str]:
    modules, cache, *_ = shared()
    return {"PATH": os.environ["PATH"], "HOME": "/tmp", "GOMODCACHE": modules, "GOCACHE": cache, "FOLDERS": " ".join(shared())}


@pytest.fixture(scope="module")
def class_(hub, students):
    return [log_in(hub, student) for student in students]


def test_a_wrong_password_opens_nothing(hub, students):
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    with pytest.raises(HTTPError, match="403"):
        submit_login(browser, hub, students[0].name, "guess")


def test_each_student_runs_a_lesson(class_):
    for student in class_:
        backend = "%%\nfmt.Println(show.Backend().Description())"
        shown = run_cells(student, CHECKOUT / "notebooks/05-counting-parameters.ipynb", "--cell", backend)
        assert "The biases are missing" in shown, "of the answer in the notebook"
        assert "PJRT" in shown, "it runs on XLA"


def test_each_student_has_all_lessons_to_write_in(class_):
    lessons = {notebook.name for notebook in CHECKOUT.glob("notebooks/*.ipynb")}
    for student in class_:
        listed = json.loads(get(f"{student.server}/api/contents/", student.token))["content"]
        assert {file["name"] for file in listed if file["writable"]} == lessons


@pytest.mark.parametrize("owner, other", [(0, 1), (1, 0)], ids=["ada's from bob", "bob's from ada"])
def test_no_student_sees_the_files_of_another(class_, tmp_path, owner, other):
    owner, other = class_[owner], class_[other]
    secret = secrets.token_hex(16)
    body = json.dumps({"type": "file", "format": "text", "content": secret}).encode()
    put(f"{owner.server}/api/contents/answer.txt", owner.token, body)
    assert secret in get(f"{owner.server}/api/contents/answer.txt", owner.token), "the owner sees it through the server"
    place = owner.student.home / "lessons/answer.txt"
    assert secret in run_cells(owner, reader(tmp_path, place)), "and in a cell"

    with pytest.raises(HTTPError, match="403"):
        get(f"{owner.server}/api/contents/answer.txt", other.token)
    shown = run_cells(other, reader(tmp_path, place))
    assert secret not in shown
    assert "permission denied" in shown


def test_a_student_cannot_change_the_lessons_of_all(class_, tmp_path):
    target = CHECKOUT / "kit/report/doc.go"
    code = f'import (\n\t"fmt"\n\t"os"\n)\n%%\n_, err := os.OpenFile({json.dumps(str(target))}, os.O_WRONLY, 0)\nfmt.Println(err)'
    assert "permission denied" in run_cells(class_[0], notebook(tmp_path, code))


def log_in(hub: str, student: Student) -> LoggedIn:
    """Through the Hub's own pages, as a browser does, until the student's server runs."""
    cookies = CookieJar()
    browser = build_opener(HTTPCookieProcessor(cookies))
    submit_login(browser, hub, student.name, student.password)
    user = f"{hub}/hub/api/users/{student.name}"
    headers = {"X-XSRFToken": xsrf(cookies), "Content-Type": "application/json"}
    token = json.loads(browser.open(Request(f"{user}/tokens", b'{"expires_in": 3600}', headers)).read())["token"]
    browser.open(Request(f"{user}/server", b"{}", headers), timeout=300).close()
    for _ in range(1200):
        server = json.loads(get(user, token))["servers"].get("", {})
        if server.get("ready"):
            return LoggedIn(student, f"{hub}/user/{student.name}", token)
        time.sleep(0.25)
    pytest.fail(f"the server of {student.name} does not start: {server}")


def submit_login(browser, hub: str, name: str, password: str) -> None:
    page = browser.open(f"{hub}/hub/login").read().decode()
    home = urlencode({"next": "/hub/home"})
    field = re.search(r'name="_xsrf" value="([^"]+)"', page)
    form = urlencode({"username": name, "password": password, "_xsrf": field[1]}).encode()
    browser.open(f"{hub}/hub/login?{home}", form).close()


def xsrf(cookies: CookieJar) -> str:
    return next(cookie.value for cookie in cookies if cookie.name == "_xsrf" and cookie.path == "/hub/")


def run_cells(student: LoggedIn, place: Path, *options: str) -> str:
    """What the first cells of a notebook show, when they run on the student's server."""
    command = [sys.executable, CHECKOUT / "test/image/run_cells.py", student.server, place, *options]
    environment = os.environ | {"JUPYTER_TOKEN": student.token}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=1200)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def reader(folder: Path, place: Path) -> Path:
    code = f'import (\n\t"fmt"\n\t"os"\n)\n%%\ntext, err := os.ReadFile({json.dumps(str(place))})\nfmt.Println(string(text), err)'
    return notebook(folder, code)


def notebook(folder: Path, code: str) -> Path:
    place = folder / "cell.ipynb"
    place.write_text(json.dumps({"cells": [{"cell_type": "code", "source": code}]}))
    return place


def get(url: str, token: str) -> str:
    with build_opener().open(Request(url, headers={"Authorization": f"token {token}"}), timeout=60) as answer:
        return answer.read().decode()


def put(url: str, token: str, body: bytes) -> None:
    headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
    build_opener().open(Request(url, body, headers, method="PUT"), timeout=60).close()


def run(*command: str, text: str = "") -> None:
    subprocess.run(command, check=True, input=text, text=True, capture_output=True)


def wait_for(url: str, server: subprocess.Popen) -> None:
    for _ in range(1200):
        try:
            build_opener().open(url, timeout=5).close()
            return
        except OSError:
            assert server.poll() is None, "JupyterHub has ended"
            time.sleep(0.25)
    pytest.fail("JupyterHub does not start")
