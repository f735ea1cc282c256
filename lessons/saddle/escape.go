package saddle

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"

	"evident/kit/claim"
	"evident/kit/experiment"
)

// EscapeKnobs are those of the two saddles that are left.
type EscapeKnobs struct {
	Plane PlaneConfig
	Deep  DeepConfig
}

// EscapeMeasurement holds the escapes from both saddles.
type EscapeMeasurement struct {
	Plane PlaneMeasurement
	Deep  DeepMeasurement
}

func measureEscape(ctx context.Context, backend compute.Backend, c EscapeKnobs) (m EscapeMeasurement, err error) {
	if m.Plane, err = SaddleInThePlane.Measured(ctx, backend, c.Plane); err != nil {
		return m, err
	}
	m.Deep, err = SaddleOfADeepNet.Measured(ctx, backend, c.Deep)
	return m, err
}

const (
	slopeWithin = 0.1        // relative error at which a slope is the formula's
	nearlyFlat  = 0.1        // fraction of gradient descent's slope that is nearly none
	slowerBy    = 2.0        // ratio of two slowdowns
	farFromTiny = 100 * tiny // offset from which on Adam's own ε plays no part; the table of [SaddleInThePlane] shows it too
)

func judgeEscape(m EscapeMeasurement) claim.Finding {
	p, d := m.Plane, m.Deep
	iSGD, iBall, iAdam := slices.Index(p.Names, sgd), slices.Index(p.Names, momentum), slices.Index(p.Names, adam)
	deepSGD, deepAdam := slices.Index(d.Names, sgd), slices.Index(d.Names, adam)
	if min(iSGD, iBall, iAdam, deepSGD, deepAdam) < 0 {
		return claim.Finding{Decision: claim.Open(), Evidence: "SGD, momentum or Adam was not measured."}
	}
	slopes := [3]float64{p.perDecade(iSGD, 0), p.perDecade(iBall, 0), p.perDecade(iAdam, farFromTiny)}
	formulas := [2]float64{math.Ln10 / math.Log(Growth(p.Rate)), math.Ln10 / math.Log(MomentumGrowth(p.Rate, p.Beta))}
	exact := math.Abs(slopes[0]/formulas[0]-1) <= slopeWithin && math.Abs(slopes[1]/formulas[1]-1) <= slopeWithin &&
		slopes[2] < nearlyFlat*slopes[0]
	stuck := true
	for _, steps := range p.Stuck {
		stuck = stuck && steps == 0
	}
	away := arrivals(p.Noisy[iSGD])
	bySGD, byAdam := claim.EstimateMean(d.escaped(deepSGD)), claim.EstimateMean(d.escaped(deepAdam))
	slower := claim.EstimateDifference(claim.Logs(d.slowdown(deepSGD)), claim.Logs(d.slowdown(deepAdam)))
	return claim.Finding{
		Decision: claim.All(claim.Holds(exact && stuck && away == len(p.Noisy[iSGD])),
			bySGD.Above(mostRuns), byAdam.Above(mostRuns), slower.Above(math.Log10(slowerBy))),
		Evidence: fmt.Sprintf("Steps for each power of ten in ε: SGD %.2f (formula %.2f), momentum %.2f (%.2f), Adam %.2f from ε = %g on. From exactly (1, 0) none leaves: %t; with noise on the gradient SGD does in %d of %d runs. From the saddle of a deep linear net SGD gets away in %s of the runs, Adam in %s; from the smallest initial weights SGD takes %.1f times as long as from the largest, Adam %.1f times (difference in powers of ten %s).",
			slopes[0], formulas[0], slopes[1], formulas[1], slopes[2], farFromTiny, stuck, away, len(p.Noisy[iSGD]), bySGD, byAdam,
			geometric(d.slowdown(deepSGD)), geometric(d.slowdown(deepAdam)), slower),
		Samples: slower.N,
	}
}

func escapeRules() []claim.Rule[EscapeMeasurement] {
	return []claim.Rule[EscapeMeasurement]{
		claim.SampledRule("q1c.10", "Q1 (c) both",
			"Adam and SGD each have their own way past a saddle point.",
			fmt.Sprintf("from (1, ε) on x² − y², the steps of SGD and of momentum rise by ln 10/ln(growth) per power of ten, to %g %%, those of Adam by less than %g of SGD's; none leaves (1, 0) by itself, SGD does with noise; over %g of the runs of both leave a deep linear net's saddle, and from the smallest initial weights SGD is slowed down over %g times as much as Adam (95 %% intervals)",
				100*slopeWithin, nearlyFlat, mostRuns, slowerBy),
			claim.Supported, judgeEscape),
	}
}

// WaysPast is the experiment.
var WaysPast = experiment.Experiment[EscapeKnobs, EscapeMeasurement]{
	Name: "Escape", Title: "Two ways past a saddle", Measure: measureEscape, Rules: escapeRules(),
}
