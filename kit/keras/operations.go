package keras

import (
	"slices"
	"strings"

	"evident/kit/arch"
)

// lambda is a user's function without weights. Only Python knows the shape of its
// output, unless the file records it.
func lambda(args *arguments, written []arch.Shape) arch.Layer {
	if args.has("output_shape") {
		if out, ok := shape(args.values["output_shape"]); ok {
			out = slices.Insert(out, 0, arch.Unknown)
			return arch.Opaque{Name: "Lambda", Inputs: []arch.Shape{nil}, Outputs: []arch.Shape{out}}
		}
	}
	return arch.Opaque{Name: "Lambda", Outputs: written}
}

// isOperation reports whether it is a function of keras.ops or, in Keras 2, of
// TensorFlow, which Keras creates for expressions like x * 0.5. Such functions have
// no weights.
func isOperation(d described) bool {
	return strings.HasPrefix(d.module(), "keras.src.ops") || strings.HasPrefix(d.module(), "keras.ops") ||
		d.Class == "TFOpLambda" || d.Class == "SlicingOpLambda"
}

// plainOperations lists elementwise operations, in lower case.
var plainOperations = strings.Fields(`
	add subtract sub multiply mul divide truediv dividenonan floordivide maximum minimum fmax fmin power pow mod fmod absolute abs fabs
	negative neg sign signbit heaviside square sqrt cbrt rsqrt reciprocal exp exp2 expm1 log log1p log2 log10 logaddexp logaddexp2 sin cos tan
	arcsin arccos arctan arctan2 sinh cosh arcsinh arccosh arctanh sinc hypot deg2rad rad2deg angle real imag conj conjugate i0
	floor ceil round trunc clip clipbyvalue cast saturatecast converttotensor erf erfc erfinv nantonum gcd lcm ldexp nextafter
	isnan isinf isfinite isneginf isposinf isreal isclose logicaland logicalor logicalnot logicalxor equal notequal greater greaterequal less lessequal
	bitwiseand bitwiseor bitwisexor bitwisenot bitwiseinvert bitwiseleftshift bitwiserightshift leftshift rightshift
	where select sigmoid logsigmoid sparsesigmoid tanh tanhshrink relu relu6 silu gelu elu selu celu mish threshold
	leakyrelu hardsigmoid hardsilu hardtanh hardshrink softshrink softplus softsign softmax logsoftmax sparsemax squareplus sparseplus
	stopgradient flip fliplr flipud roll sort argsort argpartition normalize identity copy zeroslike oneslike emptylike tril triu
	gaussianblur rgbtohsv hsvtorgb binarycrossentropy`)

// operationName returns the name of an operation in lower case. In Keras 3 it is
// the name of the class, as in "TrueDivide"; in Keras 2 it is in the config, as in
// "math.truediv".
func operationName(d described, args *arguments) string {
	name := d.Class
	if function := args.text("function", ""); function != "" {
		name = function[strings.LastIndex(function, ".")+1:]
	}
	name = strings.ToLower(strings.ReplaceAll(name, "_", ""))
	return strings.Replace(name, "truedivide", "truediv", 1)
}

// operation is elementwise, or has the recorded outputs, or those that its [rule]
// derives.
func operation(d described, written []arch.Shape) arch.Layer {
	if slices.Contains(plainOperations, operationName(d, argumentsOf(d.Config))) {
		return arch.Merge{Operation: d.Class, Function: true}
	}
	return arch.Opaque{Name: d.Class, Outputs: written}
}

// withOperands makes a rule for a call. The operands are the tensors that the call
// reads and the literals between them.
func withOperands(c call, derive func([]arch.Shape) []arch.Shape) func([]arch.Shape) []arch.Shape {
	return func(inputs []arch.Shape) []arch.Shape {
		operands := inputs
		if !c.legacy {
			operands, _ = operandsOf(c.args, inputs)
		}
		outputs := derive(operands)
		if slices.ContainsFunc(outputs, func(out arch.Shape) bool { return !possible(out) }) {
			return nil
		}
		return outputs
	}
}

// possible rejects shapes that no tensor has; Keras supports at most 64 axes.
func possible(s arch.Shape) bool {
	return len(s) <= maxAxes && !slices.ContainsFunc(s, func(size int) bool { return size < 0 && size != arch.Unknown })
}

const maxAxes = 64

// operandsOf returns the shapes of the tensors and numbers among the arguments of a
// call. It takes the tensors' shapes from the inputs, and returns the remaining
// inputs.
func operandsOf(raw any, inputs []arch.Shape) (operands, rest []arch.Shape) {
	switch raw := raw.(type) {
	case float64, bool:
		return []arch.Shape{{}}, inputs
	case map[string]any:
		switch raw["class_name"] {
		case "__keras_tensor__":
			if len(inputs) == 0 {
				return nil, nil
			}
			return inputs[:1], inputs[1:]
		case "__tensor__", "__numpy__":
			config, _ := raw["config"].(map[string]any)
			return []arch.Shape{shapeOf(config["value"])}, inputs
		}
	case []any:
		if constant := shapeOf(raw); len(constant) > 0 && isNumbers(raw) {
			return []arch.Shape{constant}, inputs
		}
	}
	each(raw, func(item any) {
		var more []arch.Shape
		more, inputs = operandsOf(item, inputs)
		operands = append(operands, more...)
	})
	return operands, inputs
}

// shapeOf returns the shape of a number or of nested lists of numbers.
func shapeOf(value any) arch.Shape {
	shape := arch.Shape{}
	for {
		list, ok := value.([]any)
		if !ok {
			return shape
		}
		if shape = append(shape, len(list)); len(list) == 0 {
			return shape
		}
		value = list[0]
	}
}

// isNumbers reports whether nested lists hold only numbers.
func isNumbers(value any) bool {
	if list, ok := value.([]any); ok {
		return !slices.ContainsFunc(list, func(item any) bool { return !isNumbers(item) })
	}
	_, isNumber := value.(float64)
	return isNumber
}
