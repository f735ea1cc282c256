package sweep

import (
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"evident/datasets"
	"evident/kit/fit"
)

// Model is a function to minimise over the parameters of every replica.
//
// A graph of the model gets params[i] as [replicas, Shapes[i]...], and the
// examples x and y either as [n, …], when every replica sees all of them, or
// as [replicas, batch, …], when each has its own batch. Without data they are
// nil. It returns one value a replica: [replicas].
type Model struct {
	Shapes [][]int // of the parameters of one replica
	Loss   Objective
	// Accuracy is the share of right answers, 0–1; nil where there are none.
	Accuracy Objective
	// Units is the number of values that one example leaves in the graph
	// besides its inputs; it bounds the memory of a sweep.
	Units int
}

// Objective is the graph of one value a replica; see [Model].
type Objective func(params []*Node, x, y *Node) *Node

// Size is the number of parameters of one replica.
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

// Net is a stack of dense layers on inputs of Widths[0] values.
type Net struct {
	Widths     []int             // of the inputs, the hidden layers and the outputs
	Activation func(*Node) *Node // behind every layer but the last
	Loss       func(outputs, y *Node) *Node
}

// Model is the net with one weight matrix [in, out] and one bias vector [out]
// a layer.
func (n Net) Model() Model {
	m := Model{
		Loss:     func(params []*Node, x, y *Node) *Node { return n.Loss(n.Outputs(params, x), y) },
		Accuracy: func(params []*Node, x, y *Node) *Node { return shareRight(n.Outputs(params, x), y) },
	}
	for i := 1; i < len(n.Widths); i++ {
		m.Shapes = append(m.Shapes, []int{n.Widths[i-1], n.Widths[i]}, []int{n.Widths[i]})
		m.Units += n.Widths[i]
	}
	return m
}

// Outputs is the last layer, without activation: [replicas, n, outputs].
func (n Net) Outputs(params []*Node, x *Node) *Node {
	for i := 0; i < len(params); i += 2 {
		if i > 0 {
			x = n.Activation(x)
		}
		x = dense(x, params[i], params[i+1])
	}
	return x
}

// dense is x·W + b for every replica: [replicas, n, out].
func dense(x, weights, biases *Node) *Node {
	equation := "rni,rio->rno"
	if x.Rank() == 2 { // the replicas share their inputs
		equation = "ni,rio->rno"
	}
	return Add(Einsum(equation, x, weights), InsertAxes(biases, 1))
}

// SquaredError is half the squared distance to the targets, summed over the
// outputs and averaged over the examples: [replicas].
func SquaredError(outputs, y *Node) *Node {
	squares := Square(Sub(outputs, likeOutputs(y)))
	return MulScalar(ReduceMean(ReduceSum(squares, -1), -1), 0.5)
}

// CrossEntropy is −Σ y·log softmax(outputs) in nats, averaged over the
// examples: [replicas]. The targets are one-hot.
func CrossEntropy(outputs, y *Node) *Node {
	return Neg(ReduceMean(ReduceSum(Mul(LogSoftmax(outputs, -1), likeOutputs(y)), -1), -1))
}

// shareRight is the share of examples whose largest output is the target's.
func shareRight(outputs, y *Node) *Node {
	y = likeOutputs(y)
	// The target is right when its output is the largest.
	ofTarget := ReduceSum(Mul(outputs, y), -1)
	right := GreaterOrEqual(ofTarget, ReduceMax(outputs, -1))
	return ReduceMean(ConvertDType(right, outputs.DType()), -1)
}

// likeOutputs gives targets that the replicas share a replica axis of 1.
func likeOutputs(y *Node) *Node {
	if y.Rank() == 2 {
		return InsertAxes(y, 0)
	}
	return y
}

// Draw draws the parameters of a model from a seed: weight matrices by
// [fit.GlorotUniform] times the gain, biases zero. The same seed draws the same
// values on every backend.
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
