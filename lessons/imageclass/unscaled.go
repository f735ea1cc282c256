package imageclass

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// UnscaledConfig compares pixels from 0 to 255 with pixels from 0 to 1, on the
// lesson's net, of which the training from 0 to 1 is that of [SmallNet], and on
// another one.
type UnscaledConfig struct {
	Other  Net
	Epochs int     `role:"fixed" range:"[1, inf)" help:"at most Train.Epochs; the verdict is on the first"`
	Seeds  []int64 `role:"averaged" help:"some of Train.Seeds"`
}

// UnscaledKnobs are those of the experiment.
type UnscaledKnobs struct {
	UnscaledConfig
	Data  DataConfig
	Train TrainConfig
}

// UnscaledKnobs of the lesson.
func (c Config) UnscaledKnobs() UnscaledKnobs { return UnscaledKnobs{c.Unscaled, c.Data, c.Train} }

// Validate holds the comparison to trainings of [SmallNet], of which it takes one
// half.
func (c UnscaledKnobs) Validate() error {
	if c.Epochs > c.Train.Epochs {
		return badinput.Errorf("Epochs is %d: it must be at most Train.Epochs, %d, since the nets with scaled pixels are those", c.Epochs, c.Train.Epochs)
	}
	for _, seed := range c.Seeds {
		if !slices.Contains(c.Train.Seeds, seed) {
			return badinput.Errorf("Seeds has %d: it must be one of Train.Seeds, since the nets with scaled pixels are those", seed)
		}
	}
	return c.Data.checkDrawn(0, "Other", c.Other)
}

// UnscaledMeasurement is the same net on the same pictures with pixels from 0 to 1 and with
// pixels from 0 to 255, for two nets.
type UnscaledMeasurement struct {
	DataSet string
	Nets    []Scales // the lesson's, and the other
}

// Scales are the trainings of one net.
type Scales struct {
	Net         Net
	Parameters  int
	Scaled, Raw []Start // by seed
}

// Untrained is what the untrained net makes of the validation pictures.
type Untrained struct {
	InitialLoss  float64 // in nats
	InitialScale float64 // mean size of the difference of its two logits
}

// Start is how a training begins.
type Start struct {
	Untrained
	FirstEpoch float64   // mean loss of the steps of the first epoch
	Losses     []float64 // of every step of the first epoch
	Last       float64   // validation accuracy after the last epoch
}

// measureUnscaled trains with either scale from the same weights, in the same
// order. With pixels from 0 to 1 the lesson's net has been trained already.
func measureUnscaled(ctx context.Context, backend compute.Backend, c UnscaledKnobs) (UnscaledMeasurement, error) {
	first, err := c.Data.open(ctx, c.Train, c.Seeds[0], c.Other)
	if err != nil {
		return UnscaledMeasurement{}, err
	}
	t, err := SmallNet.Measured(ctx, backend, TrainKnobs{c.Train, c.Data})
	if err != nil {
		return UnscaledMeasurement{}, err
	}
	own, other := Scales{Net: c.Train.Net, Scaled: c.startsOf(t)}, Scales{Net: c.Other}
	for _, training := range []struct {
		net    Net
		recipe recipe
		into   *[]Start
	}{{own.Net, raw, &own.Raw}, {other.Net, plain, &other.Scaled}, {other.Net, raw, &other.Raw}} {
		open := c.Train.compile(training.net, training.recipe, first.Train)
		task := training.net.name() + ", " + training.recipe.name
		*training.into, err = fit.BySeed(ctx, backend, c.Seeds, open, func(ctx context.Context, net *fit.Classifier, seed int64) (Start, error) {
			return c.start(ctx, net, task, seed)
		})
		if err != nil {
			return UnscaledMeasurement{}, err
		}
	}
	u := UnscaledMeasurement{DataSet: first.name(), Nets: []Scales{own, other}}
	for i, scales := range u.Nets {
		summary, err := scales.Net.Model(first.Train.Height, first.Train.Width, first.Train.Channels).Summarize()
		if err != nil {
			return u, err
		}
		u.Nets[i].Parameters = summary.Total()
	}
	return u, nil
}

// startsOf are the beginnings of those trainings whose seeds are ours.
func (c UnscaledConfig) startsOf(t TrainMeasurement) []Start {
	var starts []Start
	for _, seed := range c.Seeds {
		at := slices.IndexFunc(t.Runs, func(run SeedOutcome) bool { return run.History.Seed == seed })
		starts = append(starts, startOf(t.Runs[at].Untrained, t.Runs[at].History, c.Epochs))
	}
	return starts
}

// start trains from one seed.
func (c UnscaledKnobs) start(ctx context.Context, net *fit.Classifier, task string, seed int64) (Start, error) {
	pictures, err := c.Data.of(ctx, seed)
	if err != nil {
		return Start{}, err
	}
	data, validation := fit.ImageData(pictures.Train), fit.ImageData(pictures.Validation)
	before, err := untrained(ctx, net, seed, validation)
	if err != nil {
		return Start{}, err
	}
	history, err := net.Train(ctx, data, fit.Training{Task: fmt.Sprintf("%s, seed %d", task, seed), Seed: seed, Epochs: c.Epochs, Validation: &validation})
	return startOf(before, history, c.Epochs), err
}

// untrained gives the net the weights that a training from the seed begins with.
func untrained(ctx context.Context, net *fit.Classifier, seed int64, validation fit.Data) (Untrained, error) {
	if err := net.Reset(seed); err != nil {
		return Untrained{}, err
	}
	logits, err := net.Logits(ctx, validation)
	if err != nil {
		return Untrained{}, err
	}
	u := Untrained{InitialLoss: fit.ScoreLogits(logits, validation.Labels()).Loss}
	for _, l := range logits {
		u.InitialScale += math.Abs(float64(l[1])-float64(l[0])) / float64(len(logits))
	}
	return u, nil
}

// startOf looks at the first of so many epochs, and at what came after them. A
// training that diverged before has no mean.
func startOf(before Untrained, h fit.History, epochs int) Start {
	if len(h.Epochs) < epochs {
		return Start{Untrained: before, FirstEpoch: math.Inf(1), Losses: h.Losses}
	}
	return Start{before, h.Epochs[0].Loss, h.Losses[:h.Epochs[0].Steps], h.Epochs[epochs-1].Validation.Accuracy}
}

// each is one number a seed.
func each(starts []Start, of func(Start) float64) []float64 {
	all := make([]float64, len(starts))
	for i, s := range starts {
		all[i] = of(s)
	}
	return all
}

func firstEpoch(s Start) float64 { return s.FirstEpoch }

func initialLoss(s Start) float64 { return s.InitialLoss }

func initialScale(s Start) float64 { return s.InitialScale }

func lastAccuracy(s Start) float64 { return s.Last }

const (
	sameOrder = 0.5 // powers of ten that a loss may be away from the sheet's
	farAbove  = 1.0 // powers of ten by which unscaled pixels have to raise it
)

// sheetFirst is the sheet's mean loss of the first epoch.
var sheetFirst = sheet.Loss[0]

func judgeUnscaled(u UnscaledMeasurement) claim.Finding {
	var parts []claim.Decision
	var texts []string
	samples := 0
	target := math.Log10(sheetFirst)
	for _, scales := range u.Nets {
		rawLoss, scaledLoss := claim.Logs(each(scales.Raw, firstEpoch)), claim.Logs(each(scales.Scaled, firstEpoch))
		ratio, size := claim.EstimateDifference(rawLoss, scaledLoss), claim.EstimateMean(rawLoss)
		parts = append(parts, claim.All(ratio.Above(farAbove), size.Above(target-sameOrder), size.Below(target+sameOrder)))
		texts = append(texts, fmt.Sprintf("of the net with %s it is %s with pixels 0–255 and %s with 0–1 (before the first step %s and %s; the logits are %.0f times as large)",
			scales.Net.name(), geometric(each(scales.Raw, firstEpoch)), geometric(each(scales.Scaled, firstEpoch)),
			geometric(each(scales.Raw, initialLoss)), geometric(each(scales.Scaled, initialLoss)), scales.logitRatio()))
		samples = ratio.N
	}
	return claim.Finding{
		Decision: claim.Agreed(parts...),
		Evidence: fmt.Sprintf("The sheet's mean loss of the first epoch is %.2f; %s.", sheetFirst, strings.Join(texts, "; ")),
		Samples:  samples,
	}
}

// logitRatio is how many times larger the untrained net's logits are with
// pixels 0–255.
func (s Scales) logitRatio() float64 {
	sum := 0.0
	for i := range s.Raw {
		sum += s.Raw[i].InitialScale / s.Scaled[i].InitialScale / float64(len(s.Raw))
	}
	return sum
}

// geometric writes the geometric mean of values above 0 with its interval.
func geometric(values []float64) string {
	e := claim.EstimateMean(claim.Logs(values))
	if e.High == math.MaxFloat64 {
		return fmt.Sprintf("%.3g", math.Pow(10, e.Mean))
	}
	return fmt.Sprintf("%.3g [%.3g, %.3g]", math.Pow(10, e.Mean), math.Pow(10, e.Low), math.Pow(10, e.High))
}

func unscaledRules() []claim.Rule[UnscaledMeasurement] {
	return []claim.Rule[UnscaledMeasurement]{
		claim.SampledRule("q4.2", "Q4 results, epoch 1",
			"The loss of 10.27 in the sheet's first epoch comes from pixels that were left at 0 to 255.",
			fmt.Sprintf("with pixels from 0 to 255 the mean loss of the first epoch is over %g times that with pixels from 0 to 1, and lies within %g powers of ten of %.2f (95 %% intervals); on two nets, inconclusive where it depends on the net", math.Pow(10, farAbove), sameOrder, sheetFirst),
			claim.Inconclusive, judgeUnscaled),
	}
}

// table compares the two scales of pixels.
func (u UnscaledMeasurement) table() report.Table {
	rows := report.Table{
		ID: "unscaled", Title: fmt.Sprintf("Pixels 0–255 and 0–1: the same net, weights and order (%s); geometric means over the seeds", u.DataSet),
		Columns: []string{"net", "parameters", "pixels", "difference of the untrained logits", "loss before training", "mean loss of the first epoch", "the sheet's", "validation accuracy at the end"},
	}
	for _, scales := range u.Nets {
		for _, row := range []struct {
			name   string
			starts []Start
		}{{"0–1", scales.Scaled}, {"0–255", scales.Raw}} {
			rows.Rows = append(rows.Rows, []string{
				scales.Net.name(), fmt.Sprint(scales.Parameters), row.name, geometric(each(row.starts, initialScale)), geometric(each(row.starts, initialLoss)),
				geometric(each(row.starts, firstEpoch)), fmt.Sprintf("%.2f", sheetFirst), claim.EstimateMean(each(row.starts, lastAccuracy)).String(),
			})
		}
	}
	return rows
}

// chart shows the loss of the steps of the first epoch.
func (u UnscaledMeasurement) chart() report.Chart {
	drawn := report.Chart{
		ID: "unscaled", Title: "The first epoch, step by step", Mark: report.Line, XLabel: "step", YLabel: "loss of the batch (nats)", LogX: true, LogY: true,
		Alt:   "The loss of the batch against the steps of the first epoch on logarithmic axes, for two nets, each with pixels from 0 to 1 and from 0 to 255, with a rule at the sheet's mean: lower is better.",
		Rules: []report.Reference{{Name: "sheet's mean", Y: sheetFirst}},
	}
	for _, scales := range u.Nets {
		name := strings.TrimPrefix(scales.Net.name(), "convolutions ")
		drawn.Curves = append(drawn.Curves, stepCurve(name+": 0–1", scales.Scaled), stepCurve(name+": 0–255", scales.Raw))
	}
	return drawn
}

// stepCurve is the loss of every step as a geometric mean over the seeds.
func stepCurve(name string, starts []Start) report.Curve {
	curve := report.Curve{Name: name}
	for step := range starts[0].Losses {
		var losses []float64
		for _, s := range starts {
			if step < len(s.Losses) && s.Losses[step] > 0 {
				losses = append(losses, s.Losses[step])
			}
		}
		curve.AddGeometric(float64(step+1), losses)
	}
	return curve
}

// UnscaledPixels is the experiment.
var UnscaledPixels = experiment.Experiment[UnscaledKnobs, UnscaledMeasurement]{
	Name: "Unscaled", Title: "Pixels from 0 to 255",
	Measure: measureUnscaled, Rules: unscaledRules(),
	Figures: func(_ UnscaledKnobs, u UnscaledMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{u.table()}, Charts: []report.Chart{u.chart()}}, nil
	},
}
