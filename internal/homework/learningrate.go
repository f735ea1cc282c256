package homework

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/floats/scalar"

	"evident/kit/exercise"
	"evident/lessons/learningrate"

	"evident/internal/homework/solution"
)

// learningrateQuestions are the exercises on question 1 (a) and (b): rates that
// are too high and too low.
func learningrateQuestions() []template {
	return []template{
		{"path", learningratePath},
		{"edge", learningrateEdge},
		{"steps", learningrateSteps},
		{"curve", learningrateCurve},
		{"floor", learningrateFloor},
		{"descend", learningrateFunction},
	}
}

// pathOf says what a descent does whose every step multiplies θ by a factor.
func pathOf(factor float64) string {
	switch {
	case factor < -1:
		return "diverges"
	case factor == -1:
		return "cycles"
	case factor < 0:
		return "oscillates"
	case factor == 0:
		return "arrives"
	}
	return "creeps"
}

func learningratePath(d Draw) exercise.Question {
	product := d.Float(1.9, 0.2, 0.4, 0.8, 0.9, 1, 1, 1.2, 1.5, 1.8, 1.9, 2, 2, 2.1, 2.4, 2.5, 3) // η·f″
	coefficient := d.Int(2, 2, 4, 5)
	rate := scalar.Round(product/float64(2*coefficient), 4)
	return exercise.Question{
		Title: "Predict: what does it do?",
		Text: fmt.Sprintf("Gradient descent with the rate **%g** runs on $f(\\theta) = %d\\,\\theta^2$ from $\\theta = 1$. It *creeps* (comes closer to 0 with every step and stays on one side), *arrives* (is at 0 after one step), *oscillates* (jumps over 0 with every step and comes closer), *cycles* (jumps over 0 and comes no closer) or *diverges* (gets farther away with every step). Which of them?",
			rate, coefficient),
		Form: exercise.Form{Kind: exercise.Choice, Options: []string{"creeps", "arrives", "oscillates", "cycles", "diverges"}}, Points: 1,
		Right: pathOf(1 - product),
		Why:   fmt.Sprintf("The curvature is $\\lambda = 2 \\cdot %d$, and every step multiplies $\\theta$ by $1 - \\eta\\lambda = 1 - %g$.", coefficient, product),
	}
}

func learningrateEdge(d Draw) exercise.Question {
	steep := d.Between(10, 4, 18)
	flat := d.Between(2, 2, steep-1)
	first, second := steep, flat
	if d.Int(0, 0, 1) == 1 {
		first, second = flat, steep
	}
	// Of the curvatures 2a and 2b, the larger one decides: 2/λ.
	right := 2 / float64(2*steep)
	return exercise.Question{
		Title: "Predict: the edge",
		Text:  fmt.Sprintf("Gradient descent on $f(x, y) = %d\\,x^2 + %d\\,y^2$ starts at $(1, 1)$. At low rates it converges to the minimum. Above which rate does it diverge? Round to three decimals.", first, second),
		Form:  exercise.Form{Kind: exercise.Number, Step: 0.001}, Points: 1, Effort: 3,
		Right: scalar.Round(right, 3),
		Why:   fmt.Sprintf("A direction of curvature $\\lambda$ diverges above $2/\\lambda$. The steepest one is there first, and its curvature is the second derivative, $2 \\cdot %d$.", steep),
		Mistakes: []exercise.Mistake{
			{Answer: right / 2, Hint: "at this rate the steepest direction arrives in one step; beyond it, it oscillates and still converges"},
			{Answer: 2 * right, Hint: "the curvature is the second derivative, which is not the coefficient"},
			{Answer: 1 / float64(flat), Hint: "this is where the flat direction diverges; the steep one has done so before"},
			{Answer: 1 / float64(steep+flat), Hint: "at this rate both directions come closer at the same pace: the fastest descent, not the edge"},
		},
	}
}

// stepsUntil counts the steps until a distance that every step multiplies by the
// factor is at most the share of the first one. The factor lies between -1 and 1.
func stepsUntil(factor, share float64) int {
	steps := 0
	for distance := 1.0; distance > share; distance *= math.Abs(factor) {
		steps++
	}
	return steps
}

func learningrateSteps(d Draw) exercise.Question {
	product := d.Float(0.1, 0.05, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3, 1.7, 1.75, 1.8, 1.85, 1.9, 1.92, 1.95) // η·λ
	curvature, part := d.Int(4, 2, 4, 5, 8, 10), d.Int(1000, 50, 100, 200, 500, 1000)
	rate, share := scalar.Round(product/float64(curvature), 5), 1/float64(part)
	right := stepsUntil(1-product, share)
	return exercise.Question{
		Title: "How long does it take?",
		Text: fmt.Sprintf("Gradient descent with the rate **%g** runs on $f(\\theta) = \\tfrac12 \\cdot %d\\,\\theta^2$ from $\\theta = 1$. After how many steps is $|\\theta|$ for the first time at most **1/%d**?",
			rate, curvature, part),
		Form: exercise.Form{Kind: exercise.Count, Unit: "steps"}, Points: 2, Effort: 5,
		Right: right,
		Why:   fmt.Sprintf("Every step multiplies $|\\theta|$ by $|1 - \\eta\\lambda| = |1 - %g|$, so it takes $\\ln %d$ over $-\\ln |1 - %g|$ steps, rounded up.", product, part, product),
		Mistakes: []exercise.Mistake{
			{Answer: right - 1, Hint: "after this step it is not quite there: round up"},
			{Answer: int(math.Ceil(math.Log(float64(part)) / product)), Hint: "the factor of a step is 1 − ηλ, which is close to e to the power of −ηλ only while ηλ is small"},
			{Answer: stepsUntil((1-product)*(1-product), share), Hint: "this is for the loss, which falls with the square of the distance"},
			{Answer: stepsUntil(1-rate, share), Hint: "the curvature is forgotten: the gradient is λθ, not θ"},
		},
	}
}

// quadraticLosses are those of gradient descent on ½ Σ λθ², before the first step
// and after each: every step multiplies θ by 1 − ηλ.
func quadraticLosses(curvatures, start []float64, rate float64, steps int) []float64 {
	losses := make([]float64, steps+1)
	for step := range losses {
		for i, curvature := range curvatures {
			theta := start[i] * math.Pow(1-rate*curvature, float64(step))
			losses[step] += curvature * theta * theta / 2
		}
	}
	return losses
}

// bowlCurve is the loss of a bowl ten times as steep along one direction as along
// the other; the steep one starts at the offset, the flat one at 1.
func bowlCurve(product, offset float64) []float64 {
	return quadraticLosses([]float64{1, 0.1}, []float64{offset, 1}, product, 40)
}

func learningrateCurve(d Draw) exercise.Question {
	const every = 4
	product := d.Float(2.1, 0.001, 0.002, 0.003, 0.1, 0.15, 0.9, 1, 1.2, 1.5, 1.8, 2.05, 2.08, 2.1, 2.12) // η·λ of the steep direction
	losses := bowlCurve(product, d.Float(0.2, 0.1, 0.12, 0.15, 0.2))
	var shown []string
	for step := 0; step < len(losses); step += every {
		shown = append(shown, fmt.Sprintf("%.2f", losses[step]/losses[0]))
	}
	return exercise.Question{
		Title: "Read the curve",
		Text: fmt.Sprintf("A loss along a training by full batches, at the start and after every %dth step, as a share of the first value: %s. Is the learning rate *too low* (the loss hardly falls, or is still falling clearly at the end), *good*, or *too high* (the loss rises, or swings strongly)?",
			every, strings.Join(shown, ", ")),
		Form: exercise.Form{Kind: exercise.Choice, Options: []string{string(learningrate.TooLow), string(learningrate.Good), string(learningrate.TooHigh)}}, Points: 1,
		Right: string(learningrate.Diagnose(losses)),
		Why:   fmt.Sprintf("The loss is a bowl, and the rate is %g over its largest curvature. Between 0 and 2 it converges, slowly at the low end; above 2 the steep direction grows.", product),
	}
}

// hovering is the mean squared distance at which noisy descent of a parabola
// ends, where a step shrinks it by (1 − ηλ)² and adds the noise's variance η²σ²/B.
func hovering(rate, curvature, deviation, size float64) float64 {
	return rate * deviation * deviation / (curvature * size * (2 - rate*curvature))
}

func learningrateFloor(d Draw) exercise.Question {
	rate, curvature := d.Float(0.1, 0.05, 0.1, 0.2, 0.25, 0.3), d.Float(2, 1, 2, 3, 4, 5)
	deviation, size := d.Float(3, 1.5, 2.5, 3, 3.5, 4), d.Float(4, 2, 4, 5, 8)
	right := hovering(rate, curvature, deviation, size)
	return exercise.Question{
		Title: "Where it hovers",
		Text: fmt.Sprintf("Descent by mini-batches on $f(\\theta) = \\tfrac12 \\cdot %g\\,(\\theta - \\theta^*)^2$ with the rate **%g**. The gradient of one example is $f'(\\theta)$ plus noise with mean 0 and standard deviation **%g**; all noise is independent, and a batch is the mean of **%g** examples. After many steps the mean squared distance $v = \\mathbb E\\,(\\theta - \\theta^*)^2$ stays as it is. How large is $v$? Round to four decimals.",
			curvature, rate, deviation, size),
		Form: exercise.Form{Kind: exercise.Number, Step: 0.0001}, Points: 2, Effort: 8,
		Right: scalar.Round(right, 4),
		Why:   "A step multiplies the distance by $1 - \\eta\\lambda$ and adds noise of variance $\\eta^2\\sigma^2/B$. So $v = (1 - \\eta\\lambda)^2 v + \\eta^2\\sigma^2/B$, which gives $v = \\eta\\sigma^2 / (\\lambda B (2 - \\eta\\lambda))$.",
		Mistakes: []exercise.Mistake{
			{Answer: right * size, Hint: "the batch is forgotten: a mean of B examples has a B-th of their variance"},
			{Answer: right * (2 - rate*curvature), Hint: "a step shrinks the distance by 1 − ηλ, and the squared distance by the square of that"},
			{Answer: right / rate, Hint: "the noise is multiplied by η, and so its variance by η²"},
			{Answer: right / deviation, Hint: "the variance is the square of the standard deviation"},
		},
	}
}

func learningrateFunction(d Draw) exercise.Question {
	return exercise.Question{
		Title: "Write the descent",
		Text:  "Write a function that runs gradient descent on $f(\\theta) = \\tfrac12 \\sum_i \\lambda_i \\theta_i^2$ from `start`; the $\\lambda_i$ are the `curvatures`. It returns the losses $f(\\theta)$: the one before the first step, then the one after each step, `steps` + 1 numbers in all.",
		Form:  exercise.Form{Kind: exercise.Code}, Points: 3,
		Why: "The gradient along $\\theta_i$ is $\\lambda_i\\theta_i$.",
		Function: &exercise.Function{
			Name: "descend", Solution: solution.Source("descend"), Solved: solution.Descend,
			Reference: quadraticLosses,
			Wrong: []exercise.Slip{
				{Function: func(curvatures, start []float64, rate float64, steps int) []float64 {
					return quadraticLosses(curvatures, start, -rate, steps)
				}, Hint: "this goes uphill: a step is against the gradient"},
				{Function: func(curvatures, start []float64, rate float64, steps int) []float64 {
					return quadraticLosses(curvatures, start, rate, steps+1)[1:]
				}, Hint: "the first number is the loss before any step"},
				{Function: func(curvatures, start []float64, rate float64, steps int) []float64 {
					losses := quadraticLosses(curvatures, start, rate, steps)
					floats.Scale(2, losses)
					return losses
				}, Hint: "the ½ of the loss is missing"},
				{Function: flatDescent, Hint: "the curvature is missing in the gradient"},
			},
			Inputs: descentInputs,
		},
	}
}

// descentInputs have curvatures for which |1 − ηλ| is never |1 − η|, so that it
// shows when they are forgotten.
func descentInputs(random *rand.Rand) []any {
	curvatures, start := make([]float64, 3), make([]float64, 3)
	for i := range curvatures {
		curvatures[i] = []float64{0.5, 2, 2.5, 3}[random.IntN(4)]
		start[i] = float64(2+random.IntN(5)) / 2
	}
	return []any{curvatures, start, float64(1+random.IntN(9)) / 20, 2 + random.IntN(4)}
}

// flatDescent takes θ for the gradient of ½λθ².
func flatDescent(curvatures, start []float64, rate float64, steps int) []float64 {
	losses := make([]float64, steps+1)
	for i, curvature := range curvatures {
		floats.Add(losses, quadraticLosses(curvatures[i:i+1], start[i:i+1], rate/curvature, steps))
	}
	return losses
}
