package learningrate

import (
	"context"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/stat"

	"evident/kit/sweep"
)

// SharpnessFacts follow λ_max, the top eigenvalue of the Hessian of the
// training loss, along full-batch trainings at fixed rates.
type SharpnessFacts struct {
	Rates     []float64
	Steps     []int         // of the measurements
	Sharpness [][][]float64 // [rate][seed][measurement]: λ_max; NaN after divergence
	Losses    [][]float64   // [rate][seed]: at the end
}

// Time is η times the steps of a training: how far along the gradient it is.
func (f SharpnessFacts) Time(rate int) float64 {
	return f.Rates[rate] * float64(f.Steps[len(f.Steps)-1])
}

// Ratios is λ_max·η/2 of every seed: at the start, and as the mean of the last
// quarter of the measurements.
func (f SharpnessFacts) Ratios(rate int) (first, last []float64) {
	for _, course := range f.Sharpness[rate] {
		first = append(first, course[0]*f.Rates[rate]/2)
		last = append(last, stat.Mean(course[3*len(course)/4:], nil)*f.Rates[rate]/2)
	}
	return first, last
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

// MeasureSharpness trains and measures. Each power iteration starts from the
// eigenvector before.
func MeasureSharpness(ctx context.Context, backend compute.Backend, c SharpnessConfig) (SharpnessFacts, error) {
	facts := SharpnessFacts{Rates: c.Rates}
	if err := c.check(); err != nil {
		return facts, err
	}
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
