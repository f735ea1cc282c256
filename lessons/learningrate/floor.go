package learningrate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"evident/datasets/toy"
	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
	"evident/kit/sweep"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// FloorConfig fits least squares by mini-batches, past the point where the
// loss stops falling.
type FloorConfig struct {
	Rates      []float64 `role:"compared" range:"(0, inf)" list:"2 rising" help:"learning rates η, all of them stable"`
	Seeds      []int64   `role:"averaged" help:"of data, initial weights and order"`
	Examples   int       `role:"fixed" range:"[1, inf)" help:"of the regression"`
	Features   int       `role:"fixed" range:"[1, inf)" help:"of the regression"`
	BatchSize  int       `role:"fixed" range:"[1, inf)" help:"examples of a batch"`
	Noise      float64   `role:"fixed" range:"(0, inf)" help:"standard deviation of the targets"`
	Steps      int       `role:"fixed" range:"[1, inf)" help:"at each rate"`
	DecaySteps int       `role:"fixed" range:"[1, inf)" help:"then, at the lowest rate"`
}

// Validate checks that the batches and the least-squares solution have enough
// examples, and that the sweep fits into memory.
func (c FloorConfig) Validate() error {
	if least := max(c.BatchSize, c.Features+2); c.Examples < least {
		return badinput.Errorf("Examples is %d: it must be at least %d for %d features and batches of %d", c.Examples, least, c.Features, c.BatchSize)
	}
	return sweep.CheckFits("Rates × Seeds", len(c.Rates)*len(c.Seeds), sweep.Config{Model: c.net().Model()})
}

// FloorMeasurement say where mini-batch descent of least squares ends, against the
// known minimum θ*.
type FloorMeasurement struct {
	Rates    []float64
	Excess   [][]float64 // [rate][seed]: loss on all examples over that of θ*, mean of the last quarter of the steps
	Distance [][]float64 // [rate][seed]: ‖θ − θ*‖ at the end
	Decayed  [][]float64 // [rate][seed]: … and after a decay to the lowest rate
	Replaced [][]float64 // [rate][seed]: as Excess, with batches drawn with replacement
}

// measureFloor trains at every rate until the loss hovers, then decays the rate
// to the lowest.
func measureFloor(ctx context.Context, backend compute.Backend, c FloorConfig) (FloorMeasurement, error) {
	facts := FloorMeasurement{Rates: c.Rates}
	minima, hessians, err := c.solutions()
	if err != nil {
		return facts, err
	}
	shuffled, err := c.train(ctx, backend, minima, hessians, sweep.Shuffled)
	if err != nil {
		return facts, err
	}
	facts.Excess, facts.Distance, facts.Decayed = shuffled.Excess, shuffled.Distance, shuffled.Decayed
	replaced, err := c.train(ctx, backend, minima, hessians, sweep.WithReplacement)
	facts.Replaced = replaced.Excess
	return facts, err
}

func (c FloorConfig) draw(seed int64) sweep.Data {
	return toy.Regression(c.Examples, c.Features, seed, c.Noise)
}

// solutions are the minimum and the Hessian of every replica's regression.
func (c FloorConfig) solutions() (minima [][]float64, hessians [][][]float64, err error) {
	for _, seed := range c.Seeds {
		minimum, hessian, err := toy.LeastSquares(c.draw(seed))
		if err != nil {
			return nil, nil, err
		}
		minima, hessians = append(minima, minimum), append(hessians, hessian)
	}
	return slices.Repeat(minima, len(c.Rates)), slices.Repeat(hessians, len(c.Rates)), nil
}

// train makes one sweep and the decay behind it, with batches of one kind.
func (c FloorConfig) train(ctx context.Context, backend compute.Backend, minima [][]float64, hessians [][][]float64, order sweep.Order) (facts FloorMeasurement, err error) {
	m := c.net().Model()
	program, err := sweep.New(backend, sweep.Config{
		Model: m, Draw: c.draw, BatchSize: c.BatchSize, Order: order, StepsPerCall: 4, Watch: watchExcess(minima, hessians),
	})
	if err != nil {
		return facts, err
	}
	defer program.Finalize()
	replicas := sweep.Grid(c.Rates, c.Seeds)
	trace, err := program.Run(ctx, sweep.Run{Task: "noise floor", Replicas: replicas, Steps: c.Steps})
	if err != nil {
		return facts, err
	}
	facts.Excess, facts.Distance = c.excess(trace), c.byRate(distances(trace.Final, minima))
	low := sweep.Grid(c.Rates, c.Seeds)
	for i := range low {
		low[i].Rate = c.Rates[0]
	}
	decayed, err := program.Run(ctx, sweep.Run{Task: "after the decay", Replicas: low, Start: trace.Final, Steps: c.DecaySteps})
	if err != nil {
		return facts, err
	}
	facts.Decayed = c.byRate(distances(decayed.Final, minima))
	return facts, nil
}

func (c FloorConfig) net() sweep.Net {
	return sweep.Net{Widths: []int{c.Features, 1}, Loss: sweep.SquaredError}
}

// watchExcess is ½(θ−θ*)ᵀH(θ−θ*): for least squares, exactly the loss on all
// examples over the minimum. [replicas, 1].
func watchExcess(minima [][]float64, hessians [][][]float64) func(sweep.Step) *Node {
	return func(s sweep.Step) *Node {
		g, dtype := s.Params[0].Graph(), s.Params[0].DType()
		apart := Sub(sweep.WatchParams(s), ConvertDType(Const(g, minima), dtype))
		image := Einsum("rp,rpq->rq", apart, ConvertDType(Const(g, hessians), dtype))
		return MulScalar(ReduceAndKeep(Mul(apart, image), ReduceSum, -1), 0.5)
	}
}

func distances(params, from [][]float64) []float64 {
	all := make([]float64, len(params))
	for i, p := range params {
		all[i] = floats.Distance(p, from[i], 2)
	}
	return all
}

// byRate cuts one value a replica into [rate][seed].
func (c FloorConfig) byRate(values []float64) [][]float64 { return sweep.ByRate(values, len(c.Seeds)) }

// excess is the mean of the last quarter of the steps: [rate][seed].
func (c FloorConfig) excess(trace sweep.Trace) [][]float64 {
	late := make([]float64, len(c.Rates)*len(c.Seeds))
	quarter := c.Steps - max(c.Steps/4, 1)
	for _, watched := range trace.Watched[quarter:] {
		for i, w := range watched {
			late[i] += w[0] / float64(c.Steps-quarter)
		}
	}
	return c.byRate(late)
}

// slopes is, for every seed, the exponent p of excess ∝ ηᵖ (a line fitted to
// the logarithms).
func (f FloorMeasurement) slopes(excess [][]float64) []float64 {
	slopes := make([]float64, len(excess[0]))
	for seed := range slopes {
		var x, y []float64
		for i, rate := range f.Rates {
			x, y = append(x, math.Log(rate)), append(y, math.Log(excess[i][seed]))
		}
		_, slopes[seed] = stat.LinearRegression(x, y, nil, false)
	}
	return slopes
}

const (
	floorPower = 0.5 // exponent of η: below it, ten times the rate costs less than √10 times the excess loss
	farther    = 2.0 // ratio of distances: half as near is far
)

func judgeFloor(f FloorMeasurement) claim.Finding {
	slope := claim.EstimateMean(f.slopes(f.Excess))
	last := len(f.Rates) - 1
	return claim.Finding{
		Decision: slope.Above(floorPower),
		Evidence: fmt.Sprintf("The final excess loss grows as η to the power %s, from %s at η = %g to %s at %g; with batches drawn with replacement the power is %s.",
			slope, claim.EstimateMean(f.Excess[0]), f.Rates[0], claim.EstimateMean(f.Excess[last]), f.Rates[last], claim.EstimateMean(f.slopes(f.Replaced))),
		Samples: slope.N,
	}
}

func judgeSuboptimal(f FloorMeasurement) claim.Finding {
	last := len(f.Rates) - 1
	away := claim.EstimateDifference(claim.Logs(f.Distance[last]), claim.Logs(f.Distance[0]))
	return claim.Finding{
		Decision: away.Above(math.Log10(farther)),
		Evidence: fmt.Sprintf("At η = %g the weights end %.2g times as far from the minimum as at %g (powers of ten: %s).",
			f.Rates[last], math.Pow(10, away.Mean), f.Rates[0], away),
		Samples: away.N,
	}
}

func judgeFineTuning(f FloorMeasurement) claim.Finding {
	last := len(f.Rates) - 1
	nearer := claim.EstimateDifference(claim.Logs(f.Distance[last]), claim.Logs(f.Decayed[last]))
	return claim.Finding{
		Decision: nearer.Above(math.Log10(farther)),
		Evidence: fmt.Sprintf("A decay from η = %g to %g divides the distance by %.2g (powers of ten: %s).",
			f.Rates[last], f.Rates[0], math.Pow(10, nearer.Mean), nearer),
		Samples: nearer.N,
	}
}

func floorRules() []claim.Rule[FloorMeasurement] {
	const source = "Q1 (a) 5"
	return []claim.Rule[FloorMeasurement]{
		claim.SampledRule("q1a.3", "Q1 (a) 3",
			"Even where it does not diverge, the loss hovers and ends higher.",
			fmt.Sprintf("least squares by mini-batches: the final excess loss grows as η to a power above %g (95 %% interval)", floorPower),
			claim.Supported, judgeFloor).From("2026-11-23"),
		claim.Whole("q1a.5", source,
			"The final weights are suboptimal, since there is no fine-tuning.",
			claim.SampledRule("q1a.5a", source, "The final weights are suboptimal.",
				fmt.Sprintf("least squares by mini-batches: the highest rate ends over %g times as far from the known minimum as the lowest (95 %% interval of the ratio's logarithm)", farther),
				claim.Supported, judgeSuboptimal).From("2026-11-23"),
			claim.SampledRule("q1a.5b", source, "What they lack is fine-tuning.",
				fmt.Sprintf("then a decay to the lowest rate brings the weights over %g times as near (95 %% interval of the ratio's logarithm)", farther),
				claim.Supported, judgeFineTuning).From("2026-11-23")),
	}
}

// chart shows the noise floor against the rate.
func (f FloorMeasurement) chart() report.Chart {
	return report.Chart{
		ID: "floor", Title: "Where the loss ends", Mark: report.Line, XLabel: "learning rate η", YLabel: "final loss over the minimum", LogX: true, LogY: true,
		Alt:    "The final loss over the minimum against the learning rate on logarithmic axes, one curve for batches cut from a permutation and one for batches drawn with replacement: lower is better.",
		Curves: []report.Curve{curveOver(f.Rates, "batches of a permutation", f.Excess), curveOver(f.Rates, "batches with replacement", f.Replaced)},
	}
}

// distanceChart shows how far the weights end from the minimum.
func (f FloorMeasurement) distanceChart() report.Chart {
	return report.Chart{
		ID: "distance", Title: "Distance from the known minimum", Mark: report.Line, XLabel: "learning rate η", YLabel: "‖θ − θ*‖", LogX: true, LogY: true,
		Alt:    "The distance of the weights from the minimum against the learning rate on logarithmic axes, one curve for the end of the training and one for the end of a decay to the lowest rate: lower is better.",
		Curves: []report.Curve{curveOver(f.Rates, "at the end", f.Distance), curveOver(f.Rates, "after a decay to the lowest rate", f.Decayed)},
	}
}

// NoiseFloor is the experiment.
var NoiseFloor = experiment.Experiment[FloorConfig, FloorMeasurement]{
	Name: "Floor", Title: "The noise floor of mini-batch descent",
	Measure: measureFloor, Rules: floorRules(),
	Figures: func(_ FloorConfig, f FloorMeasurement) (report.Figures, error) {
		return report.Figures{Charts: []report.Chart{f.chart(), f.distanceChart()}}, nil
	},
}
