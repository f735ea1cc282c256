package saddle

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"evident/kit/nn"
	"evident/kit/report"
	"evident/kit/steer"
	"evident/kit/sweep"
)

// SteeredKnobs move descents that the reader watches.
type SteeredKnobs struct {
	Rate    float64 `role:"compared" range:"(0, inf)" help:"learning rate η of all optimizers"`
	Beta    float64 `role:"compared" range:"[0, 1)" help:"β of momentum"`
	Surface string  `role:"compared" choices:"x² − y²|x³ − 3xy²|x⁴ − y⁴|x² + y²|x⁴ + y⁴" help:"what is descended"`
}

// race are the descents of one surface by every optimizer.
type race struct {
	backend compute.Backend
	surface sweep.Surface
	beta    float64
	program *sweep.Program
	course  *sweep.Course
	heatmap *report.Heatmap
	names   []string
	paths   [][][]float64 // by optimizer
	left    []bool        // the picture
	heights []steer.Record
	step    int
	loss    float64 // the mean over the optimizers
}

// program descends by every optimizer, each in a replica of its own. Another β is another program.
func (r *race) compile(beta float64) (*sweep.Program, error) {
	r.beta = beta
	optimizers := []nn.Optimizer{nn.SGD(), nn.Momentum(beta), nn.RMSProp(rmspropBeta, tiny), nn.Adam(adamBeta1, adamBeta2, tiny)}
	r.names = names(optimizers)
	return sweep.New(r.backend, sweep.Config{Model: r.surface.Model(), DType: dtypes.Float64, Optimizer: sweep.Together(optimizers...)})
}

func openRace(_ context.Context, backend compute.Backend, k SteeredKnobs) (steer.Run[SteeredKnobs], error) {
	surfaces := Surfaces()
	at := slices.IndexFunc(surfaces, func(s sweep.Surface) bool { return s.Name == k.Surface })
	r := &race{backend: backend, surface: surfaces[at]}
	const columns, rows = 40, 40
	var err error
	if r.heatmap, err = r.surface.Heatmap(backend, columns, rows); err != nil {
		return nil, err
	}
	if r.program, err = r.compile(k.Beta); err != nil {
		return nil, err
	}
	start := Default().Plane.Start
	n := len(r.names)
	r.left, r.heights = make([]bool, n), make([]steer.Record, n)
	for range n {
		r.paths = append(r.paths, [][]float64{start})
	}
	r.course, err = r.program.Begin(make([]sweep.Replica, n), slices.Repeat([][]float64{start}, n))
	return r, err
}

// Step implements [steer.Run].
func (r *race) Step(_ context.Context, k SteeredKnobs) error {
	if k.Beta != r.beta {
		program, err := r.compile(k.Beta)
		if err != nil {
			return err
		}
		if err := r.course.Use(program); err != nil {
			return err
		}
		r.program.Finalize()
		r.program = program
	}
	trace, err := r.course.Next(k.Rate)
	if err != nil {
		return err
	}
	const shown = 240
	r.loss = 0
	for i, place := range r.course.Params() {
		r.loss += trace.Losses[0][i] / float64(len(r.names))
		if r.left[i] {
			continue
		}
		r.heights[i].Add(float64(r.step), trace.Losses[0][i])
		r.paths[i] = append(r.paths[i], place)
		r.paths[i] = r.paths[i][max(0, len(r.paths[i])-shown):]
		r.left[i] = len(within([][]float64{place}, r.heatmap)) == 0
	}
	r.step++
	return nil
}

// Frame implements [steer.Run].
func (r *race) Frame(context.Context) (steer.Frame, error) {
	paths := report.Chart{
		ID: "paths", Title: "The paths over " + r.surface.Name, Mark: report.Path, XLabel: "x", YLabel: "y", Heatmap: r.heatmap,
		Alt: "The path of every optimizer over the plane, all from the same start, with the objective as shades.",
	}
	heights := report.Chart{
		ID: "heights", Title: r.surface.Name + " on the way", Mark: report.Line, XLabel: "step", YLabel: "objective",
		Alt: "The objective against the steps, one line for each optimizer: a flat stretch is the time at the saddle.",
	}
	gone := 0
	for i, name := range r.names {
		paths.Curves = append(paths.Curves, sweep.PathCurve(name, r.paths[i]))
		heights.Curves = append(heights.Curves, r.heights[i].Curve(name, r.bottom()))
		if r.left[i] {
			gone++
		}
	}
	frame := steer.Frame{Loss: r.loss, Charts: []report.Chart{paths, heights}, Note: fmt.Sprintf("%d of %d have left the picture", gone, len(r.names))}
	if gone == len(r.names) {
		frame.Ended = "All have left the picture: reset, and try another rate or β."
	}
	return frame, nil
}

// bottom is the lowest value in the picture.
func (r *race) bottom() float64 { return slices.Min(r.heatmap.Values) }

// Finalize implements [steer.Run].
func (r *race) Finalize() { r.program.Finalize() }

// steered is what the lesson's page lets its reader train.
var steered = steer.Training[SteeredKnobs]{
	Title: "Four optimizers at a saddle, steered by you",
	Help:  "Start it: who leaves the saddle first? Raise β or the rate while they crawl. On the bowls, see who arrives and who swings.",
	Knobs: SteeredKnobs{Rate: Default().Plane.Rate, Beta: momentumBeta, Surface: plainSaddle}, Pace: 1,
	Restarts: func(before, after SteeredKnobs) bool { return before.Surface != after.Surface },
	Open:     openRace,
}
