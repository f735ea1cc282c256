package convdims

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/stat/combin"

	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/nn"
	"evident/kit/probe"
	"evident/kit/report"
)

// FieldsMeasurement says which pixels the outputs of the three layers depend on,
// beside the layers of the grid.
type FieldsMeasurement struct {
	Grid   GridMeasurement
	Fields []LayerField
}

// LayerField says which pixels of a clip the outputs of a layer depend on.
type LayerField struct {
	Layer   string
	Outputs []int  // number of outputs along frames, rows and columns; 1 where the layer has no such axis
	Field   [3]int // frames, rows and columns that one output depends on, measured
	Pairs   int    // of a pixel and an output, all of them
	Wrong   int    // of Pairs: the output depends on the pixel and should not, or the other way round
}

// measureFields raises every pixel of a clip of 5×6×7, one after the other, and
// looks which outputs change, of each of the three layers without padding.
func measureFields(ctx context.Context, backend compute.Backend, c GridConfig) (m FieldsMeasurement, err error) {
	if m.Grid, err = BuiltLayers.Measured(ctx, backend, c); err != nil {
		return m, err
	}
	const kernel = 3
	probes := make([]probe.Probe, len(layers))
	for i, l := range layers {
		probes[i] = probe.Probe{Input: slices.Concat(gridSizes, []int{1}), Graph: func(scope *model.Scope, x *Node) *Node {
			return l.maps(scope, x, kernel, 1, nn.Valid)
		}}
	}
	influences, err := probe.Measure(backend, probes...)
	for i, influence := range influences {
		m.Fields = append(m.Fields, fieldOf(layers[i].name, influence, layers[i].window(gridSizes[0], kernel)))
	}
	return m, err
}

// fieldOf goes through all pairs of a pixel and an output, both with one channel.
func fieldOf(layer string, f probe.Influence, window [3]int) LayerField {
	own := LayerField{Layer: layer, Outputs: f.Output.Spatial()}
	if len(own.Outputs) == 2 {
		own.Outputs = append([]int{1}, own.Outputs...)
	}
	for output := range f.Output.Size() {
		corner := combin.SubFor(nil, output, own.Outputs)
		for pixel, acts := range f.Acts {
			own.Pairs++
			if acts[output] != within(combin.SubFor(nil, pixel, gridSizes), corner, window) {
				own.Wrong++
			}
		}
		box := f.ReceptiveField(corner[len(corner)-len(f.Output.Spatial()):]...)
		for axis := range own.Field {
			own.Field[axis] = max(own.Field[axis], box.Size(axis))
		}
	}
	return own
}

// within reports whether a pixel lies in the window of the output at the corner:
// in the frames from corner[0] to corner[0]+window[0]−1, and so on along the
// other axes.
func within(at, corner []int, window [3]int) bool {
	inside := true
	for axis, start := range corner {
		inside = inside && at[axis] >= start && at[axis] < start+window[axis]
	}
	return inside
}

func judgeAxes(m FieldsMeasurement) claim.Finding {
	matching, pairs, wrong := 0, 0, 0
	for _, f := range m.Grid {
		if f.matches() {
			matching++
		}
	}
	var fields []string
	for _, f := range m.Fields {
		pairs, wrong = pairs+f.Pairs, wrong+f.Wrong
		fields = append(fields, fmt.Sprintf("%s (%s)", times(f.Field[:]), f.Layer))
	}
	return claim.Finding{
		Decision: claim.Holds(len(m.Grid) > 0 && pairs > 0 && matching == len(m.Grid) && wrong == 0),
		Evidence: fmt.Sprintf("%d of %d built layers match the formulas; of %d pairs of a pixel and an output %d are not as the window says. An output depends on so many frames × rows × columns: %s.",
			matching, len(m.Grid), pairs, wrong, strings.Join(fields, ", ")),
		Samples: 1,
	}
}

func fieldsRules() []claim.Rule[FieldsMeasurement] {
	return []claim.Rule[FieldsMeasurement]{
		claim.ExactRule("q3b.1", "Q3 (b) 1",
			"The kernel of a Conv2D moves along two axes, that of a Conv3D along three.",
			"every built layer of the grid has the output axes, parameters and multiply-adds of the formulas, and in all pairs of a pixel and an output, the output depends on the pixel if and only if the pixel lies in the kernel's window",
			claim.Supported, judgeAxes).From("2026-11-24"),
	}
}

// table lists what one output of each layer depends on.
func (m FieldsMeasurement) table() report.Table {
	table := report.Table{
		ID: "fields", Title: "3×3 and 3×3×3 kernels on a clip of 5 frames of 6×7, without padding (frames × rows × columns)",
		Columns: []string{"layer", "outputs", "an output depends on", "pairs of pixel and output", "not as the window says"},
	}
	for _, f := range m.Fields {
		table.Rows = append(table.Rows, []string{f.Layer, times(f.Outputs), times(f.Field[:]), fmt.Sprint(f.Pairs), fmt.Sprint(f.Wrong)})
	}
	return table
}

// KernelWindows is the experiment. Beside the windows it judges the layers of [BuiltLayers].
var KernelWindows = experiment.Experiment[GridConfig, FieldsMeasurement]{
	Name: "Fields", Title: "Which pixels an output depends on",
	Measure: measureFields, PureGo: true, Rules: fieldsRules(),
	Figures: func(_ GridConfig, m FieldsMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{m.table()}}, nil
	},
}
