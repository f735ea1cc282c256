package homework

import (
	"math"
	"math/rand/v2"

	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats/scalar"

	"evident/kit/claim"
	"evident/kit/sweep"
	"evident/lessons/saddle"

	"evident/internal/homework/solution"
)

func saddleKind(d draw) question {
	kinds := []string{"saddle", "minimum", "maximum"}
	wanted := d.word("saddle", kinds...)
	a, c := d.between(2, 2, 5), d.between(3, 2, 5)
	edge := 2 * math.Sqrt(float64(a*c)) // at this |b| one eigenvalue is 0
	b := int(math.Ceil(edge)) - d.between(1, 1, 2)
	if wanted == "saddle" {
		b = int(math.Floor(edge)) + d.between(1, 1, 3)
	}
	b *= d.int(-1, -1, 1)
	if sign := d.int(1, 1, -1); wanted == "maximum" || wanted == "saddle" && sign < 0 {
		a, c = -a, -c
	}
	eigenvalues := sweep.Eigenvalues([][]float64{{float64(2 * a), float64(b)}, {float64(b), float64(2 * c)}})
	return question{
		form: choice(kinds...), points: 1, numbers: struct {
			A, B, C     int
			Eigenvalues []float64
		}{a, b, c, eigenvalues},
		right: saddle.PlaceFact{Gradient: []float64{0, 0}, Eigenvalues: eigenvalues}.ByHessian(),
	}
}

// escapeSteps counts the steps until |y| is above 1, starting from an offset that
// grows by a factor with every step.
func escapeSteps(offset, growth float64) int {
	steps := 0
	for ; offset <= 1; offset *= growth {
		steps++
	}
	return steps
}

func saddleEscape(d draw) question {
	n := struct{ Rate, Offset, Growth float64 }{
		Rate:   d.float(0.05, 0.02, 0.03, 0.04, 0.05, 0.08, 0.1, 0.15),
		Offset: d.float(0.001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05),
	}
	n.Growth = saddle.Growth(n.Rate)
	right := escapeSteps(n.Offset, n.Growth)
	return question{
		form: count("steps"), points: 2, numbers: n,
		right: right,
		mistakes: []mistake{
			{"rounded down", right - 1},
			{"slope", escapeSteps(n.Offset, 1+n.Rate)},
			{"exponential", int(math.Ceil(math.Log(1/n.Offset) / (2 * n.Rate)))},
			{"decimal", int(math.Ceil(math.Log10(1/n.Offset) / math.Log(n.Growth)))},
		},
	}
}

func saddleGrowth(d draw) question {
	n := struct{ Rate, Beta float64 }{
		d.float(0.1, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.25), d.float(0.9, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95),
	}
	right := saddle.MomentumGrowth(n.Rate, n.Beta)
	return question{
		form: number(0.001), points: 2, numbers: n,
		right: scalar.Round(right, 3),
		mistakes: []mistake{
			{"no momentum", saddle.Growth(n.Rate)},
			{"smaller root", n.Beta / right},
			{"last but one", 1 + n.Beta + 2*n.Rate},
			{"slow", 1 + 2*n.Rate/(1-n.Beta)},
		},
	}
}

// mean2 returns a running mean of two values that starts at 0, without bias
// correction.
func mean2(beta, first, second float64) float64 {
	return beta*(1-beta)*first + (1-beta)*second
}

func saddleAdam(d draw) question {
	n := struct{ Beta1, Beta2, First, Second, M, V, CorrectedM, CorrectedV float64 }{
		Beta1: d.float(0.9, 0.9, 0.8, 0.7), Beta2: d.float(0.999, 0.999, 0.99, 0.95),
		First: d.float(4, 1, 2, 3, 4, 5), Second: d.float(-1, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5),
	}
	n.M, n.V = mean2(n.Beta1, n.First, n.Second), mean2(n.Beta2, n.First*n.First, n.Second*n.Second)
	n.CorrectedM, n.CorrectedV = n.M/(1-n.Beta1*n.Beta1), n.V/(1-n.Beta2*n.Beta2)
	direction := adam(n.Beta1, n.Beta2)
	direction(n.First)
	return question{
		form: number(0.001), points: 2, numbers: n,
		right: scalar.Round(direction(n.Second), 3),
		mistakes: []mistake{
			{"biases", n.M / math.Sqrt(n.V)},
			{"bias of v", n.CorrectedM / math.Sqrt(n.V)},
			{"step 1", n.M / (1 - n.Beta1) / math.Sqrt(n.V/(1-n.Beta2))},
			{"RMSProp", n.Second / math.Sqrt(n.CorrectedV)},
			{"no root", n.CorrectedM / n.CorrectedV},
		},
	}
}

// momentum returns the direction of momentum for one number, in the form of
// kit/nn.
func momentum(beta float64) func(gradient float64) float64 {
	velocity := 0.0
	return func(gradient float64) float64 {
		velocity = beta*velocity + gradient
		return velocity
	}
}

// adam returns the direction of Adam for one number, in the form of kit/nn.
func adam(beta1, beta2 float64) func(gradient float64) float64 {
	const epsilon = 1e-8
	m, v, step := 0.0, 0.0, 0.0
	return func(gradient float64) float64 {
		step++
		m, v = beta1*m+(1-beta1)*gradient, beta2*v+(1-beta2)*gradient*gradient
		return m / (1 - math.Pow(beta1, step)) / (math.Sqrt(v/(1-math.Pow(beta2, step))) + epsilon)
	}
}

// leaves counts the steps from an offset until |y| is above 1 on x² − y², or
// returns 0 if that never happens.
func leaves(direction func(gradient float64) float64, rate, y float64) int {
	const most = 1000
	for step := 1; step <= most; step++ {
		if y -= rate * direction(-2*y); math.Abs(y) > 1 {
			return step
		}
	}
	return 0
}

func saddleFirst(d draw) question {
	n := struct {
		Rate, Offset   float64
		Momentum, Adam int // steps
	}{
		Rate:   d.float(0.05, 0.02, 0.03, 0.04, 0.05, 0.08),
		Offset: d.float(1e-6, 0, 0, 1e-5, 1e-6, 1e-7, 0.4, 0.5, 0.6),
	}
	n.Momentum, n.Adam = leaves(momentum(0.9), n.Rate, n.Offset), leaves(adam(0.9, 0.999), n.Rate, n.Offset)
	right := "momentum"
	switch {
	case n.Offset == 0:
		right = "neither"
	case n.Adam < n.Momentum:
		right = "adam"
	}
	return question{form: choice("momentum", "adam", "neither"), points: 1, numbers: n, right: right}
}

func saddleFunction(draw) question {
	step := solution.MomentumStep
	return question{
		form: coding, points: 3, right: step,
		mistakes: []mistake{
			{"factor", func(weights, velocity, gradient []float64, rate, momentum float64) (_, _ []float64) {
				return step(weights, velocity, claim.Scaled(gradient, 1-momentum), rate, momentum)
			}},
			{"rate", func(weights, velocity, gradient []float64, rate, momentum float64) (_, _ []float64) {
				return step(weights, velocity, claim.Scaled(gradient, rate), 1, momentum)
			}},
			{"uphill", func(weights, velocity, gradient []float64, rate, momentum float64) (_, _ []float64) {
				return step(weights, velocity, gradient, -rate, momentum)
			}},
			{"stale", func(weights, velocity, gradient []float64, rate, momentum float64) (_, _ []float64) {
				stale, _ := step(weights, make([]float64, len(weights)), velocity, rate, 0)
				_, newVelocity := step(weights, velocity, gradient, rate, momentum)
				return stale, newVelocity
			}},
		},
		code: code{"momentumStep", momentumInputs},
	}
}

func saddleNesterov(draw) question {
	step := solution.Nesterov
	return question{
		form: coding, points: 3, right: step,
		mistakes: []mistake{
			{"no look-ahead", func(weights, velocity, gradient, rate, momentum *Node) (_, _ *Node) {
				_, newVelocity := step(weights, velocity, gradient, rate, momentum)
				return Sub(weights, Mul(rate, newVelocity)), newVelocity
			}},
			{"bare", func(weights, velocity, gradient, rate, momentum *Node) (_, _ *Node) {
				_, newVelocity := step(weights, velocity, gradient, rate, momentum)
				return Sub(weights, Mul(Mul(rate, momentum), newVelocity)), newVelocity
			}},
			{"rate", func(weights, velocity, gradient, rate, momentum *Node) (_, _ *Node) {
				return step(weights, velocity, Mul(rate, gradient), OnesLike(rate), momentum)
			}},
			{"uphill", func(weights, velocity, gradient, rate, momentum *Node) (_, _ *Node) {
				return step(weights, velocity, gradient, Neg(rate), momentum)
			}},
			{"returned", func(weights, velocity, gradient, rate, momentum *Node) (_, _ *Node) {
				newWeights, newVelocity := step(weights, velocity, gradient, rate, momentum)
				return newWeights, Add(Mul(momentum, newVelocity), gradient)
			}},
			{"stopped", func(weights, velocity, gradient, rate, momentum *Node) (_, _ *Node) {
				return step(weights, StopGradient(velocity), gradient, rate, momentum)
			}},
		},
		code: code{"nesterov", nesterovInputs},
	}
}

func nesterovInputs(random *rand.Rand) []any {
	v := matrixOf(3, 2+random.IntN(3), func() float32 { return float32(random.IntN(401)-200) / 100 })
	return []any{v[0], v[1], v[2], float32(1+random.IntN(10)) / 20, float32(10+random.IntN(10)) / 20}
}

func momentumInputs(random *rand.Rand) []any {
	v := matrixOf(3, 3, func() float64 { return float64(random.IntN(401)-200) / 100 })
	return []any{v[0], v[1], v[2], float64(1+random.IntN(10)) / 20, float64(10+random.IntN(10)) / 20}
}
