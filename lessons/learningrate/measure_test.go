package learningrate

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"

	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/lessontest"
	"evident/kit/report"
	"evident/kit/sweep"
)

// θ after k steps is (1 − ηλ)ᵏ, whatever λ and η, and each step is within its
// rounding error of it.
func TestPathsFollowTheClosedForm(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 5 {
		curvature := 0.1 + 10*random.Float64()
		q := QuadraticMeasurement{Rates: make([]float64, 50)}
		for i := range q.Rates {
			q.Rates[i] = 3 * random.Float64()
		}
		var err error
		q.Paths, err = paths(context.Background(), lessontest.Backend(t), curvature, q.Rates, 12)
		require.NoError(t, err)
		for i, rate := range q.Rates {
			for step, theta := range q.Paths[i] {
				require.InEpsilon(t, math.Pow(1-rate, float64(step)), theta, 1e-9)
			}
		}
		judged := judgeOvershoot(q)
		require.Equal(t, claim.Supported, judged.Verdict, judged.Evidence)
	}
}

// The exact claims whose numbers depend on the seed hold under every one.
func TestExactClaimsUnderFiftySeeds(t *testing.T) {
	if testing.Short() {
		t.Skip("fifty measurements")
	}
	ctx, backend, c := context.Background(), lessontest.Backend(t), Default().Quadratic
	for seed := range int64(50) {
		c.Seed = seed
		var q QuadraticMeasurement
		var err error
		q.Logistic, err = measureLogistic(ctx, backend, c)
		require.NoError(t, err)
		q.Net, err = measureDirection(ctx, backend, c)
		require.NoError(t, err)
		for _, judge := range []func(QuadraticMeasurement) claim.Finding{judgeLogistic, judgeNetOvershoots} {
			judged := judge(q)
			require.Equal(t, claim.Supported, judged.Verdict, "seed %d: %s", seed, judged.Evidence)
		}
	}
}

// The watched excess is the loss of a seed's own examples over that of their
// minimum, by the naive sum.
func TestExcessIsTheLossOverTheMinimum(t *testing.T) {
	c := Default().Floor
	c.Rates, c.Seeds = c.Rates[:2], []int64{3, 4}
	minima, hessians, err := c.solutions()
	require.NoError(t, err)
	program, err := sweep.New(lessontest.Backend(t), sweep.Config{
		Model: c.net().Model(), Draw: c.draw, DType: dtypes.Float64, Watch: watchExcess(minima, hessians),
	})
	require.NoError(t, err)
	defer program.Finalize()
	replicas := sweep.Grid(c.Rates, c.Seeds)
	starts := sweep.Drawn(c.net().Model(), replicas)
	trace, err := program.Run(context.Background(), sweep.Run{Replicas: replicas, Start: starts, Steps: 1})
	require.NoError(t, err)
	for i, r := range replicas {
		data := c.draw(r.Seed)
		loss := func(theta []float64) float64 {
			total := 0.0
			for j, x := range data.X {
				off := floats.Dot(x, theta[:c.Features]) + theta[c.Features] - data.Y[j][0]
				total += off * off / 2 / float64(data.Len())
			}
			return total
		}
		require.InEpsilon(t, loss(starts[i])-loss(minima[i]), trace.Watched[0][i][0], 1e-9)
	}
}

// Of level curves in noise, one in a hundred has a slope that looks steady: that
// is the confidence of the test. A line has its own.
func TestSteadyFallIsSure(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	const curves = 5000
	falling := 0
	for range curves {
		values := make([]float64, curveParts/2)
		for i := range values {
			values[i] = 1 + random.NormFloat64()
		}
		if steadyFall(values) > 0 {
			falling++
		}
	}
	require.InDelta(t, 1-surely, float64(falling)/curves, 3*math.Sqrt(surely*(1-surely)/curves))
	require.InDelta(t, 0.25, steadyFall([]float64{2, 1.75, 1.5, 1.25, 1}), 1e-12)
	require.Zero(t, steadyFall([]float64{1, 2, 3, 4}))
}

func TestThresholdIsFound(t *testing.T) {
	for _, where := range []float64{0.11, 1, 2.5, 9.7} {
		found, err := threshold(0.1, 10, func(rates []float64) ([]bool, error) {
			held := make([]bool, len(rates))
			for i, rate := range rates {
				held[i] = rate > where
			}
			return held, nil
		})
		require.NoError(t, err)
		require.InEpsilon(t, where, found, 1e-3)
	}
}

func TestLandscapesHaveTheirBasins(t *testing.T) {
	for _, l := range landscapes() {
		barrier := l.barrier()
		require.Greater(t, barrier, deepAt)
		require.Less(t, barrier, shallowAt)
		require.Less(t, l.Value(deepAt), l.Value(shallowAt), "the deep basin is the better one")
		require.Greater(t, l.Value(barrier), l.Value(shallowAt)+0.2)
	}
}

func TestGradientNoiseHasMeanZero(t *testing.T) {
	total := 0.0
	for _, x := range Default().Basins.gradientNoise(1)(7).X {
		total += x[0]
	}
	require.InDelta(t, 0, total, 1e-9)
}

// curve is 200 losses of a formula.
func curve(loss func(step float64) float64) []float64 {
	losses := make([]float64, 200)
	for i := range losses {
		losses[i] = loss(float64(i))
	}
	return losses
}

func TestDiagnose(t *testing.T) {
	for name, c := range map[string]struct {
		losses []float64
		want   Regime
	}{
		"falls and stays":        {curve(func(s float64) float64 { return 0.1 + math.Exp(-s/10) }), Good},
		"diverges":               {curve(func(s float64) float64 { return math.Exp(s * s) }), TooHigh},
		"rises after a fall":     {curve(func(s float64) float64 { return 1 - 0.01*s + 0.0001*s*s }), TooHigh},
		"oscillates":             {curve(func(s float64) float64 { return 1 + 0.6*math.Cos(math.Pi*s) }), TooHigh},
		"is flat":                {curve(func(float64) float64 { return 0.7 }), TooLow},
		"falls slowly":           {curve(func(s float64) float64 { return 1 - 0.003*s }), TooLow},
		"falls slowly in noise":  {curve(func(s float64) float64 { return 1 - 0.001*s + 0.05*math.Cos(2.4*s) }), TooLow},
		"fell and is noisy":      {curve(func(s float64) float64 { return 0.3 + math.Exp(-s/10) + 0.2*math.Cos(2.4*s) }), Good},
		"has nearly arrived":     {curve(func(s float64) float64 { return 0.3 + math.Exp(-s/10) - 0.0001*s }), Good},
		"is not a number at all": {curve(func(float64) float64 { return math.NaN() }), TooHigh},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, Diagnose(c.losses)) })
	}
}

// Scaling a loss changes nothing: the detector's thresholds are relative.
func TestDiagnosisIsIndependentOfTheUnit(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	for range 50 {
		speed, noise := random.Float64()/10, random.Float64()
		losses := curve(func(s float64) float64 { return 0.2 + math.Exp(-speed*s) + noise*random.Float64() })
		scaled := curve(func(s float64) float64 { return 8 * losses[int(s)] })
		require.Equal(t, Diagnose(losses), Diagnose(scaled))
	}
}

func TestRangeTestFindsATenthOfTheLowest(t *testing.T) {
	const growth = 1.02
	fallen := func(depth float64) []float64 { // a plateau, and a valley at step 200
		losses := make([]float64, 400)
		for i := range losses {
			losses[i] = 1 - depth*math.Exp(-math.Pow(float64(i-200)/50, 2))
		}
		losses[0] = 0.1 // a lucky batch
		return losses
	}
	found := readRangeTest(fallen(0.5), 1e-3, growth)
	require.InEpsilon(t, 1e-3*math.Pow(growth, 200)/belowLowest, found.Found, 0.25, "smoothing delays it by some steps")
	require.Equal(t, 1e-3, readRangeTest(fallen(0.5), 1e-3, 1.001).Found, "a rate below the tested ones is not found")
	require.Zero(t, readRangeTest(fallen(0.05), 1e-3, growth).Found, "no fall but that of the lucky batch")
	diverged := fallen(0.5)
	diverged[100] = math.Inf(1)
	require.Len(t, readRangeTest(diverged, 1e-3, growth).Losses, 100)
}

// An experiment of a cell gets the same errors as a whole run.
func TestEveryExperimentChecksItsKnobs(t *testing.T) {
	ctx, b := context.Background(), lessontest.PureGo(t)
	for name, run := range map[string]func() error{
		"Quadratic": func() error { _, err := KnownCurvature.Measured(ctx, b, QuadraticConfig{}); return err },
		"Floor":     func() error { _, err := NoiseFloor.Measured(ctx, b, FloorConfig{}); return err },
	} {
		err := run()
		require.ErrorIs(t, err, badinput.Err, name)
		require.ErrorContains(t, err, name+".Rates is empty")
	}
}

// A student's own surface joins the picture: on a bowl the path of every rate
// below 2/λ_max ends at the minimum, and one above leaves.
func TestOwnSurfaceJoinsThePicture(t *testing.T) {
	bowl := sweep.Surface{
		Name: "bowl", Left: -2, Right: 2, Bottom: -2, Top: 2,
		Objective: func(x, y *Node) *Node { return Add(Square(x), MulScalar(Square(y), 2)) },
	}
	facts, err := LossSurface.Measured(context.Background(), lessontest.Backend(t), SurfaceConfig{
		Surface: bowl, Rates: []float64{0.1, 0.4, 0.6}, Start: []float64{1, 1}, Steps: 60,
	})
	require.NoError(t, err)
	chart := facts.chart(SurfaceConfig{})
	require.Equal(t, report.Path, chart.Mark)
	require.Equal(t, "bowl", chart.Heatmap.Name)
	for i, below := range []bool{true, true, false} {
		last := facts.Paths[i][60]
		require.Equal(t, below, math.Hypot(last[0], last[1]) < 1e-3, "rate %g ends at %v", facts.Rates[i], last)
	}
}
