package minibatch

import (
	. "github.com/gomlx/gomlx/core/graph"

	"evident/datasets/toy"
	"evident/internal/badinput"
	"evident/kit/sweep"
)

// Task is a generated problem of two classes in the plane.
type Task string

// The tasks.
const (
	Quadrants Task = "quadrants" // the class says whether the signs agree
	Spirals   Task = "spirals"   // two arms, half a turn each
)

func (t Task) check(name string) error {
	if t != Quadrants && t != Spirals {
		return badinput.Errorf("%s is %q: use %s or %s", name, t, Quadrants, Spirals)
	}
	return nil
}

// data draws n examples of the task.
func (t Task) data(n int) sweep.Data {
	if t == Spirals {
		return toy.Spirals(n, spiralDraw, 0.5, 0.05)
	}
	return toy.Quadrants(n, quadrantDraw, 0)
}

// The seeds of the generated data. All seeds of a comparison see the same
// examples: a caveat of its verdict.
const (
	quadrantDraw   = 1
	spiralDraw     = 2
	regressionDraw = 3
	gaussianDraw   = 4
	flippedDraw    = 5
)

// smallNet has one hidden layer of tanh and two classes.
func smallNet(hidden int) sweep.Net {
	return sweep.Net{Widths: []int{2, hidden, 2}, Activation: Tanh, Loss: sweep.CrossEntropy}
}

// batchSize is the size as [sweep.Config] wants it: 0 for all examples, which
// need not be gathered.
func batchSize(size, examples int) int {
	if size == examples {
		return 0
	}
	return size
}
