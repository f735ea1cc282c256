package homework

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats/scalar"

	"evident/kit/nn"
	"evident/lessons/byhand"

	"evident/internal/homework/solution"
)

// worked is a net with its computed values, by the names of the lesson's
// derivation.
type worked[net any] struct {
	Net net
	N   map[string]float64
}

// drawnNet draws numbers for the lesson's net. On the sheet they are those of the
// notebook's last exercise.
func drawnNet(d draw) worked[byhand.Net] {
	const sheet = 12
	c := byhand.Default()
	net := byhand.DrawNet(d.seed(sheet), c.Net.Activation, c.Net.LearningRate)
	return worked[byhand.Net]{net, byhand.Results(net.Work())}
}

// drawnImage draws numbers for the lesson's image.
func drawnImage(d draw) worked[byhand.Image] {
	c := byhand.Default()
	image := byhand.DrawImage(d.seed(c.Image.Seed), nn.Valid, c.Image.LearningRate)
	return worked[byhand.Image]{image, byhand.Results(image.Work())}
}

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

func byhandForward(d draw) question {
	n := drawnNet(d)
	unbiased, swapped := n.Net, n.Net
	unbiased.B, unbiased.C = [2]float64{}, 0
	swapped.W[0][1], swapped.W[1][0] = n.Net.W[1][0], n.Net.W[0][1]
	return question{
		form: number(0.0001), points: 2, numbers: n,
		right: scalar.Round(n.N["yhat"], 4),
		mistakes: []mistake{
			{"no biases", byhand.Results(unbiased.Work())["yhat"]},
			{"linear", logistic(n.Net.V[0]*n.N["z1"] + n.Net.V[1]*n.N["z2"] + n.Net.C)},
			{"linear output", n.N["z3"]},
			{"swapped", byhand.Results(swapped.Work())["yhat"]},
		},
	}
}

func byhandBackward(d draw) question {
	n := struct {
		worked[byhand.Net]
		Unit, Input int // counted from 1
	}{drawnNet(d), d.between(1, 1, 2), d.between(1, 1, 2)}
	yhat, a, x := n.N["yhat"], n.N[fmt.Sprintf("a%d", n.Unit)], n.Net.X
	right := n.N[fmt.Sprintf("dL/dw%d%d", n.Unit, n.Input)]
	return question{
		form: number(0.0001), points: 2, numbers: n,
		right: scalar.Round(right, 4),
		mistakes: []mistake{
			{"output's derivative", right / (yhat * (1 - yhat))},
			{"unit's derivative", right / (a * (1 - a))},
			{"output's weight", right / n.Net.V[n.Unit-1]},
			{"other input", right / x[n.Input-1] * x[2-n.Input]},
			{"sign", -right},
		},
	}
}

// flippedSum returns the sum at a place, counted from 0, with the kernel flipped
// along both axes, which is the mathematical convolution.
func flippedSum(p byhand.Image, row, column int) float64 {
	sum, last := p.B, len(p.K)-1
	for u := range p.K {
		for v := range p.K[u] {
			sum += p.K[last-u][last-v] * p.X[row+u][column+v]
		}
	}
	return sum
}

func byhandConvolution(d draw) question {
	n := struct {
		worked[byhand.Image]
		Row, Column int // counted from 1
	}{drawnImage(d), d.between(1, 1, 2), d.between(2, 1, 2)}
	right := n.N[fmt.Sprintf("s%d%d", n.Row, n.Column)]
	return question{
		form: number(0.01), points: 1, numbers: n,
		right: scalar.Round(right, 2),
		mistakes: []mistake{
			{"no bias", right - n.Net.B},
			{"many biases", right + float64(len(n.Net.K)*len(n.Net.K)-1)*n.Net.B},
			{"flipped", flippedSum(n.Net, n.Row-1, n.Column-1)},
			{"other place", n.N[fmt.Sprintf("s%d%d", 3-n.Row, 3-n.Column)]},
		},
	}
}

// poolWindow holds the numbers of one 2×2 window, row by row, and the slope of the
// loss with respect to the pooled value.
type poolWindow struct {
	Values [4]int
	Slope  int
}

// drawOpen draws a window whose largest number is above 0, and one more positive
// number.
func drawOpen(d draw) poolWindow {
	w := poolWindow{Slope: d.between(3, 2, 9)}
	largest := d.between(1, 0, 3)
	for i := range w.Values {
		w.Values[i] = d.int(-4, -5, -4, -3, -2, -1, 1, 2, 3, 4)
	}
	w.Values[(largest+1)%4] = d.between(2, 1, 5)
	w.Values[largest] = d.between(6, 6, 9)
	return w
}

// drawClosed draws a window without positive numbers.
func drawClosed(d draw) poolWindow {
	w := poolWindow{Slope: d.between(5, 2, 9)}
	for i := range w.Values {
		w.Values[i] = d.between(-6, -9, -3)
	}
	w.Values[d.between(2, 0, 3)] = d.between(-1, -2, -1)
	return w
}

// route returns the slope with respect to one number of a window, given the largest
// number and the slope with respect to the pooled value.
type route func(value, largest, slope int) int

// slopeWhere passes the slope on to some of the numbers.
func slopeWhere(passes func(value, largest int) bool) route {
	return func(value, largest, slope int) int {
		if passes(value, largest) {
			return slope
		}
		return 0
	}
}

// throughPooling passes the slope back through max pooling and ReLU: only the
// largest number gets it, and only if it is positive.
var throughPooling = slopeWhere(func(value, largest int) bool { return value == largest && value > 0 })

// slopes returns the slopes with respect to the four numbers of a window.
func (w poolWindow) slopes(r route) [4]int {
	largest := slices.Max(w.Values[:])
	var slopes [4]int
	for i, value := range w.Values {
		slopes[i] = r(value, largest, w.Slope)
	}
	return slopes
}

// sideBySide returns two windows as a 2×4 matrix, row by row.
func sideBySide(left, right [4]int) []int {
	return []int{left[0], left[1], right[0], right[1], left[2], left[3], right[2], right[3]}
}

func byhandPooling(d draw) question {
	n := struct{ Left, Right poolWindow }{drawOpen(d), drawClosed(d)}
	if d.int(0, 0, 1) == 1 {
		n.Left, n.Right = n.Right, n.Left
	}
	both := func(r route) []int { return sideBySide(n.Left.slopes(r), n.Right.slopes(r)) }
	return question{
		form: shape, points: 2, numbers: n,
		right: both(throughPooling),
		mistakes: []mistake{
			{"no ReLU", both(slopeWhere(func(value, largest int) bool { return value == largest }))},
			{"no pooling", both(slopeWhere(func(value, _ int) bool { return value > 0 }))},
			{"sum", both(func(_, _, slope int) int { return slope })},
			{"value", both(func(value, largest, _ int) int { return throughPooling(value, largest, value) })},
		},
	}
}

func byhandKernel(d draw) question {
	n := struct {
		worked[byhand.Image]
		Row, Column int // counted from 1
		Sums        [][]float64
	}{worked: drawnImage(d), Row: d.between(2, 1, 3), Column: d.between(3, 1, 3)}
	n.Sums = [][]float64{{n.N["s11"], n.N["s12"]}, {n.N["s21"], n.N["s22"]}}
	form, right := tendency(-n.N[fmt.Sprintf("dL/dk%d%d", n.Row, n.Column)])
	return question{form: form, points: 1, numbers: n, right: right}
}

func byhandFunction(draw) question {
	return question{
		form: coding, points: 3, right: solution.KernelGradient,
		mistakes: []mistake{
			{"flipped", func(image, slopes [][]float64) [][]float64 {
				slices.Reverse(slopes)
				for _, row := range slopes {
					slices.Reverse(row)
				}
				return solution.KernelGradient(image, slopes)
			}},
			{"mean", func(image, slopes [][]float64) [][]float64 {
				size := float64(len(slopes) * len(slopes[0]))
				for _, row := range slopes {
					for j := range row {
						row[j] /= size
					}
				}
				return solution.KernelGradient(image, slopes)
			}},
			{"one place", func(image, slopes [][]float64) [][]float64 {
				first := slopes[0][0]
				for _, row := range slopes {
					clear(row)
				}
				slopes[0][0] = first
				return solution.KernelGradient(image, slopes)
			}},
		},
		code: code{"kernelGradient", convolutionInputs},
	}
}

// convolutionInputs draws matrices that are not square, so that swapped rows and
// columns are detected.
func convolutionInputs(random *rand.Rand) []any {
	tenths := func() float64 { return float64(random.IntN(41)-20) / 10 }
	slopes := matrixOf(2, 3, tenths)
	slopes[0][0] = 3 // larger than the others, so that flipping changes the result
	return []any{matrixOf(4, 5+random.IntN(2), tenths), slopes}
}

func byhandHidden(draw) question {
	withFactor := func(factor func(a *Node) *Node) func(delta, v, a *Node) *Node {
		return func(delta, v, a *Node) *Node { return Mul(Mul(delta, InsertAxes(v, 0)), factor(a)) }
	}
	return question{
		form: coding, points: 3, right: solution.Hidden,
		mistakes: []mistake{
			{"no derivative", withFactor(func(a *Node) *Node { return OnesLike(a) })},
			{"no weights", func(delta, v, a *Node) *Node { return solution.Hidden(delta, OnesLike(v), a) }},
			{"input", withFactor(func(a *Node) *Node { return a })},
			{"tanh", withFactor(func(a *Node) *Node { return OneMinus(Square(a)) })},
			{"twice", withFactor(func(a *Node) *Node { return Mul(Sigmoid(a), OneMinus(Sigmoid(a))) })},
			{"stopped", withFactor(func(a *Node) *Node { return StopGradient(Mul(a, OneMinus(a))) })},
		},
		code: code{"hidden", hiddenInputs},
	}
}

// hiddenInputs draws outputs of sigmoid units, between 0 and 1.
func hiddenInputs(random *rand.Rand) []any {
	number := func() float64 { return float64(random.IntN(41)-20) / 10 }
	n, h := 2+random.IntN(2), 3
	return []any{matrixOf(n, 1, number), matrixOf(1, h, number)[0], matrixOf(n, h, func() float64 { return float64(1+random.IntN(9)) / 10 })}
}
