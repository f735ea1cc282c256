"""Installs the kernel `evident`, and its card in JupyterLab's launcher, into the Python environment that runs this.

With --share FOLDER it goes there instead: JUPYTER_PATH=FOLDER finds it. So a copy of a checkout can share its .venv.
With --grading it also installs `evident-grading`: the same, started by `evident confine`, for submissions of students.
With --program FILE the kernel is this program, not the one in .venv.

A kernelspec holds absolute paths, so kernel.json is a template: @EVIDENT@ stands for the checkout.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

KERNEL = Path(__file__).resolve().parent
CHECKOUT = str(KERNEL.parent)


def main() -> None:
    parser = argparse.ArgumentParser(description="Installs the kernel evident.")
    parser.add_argument("--grading", action="store_true", help="also install evident-grading")
    parser.add_argument("--share", type=Path, default=Path(sys.prefix) / "share" / "jupyter", metavar="FOLDER")
    parser.add_argument("--program", default=f"{CHECKOUT}/.venv/bin/evident-kernel", metavar="FILE")
    options = parser.parse_args()

    # GoNB splits -go_work at commas, PATH splits at colons, Jupyter expands dollars.
    if bad := set(CHECKOUT) & set(",:$"):
        sys.exit(f"evident: the folder {CHECKOUT} has {bad.pop()!r} in its name: move it elsewhere")

    spec = json.loads((KERNEL / "kernel.json").read_text())
    # Go may lie where the PATH of a server does not lead.
    if go := shutil.which("go"):
        spec["env"]["PATH"] += f":{Path(go).parent}"
    spec["argv"][0] = options.program
    spec["argv"] = [argument.replace("@EVIDENT@", CHECKOUT) for argument in spec["argv"]]
    spec["env"] = {name: value.replace("@EVIDENT@", CHECKOUT) for name, value in spec["env"].items()}
    spec["env"] |= malloc()

    install(options.share / "kernels" / "evident", spec)
    if options.grading:
        # What was confined cannot clean up after itself.
        confine = [options.program, "clean-after", f"{CHECKOUT}/.grading/bin/evident", "confine", "--root", CHECKOUT, "--"]
        confined = {
            "argv": [*confine, *spec["argv"]],
            "display_name": spec["display_name"] + ", confined",
            "env": spec["env"] | {"EVIDENT_HELP": "off"},  # a submission asks for no completions
        }
        install(options.share / "kernels" / "evident-grading", spec | confined)

    shutil.copytree(KERNEL / "launcher", options.share / "labextensions" / "evident", dirs_exist_ok=True)
    settings = options.share / "lab" / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    shutil.copy(KERNEL / "overrides.json", settings)


def install(place: Path, spec: dict) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for logo in KERNEL.glob("logo-*"):
        shutil.copy(logo, place)
    (place / "kernel.json").write_text(json.dumps(spec, indent=2, ensure_ascii=False))


def malloc() -> dict[str, str]:
    lines = (KERNEL / "malloc.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


if __name__ == "__main__":
    main()
