package minibatch

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"gonum.org/v1/gonum/stat"

	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
	"evident/kit/sweep"
)

// TrendConfig trains one small net by batches of several sizes, all for the
// same number of steps.
type TrendConfig struct {
	BatchSizes []int     `role:"compared" range:"[1, inf)" list:"1 rising" help:"below Examples; full batches are compared with them"`
	Rates      []float64 `role:"compared" range:"(0, inf)" list:"2 rising" help:"learning rates η"`
	Seeds      []int64   `role:"averaged" help:"of examples, initial weights and order"`
	Examples   int       `role:"fixed" range:"[2, inf)" help:"training examples"`
	Hidden     int       `role:"fixed" range:"[1, inf)" help:"hidden units"`
	Steps      int       `role:"fixed" range:"[10, inf)" help:"of each training"`
	Own        Own       `json:",omitzero" role:"compared" help:"a net, a loss or an optimizer of your own, beside ours"`
}

// Validate checks the batch sizes, and that the trainings fit into memory.
func (c TrendConfig) Validate() error {
	if err := checkSizes("BatchSizes", c.BatchSizes, c.Examples-1); err != nil {
		return err
	}
	return checkFits("Rates × Seeds", len(c.Rates)*len(c.Seeds), c.Own, c.Hidden, c.Examples)
}

// TrendMeasurement are trainings of one net by batches of several sizes.
type TrendMeasurement struct {
	Rates       []float64
	Examples    int
	BatchSizes  []int             // the last is the number of examples: full batches
	Losses      [][][][]float64   // [size][rate][seed][step], each on its own batch
	Checkpoints []int             // steps
	Whole       [][][][]float64   // [size][rate][seed][checkpoint]: loss on all examples
	Name        string            // of what is the reader's
	Yours       *TrendMeasurement // with it; nil without
}

// measureTrend trains as the lesson does, and as the reader does.
func measureTrend(ctx context.Context, backend compute.Backend, c TrendConfig) (TrendMeasurement, error) {
	facts, err := c.train(ctx, backend, Own{})
	if err == nil && c.Own.isSet() {
		yours, failed := c.train(ctx, backend, c.Own)
		facts.Yours, err = &yours, failed
	}
	return facts, err
}

// train trains by every batch size. All trainings of a seed start from the same
// weights.
func (c TrendConfig) train(ctx context.Context, backend compute.Backend, own Own) (TrendMeasurement, error) {
	facts := TrendMeasurement{Rates: c.Rates, Examples: c.Examples, Name: own.name()}
	m := own.net(c.Hidden).Model()
	meter, err := sweep.NewMeter(backend, m, Quadrants.draw(c.Examples))
	if err != nil {
		return facts, err
	}
	defer meter.Finalize()
	facts.BatchSizes = append(slices.Clone(c.BatchSizes), c.Examples)
	t := training{name: by("curves by batch size", own.name()), task: Quadrants, examples: c.Examples, hidden: c.Hidden, steps: c.Steps, own: own}
	for _, size := range facts.BatchSizes {
		replicas := sweep.Grid(c.Rates, c.Seeds)
		whole := newGauge(meter, replicas)
		losses, err := t.visited(ctx, backend, size, replicas, 4, whole.visit)
		if err != nil {
			return facts, err
		}
		facts.Losses = append(facts.Losses, sweep.ByRate(losses, len(c.Seeds)))
		facts.Whole, facts.Checkpoints = append(facts.Whole, sweep.ByRate(whole.losses, len(c.Seeds))), whole.steps
	}
	return facts, nil
}

// gauge takes the loss on all examples along a training.
type gauge struct {
	meter    *sweep.Meter
	replicas []sweep.Replica
	steps    []int
	losses   [][]float64 // [replica][checkpoint]
}

func newGauge(meter *sweep.Meter, replicas []sweep.Replica) *gauge {
	return &gauge{meter: meter, replicas: replicas, losses: make([][]float64, len(replicas))}
}

func (g *gauge) visit(step int, params [][]float64) error {
	scores, err := g.meter.Score(params, g.replicas...)
	if err != nil {
		return err
	}
	g.steps = append(g.steps, step)
	for i, loss := range scores.Loss {
		g.losses[i] = append(g.losses[i], loss)
	}
	return nil
}

// left is, for every seed, the mean loss of the last tenth of the checkpoints
// over that of the first, before any step; all on all examples.
func (f TrendMeasurement) left(size, rate int) []float64 {
	left := make([]float64, len(f.Whole[size][rate]))
	for seed, losses := range f.Whole[size][rate] {
		late := losses[len(losses)-max(len(losses)/10, 1):]
		left[seed] = stat.Mean(late, nil) / losses[0]
	}
	return left
}

// epochMeans are the mean losses of the epochs of a training, of which the last
// is left out where it is not whole.
func (f TrendMeasurement) epochMeans(size int, losses []float64) []float64 {
	steps := f.Examples / f.BatchSizes[size]
	var means []float64
	for ; len(losses) >= steps; losses = losses[steps:] {
		means = append(means, stat.Mean(losses[:steps], nil))
	}
	return means
}

// fallingEpochs is, for every seed, the fraction of the epochs whose mean loss is
// below that of the epoch before. There are none where the training has fewer
// than two epochs.
func (f TrendMeasurement) fallingEpochs(size, rate int) []float64 {
	var fractions []float64
	for _, losses := range f.Losses[size][rate] {
		means := f.epochMeans(size, losses)
		falls := 0.0
		for i := 1; i < len(means); i++ {
			if means[i] < means[i-1] {
				falls++
			}
		}
		if len(means) > 1 {
			fractions = append(fractions, falls/float64(len(means)-1))
		}
	}
	return fractions
}

// isFull reports whether a size is that of all examples.
func (f TrendMeasurement) isFull(size int) bool { return f.BatchSizes[size] == f.Examples }

// steps is the number of steps behind the first of a training.
func (f TrendMeasurement) steps() int { return len(f.Losses[0][0][0]) - 1 }

const (
	trendsDown = 0.9 // fraction of the first loss that is left: a tenth less shows on a chart
	asFar      = 0.1 // fraction of the first loss by which mini-batches may end higher than full batches
)

func judgeTrend(t TrendMeasurement) claim.Finding {
	var parts []claim.Decision
	var shown []string
	fewest, samples := 1.0, 0
	for rate, eta := range t.Rates {
		most, at := claim.Estimate{Mean: -1}, 0
		for size, b := range t.BatchSizes {
			left := claim.EstimateMean(t.left(size, rate))
			parts, samples = append(parts, left.Below(trendsDown)), left.N
			if left.Mean > most.Mean {
				most, at = left, b
			}
			if fractions := t.fallingEpochs(size, rate); len(fractions) > 0 {
				fewest = min(fewest, stat.Mean(fractions, nil))
			}
		}
		full := claim.EstimateMean(t.left(len(t.BatchSizes)-1, rate))
		shown = append(shown, fmt.Sprintf("at η = %g %s with full batches and at most %s, with B = %d", eta, full, most, at))
	}
	return claim.Finding{
		Decision: claim.All(parts...),
		Evidence: fmt.Sprintf("Fraction of the first loss that is left: %s. The mean loss of an epoch is below the one before in at least %.0f %% of the epochs.",
			strings.Join(shown, "; "), 100*fewest),
		Samples: samples,
	}
}

// judgeAsFar compares what mini-batches leave of the first loss with what full
// batches leave at the same rate after as many steps.
func judgeAsFar(t TrendMeasurement) claim.Finding {
	var conditions []claim.Decision
	var shown []string
	samples := 0
	full := len(t.BatchSizes) - 1
	for rate, eta := range t.Rates {
		for size, b := range t.BatchSizes[:full] {
			more := claim.EstimateDifference(t.left(size, rate), t.left(full, rate))
			conditions, samples = append(conditions, more.Below(asFar)), more.N
			shown = append(shown, fmt.Sprintf("η/B = %g/%d: %s", eta, b, more))
		}
	}
	return claim.Finding{
		Decision: claim.All(conditions...),
		Evidence: "Fraction of the first loss that is left, more than with full batches: " + strings.Join(shown, "; ") + ".",
		Samples:  samples,
	}
}

func trendRules() []claim.Rule[TrendMeasurement] {
	return []claim.Rule[TrendMeasurement]{
		claim.Whole("q1d.3", "Q1 (d) 3", "It still trends down.",
			claim.SampledRule("q1d.3a", "",
				"With mini-batches of every size the loss trends down.",
				fmt.Sprintf("with every batch size and rate, the loss on all examples is below %g times the first one, as the mean over the last tenth of the training (95 %% intervals)", trendsDown),
				claim.Supported, judgeTrend).Revised(revised, "the threshold was 0.5, which asks how far the loss falls and not whether it does; each seed draws the examples now"),
			claim.SampledRule("q1d.3b", "",
				"However large the noise η/B, it comes as far down as full batches do in as many steps.",
				fmt.Sprintf("with every batch size and rate, the fraction of the first loss that is left is at most %g larger than with full batches at the same rate (95 %% intervals of paired differences)", asFar),
				claim.Refuted, judgeAsFar).Revised(revised, "a condition of its own: q1d.3 was inconclusive where η/B is largest")),
	}
}

// leftPicture is the sheet's left one, drawn again: the loss of the steps with
// full batches.
func (f TrendMeasurement) leftPicture() report.Chart {
	return f.picture(len(f.BatchSizes)-1, "left", "The left picture: full batches", "The loss of each step of full-batch training against the step: lower is better.")
}

// rightPicture is the sheet's right one: the loss of the steps with
// mini-batches, of the second size where there is one.
func (f TrendMeasurement) rightPicture() report.Chart {
	size := min(1, len(f.BatchSizes)-2)
	return f.picture(size, "right", fmt.Sprintf("The right picture: mini-batches of %d", f.BatchSizes[size]),
		"The loss of each step of mini-batch training, on the batch of that step, against the step: lower is better.")
}

// picture shows the first steps of one training at the highest rate.
func (f TrendMeasurement) picture(size int, id, title, alt string) report.Chart {
	chart := report.Chart{
		ID: id, Title: title, Mark: report.Line, XLabel: "step", YLabel: "loss of the step (nats)", Alt: alt, Curves: []report.Curve{f.firstSteps(size)},
	}
	if f.Yours != nil {
		chart.Curves = append(chart.Curves, f.Yours.firstSteps(size))
	}
	return chart
}

func (f TrendMeasurement) firstSteps(size int) report.Curve {
	const steps = 400
	rate := len(f.Rates) - 1
	curve := report.Curve{Name: by(fmt.Sprintf("η = %g", f.Rates[rate]), f.Name)}
	losses := finiteStart(f.Losses[size][rate][0])
	for step, loss := range losses[:min(steps, len(losses))] {
		curve.Add(float64(step), loss)
	}
	return curve
}

// chart shows the loss on all examples along the trainings at one rate, averaged
// over the seeds.
func (f TrendMeasurement) chart(rate int) report.Chart {
	drawn := report.Chart{
		ID: fmt.Sprintf("trend-%d", rate), Title: fmt.Sprintf("The trend by batch size, η = %g", f.Rates[rate]), Mark: report.Line,
		XLabel: "step", YLabel: "loss on all examples (nats)",
		Alt: "The loss on all examples against the step, one curve for each batch size, as the mean over the seeds: lower is better.",
	}
	drawn.Curves = f.trends(rate)
	if f.Yours != nil {
		drawn.Curves = append(drawn.Curves, f.Yours.trends(rate)...)
	}
	return drawn
}

func (f TrendMeasurement) trends(rate int) (curves []report.Curve) {
	for size, b := range f.BatchSizes {
		curve := report.Curve{Name: by(fmt.Sprintf("B = %d", b), f.Name)}
		for i, step := range f.Checkpoints {
			at := make([]float64, len(f.Whole[size][rate]))
			for seed, losses := range f.Whole[size][rate] {
				at[seed] = losses[i]
			}
			curve.AddEstimate(float64(step), at)
		}
		curves = append(curves, curve)
	}
	return curves
}

// table lists the batch sizes at every rate.
func (f TrendMeasurement) table() report.Table {
	rows := report.Table{
		ID: "trends", Title: "How the loss of a step and of all examples goes, by batch size and rate", Columns: []string{"B", "η", "steps that rise", "epochs that fall", "left of the first loss"},
	}
	rows.Rows = f.rows()
	if f.Yours != nil {
		rows.Rows = append(rows.Rows, f.Yours.rows()...)
	}
	return rows
}

func (f TrendMeasurement) rows() (rows [][]string) {
	for size, b := range f.BatchSizes {
		for rate, eta := range f.Rates {
			falling := "–"
			if fractions := f.fallingEpochs(size, rate); len(fractions) > 0 {
				falling = percent(stat.Mean(fractions, nil))
			}
			rows = append(rows, []string{
				by(fmt.Sprint(b), f.Name), fmt.Sprint(eta), percent(stat.Mean(risingFractions(f.Losses[size][rate]), nil)), falling,
				claim.EstimateMean(f.left(size, rate)).String(),
			})
		}
	}
	return rows
}

// TrendByBatchSize is the experiment.
var TrendByBatchSize = experiment.Experiment[TrendConfig, TrendMeasurement]{
	Name: "Trend", Title: "Loss curves by batch size",
	Measure: measureTrend, Rules: trendRules(),
	Figures: func(_ TrendConfig, f TrendMeasurement) (report.Figures, error) {
		figures := report.Figures{
			Tables: []report.Table{f.table()},
			Charts: []report.Chart{f.leftPicture(), f.rightPicture()},
		}
		if f.Yours != nil {
			figures.Tables = append(figures.Tables, experiment.Yours(f.Yours.Name, trendRules(), f, *f.Yours))
		}
		for rate := range f.Rates {
			figures.Charts = append(figures.Charts, f.chart(rate))
		}
		return figures, nil
	},
}
