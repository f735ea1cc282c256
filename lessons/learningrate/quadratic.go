package learningrate

import (
	"context"
	"fmt"
	"math"
	"strings"

	"evident/datasets/toy"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
	"evident/kit/sweep"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats"
)

// QuadraticConfig descends a parabola, a logistic regression and, along one
// direction, a small net.
type QuadraticConfig struct {
	Rates      []float64 `role:"compared" range:"(0, inf)" list:"2 rising" help:"η·λ: the learning rate in units of 1/curvature"`
	Slow       []float64 `role:"compared" range:"(0, 1)" list:"2 rising" help:"η·λ of the descents whose steps are counted"`
	Curvature  float64   `role:"fixed" range:"(0, inf)" help:"λ of the parabola"`
	Steps      int       `role:"fixed" range:"[1, inf)" help:"steps of each descent over Rates"`
	Tolerance  float64   `role:"fixed" range:"(0, 1)" help:"fraction of the first distance at which a slow descent has arrived"`
	Seed       int64     `role:"fixed" help:"of the examples and of the first weights"`
	Examples   int       `role:"fixed" range:"[16, inf)" help:"training examples of the logistic regression and of the net"`
	LabelNoise float64   `role:"fixed" range:"[0, 0.5)" help:"fraction of wrong labels of the net"`
}

// QuadraticMeasurement are what descents of known curvature do.
type QuadraticMeasurement struct {
	Curvature float64
	Rates     []float64          // η·λ
	Paths     [][]float64        // [rate][step]: θ on the parabola ½λθ², from 1
	Threshold float64            // the measured η·λ above which the descent of a bowl diverges
	Slow      []SlowDescent      // descents at low rates
	Tolerance float64            // at which they have arrived
	Frozen    bool               // in float32, at the rate frozenRate, not one bit changes in 1,000 steps
	Logistic  LogisticRegression // the same threshold on a model
	Net       []Displacement     // along the top Hessian eigenvector of a net
}

// SlowDescent counts the steps of one descent to the tolerance.
type SlowDescent struct {
	Rate  float64 // η·λ
	Steps int     // 0 when it did not arrive
}

// LogisticRegression are about full-batch descent of a logistic regression, pulled
// to 0 by a ridge so that it has one minimum.
type LogisticRegression struct {
	Sharpness float64 // λ_max of the Hessian at the minimum, by power iteration
	Threshold float64 // the measured rate from which on descent leaves the minimum
	Minimum   float64 // loss
	Beyond    float64 // loss after many steps at 1.5 times the threshold
}

// Displacement follows a small displacement of a net along the top
// eigenvector v of its Hessian: ⟨θ' − θ, v⟩ at one rate.
type Displacement struct {
	Rate   float64   // η·λ
	Factor float64   // of the displacement in the first step; 1 − η·λ is predicted
	Signs  []float64 // displacement over its first value, by step
}

// frozenRate is too low for float32, whose steps between 1 and 2 are 1.2e-7
// wide: θ − η·∇ rounds to θ.
const frozenRate = 1e-8

// measureQuadratic makes all the measurements of known curvature.
func measureQuadratic(ctx context.Context, backend compute.Backend, c QuadraticConfig) (facts QuadraticMeasurement, err error) {
	facts.Curvature, facts.Rates, facts.Tolerance = c.Curvature, c.Rates, c.Tolerance
	if facts.Paths, err = paths(ctx, backend, c.Curvature, c.Rates, c.Steps); err != nil {
		return facts, err
	}
	if facts.Threshold, err = bowlThreshold(ctx, backend, c.Curvature); err != nil {
		return facts, err
	}
	if facts.Slow, err = slowDescents(ctx, backend, c); err != nil {
		return facts, err
	}
	if facts.Frozen, err = freezes(ctx, backend); err != nil {
		return facts, err
	}
	if facts.Logistic, err = measureLogistic(ctx, backend, c); err != nil {
		return facts, err
	}
	facts.Net, err = measureDirection(ctx, backend, c)
	return facts, err
}

// descent is a program in float64 without data, for descents from one place at
// many rates, whose parameters are watched.
type descent struct{ program *sweep.Program }

func newDescent(backend compute.Backend, m sweep.Model) (descent, error) {
	program, err := sweep.New(backend, sweep.Config{Model: m, DType: dtypes.Float64, StepsPerCall: 5, Watch: sweep.WatchParams})
	return descent{program}, err
}

func (d descent) run(ctx context.Context, rates, start []float64, steps int) (sweep.Trace, error) {
	replicas := sweep.Grid(rates, []int64{0})
	return d.program.Run(ctx, sweep.Run{
		Task: "descents of known curvature", Replicas: replicas, Steps: steps,
		Start: sweep.Starts(replicas, func(int64) []float64 { return start }),
	})
}

// descend is a descent that is run once.
func descend(ctx context.Context, backend compute.Backend, m sweep.Model, rates, start []float64, steps int) (sweep.Trace, error) {
	d, err := newDescent(backend, m)
	if err != nil {
		return sweep.Trace{}, err
	}
	defer d.program.Finalize()
	return d.run(ctx, rates, start, steps)
}

// quadratic is ½ Σ λ_i θ_i².
func quadratic(curvatures ...float64) sweep.Model {
	return sweep.Model{Shapes: [][]int{{len(curvatures)}}, Loss: func(params []*Node, _, _ *Node) *Node {
		weights := ConvertDType(Const(params[0].Graph(), [][]float64{curvatures}), params[0].DType())
		return MulScalar(ReduceSum(Mul(weights, Square(params[0])), -1), 0.5)
	}}
}

func paths(ctx context.Context, backend compute.Backend, curvature float64, rates []float64, steps int) ([][]float64, error) {
	trace, err := descend(ctx, backend, quadratic(curvature), claim.Scaled(rates, 1/curvature), []float64{1}, steps+1)
	if err != nil {
		return nil, err
	}
	all := make([][]float64, len(rates))
	for _, watched := range trace.Watched {
		for i := range all {
			all[i] = append(all[i], watched[i][0])
		}
	}
	return all, nil
}

// bowlThreshold is the η·λ_max from which a descent of a bowl with the
// curvatures λ and λ/10 ends above its start.
func bowlThreshold(ctx context.Context, backend compute.Backend, curvature float64) (float64, error) {
	start, steps := []float64{1, 1}, 400
	bowl, err := newDescent(backend, quadratic(curvature, curvature/10))
	if err != nil {
		return 0, err
	}
	defer bowl.program.Finalize()
	return threshold(0.1, 10, func(rates []float64) ([]bool, error) {
		trace, err := bowl.run(ctx, claim.Scaled(rates, 1/curvature), start, steps)
		if err != nil {
			return nil, err
		}
		grew := make([]bool, len(rates))
		for i := range grew {
			grew[i] = !(trace.Losses[steps-1][i] <= trace.Losses[0][i])
		}
		return grew, nil
	})
}

// threshold finds the rate between low and high from which on the test holds,
// to a relative 1e-3. Each round cuts the interval by all its rates at once.
func threshold(low, high float64, test func(rates []float64) ([]bool, error)) (float64, error) {
	const cuts = 16
	for high/low > 1+1e-3 {
		rates := floats.LogSpan(make([]float64, cuts), low, high)
		held, err := test(rates)
		if err != nil {
			return 0, err
		}
		first := 1
		for first < cuts-1 && !held[first] {
			first++
		}
		low, high = rates[first-1], rates[first]
	}
	return math.Sqrt(low * high), nil
}

// slowDescents counts the steps until the distance is the tolerance of the
// first.
func slowDescents(ctx context.Context, backend compute.Backend, c QuadraticConfig) ([]SlowDescent, error) {
	lowest := floats.Min(c.Slow)
	most := int(math.Ceil(-math.Log(c.Tolerance)/lowest)) + 1
	trace, err := descend(ctx, backend, quadratic(c.Curvature), claim.Scaled(c.Slow, 1/c.Curvature), []float64{1}, most)
	if err != nil {
		return nil, err
	}
	facts := make([]SlowDescent, len(c.Slow))
	for i, rate := range c.Slow {
		facts[i].Rate = rate
		for step, watched := range trace.Watched {
			if math.Abs(watched[i][0]) <= c.Tolerance {
				facts[i].Steps = step
				break
			}
		}
	}
	return facts, nil
}

// freezes descends ½(θ−1)² from 2 in float32 at frozenRate, beside a rate at
// which it moves.
func freezes(ctx context.Context, backend compute.Backend) (bool, error) {
	shifted := sweep.Model{Shapes: [][]int{{1}}, Loss: func(params []*Node, _, _ *Node) *Node {
		return MulScalar(sweep.SquaredNorm(AddScalar(params[0], -1)), 0.5)
	}}
	program, err := sweep.New(backend, sweep.Config{Model: shifted, StepsPerCall: 5})
	if err != nil {
		return false, err
	}
	defer program.Finalize()
	trace, err := program.Run(ctx, sweep.Run{
		Task: "a rate too low for float32", Replicas: sweep.Grid([]float64{frozenRate, 1e-3}, []int64{0}),
		Start: [][]float64{{2}, {2}}, Steps: 1000,
	})
	if err != nil {
		return false, err
	}
	return trace.Final[0][0] == 2 && trace.Final[1][0] < 2, nil
}

// ridge is the strength of the pull: a loss of ½·ridge·‖θ‖².
const ridge = 0.01

func logistic() sweep.Model {
	m := sweep.Net{Widths: []int{2, 2}, Loss: sweep.CrossEntropy}.Model()
	entropy := m.Loss
	m.Loss = func(params []*Node, x, y *Node) *Node {
		loss := entropy(params, x, y)
		for _, p := range params {
			loss = Add(loss, MulScalar(sweep.SquaredNorm(p), ridge/2))
		}
		return loss
	}
	return m
}

// program is a full-batch training in float64.
func program(backend compute.Backend, m sweep.Model, data sweep.Data, watch func(sweep.Step) *Node) (*sweep.Program, error) {
	return sweep.New(backend, sweep.Config{Model: m, Data: data, DType: dtypes.Float64, StepsPerCall: 2, Watch: watch})
}

// settled trains from the seed and finds the top of the Hessian there.
func settled(ctx context.Context, backend compute.Backend, m sweep.Model, data sweep.Data, seed int64, rate float64, steps int) ([]float64, sweep.Eigen, float64, error) {
	training, err := program(backend, m, data, nil)
	if err != nil {
		return nil, sweep.Eigen{}, 0, err
	}
	defer training.Finalize()
	trace, err := training.Run(ctx, sweep.Run{
		Task: "to a minimum", Replicas: []sweep.Replica{{Rate: rate}}, Start: [][]float64{sweep.Draw(m, seed, 1)}, Steps: steps,
	})
	if err != nil {
		return nil, sweep.Eigen{}, 0, err
	}
	curvature, err := sweep.NewCurvature(backend, m, data, dtypes.Float64)
	if err != nil {
		return nil, sweep.Eigen{}, 0, err
	}
	defer curvature.Finalize()
	top, err := curvature.Top(ctx, trace.Final, make([][]float64, 1), sweep.Power{Iterations: 500, Tolerance: 1e-6})
	if err != nil {
		return nil, sweep.Eigen{}, 0, err
	}
	return trace.Final[0], top[0], trace.Losses[steps-1][0], nil
}

// measureLogistic descends from beside the minimum: below 2/λ_max it comes
// back, above it leaves.
func measureLogistic(ctx context.Context, backend compute.Backend, c QuadraticConfig) (facts LogisticRegression, err error) {
	const steps, aside = 300, 1e-6
	m, data := logistic(), toy.Gaussians(c.Examples, c.Seed)
	minimum, top, loss, err := settled(ctx, backend, m, data, c.Seed, 1, 2000)
	if err != nil {
		return facts, err
	}
	facts.Sharpness, facts.Minimum = top.Value, loss
	descent, err := program(backend, m, data, nil)
	if err != nil {
		return facts, err
	}
	defer descent.Finalize()
	from := append([]float64(nil), minimum...)
	floats.AddScaled(from, aside, top.Vector)
	leave := func(rates []float64) (sweep.Trace, error) {
		replicas := sweep.Grid(rates, []int64{0})
		return descent.Run(ctx, sweep.Run{
			Task: "logistic regression", Replicas: replicas, Steps: steps,
			Start: sweep.Starts(replicas, func(int64) []float64 { return from }),
		})
	}
	facts.Threshold, err = threshold(0.1/top.Value, 10/top.Value, func(rates []float64) ([]bool, error) {
		trace, err := leave(rates)
		left := make([]bool, len(rates))
		for i := range trace.Final {
			left[i] = !(floats.Distance(trace.Final[i], minimum, 2) <= aside)
		}
		return left, err
	})
	if err != nil {
		return facts, err
	}
	trace, err := leave([]float64{1.5 * facts.Threshold})
	if err != nil {
		return facts, err
	}
	facts.Beyond = trace.Losses[steps-1][0]
	return facts, nil
}

// measureDirection follows two trainings of a net at each rate, one displaced
// along the top eigenvector. Their distance obeys the net's own curvature, also
// where the gradient is not zero.
func measureDirection(ctx context.Context, backend compute.Backend, c QuadraticConfig) ([]Displacement, error) {
	const steps, aside = 5, 1e-6
	net := sweep.Net{Widths: []int{2, 8, 2}, Activation: Tanh, Loss: sweep.CrossEntropy}
	m, data := net.Model(), toy.Quadrants(c.Examples, c.Seed, c.LabelNoise)
	place, top, _, err := settled(ctx, backend, m, data, c.Seed, 0.5, 500)
	if err != nil {
		return nil, err
	}
	descent, err := program(backend, m, data, sweep.WatchParams)
	if err != nil {
		return nil, err
	}
	defer descent.Finalize()
	displaced := append([]float64(nil), place...)
	floats.AddScaled(displaced, aside, top.Vector)
	replicas := sweep.Grid(claim.Scaled(c.Rates, 1/top.Value), []int64{0, 1})
	trace, err := descent.Run(ctx, sweep.Run{
		Task: "along the top eigenvector", Replicas: replicas, Steps: steps,
		Start: sweep.Starts(replicas, func(seed int64) []float64 { return [][]float64{place, displaced}[seed] }),
	})
	if err != nil {
		return nil, err
	}
	facts := make([]Displacement, len(c.Rates))
	for i, rate := range c.Rates {
		facts[i].Rate = rate
		for _, watched := range trace.Watched {
			apart := floats.SubTo(make([]float64, len(place)), watched[2*i+1], watched[2*i])
			facts[i].Signs = append(facts[i].Signs, floats.Dot(apart, top.Vector)/aside)
		}
		facts[i].Factor = facts[i].Signs[1] / facts[i].Signs[0]
	}
	return facts, nil
}

// alternates reports whether the displacement changes its sign at every step.
func (d Displacement) alternates() bool {
	for step := 1; step < len(d.Signs); step++ {
		if !(d.Signs[step]*d.Signs[step-1] < 0) {
			return false
		}
	}
	return true
}

const (
	withinPercent = 0.01  // relative error at which a threshold or a factor equals the theorem's; the bisection is ten times as fine
	asymptotic    = 0.125 // ηλ up to which the number of steps is that of the limit η → 0
	withinTenth   = 0.1   // relative error at which steps ∝ 1/η: half of ηλ ≤ 0.125 for the limit, and less than a step in 50
)

// stepError bounds the rounding error of one step from θ in float64, relative to
// |θ|, where r is ηλ: with n roundings, each of relative size u = 2⁻⁵³, the
// product r·θ is off by at most n·u·r, and the difference, and the two operations
// of the judge, by 3u·(1 + r) (Higham 2002, section 3.1, for n·u ≪ 1).
func stepError(r float64) float64 {
	const unit, roundings = 1.0 / (1 << 53), 5 // λ, θ², ½ and their derivative; η = r/λ; η·∇
	return roundings*unit*r + 3*unit*(1+r)
}

func judgeOvershoot(q QuadraticMeasurement) claim.Finding {
	exactFactors, checked, flips := 0, 0, true
	for i, rate := range q.Rates {
		path := q.Paths[i]
		for step := 1; step < len(path); step++ {
			checked++
			if math.Abs(path[step]-(1-rate)*path[step-1]) <= stepError(rate)*math.Abs(path[step-1]) {
				exactFactors++
			}
			flips = flips && (path[step]*path[step-1] < 0) == (rate > 1)
		}
	}
	return claim.Finding{
		Decision: claim.Holds(exactFactors == checked && checked > 0 && flips),
		Evidence: fmt.Sprintf("%d of %d steps on the parabola multiply θ by 1 − ηλ; the sign changes exactly where ηλ > 1: %t.", exactFactors, checked, flips),
		Samples:  1,
	}
}

func judgeNetOvershoots(q QuadraticMeasurement) claim.Finding {
	worst, flipping, high, highFlipping := 0.0, 0, 0, 0
	for _, d := range q.Net {
		worst = max(worst, math.Abs(d.Factor-(1-d.Rate))/math.Abs(1-d.Rate))
		between := d.Rate > 1 && d.Rate < 2
		if between {
			high++
		}
		if d.alternates() {
			flipping++
			if between {
				highFlipping++
			}
		}
	}
	return claim.Finding{
		Decision: claim.Holds(worst <= withinPercent && high > 0 && highFlipping == high),
		Evidence: fmt.Sprintf("Along a net's top eigenvector the factors differ from 1 − ηλ by at most %.2g %%; the sign changes at every step at %d of %d rates, and at %d of the %d for which 1 < ηλ < 2.",
			100*worst, flipping, len(q.Net), highFlipping, high),
		Samples: 1,
	}
}

func judgeDivergence(q QuadraticMeasurement) claim.Finding {
	right := 0
	for i, rate := range q.Rates {
		grows, falls := true, true
		for step := 1; step < len(q.Paths[i]); step++ {
			grew := math.Abs(q.Paths[i][step]) > math.Abs(q.Paths[i][step-1])
			grows, falls = grows && grew, falls && !grew
		}
		if (rate > 2 && grows) || (rate <= 2 && falls) {
			right++
		}
	}
	return claim.Finding{
		Decision: claim.Holds(right == len(q.Rates) && near(q.Threshold)),
		Evidence: fmt.Sprintf("At %d of %d rates the loss on a parabola grows at every step above 2/λ and at none below. On a bowl the measured threshold times λ_max is %.4f.",
			right, len(q.Rates), q.Threshold),
		Samples: 1,
	}
}

// near reports whether a threshold in units of 1/λ_max is that of the theorem.
func near(threshold float64) bool { return math.Abs(threshold/2-1) <= withinPercent }

func judgeLogistic(q QuadraticMeasurement) claim.Finding {
	threshold := q.Logistic.Threshold * q.Logistic.Sharpness
	return claim.Finding{
		Decision: claim.Holds(near(threshold)),
		Evidence: fmt.Sprintf("On logistic regression the measured threshold times λ_max is %.4f. At 1.5 times the threshold the loss ends at %.3f, and is %.3f at the minimum.",
			threshold, q.Logistic.Beyond, q.Logistic.Minimum),
		Samples: 1,
	}
}

func judgeSlow(q QuadraticMeasurement) claim.Finding {
	worst, checked := 0.0, 0
	var counts []string
	predicted := math.Log(1 / q.Tolerance)
	for _, s := range q.Slow {
		counts = append(counts, fmt.Sprint(s.Steps))
		if s.Rate <= asymptotic {
			checked++
			worst = max(worst, math.Abs(float64(s.Steps)*s.Rate/predicted-1))
		}
	}
	return claim.Finding{
		Decision: claim.Holds(checked > 0 && worst <= withinTenth),
		Evidence: fmt.Sprintf("Steps to the tolerance, each at twice the rate of the one before: %s; steps times ηλ differs from ln(1/ε) = %.2f by at most %.1f %% up to ηλ = %g.",
			strings.Join(counts, ", "), predicted, 100*worst, asymptotic),
		Samples: 1,
	}
}

func judgeNever(q QuadraticMeasurement) claim.Finding {
	return claim.Finding{
		Decision: claim.Holds(q.Frozen),
		Evidence: fmt.Sprintf("In float32 at η = %g, 1,000 steps leave every bit as it was, and at 0.001 they do not: %t.", frozenRate, q.Frozen),
		Samples:  1,
	}
}

// quadraticRules are exact: they need no seeds.
func quadraticRules() []claim.Rule[QuadraticMeasurement] {
	const overshoot, diverge, slow = "Q1 (a) 1", "Q1 (a) 2", "Q1 (b) 1"
	return []claim.Rule[QuadraticMeasurement]{
		claim.Whole("q1a.1", overshoot,
			"Too high a rate overshoots the minimum and oscillates around it.",
			claim.ExactRule("q1a.1a", overshoot, "It does on a parabola.",
				"every step multiplies θ by 1 − ηλ, but for the rounding of float64, and changes its sign exactly when ηλ > 1",
				claim.Supported, judgeOvershoot).Revised(revised, "the tolerance of the factor was 1e-12, and now follows from the rounding"),
			claim.ExactRule("q1a.1b", overshoot, "It does along the top eigenvector of a net.",
				fmt.Sprintf("the first factor is within %g %% of 1 − ηλ, and the sign changes at every step for 1 < ηλ < 2", 100*withinPercent),
				claim.Supported, judgeNetOvershoots).From("2026-11-23")),
		claim.Whole("q1a.2", diverge,
			"In the extreme it diverges: the loss grows with every step.",
			claim.ExactRule("q1a.2a", diverge, "On a parabola the loss grows with every step.",
				fmt.Sprintf("it does at every step for ηλ > 2 and never below; the measured threshold of a bowl is within %g %% of 2/λ_max", 100*withinPercent),
				claim.Supported, judgeDivergence).From("2026-11-23"),
			claim.ExactRule("q1a.2b", diverge, "A logistic regression leaves its minimum.",
				fmt.Sprintf("the measured threshold is within %g %% of 2/λ_max", 100*withinPercent),
				claim.Supported, judgeLogistic).From("2026-11-23")),
		claim.Whole("q1b.1", slow,
			"Too low a rate converges slowly or never.",
			claim.ExactRule("q1b.1a", slow, "It converges slowly.",
				fmt.Sprintf("on a parabola the steps to a tolerance ε are within %g %% of ln(1/ε)/(ηλ) for ηλ ≤ %g", 100*withinTenth, asymptotic),
				claim.Supported, judgeSlow).From("2026-11-23"),
			claim.ExactRule("q1b.1b", slow, "It never converges.",
				"in float32 a low enough rate changes no bit, and a higher one does",
				claim.Supported, judgeNever).From("2026-11-23")),
	}
}

// shownPaths are the rates ηλ that the charts of the parabola show.
func (q QuadraticMeasurement) shownPaths() []int {
	var shown []int
	for i, rate := range q.Rates {
		if rate <= 2.2 {
			shown = append(shown, i)
		}
	}
	return shown
}

// pathChart shows the descents of the parabola.
func (q QuadraticMeasurement) pathChart() report.Chart {
	drawn := report.Chart{
		ID: "paths", Title: "Descent of a parabola", Mark: report.Line, XLabel: "step", YLabel: "θ, with the minimum at 0",
		Alt:   "θ against the steps, one line for each rate, with a rule at the minimum. By theory θ goes straight to it below 1/λ, oscillates and shrinks between 1/λ and 2/λ, and oscillates and grows above.",
		Rules: []report.Reference{{Name: "minimum", Y: 0}},
	}
	for _, i := range q.shownPaths() {
		curve := report.Curve{Name: fmt.Sprintf("ηλ = %g", q.Rates[i])}
		for step, theta := range q.Paths[i] {
			curve.Add(float64(step), theta)
		}
		drawn.Curves = append(drawn.Curves, curve)
	}
	return drawn
}

// lossChart shows the same descents' losses.
func (q QuadraticMeasurement) lossChart() report.Chart {
	const smallest = 1e-12 // below it, a line on the logarithmic axis says nothing more
	drawn := report.Chart{
		ID: "losses", Title: "Loss of the same descents", Mark: report.Line, XLabel: "step", YLabel: "loss ½λθ²", LogY: true,
		Alt: "The losses against the steps on a logarithmic axis, one line for each rate: lower is better. By theory those below ηλ = 2 fall and those above it rise.",
	}
	for i, rate := range q.Rates {
		curve := report.Curve{Name: fmt.Sprintf("ηλ = %g", rate)}
		for step, theta := range q.Paths[i] {
			if loss := q.Curvature * theta * theta / 2; loss > smallest {
				curve.Add(float64(step), loss)
			}
		}
		drawn.Curves = append(drawn.Curves, curve)
	}
	return drawn
}

// KnownCurvature is the experiment.
var KnownCurvature = experiment.Experiment[QuadraticConfig, QuadraticMeasurement]{
	Name: "Quadratic", Title: "Descents of known curvature",
	Measure: measureQuadratic, Rules: quadraticRules(),
	Figures: func(_ QuadraticConfig, q QuadraticMeasurement) (report.Figures, error) {
		return report.Figures{Charts: []report.Chart{q.pathChart(), q.lossChart()}}, nil
	},
}
