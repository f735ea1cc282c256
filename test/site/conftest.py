"""The site, built once for all tests that read it."""

import subprocess

import pytest
from reading import CHECKOUT


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    place = tmp_path_factory.mktemp("site") / "a folder"
    command = ["go", "run", "-buildvcs=false", "./cmd/evident", "site", "--out", str(place)]
    done = subprocess.run(command, check=False, cwd=CHECKOUT, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(place / "index.html")
    return place
