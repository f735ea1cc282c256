"""What a reader meets who writes code of their own: errors, floods, commands, help. Cases as people have them."""

import os
import re
import signal
import subprocess
import threading
import time

import pytest
from processes import members, wait_for

IMPORTS = 'import (\n\t"errors"\n\t"fmt"\n\t"os"\n\t"strings"\n\t"time"\n)\n'


def run(kernel, code: str, seconds: float = 120) -> tuple[str, str, dict]:
    """Status, what was printed, and the error."""
    printed, errors = [], [{}]

    def keep(message: dict) -> None:
        if message["msg_type"] == "error":
            errors.append(message["content"])
        printed.append(message["content"].get("text", ""))

    reply = kernel.client.execute_interactive(code, timeout=seconds, output_hook=keep, stop_on_error=False)["content"]
    assert len(errors) <= 2, "an error is told once"
    assert errors[-1].get("traceback", []) == reply.get("traceback", [])
    return reply["status"], "".join(printed), errors[-1]


def trace(error: dict) -> str:
    return "\n".join(error["traceback"])


def test_declarations(kernel):
    cells = {
        IMPORTS + '\nvar content, readErr = os.ReadFile("no-such-file")': "",
        "%%\nfmt.Println(len(content), errors.Is(readErr, os.ErrNotExist))": "0 true\n",
        "type Stack[T any] struct{ items []T }\n\nfunc (s Stack[T]) Size() int { return len(s.items) }\n\n"
        "func (s *Stack[T]) Push(x T) { s.items = append(s.items, x) }\n%%\nvar s Stack[string]\ns.Push(\"x\")\nfmt.Println(s.Size())": "1\n",
        "func (s *Stack[T]) Size() int { return 10 + len(s.items) }\n%%\ns := &Stack[int]{}\ns.Push(3)\nfmt.Println(s.Size())": "11\n",
        "type Pair[K comparable, V any] struct {\n\tKey K\n\tValue V\n}\n\n"
        'func (p Pair[K, V]) String() string { return fmt.Sprintf("%v=%v", p.Key, p.Value) }\n%%\nfmt.Println(Pair[string, int]{"a", 1})': "a=1\n",
        # A second type with a method of the same name: GoNB has one key for both.
        "type Box[T any] struct{ x T }\n\nfunc (b Box[T]) String() string { return \"box\" }\n%%\nfmt.Println(Box[int]{1}, Pair[string, int]{\"a\", 1})": "box a=1\n",
        "%%\ny := 5\n_ = y": "",  # nothing here uses fmt, but the methods do
        'var content = "another type now"\n%%\nfmt.Println(content)': "another type now\n",
        "func content() string { return \"a function now\" }\n%%\nfmt.Println(content())": "a function now\n",
        "type content struct{ a int }\n%%\nfmt.Println(content{1})": "{1}\n",
        "%reset\nimport \"fmt\"\n%%\nfmt.Println(1)": "* State reset: all memorized declarations discarded.\n1\n",
    }
    for code, right in cells.items():
        status, printed, error = run(kernel, code)
        assert (status, printed) == ("ok", right), (code, error)


COMPILE = [
    ("x := 3\nfmt.Println(x)", "line 1: expected declaration, found x", "hint: statements stand below a line `%%`"),
    ("%%\ny := 5", "line 2: declared and not used: y", "hint: use y"),
    ("%%\nfmt.Println('single quotes')", "line 2: illegal rune literal", "fmt.Println('single quotes')\n                ^"),
    ("%%\nfmt.Println(net + 1)", "line 2: undefined: net", "hint: cell [2], line 2 declares net below %%"),
    ("%%\nfoo.Bar()", "line 2: undefined: foo", "hint: import the package foo"),
    ('import "github.com/nowhere/nothing"\n%%\nnothing.Do()', "line 1: the workspace has no package github.com/nowhere/nothing", "`!*go get github.com/nowhere/nothing` brings it"),
    ('import "nostd"\n%%\nnostd.Do()', "line 1: the workspace has no package nostd", "the standard library has none of this name"),
    ("//go:embed x\nvar x string", "line 1: a cell has no folder that //go:embed could look into", "os.ReadFile"),
    ("%nonsense", "line 1: there is no command %nonsense", "%help"),
    ("func f() int {\n\treturn größe\n}", "line 2: undefined: größe", "return größe"),
    ("var a = 1\n\nvar b int = \"x\"", 'line 3: cannot use "x"', 'var b int = "x"'),
    ("%%\n!echo x\n%env EVIDENT_TEST=b\n\nfmt.Println(1)\nundefinedName()", "line 6: undefined: undefinedName", "undefinedName()"),
]


def test_an_error_names_cell_and_line_and_what_to_do(kernel):
    assert run(kernel, IMPORTS + "%%\nfmt.Println(1)")[0] == "ok"
    assert run(kernel, "%%\nnet := 3\nfmt.Println(net)")[0] == "ok"
    for number, (code, value, shown) in enumerate(COMPILE, start=3):
        status, _, error = run(kernel, code)
        assert status == "error", code
        assert error["evalue"].startswith(f"cell [{number}], {value}"), code
        assert shown in trace(error), code
        assert "main.go" not in trace(error) and trace(error).count(error["evalue"]) == 1, code
    assert run(kernel, "%%\nfmt.Println(1)")[:2] == ("ok", "1\n")


NET = """import (
	"evident/kit/show"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/janpfeifer/must"
)

func net(x *graph.Node) *graph.Node {
	w := graph.Const(x.Graph(), [][]float32{{1, 2, 3}})
	return graph.Add(graph.MatMul(x, w), x)
}
"""


def test_each_frame_of_the_readers_names_cell_and_line(kernel):
    assert run(kernel, IMPORTS + "%%\nfmt.Println(1)")[0] == "ok"
    nil_map = "%%\ndone := make(chan int)\ngo func() {\n\tvar table map[string]int\n\ttable[\"x\"] = 1\n\tclose(done)\n}()\n<-done"
    for number in range(2, 8):
        status, printed, error = run(kernel, nil_map)
        assert (status, printed, error["ename"], error["evalue"]) == ("error", "", "panic", "assignment to entry in nil map")
        assert f"cell [{number}], line 5, in main.func1\n      table[\"x\"] = 1" in trace(error)
        assert f"cell [{number}], line 3, in main, which has started it" in trace(error)

    status, _, error = run(kernel, "func first(x []int) int {\n\treturn x[3]\n}\n%%\nfmt.Println(first(nil))")
    assert re.search(r"cell \[8\], line 2, in first\n.*\n  cell \[8\], line 5, in main\n", trace(error))
    status, _, error = run(kernel, "%%\nfmt.Println(strings.Repeat(\"a\", first(nil)))")
    assert re.search(r"cell \[8\], line 2, in first\n.*\n  cell \[9\], line 2, in main\n", trace(error))
    status, printed, error = run(kernel, '%%\nfmt.Fprintln(os.Stderr, "panic: not really")\nfmt.Println("still here")')
    assert status == "ok" and "panic: not really\n" in printed and "still here\n" in printed

    assert run(kernel, NET)[0] == "ok"
    for call in ["must.M1(graph.NewExec(show.Backend(), net)).MustCall([][]float32{{1, 2}})", "must.M1(must.M1(graph.NewExec(show.Backend(), net)).Call([][]float32{{1, 2}}))"]:
        status, printed, error = run(kernel, f"%%\n{call}")
        assert (status, printed) == ("error", "")
        assert "dimensions" in error["evalue"] and trace(error).count(error["evalue"]) == 1
        assert "cell [11], line 10, in net\n      return graph.Add(graph.MatMul(x, w), x)" in trace(error)
        assert re.search(r"… \d+ frames of github.com/gomlx", trace(error))

    # A message of package fit names a line of the reader's network, which is in a cell too.
    fit = """import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"evident/kit/fit"
	"evident/kit/nn"
)

func wrong(scope *model.Scope, x *Node) *Node {
	return Add(nn.Dense(scope, x, 3), x)
}
%%
must.M1(fit.NewClassifier(show.Backend(), wrong, fit.NewData(make([]float32, 4), []int{2}, []int32{0, 1}), 2, nn.SGD().GoMLX(0.1)))"""
    status, _, error = run(kernel, fit)
    assert status == "error" and error["evalue"].endswith("(cell [14], line 9)"), error["evalue"]
    assert "cell-" not in trace(error)


def test_commands(kernel):
    cells = [
        ("!echo one && \\\n echo two", "ok", "one\ntwo\n", ""),
        ("!false\n%%\nfmt.Println(\"does not run\")", "error", "", "cell [2], line 1: !false ended with exit status 1"),
        ("!false\n!echo does not run", "error", "", "cell [3], line 1: !false ended with exit status 1"),
        ("!cat", "ok", "", ""),
        ("%%bash\necho in bash\nexit 3", "error", "in bash\n", "cell [5], line 1: %%bash ended with exit status 3"),
        ("!kill -9 $$", "error", "", "cell [6], line 1: !kill -9 $$ was ended: killed"),
        ('import "os"\n%%\nos.Exit(3)', "error", "", "exit status 3"),
    ]
    for code, status, printed, value in cells:
        got = run(kernel, code)
        assert (got[0], got[1], got[2].get("evalue", "")) == (status, printed, value), code


STUMBLES = ['%%\nfmt.Println("one")\n%%\nfmt.Println("two")', "func main() {}\n%%\nfmt.Println(1)", "func f() {}\n%exec f\n%%\nf()", "%   ", "!  ", "%%script", "//gonb:%", "%\t\n%%", "%env \\"]


def test_what_gonb_stumbles_over_leaves_the_kernel_alive(kernel):
    assert run(kernel, IMPORTS + "%%\nfmt.Println(1)")[0] == "ok"
    session = kernel.pid
    for number, code in enumerate(STUMBLES, start=2):
        _, _, error = run(kernel, code, seconds=30)
        if number <= 4:
            assert error["evalue"].startswith(f"cell [{number}], line {[3, 2, 3][number - 2]}: a cell has one `%%`, or one function main"), code
    assert run(kernel, "%%\nfmt.Println(2)")[:2] == ("ok", "2\n")
    assert kernel.pid == session


def test_input_has_ended(kernel):
    assert run(kernel, 'import "fmt"\n%%\nvar n int\ngot, err := fmt.Scanln(&n)\nfmt.Println(got, n, err)', 30)[:2] == ("ok", "0 0 EOF\n")
    assert run(kernel, 'import (\n"bufio"\n"os"\n)\n%%\ns := bufio.NewScanner(os.Stdin)\nfmt.Println(s.Scan(), s.Err())', 30)[:2] == ("ok", "false <nil>\n")


def test_output_comes_in_batches_of_whole_characters_up_to_a_bound(kernel):
    assert run(kernel, IMPORTS + "%%\nfmt.Println(1)")[0] == "ok"
    texts = []
    begin = time.monotonic()
    kernel.client.execute_interactive(
        '%%\nline := strings.Repeat("0123456789", 100)\nfor i := range 20_000 {\n\tfmt.Println(i, line)\n}',
        output_hook=lambda message: texts.append(message["content"].get("text")),
    )
    texts = [text for text in texts if text is not None]
    assert time.monotonic() - begin < 60, "the page stays alive"
    assert len(texts) < 40
    [notice] = re.findall(r"\[stdout: the first 1\.0 MB of 20 MB are shown; (\S+) has the text", texts[-1])
    shown = "".join(texts[:-1])
    assert 990_000 < len(shown) <= 1_000_000
    with open(notice) as file:
        whole = file.read()
    assert len(whole) == sum(len(f"{i} ") + 1001 for i in range(20_000)) and whole.startswith(shown)

    cut = "%%\nos.Stdout.Write([]byte{0xff, 'a', '\\n', 0xc3})\ntime.Sleep(400 * time.Millisecond)\nos.Stdout.Write([]byte{0xa9, '\\n'})"
    assert run(kernel, cut)[1] == "\ufffda\né\n"
    # Characters of three bytes, which no power of two divides.
    assert run(kernel, '%%\nfmt.Print(strings.Repeat("日", 100_000))')[1] == "日" * 100_000
    assert run(kernel, '%%\nfmt.Print("ends in half: \\xe6\\x97")')[1] == "ends in half: \ufffd"


INTERRUPTED = {
    "a flood": '%%\nfor {\n\tfmt.Println("OK")\n}',
    "a program that waits": "%%\ntime.Sleep(time.Hour)",
    "a program that computes": "%%\nfor x := 1; ; x++ {\n\tif x < 0 {\n\t\tbreak\n\t}\n}",
    "a program that catches interrupts": "%%\nsignal.Notify(make(chan os.Signal, 1), os.Interrupt)\ntime.Sleep(time.Hour)",
    "a program behind a training": "%%\nshow.Context()\ntime.Sleep(time.Hour)",
    "a shell that ignores interrupts": "!trap '' INT; sleep 100",
    "a shell with children": "!sleep 100; sleep 100",
    "a script": "%%bash\nsleep 100\nsleep 100",
}


@pytest.mark.parametrize("how", ["message", "signal"])
def test_an_interrupt_is_felt(kernel, how):
    def interrupt():
        if how == "message":
            kernel.manager.interrupt_kernel()
        else:
            kernel.manager.signal_kernel(signal.SIGINT)

    assert run(kernel, IMPORTS + 'import (\n\t"os/signal"\n\n\t"evident/kit/show"\n)\n%%\nfmt.Println(1)')[0] == "ok"
    for what, code in INTERRUPTED.items():
        began = time.monotonic()
        threading.Timer(2, interrupt).start()
        status, _, error = run(kernel, code)
        assert (status, error.get("ename")) == ("error", "interrupted"), what
        assert time.monotonic() - began < 2 + 2, what
    assert run(kernel, '%%\nfmt.Println("alive")')[:2] == ("ok", "alive\n")
    assert not [command for command in members([kernel.pid]).values() if "sleep" in command]


def test_builds_that_are_interrupted_leave_no_files(kernel, place):
    assert run(kernel, IMPORTS + "%%\nfmt.Println(1)")[0] == "ok"
    for tenths in range(1, 8):
        cell = kernel.client.execute(f'import "net/http"\n%%\nfmt.Println(http.StatusOK, {tenths})\ntime.Sleep(time.Hour)')
        time.sleep(tenths / 10)
        kernel.manager.interrupt_kernel()
        assert ask(kernel, cell)["ename"] == "interrupted"
    assert run(kernel, "%%\nfmt.Println(1)")[0] == "ok"
    # gopls has some as long as it loads packages.
    wait_for(lambda: list((place / "tmp").rglob("go-build*")) == [], 60)


TRAINING = """import (
	"fmt"
	"os"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/janpfeifer/must"

	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/show"
)

func network(scope *model.Scope, x *graph.Node) *graph.Node { return nn.Dense(scope, x, 2) }

func slow(fit.History) error {
	fmt.Fprintln(os.Stderr, "EPOCH")
	time.Sleep(5 * time.Second)
	return nil
}

%%
data := fit.NewData([]float32{0, 1}, []int{1}, []int32{0, 1})
net := must.M1(fit.NewClassifier(show.Backend(), network, data, 2, nn.SGD().GoMLX(0.1)))
history := show.Train(net, data, fit.Training{Epochs: 9, AfterEpoch: slow})
fmt.Println(len(history.Epochs), "epoch is kept")
"""


def test_a_training_ends_its_step_and_keeps_its_history_but_not_after_a_second_interrupt(kernel):
    for presses in [1, 2]:
        cell = kernel.start(TRAINING, until="EPOCH\n")
        for _ in range(presses):
            kernel.manager.interrupt_kernel()
            time.sleep(2)
        said = list(kernel.said(cell, 60))
        printed = "".join(message["content"].get("text", "") for message in said)
        reply = ask(kernel, cell)
        assert ("1 epoch is kept" in printed, "interrupt again" in printed) == (presses == 1, True), printed
        assert reply.get("ename", reply["status"]) == ["ok", "interrupted"][presses - 1], printed


def test_an_error_and_an_interrupt_end_the_cells_that_wait(kernel):
    assert run(kernel, IMPORTS + "%%\nfmt.Println(1)")[0] == "ok"
    requests = [kernel.client.execute(code) for code in ["%%\ntime.Sleep(time.Second); os.Exit(1)", "%%\nfmt.Println(2)"]]
    replies = {}
    while len(replies) < 2:
        reply = kernel.client.get_shell_msg(timeout=30)
        replies[reply["parent_header"]["msg_id"]] = reply["content"]["status"]
    assert [replies[request] for request in requests] == ["error", "aborted"]
    for _ in range(20):
        assert ask(kernel, kernel.client.execute("x := 1"))["status"] == "error"
        assert ask(kernel, kernel.client.execute("%env EVIDENT_TEST=b"))["status"] == "ok", "a cell that comes behind the error runs"


def ask(kernel, request: str) -> dict:
    while True:
        reply = kernel.client.get_shell_msg(timeout=60)
        if reply["parent_header"]["msg_id"] == request:
            return reply["content"]


# Seconds, after which JupyterLab no longer shows a completion.
PAGE_WAITS = 1


def test_help_by_code_points_from_the_first_request_and_while_a_cell_runs(kernel):
    code = 'import "fmt"\n\n%%\ns := "🎓🎓"; fmt.Pr'
    first = ask(kernel, kernel.client.complete(code, 34))
    assert "Println" in first["matches"]
    assert (first["cursor_start"], first["cursor_end"]) == (32, 34)

    about = ask(kernel, kernel.client.inspect('import "fmt"\n%%\ns := "🎓🎓"; fmt.Println(s)', 32))
    assert about["found"] and "func fmt.Println" in about["data"]["text/plain"]
    about = ask(kernel, kernel.client.inspect('import "fmt"\n%%\ns := "🎓🎓"; fmt.Println(s, ', 41))
    assert about["found"] and "func fmt.Println" in about["data"]["text/plain"]

    assert run(kernel, 'import "time"\n\nfunc größe(λ []float64) int { return len(λ) }\n\ntype Net struct{ Layers int }\n%%\n_ = größe')[0] == "ok"
    cell = kernel.client.execute("%%\ntime.Sleep(20 * time.Second)")
    for code, match in [("%%\nη := 1; gr", "größe"), ("%%\nvar n Net\nn.L", "Layers"), ("%%\nstrings.Repe", "Repeat"), ("var x Ne", "Net")]:
        answer = completed(kernel, code, match)
        assert code[answer["cursor_start"] :] == match[: len(code) - answer["cursor_start"]], code
    kernel.manager.interrupt_kernel()
    assert ask(kernel, cell)["ename"] == "interrupted", "the cell still runs"


def completed(kernel, code: str, match: str) -> dict:
    """The first completion that has the match: what gopls knows comes late where it is busy, and Tab is pressed again."""
    for _ in range(20):
        begin = time.monotonic()
        answer = ask(kernel, kernel.client.complete(code, len(code)))
        assert time.monotonic() - begin < PAGE_WAITS, code
        if match in answer["matches"]:
            return answer
        time.sleep(0.5)
    raise AssertionError(f"{code!r} is never completed by {match}")


@pytest.mark.parametrize("repeat", range(3))
def test_the_first_completions_come_at_once(kernel, repeat):
    """Here gopls has a cache that is empty, and takes half a minute on a busy machine."""
    for code, match in [
        ('import "fmt"\n%%\nfmt.Pr', "Println"),
        ("%%\nstrings.Rep", "Repeat"),
        ('import "github.com/gomlx/gomlx/core/graph"\n%%\ngraph.MatM', "MatMul"),
        ('import "evident/kit/fit"\n%%\nfit.NewCl', "NewClassifier"),
        ("func größe() {}\n%%\ngr", "größe"),
        ("%%\ncounter := 1\nfmt.Println(cou", "counter"),
    ]:
        begin = time.monotonic()
        answer = ask(kernel, kernel.client.complete(code, len(code)))
        assert time.monotonic() - begin < PAGE_WAITS, code
        assert match in answer["matches"], code


def test_what_a_console_and_a_page_ask(kernel):
    for code, status in [("%%\nx := 1", "complete"), ("func f() {", "incomplete"), ("%%\nif true {", "incomplete"), ("func ) {", "invalid"), ("%%bash\nif", "complete")]:
        assert ask(kernel, kernel.client.is_complete(code))["status"] == status, code
    assert ask(kernel, kernel.client.comm_info())["comms"] == {}
    assert ask(kernel, kernel.client.history())["history"] == []
    kernel.client.execute("!sleep 3")
    begin = time.monotonic()
    info = ask(kernel, kernel.client.kernel_info())
    assert info["language_info"]["name"] == "go" and time.monotonic() - begin < 2, "while a cell runs"


def caches() -> dict[str, str]:
    output = subprocess.check_output(["go", "env", "GOCACHE", "GOMODCACHE"], text=True)
    return dict(zip(["GOCACHE", "GOMODCACHE"], output.split()))


BARE = {
    "a bare PATH and no HOME": {},
    "a home that cannot be written": {"HOME": "/proc"},
    "a home that is not there": {"HOME": "/nonexistent/home"},
}


@pytest.mark.parametrize("what", BARE)
def test_a_poor_environment(kernels, what):
    poor = {"PATH": "/usr/bin:/bin", "TMPDIR": os.environ["TMPDIR"]} | BARE[what]
    kernel = kernels(poor | caches() if "HOME" in poor else poor)
    assert run(kernel, 'import "fmt"\n%%\nfmt.Println(1)')[:2] == ("ok", "1\n")
    assert run(kernel, 'import "evident/kit/claim"\n%%\nfmt.Println(claim.Supported)')[0] == "ok"
    assert "Println" in ask(kernel, kernel.client.complete("%%\nfmt.Pr", 9))["matches"]
