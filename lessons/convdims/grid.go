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

	"evident/kit/nn"
	"evident/kit/progress"
)

// BuiltFact is one convolution that was built and run, beside the formulas.
type BuiltFact struct {
	Axes             int // between batch and channels: 2 or 3
	Kernel, Stride   int
	Padding          nn.Padding
	Channels         int // of the input
	Input            []int
	Output, Expected []int // sizes along the axes: built, and by the formula
	Built, Formula   nn.Cost
}

// Matches reports whether what was built is what the formulas say. The
// multiply-adds can be counted without padding only: with it, some are with
// zeros.
func (f BuiltFact) Matches() bool {
	counted := f.Built.MultiplyAdds == f.Formula.MultiplyAdds || f.Padding == nn.Same
	return slices.Equal(f.Output, f.Expected) && f.Built.Parameters == f.Formula.Parameters && counted
}

// Layer is the Keras name.
func (f BuiltFact) Layer() string { return fmt.Sprintf("Conv%dD", f.Axes) }

// gridSizes are frames, height and width of the input: unequal, so that no two
// axes can be mistaken for each other.
var gridSizes = []int{5, 6, 7}

// gridFilters is the number of filters on the grid.
const gridFilters = 2

// MeasureGrid builds a Conv2D on one frame and a Conv3D on all of them for
// every case of the grid, reads their shapes, and counts their parameters and
// multiply-adds.
func MeasureGrid(ctx context.Context, backend compute.Backend, c GridConfig) ([]BuiltFact, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	var all []BuiltFact
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
func (c GridConfig) cases(kernel int) []BuiltFact {
	var facts []BuiltFact
	for _, stride := range c.Strides {
		for _, channels := range c.Channels {
			for _, padding := range []nn.Padding{nn.Same, nn.Valid} {
				for axes := 2; axes <= 3; axes++ {
					f := BuiltFact{Axes: axes, Kernel: kernel, Stride: stride, Padding: padding, Channels: channels, Input: gridSizes[3-axes:]}
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
func build(backend compute.Backend, facts []BuiltFact) error {
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
func (f BuiltFact) apply(scope *model.Scope, volume *Node) *Node {
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
