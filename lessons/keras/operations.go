package keras

import (
	"slices"
	"strings"

	"evident/lessons/arch"
)

// lambda is a function of the user's own, without weights. Only Python knows
// the shape of its output, unless that is written down.
func lambda(args *arguments, written []arch.Shape) arch.Layer {
	if args.has("output_shape") {
		if out, ok := shape(args.values["output_shape"]); ok {
			return arch.Opaque{Name: "Lambda", Inputs: []arch.Shape{nil}, Outputs: []arch.Shape{out}}
		}
	}
	return arch.Opaque{Name: "Lambda", Outputs: written}
}

// isOperation reports whether it is a function of keras.ops or, in Keras 2, of
// TensorFlow, which Keras makes of expressions like x * 0.5. Such have no
// weights.
func isOperation(d described) bool {
	return strings.HasPrefix(d.Module, "keras.src.ops") || strings.HasPrefix(d.Module, "keras.ops") ||
		d.Class == "TFOpLambda" || d.Class == "SlicingOpLambda"
}

// plainOperations are those that go value by value, in lower case.
var plainOperations = []string{
	"add", "subtract", "sub", "multiply", "mul", "divide", "truediv", "maximum", "minimum", "power", "pow", "absolute", "abs", "negative", "neg",
	"square", "sqrt", "exp", "log", "clip", "clipbyvalue", "cast", "sigmoid", "tanh", "relu", "relu6", "silu", "gelu", "elu", "selu", "leakyrelu",
	"hardsigmoid", "hardsilu", "softplus", "softsign", "softmax", "logsoftmax",
}

// operation goes value by value, or has the outputs that were written down.
func operation(d described, written []arch.Shape) arch.Layer {
	name := d.Class // as in "TrueDivide"; in Keras 2 the config has it, as in "math.truediv"
	if function := argumentsOf(d.Config).text("function", ""); function != "" {
		name = function[strings.LastIndex(function, ".")+1:]
	}
	name = strings.ToLower(strings.ReplaceAll(name, "_", ""))
	if slices.Contains(plainOperations, strings.Replace(name, "truedivide", "truediv", 1)) {
		return arch.Merge{Operation: d.Class}
	}
	return arch.Opaque{Name: d.Class, Outputs: written}
}
