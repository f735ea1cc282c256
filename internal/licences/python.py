"""Prints the pinned Python packages as JSON with the licences from their metadata. The licence is empty for a package that
is not installed here, such as one for another system."""

import json
import re
import sys
from importlib import metadata
from pathlib import Path

# nbgrader and papermill are installed in a separate environment.
sys.path += map(str, Path(__file__).parents[2].glob(".grading/lib/python3*/site-packages"))

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def main() -> None:
    found = {}
    for file in sys.argv[1:]:
        for name, version in PIN.findall(Path(file).read_text()):
            found[name] = {"name": name, "version": version, "licence": licence(name)}
    json.dump(sorted(found.values(), key=lambda package: package["name"].lower()), sys.stdout)


def licence(name: str) -> str:
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    if expression := about.get("License-Expression"):
        return expression
    classified = [c.split(" :: ")[-1] for c in about.get_all("Classifier", []) if c.startswith("License :: OSI")]
    return " AND ".join(c for c in classified if c != "OSI Approved") or (about.get("License") or "unknown").splitlines()[0]


if __name__ == "__main__":
    main()
