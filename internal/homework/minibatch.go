package homework

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"gonum.org/v1/gonum/floats/scalar"

	"evident/kit/exercise"
	"evident/lessons/minibatch"

	"evident/internal/homework/solution"
)

// minibatchQuestions are the exercises on question 1 (d): full batches and
// mini-batches.
func minibatchQuestions() []template {
	return []template{
		{"steps", minibatchSteps},
		{"move", minibatchMove},
		{"noise", minibatchNoise},
		{"picture", minibatchPicture},
		{"gain", minibatchGain},
		{"epoch", minibatchFunction},
	}
}

func minibatchSteps(d Draw) exercise.Question {
	examples, size, epochs := d.Between(300, 150, 900), d.Int(32, 16, 24, 32, 48, 64), d.Between(5, 4, 9)
	perEpoch := (examples + size - 1) / size
	return exercise.Question{
		Title: "Steps and epochs",
		Text: fmt.Sprintf("A training on **%d** examples cuts them, shuffled anew in every epoch, into batches of **%d**. The last batch of an epoch holds what is left, and is used too. How many steps does the training make in **%d** epochs?",
			examples, size, epochs),
		Form: exercise.Form{Kind: exercise.Count, Unit: "steps"}, Points: 1, Effort: 3,
		Right: perEpoch * epochs,
		Why:   fmt.Sprintf("An epoch has %d/%d batches, rounded up: %d. Each is one step, in each of %d epochs.", examples, size, perEpoch, epochs),
		Mistakes: []exercise.Mistake{
			{Answer: examples / size * epochs, Hint: "the last batch of every epoch, which is smaller, is forgotten"},
			{Answer: (examples*epochs + size - 1) / size, Hint: "batches do not reach across the end of an epoch: round up in each of them"},
			{Answer: perEpoch, Hint: "these are the steps of one epoch"},
			{Answer: examples * epochs, Hint: "these are examples; a step takes a batch of them"},
		},
	}
}

// line is the model ŷ = w·x with its examples.
type line struct{ inputs, targets []float64 }

// gradient of ½(wx − y)², the mean over a batch.
func (l line) gradient(weight float64, batch []int) float64 {
	sum := 0.0
	for _, i := range batch {
		sum += (weight*l.inputs[i] - l.targets[i]) * l.inputs[i]
	}
	return sum / float64(len(batch))
}

// loss is ½(wx − y)², the mean over a batch.
func (l line) loss(weight float64, batch []int) float64 {
	sum := 0.0
	for _, i := range batch {
		residual := weight*l.inputs[i] - l.targets[i]
		sum += residual * residual / 2
	}
	return sum / float64(len(batch))
}

// all are the indices of all examples.
func (l line) all() []int {
	indices := make([]int, len(l.inputs))
	for i := range indices {
		indices[i] = i
	}
	return indices
}

// row is one line of a table in Markdown.
func (l line) row(name string, values []float64) string {
	text := "| " + name
	for _, value := range values {
		text += fmt.Sprintf(" | %g", value)
	}
	return text + " |\n"
}

// drawLine draws six examples.
func drawLine(d Draw) (l line) {
	for _, x := range []int{1, 3, 2, 4, 2, 1} {
		l.inputs = append(l.inputs, float64(d.Between(x, 1, 4)))
	}
	for _, y := range []int{2, 5, 3, 9, 6, 1} {
		l.targets = append(l.targets, float64(d.Between(y, 0, 9)))
	}
	return l
}

// drawBatch draws four of six examples, and writes their numbers, from 1 on.
func drawBatch(d Draw) (batch []int, text string) {
	first := d.Between(2, 1, 5)
	second := d.Between(5, first+1, 6) // these two are left out
	for i := range 6 {
		if number := i + 1; number != first && number != second {
			batch = append(batch, i)
			text += fmt.Sprintf("%d, ", number)
		}
	}
	return batch, strings.TrimSuffix(text, ", ")
}

func minibatchMove(d Draw) exercise.Question {
	l := drawLine(d)
	batch, numbers := drawBatch(d)
	weight, rate := d.Float(1, -1, 0, 0.5, 1, 3), d.Float(0.1, 0.02, 0.04, 0.05, 0.1)
	gradient, whole := l.gradient(weight, batch), l.gradient(weight, l.all())
	size, examples := float64(len(batch)), float64(len(l.inputs))
	return exercise.Question{
		Title: "A step on a batch",
		Text: fmt.Sprintf("The model $\\hat y = w x$ has the loss $\\tfrac12 (\\hat y - y)^2$, as the mean over a batch. These are all examples:\n\n| example | 1 | 2 | 3 | 4 | 5 | 6 |\n|---|---|---|---|---|---|---|\n%s%s\nNow $w$ is **%g**. What is it after one step of mini-batch descent with the rate **%g** on a batch of the examples **%s**? Round to three decimals.",
			l.row("$x$", l.inputs), l.row("$y$", l.targets), weight, rate, numbers),
		Form: exercise.Form{Kind: exercise.Number, Step: 0.001}, Points: 2, Effort: 18,
		Right: scalar.Round(weight-rate*gradient, 3),
		Why:   fmt.Sprintf("The gradient of the batch is the mean of $(wx - y)\\,x$ over its four examples, %g; a step subtracts $\\eta$ times that.", gradient),
		Mistakes: []exercise.Mistake{
			{Answer: weight - rate*gradient*size, Hint: "the gradient of a batch is the mean over its examples, not the sum"},
			{Answer: weight - rate*whole, Hint: "this is the step of the full batch"},
			{Answer: weight - rate*gradient*size/examples, Hint: "the mean is over the examples of the batch, not over all of them"},
			{Answer: weight + rate*gradient, Hint: "this goes uphill: a step is against the gradient"},
			{Answer: weight - 2*rate*gradient, Hint: "the ½ of the loss cancels the 2 of its derivative"},
		},
	}
}

func minibatchNoise(d Draw) exercise.Question {
	examples, size := d.Int(16, 10, 12, 16, 20, 24, 30), d.Int(4, 2, 3, 4, 5, 6)
	variance := float64(d.Between(60, 30, 90))
	n, b := float64(examples), float64(size)
	right := variance * minibatch.Predicted(size, examples, false)
	return exercise.Question{
		Title: "The noise of a batch",
		Text: fmt.Sprintf("The gradients of **%d** examples have a mean squared distance of $\\sigma^2$ = **%g** from their mean $\\bar g$. A batch of **%d** different examples is drawn at random, and $g_B$ is the mean of their gradients. How large is $\\mathbb E\\,\\lVert g_B - \\bar g \\rVert^2$? Round to two decimals.",
			examples, variance, size),
		Form: exercise.Form{Kind: exercise.Number, Step: 0.01}, Points: 1, Effort: 5,
		Right: scalar.Round(right, 2),
		Why:   "Without replacement it is $\\frac{\\sigma^2}{B} \\cdot \\frac{N - B}{N - 1}$: what the batch holds already cannot surprise again.",
		Mistakes: []exercise.Mistake{
			{Answer: variance * minibatch.Predicted(size, examples, true), Hint: "this is with replacement; here no example is drawn twice"},
			{Answer: variance / b * (n - b) / n, Hint: "the correction for drawing without replacement has N − 1 below: a batch of one example has all of the variance"},
			{Answer: math.Sqrt(right), Hint: "this is the root: a distance, not a squared one"},
			{Answer: right * math.Sqrt(b), Hint: "the distance falls with the root of the batch size, and its square with the batch size"},
		},
	}
}

// pictureKinds are what a loss curve may be of.
const (
	fullBatch = "full"
	miniBatch = "mini"
	rateHigh  = "too high"
)

// pictured is the loss along a training of ŷ = w·x on twelve noisy examples, each
// value on the batch of its step.
func pictured(kind string, random *rand.Rand) []float64 {
	const examples, size, epochs = 12, 2, 2
	var l line
	for range examples {
		x := 0.5 + 1.5*random.Float64()
		l.inputs, l.targets = append(l.inputs, x), append(l.targets, 2*x+0.5*random.NormFloat64())
	}
	curvature := l.gradient(1, l.all()) - l.gradient(0, l.all())
	share := 0.15
	if kind == rateHigh {
		share = 2.1
	}
	var losses []float64
	weight := 0.0
	for range epochs {
		for batch := range slices.Chunk(random.Perm(examples), size) {
			if kind != miniBatch {
				batch = l.all()
			}
			losses = append(losses, l.loss(weight, batch))
			weight -= share / curvature * l.gradient(weight, batch)
		}
	}
	return losses
}

func minibatchPicture(d Draw) exercise.Question {
	kind := d.Word(miniBatch, fullBatch, miniBatch, rateHigh)
	random := exercise.Random("picture", fmt.Sprint(d.Seed(1)))
	losses := pictured(kind, random)
	for kind == miniBatch && math.Abs(minibatch.RisingShare(losses)-0.5) > 0.2 {
		losses = pictured(kind, random) // a curve that happens to fall for long could be taken for another
	}
	var shown []string
	for _, loss := range losses {
		shown = append(shown, fmt.Sprintf("%.3f", loss))
	}
	return exercise.Question{
		Title: "Predict: which picture is it?",
		Text: fmt.Sprintf("Least squares on 12 examples. The losses that the training loop writes down, each of the batch that the step is made on: %s. Are they of *full* batches at a sensible rate, of *mini*-batches at a sensible rate, or of full batches at a rate that is *too high*?",
			strings.Join(shown, ", ")),
		Form: exercise.Form{Kind: exercise.Choice, Options: []string{fullBatch, miniBatch, rateHigh}}, Points: 1,
		Right: kind,
		Why:   "Least squares is a parabola: full batches fall with every step at a rate below $2/\\lambda$ and rise with every step above it. What goes up and down without a rule are losses on different examples.",
	}
}

// gainOfStep is what the best step on a batch brings, as a share of that on a full
// one (McCandlish et al. 2018, equation 2.7).
func gainOfStep(scale, size float64) float64 { return 1 / (1 + scale/size) }

func minibatchGain(d Draw) exercise.Question {
	variance, norm := float64(10*d.Between(18, 10, 40)), d.Float(3, 2, 2.5, 3, 4, 5)
	small, times := d.Float(8, 4, 8, 16), d.Float(4, 2, 4, 8)
	scale := variance / (norm * norm)
	right := gainOfStep(scale, small*times) / gainOfStep(scale, small)
	return exercise.Question{
		Title: "What a larger batch buys",
		Text: fmt.Sprintf("At its best rate, a step on batches of $B$ examples lowers the loss by $\\Delta f_{\\max} / (1 + \\mathcal B/B)$, where the noise scale $\\mathcal B$ is $\\sigma^2 / \\lVert \\bar g \\rVert^2$. Here $\\sigma^2$ = **%g** and $\\lVert \\bar g \\rVert$ = **%g**. How many times as much as with batches of **%g** does a step bring with batches of **%g**? Round to two decimals.",
			variance, norm, small, small*times),
		Form: exercise.Form{Kind: exercise.Number, Step: 0.01}, Points: 2, Effort: 7,
		Right: scalar.Round(right, 2),
		Why:   fmt.Sprintf("$\\mathcal B = %.4g$. The ratio is $(1 + \\mathcal B/%g) / (1 + \\mathcal B/%g)$: less than the ratio of the batch sizes, since noise is not all that limits a step.", scale, small, small*times),
		Mistakes: []exercise.Mistake{
			{Answer: times, Hint: "perfect scaling holds only for batches far below the noise scale"},
			{Answer: math.Sqrt(times), Hint: "this is by how much the noise of the gradient falls, not what a step brings"},
			{Answer: gainOfStep(variance/norm, small*times) / gainOfStep(variance/norm, small), Hint: "the norm of the gradient is to be squared in the noise scale"},
			{Answer: 1 / right, Hint: "this is the ratio the other way round"},
		},
	}
}

// throughEpoch makes one step a batch.
func throughEpoch(weight float64, order []int, size int, step func(weight float64, batch []int) float64) float64 {
	for batch := range slices.Chunk(order, size) {
		weight = step(weight, batch)
	}
	return weight
}

func minibatchFunction(d Draw) exercise.Question {
	type epoch = func(weight, rate float64, inputs, targets []float64, order []int, size int) float64
	// general is an epoch whose steps may divide by another number, and may take the
	// gradient at another weight.
	general := func(divisor func(batch, size int) int, at func(start, now float64) float64) epoch {
		return func(weight, rate float64, inputs, targets []float64, order []int, size int) float64 {
			return throughEpoch(weight, order, size, func(now float64, batch []int) float64 {
				sum := line{inputs, targets}.gradient(at(weight, now), batch) * float64(len(batch))
				return now - rate*sum/float64(divisor(len(batch), size))
			})
		}
	}
	now := func(_, now float64) float64 { return now }
	mean := func(batch, _ int) int { return batch }
	return exercise.Question{
		Title: "Write an epoch",
		Text:  "Write one epoch of mini-batch descent for the model $\\hat y = w x$ with the loss $\\tfrac12 (\\hat y - y)^2$, as the mean over the batch. It starts from the `weight` $w$; the examples are the `inputs` $x$ and the `targets` $y$. `order` holds their indices as they were shuffled, from 0 on: the first `size` of them are the first batch, the next `size` the second, and so on. The last batch may be smaller, and is used too. Each batch makes one step with the `rate`. The result is the weight after the epoch.",
		Form:  exercise.Form{Kind: exercise.Code}, Points: 3,
		Why: "Each step starts from the weight that the step before has left, and divides by the size of its own batch.",
		Function: &exercise.Function{
			Name: "epoch", Solution: solution.Source("epoch"), Solved: solution.Epoch,
			Reference: general(mean, now),
			Wrong: []exercise.Slip{
				{Function: general(func(_, _ int) int { return 1 }, now), Hint: "the gradient of a batch is the mean over its examples, not the sum"},
				{Function: general(func(_, size int) int { return size }, now), Hint: "the last batch may hold fewer examples: divide by how many it holds"},
				{Function: general(mean, func(start, _ float64) float64 { return start }), Hint: "each gradient is taken at the weight that the step before has left"},
				{Function: func(weight, rate float64, inputs, targets []float64, order []int, _ int) float64 {
					return weight - rate*line{inputs, targets}.gradient(weight, order)
				}, Hint: "this is one step on all examples; every batch makes a step of its own"},
			},
			Inputs: epochInputs,
		},
	}
}

// epochInputs have a last batch that is smaller than the others. The weight comes
// down from above 0, where no target lies, so that every step can be seen.
func epochInputs(random *rand.Rand) []any {
	size := 2 + random.IntN(2)
	inputs, targets := make([]float64, 2*size+1), make([]float64, 2*size+1)
	for i := range inputs {
		inputs[i], targets[i] = float64(10+random.IntN(15))/10, -float64(10+random.IntN(21))/10
	}
	return []any{float64(5 + random.IntN(4)), float64(2+random.IntN(3)) / 100, inputs, targets, random.Perm(len(inputs)), size}
}
