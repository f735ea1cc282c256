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
	mostRuns    = 0.9        // fraction of the trainings that have to get away for one to rely on it
	slowerBy    = 2.0        // ratio of two slowdowns that a reader would notice
	farFromTiny = 100 * tiny // offset from which on Adam's own ε plays no part; the table of [SaddleInThePlane] shows it too
)

func judgeEscape(m EscapeMeasurement) claim.Finding {
	p := m.Plane
	iSGD, iBall, iAdam := slices.Index(p.Names, sgd), slices.Index(p.Names, momentum), slices.Index(p.Names, adam)
	if min(iSGD, iBall, iAdam) < 0 {
		return claim.Finding{Decision: claim.Missing(), Evidence: "SGD, momentum or Adam was not measured.", Samples: 1}
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
	return claim.Finding{
		Decision: claim.Holds(exact && stuck && away == len(p.Noisy[iSGD])),
		Evidence: fmt.Sprintf("Steps for each power of ten in ε: SGD %.2f (formula %.2f), momentum %.2f (%.2f), Adam %.2f from ε = %g on. From exactly (1, 0) none leaves: %t; with noise on the gradient SGD does in %d of %d runs.",
			slopes[0], formulas[0], slopes[1], formulas[1], slopes[2], farFromTiny, stuck, away, len(p.Noisy[iSGD])),
		Samples: 1,
	}
}

func judgeDeepEscape(m EscapeMeasurement) claim.Finding {
	d := m.Deep
	iSGD, iAdam := slices.Index(d.Names, sgd), slices.Index(d.Names, adam)
	if min(iSGD, iAdam) < 0 {
		return claim.Finding{Decision: claim.Missing(), Evidence: "SGD or Adam was not measured."}
	}
	starts := len(d.Noises) * (len(d.Scales) - 1)
	bySGD, byAdam := claim.EstimateFraction(d.escaped(iSGD), starts), claim.EstimateFraction(d.escaped(iAdam), starts)
	slower := claim.EstimateDifference(claim.Logs(d.slowdown(iSGD)), claim.Logs(d.slowdown(iAdam)))
	return claim.Finding{
		Decision: claim.All(bySGD.Above(mostRuns), byAdam.Above(mostRuns), slower.Above(math.Log10(slowerBy))),
		Evidence: fmt.Sprintf("SGD gets away in %s of the runs, Adam in %s; from the smallest initial weights SGD takes %.1f times as long as from the largest, Adam %.1f times (difference in powers of ten %s).",
			bySGD, byAdam, geometric(d.slowdown(iSGD)), geometric(d.slowdown(iAdam)), slower),
		Samples: slower.N,
	}
}

func escapeRules() []claim.Rule[EscapeMeasurement] {
	return []claim.Rule[EscapeMeasurement]{
		inParts("q1c.10", "Q1 (c) both", "Adam and SGD each have their own way past a saddle point.", "the plane, which is exact, and the net are parts; data redrawn",
			part[EscapeMeasurement]{
				asserts: "SGD grows away from the saddle of x² − y², Adam steps away from it.", exact: true, recorded: claim.Supported, judge: judgeEscape,
				decides: fmt.Sprintf("from (1, ε) the steps of SGD and of momentum rise by ln 10/ln(growth) per power of ten, to %g %%, those of Adam by less than %g of SGD's; none leaves (1, 0) by itself, SGD does with noise", 100*slopeWithin, nearlyFlat),
			},
			part[EscapeMeasurement]{
				asserts: "Both leave the saddle of a deep linear net, and small initial weights slow down SGD but not Adam.", recorded: claim.Supported, judge: judgeDeepEscape,
				decides: fmt.Sprintf("over %g of the runs of both leave it, and from the smallest initial weights SGD is slowed down over %g times as much as Adam (95 %% intervals)", mostRuns, slowerBy),
			}),
	}
}

// WaysPast is the experiment.
var WaysPast = experiment.Experiment[EscapeKnobs, EscapeMeasurement]{
	Name: "Escape", Title: "Two ways past a saddle", Measure: measureEscape, Rules: escapeRules(),
}
