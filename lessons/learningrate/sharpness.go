package learningrate

import (
	"context"
	"fmt"
	"math"
	"strings"

	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
	"evident/kit/sweep"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/stat"
)

// SharpnessConfig follows the top Hessian eigenvalue of a net that is trained
// on full batches.
type SharpnessConfig struct {
	Rates    []float64 `role:"compared" range:"(0, inf)" list:"2 rising" help:"learning rates η"`
	Seeds    []int64   `role:"averaged" help:"of initial weights"`
	Points   int       `role:"fixed" range:"[1, inf)" help:"points of the polynomial that is fitted"`
	Degree   int       `role:"fixed" range:"[1, inf)" help:"of the polynomial"`
	Hidden   int       `role:"fixed" range:"[1, inf)" help:"units of each of two hidden layers"`
	Steps    int       `role:"fixed" range:"[1, inf)" help:"of each training"`
	Measures int       `role:"fixed" range:"[2, inf)" help:"measurements of the eigenvalue along the training"`
}

// Validate checks that the sweep fits into memory.
func (c SharpnessConfig) Validate() error {
	return sweep.CheckFits("Rates × Seeds", len(c.Rates)*len(c.Seeds), sweep.Config{Model: c.net().Model(), BatchSize: c.Points})
}

// SharpnessMeasurement follow λ_max, the top eigenvalue of the Hessian of the
// training loss, along full-batch trainings at fixed rates.
type SharpnessMeasurement struct {
	Rates     []float64
	Steps     []int         // of the measurements
	Sharpness [][][]float64 // [rate][seed][measurement]: λ_max; NaN after divergence
	Losses    [][]float64   // [rate][seed]: at the end
}

// measureSharpness trains and measures. Each power iteration starts from the
// eigenvector before.
func measureSharpness(ctx context.Context, backend compute.Backend, c SharpnessConfig) (SharpnessMeasurement, error) {
	facts := SharpnessMeasurement{Rates: c.Rates}
	m, data := c.net().Model(), c.polynomial()
	program, err := sweep.New(backend, sweep.Config{Model: m, Data: data, StepsPerCall: 4})
	if err != nil {
		return facts, err
	}
	defer program.Finalize()
	curvature, err := sweep.NewCurvature(backend, m, data, dtypes.Float32)
	if err != nil {
		return facts, err
	}
	defer curvature.Finalize()
	replicas := sweep.Grid(c.Rates, c.Seeds)
	courses := make([][]float64, len(replicas))
	vectors := make([][]float64, len(replicas))
	trace, err := program.Run(ctx, sweep.Run{
		Task: "sharpness along training", Replicas: replicas, Steps: c.Steps, Every: max(c.Steps/c.Measures, 1),
		Visit: func(step int, params [][]float64) error {
			top, err := curvature.Top(ctx, params, vectors, sweep.Power{Iterations: 40, Tolerance: 0.01})
			facts.Steps = append(facts.Steps, step)
			for i, e := range top {
				courses[i], vectors[i] = append(courses[i], e.Value), e.Vector
			}
			return err
		},
	})
	if err != nil {
		return facts, err
	}
	for i := 0; i < len(replicas); i += len(c.Seeds) {
		facts.Sharpness = append(facts.Sharpness, courses[i:i+len(c.Seeds)])
		facts.Losses = append(facts.Losses, trace.Losses[c.Steps-1][i:i+len(c.Seeds)])
	}
	return facts, nil
}

// net has two hidden layers of tanh, as the nets of Cohen et al. (2021) in their
// experiments on polynomials.
func (c SharpnessConfig) net() sweep.Net {
	return sweep.Net{Widths: []int{1, c.Hidden, c.Hidden, 1}, Activation: Tanh, Loss: sweep.SquaredError}
}

// polynomial is the Chebyshev polynomial of the degree at points spread evenly
// over [−1, 1] (Cohen et al. 2021, figure 18): cos(degree·arccos x).
func (c SharpnessConfig) polynomial() sweep.Data {
	var data sweep.Data
	for i := range c.Points {
		x := 0.0
		if c.Points > 1 {
			x = 2*float64(i)/float64(c.Points-1) - 1
		}
		data.X, data.Y = append(data.X, []float64{x}), append(data.Y, []float64{math.Cos(float64(c.Degree) * math.Acos(x))})
	}
	return data
}

// Time is η times the steps of a training: how far along the gradient it is.
func (f SharpnessMeasurement) Time(rate int) float64 {
	return f.Rates[rate] * float64(f.Steps[len(f.Steps)-1])
}

// Ratios is λ_max·η/2 of every seed: at the start, and as the mean of the last
// quarter of the measurements.
func (f SharpnessMeasurement) Ratios(rate int) (first, last []float64) {
	for _, course := range f.Sharpness[rate] {
		first = append(first, course[0]*f.Rates[rate]/2)
		last = append(last, stat.Mean(course[3*len(course)/4:], nil)*f.Rates[rate]/2)
	}
	return first, last
}

const (
	nearEdge = 0.2 // relative distance to 2/η: nearer, the curvature is as good as set by the rate
	mostly   = 0.5 // fraction of the trainings; twelve of them show it if at most two diverge
	flowTime = 600 // η·steps from which a training is long enough to reach the edge
)

func judgeEdge(s SharpnessMeasurement) claim.Finding {
	var parts []claim.Decision
	var shown []string
	samples := 0
	for rate, eta := range s.Rates {
		first, last := s.Ratios(rate)
		settled := claim.Finite(last)
		before, after := claim.EstimateMean(first), claim.EstimateMean(settled)
		note := ""
		if n := len(last) - len(settled); n > 0 {
			note = fmt.Sprintf(" (%d of %d diverge)", n, len(last))
		}
		if s.Time(rate) >= flowTime {
			parts = append(parts, before.Below(1-nearEdge), after.Within(1-nearEdge, 1+nearEdge), stays(last).Above(mostly))
			samples = before.N
		} else {
			note += " (too short a training)"
		}
		shown = append(shown, fmt.Sprintf("η = %g from %s to %s%s", eta, before, after, note))
	}
	decision := claim.All(parts...)
	if len(parts) == 0 {
		decision = claim.Open()
	}
	return claim.Finding{
		Decision: decision,
		Evidence: "λ_max·η/2 moves at " + strings.Join(shown, ", at ") + "; 1 is the edge of stability.",
		Samples:  samples,
	}
}

// stays is the fraction of the trainings whose ratio is finite: they do not diverge.
func stays(ratios []float64) claim.Estimate {
	stay := make([]float64, len(ratios))
	for i, ratio := range ratios {
		if len(claim.Finite([]float64{ratio})) > 0 {
			stay[i] = 1
		}
	}
	return claim.EstimateFraction(stay, 1)
}

func sharpnessRules() []claim.Rule[SharpnessMeasurement] {
	return []claim.Rule[SharpnessMeasurement]{
		claim.SampledRule("q1.eos", "Q1 added: edge of stability",
			"Full-batch training at a fixed rate drives the top Hessian eigenvalue towards 2/η.",
			fmt.Sprintf("at every rate whose training is long enough (η·steps ≥ %[3]d), λ_max·η/2 starts below %[1]g and its mean over the last quarter of the training lies between %[1]g and %[2]g, over the trainings that do not diverge, which are over %[4]g of them (95 %% intervals)", 1-nearEdge, 1+nearEdge, flowTime, mostly),
			claim.Supported, judgeEdge).Revised("2026-11-30", "at first three rates were tried, two of which were still rising; the condition on η·steps and the rates from 0.12 on were added. Under one base seed one training of eight diverged after thousands of steps at the edge, which left no mean: such trainings are now counted by themselves, and there are twelve"),
	}
}

// chart shows the sharpness along training, each rate with its 2/η.
func (f SharpnessMeasurement) chart() report.Chart {
	drawn := report.Chart{
		ID: "sharpness", Title: "Sharpness along full-batch training", Mark: report.Line, XLabel: "training step", YLabel: "λ_max of the Hessian", LogY: true,
		Alt: "The top eigenvalue of the Hessian against the training step on a logarithmic axis, one line for each rate, the mean of the trainings that have not diverged, with rules at the 2/η of the rates that train for long enough: above it, descent of a parabola would diverge.",
	}
	for rate, eta := range f.Rates {
		curve := report.Curve{Name: fmt.Sprintf("η = %g", eta)}
		for i, step := range f.Steps {
			values := column(f.Sharpness[rate], i)
			if going := claim.Finite(values); len(going) > 0 {
				values = going
			}
			if value := stat.Mean(values, nil); value > 0 || math.IsNaN(value) {
				curve.Add(float64(step), value)
			}
		}
		drawn.Curves = append(drawn.Curves, curve)
		if f.Time(rate) >= flowTime {
			drawn.Rules = append(drawn.Rules, report.Reference{Name: fmt.Sprintf("2/η at %g", eta), Y: 2 / eta})
		}
	}
	return drawn
}

// EdgeOfStability is the experiment.
var EdgeOfStability = experiment.Experiment[SharpnessConfig, SharpnessMeasurement]{
	Name: "Sharpness", Title: "Sharpness along full-batch training",
	Measure: measureSharpness, Rules: sharpnessRules(),
	Figures: func(_ SharpnessConfig, f SharpnessMeasurement) (report.Figures, error) {
		return report.Figures{Charts: []report.Chart{f.chart()}}, nil
	},
}
