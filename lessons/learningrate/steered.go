package learningrate

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"evident/kit/report"
	"evident/kit/steer"
	"evident/kit/sweep"
)

// SteeredKnobs move a descent that the reader watches.
type SteeredKnobs struct {
	Rate    float64 `role:"compared" range:"(0, 0.15]" help:"learning rate η"`
	Surface string  `role:"compared" choices:"bowl|bent valley" help:"what is descended"`
}

// The curvatures of the bowl along its axes.
const steep, gentle = 20.0, 2.0

// ellipse is a bowl with its minimum 0 at (0, 0).
func ellipse() sweep.Surface {
	return sweep.Surface{
		Name: "loss 10 x² + y²", Left: -1.5, Right: 1.5, Bottom: -1.5, Top: 1.5,
		Objective: func(x, y *Node) *Node { return Add(MulScalar(Square(x), steep/2), MulScalar(Square(y), gentle/2)) },
	}
}

// descended is a surface with a start, and the largest curvature at its minimum.
type descended struct {
	surface sweep.Surface
	start   []float64
	top     float64
}

func (k SteeredKnobs) descended() descended {
	if k.Surface == "bowl" {
		return descended{ellipse(), []float64{1, 1.2}, steep}
	}
	// The Hessian of the valley at (1, 1) is [[82, −40], [−40, 20]].
	return descended{Valley(), []float64{-1.2, 1}, 51 + math.Sqrt(31*31+40*40)}
}

// walk is a descent under way.
type walk struct {
	descended
	program *sweep.Program
	course  *sweep.Course
	heatmap *report.Heatmap
	path    [][]float64 // the last places, the present one at the end
	step    int
	loss    float64
	rate    float64
	losses  steer.Record
}

func openWalk(_ context.Context, backend compute.Backend, k SteeredKnobs) (steer.Run[SteeredKnobs], error) {
	w := &walk{descended: k.descended()}
	const columns, rows = 40, 40
	var err error
	if w.heatmap, err = w.surface.Heatmap(backend, columns, rows); err != nil {
		return nil, err
	}
	if w.program, err = sweep.New(backend, sweep.Config{Model: w.surface.Model(), DType: dtypes.Float64}); err != nil {
		return nil, err
	}
	w.path = [][]float64{w.start}
	w.course, err = w.program.Begin(sweep.Grid([]float64{0}, []int64{0}), w.path)
	return w, err
}

// Step implements [steer.Run].
func (w *walk) Step(_ context.Context, k SteeredKnobs) error {
	trace, err := w.course.Next(k.Rate)
	if err != nil {
		return err
	}
	const shown = 120
	w.path = append(w.path, w.course.Params()[0])
	w.path = w.path[max(0, len(w.path)-shown):]
	w.loss, w.rate = trace.Losses[0][0], k.Rate
	w.losses.Add(float64(w.step), w.loss)
	w.step++
	return nil
}

// Frame implements [steer.Run].
func (w *walk) Frame(context.Context) (steer.Frame, error) {
	const smallest = 1e-12 // of the loss in the chart
	at := w.rate * w.top
	note := fmt.Sprintf("η·λ = %.2f: ", at)
	switch {
	case at < 1:
		note += "below 1, straight to the minimum"
	case at < 2:
		note += "between 1 and 2, across the minimum and back, and still inward"
	default:
		note += "above 2, out of the minimum"
	}
	return steer.Frame{
		Loss: w.loss, Note: fmt.Sprintf("%s, where λ = %.3g is the largest curvature at the minimum", note, w.top),
		Charts: []report.Chart{
			{
				ID: "path", Title: "The last steps of the descent", Mark: report.Path, XLabel: "x", YLabel: "y", Heatmap: w.heatmap,
				Alt:    "The path of the descent over the shaded loss.",
				Curves: []report.Curve{sweep.PathCurve("descent", w.path)},
			},
			{
				ID: "loss", Title: "Loss", Mark: report.Line, XLabel: "step", YLabel: "loss", LogY: true,
				Alt:    "The loss against the steps on a logarithmic axis: lower is better.",
				Curves: []report.Curve{w.losses.Curve("loss", smallest)},
			},
		},
	}, nil
}

// Finalize implements [steer.Run].
func (w *walk) Finalize() { w.program.Finalize() }

// steered is what the lesson's page lets its reader train.
var steered = steer.Training[SteeredKnobs]{
	Title: "Gradient descent, steered by you",
	Help:  "Start it and raise the rate while it runs: at which rate does it begin to swing, and at which to leave? Lower it again in time.",
	Knobs: SteeredKnobs{Rate: 0.01, Surface: "bowl"}, Pace: 1,
	Restarts: func(before, after SteeredKnobs) bool { return before.Surface != after.Surface },
	Open:     openWalk,
}
