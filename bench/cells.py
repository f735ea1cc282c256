"""How long a student waits for a notebook cell, and for what: `make bench`.

Two kernels take turns, round after round: evident's, and GoNB as it comes (Go's default flags, nothing replaced). In each a cell
is changed and run. Then the same program is built outside, as the kernel does, to see what the time is made of. It prints a page
in Markdown.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

ROUNDS = 9
IMPORTS = """import (
	"evident/kit/report"
	"evident/lessons/params"
	"evident/kit/show"

	"github.com/janpfeifer/must"
)
"""
TABLE = 'show.Table(report.Table{ID: "t", Title: "Round %d", Columns: []string{"x"}, Rows: [][]string{{"1"}}})'
LESSON = 'fmt.Print(%d, " "); begin := time.Now(); report := must.M1(params.Lesson.Run(show.Context(), show.Backend(), params.Smoke())); show.Claims(report.Claims...); fmt.Println(time.Since(begin).Seconds())'


class Kernel:
    def __init__(self, specs: KernelSpecManager) -> None:
        self.manager = KernelManager(kernel_name="evident", kernel_spec_manager=specs)
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.run("%noautoget\n" + IMPORTS.replace(")\n", '\t"fmt"\n\t"time"\n)\n'))

    def run(self, code: str) -> tuple[float, str]:
        """Seconds from Enter to the end of the cell, and what it printed."""
        printed = []

        def keep(message: dict) -> None:
            if message["msg_type"] == "error":
                raise RuntimeError("\n".join(message["content"]["traceback"]))
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        begin = time.perf_counter()
        self.client.execute_interactive(code, output_hook=keep, timeout=600)
        return time.perf_counter() - begin, "".join(printed)

    def table(self, number: int) -> float:
        return self.run(f"%%\n{TABLE % number}")[0]

    def lesson(self, number: int) -> float:
        """Without the lesson's own work."""
        whole, printed = self.run(f"%%\n{LESSON % number}")
        return whole - float(printed.split()[-1])

    def end(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def spec_of_evident() -> dict:
    return json.loads(Path(sys.prefix, "share/jupyter/kernels/evident/kernel.json").read_text())


def stock(spec: dict) -> dict:
    """GoNB by itself, without what makes cells fast."""
    spec = json.loads(json.dumps(spec))
    spec["argv"] = [spec["argv"][2], "--kernel", "{connection_file}", *spec["argv"][3:]]
    spec["env"]["GOFLAGS"] = "-buildvcs=false"
    spec["argv"] = [a.split(",")[0] if a.startswith("-go_work=") else a for a in spec["argv"]]
    return spec


def installed(spec: dict, folder: Path) -> KernelSpecManager:
    place = folder / "kernels" / "evident"
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(json.dumps(spec))
    return KernelSpecManager(kernel_dirs=[str(folder / "kernels")], ensure_native_kernel=False)


class Program:
    """The program of a cell, in a folder and a workspace as GoNB makes them."""

    def __init__(self, spec: dict, folder: Path) -> None:
        self.folder = folder
        self.environment = os.environ | spec["env"] | {"PATH": os.environ["PATH"]}
        folder.mkdir()
        modules = next(a.removeprefix("-go_work=") for a in spec["argv"] if a.startswith("-go_work=")).split(",")
        self.go("mod", "init", "cell")
        self.go("work", "init", *modules, ".")

    def go(self, *arguments: str) -> None:
        subprocess.run(["go", *arguments], cwd=self.folder, env=self.environment, check=True, capture_output=True)

    def build(self, number: int) -> dict[str, float]:
        """Seconds of each part of a build."""
        (self.folder / "main.go").write_text(f'package main\n\n{IMPORTS}\nvar _, _ = params.Lesson, must.M\n\nfunc main() {{ {TABLE % number} }}\n')
        self.go("build", "-debug-trace=trace.json", "-o", "cell", ".")
        took = spans(json.loads((self.folder / "trace.json").read_text()))
        whole, packages = took["Running build command"], took["load.PackagesAndErrors"]
        compiled, linked = took["Executing action (build cell)"], took["Executing action (link cell)"]
        begin = time.perf_counter()
        subprocess.run(["./cell"], cwd=self.folder, check=True, capture_output=True)
        return {
            "Go looks for the packages": packages,
            "Go looks for what is compiled already": whole - packages - compiled - linked,
            "the compiler, for the cell": compiled,
            "the linker, for all packages": linked,
            "the program starts, and ends": time.perf_counter() - begin,
        }


def spans(events: list[dict]) -> dict[str, float]:
    began, took = {}, {}
    for event in events:
        if event["ph"] == "B":
            began[event["name"]] = event["ts"]
        elif event["ph"] == "E":
            took[event["name"]] = (event["ts"] - began[event["name"]]) / 1e6
    return took


def main() -> None:
    kernels = {}
    with tempfile.TemporaryDirectory() as name:
        folder, spec = Path(name), spec_of_evident()
        program = Program(spec, folder / "program")
        try:
            for which, its in {"evident": spec, "stock": stock(spec)}.items():
                kernels[which] = Kernel(installed(its, folder / which))
            waits, parts = measure(kernels["evident"], kernels["stock"], program)
        finally:
            for kernel in kernels.values():
                kernel.end()
    print(page(waits, parts), end="")


def measure(evident: Kernel, stock: Kernel, program: Program) -> tuple[list[dict], list[dict]]:
    waits, parts = [], []
    for number in range(ROUNDS + 1):
        waits.append({kind: (getattr(evident, kind)(number), getattr(stock, kind)(number)) for kind in ("table", "lesson")})
        parts.append(program.build(number))
    return waits[1:], parts[1:]  # the first round fills the caches


def page(waits: list[dict], parts: list[dict]) -> str:
    machine = f"{platform.system()}/{platform.machine()}, {os.cpu_count()} processors, {subprocess.check_output(['go', 'env', 'GOVERSION'], text=True).strip()}"
    today = time.strftime("%-d %B %Y", time.gmtime())
    lines = [
        "# A changed notebook cell",
        "",
        f"From Enter to the output, in seconds: medians of {ROUNDS} rounds in turn, with the least and the largest. Stock is GoNB with Go's default flags, and with all that",
        f"go-xla imports. {machine}, {today}.",
        "",
        "| a cell that | evident | stock | evident, as a multiple of stock |",
        "|---|---|---|---|",
    ]
    for kind, title in {"table": "shows a table", "lesson": "runs lesson `params` and shows its claims, without the run itself"}.items():
        ours, theirs = zip(*[wait[kind] for wait in waits])
        ratios = [a / b for a, b in zip(ours, theirs)]
        lines.append(f"| {title} | {spread(ours)} | {spread(theirs)} | {spread(ratios)} |")
    lines += ["", "What the time of the first is made of, as the same program is built outside of the kernel:", "", "| part | seconds |", "|---|---|"]
    lines += [f"| {part} | {spread([p[part] for p in parts])} |" for part in parts[0]]
    lines += [f"| all of it | {spread([sum(p.values()) for p in parts])} |"]
    return "\n".join(lines) + "\n"


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


if __name__ == "__main__":
    main()
