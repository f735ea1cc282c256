package saddle

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/claim"
	"evident/kit/knob"
	"evident/kit/lessontest"
)

// A true claim: stochastic gradient descent keeps its bound. A false one: it keeps
// the bound of gradient descent, without the term for the noise. A second pair: on
// the construction of Wilson et al. (2017) Adam tests worse than SGD, and SGD worse
// than Adam. The rules of the lesson judge all of them on what is measured.
func TestPlantedClaims(t *testing.T) {
	ctx, backend := context.Background(), lessontest.Backend(t)
	theory := Smoke().Theory
	theory.Seeds, theory.Steps = knob.Seeds(8), 2000
	noisy, err := theory.noisyDescents(ctx, backend)
	require.NoError(t, err)
	judgeBound := func() claim.Claim {
		return either(t, claim.Judge(theoryRules(), TheoryMeasurement{Noisy: noisy, Counter: CounterExample{}}), "q1c.7b")
	}
	require.Equal(t, claim.Supported, judgeBound().Verdict, judgeBound().Evidence)
	for i, d := range noisy {
		floor := d.Bound[len(d.Bound)-1]
		for k := range d.Bound { // a/k + b: the last two give b
			noisy[i].Bound[k] -= float64(len(d.Bound))*floor - float64(len(d.Bound)-1)*d.Bound[len(d.Bound)-2]
		}
	}
	require.Equal(t, claim.Refuted, judgeBound().Verdict, judgeBound().Evidence)

	flat := Smoke().Flatness
	flat.Seeds = knob.Seeds(6)
	minima, err := flat.minima(ctx, backend, flat.tasks()[2])
	require.NoError(t, err)
	facts := FlatnessMeasurement{[]TaskFlatness{minima}}
	judgeTask := func() claim.Claim { return either(t, claim.Judge(flatnessRules(), facts), "q1c.5f") }
	require.Equal(t, claim.Supported, judgeTask().Verdict, judgeTask().Evidence)
	minima.Minima[0].Name, minima.Minima[1].Name = adam, sgd
	require.Equal(t, claim.Refuted, judgeTask().Verdict, judgeTask().Evidence)
}

// The exact claims on directions and on the bound hold under 50 base seeds on both
// backends: rounding alone never refutes them.
func TestExactUnderFiftyBaseSeeds(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	ctx := context.Background()
	for base := range int64(50) {
		backend := lessontest.Backend(t)
		if base%2 == 1 {
			backend = lessontest.PureGo(t)
		}
		c := Smoke().Theory
		knob.Shift(&c, 100*base)
		var facts TheoryMeasurement
		var err error
		facts.Parts, err = c.parts(ctx, backend)
		require.NoError(t, err)
		facts.Descents, err = c.leastSquares(ctx, backend)
		require.NoError(t, err)
		judged := claim.Judge(theoryRules(), facts)
		for _, id := range []string{"q1c.3", "q1c.7a"} {
			require.Equal(t, claim.Supported, either(t, judged, id).Verdict, either(t, judged, id).Evidence)
		}
		// The bound on rounding is not so wide that a slip would pass.
		require.Less(t, facts.Parts.roundoff(), 1e-4*min(facts.Parts.FromRMSProp, facts.Parts.FromBall))
	}
	for base := range int64(50) {
		c := Smoke().Plane
		knob.Shift(&c, 100*base)
		plane, err := SaddleInThePlane.Measured(ctx, lessontest.Backend(t), c)
		require.NoError(t, err)
		judged := claim.Judge(escapeRules(), EscapeMeasurement{Plane: plane})
		require.Equal(t, claim.Supported, either(t, judged, "q1c.10a").Verdict, either(t, judged, "q1c.10a").Evidence)
	}
}

// On the rotated regression it takes a coarse grid to slow SGD down. A true claim:
// on a grid with a rate of half of SGD's best, and the next one beyond the edge of
// stability, Adam is faster. A false one: it still is with finer rates between
// them. Both are judged by the lesson's rule.
func TestPlantedGrid(t *testing.T) {
	c := Smoke().Comparison
	c.Regression = Default().Comparison.Regression
	c.Regression.Steps, c.Regression.Tuning, c.Regression.Seeds = 400, knob.Seeds(12), comparisonSeeds(32)
	c.Rates = []float64{0.25, 0.75, 2.25}
	for between, want := range map[int]claim.Verdict{0: claim.Supported, 3: claim.Refuted} {
		own := trials{c.Optimizers, c.Rates, between, c.Regression.Tuning, c.Regression.Seeds, c.nextLook}
		tried, compared, err := own.run(context.Background(), lessontest.Backend(t), c.Regression.task(), TaskMeasurement.fastestRate)
		require.NoError(t, err)
		for i, runs := range compared {
			tried.Optimizers[i].Fast = runs[0]
		}
		found := judgeFaster(sgd)(SpeedMeasurement{Comparison: ComparisonMeasurement{[]TaskMeasurement{tried}}}, regression)
		require.Equal(t, want, found.Verdict, found.Evidence)
	}
}
