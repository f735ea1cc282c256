package minibatch

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"gonum.org/v1/gonum/floats"

	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
	"evident/kit/sweep"
)

// NoiseConfig measures the gradients of batches at fixed weights, in float64.
type NoiseConfig struct {
	BatchSizes []int   `role:"compared" range:"[1, inf)" list:"1 rising" help:"at most Examples"`
	Seeds      []int64 `role:"averaged" help:"of the examples, the weights and the draw of the batches"`
	Examples   int     `role:"fixed" range:"[2, inf)" help:"out of which the batches are drawn"`
	Hidden     int     `role:"fixed" range:"[1, inf)" help:"hidden units"`
	Draws      int     `role:"fixed" range:"[1, inf)" help:"batches of each size and kind"`
}

// Validate checks the batch sizes, and that the gradients fit into memory.
func (c NoiseConfig) Validate() error {
	if err := checkSizes("BatchSizes", c.BatchSizes, c.Examples); err != nil {
		return err
	}
	return sweep.CheckFits("Seeds × Examples × Hidden", len(c.Seeds), sweep.Config{Model: smallNet(c.Hidden).Model(), BatchSize: c.Examples})
}

// NoiseKnobs are those of the gradients, and of the trainings whose losses show
// the noise.
type NoiseKnobs struct {
	NoiseConfig
	Trend TrendConfig
}

// NoiseMeasurement say how far the gradient g_B of a batch lies from the gradient ḡ of
// all examples, at weights that stay where they are.
type NoiseMeasurement struct {
	BatchSizes []int
	Examples   int       // N
	Variance   []float64 // [seed]: σ², the mean of ‖g_i − ḡ‖² over the examples
	// The mean of ‖g_B − ḡ‖² over the batches: [size][seed].
	Shuffled [][]float64 // batches cut from permutations: without replacement
	Replaced [][]float64 // with replacement
	Trend    TrendMeasurement
	Name     string            // of what is the reader's
	Yours    *NoiseMeasurement // with it; nil without
}

// Predicted is the fraction of σ² that theory leaves to batches of B out of N:
// 1/B with replacement, and (N−B)/(B(N−1)) without (Cochran 1977, theorem 2.2).
func Predicted(size, examples int, replaced bool) float64 {
	b, n := float64(size), float64(examples)
	if replaced {
		return 1 / b
	}
	return (n - b) / (b * (n - 1))
}

// ratios are, for every seed, the measured variance over the predicted one.
func (f NoiseMeasurement) ratios(size int, replaced bool) []float64 {
	measured := f.Shuffled[size]
	if replaced {
		measured = f.Replaced[size]
	}
	ratios := f.relative(measured)
	for seed := range ratios {
		ratios[seed] /= Predicted(f.BatchSizes[size], f.Examples, replaced)
	}
	return ratios
}

// relative is a variance of every seed in units of its σ².
func (f NoiseMeasurement) relative(spread []float64) []float64 {
	fractions := make([]float64, len(spread))
	for seed := range fractions {
		fractions[seed] = spread[seed] / f.Variance[seed]
	}
	return fractions
}

// measureNoise takes the noise of the lesson's net, and of the reader's where the trend has one.
func measureNoise(ctx context.Context, backend compute.Backend, c NoiseKnobs) (NoiseMeasurement, error) {
	facts, err := c.measure(ctx, backend, Own{})
	if err != nil {
		return facts, err
	}
	if facts.Trend, err = TrendByBatchSize.Measured(ctx, backend, c.Trend); err != nil || facts.Trend.Yours == nil {
		return facts, err
	}
	yours, err := c.measure(ctx, backend, c.Trend.Own)
	yours.Trend, facts.Yours = *facts.Trend.Yours, &yours
	return facts, err
}

// measure draws batches of every size at the initial weights of every seed.
func (c NoiseConfig) measure(ctx context.Context, backend compute.Backend, own Own) (NoiseMeasurement, error) {
	facts := NoiseMeasurement{BatchSizes: c.BatchSizes, Examples: c.Examples, Name: own.name()}
	m := own.net(c.Hidden).Model()
	replicas := sweep.Grid([]float64{0}, c.Seeds)
	still := stillLife{model: m, draw: Quadrants.draw(c.Examples), examples: c.Examples, replicas: replicas, params: sweep.Drawn(m, replicas)}
	each, err := still.exampleGradients(ctx, backend)
	if err != nil {
		return facts, err
	}
	means := make([][]float64, len(c.Seeds))
	for seed, gradients := range each {
		means[seed] = sweep.MeanVector(gradients)
		facts.Variance = append(facts.Variance, sweep.MeanSquare(gradients, means[seed]))
	}
	for _, size := range c.BatchSizes {
		shuffled, err := still.spread(ctx, backend, size, sweep.Shuffled, c.Draws, means)
		if err != nil {
			return facts, err
		}
		replaced, err := still.spread(ctx, backend, size, sweep.WithReplacement, c.Draws, means)
		if err != nil {
			return facts, err
		}
		facts.Shuffled, facts.Replaced = append(facts.Shuffled, shuffled), append(facts.Replaced, replaced)
	}
	return facts, nil
}

// stillLife is a model at weights that do not move: its replicas' rates are 0.
type stillLife struct {
	model    sweep.Model
	draw     func(seed int64) sweep.Data
	examples int // that it draws
	replicas []sweep.Replica
	params   [][]float64 // [replica][parameter]
}

// gradients of so many batches: [replica][batch][parameter].
func (s stillLife) gradients(ctx context.Context, backend compute.Backend, size int, order sweep.Order, batches int) ([][][]float64, error) {
	program, err := sweep.New(backend, sweep.Config{
		Model: s.model, Draw: s.draw, BatchSize: size, Order: order, DType: dtypes.Float64, StepsPerCall: 1, Watch: sweep.WatchGradients,
	})
	if err != nil {
		return nil, err
	}
	defer program.Finalize()
	trace, err := program.Run(ctx, sweep.Run{Task: "gradients of batches", Replicas: s.replicas, Start: s.params, Steps: batches})
	if err != nil {
		return nil, err
	}
	all := make([][][]float64, len(s.replicas))
	for i := range all {
		for _, watched := range trace.Watched {
			all[i] = append(all[i], watched[i])
		}
	}
	return all, nil
}

// exampleGradients are those of batches of one example, each in its turn:
// [replica][example][parameter].
func (s stillLife) exampleGradients(ctx context.Context, backend compute.Backend) ([][][]float64, error) {
	return s.gradients(ctx, backend, 1, sweep.InOrder, s.examples)
}

// spread is the mean of ‖g_B − ḡ‖² over so many batches: [replica].
func (s stillLife) spread(ctx context.Context, backend compute.Backend, size int, order sweep.Order, batches int, means [][]float64) ([]float64, error) {
	gradients, err := s.gradients(ctx, backend, size, order, batches)
	if err != nil {
		return nil, err
	}
	spread := make([]float64, len(means))
	for i := range spread {
		spread[i] = sweep.MeanSquare(gradients[i], means[i])
	}
	return spread, nil
}

// noiseScale is the simple noise scale tr Σ/‖ḡ‖² of McCandlish et al. (2018),
// section 2.2, with Σ over all examples: the batch size at which the noise is as
// large as the gradient.
func noiseScale(gradients [][]float64) float64 {
	mean := sweep.MeanVector(gradients)
	return sweep.MeanSquare(gradients, mean) / floats.Dot(mean, mean)
}

// The thresholds: the smallest effects that would make a difference to a reader.
const (
	nearFormula = 0.1   // relative error at which a measured variance is the predicted one
	allButZero  = 1e-12 // fraction of σ² that rounding leaves where theory leaves nothing
	oftenRises  = 0.2   // fraction of rising steps that makes a curve fluctuate
	hardlyRises = 0.01  // fraction that makes it steady
)

func judgeFluctuation(noise NoiseMeasurement) claim.Finding {
	trend := noise.Trend
	var parts []claim.Decision
	least, full, samples := math.Inf(1), 0.0, 0
	for size := range trend.BatchSizes {
		for rate := range trend.Rates {
			rising := claim.EstimateFraction(risingFractions(trend.Losses[size][rate]), trend.steps())
			samples = rising.N
			if trend.isFull(size) {
				parts, full = append(parts, rising.Below(hardlyRises)), max(full, rising.Mean)
				continue
			}
			parts, least = append(parts, rising.Above(oftenRises)), min(least, rising.Mean)
		}
	}
	return claim.Finding{
		Decision: claim.All(parts...),
		Evidence: fmt.Sprintf("Over %d rates, the loss rises at a fraction of at least %.3f of the steps with each of the mini-batches, and of at most %.3f with full batches.",
			len(trend.Rates), least, full),
		Samples: samples,
	}
}

func judgeSubset(noise NoiseMeasurement) claim.Finding {
	parts, lowest, highest := noise.formulas()
	return claim.Finding{
		Decision: claim.All(parts...),
		Evidence: fmt.Sprintf("Measured variance over predicted: means from %.3f to %.3f over %d batch sizes, with and without replacement.", lowest, highest, len(noise.BatchSizes)),
		Samples:  len(noise.Variance),
	}
}

// formulas compares every measured variance with the predicted one, and returns
// the range of the mean ratios.
func (f NoiseMeasurement) formulas() (parts []claim.Decision, lowest, highest float64) {
	lowest, highest = math.MaxFloat64, 0
	for size, b := range f.BatchSizes {
		for _, replaced := range []bool{false, true} {
			if b == f.Examples && !replaced { // theory leaves nothing to divide by
				parts = append(parts, claim.Holds(f.vanishes(size)))
				continue
			}
			ratio := claim.EstimateMean(f.ratios(size, replaced))
			parts = append(parts, ratio.Above(1-nearFormula), ratio.Below(1+nearFormula))
			lowest, highest = min(lowest, ratio.Mean), max(highest, ratio.Mean)
		}
	}
	return parts, lowest, highest
}

// vanishes reports whether batches of a size, without replacement, have no noise
// but rounding.
func (f NoiseMeasurement) vanishes(size int) bool {
	for seed, spread := range f.Shuffled[size] {
		if !(spread <= allButZero*f.Variance[seed]) {
			return false
		}
	}
	return true
}

func noiseRules() []claim.Rule[NoiseMeasurement] {
	return []claim.Rule[NoiseMeasurement]{
		claim.Whole("q1d.2", "Q1 (d) 2", "With mini-batches it fluctuates, because each step sees a subset of the examples.",
			claim.SampledRule("q1d.2a", "",
				"With mini-batches the loss fluctuates, and with full batches it does not.",
				fmt.Sprintf("the loss rises at over %g of the steps with every mini-batch, and at under %g of the steps of full batches of the same net at the same rate (95 %% intervals)", oftenRises, hardlyRises),
				claim.Supported, judgeFluctuation).Revised(revised, "one rule decided this and the reason; each seed draws the examples now"),
			claim.SampledRule("q1d.2b", "",
				"The reason is that each step sees a subset: its gradient varies as that of a random sample.",
				fmt.Sprintf("for every batch size B the measured E‖g_B − ḡ‖² is within %.0f %% of σ²/B with replacement and of σ²/B·(N−B)/(N−1) without, and 0 at B = N (95 %% intervals)", 100*nearFormula),
				claim.Supported, judgeSubset).Revised(revised, "one rule decided this and the fluctuation; each seed draws the examples now")),
	}
}

// measured are the variances with replacement and without.
func (f NoiseMeasurement) measured() []report.Curve {
	with, without := report.Curve{Name: by("measured, with replacement", f.Name)}, report.Curve{Name: by("measured, without", f.Name)}
	for size, b := range f.BatchSizes {
		with.AddGeometric(float64(b), f.relative(f.Replaced[size]))
		if b < f.Examples {
			without.AddGeometric(float64(b), f.relative(f.Shuffled[size]))
		}
	}
	return []report.Curve{with, without}
}

// chart shows the variance of the batch gradient against the batch size, in
// units of σ², beside the formulas.
func (f NoiseMeasurement) chart() report.Chart {
	curves := f.measured()
	with, without := report.Curve{Name: "1/B"}, report.Curve{Name: "1/B·(N−B)/(N−1)"}
	for _, b := range f.BatchSizes {
		with.Add(float64(b), Predicted(b, f.Examples, true))
		if b < f.Examples { // 0 has no place on a logarithmic axis
			without.Add(float64(b), Predicted(b, f.Examples, false))
		}
	}
	curves = append(curves, with, without)
	if f.Yours != nil {
		curves = append(curves, f.Yours.measured()...)
	}
	return report.Chart{
		ID: "variance", Title: fmt.Sprintf("Noise of the gradient, out of %d examples", f.Examples), Mark: report.Line,
		XLabel: "batch size B", YLabel: "E‖g_B − ḡ‖² / σ²", LogX: true, LogY: true, Curves: curves,
		Alt: "The mean squared distance of the batch gradient from the full one against the batch size on logarithmic axes, as measured and by formula, with replacement and without: lower is less noise. The formula falls as 1/B with replacement, and bends down to 0 at the number of examples without.",
	}
}

// GradientNoise is the experiment.
var GradientNoise = experiment.Experiment[NoiseKnobs, NoiseMeasurement]{
	Name: "Noise", Title: "The noise of a batch's gradient",
	Measure: measureNoise, Rules: noiseRules(),
	Figures: func(_ NoiseKnobs, f NoiseMeasurement) (report.Figures, error) {
		figures := report.Figures{Charts: []report.Chart{f.chart()}}
		if f.Yours != nil {
			figures.Tables = []report.Table{experiment.Yours(f.Yours.Name, noiseRules(), f, *f.Yours)}
		}
		return figures, nil
	},
}
