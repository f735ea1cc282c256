"""Installs the kernel `evident` into the Python environment that runs this, and nowhere else.

A kernelspec holds absolute paths, so kernel.json is a template: @EVIDENT@ stands for the checkout.
"""

import json
import shutil
import sys
from pathlib import Path

KERNEL = Path(__file__).resolve().parent
CHECKOUT = str(KERNEL.parent)
SHARE = Path(sys.prefix) / "share" / "jupyter"


def main() -> None:
    # GoNB splits -go_work at commas, PATH splits at colons, Jupyter expands dollars.
    if bad := set(CHECKOUT) & set(",:$"):
        sys.exit(f"evident: the folder {CHECKOUT} has {bad.pop()!r} in its name: move it elsewhere")

    spec = json.loads((KERNEL / "kernel.json").read_text())
    spec["argv"] = [argument.replace("@EVIDENT@", CHECKOUT) for argument in spec["argv"]]
    spec["env"] = {name: value.replace("@EVIDENT@", CHECKOUT) for name, value in spec["env"].items()}
    spec["env"] |= malloc()

    place = SHARE / "kernels" / "evident"
    place.mkdir(parents=True, exist_ok=True)
    for logo in KERNEL.glob("logo-*"):
        shutil.copy(logo, place)
    (place / "kernel.json").write_text(json.dumps(spec, indent=2, ensure_ascii=False))

    settings = SHARE / "lab" / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    shutil.copy(KERNEL / "overrides.json", settings)


def malloc() -> dict[str, str]:
    lines = (KERNEL / "malloc.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


if __name__ == "__main__":
    main()
