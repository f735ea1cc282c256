package saddle

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"evident/datasets/toy"
	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/nn"
	"evident/kit/report"
	"evident/kit/sweep"
)

// TheoryConfig checks the theorems.
type TheoryConfig struct {
	Rates    []float64 `role:"compared" range:"(0, inf)" list:"2 rising" help:"η·L of convex descents, with L the largest curvature; the bound is promised up to 1"`
	Noise    float64   `role:"fixed" range:"(0, inf)" help:"standard deviation of what is added to each component of the gradient"`
	Seeds    []int64   `role:"averaged" help:"of that noise; the first one draws the examples"`
	Steps    int       `role:"fixed" range:"[1, inf)" help:"of the convex descents"`
	Features int       `role:"fixed" range:"[1, inf)" help:"of the least squares"`
	Examples int       `role:"fixed" range:"[1, inf)" help:"of the least squares"`
	Gradient float64   `role:"fixed" range:"(2, inf)" help:"C of the counter-example: the theorem is about C above 2"`
	Alpha    float64   `role:"fixed" range:"(0, inf)" help:"α of the counter-example's rate α/√t"`
	Rounds   int       `role:"fixed" range:"[3, inf)" help:"steps of the counter-example"`
	Follows  int       `role:"fixed" range:"[1, inf)" help:"steps along which Adam is compared with its parts"`
}

// Validate checks that least squares have a single solution.
func (c TheoryConfig) Validate() error {
	if c.Examples < c.Features+2 {
		return badinput.Errorf("Examples is %d: it must be at least %d for %d features", c.Examples, c.Features+2, c.Features)
	}
	return nil
}

// TheoryMeasurement holds what theorems say, and what is measured.
type TheoryMeasurement struct {
	Descents []ConvexDescent
	Noisy    []NoisyDescent
	Counter  CounterExample
	Parts    AdamParts
}

// ConvexDescent is gradient descent of a convex function whose curvature is at
// most L.
type ConvexDescent struct {
	Function string
	Rate     float64   // η·L
	Excess   []float64 // f(x_k) − f*, from k = 1 on
	Bound    []float64 // ‖x₀ − x*‖² / (2ηk), from k = 1 on
}

// NoisyDescent is stochastic gradient descent of Σ w·ln cosh θ, whose gradients
// have noise of mean 0 and a known variance. The theorem is about the mean of the
// excess losses so far, in expectation; by convexity the loss of the mean place is
// no higher. For η ≤ 1/L and E‖ξ‖² = σ²,
//
//	‖x − ηg − x*‖² ≤ ‖x − x*‖² − 2η(f(x) − f*) + η²σ²  in expectation,
//
// since ⟨∇f, x − x*⟩ ≥ f − f* + ‖∇f‖²/2L; summed up over the steps it is the bound
// (Nemirovski et al. 2009, section 2.1, for gradients of bounded norm).
type NoisyDescent struct {
	Rate  float64     // η·L
	Means [][]float64 // [seed]: the mean of f(x₀) − f* … f(x_k−1) − f*, from k = 1 on
	Bound []float64   // ‖x₀ − x*‖²/(2ηk) + ησ²/2, from k = 1 on
}

// CounterExample is that of Reddi et al. (2018), theorem 1: on [−1, 1], the
// losses are C·x at the first of every three steps and −x at the other two, so
// that x = −1 is the best point and +1 the worst.
type CounterExample struct {
	Gradient float64 // C, above 2
	Names    []string
	Paths    [][]float64 // [optimizer][step]: x, from 0
}

// promised reports whether the theorem is about this rate: η ≤ 1/L.
func (d ConvexDescent) promised() bool { return d.Rate <= 1 }

// broken counts the steps at which the excess is above the bound, or not finite.
func (d ConvexDescent) broken() int {
	n := 0
	for k, excess := range d.Excess {
		if !(excess <= d.Bound[k]) {
			n++
		}
	}
	return n
}

// end is the mean of an optimizer's last three x, one round of the losses; NaN
// for an optimizer that was not measured.
func (e CounterExample) end(name string) float64 {
	i := slices.Index(e.Names, name)
	if i < 0 {
		return math.NaN()
	}
	path := e.Paths[i]
	return stat.Mean(path[len(path)-3:], nil)
}

// measureTheory checks the bound, the counter-example, and of what Adam is made.
func measureTheory(ctx context.Context, backend compute.Backend, c TheoryConfig) (facts TheoryMeasurement, err error) {
	for _, measure := range []func(context.Context, compute.Backend) ([]ConvexDescent, error){
		c.leastSquares, func(ctx context.Context, backend compute.Backend) ([]ConvexDescent, error) {
			return c.descend(ctx, backend, logCosh())
		},
	} {
		descents, err := measure(ctx, backend)
		if err != nil {
			return facts, err
		}
		facts.Descents = append(facts.Descents, descents...)
	}
	if facts.Noisy, err = c.noisyDescents(ctx, backend); err != nil {
		return facts, err
	}
	if facts.Counter, err = c.counter(ctx, backend); err != nil {
		return facts, err
	}
	facts.Parts, err = c.parts(ctx, backend)
	return facts, err
}

// convex is a function with a known minimum and a known largest curvature.
type convex struct {
	name      string
	model     sweep.Model
	data      sweep.Data
	start     []float64
	minimum   []float64
	curvature float64                       // L
	value     func(theta []float64) float64 // by hand; nil where no one needs it
}

func (c TheoryConfig) leastSquares(ctx context.Context, backend compute.Backend) ([]ConvexDescent, error) {
	data := toy.Regression(c.Examples, c.Features, drawOf(c.Seeds[0], trainingDraw), 0.5)
	minimum, hessian, err := toy.LeastSquares(data)
	if err != nil {
		return nil, err
	}
	own := sweep.Eigenvalues(hessian)
	return c.descend(ctx, backend, convex{
		name: "least squares", model: sweep.Net{Widths: []int{c.Features, 1}, Loss: sweep.SquaredError}.Model(), data: data,
		start: make([]float64, len(minimum)), minimum: minimum, curvature: own[len(own)-1],
	})
}

// logCosh is Σ wᵢ·ln cosh θᵢ, whose curvature wᵢ/cosh²θᵢ is at most wᵢ; it is no
// parabola. Its second parameter is the standard deviation of the noise on the
// gradient, which the examples z hold.
func logCosh() convex {
	weights := []float64{4, 1, 0.1}
	model := sweep.Model{Shapes: [][]int{{len(weights)}, {1}}, Units: len(weights), Loss: func(params []*Node, z, _ *Node) *Node {
		theta := params[0]
		factors := ConvertDType(Const(theta.Graph(), [][]float64{weights}), theta.DType())
		// ln cosh θ = |θ| + ln(1 + exp(−2|θ|)) − ln 2 does not overflow.
		size := Abs(theta)
		logCosh := AddScalar(Add(size, Log1P(Exp(MulScalar(size, -2)))), -math.Ln2)
		loss := ReduceSum(Mul(factors, logCosh), -1)
		if z == nil {
			return loss
		}
		return Add(loss, noiseTerm(params[1], ReduceMean(z, 1), theta))
	}}
	return convex{
		name: "Σ w·ln cosh θ", model: model, start: []float64{3, -3, 3, 0}, minimum: []float64{0, 0, 0, 0}, curvature: weights[0],
		value: func(theta []float64) float64 {
			total := 0.0
			for i, w := range weights {
				size := math.Abs(theta[i])
				total += w * (size + math.Log1p(math.Exp(-2*size)) - math.Ln2)
			}
			return total
		},
	}
}

// noisyDescents follow gradients with noise at every rate that the theorem is
// about.
func (c TheoryConfig) noisyDescents(ctx context.Context, backend compute.Backend) ([]NoisyDescent, error) {
	const vectors = 1024
	f := logCosh()
	data := sweep.Data{X: normalRows(vectors, len(f.start)-1, 1, drawOf(c.Seeds[0], noiseDraw)), Y: slices.Repeat([][]float64{{0}}, vectors)}
	variance := c.Noise * c.Noise * sweep.MeanSquare(data.X, make([]float64, len(f.start)-1))
	program, err := sweep.New(backend, sweep.Config{
		Model: f.model, Data: data, BatchSize: 1, Order: sweep.WithReplacement, DType: dtypes.Float64, StepsPerCall: 4, Watch: sweep.WatchParams,
	})
	if err != nil {
		return nil, err
	}
	defer program.Finalize()
	var descents []NoisyDescent
	run := sweep.Run{Task: "bound with noise", Steps: c.Steps}
	distance := floats.Distance(f.start, f.minimum, 2)
	start := slices.Clone(f.start)
	start[len(start)-1] = c.Noise
	for _, rate := range c.Rates {
		if rate > 1 {
			continue
		}
		eta := rate / f.curvature
		own := NoisyDescent{Rate: rate}
		for k := 1; k <= c.Steps; k++ {
			own.Bound = append(own.Bound, distance*distance/(2*eta*float64(k))+eta*variance/2)
		}
		descents = append(descents, own)
		run.Replicas = append(run.Replicas, sweep.Grid([]float64{eta}, c.Seeds)...)
	}
	run.Start = slices.Repeat([][]float64{start}, len(run.Replicas))
	trace, err := program.Run(ctx, run)
	if err != nil {
		return nil, err
	}
	for i := range run.Replicas {
		total := 0.0
		means := make([]float64, c.Steps)
		for k, places := range trace.Watched {
			total += f.value(places[i])
			means[k] = total / float64(k+1)
		}
		own := &descents[i/len(c.Seeds)]
		own.Means = append(own.Means, means)
	}
	return descents, nil
}

// descend follows full-batch gradient descent at every rate, beside a replica
// that stands at the minimum.
func (c TheoryConfig) descend(ctx context.Context, backend compute.Backend, f convex) ([]ConvexDescent, error) {
	program, err := sweep.New(backend, sweep.Config{Model: f.model, Data: f.data, DType: dtypes.Float64, StepsPerCall: 4})
	if err != nil {
		return nil, err
	}
	defer program.Finalize()
	run := sweep.Run{Task: "bound on " + f.name, Steps: c.Steps + 1, Replicas: []sweep.Replica{{}}, Start: [][]float64{f.minimum}}
	for _, rate := range c.Rates {
		run.Replicas, run.Start = append(run.Replicas, sweep.Replica{Rate: rate / f.curvature}), append(run.Start, f.start)
	}
	trace, err := program.Run(ctx, run)
	if err != nil {
		return nil, err
	}
	distance := floats.Distance(f.start, f.minimum, 2)
	descents := make([]ConvexDescent, len(c.Rates))
	for i, rate := range c.Rates {
		descents[i] = ConvexDescent{Function: f.name, Rate: rate}
		for k := 1; k <= c.Steps; k++ {
			descents[i].Excess = append(descents[i].Excess, trace.Losses[k][i+1]-trace.Losses[0][0])
			descents[i].Bound = append(descents[i].Bound, distance*distance*f.curvature/(2*rate*float64(k)))
		}
	}
	return descents, nil
}

// counter follows Adam with the constants of the theorem, β₁ = 0 and
// β₂ = 1/(1+C²), at the rate α/√t; and Adam with the usual β₂, for which there is
// another theorem (Zhang et al. 2022).
func (c TheoryConfig) counter(ctx context.Context, backend compute.Backend) (CounterExample, error) {
	beta2 := 1 / (1 + c.Gradient*c.Gradient)
	usual := nn.Adam(0, adamBeta2, tiny)
	usual.Name = usualAdam
	optimizers := []nn.Optimizer{nn.SGD(), nn.Adam(0, beta2, tiny), nn.AMSGrad(0, beta2, tiny), usual}
	facts := CounterExample{Gradient: c.Gradient, Names: names(optimizers)}
	program, err := sweep.New(backend, sweep.Config{
		Model: linearModel(1), Data: sweep.Data{X: [][]float64{{c.Gradient}, {-1}, {-1}}, Y: [][]float64{{0}, {0}, {0}}},
		BatchSize: 1, Order: sweep.InOrder, DType: dtypes.Float64, StepsPerCall: 6, Watch: sweep.WatchParams,
		Optimizer: sweep.Together(optimizers...),
		Project:   func(params []*Node) []*Node { return []*Node{ClipScalar(params[0], -1, 1)} },
	})
	if err != nil {
		return facts, err
	}
	defer program.Finalize()
	trace, err := program.Run(ctx, sweep.Run{
		Task: "counter-example", Replicas: slices.Repeat([]sweep.Replica{{Rate: c.Alpha}}, len(optimizers)),
		Start: slices.Repeat([][]float64{{0}}, len(optimizers)), Steps: c.Rounds,
		Schedule: func(step int) float64 { return 1 / math.Sqrt(float64(step+1)) },
	})
	if err != nil {
		return facts, err
	}
	for i := range optimizers {
		path := make([]float64, len(trace.Watched))
		for step, watched := range trace.Watched {
			path[step] = watched[i][0]
		}
		facts.Paths = append(facts.Paths, path)
	}
	return facts, nil
}

// atTheEnd is the distance from ±1 that is there.
const atTheEnd = 0.1

// The optimizers of the counter-example besides SGD and Adam.
const (
	amsgrad   = "AMSGrad"
	usualAdam = "Adam with the usual β₂"
)

func judgeParts(f TheoryMeasurement) claim.Finding {
	p := f.Parts
	return claim.Finding{
		Decision: claim.Holds(p.AsRMSProp <= p.roundoff() && p.AsBall <= p.roundoff() && p.FromRMSProp > p.roundoff() && p.FromBall > p.roundoff() && p.Steps > 0),
		Evidence: fmt.Sprintf("Over %d steps Adam's directions differ by at most %.1g from those of bias-corrected RMSProp where β₁ = 0, and by %.1g from those of bias-corrected momentum over c where all gradients are ±c (relative to the largest; rounding alone may make %.1g). As it is used it differs from the one by %.2g and from the other by %.2g.",
			p.Steps, p.AsRMSProp, p.AsBall, p.roundoff(), p.FromRMSProp, p.FromBall),
		Samples: 1,
	}
}

func judgeTheory(f TheoryMeasurement) claim.Finding {
	checked, broken, beyond := 0, 0, 0
	tightest := 0.0
	for _, d := range f.Descents {
		if !d.promised() {
			beyond += d.broken()
			continue
		}
		checked, broken = checked+len(d.Excess), broken+d.broken()
		for k := range d.Excess {
			tightest = max(tightest, d.Excess[k]/d.Bound[k])
		}
	}
	return claim.Finding{
		Decision: claim.Holds(checked > 0 && broken == 0),
		Evidence: fmt.Sprintf("The bound holds at %d of %d steps with η ≤ 1/L (at most %.2g of it is used), and is broken at %d steps with a higher rate.",
			checked-broken, checked, tightest, beyond),
		Samples: 1,
	}
}

// used is, by seed, the fraction of the bound that is used after k steps.
func (d NoisyDescent) used(k int) []float64 {
	all := make([]float64, len(d.Means))
	for seed, means := range d.Means {
		all[seed] = means[k-1] / d.Bound[k-1]
	}
	return all
}

// judgeNoisyBound looks at powers of ten of the steps and at the last.
func judgeNoisyBound(f TheoryMeasurement) claim.Finding {
	var conditions []claim.Decision
	tightest := claim.Estimate{}
	samples := 0
	for _, d := range f.Noisy {
		for k := 1; ; k = min(10*k, len(d.Bound)) {
			used := claim.EstimateMean(d.used(k))
			conditions, samples = append(conditions, used.Below(1)), used.N
			if used.Mean > tightest.Mean || math.IsNaN(used.Mean) {
				tightest = used
			}
			if k == len(d.Bound) {
				break
			}
		}
	}
	if len(conditions) == 0 {
		return claim.Finding{Decision: claim.Missing(), Evidence: "No rate of at most 1/L was measured."}
	}
	return claim.Finding{
		Decision: claim.All(conditions...), Samples: samples,
		Evidence: fmt.Sprintf("With noise on the gradient the mean excess loss uses at most %s of its bound, over %d rates and numbers of steps.", tightest, len(conditions)),
	}
}

func judgeCounter(f TheoryMeasurement) claim.Finding {
	e := f.Counter
	sgdEnd, adamEnd, amsEnd := e.end(sgd), e.end(adam), e.end(amsgrad)
	return claim.Finding{
		Decision: claim.Holds(math.Abs(sgdEnd+1) <= atTheEnd && math.Abs(amsEnd+1) <= atTheEnd && math.Abs(adamEnd-1) <= atTheEnd),
		Evidence: fmt.Sprintf("SGD ends at %.3f, AMSGrad at %.3f and Adam at %.3f; the best point is −1, the worst +1. Adam with β₂ = %g ends at %.3f.",
			sgdEnd, amsEnd, adamEnd, adamBeta2, e.end(usualAdam)),
		Samples: 1,
	}
}

func theoryRules() []claim.Rule[TheoryMeasurement] {
	return []claim.Rule[TheoryMeasurement]{
		claim.ExactRule("q1c.3", "Q1 (c) Adam +3",
			"Adam joins momentum and RMSProp.",
			"with β₁ = 0 its directions are those of bias-corrected RMSProp, and with gradients of ±c those of bias-corrected momentum over c, both at every step and but for the rounding error of float64; as it is used it is neither",
			claim.Supported, judgeParts).Revised(revisedOn, "the tolerance follows from the rounding error"),
		inParts("q1c.7", "Q1 (c) SGD +2", "SGD rests on strong theory.", "the bound, a bound with noise and the counter-example are parts; data redrawn",
			part[TheoryMeasurement]{
				asserts: "Gradient descent of convex functions keeps a bound.", exact: true, recorded: claim.Supported, judge: judgeTheory,
				decides: "f(x_k) − f* ≤ ‖x₀ − x*‖²/(2ηk) at every step of gradient descent with η ≤ 1/L, on least squares and on Σ w·ln cosh θ",
			},
			part[TheoryMeasurement]{
				asserts: "So does stochastic gradient descent, in the mean.", recorded: claim.Supported, judge: judgeNoisyBound,
				decides: "with noise of variance σ² on the gradient and η ≤ 1/L, the mean of f(x₀) − f* … f(x_k−1) − f* is below ‖x₀ − x*‖²/(2ηk) + ησ²/2, at k = 1, 10, 100, … and the last step, on Σ w·ln cosh θ (95 % intervals)",
			},
			part[TheoryMeasurement]{
				asserts: "There is a convex problem on which Adam, for some β₂, does not converge, and SGD does.", exact: true, recorded: claim.Supported, judge: judgeCounter,
				decides: fmt.Sprintf("on the counter-example of Reddi et al. (2018) Adam ends within %[1]g of the worst point, SGD and AMSGrad within %[1]g of the best", atTheEnd),
			}),
	}
}

// smallest is the excess below which a float64 loss holds nothing but rounding.
const smallest = 1e-13

// highestPromised is the highest rate η·L that the theorem is about; 0 for none.
func (f TheoryMeasurement) highestPromised() float64 {
	rate := 0.0
	for _, d := range f.Descents {
		if d.promised() {
			rate = max(rate, d.Rate)
		}
	}
	return rate
}

// boundChart shows the measured excess losses at a rate η·L with their bounds.
func (f TheoryMeasurement) boundChart(rate float64) report.Chart {
	drawn := report.Chart{
		ID: "bound", Title: fmt.Sprintf("Gradient descent with η = %g/L, and its bound", rate), Mark: report.Line, LogX: true, LogY: true,
		XLabel: "step k", YLabel: "f(x_k) − f*",
		Alt: "The loss over the minimum against the step on logarithmic axes, for each function beside its bound, a straight line of slope −1. Where the theorem holds, no measured point lies above its bound.",
	}
	for _, d := range f.Descents {
		if d.Rate != rate {
			continue
		}
		measured, bound := report.Curve{Name: d.Function}, report.Curve{Name: "bound for " + d.Function}
		for k := range d.Excess {
			if step := k + 1; drawnOnLogAxis(step) {
				bound.Add(float64(step), d.Bound[k])
				if d.Excess[k] > smallest {
					measured.Add(float64(step), d.Excess[k])
				}
			}
		}
		drawn.Curves = append(drawn.Curves, measured, bound)
	}
	return drawn
}

// counterChart shows x along the counter-example.
func (f TheoryMeasurement) counterChart() report.Chart {
	e := f.Counter
	drawn := report.Chart{
		ID: "counter", Title: fmt.Sprintf("The counter-example of Reddi et al. with C = %g", e.Gradient), Mark: report.Line, LogX: true,
		XLabel: "step", YLabel: "x", Rules: []report.Reference{{Name: "best point", Y: -1}, {Name: "worst point", Y: 1}},
		Alt: "x against the step on a logarithmic axis, one line for each of SGD, Adam and AMSGrad, with rules at the best point, −1, and at the worst, +1: lower is better.",
	}
	for i, name := range e.Names {
		curve := report.Curve{Name: name}
		for step, x := range e.Paths[i] {
			if step > 0 && drawnOnLogAxis(step) {
				curve.Add(float64(step), x)
			}
		}
		drawn.Curves = append(drawn.Curves, curve)
	}
	return drawn
}

// Theorems is the experiment.
var Theorems = experiment.Experiment[TheoryConfig, TheoryMeasurement]{
	Name: "Theory", Title: "A bound for gradient descent, a counter-example for Adam, and of what Adam is made",
	Measure: measureTheory, Rules: theoryRules(),
	Figures: func(_ TheoryConfig, f TheoryMeasurement) (report.Figures, error) {
		figures := report.Figures{Charts: []report.Chart{f.counterChart()}}
		if rate := f.highestPromised(); rate > 0 {
			figures.Charts = slices.Insert(figures.Charts, 0, f.boundChart(rate))
		}
		return figures, nil
	},
}
