package keras

import (
	"slices"
	"strings"

	"evident/kit/arch"
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
	return strings.HasPrefix(d.module(), "keras.src.ops") || strings.HasPrefix(d.module(), "keras.ops") ||
		d.Class == "TFOpLambda" || d.Class == "SlicingOpLambda"
}

// plainOperations are those that go value by value, in lower case.
var plainOperations = strings.Fields(`
	add subtract sub multiply mul divide truediv floordivide maximum minimum power pow mod fmod absolute abs negative neg sign square sqrt
	rsqrt reciprocal exp exp2 expm1 log log1p log2 log10 logaddexp sin cos tan arcsin arccos arctan arctan2 sinh cosh arcsinh arccosh arctanh
	floor ceil round trunc clip clipbyvalue cast erf erfinv nantonum isnan isinf isfinite logicaland logicalor logicalnot logicalxor equal
	notequal greater greaterequal less lessequal where sigmoid logsigmoid tanh tanhshrink relu relu6 silu gelu elu selu celu mish
	leakyrelu hardsigmoid hardsilu hardtanh hardshrink softshrink softplus softsign softmax logsoftmax sparsemax squareplus sparseplus
	stopgradient flip roll cumsum cumprod sort argsort normalize identity copy zeroslike oneslike`)

// operation goes value by value, or has the outputs that were written down or
// follow from its arguments.
func operation(d described, written []arch.Shape) arch.Layer {
	name := d.Class // as in "TrueDivide"; in Keras 2 the config has it, as in "math.truediv"
	args := argumentsOf(d.Config)
	if function := args.text("function", ""); function != "" {
		name = function[strings.LastIndex(function, ".")+1:]
	}
	name = strings.ToLower(strings.ReplaceAll(name, "_", ""))
	if slices.Contains(plainOperations, strings.Replace(name, "truedivide", "truediv", 1)) {
		return arch.Merge{Operation: d.Class}
	}
	return arch.Opaque{Name: d.Class, Outputs: written, Rule: rule(name, args)}
}
