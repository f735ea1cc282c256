package convdims

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"

	"evident/internal/badinput"
	"evident/kit/experiment"
	"evident/kit/nn"
	"evident/kit/progress"
	"evident/kit/report"
)

// GridConfig is the grid on which shapes, parameters and multiply-adds of built
// layers are checked.
type GridConfig struct {
	Kernels  []int `role:"compared" range:"[1, inf)" list:"1" help:"sides of the kernel"`
	Strides  []int `role:"compared" range:"[1, inf)" list:"1" help:"strides"`
	Channels []int `role:"compared" range:"[1, inf)" list:"1" help:"channels of the input"`
}

// Validate checks that every kernel fits into the clip.
func (c GridConfig) Validate() error {
	if largest, smallest := slices.Max(c.Kernels), slices.Min(gridSizes); largest > smallest {
		return badinput.Errorf("Kernels has %d: the clip of the grid has %d frames", largest, smallest)
	}
	return nil
}

// GridMeasurement holds the layers of all cases of the grid.
type GridMeasurement []BuiltLayer

// BuiltLayer is one convolution that was built and run, beside the formulas.
type BuiltLayer struct {
	Axes             int // between batch and channels: 2 or 3
	Kernel, Stride   int
	Padding          nn.Padding
	Channels         int // of the input
	Input            []int
	Output, Expected []int // sizes along the axes: built, and by the formula
	Built, Formula   nn.Cost
}

// matches reports whether what was built is what the formulas say. The
// multiply-adds can be counted without padding only: with it, some are with
// zeros.
func (f BuiltLayer) matches() bool {
	counted := f.Built.MultiplyAdds == f.Formula.MultiplyAdds || f.Padding == nn.Same
	return slices.Equal(f.Output, f.Expected) && f.Built.Parameters == f.Formula.Parameters && counted
}

// layer is the Keras name.
func (f BuiltLayer) layer() string { return fmt.Sprintf("Conv%dD", f.Axes) }

// gridSizes are frames, height and width of the input: unequal, so that no two
// axes can be mistaken for each other.
var gridSizes = []int{5, 6, 7}

// gridFilters is the number of filters on the grid.
const gridFilters = 2

// measureGrid builds a Conv2D on one frame and a Conv3D on all of them for
// every case of the grid, reads their shapes, and counts their parameters and
// multiply-adds.
func measureGrid(ctx context.Context, backend compute.Backend, c GridConfig) (GridMeasurement, error) {
	var all GridMeasurement
	for i, kernel := range c.Kernels {
		progress.ReportTask(ctx, "shapes and costs", i+1, len(c.Kernels))
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		facts := c.cases(kernel)
		if err := build(backend, facts); err != nil {
			return nil, err
		}
		all = append(all, facts...)
	}
	return all, nil
}

// cases are those of one kernel size.
func (c GridConfig) cases(kernel int) []BuiltLayer {
	var facts []BuiltLayer
	for _, stride := range c.Strides {
		for _, channels := range c.Channels {
			for _, padding := range []nn.Padding{nn.Same, nn.Valid} {
				for axes := 2; axes <= 3; axes++ {
					f := BuiltLayer{Axes: axes, Kernel: kernel, Stride: stride, Padding: padding, Channels: channels, Input: gridSizes[3-axes:]}
					positions := 1
					for _, size := range f.Input {
						f.Expected = append(f.Expected, nn.OutputSize(size, kernel, stride, padding))
						positions *= f.Expected[len(f.Expected)-1]
					}
					f.Formula = nn.Conv2DCost(kernel, channels, gridFilters, positions)
					if axes == 3 {
						f.Formula = nn.Conv3DCost(kernel, channels, gridFilters, positions)
					}
					facts = append(facts, f)
				}
			}
		}
	}
	return facts
}

// build runs all cases as one program, with ones for inputs, weights and biases.
// Then every product is 1, and the sum of all outputs counts the products and
// the biases.
func build(backend compute.Backend, facts []BuiltLayer) error {
	store := model.NewStore()
	defer store.Finalize()
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, volume *Node) []*Node {
		sums := make([]*Node, len(facts))
		for i := range facts {
			own := scope.In("case%d_", i).WithInitializer(initializer.One)
			y := facts[i].apply(own, volume)
			dims := y.Shape().Dimensions
			facts[i].Output = slices.Clone(dims[1 : len(dims)-1])
			sums[i] = ReduceAllSum(y)
		}
		return sums
	})
	if err != nil {
		return fmt.Errorf("building the grid: %w", err)
	}
	defer exec.Finalize()
	sums, err := exec.Call(ones(gridSizes))
	if err != nil {
		return fmt.Errorf("running the grid: %w", err)
	}
	for i := range facts {
		facts[i].Built.Parameters = trainable(store, fmt.Sprintf("/case%d_/", i))
		facts[i].Built.MultiplyAdds = int(tensors.ToScalar[float32](sums[i])) - product(facts[i].Output)*gridFilters
	}
	return nil
}

// apply is the layer of the case, on all frames or on the first.
func (f BuiltLayer) apply(scope *model.Scope, volume *Node) *Node {
	x := BroadcastToDims(volume, slices.Concat([]int{1}, gridSizes, []int{f.Channels})...)
	if f.Axes == 3 {
		return nn.Conv3D{Filters: gridFilters, Kernel: f.Kernel, Stride: f.Stride, Padding: f.Padding}.Apply(scope, x)
	}
	frame := Squeeze(SliceAxis(x, 1, AxisElem(0)), 1)
	return nn.Conv2D{Filters: gridFilters, Kernel: f.Kernel, Stride: f.Stride, Padding: f.Padding}.Apply(scope, frame)
}

// ones is one input of ones: [1, sizes..., 1].
func ones(sizes []int) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(slices.Repeat([]float32{1}, product(sizes)), slices.Concat([]int{1}, sizes, []int{1})...)
}

// trainable counts the trained values below a path.
func trainable(store *model.Store, path string) int {
	total := 0
	for v := range store.IterVariables() {
		if v.Trainable && strings.HasPrefix(v.Path(), path) {
			total += v.Shape().Size()
		}
	}
	return total
}

func product(sizes []int) int {
	all := 1
	for _, size := range sizes {
		all *= size
	}
	return all
}

// table compares the two layers without padding, with stride 1 and with as
// many channels as the grid has at most.
func (facts GridMeasurement) table() report.Table {
	table := report.Table{
		ID:      "grid",
		Title:   fmt.Sprintf("%d filters, stride 1, padding valid (all %d built cases are checked)", gridFilters, len(facts)),
		Columns: []string{"layer", "kernel", "input", "channels", "output", "parameters", "formula", "multiply-adds, counted", "formula"},
	}
	for _, axes := range []int{2, 3} {
		for _, f := range facts {
			if f.Axes != axes || f.Stride != 1 || f.Padding != nn.Valid {
				continue
			}
			table.Rows = append(table.Rows, []string{
				f.layer(), times(slices.Repeat([]int{f.Kernel}, f.Axes)), times(f.Input), fmt.Sprint(f.Channels), times(f.Output),
				fmt.Sprint(f.Built.Parameters), fmt.Sprint(f.Formula.Parameters), fmt.Sprint(f.Built.MultiplyAdds), fmt.Sprint(f.Formula.MultiplyAdds),
			})
		}
	}
	return table
}

// BuiltLayers is the experiment. Its measurement is judged by [KernelWindows].
var BuiltLayers = experiment.Experiment[GridConfig, GridMeasurement]{
	Name: "Grid", Title: "Conv2D and Conv3D, built and counted",
	Measure: measureGrid, PureGo: true,
	Figures: func(_ GridConfig, facts GridMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{facts.table()}}, nil
	},
}
