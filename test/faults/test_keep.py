"""What is kept between cells: it is made once, and anew only when the code that it depends on has changed."""

import re
import subprocess

import pytest
from test_kernel import run

IMPORTS = """import (
	"fmt"
	"time"

	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/show"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/janpfeifer/must"
)
"""

SLOW = """type Answer struct {
	Text    string
	Numbers map[string][]float64
}

var rate = 0.5

func scaled(x float64) float64 { return rate * x }

func answer() Answer {
	return show.Keep("answer", func() Answer {
		time.Sleep(time.Second)
		return Answer{"made", map[string][]float64{"half": {scaled(1)}}}
	})
}
"""

ASK = "%%\nfmt.Println(answer())"


def said(printed: str) -> str:
    """The line of show.Keep and what the cell printed, without the time."""
    return re.sub(r"\d+ \w+ 20\d\d, \d\d:\d\d", "TIME", re.sub(r"in [\d.]+ s", "in SECONDS", printed))


def output(kernel, code: str) -> tuple[str, list[str]]:
    """Status, and the lines of show.Keep."""
    lines = []

    def hook(message: dict) -> None:
        if text := message["content"].get("data", {}).get("text/plain"):  # a progress bar has none
            lines.append(said(text))
        elif message["msg_type"] == "stream":
            lines.extend(message["content"]["text"].splitlines())

    reply = kernel.client.execute_interactive(code, timeout=120, output_hook=hook, stop_on_error=False)["content"]
    return reply["status"], lines


MADE, KEPT = "made: answer, in SECONDS", "kept: answer, made TIME"
HALF = "{made map[half:[0.5]]}"


def test_a_value_is_made_once_and_anew_when_its_code_changes(kernel, program):
    assert output(kernel, IMPORTS + SLOW + ASK) == ("ok", [MADE, HALF])
    assert output(kernel, ASK) == ("ok", [KEPT, HALF])
    assert output(kernel, "func aside() int { return 1 }\n%%\nfmt.Println(aside(), answer())") == ("ok", [KEPT, "1 " + HALF])
    assert output(kernel, SLOW.replace("func scaled", "// scaled scales\nfunc scaled") + "%%\n\n// again\nfmt.Println(answer())") == ("ok", [KEPT, HALF])

    kernel.restart()
    assert output(kernel, IMPORTS + SLOW + "%%\nx := answer()\nfmt.Println(x)") == ("ok", [KEPT, HALF])

    for change in ["func scaled(x float64) float64 { return 2 * rate * x }", "var rate = 0.75"]:
        assert output(kernel, change + "\n" + ASK)[1][0] == MADE, change
        assert output(kernel, ASK)[1][0] == KEPT, change
    assert output(kernel, IMPORTS + SLOW + ASK) == ("ok", [KEPT, HALF]), "it is as it was, and still there"
    assert output(kernel, "%%\nrate = 0.1\nfmt.Println(answer())") == ("ok", [MADE, "{made map[half:[0.1]]}"])

    assert output(kernel, '%%\nshow.Forget("answer")') == ("ok", ["forgotten: answer, 4 values"])
    assert output(kernel, ASK)[1][0] == MADE
    off = "made: answer, and not kept: EVIDENT_KEEP is off, or there is no cache folder"
    assert output(kernel, "%env EVIDENT_KEEP=off\n" + ASK)[1][1:] == [off, HALF]
    assert output(kernel, "%env EVIDENT_KEEP=\n" + ASK)[1][1:] == [KEPT, HALF]
    assert "deleted 1 " in subprocess.check_output([program, "clean"], text=True)
    assert output(kernel, ASK)[1][0] == MADE


NET = """var points = fit.NewTargetData([]float64{0, 0.25, 0.5, 0.75, 1}, []int{1}, []float32{1, 1.5, 2, 2.5, 8}, []int{1})

func network(scope *model.Scope, x *Node) *Node {
	return nn.Dense(scope.In("out"), nn.ReLU(nn.Dense(scope.In("hidden"), x, 4)), 1)
}

func trained() (*fit.Model, fit.History) {
	net := must.M1(fit.NewRegressor(show.Backend(), network, points, 5, optimizer.Adam().LearningRate(0.02).Done()))
	history := show.Keep("net", func() fit.History { return show.Train(net, points, fit.Training{Seed: 7, Epochs: 30}) }, net)
	return net, history
}
%%
net, history := trained()
fmt.Println(must.M1(net.Predict(show.Context(), points)), history.Epochs[29].Loss)
"""


def test_a_net_keeps_its_weights_over_a_restart(kernel):
    status, first = output(kernel, IMPORTS + NET)
    assert status == "ok", first
    assert "made: net, in SECONDS" in first
    kernel.restart()
    status, again = output(kernel, IMPORTS + NET)
    assert (status, again) == ("ok", ["kept: net, made TIME", first[-1]]), "the same predictions to the last digit"
    status, third = output(kernel, "%%\nnet, _ := trained()\nfmt.Println(must.M1(net.Evaluate(show.Context(), points)))")
    assert status == "ok" and third[0] == "kept: net, made TIME"


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ('%%\nshow.Keep("f", func() func() { return func() {} })', 'show.Keep cannot store "f": func() is a func, which lives in one program only: return numbers, texts, lists'),
        ('%%\nshow.Keep("c", func() map[string]chan int { return nil })', "map[string]chan int[…] is a chan"),
        ('type hidden struct{ A, b int }\n%%\nshow.Keep("h", func() []hidden { return nil })', "[]main.hidden[…].b is unexported, so it would be lost"),
        ('%%\nshow.Keep("n", func() *fit.Model { return nil })', 'show.Keep cannot store "n", a *fit.Model: build the net before, return its history, and name the net behind the function'),
        ('%%\nshow.Keep("", func() int { return 1 })', "show.Keep has no name to keep the value under"),
        (
            'func f(lr float64) float64 { return show.Keep("p", func() float64 { return lr }) }\n%%\nf(1)',
            'cell [2], line 1: the kept value depends on lr, a parameter of f: write it into the name, as in show.Keep(fmt.Sprint("p", lr), …)',
        ),
    ],
)
def test_what_cannot_be_kept_is_refused_in_one_line(kernel, cell, message):
    assert run(kernel, IMPORTS + "%%\nfmt.Println(1)")[0] == "ok"
    status, _, error = run(kernel, cell)
    assert status == "error"
    assert message in error["evalue"] and "\n" not in error["evalue"]


def test_what_was_interrupted_is_not_kept(kernel):
    endless = """func endless() fit.History {
	net := must.M1(fit.NewRegressor(show.Backend(), network, points, 5, optimizer.Adam().Done()))
	return show.Keep("endless", func() fit.History {
		fmt.Println("training")
		return show.Train(net, points, fit.Training{Epochs: 100_000_000})
	}, net)
}
"""
    assert output(kernel, IMPORTS + NET)[0] == "ok"
    request = kernel.start(endless + "%%\nfmt.Println(len(endless().Epochs) > 0)", "training")
    kernel.manager.interrupt_kernel()
    lines = [m["content"].get("data", {}).get("text/plain", "") for m in kernel.said(request, 30)]
    assert any(re.match(r"made: endless, and not kept: it was interrupted", line) for line in lines), lines


def test_a_lost_value_is_told_of_keep(kernel):
    assert run(kernel, IMPORTS + "%%\nnet := 3\nfmt.Println(net)")[0] == "ok"
    _, _, error = run(kernel, "%%\nfmt.Println(net)")
    assert "show.Keep" in error["traceback"][0]
