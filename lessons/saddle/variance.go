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

// calmerBy is the ratio of relative variances, or of fluctuations of the loss, that
// is worth an optimizer: a batch twice as large halves the variance as well.
const calmerBy = 2.0

func judgeDirections(m VarianceMeasurement) claim.Finding {
	var conditions []claim.Decision
	var shown []string
	samples := math.MaxInt
	for place, name := range []string{"at the initial weights", "after some training"} {
		ratio := logRatio(m.Noise.of(place, adam), m.Noise.of(place, sgd))
		conditions, samples = append(conditions, ratio.Below(-math.Log10(calmerBy))), min(samples, ratio.N)
		var each []string
		for _, optimizer := range m.Noise.Names {
			each = append(each, fmt.Sprintf("%s %.3g", optimizer, geometricOrZero(m.Noise.of(place, optimizer))))
		}
		shown = append(shown, fmt.Sprintf("Relative variance of the direction %s: %s; Adam's over SGD's in powers of ten %s.", name, strings.Join(each, ", "), ratio))
	}
	return claim.Finding{Decision: claim.All(conditions...), Samples: samples, Evidence: strings.Join(shown, " ")}
}

func judgeFluctuation(m VarianceMeasurement, task string) claim.Finding {
	t := m.Comparison.task(task)
	own, other := t.fluctuation(t.of(adam)), t.fluctuation(t.of(sgd))
	ratio := logRatio(own, other)
	return claim.Finding{
		Decision: ratio.Below(-math.Log10(calmerBy)), Samples: ratio.N,
		Evidence: fmt.Sprintf("The training loss of Adam fluctuates by %s of itself, that of SGD by %s, of momentum by %s; Adam's over SGD's in powers of ten %s.",
			shortOf(own), shortOf(other), shortOf(t.fluctuation(t.of(momentum))), ratio),
	}
}

func varianceRules() []claim.Rule[VarianceMeasurement] {
	return []claim.Rule[VarianceMeasurement]{
		inParts("q1c.2", "Q1 (c) Adam +2", "Adam repairs SGD's high variance.", "direction and loss are parts, a part a task; data redrawn",
			append([]part[VarianceMeasurement]{{
				asserts: "Adam repairs the high variance of SGD's direction.", recorded: claim.Supported, judge: judgeDirections,
				decides: fmt.Sprintf("the relative variance tr Cov(d)/‖E d‖² of Adam's directions is below 1/%g of that of SGD's, at the initial weights and after some training (95 %% intervals)", calmerBy),
			}}, onTasks(netTasks, []claim.Verdict{claim.Supported, claim.Refuted}, "Adam repairs the high variance of SGD's loss",
				fmt.Sprintf("each at the rate with its lowest held-out loss, the relative fluctuation of Adam's training loss at the end is below 1/%g of that of SGD's (95 %% interval)", calmerBy), judgeFluctuation)...)...),
	}
}

// TwoVariances is the experiment.
var TwoVariances = experiment.Experiment[VarianceKnobs, VarianceMeasurement]{
	Name: "Variance", Title: "The variance of directions and of the loss", Measure: measureVariance, Rules: varianceRules(),
}
