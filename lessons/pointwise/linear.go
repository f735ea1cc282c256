package pointwise

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/gonum/mat"

	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/report"
)

// LinearityMeasurement says what a stack of 1×1 convolutions computes with ReLU and
// without.
type LinearityMeasurement struct {
	// Values is the number of compared outputs; Different of them are not those
	// of the one matrix that the stack's matrices multiply to.
	Values, Different int
	// NotAdditive of them break f(a) + f(b) = f(a + b) + f(0), without and with
	// ReLU between the layers.
	NotAdditive, NotAdditiveWithReLU int

	// Pixels of XOR, and how many the net with ReLU gets wrong.
	Pixels, Wrong int
	// LeastSquares is the best linear answer to the four colours, and Separable
	// the largest fraction of them that any threshold of a linear map gets right.
	LeastSquares [4]float64
	Separable    float64
	Rounding     float64 // bound of the rounding error of LeastSquares
}

// Layer is a 1×1 convolution by hand: y = W·x + b in every pixel.
type Layer struct {
	Weights [][]float32 // [in][out]
	Biases  []float32   // [out]
}

// apply runs it as the backend's own convolution, which knows nothing of
// matrix products.
func (l Layer) apply(x *Node) *Node {
	g := x.Graph()
	kernel := Reshape(Const(g, l.Weights), 1, 1, len(l.Weights), len(l.Biases))
	return Add(Convolve(x, kernel).Done(), Reshape(Const(g, l.Biases), 1, 1, 1, -1))
}

// stackOf runs the layers one behind the other, with the activation between
// them.
func stackOf(layers []Layer, activation nn.Activation) func(x *Node) *Node {
	return func(x *Node) *Node {
		for i, l := range layers {
			if i > 0 {
				x = activation(x)
			}
			x = l.apply(x)
		}
		return x
	}
}

// drawLayer draws integer weights from −3 to 3 without 0: sums of products of
// small integers are exact in float32, in whatever order they are added.
func drawLayer(random *rand.Rand, in, out int) Layer {
	l := Layer{Biases: integers(random, out)}
	for range in {
		l.Weights = append(l.Weights, integers(random, out))
	}
	return l
}

func integers(random *rand.Rand, n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32((1 + random.IntN(3)) * (1 - 2*random.IntN(2)))
	}
	return values
}

// matrix is the layer on row vectors with a 1 behind them: [in+1, out+1].
func (l Layer) matrix() *mat.Dense {
	in, out := len(l.Weights), len(l.Biases)
	m := mat.NewDense(in+1, out+1, nil)
	for j := range out {
		for i := range in {
			m.Set(i, j, float64(l.Weights[i][j]))
		}
		m.Set(in, j, float64(l.Biases[j]))
	}
	m.Set(in, out, 1)
	return m
}

// run gives the graph a batch [n, side, side, channels] and returns all
// values of the output.
func run(backend compute.Backend, graph func(x *Node) *Node, values []float32, side, channels int) ([]float32, error) {
	exec, err := NewExec(backend, graph)
	if err != nil {
		return nil, err
	}
	defer exec.Finalize()
	n := len(values) / (side * side * channels)
	outputs, err := exec.Call(tensors.FromFlatDataAndDimensions(values, n, side, side, channels))
	if err != nil {
		return nil, err
	}
	return tensors.MustCopyFlatData[float32](outputs[0]), nil
}

const (
	linearPictures = 8
	linearSide     = 6
	forExact       = 61 // purpose of the random numbers, see fit.Rand
)

// measureLinearity compares a stack of three with one matrix, and solves XOR in
// every pixel. All numbers are small integers, so equal means equal.
func measureLinearity(_ context.Context, backend compute.Backend, _ struct{}) (LinearityMeasurement, error) {
	return linearityOf(backend, 1)
}

func linearityOf(backend compute.Backend, seed int64) (LinearityMeasurement, error) {
	random := fit.Rand(seed, forExact)
	layers := []Layer{drawLayer(random, 5, 7), drawLayer(random, 7, 4), drawLayer(random, 4, 3)}
	var facts LinearityMeasurement
	if err := facts.compose(backend, layers, random); err != nil {
		return facts, err
	}
	var err error
	if facts.NotAdditive, err = notAdditive(backend, stackOf(layers, linear), random); err != nil {
		return facts, err
	}
	if facts.NotAdditiveWithReLU, err = notAdditive(backend, stackOf(layers, nn.ReLU), random); err != nil {
		return facts, err
	}
	if err := facts.xor(backend, random); err != nil {
		return facts, err
	}
	facts.LeastSquares, facts.Separable, facts.Rounding = bestLinear()
	return facts, nil
}

// compose compares the stack with the product of its matrices.
func (f *LinearityMeasurement) compose(backend compute.Backend, layers []Layer, random *rand.Rand) error {
	in := len(layers[0].Weights)
	x := integers(random, linearPictures*linearSide*linearSide*in)
	got, err := run(backend, stackOf(layers, linear), x, linearSide, in)
	if err != nil {
		return err
	}
	product := mat.DenseCopyOf(layers[0].matrix())
	for _, l := range layers[1:] {
		var next mat.Dense
		next.Mul(product, l.matrix())
		product = &next
	}
	f.Values, f.Different = len(got), differing(got, x, product)
	return nil
}

// differing counts the values that are not those of the matrix on the pixels x
// with a 1 behind them.
func differing(got, x []float32, matrix mat.Matrix) int {
	rows, columns := matrix.Dims()
	in, out := rows-1, columns-1
	different := 0
	for i, v := range got {
		pixel, filter := i/out, i%out
		want := matrix.At(in, filter)
		for c := range in {
			want += float64(x[pixel*in+c]) * matrix.At(c, filter)
		}
		if float64(v) != want {
			different++
		}
	}
	return different
}

// notAdditive counts the outputs for which f(a) + f(b) is not f(a+b) + f(0).
func notAdditive(backend compute.Backend, graph func(x *Node) *Node, random *rand.Rand) (int, error) {
	const in = 5
	size := linearSide * linearSide * in
	a, b := integers(random, size), integers(random, size)
	sum := make([]float32, size)
	for i := range sum {
		sum[i] = a[i] + b[i]
	}
	batch := append(append(append(append([]float32{}, a...), b...), sum...), make([]float32, size)...)
	y, err := run(backend, graph, batch, linearSide, in)
	if err != nil {
		return 0, err
	}
	count, quarter := 0, len(y)/4
	for i := range quarter {
		if y[i]+y[quarter+i] != y[2*quarter+i]+y[3*quarter+i] {
			count++
		}
	}
	return count, nil
}

// xorNet answers 1 where exactly one of two channels is 1: with
// h = ReLU(x₁+x₂, x₁+x₂−1) it is h₁ − 2h₂ (Goodfellow, Bengio and Courville
// 2016, section 6.1).
func xorNet() []Layer {
	return []Layer{
		{Weights: [][]float32{{1, 1}, {1, 1}}, Biases: []float32{0, -1}},
		{Weights: [][]float32{{1}, {-2}}, Biases: []float32{0}},
	}
}

// xor runs the net on pictures of random bits.
func (f *LinearityMeasurement) xor(backend compute.Backend, random *rand.Rand) error {
	f.Pixels = linearPictures * linearSide * linearSide
	x := make([]float32, 2*f.Pixels)
	for i := range x {
		x[i] = float32(random.IntN(2))
	}
	y, err := run(backend, stackOf(xorNet(), nn.ReLU), x, linearSide, 2)
	if err != nil {
		return err
	}
	for i, v := range y {
		if v != float32(int(x[2*i])^int(x[2*i+1])) {
			f.Wrong++
		}
	}
	return nil
}

var (
	xorColours = [4][2]float64{{0, 0}, {0, 1}, {1, 0}, {1, 1}}
	xorAnswers = [4]float64{0, 1, 1, 0}
)

// bestLinear is the least-squares answer of y = w₁x₁ + w₂x₂ + b, and the best
// fraction of right answers of any threshold along any of many directions.
// Rounding bounds the error of an answer: 10·m·n·u·κ for m×n equations with
// |y| ≤ 1 and condition κ, solved by Householder's QR with u = 2⁻⁵³ (Higham
// 2002, theorem 20.3; the 10 stands for its small constants).
func bestLinear() (answers [4]float64, separable, rounding float64) {
	x, y := mat.NewDense(4, 3, nil), mat.NewVecDense(4, xorAnswers[:])
	for i, c := range xorColours {
		x.SetRow(i, []float64{c[0], c[1], 1})
	}
	var w, fitted mat.VecDense
	if err := w.SolveVec(x, y); err != nil {
		return answers, math.NaN(), 0
	}
	fitted.MulVec(x, &w)
	copy(answers[:], fitted.RawVector().Data)
	const directions = 720
	for d := range directions {
		angle := 2 * math.Pi * (float64(d) + 0.5) / directions
		separable = max(separable, bestThreshold(math.Cos(angle), math.Sin(angle)))
	}
	return answers, separable, 10 * 4 * 3 * 0x1p-53 * mat.Cond(x, 2)
}

// bestThreshold is the best fraction of right answers of "w·x is above t".
func bestThreshold(w1, w2 float64) float64 {
	best := 0.0
	for _, at := range xorColours {
		threshold, right := w1*at[0]+w2*at[1]-1e-9, 0.0
		for i, c := range xorColours {
			if (w1*c[0]+w2*c[1] > threshold) == (xorAnswers[i] == 1) {
				right++
			}
		}
		best = max(best, right/4)
	}
	return best
}

const byALine = 0.75 // fraction of the four colours of XOR that a threshold on a line gets right at most

func judgeNonLinearity(f LinearityMeasurement) claim.Finding {
	flat := true
	for _, answer := range f.LeastSquares {
		flat = flat && math.Abs(answer-0.5) <= f.Rounding
	}
	holds := f.Values > 0 && f.Different == 0 && f.NotAdditive == 0 && f.NotAdditiveWithReLU > 0 && f.Pixels > 0 && f.Wrong == 0 && flat && f.Separable <= byALine
	return exact(holds,
		"Without activation, %d of %d outputs of three layers differ from one matrix; with ReLU, %d break additivity. Two layers with ReLU get %d of %d pixels of XOR wrong; the best linear map says %.1f to all four colours, and no threshold gets more than %.0f %% of them right.",
		f.Different, f.Values, f.NotAdditiveWithReLU, f.Wrong, f.Pixels, f.LeastSquares[0], 100*f.Separable)
}

func linearityRules() []claim.Rule[LinearityMeasurement] {
	return []claim.Rule[LinearityMeasurement]{
		claim.ExactRule("q6a.2", "Q6 (a) 2",
			"With an activation behind it, a 1×1 convolution adds non-linearity, so that the net can learn more.",
			"without activation a stack of three equals one matrix in every value, and the best linear map of XOR of two channels is ½ everywhere; with ReLU the stack is not linear, and two layers answer XOR right in every pixel",
			claim.Supported, judgeNonLinearity).Revised(revised, "the tolerance of ½ follows from rounding, and was 1e-9"),
	}
}

// Linearity is the experiment.
var Linearity = experiment.Experiment[struct{}, LinearityMeasurement]{
	Name: "Linearity", Title: "1×1 convolutions with activation and without",
	Measure: measureLinearity, PureGo: true, Rules: linearityRules(),
}

// Answers shows what layers with ReLU between them say to the four colours of
// two channels, beside XOR and the best linear map. The error is
// [badinput.Err] when the layers do not fit together.
func Answers(backend compute.Backend, layers []Layer) (report.Table, error) {
	table := report.Table{
		ID: "xor", Title: "XOR in every pixel", Columns: []string{"two channels", "XOR", "best linear map", "your layers", ""},
	}
	if err := checkLayers(layers); err != nil {
		return table, err
	}
	var x []float32
	for _, colour := range xorColours {
		x = append(x, float32(colour[0]), float32(colour[1]))
	}
	said, err := run(backend, stackOf(layers, nn.ReLU), x, 1, 2)
	if err != nil {
		return table, err
	}
	best, _, _ := bestLinear()
	for i, colour := range xorColours {
		mark := "right"
		if float64(said[i]) != xorAnswers[i] {
			mark = "wrong"
		}
		table.Rows = append(table.Rows, []string{
			fmt.Sprintf("%g, %g", colour[0], colour[1]), fmt.Sprint(xorAnswers[i]), fmt.Sprintf("%.2f", best[i]), fmt.Sprint(said[i]), mark,
		})
	}
	return table, nil
}

// checkLayers refuses layers that do not lead from two channels to one.
func checkLayers(layers []Layer) error {
	channels := 2
	for i, l := range layers {
		if len(l.Weights) != channels || len(l.Biases) == 0 {
			return badinput.Errorf("layer %d has weights for %d channels and %d biases: it reads %d channels", i+1, len(l.Weights), len(l.Biases), channels)
		}
		for _, row := range l.Weights {
			if len(row) != len(l.Biases) {
				return badinput.Errorf("layer %d has a row of %d weights and %d biases: give as many as the layer has filters", i+1, len(row), len(l.Biases))
			}
		}
		channels = len(l.Biases)
	}
	if channels != 1 {
		return badinput.Errorf("%d layers give %d channels: the last needs one filter", len(layers), channels)
	}
	return nil
}
