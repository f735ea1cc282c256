package homework

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/floats/scalar"

	"evident/kit/claim"
	"evident/kit/exercise"
	"evident/kit/sweep"
	"evident/lessons/saddle"

	"evident/internal/homework/solution"
)

// saddleQuestions are the exercises on question 1 (c): saddle points, and how
// optimizers leave them.
func saddleQuestions() []template {
	return []template{
		{"kind", saddleKind},
		{"escape", saddleEscape},
		{"growth", saddleGrowth},
		{"adam", saddleAdam},
		{"first", saddleFirst},
		{"step", saddleFunction},
	}
}

func saddleKind(d Draw) exercise.Question {
	wanted := d.Word("saddle", "saddle", "minimum", "maximum")
	a, c := d.Between(2, 2, 5), d.Between(3, 2, 5)
	edge := 2 * math.Sqrt(float64(a*c)) // at this |b| one eigenvalue is 0
	b := int(math.Ceil(edge)) - d.Between(1, 1, 2)
	if wanted == "saddle" {
		b = int(math.Floor(edge)) + d.Between(1, 1, 3)
	}
	b *= d.Int(-1, -1, 1)
	if sign := d.Int(1, 1, -1); wanted == "maximum" || wanted == "saddle" && sign < 0 {
		a, c = -a, -c
	}
	eigenvalues := sweep.Eigenvalues([][]float64{{float64(2 * a), float64(b)}, {float64(b), float64(2 * c)}})
	return exercise.Question{
		Title: "Predict: which kind of place?",
		Text:  fmt.Sprintf("The gradient of $f(x, y) = %dx^2 %+dxy %+dy^2$ is zero in the origin. Is the origin a saddle, a minimum or a maximum?", a, b, c),
		Form:  exercise.Form{Kind: exercise.Choice, Options: []string{"saddle", "minimum", "maximum"}}, Points: 1,
		Right: saddle.PlaceFact{Gradient: []float64{0, 0}, Eigenvalues: eigenvalues}.ByHessian(),
		Why: fmt.Sprintf("The Hessian is $\\begin{pmatrix} %d & %d \\\\ %d & %d \\end{pmatrix}$, with the eigenvalues %.2f and %.2f. Both above 0 mean a minimum, both below 0 a maximum, and one of each a saddle.",
			2*a, b, b, 2*c, eigenvalues[0], eigenvalues[1]),
	}
}

// escapeSteps counts the steps until |y| is above 1, from an offset that grows by
// a factor with every step.
func escapeSteps(offset, growth float64) int {
	steps := 0
	for ; offset <= 1; offset *= growth {
		steps++
	}
	return steps
}

func saddleEscape(d Draw) exercise.Question {
	rate := d.Float(0.05, 0.02, 0.03, 0.04, 0.05, 0.08, 0.1, 0.15)
	offset := d.Float(0.001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
	right := escapeSteps(offset, saddle.Growth(rate))
	away := math.Log(1 / offset)
	return exercise.Question{
		Title: "Leaving the saddle",
		Text: fmt.Sprintf("Gradient descent with the rate **%g** runs on $f(x, y) = x^2 - y^2$ from $(1, %g)$, without momentum and without noise. After how many steps is $|y|$ for the first time **above 1**?",
			rate, offset),
		Form: exercise.Form{Kind: exercise.Count, Unit: "steps"}, Points: 2, Effort: 5,
		Right: right,
		Why:   fmt.Sprintf("The slope along $y$ is $-2y$, so every step multiplies $y$ by $1 + 2\\eta = %.4g$. That takes $\\ln(1/%g) / \\ln %.4g$ steps, rounded up.", saddle.Growth(rate), offset, saddle.Growth(rate)),
		Mistakes: []exercise.Mistake{
			{Answer: right - 1, Hint: "after this step it is still below: round up"},
			{Answer: escapeSteps(offset, 1+rate), Hint: "the slope of −y² is −2y, not −y"},
			{Answer: int(math.Ceil(away / (2 * rate))), Hint: "the factor of a step is 1 + 2η, which is a little less than e to the power of 2η"},
			{Answer: int(math.Ceil(math.Log10(1/offset) / math.Log(saddle.Growth(rate)))), Hint: "a decimal logarithm is divided by a natural one"},
		},
	}
}

func saddleGrowth(d Draw) exercise.Question {
	rate, beta := d.Float(0.1, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.25), d.Float(0.9, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
	right := saddle.MomentumGrowth(rate, beta)
	return exercise.Question{
		Title: "Leaving it with momentum",
		Text: fmt.Sprintf("With momentum $\\beta = %g$ and the rate $\\eta = %g$, a descent of $x^2 - y^2$ follows $y_{k+1} = y_k + \\beta\\,(y_k - y_{k-1}) + 2\\eta\\,y_k$. In the long run every step multiplies $y$ by the same factor. How large is it? Round to three decimals.",
			beta, rate),
		Form: exercise.Form{Kind: exercise.Number, Step: 0.001}, Points: 2, Effort: 8,
		Right: scalar.Round(right, 3),
		Why:   "Put $y_k = r^k$ in: $r^2 - (1 + \\beta + 2\\eta)\\,r + \\beta = 0$. The larger of the two roots wins in the long run.",
		Mistakes: []exercise.Mistake{
			{Answer: saddle.Growth(rate), Hint: "this is the factor without momentum"},
			{Answer: beta / right, Hint: "this is the smaller of the two roots, which dies out"},
			{Answer: 1 + beta + 2*rate, Hint: "the last y but one is forgotten: momentum adds β times the last change, not β times y"},
			{Answer: 1 + 2*rate/(1-beta), Hint: "momentum is like a rate over 1 − β only where y changes slowly; here it grows in the meantime"},
		},
	}
}

// mean2 is a running mean of two values from 0 on, not corrected for its start.
func mean2(beta, first, second float64) float64 {
	return beta*(1-beta)*first + (1-beta)*second
}

func saddleAdam(d Draw) exercise.Question {
	beta1, beta2 := d.Float(0.9, 0.9, 0.8, 0.7), d.Float(0.999, 0.999, 0.99, 0.95)
	first, second := d.Float(4, 1, 2, 3, 4, 5), d.Float(-1, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5)
	m, v := mean2(beta1, first, second), mean2(beta2, first*first, second*second)
	corrected, square := m/(1-beta1*beta1), v/(1-beta2*beta2)
	direction := adam(beta1, beta2)
	direction(first)
	return exercise.Question{
		Title: "Adam by hand",
		Text: fmt.Sprintf("Adam with $\\beta_1 = %g$ and $\\beta_2 = %g$ ($m \\leftarrow \\beta_1 m + (1 - \\beta_1)\\,g$ and $v \\leftarrow \\beta_2 v + (1 - \\beta_2)\\,g^2$) sees, for one weight, the gradient **%g** in step 1 and **%g** in step 2. Before step 1, $m$ and $v$ are 0. What is the direction $d = \\hat m/\\sqrt{\\hat v}$ of step **2**, with the bias corrected? The $\\epsilon$ is too small to matter. Round to three decimals.",
			beta1, beta2, first, second),
		Form: exercise.Form{Kind: exercise.Number, Step: 0.001}, Points: 2, Effort: 16,
		Right: scalar.Round(direction(second), 3),
		Why: fmt.Sprintf("After two steps $m = %.5g$ and $v = %.5g$; divided by $1 - \\beta_1^2$ and $1 - \\beta_2^2$ they are $\\hat m = %.5g$ and $\\hat v = %.5g$.",
			m, v, corrected, square),
		Mistakes: []exercise.Mistake{
			{Answer: m / math.Sqrt(v), Hint: "the biases are not corrected"},
			{Answer: corrected / math.Sqrt(v), Hint: "the bias of v is not corrected"},
			{Answer: m / (1 - beta1) / math.Sqrt(v/(1-beta2)), Hint: "the biases are corrected as in step 1: the power of β is the number of the step"},
			{Answer: second / math.Sqrt(square), Hint: "the mean of the gradients is missing: this is RMSProp with the bias corrected"},
			{Answer: corrected / square, Hint: "the root is missing"},
		},
	}
}

// momentum is the direction of momentum for one number, in the form of lessons/nn.
func momentum(beta float64) func(gradient float64) float64 {
	velocity := 0.0
	return func(gradient float64) float64 {
		velocity = beta*velocity + gradient
		return velocity
	}
}

// adam is the direction of Adam for one number, in the form of lessons/nn.
func adam(beta1, beta2 float64) func(gradient float64) float64 {
	const epsilon = 1e-8
	m, v, step := 0.0, 0.0, 0.0
	return func(gradient float64) float64 {
		step++
		m, v = beta1*m+(1-beta1)*gradient, beta2*v+(1-beta2)*gradient*gradient
		return m / (1 - math.Pow(beta1, step)) / (math.Sqrt(v/(1-math.Pow(beta2, step))) + epsilon)
	}
}

// leaves counts the steps from an offset until |y| is above 1 on x² − y²; it is 0
// when that is never.
func leaves(direction func(gradient float64) float64, rate, y float64) int {
	const most = 1000
	for step := 1; step <= most; step++ {
		if y -= rate * direction(-2*y); math.Abs(y) > 1 {
			return step
		}
	}
	return 0
}

func saddleFirst(d Draw) exercise.Question {
	rate := d.Float(0.05, 0.02, 0.03, 0.04, 0.05, 0.08)
	offset := d.Float(1e-6, 0, 0, 1e-5, 1e-6, 1e-7, 0.4, 0.5, 0.6)
	ball, adams := leaves(momentum(0.9), rate, offset), leaves(adam(0.9, 0.999), rate, offset)
	right, why := "neither", "The slope along $y$ is exactly 0 there, and stays so: 0 divided by anything is 0."
	if offset > 0 {
		right = "momentum"
		if adams < ball {
			right = "adam"
		}
		why = fmt.Sprintf("Momentum takes %d steps and Adam %d. Adam divides the slope by its own size and moves by about $\\eta$ a step, however small $y$ is; with momentum $y$ grows by a factor, which pays off where $y$ is large already.", ball, adams)
	}
	return exercise.Question{
		Title: "Predict: who leaves first?",
		Text: fmt.Sprintf("On $f(x, y) = x^2 - y^2$, momentum with $\\beta = 0.9$ ($v \\leftarrow \\beta v + g$, $\\theta \\leftarrow \\theta - \\eta v$) and Adam with $\\beta_1 = 0.9$, $\\beta_2 = 0.999$ and $\\epsilon = 10^{-8}$ both start at $(1, y_0)$ with $y_0$ = **%s**, both with the rate $\\eta$ = **%g** and without noise. Which of them has $|y| > 1$ first: *momentum* or *adam*? Or does *neither* ever get there?",
			strconv.FormatFloat(offset, 'f', -1, 64), rate),
		Form: exercise.Form{Kind: exercise.Choice, Options: []string{"momentum", "adam", "neither"}}, Points: 1,
		Right: right, Why: why,
	}
}

// heavyBall is one step of momentum in the form of lessons/nn, on vectors.
func heavyBall(weights, velocity, gradient []float64, rate, momentum float64) (newWeights, newVelocity []float64) {
	newVelocity = floats.AddScaledTo(make([]float64, len(velocity)), gradient, momentum, velocity)
	newWeights = floats.AddScaledTo(make([]float64, len(weights)), weights, -rate, newVelocity)
	return newWeights, newVelocity
}

func saddleFunction(d Draw) exercise.Question {
	return exercise.Question{
		Title: "Write the step",
		Text:  "Write one step of gradient descent with momentum, in the form $v \\leftarrow \\beta v + g$ and then $\\theta \\leftarrow \\theta - \\eta v$. The arguments are the `weights` $\\theta$, the `velocity` $v$ and the `gradient` $g$, all of one length, the `rate` $\\eta$ and the `momentum` $\\beta$. The results are the new weights and the new velocity.",
		Form:  exercise.Form{Kind: exercise.Code}, Points: 3,
		Why: "The weights move along the velocity that has the new gradient in it.",
		Function: &exercise.Function{
			Name: "momentumStep", Solution: solution.Source("momentumStep"), Solved: solution.MomentumStep,
			Reference: heavyBall,
			Wrong: []exercise.Slip{
				{Function: func(weights, velocity, gradient []float64, rate, momentum float64) (_, _ []float64) {
					return heavyBall(weights, velocity, claim.Scaled(gradient, 1-momentum), rate, momentum)
				}, Hint: "this form has no factor 1 − β on the gradient"},
				{Function: func(weights, velocity, gradient []float64, rate, momentum float64) (_, _ []float64) {
					return heavyBall(weights, velocity, claim.Scaled(gradient, rate), 1, momentum)
				}, Hint: "the rate belongs to the step of the weights, not into the velocity"},
				{Function: func(weights, velocity, gradient []float64, rate, momentum float64) (_, _ []float64) {
					return heavyBall(weights, velocity, gradient, -rate, momentum)
				}, Hint: "this goes uphill: the weights move against the velocity"},
				{Function: staleStep, Hint: "the weights move along the new velocity, not along the one before"},
			},
			Inputs: momentumInputs,
		},
	}
}

// staleStep moves the weights before the velocity has the gradient in it.
func staleStep(weights, velocity, gradient []float64, rate, momentum float64) (newWeights, newVelocity []float64) {
	_, newVelocity = heavyBall(weights, velocity, gradient, rate, momentum)
	return floats.AddScaledTo(make([]float64, len(weights)), weights, -rate, velocity), newVelocity
}

func momentumInputs(random *rand.Rand) []any {
	vector := func() []float64 {
		values := make([]float64, 3)
		for i := range values {
			values[i] = float64(random.IntN(401)-200) / 100
		}
		return values
	}
	return []any{vector(), vector(), vector(), float64(1+random.IntN(10)) / 20, float64(10+random.IntN(10)) / 20}
}
