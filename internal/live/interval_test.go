package live

import (
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/claim"
	"evident/kit/report"
)

// judged are claims of as many seeds as there are values: one between two bounds, one of two estimates, and an exact one.
func judged(values ...float64) []claim.Claim {
	e, twice := claim.EstimateMean(values), claim.EstimateMean(claim.Scaled(values, 2))
	rule := func(id string, d claim.Decision) claim.Rule[int] {
		return claim.SampledRule(id, "", "", "", claim.Supported, func(int) claim.Finding { return claim.Finding{Decision: d, Samples: len(values)} })
	}
	return claim.Judge([]claim.Rule[int]{
		rule("between", e.Within(-1, 1)),
		claim.Whole("whole", "", "", rule("wholea", claim.All(e.Above(0.25), twice.Below(0.5)))),
		claim.ExactRule("exact", "", "", "", claim.Supported, func(int) claim.Finding { return claim.Finding{Decision: claim.Holds(true)} }),
	}, 0)
}

func TestIntervalsAreDrawnOnceThereAreTwo(t *testing.T) {
	var all intervals
	for n, want := range []int{0, 0, 0, 2, 2} { // a claim of one seed has no interval; two intervals make a curve
		if n > 0 {
			all.add(judged([]float64{0, 1, 0, 1}[:n]...))
		}
		require.Len(t, all.charts(), want, "%d seeds", n)
	}
	charts := all.charts()
	require.NoError(t, report.Figures{Charts: charts}.Validate())
	require.Equal(t, "between: mean and 95 % interval", charts[0].Title)
	require.Equal(t, []report.Reference{{Name: "threshold -1", Y: -1}, {Name: "threshold 1", Y: 1}}, charts[0].Rules)
	require.Len(t, charts[0].Curves, 1, "an estimate between two bounds is one")
	curve := charts[0].Curves[0]
	require.Equal(t, []float64{2, 3, 4}, curve.X)
	require.InDeltaSlice(t, []float64{0.5, 1. / 3, 0.5}, curve.Y, 1e-12)
	// t(0.975) for 1, 2 and 3 degrees of freedom, from a table, times s/√n.
	require.InDeltaSlice(t, []float64{0.5 + 12.7062*0.5, 1./3 + 4.30265/3, 0.5 + 3.18245*0.288675}, curve.High, 1e-4)
	require.Equal(t, []string{"estimate 1 of 2", "estimate 2 of 2"}, []string{charts[1].Curves[0].Name, charts[1].Curves[1].Name})
}

func TestAClaimWithoutEstimatesHasNoChart(t *testing.T) {
	var all intervals
	for range 3 {
		all.add([]claim.Claim{{ID: "open", Kind: claim.Sampled}})
	}
	require.Empty(t, all.charts())
}
