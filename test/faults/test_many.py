"""Twenty lessons at once, each in a process of its own, on however few processors."""

import json
import os
import subprocess
import time
from pathlib import Path

from processes import CHECKOUT, slow

# Bytes that the processes hold at one time, at most: 4e9 were measured on 2 processors.
MOST = 10e9


@slow
def test_twenty_lessons_at_once(program, place):
    names = [entry["name"] for entry in json.loads(subprocess.check_output([program, "list", "--json"], cwd=CHECKOUT))]
    # All on the usual backend, and as many as are missing to 20 in pure Go.
    jobs = [(name, "") for name in names] + [(name, "go") for name in names]
    jobs = jobs[:20]
    assert len(jobs) == 20
    running = {job: start(program, place, *job) for job in jobs}
    peak = 0
    while any(process.poll() is None for process in running.values()):
        peak = max(peak, sum(held(process.pid) for process in running.values()))
        time.sleep(0.2)

    for (name, backend), process in running.items():
        said = (place / f"{name}-{backend}.err").read_text()
        assert process.returncode == 0, f"{name} on {backend or 'XLA'}: {said}"
        [report] = json.loads((place / f"{name}-{backend}.json").read_text())
        assert report["lesson"] == name
        assert report["claims"] != []
        assert ("go" in report["provenance"]["backend"].lower()) or backend == ""
        for claim in report["claims"]:
            assert claim["verdict"] in (claim["recorded"], "inconclusive", "unmeasured"), claim["id"]
    print(f"at most {peak / 1e9:.1f} GB at one time")
    assert 0 < peak < MOST
    assert list((place / "tmp").iterdir()) == []


def start(program: Path, place: Path, name: str, backend: str) -> subprocess.Popen:
    environment = os.environ | ({"GOMLX_BACKEND": backend} if backend else {})
    with (place / f"{name}-{backend}.json").open("w") as out, (place / f"{name}-{backend}.err").open("w") as err:
        return subprocess.Popen(
            ["nice", "-n", "19", program, "run", name, "--scale", "smoke", "--json"],
            cwd=CHECKOUT,
            env=environment,
            stdout=out,
            stderr=err,
        )


def held(process: int) -> int:
    """Bytes in memory; 0 when it has ended."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0
