package learningrate

import (
	"context"
	"fmt"
	"math"

	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
	"evident/kit/sweep"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats"
)

// BasinsConfig descends landscapes with a deep and a shallow basin, and a saturated sigmoid.
type BasinsConfig struct {
	Rates         []float64 `role:"compared" range:"(0, inf)" list:"2 rising" help:"learning rates η"`
	Seeds         []int64   `role:"averaged" help:"of the gradient's noise"`
	Runs          int       `role:"averaged" range:"[1, inf)" help:"runs of each seed, whose fraction is one sample"`
	Noise         float64   `role:"fixed" range:"(0, inf)" help:"standard deviation of the gradient's noise"`
	Steps         int       `role:"fixed" range:"[1, inf)" help:"at each rate"`
	ReturnRate    float64   `role:"fixed" range:"(0, inf)" help:"small rate to continue with"`
	ReturnSteps   int       `role:"fixed" range:"[1, inf)" help:"steps at ReturnRate"`
	PlateauRates  []float64 `role:"compared" range:"(0, inf)" list:"2 rising" help:"rates on the saturated sigmoid"`
	PlateauSteps  int       `role:"fixed" range:"[1, inf)" help:"on the saturated sigmoid"`
	PlateauHeight float64   `role:"fixed" range:"(0, inf)" help:"start of the sigmoid's argument"`
}

// Validate checks that the sweep fits into memory.
func (c BasinsConfig) Validate() error {
	return sweep.CheckFits("Rates × Seeds × Runs", len(c.Rates)*len(c.Seeds)*c.Runs, sweep.Config{Model: landscapes()[0].model()})
}

// BasinsMeasurement are shares of runs, one sample a seed.
type BasinsMeasurement struct {
	Rates     []float64
	Landscape []LandscapeShares
	Plateau   []PlateauDescent
}

// LandscapeShares are the shares on one landscape.
type LandscapeShares struct {
	Landscape
	Unstable  float64     // the rate above which the deep basin's minimum is unstable, 2/f″
	Runs      int         // of each seed
	Shallow   [][]float64 // [rate][seed]: share that started in the deep basin and ended in the shallow one
	Jumped    []float64   // [seed]: number of all runs that ended in the shallow one
	Returned  []float64   // [seed]: number of those that a small rate took back
	StayedLow [][]float64 // [rate][seed]: share that started in the shallow basin and stayed
}

// PlateauDescent is one descent of ½σ(θ)² from far up, where σ is flat.
type PlateauDescent struct {
	Rate float64
	Left float64 // loss at the end over that of the start
}

// Of finds a landscape's facts by its name.
func (b BasinsMeasurement) Of(name string) LandscapeShares {
	for _, l := range b.Landscape {
		if l.Name == name {
			return l
		}
	}
	return LandscapeShares{}
}

// Landscape is a function of one or two variables with two basins: a deep one
// at −2 and a shallow one at +2, on a wide bowl.
//
//	f(θ) = 0.02·‖θ‖² − 1.0·exp(−(θ₁+2)²/2s²) − 0.6·exp(−(θ₁−2)²/2w²) (+ ½θ₂²)
type Landscape struct {
	Name          string
	Deep, Shallow float64 // widths s and w
	Dimensions    int
}

const (
	deepAt, shallowAt       = -2.0, 2.0
	deepDepth, shallowDepth = 1.0, 0.6
	bowl                    = 0.02
)

const (
	sharpDeep = "sharp deep basin"
	wideDeep  = "wide deep basin"
	twoD      = "sharp deep basin, 2-D"
)

func landscapes() []Landscape {
	return []Landscape{{sharpDeep, 0.4, 1, 1}, {wideDeep, 1, 0.4, 1}, {twoD, 0.4, 1, 2}}
}

// Value is f on the axis θ₂ = 0.
func (l Landscape) Value(theta float64) float64 {
	well := func(at, depth, width float64) float64 {
		return depth * math.Exp(-(theta-at)*(theta-at)/(2*width*width))
	}
	return bowl*theta*theta - well(deepAt, deepDepth, l.Deep) - well(shallowAt, shallowDepth, l.Shallow)
}

// barrier is the place of the highest point between the basins.
func (l Landscape) barrier() float64 {
	highest := deepAt
	for theta := deepAt; theta < shallowAt; theta += 1e-3 {
		if l.Value(theta) > l.Value(highest) {
			highest = theta
		}
	}
	return highest
}

// model adds the mean of a batch of noise vectors times θ: the gradient then is
// ∇f plus noise, as that of a mini-batch is.
func (l Landscape) model() sweep.Model {
	return sweep.Model{Shapes: [][]int{{l.Dimensions}}, Units: l.Dimensions, Loss: func(params []*Node, x, _ *Node) *Node {
		theta := params[0] // [replicas, dimensions]
		first := Reshape(Slice(theta, AxisRange(), AxisElem(0)), -1)
		well := func(at, depth, width float64) *Node {
			return MulScalar(Exp(MulScalar(Square(AddScalar(first, -at)), -1/(2*width*width))), depth)
		}
		loss := MulScalar(sweep.SquaredNorm(theta), bowl)
		loss = Sub(loss, Add(well(deepAt, deepDepth, l.Deep), well(shallowAt, shallowDepth, l.Shallow)))
		if l.Dimensions > 1 {
			second := Reshape(Slice(theta, AxisRange(), AxisElem(1)), -1)
			loss = Add(loss, MulScalar(Square(second), 0.5))
		}
		return Add(loss, ReduceSum(Mul(ReduceMean(x, 1), theta), -1))
	}}
}

// measureBasins makes all runs on all landscapes, and those on the plateau.
func measureBasins(ctx context.Context, backend compute.Backend, c BasinsConfig) (BasinsMeasurement, error) {
	facts := BasinsMeasurement{Rates: c.Rates}
	for _, l := range landscapes() {
		own, err := c.measure(ctx, backend, l)
		if err != nil {
			return facts, err
		}
		facts.Landscape = append(facts.Landscape, own)
	}
	var err error
	facts.Plateau, err = c.plateau(ctx, backend)
	return facts, err
}

func (c BasinsConfig) measure(ctx context.Context, backend compute.Backend, l Landscape) (LandscapeShares, error) {
	facts := LandscapeShares{Landscape: l, Runs: c.Runs, Unstable: 2 / (deepDepth/(l.Deep*l.Deep) + 2*bowl)}
	program, err := sweep.New(backend, sweep.Config{Model: l.model(), Draw: c.gradientNoise(l.Dimensions), BatchSize: noiseBatch, StepsPerCall: 4})
	if err != nil {
		return facts, err
	}
	defer program.Finalize()
	replicas := sweep.Grid(c.Rates, c.runSeeds())
	finish := func(start [][]float64, replicas []sweep.Replica, steps int) ([][]float64, error) {
		trace, err := program.Run(ctx, sweep.Run{Task: l.Name, Replicas: replicas, Start: start, Steps: steps})
		return trace.Final, err
	}
	fromDeep, err := finish(starts(len(replicas), l.Dimensions, deepAt), replicas, c.Steps)
	if err != nil {
		return facts, err
	}
	fromShallow, err := finish(starts(len(replicas), l.Dimensions, shallowAt), replicas, c.Steps)
	if err != nil {
		return facts, err
	}
	slow := append([]sweep.Replica(nil), replicas...)
	for i := range slow {
		slow[i].Rate = c.ReturnRate
	}
	after, err := finish(fromDeep, slow, c.ReturnSteps)
	if err != nil {
		return facts, err
	}
	barrier := l.barrier()
	inShallow := func(theta []float64) bool { return theta[0] > barrier }
	facts.Shallow = c.shares(fromDeep, inShallow)
	facts.StayedLow = c.shares(fromShallow, inShallow)
	facts.Jumped, facts.Returned = c.returned(fromDeep, after, inShallow)
	return facts, nil
}

// forNoise keeps these draws apart from others of the same seed.
const forNoise = 21

// gradientNoise draws vectors of mean zero, one row an example.
func (c BasinsConfig) gradientNoise(dimensions int) func(seed int64) sweep.Data {
	return func(seed int64) sweep.Data {
		const examples = 512
		random := fit.Rand(seed, forNoise)
		data := sweep.Data{X: make([][]float64, examples), Y: make([][]float64, examples)}
		for i := 0; i < examples; i += 2 { // in pairs of opposite sign, so that the mean is zero
			data.X[i], data.X[i+1] = make([]float64, dimensions), make([]float64, dimensions)
			data.Y[i], data.Y[i+1] = []float64{0}, []float64{0}
			for j := range dimensions {
				data.X[i][j] = c.Noise * random.NormFloat64()
				data.X[i+1][j] = -data.X[i][j]
			}
		}
		return data
	}
}

// noiseBatch is the size of the batches of noise.
const noiseBatch = 8

// runSeeds gives every run of every seed a seed of its own, so that they see
// other noise.
func (c BasinsConfig) runSeeds() []int64 {
	const apart = 1_000_003
	var all []int64
	for _, seed := range c.Seeds {
		for run := range c.Runs {
			all = append(all, seed*apart+int64(run))
		}
	}
	return all
}

func starts(replicas, dimensions int, at float64) [][]float64 {
	all := make([][]float64, replicas)
	for i := range all {
		all[i] = make([]float64, dimensions)
		all[i][0] = at
	}
	return all
}

// shares is the share of a seed's runs that end at such a place: [rate][seed].
func (c BasinsConfig) shares(ends [][]float64, is func(theta []float64) bool) [][]float64 {
	held := make([]float64, len(ends)/c.Runs)
	for i, theta := range ends {
		if is(theta) {
			held[i/c.Runs]++
		}
	}
	floats.Scale(1/float64(c.Runs), held)
	return sweep.ByRate(held, len(c.Seeds))
}

// returned counts, by seed, the runs that end in the shallow basin, and those of
// them that then end in the deep one.
func (c BasinsConfig) returned(before, after [][]float64, inShallow func([]float64) bool) (were, back []float64) {
	were, back = make([]float64, len(c.Seeds)), make([]float64, len(c.Seeds))
	for i := range before {
		seed := i / c.Runs % len(c.Seeds)
		if inShallow(before[i]) {
			were[seed]++
			if !inShallow(after[i]) {
				back[seed]++
			}
		}
	}
	return were, back
}

// plateau descends ½σ(θ)² from a θ at which σ is all but 1 and its slope all
// but 0.
func (c BasinsConfig) plateau(ctx context.Context, backend compute.Backend) ([]PlateauDescent, error) {
	saturated := sweep.Model{Shapes: [][]int{{1}}, Loss: func(params []*Node, _, _ *Node) *Node {
		return MulScalar(sweep.SquaredNorm(Sigmoid(params[0])), 0.5)
	}}
	trace, err := descend(ctx, backend, saturated, c.PlateauRates, []float64{c.PlateauHeight}, c.PlateauSteps)
	if err != nil {
		return nil, err
	}
	facts := make([]PlateauDescent, len(c.PlateauRates))
	for i, rate := range c.PlateauRates {
		facts[i] = PlateauDescent{Rate: rate, Left: trace.Losses[len(trace.Losses)-1][i] / trace.Losses[0][i]}
	}
	return facts, nil
}

const (
	someRuns    = 0.1 // fraction of runs: one in ten is a risk worth knowing
	leftPlateau = 0.1 // fraction of the loss that is left when a plateau is behind
	onPlateau   = 0.9 // … and while it is not
)

func judgeJump(b BasinsMeasurement) claim.Finding {
	own := b.Of(sharpDeep)
	above, below := own.jumps(b.Rates)
	more := claim.EstimateDifference(above, below)
	evidence := fmt.Sprintf("Above 2/f″ = %.2g, %s of the runs end in the shallow basin, and %s below half of it; the difference is %s.",
		own.Unstable, own.fraction(above), own.fraction(below), more)
	for _, name := range []string{wideDeep, twoD} {
		other := b.Of(name)
		above, _ := other.jumps(b.Rates)
		evidence += fmt.Sprintf(" With a %s: %s above %.2g.", name, other.fraction(above), other.Unstable)
	}
	return claim.Finding{Decision: more.Above(someRuns), Evidence: evidence, Samples: more.N}
}

func judgeTrap(b BasinsMeasurement) claim.Finding {
	own := b.Of(sharpDeep)
	returned := share(own.Returned, own.Jumped)
	return claim.Finding{
		Decision: returned.Below(someRuns),
		Evidence: fmt.Sprintf("Of %g runs that end in the shallow basin, a small rate takes %g back, a fraction of %s over the seeds.",
			floats.Sum(own.Jumped), floats.Sum(own.Returned), returned),
		Samples: returned.N,
	}
}

// fraction is the mean of fractions of each seed's runs.
func (l LandscapeShares) fraction(values []float64) claim.Estimate {
	return claim.EstimateFraction(values, l.Runs)
}

// jumps is, for every seed, the share of runs that end in the shallow basin, at
// the rates above the deep minimum's limit and at those below half of it.
func (l LandscapeShares) jumps(rates []float64) (above, below []float64) {
	var high, low [][]float64
	for i, rate := range rates {
		switch {
		case rate > l.Unstable:
			high = append(high, l.Shallow[i])
		case rate < l.Unstable/2:
			low = append(low, l.Shallow[i])
		}
	}
	return overRates(high), overRates(low)
}

// overRates averages [rate][seed] over the rates; empty for none.
func overRates(shares [][]float64) []float64 {
	if len(shares) == 0 {
		return nil
	}
	return layerMeans(shares)
}

func judgeStuck(b BasinsMeasurement) claim.Finding {
	own := b.Of(wideDeep)
	last := len(b.Rates) - 1
	more := claim.EstimateDifference(own.StayedLow[0], own.StayedLow[last])
	return claim.Finding{
		Decision: more.Above(someRuns),
		Evidence: fmt.Sprintf("Of the runs that start in the shallow basin, %s stay at η = %.2g and %s at %.2g; the difference is %s.",
			own.fraction(own.StayedLow[0]), b.Rates[0], own.fraction(own.StayedLow[last]), b.Rates[last], more),
		Samples: more.N,
	}
}

func judgeFlat(b BasinsMeasurement) claim.Finding {
	slowest, fastest := b.Plateau[0], b.Plateau[len(b.Plateau)-1]
	return claim.Finding{
		Decision: claim.Holds(slowest.Left > onPlateau && fastest.Left < leftPlateau),
		Evidence: fmt.Sprintf("On the saturated sigmoid η = %g keeps %.2f of the loss and η = %g keeps %.2g in the same steps.",
			slowest.Rate, slowest.Left, fastest.Rate, fastest.Left),
		Samples: 1,
	}
}

func basinsRules() []claim.Rule[BasinsMeasurement] {
	const jump, stuck = "Q1 (a) 4", "Q1 (b) 2"
	return []claim.Rule[BasinsMeasurement]{
		claim.Whole("q1a.4", jump,
			"Large steps can jump from a good optimum to a worse one, whose near-zero gradient then traps the descent.",
			claim.SampledRule("q1a.4a", jump, "Large steps can jump from a good optimum to a worse one.",
				fmt.Sprintf("from a deep basin, the fraction of runs that end in the shallow one is by over %g larger at rates above 2/f″ of the deep minimum than at rates below half of it (95 %% interval)", someRuns),
				claim.Supported, judgeJump).From("2026-11-23"),
			claim.SampledRule("q1a.4b", jump, "The worse optimum traps the descent.",
				fmt.Sprintf("a small rate takes less than %g of the runs that ended in the shallow basin back (95 %% interval)", someRuns),
				claim.Supported, judgeTrap).From("2026-11-23")),
		claim.Whole("q1b.2", stuck,
			"Too low a rate gets stuck in poor local minima or flat regions.",
			claim.SampledRule("q1b.2a", stuck, "Too low a rate gets stuck in poor local minima.",
				fmt.Sprintf("from a shallow basin, the fraction of noisy runs that stay is by over %g larger at the lowest rate than at the highest (95 %% interval)", someRuns),
				claim.Supported, judgeStuck).From("2026-11-23"),
			claim.ExactRule("q1b.2b", stuck, "Too low a rate gets stuck in flat regions.",
				fmt.Sprintf("on a saturated sigmoid the lowest rate keeps over %g of the loss in the steps in which the highest goes below %g", onPlateau, leftPlateau),
				claim.Supported, judgeFlat).From("2026-11-23")),
	}
}

// landscapeChart shows the landscapes along their first axis.
func (b BasinsMeasurement) landscapeChart() report.Chart {
	drawn := report.Chart{
		ID: "landscapes", Title: "A deep basin and a shallow one", Mark: report.Line, XLabel: "θ", YLabel: "f(θ)",
		Alt: "The landscapes of one dimension, one curve each, over θ: a deep basin at −2 and a shallow one at 2, of unequal widths.",
	}
	for _, l := range b.Landscape {
		if l.Dimensions > 1 {
			continue
		}
		curve := report.Curve{Name: l.Name}
		for theta := -5.0; theta <= 5; theta += 0.1 {
			curve.Add(theta, l.Value(theta))
		}
		drawn.Curves = append(drawn.Curves, curve)
	}
	return drawn
}

// leavingChart shows the share of runs that leave the deep basin.
func (b BasinsMeasurement) leavingChart() report.Chart {
	return b.chart("leaving", "From the deep basin", "share that ends in the shallow basin",
		"The share of runs from the deep basin that end in the shallow one, against the learning rate on a logarithmic axis, one line for each landscape: 0 means that none leaves the better minimum.",
		func(l LandscapeShares) [][]float64 { return l.Shallow })
}

// stayingChart shows the share of runs that stay in the shallow basin.
func (b BasinsMeasurement) stayingChart() report.Chart {
	return b.chart("staying", "From the shallow basin", "share that stays there",
		"The share of runs from the shallow basin that stay there, against the learning rate on a logarithmic axis, one line for each landscape: 1 means that all are stuck.",
		func(l LandscapeShares) [][]float64 { return l.StayedLow })
}

func (b BasinsMeasurement) chart(id, title, y, alt string, shares func(LandscapeShares) [][]float64) report.Chart {
	drawn := report.Chart{ID: id, Title: title, Mark: report.Line, XLabel: "learning rate η", YLabel: y, LogX: true, Alt: alt}
	for _, l := range b.Landscape {
		curve := report.Curve{Name: l.Name}
		for i, rate := range b.Rates {
			curve.AddFraction(rate, shares(l)[i], l.Runs)
		}
		drawn.Curves = append(drawn.Curves, curve)
	}
	return drawn
}

// TwoBasins is the experiment.
var TwoBasins = experiment.Experiment[BasinsConfig, BasinsMeasurement]{
	Name: "Basins", Title: "A deep basin, a shallow one, and a plateau",
	Measure: measureBasins, Rules: basinsRules(),
	Figures: func(_ BasinsConfig, b BasinsMeasurement) (report.Figures, error) {
		return report.Figures{Charts: []report.Chart{b.landscapeChart(), b.leavingChart(), b.stayingChart()}}, nil
	},
}
