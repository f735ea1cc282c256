package fit

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/gomlx/compute/dtypes"

	"evident/internal/badinput"
)

var (
	errNoLabels  = badinput.Errorf("a classifier learns from labels, and these data have none: make them with NewData and a label for each example")
	errNoTargets = badinput.Errorf("the model learns from targets, and these data have none: make them with NewTargetData")
)

// check refuses data that the model cannot be trained on or scored with.
func (m *Model) check(data Data) error {
	if err := data.check(); err != nil {
		return err
	}
	switch {
	case m.targets == nil && data.labels == nil:
		return errNoLabels
	case m.targets != nil && data.targetShape == nil:
		return errNoTargets
	case !slices.Equal(m.targets, data.targetShape):
		return badinput.Errorf("targets of the shape %v for a model of targets of the shape %v: give it such ones, or make another model", data.targetShape, m.targets)
	case m.unscaled && data.pixels:
		return badinput.Errorf("whole numbers from 0 to 255, as of pixels, reach the first layer as they are: scale them there, as in x = DivScalar(ConvertDType(x, dtypes.Float32), 255)")
	}
	if i := slices.IndexFunc(data.labels, func(label int32) bool { return m.classes > 0 && int(label) >= m.classes }); i >= 0 {
		return badinput.Errorf("example %d has the label %d, and the network's %d logits are for the labels 0 to %d: give it %d logits, or mend the label",
			i, data.labels[i], m.classes, m.classes-1, data.labels[i]+1)
	}
	return nil
}

// checkWeights refuses a network without weights, or with such as cannot move by
// small steps.
func (m *Model) checkWeights(x *Node) {
	weights := 0
	for v := range m.store.IterVariables() {
		if !v.Trainable || !v.InUseByGraph(x.Graph()) {
			continue
		}
		weights++
		if dtype := v.Shape().DType; !dtype.IsFloat() {
			panic(refusal("the weights %s are %s, as are the inputs, and cannot take small steps: convert and scale the inputs first, as in x = DivScalar(ConvertDType(x, dtypes.Float32), 255)",
				v.Path(), dtype))
		}
	}
	if weights == 0 {
		panic(refusal("the network has no weights to train: give it a layer, as in nn.Dense(scope, x, 10)"))
	}
}

func checkOutputs(x, outputs *Node) {
	switch {
	case outputs == nil:
		panic(refusal("the network returned nil: return its output"))
	case outputs.DType() != dtypes.Float32:
		panic(refusal("the network's output is %s: convert it, as in ConvertDType(y, dtypes.Float32)", outputs.DType()))
	case outputs.Rank() < 1 || outputs.Shape().Dim(0) != x.Shape().Dim(0):
		panic(refusal("the network's output is %v for a batch of %d: its first axis has to be that of the examples", outputs.Shape().Dimensions, x.Shape().Dim(0)))
	}
}

// checkLogits returns the number of classes.
func checkLogits(logits *Node) int {
	dims := logits.Shape().Dimensions
	switch {
	case len(dims) != 2:
		panic(refusal("the network's output is %v: a classifier gives one logit per class, [batch, classes]; reshape it, or take the mean over the other axes", dims))
	case dims[1] < 2:
		panic(refusal("the network has 1 logit, whose softmax is 1 whatever the input, and nothing would be learned: give it 2 logits for two classes, or train it for targets by NewRegressor"))
	}
	return dims[1]
}

// checkedLoss is the loss of each example.
func checkedLoss(loss Loss, targets, outputs *Node) *Node {
	each := located(func(*model.Scope, *Node) *Node { return loss(targets, outputs) })(nil, nil)
	switch {
	case each == nil:
		panic(refusal("the loss returned nil: return one value per example, [batch]"))
	case !each.DType().IsFloat():
		panic(refusal("the loss is %s, which has no gradient: convert the targets and outputs, as in ConvertDType(y, dtypes.Float32)", each.DType()))
	case each.Rank() < 1 || each.Shape().Dim(0) != outputs.Shape().Dim(0):
		panic(refusal("the loss is %v for a batch of %d: return one value per example, [batch]; the training takes the mean", each.Shape().Dimensions, outputs.Shape().Dim(0)))
	}
	return ConvertDType(each, dtypes.Float32)
}

// reachesLayer says whether the values of the input get into a layer with no
// arithmetic before that could scale them.
func reachesLayer(x *Node) bool {
	same := map[*Node]bool{x: true}
	for _, node := range x.Graph().Nodes() {
		if !slices.ContainsFunc(node.Inputs(), func(input *Node) bool { return same[input] }) {
			continue
		}
		switch node.Type() {
		case NodeTypeDotGeneral, NodeTypeConvGeneral:
			return true
		case NodeTypeIdentity, NodeTypeOptimizationBarrier, NodeTypeConvertDType, NodeTypeReshape, NodeTypeTranspose, NodeTypeReverse,
			NodeTypePad, NodeTypeSlice, NodeTypeConcatenate, NodeTypeReduceWindow:
			same[node] = true
		}
	}
	return false
}

// fault is what is wrong with a graph, with the lines of the reader's code that
// led there, the innermost first.
type fault struct {
	text  string
	lines []string
}

func (f *fault) Error() string {
	if len(f.lines) == 0 {
		return f.text
	}
	return f.text + " (" + strings.Join(f.lines, ", called from ") + ")"
}

// refusal is a fault for a graph's function to panic with.
func refusal(format string, args ...any) *fault { return &fault{text: fmt.Sprintf(format, args...)} }

// unbuilt is the error of a graph that does not compile.
func unbuilt(what string, err error) error {
	var f *fault
	if errors.As(err, &f) {
		return badinput.Errorf("building the %s: %w", what, f)
	}
	return fmt.Errorf("building the %s: %s", what, badinput.FirstLine(err))
}

// Unrun is the error of a graph that was called, in one line, with the lines of the reader's code where
// [Reading] has found them. Inputs of another shape than before are another graph to build.
func Unrun(what string, err error) error {
	if f := new(fault); errors.As(err, &f) {
		return unbuilt(what, err)
	}
	return fmt.Errorf("running the %s: %s", what, badinput.FirstLine(err))
}

// located is a network that panics with a [fault], whatever the reader's function
// panics with.
func located(network Network) Network {
	return func(scope *model.Scope, x *Node) (y *Node) {
		Reading(func() { y = network(scope, x) })
		return y
	}
}

// Reading builds a part of a graph by functions of the reader's. It panics with an error that names their lines,
// whatever they panic with; see [Unrun].
func Reading(build func()) {
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case *fault:
			thrown.lines = readersLines()
			panic(thrown)
		case error:
			panic(&fault{badinput.FirstLine(thrown), readersLines()})
		default:
			panic(&fault{fmt.Sprint(thrown), readersLines()})
		}
	}()
	build()
}

// mostLines is how many of the reader's lines an error names.
const mostLines = 3

// readersLines are those that run, with libraries left out, up to [Reading]. It is
// called while the panic unwinds.
func readersLines() []string {
	calls := make([]uintptr, 256)
	frames := runtime.CallersFrames(calls[:runtime.Callers(3, calls)]) // not those of this function and of the deferred one
	var lines []string
	for frame, more := frames.Next(); more && len(lines) < mostLines; frame, more = frames.Next() {
		if strings.HasPrefix(frame.Function, "evident/kit/fit.Reading") {
			break
		}
		if isReaders(frame) {
			lines = append(lines, fmt.Sprintf("%s:%d", filepath.Base(frame.File), frame.Line))
		}
	}
	return lines
}

// libraries are the packages whose lines say nothing to a reader.
var libraries = []string{"runtime.", "reflect.", "slices.", "maps.", "iter.", "sync.", "github.com/gomlx/", "evident/kit/", "evident/internal/"}

func isReaders(frame runtime.Frame) bool {
	return strings.HasSuffix(frame.File, "_test.go") ||
		!slices.ContainsFunc(libraries, func(library string) bool { return strings.HasPrefix(frame.Function, library) })
}
