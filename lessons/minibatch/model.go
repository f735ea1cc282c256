package minibatch

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/compute"
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

// draw returns the function that draws n examples of the task from a seed.
func (t Task) draw(n int) func(seed int64) sweep.Data {
	return func(seed int64) sweep.Data {
		if t == Spirals {
			return toy.Spirals(n, seed, 0.5, 0.05)
		}
		return toy.Quadrants(n, seed, 0)
	}
}

// smallNet has one hidden layer of tanh and two classes.
func smallNet(hidden int) sweep.Net {
	return sweep.Net{Widths: []int{2, hidden, 2}, Activation: Tanh, Loss: sweep.CrossEntropy}
}

// InitialWeights are those of the lesson's nets for a seed, as one vector: the
// weights [2, hidden] and biases of the hidden units, then the weights [hidden, 2]
// and biases of the two outputs.
func InitialWeights(hidden int, seed int64) []float64 {
	return sweep.Draw(smallNet(hidden).Model(), seed, 1)
}

// batchSize is the size as [sweep.Config] wants it: 0 for all examples, which
// need not be gathered.
func batchSize(size, examples int) int {
	if size == examples {
		return 0
	}
	return size
}

// checkSizes returns an error for the first batch size of a knob that is above
// the most.
func checkSizes(name string, sizes []int, most int) error {
	for _, size := range sizes {
		if size > most {
			return badinput.Errorf("%s has %d: the most is %d", name, size, most)
		}
	}
	return nil
}

// training is a small net on a task.
type training struct {
	name     string // in progress reports
	task     Task
	examples int
	hidden   int
	steps    int
	own      Own
}

// curves trains every replica by batches of one size, which is the number of
// examples for full batches. It returns the losses of the steps, each on its own
// batch: [replica][step].
func (t training) curves(ctx context.Context, backend compute.Backend, size int, replicas []sweep.Replica) ([][]float64, error) {
	return t.visited(ctx, backend, size, replicas, 1, nil)
}

// visited is curves with a look at the parameters every steps/checkpoints steps.
// More steps in a call take longer to compile, which long trainings make up for.
func (t training) visited(ctx context.Context, backend compute.Backend, size int, replicas []sweep.Replica, perCall int, visit func(step int, params [][]float64) error) ([][]float64, error) {
	m := t.own.net(t.hidden).Model()
	config := sweep.Config{Model: m, Optimizer: t.own.Optimizer, Draw: t.task.draw(t.examples), BatchSize: batchSize(size, t.examples), StepsPerCall: perCall}
	program, err := sweep.New(backend, config)
	if err != nil {
		return nil, err
	}
	defer program.Finalize()
	trace, err := program.Run(ctx, sweep.Run{
		Task: t.name, Replicas: replicas, Steps: t.steps, Visit: visit, Every: max(t.steps/checkpoints, 1),
	})
	if err != nil {
		return nil, err
	}
	losses := make([][]float64, len(replicas))
	for i := range losses {
		losses[i] = trace.Curve(i)
	}
	return losses, nil
}

// checkpoints along a training.
const checkpoints = 60

// roundingSingle is the smallest rise of a float32 loss, as a fraction of it, that
// counts as one. It is not the bound of the rounding error, which is larger, since
// single steps do not matter there.
const roundingSingle = 1e-6

// roundingDouble bounds the rise of a mean loss over n examples, as a fraction of
// it, that rounding in float64 can make between two steps. Adding up n positive
// terms has a relative error of at most n·u, with u = 2⁻⁵³ (Higham 2002, equation
// 4.4), and the loss of an example some 50·u; both count at two steps.
func roundingDouble(n int) float64 { return 2 * float64(n+50) * 0x1p-53 }

// rises counts the steps at which the loss is above that of the step before, by
// more than rounding.
func rises(losses []float64, rounding float64) int {
	count := 0
	for i := 1; i < len(losses); i++ {
		if losses[i]-losses[i-1] > rounding*math.Abs(losses[i-1]) {
			count++
		}
	}
	return count
}

// RisingFraction is the fraction of the steps of a float32 training at which the loss
// rises, from 0 to 1. A curve that is not finite counts up to there.
func RisingFraction(losses []float64) float64 {
	losses = finiteStart(losses)
	return float64(rises(losses, roundingSingle)) / float64(max(len(losses)-1, 1))
}

// risingFractions is one fraction a curve.
func risingFractions(curves [][]float64) []float64 {
	fractions := make([]float64, len(curves))
	for i, losses := range curves {
		fractions[i] = RisingFraction(losses)
	}
	return fractions
}

// Wander is the way that the loss goes up and down in all, over the distance
// between its highest and its lowest value: 1 for a curve that only falls, and
// at least 1 for every other. A curve that is not finite counts up to there; one
// that is flat has 1.
func Wander(losses []float64) float64 {
	losses = finiteStart(losses)
	way, lowest, highest := 0.0, math.Inf(1), math.Inf(-1)
	for i, loss := range losses {
		if i > 0 {
			way += math.Abs(loss - losses[i-1])
		}
		lowest, highest = min(lowest, loss), max(highest, loss)
	}
	if !(highest > lowest) {
		return 1
	}
	return way / (highest - lowest)
}

// finiteStart is the curve before its first value that is not finite.
func finiteStart(losses []float64) []float64 {
	for i, loss := range losses {
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return losses[:i]
		}
	}
	return losses
}

func percent(fraction float64) string { return fmt.Sprintf("%.0f %%", 100*fraction) }
