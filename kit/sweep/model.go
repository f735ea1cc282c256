package sweep

import (
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"evident/datasets"
	"evident/internal/badinput"
	"evident/kit/fit"
	"evident/kit/nn"
)

// Model is a function to minimise over the parameters of every replica.
//
// Its graphs get params[i] as [replicas, Shapes[i]...]. The examples x and y
// have the shape [n, …] if all replicas share them, or [replicas, n, …] if each
// replica has its own batch or its own data. They are nil without data. A graph returns
// one value per replica: [replicas].
type Model struct {
	Shapes [][]int // of the parameters of one replica
	Loss   Objective
	// Accuracy is the fraction of right answers, 0–1; nil for a model without
	// answers.
	Accuracy Objective
	// Units is the number of values that one example needs in the graph besides
	// its inputs. It bounds the memory of a sweep.
	Units int
}

// Objective is a graph that returns one value per replica; see [Model].
type Objective func(params []*Node, x, y *Node) *Node

// loss builds the graph of the loss, which may be a reader's, and panics with one line where it is of no use.
func (m Model) loss(params []*Node, x, y *Node) (loss *Node) {
	fit.Reading(func() {
		loss = m.Loss(params, x, y)
		if want := shapes.Make(params[0].DType(), params[0].Shape().Dim(0)); !hasShape(loss, want) {
			panic(badinput.Errorf("the loss is %s for %d replicas: return one value for each, %s", shapeText(loss), want.Dim(0), want))
		}
	})
	return loss
}

func hasShape(x *Node, want shapes.Shape) bool { return x != nil && x.Shape().Equal(want) }

func shapeText(x *Node) string {
	if x == nil {
		return "nil"
	}
	return x.Shape().String()
}

// Size returns the number of parameters of one replica.
func (m Model) Size() int {
	total := 0
	for _, shape := range m.Shapes {
		total += size(shape)
	}
	return total
}

func size(shape []int) int {
	total := 1
	for _, dim := range shape {
		total *= dim
	}
	return total
}

// Data are the examples of a model.
type Data = datasets.Rows

// Net is a stack of dense layers. Its inputs have Widths[0] values.
type Net struct {
	Widths     []int             // of the inputs, the hidden layers and the outputs
	Activation func(*Node) *Node // after every layer except the last
	Loss       func(outputs, y *Node) *Node
}

// Model returns the net as a model. Each layer has a weight matrix [in, out]
// and a bias vector [out].
func (n Net) Model() Model {
	m := Model{
		Loss:     func(params []*Node, x, y *Node) *Node { return n.Loss(n.Outputs(params, x), y) },
		Accuracy: func(params []*Node, x, y *Node) *Node { return fractionRight(n.Outputs(params, x), y) },
	}
	for i := 1; i < len(n.Widths); i++ {
		m.Shapes = append(m.Shapes, []int{n.Widths[i-1], n.Widths[i]}, []int{n.Widths[i]})
		m.Units += n.Widths[i]
	}
	return m
}

// Outputs returns the last layer, without activation: [replicas, n, outputs].
func (n Net) Outputs(params []*Node, x *Node) *Node {
	for i := 0; i < len(params); i += 2 {
		if i > 0 {
			x = n.Activation(x)
		}
		x = dense(x, params[i], params[i+1])
	}
	return x
}

// dense returns x·W + b for every replica: [replicas, n, out].
func dense(x, weights, biases *Node) *Node {
	return Add(Product(x, weights), InsertAxes(biases, 1))
}

// narrow is the largest number of inputs or outputs of a layer whose products are written out. XLA calls its matrix
// product once for each replica, which for such a layer takes longer than the arithmetic: a training step of a net of
// 2, 32 and 2 units takes 2.7 times as long. In pure Go the written products are the slower ones.
const narrow = 4

// Product returns x·W for every replica: [replicas, n, out]. The weights are [replicas, in, out], and x is
// [replicas, n, in], or [n, in] if the replicas share it.
func Product(x, weights *Node) *Node {
	if x.Rank() == 2 {
		return Einsum("ni,rio->rno", x, weights)
	}
	if in, out := weights.Shape().Dim(1), weights.Shape().Dim(2); min(in, out) <= narrow && !nn.IsPureGo(x) {
		return ReduceSum(Mul(InsertAxes(x, -1), InsertAxes(weights, 1)), 2)
	}
	return Einsum("rni,rio->rno", x, weights)
}

// SquaredError returns half the squared distance to the targets, summed over
// the outputs and averaged over the examples: [replicas].
func SquaredError(outputs, y *Node) *Node {
	squares := Square(Sub(outputs, likeOutputs(y)))
	return MulScalar(ReduceMean(ReduceSum(squares, -1), -1), 0.5)
}

// CrossEntropy returns −Σ y·log softmax(outputs) in nats, averaged over the
// examples: [replicas]. The targets are one-hot.
func CrossEntropy(outputs, y *Node) *Node {
	return Neg(ReduceMean(ReduceSum(Mul(LogSoftmax(outputs, -1), likeOutputs(y)), -1), -1))
}

// fractionRight returns the fraction of examples whose largest output is the
// target's.
func fractionRight(outputs, y *Node) *Node {
	y = likeOutputs(y)
	// An answer is right if the target's output is the largest.
	ofTarget := ReduceSum(Mul(outputs, y), -1)
	right := GreaterOrEqual(ofTarget, ReduceMax(outputs, -1))
	return ReduceMean(ConvertDType(right, outputs.DType()), -1)
}

// likeOutputs adds a replica axis of size 1 to targets that the replicas share.
func likeOutputs(y *Node) *Node {
	if y.Rank() == 2 {
		return InsertAxes(y, 0)
	}
	return y
}

// Draw draws the parameters of a model from a seed: weight matrices by
// [fit.GlorotUniform] times the gain, and zero biases. The same seed gives the
// same values on every backend.
func Draw(m Model, seed int64, gain float64) []float64 {
	const forParameters = 3
	random := fit.Rand(seed, forParameters)
	values := make([]float64, 0, m.Size())
	for _, shape := range m.Shapes {
		values = append(values, drawOne(random, shape, gain)...)
	}
	return values
}

func drawOne(random *rand.Rand, shape []int, gain float64) []float64 {
	drawn := fit.GlorotUniform(random, shapes.Make(dtypes.Float32, shape...))
	values := make([]float64, size(shape))
	for i, v := range tensors.MustCopyFlatData[float32](drawn) {
		values[i] = gain * float64(v)
	}
	return values
}

// tensorOf stores the numbers in the type of the parameters.
func tensorOf(numbers []float64, dtype dtypes.DType, dims ...int) *tensors.Tensor {
	if dtype == dtypes.Float64 {
		return tensors.FromFlatDataAndDimensions(numbers, dims...)
	}
	single := make([]float32, len(numbers))
	for i, v := range numbers {
		single[i] = float32(v)
	}
	return tensors.FromFlatDataAndDimensions(single, dims...)
}

// values reads a tensor of either type.
func values(t *tensors.Tensor) []float64 {
	if t.DType() == dtypes.Float64 {
		return tensors.MustCopyFlatData[float64](t)
	}
	single := tensors.MustCopyFlatData[float32](t)
	numbers := make([]float64, len(single))
	for i, v := range single {
		numbers[i] = float64(v)
	}
	return numbers
}

// rows returns rows of equal width as [leading..., width].
func rows(of [][]float64, dtype dtypes.DType, leading ...int) *tensors.Tensor {
	return tensorOf(slices.Concat(of...), dtype, append(leading, len(of[0]))...)
}

// stack combines the vectors of all replicas into one tensor per parameter,
// with the replicas as its first axis.
func stack(vectors [][]float64, shapes [][]int, dtype dtypes.DType) []*tensors.Tensor {
	stacked := make([]*tensors.Tensor, len(shapes))
	start := 0
	for i, shape := range shapes {
		end := start + size(shape)
		flat := make([]float64, 0, len(vectors)*(end-start))
		for _, vector := range vectors {
			flat = append(flat, vector[start:end]...)
		}
		stacked[i] = tensorOf(flat, dtype, append([]int{len(vectors)}, shape...)...)
		start = end
	}
	return stacked
}

// unstack is the inverse of stack.
func unstack(stacked []*tensors.Tensor, replicas int) [][]float64 {
	vectors := make([][]float64, replicas)
	for _, t := range stacked {
		flat := values(t)
		width := len(flat) / replicas
		for i := range vectors {
			vectors[i] = append(vectors[i], flat[i*width:(i+1)*width]...)
		}
	}
	return vectors
}

func anys(of []*tensors.Tensor) []any {
	all := make([]any, len(of))
	for i, t := range of {
		all[i] = t
	}
	return all
}
