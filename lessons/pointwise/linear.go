package pointwise

import (
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/gonum/mat"

	"evident/kit/fit"
	"evident/kit/nn"
)

// LinearFacts are what a stack of 1×1 convolutions computes with ReLU and
// without.
type LinearFacts struct {
	// Values is the number of compared outputs; Different of them are not those
	// of the one matrix that the stack's matrices multiply to.
	Values, Different int
	// NotAdditive of them break f(a) + f(b) = f(a + b) + f(0), without and with
	// ReLU between the layers.
	NotAdditive, NotAdditiveWithReLU int

	// Pixels of XOR, and how many the net with ReLU gets wrong.
	Pixels, Wrong int
	// LeastSquares is the best linear answer to the four colours, and Separable
	// the largest share of them that any threshold of a linear map gets right.
	LeastSquares [4]float64
	Separable    float64
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

// MeasureLinear compares a stack of three with one matrix, and solves XOR in
// every pixel. All numbers are small integers, so equal means equal.
func MeasureLinear(backend compute.Backend) (LinearFacts, error) {
	random := fit.Rand(1, forExact)
	layers := []Layer{drawLayer(random, 5, 7), drawLayer(random, 7, 4), drawLayer(random, 4, 3)}
	var facts LinearFacts
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
	facts.LeastSquares, facts.Separable = bestLinear()
	return facts, nil
}

// compose compares the stack with the product of its matrices.
func (f *LinearFacts) compose(backend compute.Backend, layers []Layer, random *rand.Rand) error {
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

// XORNet answers 1 where exactly one of two channels is 1: with
// h = ReLU(x₁+x₂, x₁+x₂−1) it is h₁ − 2h₂ (Goodfellow, Bengio and Courville
// 2016, section 6.1).
func XORNet() []Layer {
	return []Layer{
		{Weights: [][]float32{{1, 1}, {1, 1}}, Biases: []float32{0, -1}},
		{Weights: [][]float32{{1}, {-2}}, Biases: []float32{0}},
	}
}

// xor runs the net on pictures of random bits.
func (f *LinearFacts) xor(backend compute.Backend, random *rand.Rand) error {
	f.Pixels = linearPictures * linearSide * linearSide
	x := make([]float32, 2*f.Pixels)
	for i := range x {
		x[i] = float32(random.IntN(2))
	}
	y, err := run(backend, stackOf(XORNet(), nn.ReLU), x, linearSide, 2)
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

// xorColours are the four values of two channels, xorAnswers what to say.
var (
	xorColours = [4][2]float64{{0, 0}, {0, 1}, {1, 0}, {1, 1}}
	xorAnswers = [4]float64{0, 1, 1, 0}
)

// bestLinear is the least-squares answer of y = w₁x₁ + w₂x₂ + b, and the best
// share of right answers of any threshold along any of many directions.
func bestLinear() (answers [4]float64, separable float64) {
	x, y := mat.NewDense(4, 3, nil), mat.NewVecDense(4, xorAnswers[:])
	for i, c := range xorColours {
		x.SetRow(i, []float64{c[0], c[1], 1})
	}
	var w, fitted mat.VecDense
	if err := w.SolveVec(x, y); err != nil {
		return answers, math.NaN()
	}
	fitted.MulVec(x, &w)
	copy(answers[:], fitted.RawVector().Data)
	const directions = 720
	for d := range directions {
		angle := 2 * math.Pi * (float64(d) + 0.5) / directions
		separable = max(separable, bestThreshold(math.Cos(angle), math.Sin(angle)))
	}
	return answers, separable
}

// bestThreshold is the best share of right answers of "w·x is above t".
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
