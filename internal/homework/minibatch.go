package homework

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats/scalar"

	"evident/kit/exercise"
	"evident/lessons/minibatch"

	"evident/internal/homework/solution"
)

func minibatchSteps(d draw) question {
	n := struct{ Examples, Size, Epochs, PerEpoch int }{
		Examples: d.between(300, 150, 900), Size: d.int(32, 16, 24, 32, 48, 64), Epochs: d.between(5, 4, 9),
	}
	n.PerEpoch = (n.Examples + n.Size - 1) / n.Size
	return question{
		form: count("steps"), points: 1, numbers: n,
		right: n.PerEpoch * n.Epochs,
		mistakes: []mistake{
			{"last batch", n.Examples / n.Size * n.Epochs},
			{"across epochs", (n.Examples*n.Epochs + n.Size - 1) / n.Size},
			{"one epoch", n.PerEpoch},
			{"examples", n.Examples * n.Epochs},
		},
	}
}

// line is the model ŷ = w·x with its examples.
type line struct{ X, Y []float64 }

// gradient returns the gradient of ½(wx − y)², averaged over a batch.
func (l line) gradient(weight float64, batch []int) float64 {
	sum := 0.0
	for _, i := range batch {
		sum += (weight*l.X[i] - l.Y[i]) * l.X[i]
	}
	return sum / float64(len(batch))
}

// loss returns ½(wx − y)², averaged over a batch.
func (l line) loss(weight float64, batch []int) float64 {
	sum := 0.0
	for _, i := range batch {
		residual := weight*l.X[i] - l.Y[i]
		sum += residual * residual / 2
	}
	return sum / float64(len(batch))
}

// all returns the indices of all examples.
func (l line) all() []int {
	indices := make([]int, len(l.X))
	for i := range indices {
		indices[i] = i
	}
	return indices
}

// drawLine draws six examples.
func drawLine(d draw) (l line) {
	for _, x := range []int{1, 3, 2, 4, 2, 1} {
		l.X = append(l.X, float64(d.between(x, 1, 4)))
	}
	for _, y := range []int{2, 5, 3, 9, 6, 1} {
		l.Y = append(l.Y, float64(d.between(y, 0, 9)))
	}
	return l
}

// drawBatch draws four of six examples.
func drawBatch(d draw) (batch []int) {
	first := d.between(1, 0, 4)
	second := d.between(4, first+1, 5) // the two that are left out
	for i := range 6 {
		if i != first && i != second {
			batch = append(batch, i)
		}
	}
	return batch
}

func minibatchMove(d draw) question {
	n := struct {
		line
		Batch                  []int // counted from 0
		Weight, Rate, Gradient float64
	}{
		line: drawLine(d), Batch: drawBatch(d),
		Weight: d.float(1, -1, 0, 0.5, 1, 3), Rate: d.float(0.1, 0.02, 0.04, 0.05, 0.1),
	}
	n.Gradient = n.gradient(n.Weight, n.Batch)
	size, examples := float64(len(n.Batch)), float64(len(n.X))
	return question{
		form: number(0.001), points: 2, numbers: n,
		right: scalar.Round(n.Weight-n.Rate*n.Gradient, 3),
		mistakes: []mistake{
			{"sum", n.Weight - n.Rate*n.Gradient*size},
			{"full batch", n.Weight - n.Rate*n.gradient(n.Weight, n.all())},
			{"all examples", n.Weight - n.Rate*n.Gradient*size/examples},
			{"uphill", n.Weight + n.Rate*n.Gradient},
			{"no half", n.Weight - 2*n.Rate*n.Gradient},
		},
	}
}

func minibatchNoise(d draw) question {
	n := struct {
		Examples, Size int
		Variance       float64
	}{
		d.int(16, 10, 12, 16, 20, 24, 30), d.int(4, 2, 3, 4, 5, 6), float64(d.between(60, 30, 90)),
	}
	examples, size := float64(n.Examples), float64(n.Size)
	right := n.Variance * minibatch.Predicted(n.Size, n.Examples, false)
	return question{
		form: number(0.01), points: 1, numbers: n,
		right: scalar.Round(right, 2),
		mistakes: []mistake{
			{"replacement", n.Variance * minibatch.Predicted(n.Size, n.Examples, true)},
			{"correction", n.Variance / size * (examples - size) / examples},
			{"root", math.Sqrt(right)},
			{"root of the size", right * math.Sqrt(size)},
		},
	}
}

// The trainings that a loss curve may show.
const (
	fullBatch = "full"
	miniBatch = "mini"
	rateHigh  = "too high"
)

// pictured returns the loss along a training of ŷ = w·x on twelve noisy examples.
// Each value is the loss on the batch of its step.
func pictured(kind string, random *rand.Rand) []float64 {
	const examples, size, epochs = 12, 2, 2
	var l line
	for range examples {
		x := 0.5 + 1.5*random.Float64()
		l.X, l.Y = append(l.X, x), append(l.Y, 2*x+0.5*random.NormFloat64())
	}
	curvature := l.gradient(1, l.all()) - l.gradient(0, l.all())
	product := 0.15
	if kind == rateHigh {
		product = 2.1
	}
	var losses []float64
	weight := 0.0
	for range epochs {
		for batch := range slices.Chunk(random.Perm(examples), size) {
			if kind != miniBatch {
				batch = l.all()
			}
			losses = append(losses, l.loss(weight, batch))
			weight -= product / curvature * l.gradient(weight, batch)
		}
	}
	return losses
}

func minibatchPicture(d draw) question {
	kind := d.word(miniBatch, fullBatch, miniBatch, rateHigh)
	random := exercise.Random("picture", fmt.Sprint(d.seed(1)))
	losses := pictured(kind, random)
	for kind == miniBatch && math.Abs(minibatch.RisingFraction(losses)-0.5) > 0.2 {
		losses = pictured(kind, random) // draw again: a curve that happens to fall for long could be confused with another
	}
	return question{
		form: choice(fullBatch, miniBatch, rateHigh), points: 1, numbers: struct{ Losses []float64 }{losses},
		right: kind,
	}
}

// gainOfStep returns the gain of the best step on a batch as a fraction of the
// gain on a full batch (McCandlish et al. 2018, equation 2.7).
func gainOfStep(scale, size float64) float64 { return 1 / (1 + scale/size) }

func minibatchGain(d draw) question {
	n := struct{ Variance, Norm, Small, Large, Scale float64 }{
		Variance: float64(10 * d.between(18, 10, 40)), Norm: d.float(3, 2, 2.5, 3, 4, 5), Small: d.float(8, 4, 8, 16),
	}
	times := d.float(4, 2, 4, 8)
	n.Large, n.Scale = n.Small*times, n.Variance/(n.Norm*n.Norm)
	gain := func(scale float64) float64 { return gainOfStep(scale, n.Large) / gainOfStep(scale, n.Small) }
	return question{
		form: number(0.01), points: 2, numbers: n,
		right: scalar.Round(gain(n.Scale), 2),
		mistakes: []mistake{
			{"perfect", times},
			{"noise", math.Sqrt(times)},
			{"not squared", gain(n.Variance / n.Norm)},
			{"upside down", 1 / gain(n.Scale)},
		},
	}
}

func minibatchFunction(draw) question {
	return question{
		form: coding, points: 3, right: solution.Epoch,
		mistakes: []mistake{
			{"sum", func(weight, rate float64, inputs, targets []float64, order []int, size int) float64 {
				for batch := range slices.Chunk(order, size) {
					weight = solution.Epoch(weight, rate*float64(len(batch)), inputs, targets, batch, size)
				}
				return weight
			}},
			{"size", func(weight, rate float64, inputs, targets []float64, order []int, size int) float64 {
				for batch := range slices.Chunk(order, size) {
					weight = solution.Epoch(weight, rate*float64(len(batch))/float64(size), inputs, targets, batch, size)
				}
				return weight
			}},
			{"stale", func(weight, rate float64, inputs, targets []float64, order []int, size int) float64 {
				moved := weight
				for batch := range slices.Chunk(order, size) {
					moved += solution.Epoch(weight, rate, inputs, targets, batch, size) - weight
				}
				return moved
			}},
			{"one step", func(weight, rate float64, inputs, targets []float64, order []int, _ int) float64 {
				return solution.Epoch(weight, rate, inputs, targets, order, len(order))
			}},
		},
		code: code{"epoch", epochInputs},
	}
}

// epochInputs draws data whose last batch is smaller than the others. The weight
// starts positive, away from all targets, so that every step is visible.
func epochInputs(random *rand.Rand) []any {
	size := 2 + random.IntN(2)
	inputs, targets := make([]float64, 2*size+1), make([]float64, 2*size+1)
	for i := range inputs {
		inputs[i], targets[i] = float64(10+random.IntN(15))/10, -float64(10+random.IntN(21))/10
	}
	return []any{float64(5 + random.IntN(4)), float64(2+random.IntN(3)) / 100, inputs, targets, random.Perm(len(inputs)), size}
}

func minibatchSpread(draw) question {
	spread := solution.Spread
	return question{
		form: coding, points: 3, right: spread,
		mistakes: []mistake{
			{"no centre", func(g *Node) *Node { return ReduceAllMean(ReduceSum(Square(g), -1)) }},
			{"sum", func(g *Node) *Node { return MulScalar(spread(g), float64(g.Shape().Dim(0))) }},
			{"numbers", func(g *Node) *Node { return DivScalar(spread(g), float64(g.Shape().Dim(1))) }},
			{"sample", func(g *Node) *Node {
				n := float64(g.Shape().Dim(0))
				return MulScalar(spread(g), n/(n-1))
			}},
			{"axis", func(g *Node) *Node {
				return ReduceAllMean(ReduceSum(Square(Sub(g, ReduceAndKeep(g, ReduceMean, 1))), -1))
			}},
			{"root", func(g *Node) *Node { return Sqrt(spread(g)) }},
		},
		code: code{"spread", func(random *rand.Rand) []any {
			return []any{matrixOf(3+random.IntN(2), 2, func() float64 { return float64(random.IntN(401)-200) / 100 })}
		}},
	}
}
