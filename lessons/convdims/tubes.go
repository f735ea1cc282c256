package convdims

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"evident/datasets/tubes"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/knob"
	"evident/kit/report"
)

// TubesConfig asks whether a tube is connected.
type TubesConfig struct {
	VolumeConfig
	Control      float64 `role:"fixed" range:"[0, 100)" help:"noise where appearance decides"`
	ControlSeeds []int64 `role:"averaged" help:"of data, weights and order where appearance decides"`
}

// Validate checks that the volumes fill a batch.
func (c TubesConfig) Validate() error { return c.fills() }

// TubesMeasurement holds the outcomes of the question whether a tube is connected:
// accuracies, where 0.5 is chance. Layers are in the order of Nets.
type TubesMeasurement struct {
	Nets    Nets
	Trials  int // test volumes behind an accuracy
	Noises  []float64
	ByNoise [][][]float64 // [layer][noise][seed]
	Width   [][]float64   // [layer][seed]: is the tube thick or thin? At the noise of the control; nil for layers that it does not compare
}

// pairs are volumes of the scene, labelled with whether the tube is connected.
func pairs(s tubes.Scene) source {
	return func(n int, seed int64) (fit.Data, error) {
		set, err := tubes.GeneratePairs(n, s, seed)
		return fit.NewData(set.Values, set.Shape(), set.Labels), err
	}
}

// widths are volumes of the scene, labelled with what every slice shows.
func widths(s tubes.Scene) source {
	return func(n int, seed int64) (fit.Data, error) {
		set, err := tubes.GenerateWidths(n, s, seed)
		return fit.NewData(set.Values, set.Shape(), set.Labels), err
	}
}

// measureTubes trains the nets to tell connected tubes from cut ones, at every
// noise, and thick ones from thin ones.
func measureTubes(ctx context.Context, backend compute.Backend, c TubesConfig) (TubesMeasurement, error) {
	facts := TubesMeasurement{Trials: c.Test, Noises: c.Noises}
	trials := make([]trial, len(c.Noises)) // of nets with a head the first noise alone
	for noise := range c.Noises {
		data := pairs(c.scene(noise))
		trials[noise] = trial{name: fmt.Sprintf("tubes, noise %g", c.Noises[noise]), train: data, tests: []source{data}, seeds: shown(c.Seeds)}
	}
	trials[0].seeds = c.Seeds // it is judged
	scene := c.scene(0)
	scene.Noise = c.Control
	control := widths(scene)
	for _, rival := range contenders(c.shape(), c.Training, rivals...) {
		own := trials
		if rival.hasHead() {
			own = trials[:1]
		}
		conditions := len(own)
		if rival.hasControl() {
			own = append(slices.Clone(own), trial{name: "width of the tube", train: control, tests: []source{control}, seeds: c.ControlSeeds})
		}
		net, accuracies, err := c.run(ctx, backend, rival, c.shape(), own)
		if err != nil {
			return facts, err
		}
		byNoise := make([][]float64, conditions)
		for noise := range byNoise {
			byNoise[noise] = accuracies[noise][0]
		}
		facts.Nets, facts.ByNoise = append(facts.Nets, net), append(facts.ByNoise, byNoise)
		var width []float64
		if rival.hasControl() {
			width = accuracies[conditions][0]
		}
		facts.Width = append(facts.Width, width)
	}
	return facts, nil
}

// chart shows the accuracies on the cut, and on the width where it was asked for.
func (f TubesMeasurement) chart() report.Chart {
	cut, width := report.Curve{Name: "connected or cut"}, report.Curve{Name: "control: thick or thin"}
	chart := report.Chart{
		ID: "tube-nets", Title: "Is the tube connected, and is it thick?", Mark: report.Bars, XLabel: "layer", YLabel: "accuracy", Rules: chance,
		Alt: "Bars of accuracy with intervals over the seeds: for each layer on whether the tube is connected, which only several slices show, and for two of them on whether it is thick, which every slice shows. Higher is better; a rule marks chance.",
	}
	for i, net := range f.Nets {
		chart.Categories = append(chart.Categories, ofSlices(net))
		cut.AddFraction(float64(i), f.ByNoise[i][0], f.Trials)
		if f.Width[i] != nil {
			width.AddFraction(float64(i), f.Width[i], f.Trials)
		}
	}
	chart.Curves = []report.Curve{cut, width}
	return chart
}

// TubesPicture shows the slices of connected and of cut tubes, as the first seed
// draws them.
func TubesPicture(c TubesConfig) (report.Picture, error) {
	if err := knob.Check("Tubes", c); err != nil {
		return report.Picture{}, err
	}
	set, err := tubes.GeneratePairs(drawnToShow, c.scene(0), c.Seeds[0])
	if err != nil {
		return report.Picture{}, err
	}
	var panels []panel
	for _, label := range []int32{tubes.Connected, tubes.Cut} {
		shown := 0
		for i := 0; i < set.Len() && shown < 2; i++ {
			if set.Labels[i] == label {
				panels = append(panels, volumePanel(map[int32]string{tubes.Connected: "connected", tubes.Cut: "cut"}[label], set.Volumes, i))
				shown++
			}
		}
	}
	drawn, err := strip("slice", c.Depth, panels...)
	return report.Picture{
		ID: "tubes", Title: "The slices of two connected tubes and of two that are cut",
		Alt: "Four rows of noisy slices. In the first two a bright square moves steadily to one side; in the last two it jumps once.",
		PNG: drawn,
	}, err
}

// CutTubes is the experiment. Its measurement is judged by [Volumes].
var CutTubes = experiment.Experiment[TubesConfig, TubesMeasurement]{
	Name: "Tubes", Title: "Is the tube connected?",
	Measure: measureTubes,
	Figures: func(c TubesConfig, m TubesMeasurement) (report.Figures, error) {
		picture, err := TubesPicture(c)
		return report.Figures{Charts: []report.Chart{m.chart()}, Pictures: []report.Picture{picture}}, err
	},
}
