// Package nodes lets coding questions ask for functions on GoMLX nodes, such as
//
//	func step(weights, gradient *Node, rate float64) *Node
//
// Package exercise judges them by numbers alone: by the results on some arguments,
// and by the gradients of a fixed weighted sum of the float results with respect to
// every float argument.
package nodes

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/support/exceptions"

	"evident/internal/badinput"
	"evident/kit/backend"
	"evident/kit/exercise"
)

// Answer makes a student's function on nodes one that package exercise can call, on
// the backend that package backend chooses. Any other answer stays as it is.
func Answer(answer any) any { return on(chosen, answer) }

// Reference does the same for a function of a teacher, on GoMLX's backend in pure
// Go, so that exercises are the same on every machine.
func Reference(function any) any { return on(pureGo, function) }

// A backend starts when the first function needs it, and serves all others.
var (
	chosen = sync.OnceValues(func() (compute.Backend, error) {
		selected, err := backend.Select(context.Background())
		return selected.Backend, err
	})
	pureGo = sync.OnceValues(backend.PureGo)
)

var node = reflect.TypeFor[*Node]()

func on(open func() (compute.Backend, error), function any) any {
	of := reflect.TypeOf(function)
	if of == nil || of.Kind() != reflect.Func {
		return function
	}
	for i := range of.NumIn() {
		if of.In(i) == node {
			return caller{reflect.ValueOf(function), open}
		}
	}
	return function
}

// caller is a function on nodes.
type caller struct {
	function reflect.Value
	open     func() (compute.Backend, error)
}

var _ exercise.Caller = caller{}

// Signature implements [exercise.Caller].
func (c caller) Signature() string { return c.function.Type().String() }

// MarshalJSON says that a function is no value.
func (c caller) MarshalJSON() ([]byte, error) { return nil, badinput.Errorf("a function has no value") }

// Call implements [exercise.Caller]: it builds the graph for the arguments' shapes,
// compiles and runs it.
func (c caller) Call(types []string, arguments json.RawMessage) (exercise.Outcome, error) {
	var given []json.RawMessage
	if err := json.Unmarshal(arguments, &given); err != nil {
		return exercise.Outcome{}, err
	}
	of := c.function.Type()
	if len(given) != of.NumIn() || len(types) != of.NumIn() {
		return exercise.Outcome{}, fmt.Errorf("%d arguments of %d types do not fit %s", len(given), len(types), of)
	}
	opened, err := c.open()
	if err != nil {
		return exercise.Outcome{}, err
	}
	g := NewGraph(opened, "answer")
	defer g.Finalize()
	values, fed := make([]reflect.Value, len(given)), []any{}
	var by []*Node // the gradient is by these arguments
	var outcome exercise.Outcome
	for i, text := range given {
		if of.In(i) != node {
			value := reflect.New(of.In(i))
			if err := json.Unmarshal(text, value.Interface()); err != nil {
				return exercise.Outcome{}, err
			}
			values[i] = value.Elem()
			continue
		}
		value, err := tensorOf(types[i], text)
		if err != nil {
			return exercise.Outcome{}, fmt.Errorf("argument %d: %w", i+1, err)
		}
		x := Parameter(g, fmt.Sprintf("argument %d", i+1), value.Shape())
		values[i], fed = reflect.ValueOf(x), append(fed, value)
		if x.DType().IsFloat() {
			by, outcome.Gradients = append(by, x), append(outcome.Gradients, typed(x, i+1))
		}
	}
	outputs, err := c.build(values, &outcome)
	if err != nil {
		return exercise.Outcome{}, err
	}
	gradients, err := gradientsOf(outputs, by)
	if err != nil {
		return exercise.Outcome{}, err
	}
	if err := g.Compile(append(outputs, gradients...)...); err != nil {
		return exercise.Outcome{}, badinput.Errorf("the graph does not compile: %s", badinput.FirstLine(err))
	}
	computed := g.Run(fed...)
	for i := range outcome.Results {
		if !read(computed[i], &outcome.Results[i]) {
			return exercise.Outcome{}, badinput.Errorf("result %d has numbers that are not finite", i+1)
		}
	}
	for i := range outcome.Gradients {
		gradient := &outcome.Gradients[i]
		if !read(computed[len(outputs)+i], gradient) {
			return exercise.Outcome{}, badinput.Errorf("the gradient by argument %d has numbers that are not finite", gradient.Argument)
		}
	}
	return outcome, nil
}

// build calls the function. It returns its results as float64, and notes their types.
// It may panic.
func (c caller) build(arguments []reflect.Value, outcome *exercise.Outcome) (outputs []*Node, err error) {
	for i, result := range c.function.Call(arguments) {
		x, isNode := result.Interface().(*Node)
		switch {
		case !isNode:
			return nil, fmt.Errorf("result %d of %s is no node", i+1, c.Signature())
		case x == nil:
			return nil, badinput.Errorf("result %d is nil: return a node", i+1)
		}
		outcome.Results = append(outcome.Results, typed(x, 0))
		outputs = append(outputs, ConvertDType(x, dtypes.Float64))
	}
	return outputs, nil
}

// typed is a tensor without values.
func typed(x *Node, argument int) exercise.Tensor {
	return exercise.Tensor{Argument: argument, Type: strings.ToLower(x.DType().String()), Shape: x.Shape().Dimensions}
}

// gradientsOf returns the gradients of a weighted sum of the outputs, as float64. The
// weights are fixed and look random, so that no error cancels another. The gradient of
// what is not a float is 0.
func gradientsOf(outputs, by []*Node) (gradients []*Node, err error) {
	if len(outputs) == 0 || len(by) == 0 {
		return nil, nil
	}
	sum := ScalarZero(outputs[0].Graph(), dtypes.Float64)
	for i, x := range outputs {
		random := exercise.Random("weights of result", fmt.Sprint(i))
		weights := make([]float64, x.Shape().Size())
		for j := range weights {
			weights[j] = random.Float64() - 0.5
		}
		weight := ConstTensor(x.Graph(), tensors.FromFlatDataAndDimensions(weights, x.Shape().Dimensions...))
		sum = Add(sum, ReduceAllSum(Mul(x, weight)))
	}
	if failed := exceptions.TryCatch[error](func() { gradients = Gradient(sum, by...) }); failed != nil {
		return nil, badinput.Errorf("its gradient cannot be computed: %s", badinput.FirstLine(failed))
	}
	for i, gradient := range gradients {
		gradients[i] = ConvertDType(gradient, dtypes.Float64)
	}
	return gradients, nil
}

// tensorOf reads a number or a nested list of numbers.
func tensorOf(of string, text json.RawMessage) (*tensors.Tensor, error) {
	var content any
	if err := json.Unmarshal(text, &content); err != nil {
		return nil, err
	}
	values, shape := flat(content), exercise.ShapeOf(content)
	switch of {
	case "float32":
		return tensors.FromFlatDataAndDimensions(converted[float32](values), shape...), nil
	case "float64":
		return tensors.FromFlatDataAndDimensions(values, shape...), nil
	case "int", "int32":
		return tensors.FromFlatDataAndDimensions(converted[int32](values), shape...), nil
	}
	return nil, fmt.Errorf("a node cannot hold %s: draw float32, float64 or int", of)
}

// flat returns the numbers of nested lists in order.
func flat(content any) (values []float64) {
	switch content := content.(type) {
	case float64:
		return []float64{content}
	case []any:
		for _, part := range content {
			values = append(values, flat(part)...)
		}
	}
	return values
}

func converted[T float32 | int32](values []float64) []T {
	numbers := make([]T, len(values))
	for i, value := range values {
		numbers[i] = T(value)
	}
	return numbers
}

// read copies the numbers, and reports whether all are finite.
func read(value *tensors.Tensor, into *exercise.Tensor) bool {
	into.Values = tensors.MustCopyFlatData[float64](value)
	return !slices.ContainsFunc(into.Values, func(v float64) bool { return math.IsNaN(v - v) })
}
