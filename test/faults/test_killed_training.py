"""A training in a notebook whose process dies goes on when its cell is run again, and comes to the same."""

import os
import re

import pytest
from processes import members

IMPORTS = """%noautoget
import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"evident/kit/fit"
	"evident/kit/progress"
	"evident/kit/nn"
	"evident/kit/show"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/janpfeifer/must"
)

func circle() fit.Data {
	random := rand.New(rand.NewPCG(1, 2))
	values, labels := make([]float32, 1024), make([]int32, 512)
	for i := range labels {
		x, y := random.Float32()*2-1, random.Float32()*2-1
		values[2*i], values[2*i+1] = x, y
		if x*x+y*y < 0.5 {
			labels[i] = 1
		}
	}
	return fit.NewData(values, []int{2}, labels)
}

func network(scope *model.Scope, x *graph.Node) *graph.Node {
	return nn.Dense(scope.In("out"), nn.ReLU(nn.Dense(scope.In("hidden"), x, 16)), 2)
}
"""
# 10 epochs of 16 steps.
TRAIN = """%%
ctx := progress.WithNotices(context.Background(), func(line string) {{ fmt.Println("NOTICE", line) }})
ctx = progress.With(ctx, func(p progress.Update) {{
	if p.Step%16 == 1 {{
		fmt.Println("EPOCH", p.Step/16+1)
	}}
	time.Sleep({pause} * time.Millisecond)
}})
data := circle()
c := must.M1(fit.NewClassifier(show.Backend(), network, data, 32, nn.Adam(0.9, 0.999, 1e-7).GoMLX(0.02)))
history := must.M1(c.Train(ctx, data, fit.Training{{Task: "circle", Seed: 3, Epochs: 10,
	Checkpoint: fit.Checkpoint{{File: "{file}"}}}}))
fmt.Println("LOSSES", history.Losses)
fmt.Println("LOGITS", must.M1(c.Logits(ctx, data)))
"""


def results(printed: str) -> list[str]:
    found = re.findall(r"^(?:LOSSES|LOGITS) .*$", printed, re.MULTILINE)
    assert len(found) == 2
    return found


@pytest.mark.parametrize("victim", ["the cell", "the kernel"])
def test_a_killed_training_goes_on(kernel, place, victim):
    file = place / "cache/models/circle.training"
    assert kernel.run(IMPORTS)[0] == "ok"

    request = kernel.start(TRAIN.format(file=file, pause=50), until="EPOCH 4\n")
    if victim == "the cell":
        for process, command in members([kernel.pid]).items():
            if process != kernel.pid and "bin/go" not in command:
                os.kill(process, 9)
        kernel.wait_for_end(request)
    else:
        kernel.kill()
        assert kernel.run(IMPORTS)[0] == "ok"
    assert file.exists()

    status, printed = kernel.run(TRAIN.format(file=file, pause=0))
    assert status == "ok"
    [notice] = re.findall("^NOTICE (.*)$", printed, re.MULTILINE)
    done = int(re.fullmatch(rf"circle: goes on after epoch (\d) of 10, from the checkpoint {file}", notice)[1])
    assert done >= 3
    assert re.findall(r"EPOCH (\d+)", printed) == [str(epoch) for epoch in range(done + 1, 11)]
    assert list(file.parent.iterdir()) == []

    status, whole = kernel.run(TRAIN.format(file="", pause=0))
    assert status == "ok"
    assert "NOTICE" not in whole
    assert results(printed) == results(whole)


def test_a_checkpoint_of_another_training_is_named_and_not_used(kernel, place):
    file = place / "cache/models/circle.training"
    assert kernel.run(IMPORTS)[0] == "ok"
    kernel.start(TRAIN.format(file=file, pause=50), until="EPOCH 3\n")
    kernel.kill()

    assert kernel.run(IMPORTS)[0] == "ok"
    another = TRAIN.replace("Seed: 3", "Seed: 4")
    status, printed = kernel.run(another.format(file=file, pause=0))
    assert status == "ok"
    [notice] = re.findall("^NOTICE (.*)$", printed, re.MULTILINE)
    assert notice == f"circle: the checkpoint {file} is of another training (different: seed): training starts again"
    assert re.findall(r"EPOCH (\d+)", printed) == [str(epoch) for epoch in range(1, 11)]
