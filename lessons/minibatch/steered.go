package minibatch

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/gonum/floats"

	"evident/kit/report"
	"evident/kit/steer"
	"evident/kit/sweep"
)

// SteeredKnobs move a training that the reader watches.
type SteeredKnobs struct {
	Rate      float64 `role:"compared" range:"(0, inf)" help:"learning rate η"`
	BatchSize int     `role:"compared" choices:"1|4|16|64|256" help:"examples of a step; 256 are all"`
	Data      Task    `role:"compared" choices:"quadrants|spirals" help:"points of two classes"`
}

// The points and the net of the training.
const (
	steeredExamples = 256
	steeredHidden   = 16
	steeredSeed     = 1
)

// watched is a training under way.
type watched struct {
	backend  compute.Backend
	net      sweep.Net
	task     Task
	data     sweep.Data
	replicas []sweep.Replica
	size     int
	batches  *sweep.Program
	full     *sweep.Program // all examples in one batch
	course   *sweep.Course
	classes  *Exec // the probability of the second class at some points
	step     int
	loss     float64 // over all examples
	ratio    float64 // of the noise to the gradient
	onBatch  steer.Record
	onAll    steer.Record
	noise    steer.Record
}

func openWatched(_ context.Context, backend compute.Backend, k SteeredKnobs) (steer.Run[SteeredKnobs], error) {
	w := &watched{
		backend: backend, net: smallNet(steeredHidden), task: k.Data, data: k.Data.draw(steeredExamples)(steeredSeed),
		replicas: sweep.Grid([]float64{0}, []int64{steeredSeed}), size: k.BatchSize,
	}
	var err error
	if w.full, err = w.program(steeredExamples); err != nil {
		return nil, err
	}
	if w.batches, err = w.program(k.BatchSize); err != nil {
		return nil, err
	}
	if w.course, err = w.batches.Begin(w.replicas, nil); err != nil {
		return nil, err
	}
	w.classes, err = NewExec(backend, func(inputs []*Node) *Node {
		last := len(inputs) - 1
		return SliceAxis(Softmax(w.net.Outputs(inputs[:last], inputs[last]), -1), -1, AxisElem(1))
	})
	return w, err
}

// program trains by batches of a size, and records their gradients.
func (w *watched) program(size int) (*sweep.Program, error) {
	return sweep.New(w.backend, sweep.Config{Model: w.net.Model(), Data: w.data, BatchSize: batchSize(size, steeredExamples), Watch: sweep.WatchGradients})
}

// Step implements [steer.Run].
func (w *watched) Step(_ context.Context, k SteeredKnobs) error {
	if k.BatchSize != w.size {
		program, err := w.program(k.BatchSize)
		if err != nil {
			return err
		}
		if err := w.course.Use(program); err != nil {
			return err
		}
		w.batches.Finalize()
		w.batches, w.size = program, k.BatchSize
	}
	still, err := w.full.Begin(w.replicas, w.course.Params())
	if err != nil {
		return err
	}
	all, err := still.Next(0)
	if err != nil {
		return err
	}
	own, err := w.course.Next(k.Rate)
	if err != nil {
		return err
	}
	gradient := all.Watched[0][0]
	w.loss, w.ratio = all.Losses[0][0], floats.Distance(own.Watched[0][0], gradient, 2)/floats.Norm(gradient, 2)
	at := float64(w.step)
	w.onBatch.Add(at, own.Losses[0][0])
	w.onAll.Add(at, w.loss)
	w.noise.Add(at, w.ratio)
	w.step++
	return nil
}

// plane are the probabilities of the second class, as the net has them now.
func (w *watched) plane() (*report.Heatmap, error) {
	const cells = 30
	reach := 3.0
	if w.task == Spirals {
		reach = 1.2
	}
	h := &report.Heatmap{
		Name: "P(class 1)", Left: -reach, Right: reach, Bottom: -reach, Top: reach, Columns: cells,
		Bounds: []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9},
	}
	points := make([]float32, 0, 2*cells*cells)
	for i := range cells * cells {
		for _, place := range []int{i % cells, i / cells} {
			points = append(points, float32(reach*((2*float64(place)+1)/cells-1)))
		}
	}
	var inputs []any
	params := w.course.Params()[0]
	for _, shape := range w.net.Model().Shapes {
		size := tensors.FromShape(shapes.Make(dtypes.Float32, shape...)).Size()
		values := make([]float32, size)
		for i, v := range params[:size] {
			values[i] = float32(v)
		}
		params = params[size:]
		inputs = append(inputs, tensors.FromFlatDataAndDimensions(values, append([]int{1}, shape...)...))
	}
	output, err := w.classes.Call1(append(inputs, tensors.FromFlatDataAndDimensions(points, cells*cells, 2))...)
	if err != nil {
		return nil, err
	}
	for _, v := range tensors.MustCopyFlatData[float32](output) {
		h.Values = append(h.Values, float64(v))
	}
	return h, nil
}

// Frame implements [steer.Run].
func (w *watched) Frame(context.Context) (steer.Frame, error) {
	frame := steer.Frame{Loss: w.loss, Note: fmt.Sprintf("the noise of the batch is %.2g times the gradient", w.ratio)}
	const least = 1e-2 // of the noise in the chart
	frame.Charts = []report.Chart{
		{
			ID: "plane", Title: "Where the net draws the line", Mark: report.Points, XLabel: "x", YLabel: "y",
			Alt: "The points of both classes over the plane, shaded by the probability that the net gives the second class.",
		},
		{
			ID: "loss", Title: "Loss", Mark: report.Line, XLabel: "step", YLabel: "cross-entropy (nats)",
			Alt:    "The loss of each batch and that of all examples against the steps: lower is better.",
			Curves: []report.Curve{w.onBatch.Curve("on the batch", 0), w.onAll.Curve("on all examples", 0)},
		},
		{
			ID: "noise", Title: "Noise of the gradient", Mark: report.Line, XLabel: "step", YLabel: "‖g_B − ḡ‖ / ‖ḡ‖", LogY: true,
			Alt:    "The distance of the batch's gradient from that of all examples, in units of the latter, against the steps on a logarithmic axis: lower is less noise.",
			Curves: []report.Curve{w.noise.Curve("noise", least)},
		},
	}
	if math.IsNaN(w.loss) || math.IsInf(w.loss, 0) {
		return frame, nil
	}
	var err error
	plane := &frame.Charts[0]
	plane.Heatmap, err = w.plane()
	plane.Curves = []report.Curve{{Name: "class 0"}, {Name: "class 1"}}
	for i, at := range w.data.X {
		plane.Curves[int(w.data.Y[i][1])].Add(at[0], at[1])
	}
	return frame, err
}

// Finalize implements [steer.Run].
func (w *watched) Finalize() {
	w.batches.Finalize()
	w.full.Finalize()
	w.classes.Finalize()
}

// steered is what the lesson's page lets its reader train.
var steered = steer.Training[SteeredKnobs]{
	Title: "A net on batches, steered by you",
	Help:  "Change the batch size while it trains: how does the loss of the batches shake, and the border between the classes? Then lower the rate.",
	Knobs: SteeredKnobs{Rate: 0.4, BatchSize: 4, Data: Quadrants}, Pace: 5,
	Restarts: func(before, after SteeredKnobs) bool { return before.Data != after.Data },
	Open:     openWatched,
}
