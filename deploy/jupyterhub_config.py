"""JupyterHub for a class on one Linux machine. Every student is a user of the machine; docs/classroom.md has the commands.

The lessons lie in the checkout, which students read and do not write. Each gets a copy of the notebooks in ~/lessons.
"""

import asyncio
import grp
import os
import pwd
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
BIN = CHECKOUT / ".venv/bin"
STATE = CHECKOUT / ".jupyter/hub"
GO = {name: subprocess.check_output(["go", "env", name], text=True).strip() for name in ("GOROOT", "GOMODCACHE", "GOCACHE")}

# Run as the student, who may have put anything in these places. Go keeps what it builds for one in ~/.cache/go-build; it begins
# with links to what is built for all, so that the first cell takes a second and nobody can change what another's cell runs.
WELCOME = """
umask 077
mkdir -p ~/lessons ~/.cache/go-build
chmod 700 ~/lessons
for notebook in "$1"/notebooks/*.ipynb; do
    mine=~/lessons/${notebook##*/}
    test -e "$mine" || cp "$notebook" "$mine"
done
"$1/.venv/bin/jupyter" trust ~/lessons/*.ipynb
find ~/.cache/go-build -xtype l -delete
# Some versions of cp fail where they leave a file alone; without a link the cell takes longer.
cp --recursive --symbolic-link --no-clobber "$2"/. ~/.cache/go-build/ || true
"""


def closed() -> list[str]:
    """The folders that students must enter and cannot, unlike root who starts the Hub."""
    places = [CHECKOUT, Path(sys.base_prefix), *map(Path, GO.values())]
    return sorted({str(folder) for place in places for folder in [place, *place.parents] if not folder.stat().st_mode & 0o001})


async def welcome(spawner) -> None:
    student = pwd.getpwnam(spawner.user.name)
    run = await asyncio.create_subprocess_exec(
        *["sh", "-ec", WELCOME, "sh", str(CHECKOUT), GO["GOCACHE"]],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        user=student.pw_uid,
        group=student.pw_gid,
        extra_groups=[],
        cwd="/",
        env={"HOME": student.pw_dir, "PATH": os.environ["PATH"]},
    )
    output, _ = await run.communicate()
    if run.returncode:
        raise RuntimeError(f"~/lessons of {student.pw_name} cannot be made: {output.decode()}")


if folders := closed():
    sys.exit(f"evident: students cannot enter {', '.join(folders)}: put the checkout, Python and Go where they can (docs/classroom.md)")
STATE.mkdir(parents=True, exist_ok=True)
STATE.chmod(0o700)

c = get_config()  # noqa: F821

# Behind a web server that adds TLS: this proxy, in Python, has none.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.db_url = f"sqlite:///{STATE}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = f"{STATE}/cookie_secret"
# It would drop what takes longer than 20 seconds.
c.ConfigurableHTTPProxy.command = [f"{BIN}/configurable-http-proxy", "--proxy-timeout=300000"]
c.ConfigurableHTTPProxy.pid_file = f"{STATE}/proxy.pid"

c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {"students"}
# With a group that does not exist nobody could log in.
c.PAMAuthenticator.admin_groups = {"teachers"} & {group.gr_name for group in grp.getgrall()}

c.Spawner.cmd = [f"{BIN}/jupyterhub-singleuser"]
c.Spawner.pre_spawn_hook = welcome
c.Spawner.notebook_dir = "~/lessons"
c.Spawner.default_url = "/lab"
# A class logs in all at once.
c.Spawner.start_timeout = 300
c.Spawner.http_timeout = 300
c.Spawner.environment = {
    "PATH": f"{BIN}:{GO['GOROOT']}/bin:/usr/local/bin:/usr/bin:/bin",
    "GOMODCACHE": GO["GOMODCACHE"],
}
# Each student's kernels want a gigabyte or two; 16 GB are a class of eight at work, the others wait for a seat.
c.JupyterHub.active_server_limit = max(1, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**31)
c.JupyterHub.concurrent_spawn_limit = os.cpu_count()

c.JupyterHub.services = [
    {"name": "culler", "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600", "--cull-every=300"]}
]
c.JupyterHub.load_roles = [
    {
        "name": "culler",
        "services": ["culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
]
