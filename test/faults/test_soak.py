"""Hours of random cells, interrupts and restarts, after which nothing has grown: no memory, process, open file or temporary file.

Runs only where EVIDENT_SOAK holds the minutes that it may take; EVIDENT_SOAK_SEED chooses other cells.
"""

import os
import random
import statistics
import time
from collections import Counter
from pathlib import Path

import pytest
from processes import wait_for

MINUTES = float(os.environ.get("EVIDENT_SOAK", "0"))
SEED = int(os.environ.get("EVIDENT_SOAK_SEED", "1"))
pytestmark = pytest.mark.skipif(not MINUTES, reason="takes hours: set EVIDENT_SOAK to the minutes that it may take")

PATIENCE = 300  # seconds that a cell may take on a busy machine
PAUSE = (2, 3)  # seconds between two cells: others use the machine too
CELLS = 24, 6  # of the kernel that stays and of the one that is restarted, in each round
WARM_UP = 0.15  # of the time, which is not compared

# What the last third of the samples may have more than the first: caches fill, and collectors of garbage choose their time.
GROWTH = {"processes": 0, "open files": 3, "temporary files": 5}
MEMORY = 1.2, 24e6  # times, and bytes on top

IMPORTS = 'import (\n\t"bufio"\n\t"fmt"\n\t"os"\n\t"os/signal"\n\t"strings"\n\t"sync"\n\t"time"\n)\n'
LET = "\n_, _, _, _, _, _, _ = bufio.NewReader, fmt.Sprint, os.Exit, signal.Notify, strings.Repeat, sync.OnceFunc, time.Now\n"

# {n} is a small random number: names repeat, so that what a session keeps has an end.
CELLS_OF = {
    "ok": [
        "%%\nfmt.Println({n}, {n}*{n})",
        "%%\nfor i := range 200 {{\n\tfmt.Println(i, {n})\n\ttime.Sleep(time.Millisecond)\n}}",
        '%%\nline := strings.Repeat("0123456789", 100)\nfor i := range 5_000 {{\n\tfmt.Println(i, line)\n}}',
        '%%\nfmt.Fprint(os.Stderr, strings.Repeat("größe 日\\n", {n}00))',
        "var v{n} = {n}\n\nfunc f{n}(x int) int {{ return x + v{n} }}\n%%\nfmt.Println(f{n}(1))",
        "type T{n}[E any] struct{{ items []E }}\n\nfunc (t *T{n}[E]) Push(e E) {{ t.items = append(t.items, e) }}\n%%\nvar t T{n}[int]\nt.Push({n})\nfmt.Println(t)",
        "%%\nvar group sync.WaitGroup\nfor i := range {n}00 {{\n\tgroup.Go(func() {{ fmt.Println(i) }})\n}}\ngroup.Wait()",
        "%%\ngo func() {{\n\tfor {{\n\t\ttime.Sleep(time.Millisecond)\n\t}}\n}}()\nfmt.Println({n})",
        "%%\ns := bufio.NewScanner(os.Stdin)\nfmt.Println(s.Scan(), {n})",
        "!echo {n} && sleep 0.{n}",
        "%%bash\necho $(({n} * {n}))",
        "%%\nx := make([]byte, {n}0_000_000)\nfmt.Println(len(x))",
    ],
    "error": [
        "%%\nx{n} := {n}",
        "%%\nfmt.Println(undefined{n})",
        "%%\nvar t []int\nfmt.Println(t[{n}])",
        '%%\ngo func() {{ panic("in a goroutine {n}") }}()\ntime.Sleep(time.Minute)',
        "%%\nos.Exit({n})",
        "!exit {n}",
        "x := {n}",
        '%%\npanic(fmt.Sprint("on purpose ", {n}))',
    ],
    "interrupted": [
        "%%\nfor {{\n\ttime.Sleep({n} * time.Millisecond)\n}}",
        "%%\nfor {{\n\tfmt.Println({n})\n}}",
        "%%\nsignal.Ignore(os.Interrupt)\nfor x := {n}; ; x++ {{\n\tif x < 0 {{\n\t\tbreak\n\t}}\n}}",
        "!sleep 100{n}",
    ],
}
ASKED = ["%%\nfmt.Pr", "%%\nstrings.", "%%\nη := {n}; fmt.Fpr", "var x ti"]


class Session:
    """A kernel to which random things happen."""

    def __init__(self, kernel, chance: random.Random):
        self.kernel, self.chance, self.counts = kernel, chance, Counter()
        self.begin()

    def begin(self) -> None:
        assert self.kernel.run(IMPORTS + "%%" + LET, PATIENCE)[0] == "ok"
        self.ask(self.kernel.client.complete("%%\nfmt.Pr", 9))

    def ask(self, request: str) -> dict:
        while True:
            reply = self.kernel.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"]["msg_id"] == request:
                return reply["content"]

    def step(self) -> None:
        time.sleep(self.chance.uniform(*PAUSE))
        n = self.chance.randint(1, 9)
        what = self.chance.choices(["ok", "error", "interrupted", "completion", "inspection"], [10, 5, 3, 3, 1])[0]
        self.counts[what] += 1
        if what in CELLS_OF:
            code = self.chance.choice(CELLS_OF[what]).format(n=n)
            got = self.interrupt(code) if what == "interrupted" else self.kernel.run(code, PATIENCE)[0]
            assert got == what, f"{code!r}: {got}"
            return
        code = self.chance.choice(ASKED).format(n=n)
        if what == "completion":
            reply = self.ask(self.kernel.client.complete(code, len(code)))
        else:
            reply = self.ask(self.kernel.client.inspect(code, len(code)))
        assert reply["status"] == "ok", code

    def interrupt(self, code: str) -> str:
        request = self.kernel.client.execute(code)
        time.sleep(self.chance.uniform(0.5, 3))
        self.kernel.manager.interrupt_kernel()
        reply = self.ask(request)
        self.kernel.wait_for_end(request, PATIENCE)
        return reply.get("ename", reply["status"])

    def restart(self) -> None:
        match self.chance.randrange(3):
            case 0:
                self.kernel.restart()
            case 1:
                self.kernel.kill()
            case 2:
                self.kernel.client.execute('%%\n_, _ = os.MkdirTemp("", "cell-")\nsignal.Ignore()\nfor { time.Sleep(time.Minute) }')
                time.sleep(2)
                self.kernel.restart(now=True)
        self.counts["restarts"] += 1
        self.begin()


def processes_of(place: Path) -> list[Path]:
    """All processes whose environment names the place."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(place).encode() in (process / "environ").read_bytes() and (process / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
                found.append(process)
        except OSError:
            continue  # it has ended, or is another's
    return found


def resident(process: Path) -> int:
    return int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def sample(place: Path, steady) -> dict[str, float]:
    """What there is, once all cells have ended."""
    time.sleep(3)
    found = {"processes": 0, "open files": 0, "temporary files": sum(1 for folder in ["tmp", "runtime"] for _ in (place / folder).rglob("*"))}
    for process in processes_of(place):
        try:
            session = int((process / "stat").read_text().rpartition(")")[2].split()[3])
            name, size, files = (process / "comm").read_text().strip(), resident(process), len(list((process / "fd").iterdir()))
        except OSError:
            continue
        found["processes"] += 1
        found["open files"] += files
        if session == steady.pid:
            found[f"memory of {name}"] = found.get(f"memory of {name}", 0) + size
    return found


def test_hours_of_cells_interrupts_and_restarts_leave_nothing(kernels, place):
    chance = random.Random(SEED)
    steady, restarted = Session(kernels(), chance), Session(kernels(), chance)
    began = time.monotonic()
    samples = []

    def minutes() -> float:
        return (time.monotonic() - began) / 60

    while minutes() < MINUTES:
        for session, cells in zip([steady, restarted], CELLS):
            for _ in range(cells):
                session.step()
        restarted.restart()
        now = sample(place, steady.kernel)
        print(f"{minutes():.1f} min", now, dict(steady.counts), dict(restarted.counts), flush=True)
        if minutes() > WARM_UP * MINUTES:
            samples.append(now)

    third = len(samples) // 3
    assert third >= 3, "too short to compare: give it more minutes"
    for name in samples[0]:
        first, last = (statistics.median(s.get(name, 0) for s in part) for part in (samples[:third], samples[-third:]))
        print(f"{name}: {first:.0f}, then {last:.0f}")
        most = first * MEMORY[0] + MEMORY[1] if name.startswith("memory") else first + GROWTH[name]
        assert 0 < last <= most, f"{name} has grown from {first:.0f} to {last:.0f}"

    for session in (steady, restarted):
        session.kernel.stop()
    wait_for(lambda: processes_of(place) == [])
    wait_for(lambda: list((place / "tmp").iterdir()) == [])
