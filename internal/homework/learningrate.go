package homework

import (
	"math"
	"math/rand/v2"

	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/floats/scalar"

	"evident/lessons/learningrate"

	"evident/internal/homework/solution"
)

// pathOf names the kind of descent whose every step multiplies θ by a factor.
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

func learningratePath(d draw) question {
	n := struct {
		Product     float64 // η·f″
		Coefficient int
		Rate        float64
	}{
		Product:     d.float(1.9, 0.2, 0.4, 0.8, 0.9, 1, 1, 1.2, 1.5, 1.8, 1.9, 2, 2, 2.1, 2.4, 2.5, 3),
		Coefficient: d.int(2, 2, 4, 5),
	}
	n.Rate = scalar.Round(n.Product/float64(2*n.Coefficient), 4)
	return question{
		form: choice("creeps", "arrives", "oscillates", "cycles", "diverges"), points: 1, numbers: n,
		right: pathOf(1 - n.Product),
	}
}

func learningrateEdge(d draw) question {
	steep := d.between(10, 4, 18)
	flat := d.between(2, 2, steep-1)
	n := struct{ First, Second, Steep int }{steep, flat, steep}
	if d.int(0, 0, 1) == 1 {
		n.First, n.Second = flat, steep
	}
	// The larger of the curvatures 2a and 2b decides: 2/λ.
	right := 2 / float64(2*steep)
	return question{
		form: number(0.001), points: 1, numbers: n,
		right: scalar.Round(right, 3),
		mistakes: []mistake{
			{"oscillating", right / 2},
			{"coefficient", 2 * right},
			{"flat", 1 / float64(flat)},
			{"fastest", 1 / float64(steep+flat)},
		},
	}
}

// stepsUntil counts the steps until a distance, which every step multiplies by the
// factor, is at most the given fraction of the first one. The factor lies between
// -1 and 1.
func stepsUntil(factor, fraction float64) int {
	steps := 0
	for distance := 1.0; distance > fraction; distance *= math.Abs(factor) {
		steps++
	}
	return steps
}

func learningrateSteps(d draw) question {
	n := struct {
		Product         float64 // η·λ
		Curvature, Part int
		Rate            float64
	}{
		Product:   d.float(0.1, 0.05, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3, 1.7, 1.75, 1.8, 1.85, 1.9, 1.92, 1.95),
		Curvature: d.int(4, 2, 4, 5, 8, 10), Part: d.int(1000, 50, 100, 200, 500, 1000),
	}
	n.Rate = scalar.Round(n.Product/float64(n.Curvature), 5)
	fraction := 1 / float64(n.Part)
	right := stepsUntil(1-n.Product, fraction)
	return question{
		form: count("steps"), points: 2, numbers: n,
		right: right,
		mistakes: []mistake{
			{"rounded down", right - 1},
			{"exponential", int(math.Ceil(math.Log(float64(n.Part)) / n.Product))},
			{"loss", stepsUntil((1-n.Product)*(1-n.Product), fraction)},
			{"no curvature", stepsUntil(1-n.Rate, fraction)},
		},
	}
}

// bowlCurve returns the loss of a bowl that is ten times as steep along one
// direction as along the other. The steep direction starts at the offset, the flat
// one at 1.
func bowlCurve(product, offset float64) []float64 {
	return solution.Descend([]float64{1, 0.1}, []float64{offset, 1}, product, 40)
}

func learningrateCurve(d draw) question {
	n := struct {
		Product float64 // η·λ in the steep direction
		Every   int
		Shown   []float64
	}{
		Product: d.float(2.1, 0.001, 0.002, 0.003, 0.1, 0.15, 0.9, 1, 1.2, 1.5, 1.8, 2.05, 2.08, 2.1, 2.12),
		Every:   4,
	}
	losses := bowlCurve(n.Product, d.float(0.2, 0.1, 0.12, 0.15, 0.2))
	for step := 0; step < len(losses); step += n.Every {
		n.Shown = append(n.Shown, losses[step]/losses[0])
	}
	return question{
		form: choice(string(learningrate.TooLow), string(learningrate.Good), string(learningrate.TooHigh)), points: 1, numbers: n,
		right: string(learningrate.Diagnose(losses)),
	}
}

// hovering returns the mean squared distance at which noisy descent on a parabola
// settles. A step shrinks it by (1 − ηλ)² and adds the variance of the noise,
// η²σ²/B.
func hovering(rate, curvature, deviation, size float64) float64 {
	return rate * deviation * deviation / (curvature * size * (2 - rate*curvature))
}

func learningrateFloor(d draw) question {
	n := struct{ Rate, Curvature, Deviation, Size float64 }{
		d.float(0.1, 0.05, 0.1, 0.2, 0.25, 0.3), d.float(2, 1, 2, 3, 4, 5), d.float(3, 1.5, 2.5, 3, 3.5, 4), d.float(4, 2, 4, 5, 8),
	}
	right := hovering(n.Rate, n.Curvature, n.Deviation, n.Size)
	return question{
		form: number(0.0001), points: 2, numbers: n,
		right: scalar.Round(right, 4),
		mistakes: []mistake{
			{"no batch", right * n.Size},
			{"not squared", right * (2 - n.Rate*n.Curvature)},
			{"noise", right / n.Rate},
			{"deviation", right / n.Deviation},
		},
	}
}

func learningrateFunction(draw) question {
	return question{
		form: coding, points: 3, right: solution.Descend,
		mistakes: []mistake{
			{"uphill", func(curvatures, start []float64, rate float64, steps int) []float64 {
				return solution.Descend(curvatures, start, -rate, steps)
			}},
			{"too late", func(curvatures, start []float64, rate float64, steps int) []float64 {
				return solution.Descend(curvatures, start, rate, steps+1)[1:]
			}},
			{"no half", func(curvatures, start []float64, rate float64, steps int) []float64 {
				losses := solution.Descend(curvatures, start, rate, steps)
				floats.Scale(2, losses)
				return losses
			}},
			{"no curvature", flatDescent},
		},
		code: code{"descend", descentInputs},
	}
}

// descentInputs draws curvatures for which |1 − ηλ| never equals |1 − η|, so that
// a solution without λ is detected.
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
		floats.Add(losses, solution.Descend(curvatures[i:i+1], start[i:i+1], rate/curvature, steps))
	}
	return losses
}

func learningrateClip(draw) question {
	clip := solution.ClipNorm
	scaled := func(gradients, norms, limit *Node) *Node { return Mul(gradients, Div(limit, norms)) }
	normOf := func(gradients *Node) *Node { return Sqrt(ReduceAndKeep(Square(gradients), ReduceSum, -1)) }
	return question{
		form: coding, points: 3, right: clip,
		mistakes: []mistake{
			{"always", func(gradients, limit *Node) *Node { return scaled(gradients, normOf(gradients), limit) }},
			{"values", func(gradients, limit *Node) *Node { return Max(Min(gradients, limit), Neg(limit)) }},
			{"square", func(gradients, limit *Node) *Node {
				squares := Square(normOf(gradients))
				return Mul(gradients, Min(OnesLike(squares), Div(limit, squares)))
			}},
			{"together", func(gradients, limit *Node) *Node {
				norm := Sqrt(ReduceAllSum(Square(gradients)))
				return Mul(gradients, Min(OnesLike(norm), Div(limit, norm)))
			}},
			{"larger", func(gradients, limit *Node) *Node {
				norms := normOf(gradients)
				return Mul(gradients, Max(OnesLike(norms), Div(limit, norms)))
			}},
			{"stopped", func(gradients, limit *Node) *Node {
				norms := StopGradient(normOf(gradients))
				return Mul(gradients, Min(OnesLike(norms), Div(limit, norms)))
			}},
		},
		code: code{"clipNorm", clipInputs},
	}
}

// clipInputs draws a gradient above the limit and one below it.
func clipInputs(random *rand.Rand) []any {
	limit := float64(4+random.IntN(7)) / 2
	width := 2 + random.IntN(2)
	gradients := matrixOf(2, width, func() float64 { return 1 + random.Float64() })
	rows := make([][]float32, len(gradients))
	for i, norm := range []float64{(1.5 + random.Float64()) * limit, (0.4 + 0.4*random.Float64()) * limit} {
		floats.Scale(norm/floats.Norm(gradients[i], 2), gradients[i])
		for _, v := range gradients[i] {
			sign := float64(2*random.IntN(2) - 1)
			rows[i] = append(rows[i], float32(sign*scalar.Round(v, 2)))
		}
	}
	return []any{rows, float32(limit)}
}
