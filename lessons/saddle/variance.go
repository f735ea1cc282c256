package saddle

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/gomlx/compute"

	"evident/kit/claim"
	"evident/kit/experiment"
)

// VarianceKnobs are those of the two places where there is variance.
type VarianceKnobs struct {
	Noise      NoiseConfig
	Comparison ComparisonConfig
}

// VarianceMeasurement holds the variance of directions, and trainings whose loss
// fluctuates.
type VarianceMeasurement struct {
	Noise      NoiseMeasurement
	Comparison ComparisonMeasurement
}

func measureVariance(ctx context.Context, backend compute.Backend, c VarianceKnobs) (m VarianceMeasurement, err error) {
	if m.Noise, err = DirectionNoise.Measured(ctx, backend, c.Noise); err != nil {
		return m, err
	}
	m.Comparison, err = OptimizerComparison.Measured(ctx, backend, c.Comparison)
	return m, err
}

// calmerBy is a ratio of relative variances, or of fluctuations of the loss.
const calmerBy = 2.0

func judgeVariance(m VarianceMeasurement) claim.Finding {
	var parts []claim.Decision
	var shown []string
	samples := math.MaxInt
	for place, name := range []string{"at the initial weights", "after some training"} {
		ratio := logRatio(m.Noise.of(place, adam), m.Noise.of(place, sgd))
		parts, samples = append(parts, ratio.Below(-math.Log10(calmerBy))), min(samples, ratio.N)
		var each []string
		for _, optimizer := range m.Noise.Names {
			each = append(each, fmt.Sprintf("%s %.3g", optimizer, geometricOrZero(m.Noise.of(place, optimizer))))
		}
		shown = append(shown, fmt.Sprintf("Relative variance of the direction %s: %s; Adam's over SGD's in powers of ten %s (%s).",
			name, strings.Join(each, ", "), ratio, parts[place].Verdict))
	}
	decisions, losses, n := eachTask(m.Comparison.Tasks, func(t TaskMeasurement) (claim.Decision, string, int) {
		ratio := logRatio(t.fluctuation(t.of(adam)), t.fluctuation(t.of(sgd)))
		return ratio.Below(-math.Log10(calmerBy)), fmt.Sprintf("the training loss of Adam fluctuates by %s of itself, that of SGD by %s, of momentum by %s; Adam's over SGD's in powers of ten %s",
			shortOf(t.fluctuation(t.of(adam))), shortOf(t.fluctuation(t.of(sgd))), shortOf(t.fluctuation(t.of(momentum))), ratio), ratio.N
	})
	return claim.Finding{
		Decision: claim.Agreed(append(parts, decisions...)...), Samples: min(samples, n),
		Evidence: strings.Join(append(shown, losses), " "),
	}
}

func varianceRules() []claim.Rule[VarianceMeasurement] {
	return []claim.Rule[VarianceMeasurement]{
		claim.SampledRule("q1c.2", "Q1 (c) Adam +2",
			"Adam repairs SGD's high variance.",
			fmt.Sprintf("the relative variance tr Cov(d)/‖E d‖² of SGD's directions is over %[1]g times that of Adam's, at the initial weights and after some training, and the relative fluctuation of SGD's training loss at the end is over %[1]g times that of Adam's, on both tasks (95 %% intervals)", calmerBy),
			claim.Inconclusive, judgeVariance),
	}
}

// TwoVariances is the experiment.
var TwoVariances = experiment.Experiment[VarianceKnobs, VarianceMeasurement]{
	Name: "Variance", Title: "The variance of directions and of the loss", Measure: measureVariance, Rules: varianceRules(),
}
