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
	equation := "rni,rio->rno"
	if x.Rank() == 2 { // the replicas share their inputs
		equation = "ni,rio->rno"
	}
	return Add(Einsum(equation, x, weights), InsertAxes(biases, 1))
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
