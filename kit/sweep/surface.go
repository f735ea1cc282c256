package sweep

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"evident/kit/claim"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/report"
)

// Surface is a function of two variables, to descend on and to draw.
type Surface struct {
	Name string
	// Objective computes the function for each value: x, y and the result are
	// [replicas].
	Objective func(x, y *Node) *Node
	// The part of the plane that a chart shows.
	Left, Right, Bottom, Top float64
}

// MarshalText returns the name, so that a configuration in JSON names its surfaces.
func (s Surface) MarshalText() ([]byte, error) { return []byte(s.Name), nil }

// Model returns the surface as a loss of the parameters (x, y), without data.
func (s Surface) Model() Model {
	return Model{Shapes: [][]int{{2}}, Units: 2, Loss: func(params []*Node, _, _ *Node) *Node {
		// Use products with unit vectors, because GoMLX cannot differentiate a
		// slice twice.
		along := func(x, y float64) *Node {
			unit := ConvertDType(Const(params[0].Graph(), [][]float64{{x, y}}), params[0].DType())
			return ReduceSum(Mul(params[0], unit), -1)
		}
		return s.Objective(along(1, 0), along(0, 1))
	}}
}

// Values returns the function at the points (x, y), in float64.
func (s Surface) Values(backend compute.Backend, points [][]float64) ([]float64, error) {
	exec, err := NewExec(backend, func(params *Node) *Node { return s.Model().loss([]*Node{params}, nil, nil) })
	if err != nil {
		return nil, fmt.Errorf("building the surface %q: %w", s.Name, err)
	}
	defer exec.Finalize()
	outputs, err := exec.Call(rows(points, dtypes.Float64, len(points)))
	if err != nil {
		return nil, fit.Unrun(fmt.Sprintf("surface %q", s.Name), err)
	}
	return values(outputs[0]), nil
}

// Heatmap samples the surface in equal rectangles, for the background of a chart.
func (s Surface) Heatmap(backend compute.Backend, columns, rows int) (*report.Heatmap, error) {
	heatmap := &report.Heatmap{Name: s.Name, Left: s.Left, Right: s.Right, Bottom: s.Bottom, Top: s.Top, Columns: columns}
	var middles [][]float64
	for row := range rows {
		for column := range columns {
			middles = append(middles, []float64{
				s.Left + (s.Right-s.Left)*(float64(column)+0.5)/float64(columns),
				s.Bottom + (s.Top-s.Bottom)*(float64(row)+0.5)/float64(rows),
			})
		}
	}
	var err error
	heatmap.Values, err = s.Values(backend, middles)
	return heatmap, err
}

// Descend follows an optimizer from one point at every rate, in float64 and without
// noise. It returns [rate][step] of (x, y), beginning with the start.
func (s Surface) Descend(ctx context.Context, backend compute.Backend, o nn.Optimizer, rates, start []float64, steps int) ([][][]float64, error) {
	program, err := New(backend, Config{Model: s.Model(), DType: dtypes.Float64, Optimizer: o, StepsPerCall: 5, Watch: WatchParams})
	if err != nil {
		return nil, err
	}
	defer program.Finalize()
	replicas := Grid(rates, []int64{0})
	trace, err := program.Run(ctx, Run{
		Task: "descent of " + s.Name, Replicas: replicas, Steps: steps + 1, // a step records its start, so the last position needs one more
		Start: Starts(replicas, func(int64) []float64 { return start }),
	})
	if err != nil {
		return nil, err
	}
	paths := make([][][]float64, len(rates))
	for i := range paths {
		for _, watched := range trace.Watched {
			paths[i] = append(paths[i], watched[i])
		}
	}
	return paths, nil
}

// PathCurve returns a descent as the curve of a [report.Path] chart. The curve ends
// where the descent is not finite.
func PathCurve(name string, path [][]float64) report.Curve {
	curve := report.Curve{Name: name}
	for step, at := range path {
		if len(claim.Finite(at)) < len(at) {
			broken := float64(step)
			curve.DivergedAt = &broken
			break
		}
		curve.Add(at[0], at[1])
	}
	return curve
}

// Program is the text of the surface's objective, see [nn.Program].
func (s Surface) Program(backend compute.Backend) (string, error) {
	return nn.Program(backend, func(g *Graph) []*Node {
		point := shapes.Make(dtypes.Float64, 1)
		return []*Node{s.Objective(Parameter(g, "x", point), Parameter(g, "y", point))}
	})
}
