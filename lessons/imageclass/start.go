package imageclass

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"evident/datasets"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// StartConfig trains the net until it has left the loss of a coin, at a higher
// learning rate than the lesson's, with ReLU and with leaky ReLU. The nets at the
// lesson's rate are those of [SmallNet].
type StartConfig struct {
	Times  float64 `role:"compared" range:"(1, inf)" help:"the higher learning rate, in multiples of Train.LearningRate"`
	Slope  float64 `role:"compared" range:"(0, 1)" help:"of leaky ReLU below 0, where that of ReLU is 0"`
	Epochs int     `role:"fixed" range:"[1, inf)" help:"passes after which a net that has not started is given up"`
	Seeds  []int64 `role:"averaged" help:"of heads, initial weights and order, at the higher rate"`
}

// StartKnobs are those of the experiment.
type StartKnobs struct {
	StartConfig
	Data  DataConfig
	Train TrainConfig
}

// StartKnobs of the lesson.
func (c Config) StartKnobs() StartKnobs { return StartKnobs{c.Start, c.Data, c.Train} }

// startedAt is the training accuracy of an epoch from which on a net is no longer a
// coin: over the 2,400 pictures of an epoch, a coin's is within 0.5 ± 0.03.
const startedAt = 0.65

// started is the epoch, from 1, in which the net has left the loss of a coin; 0 if
// it never does.
func started(h fit.History) int {
	return 1 + slices.IndexFunc(h.Epochs, func(e fit.Epoch) bool { return e.Accuracy >= startedAt })
}

// StartMeasurement is the trainings under each condition.
type StartMeasurement struct {
	Filters    []int // and units of the layers
	Epochs     int
	Conditions []StartCondition
}

// StartCondition is a net at a rate.
type StartCondition struct {
	Name string
	Rate float64
	Runs []FirstSteps // by seed
}

// FirstSteps is how one training began.
type FirstSteps struct {
	Epoch int   // in which it started, 0 for never
	Alive []int // filters and units of each layer that answer to some picture, after the first epoch
	Dead  bool  // whether it was given up because no filter of some layer answers to any picture
}

// watched is a net whose filters are counted.
type watched struct {
	*fit.Classifier
	activity *fit.Program
}

// Finalize frees it.
func (w watched) Finalize() {
	w.activity.Finalize()
	w.Classifier.Finalize()
}

// watch compiles the lesson's net as a recipe has it, to count its filters too.
func (c TrainConfig) watch(backend compute.Backend, r recipe, set datasets.Images) (w watched, err error) {
	if w.Classifier, err = c.classifier(backend, c.Net.network(r), set); err == nil {
		w.activity, err = w.Program(c.Net.activity(r))
	}
	return w, err
}

// alive counts in each layer the filters and units that answer to some picture.
func (w watched) alive(ctx context.Context, n Net, pictures datasets.Images) ([]int, error) {
	activity, err := w.activity.Run(ctx, fit.ImageData(pictures))
	return n.alive(activity), err
}

// measureStart trains at the higher rate. The start at the lesson's rate is taken
// from the trainings of [SmallNet].
func measureStart(ctx context.Context, backend compute.Backend, c StartKnobs) (StartMeasurement, error) {
	m := StartMeasurement{Filters: c.Train.Net.widths(), Epochs: c.Epochs}
	t, err := SmallNet.Measured(ctx, backend, TrainKnobs{c.Train, c.Data})
	if err != nil {
		return m, err
	}
	m.Conditions = append(m.Conditions, StartCondition{"ReLU", c.Train.LearningRate, t.firstSteps(c.Epochs)})
	leaky, fast := plain, c.Times*c.Train.LearningRate
	leaky.slope = c.Slope
	for _, condition := range []struct {
		name   string
		recipe recipe
	}{{"ReLU", plain}, {"leaky ReLU", leaky}} {
		runs, err := c.starts(ctx, backend, condition.recipe, fast, c.Seeds)
		if err != nil {
			return m, err
		}
		m.Conditions = append(m.Conditions, StartCondition{condition.name, fast, runs})
	}
	return m, nil
}

// firstSteps are how the trainings began, in so many epochs.
func (t TrainMeasurement) firstSteps(epochs int) []FirstSteps {
	var all []FirstSteps
	for _, run := range t.Runs {
		h := run.History
		h.Epochs = h.Epochs[:min(epochs, len(h.Epochs))]
		all = append(all, FirstSteps{Epoch: started(h), Alive: run.Alive, Dead: slices.Contains(run.Alive, 0)})
	}
	return all
}

// starts trains at a rate from the seeds.
func (c StartKnobs) starts(ctx context.Context, backend compute.Backend, r recipe, rate float64, seeds []int64) ([]FirstSteps, error) {
	first, err := c.Data.open(ctx, c.Train, seeds[0])
	if err != nil {
		return nil, err
	}
	open := func(backend compute.Backend) (watched, error) { return c.Train.watch(backend, r, first.Train) }
	return fit.BySeed(ctx, backend, seeds, open, func(ctx context.Context, w watched, seed int64) (FirstSteps, error) {
		return c.start(ctx, w, r, rate, seed)
	})
}

// start trains from one seed until the net has started or cannot start any more.
func (c StartKnobs) start(ctx context.Context, w watched, r recipe, rate float64, seed int64) (s FirstSteps, err error) {
	pictures, err := c.Data.of(ctx, seed)
	if err != nil {
		return s, err
	}
	history, err := w.Train(ctx, fit.ImageData(pictures.Train), fit.Training{
		Task: fmt.Sprintf("the start, rate %g, seed %d", rate, seed), Seed: seed, Epochs: c.Epochs, LearningRate: fit.Constant(rate),
		AfterEpoch: func(h fit.History) error {
			alive, err := w.alive(ctx, c.Train.Net, pictures.Validation)
			if err != nil {
				return err
			}
			if len(h.Epochs) == 1 {
				s.Alive = alive
			}
			// Behind a layer of zeros every gradient is zero: only leaky units come back.
			s.Dead = r.slope == 0 && slices.Contains(alive, 0)
			if s.Dead || started(h) > 0 {
				return fit.ErrStop
			}
			return nil
		},
	})
	s.Epoch = started(history)
	return s, err
}

// widths are the numbers of filters and units of the layers in front of the logits.
func (n Net) widths() []int {
	if n.Dense == 0 {
		return n.Filters
	}
	return append(slices.Clone(n.Filters), n.Dense)
}

// alive counts in each layer the filters and units that answer to some picture, by
// the output of [Net.activity].
func (n Net) alive(activity [][]float32) []int {
	counts, from := make([]int, len(n.widths())), 0
	for layer, width := range n.widths() {
		for unit := from; unit < from+width; unit++ {
			if slices.ContainsFunc(activity, func(picture []float32) bool { return picture[unit] > 0 }) {
				counts[layer]++
			}
		}
		from += width
	}
	return counts
}

// epochs are those in which the nets started that did.
func (s StartCondition) epochs() []string {
	var all []string
	for _, run := range s.Runs {
		if run.Epoch > 0 {
			all = append(all, fmt.Sprint(run.Epoch))
		}
	}
	return all
}

// alive is the mean number of filters and units alive in each layer after the first
// epoch.
func (s StartCondition) alive(layer int) float64 {
	sum, n := 0.0, 0
	for _, run := range s.Runs {
		if layer < len(run.Alive) { // a training that diverged has none
			sum, n = sum+float64(run.Alive[layer]), n+1
		}
	}
	return sum / float64(max(n, 1))
}

// table compares the conditions.
func (m StartMeasurement) table() report.Table {
	rows := report.Table{
		ID: "start", Title: fmt.Sprintf("Which nets start within %d epochs, and how many filters of each layer answer to any picture after the first", m.Epochs),
		Columns: []string{"activation", "learning rate", "nets", "start", "in epoch", "given up: a layer is dead", "alive after the first epoch, of " + strings.Trim(strings.Join(strings.Fields(fmt.Sprint(m.Filters)), " · "), "[]")},
	}
	for _, s := range m.Conditions {
		var alive []string
		for layer := range m.Filters {
			alive = append(alive, fmt.Sprintf("%.1f", s.alive(layer)))
		}
		dead := 0
		for _, run := range s.Runs {
			if run.Dead {
				dead++
			}
		}
		rows.Rows = append(rows.Rows, []string{
			s.Name, fmt.Sprint(s.Rate), fmt.Sprint(len(s.Runs)), fmt.Sprint(len(s.epochs())), strings.Join(s.epochs(), " "), fmt.Sprint(dead), strings.Join(alive, " · "),
		})
	}
	return rows
}

// chart shows the nets that start beside the filters that are alive.
func (m StartMeasurement) chart() report.Chart {
	starting, alive := report.Curve{Name: "nets that start"}, report.Curve{Name: "filters of the last layer that are alive"}
	chart := report.Chart{
		ID: "start", Title: "Which nets start, and how many filters live", Mark: report.Bars, XLabel: "activation and learning rate", YLabel: "fraction",
		Alt: "Bars of the fraction of nets that leave the loss of a coin and of the fraction of filters of the last layer that answer to any picture after the first epoch, by activation and learning rate.",
	}
	last := len(m.Filters) - 1
	for i, s := range m.Conditions {
		chart.Categories = append(chart.Categories, fmt.Sprintf("%s, %g", s.Name, s.Rate))
		starting.Add(float64(i), float64(len(s.epochs()))/float64(len(s.Runs)))
		alive.Add(float64(i), s.alive(last)/float64(m.Filters[last]))
	}
	chart.Curves = []report.Curve{starting, alive}
	return chart
}

// FirstEpochs is the experiment. No verdict rests on it: it says why a net may fail
// to reach what q4.1 claims.
var FirstEpochs = experiment.Experiment[StartKnobs, StartMeasurement]{
	Name: "Start", Title: "Nets that never start",
	Measure: measureStart,
	Figures: func(_ StartKnobs, m StartMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{m.table()}, Charts: []report.Chart{m.chart()}}, nil
	},
}
