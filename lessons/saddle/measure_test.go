package saddle

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"evident/kit/lessontest"
	"evident/kit/sweep"
)

// The Hessian of x² − y² is diag(2, −2), that of the degenerate ones is 0.
func TestKindsOfTheSurfaces(t *testing.T) {
	facts, err := Origin.Measured(context.Background(), lessontest.PureGo(t), Smoke().Definition)
	require.NoError(t, err)
	for name, want := range map[string]struct {
		eigenvalues         []float64
		hessian, definition string
	}{
		plainSaddle:  {[]float64{-2, 2}, saddle, saddle},
		monkeySaddle: {[]float64{0, 0}, noKind, saddle},
		flatSaddle:   {[]float64{0, 0}, noKind, saddle},
		plainBowl:    {[]float64{2, 2}, minimum, minimum},
		flatBowl:     {[]float64{0, 0}, noKind, minimum},
	} {
		place, found := facts.of(name)
		require.True(t, found)
		require.Equal(t, []float64{0, 0}, place.Gradient)
		require.InDeltaSlice(t, want.eigenvalues, place.Eigenvalues, 1e-12, name)
		require.Equal(t, want.hessian, place.ByHessian(), name)
		require.Equal(t, want.definition, place.byDefinition(), name)
		for _, circle := range place.Circles {
			require.LessOrEqual(t, circle.Lowest, circle.Highest)
		}
	}
}

func TestKindsOfPlaces(t *testing.T) {
	ring := func(lowest, highest float64) []Circle { return []Circle{{1, lowest, highest}, {2, lowest, highest}} }
	for _, c := range []struct {
		place               PlaceFact
		definition, hessian string
	}{
		{PlaceFact{Gradient: []float64{1, 0}, Circles: ring(-1, 1)}, slope, slope},
		{PlaceFact{Gradient: []float64{0, 0}, Eigenvalues: []float64{-2, -1}, Circles: ring(-2, -1)}, maximum, maximum},
		{PlaceFact{Gradient: []float64{0, 0}, Eigenvalues: []float64{0, 1}, Circles: ring(0, 1)}, minimum, noKind},
		{PlaceFact{Gradient: []float64{0, 0}, Circles: ring(0, 0)}, noKind, noKind},
		{PlaceFact{Gradient: []float64{0, 0}, Circles: []Circle{{1, -1, 1}, {2, 1, 2}}}, noKind, noKind},
	} {
		require.Equal(t, c.definition, c.place.byDefinition())
		require.Equal(t, c.hessian, c.place.ByHessian())
	}
}

// The steps of gradient descent and of momentum from (1, ε) are those of the
// recurrences, by a loop in Go.
func TestEscapesFollowTheRecurrence(t *testing.T) {
	c := Smoke().Plane
	random := rand.New(rand.NewPCG(1, 1))
	c.Rate, c.Beta = 0.02+0.1*random.Float64(), 0.8
	facts, err := SaddleInThePlane.Measured(context.Background(), lessontest.PureGo(t), c)
	require.NoError(t, err)
	for i, offset := range c.Offsets {
		for optimizer, beta := range []float64{0, 0.8} {
			y, v, steps := offset, 0.0, 0
			for ; math.Abs(y) <= 1; steps++ {
				v = beta*v - 2*y
				y -= c.Rate * v
			}
			require.Equal(t, steps, facts.Steps[optimizer][i], "%s from %g", facts.Names[optimizer], offset)
		}
	}
	require.InEpsilon(t, math.Ln10/math.Log(MomentumGrowth(c.Rate, 0.8)), facts.perDecade(1, 0), 0.02)
}

func TestPerDecadeIsTheSlope(t *testing.T) {
	f := PlaneMeasurement{Offsets: []float64{1e-4, 1e-2, 1e-1}, Steps: [][]int{{90, 50, 30}, {0, 50, 30}}}
	require.InDelta(t, 20, f.perDecade(0, 0), 1e-9)
	require.InDelta(t, 20, f.perDecade(1, 1e-2), 1e-9)
	require.True(t, math.IsNaN(f.perDecade(1, 0)), "an escape is missing")
	require.True(t, math.IsNaN(f.perDecade(0, 0.05)), "one point has no slope")
}

// The product of the matrices is that of the naive loops, and its loss that of
// the model.
func TestDeepProduct(t *testing.T) {
	c := Smoke().Deep
	params := sweep.Draw(c.model(), 3, 1)
	n := c.Features
	first, second, last := params[:n*n], params[n*n:2*n*n], params[2*n*n:2*n*n+n]
	for i, got := range c.product(params) {
		want := 0.0
		for j := range n {
			for k := range n {
				want += first[i*n+j] * second[j*n+k] * last[k]
			}
		}
		require.InDelta(t, want, got, 1e-12)
	}
	rows, plain := c.data()
	program, err := sweep.New(lessontest.PureGo(t), sweep.Config{Model: c.model(), Data: rows, BatchSize: c.Examples})
	require.NoError(t, err)
	defer program.Finalize()
	trace, err := program.Run(context.Background(), sweep.Run{Replicas: make([]sweep.Replica, 1), Start: [][]float64{params}, Steps: 1})
	require.NoError(t, err)
	require.InDelta(t, lossOf(plain, c.product(params)), trace.Losses[0][0], 1e-5)
}

func TestNoiseOnTheGradientHasItsDeviation(t *testing.T) {
	rows := normalRows(2000, 2, 3)
	sum, squares := 0.0, 0.0
	for _, row := range rows {
		sum, squares = sum+row[0], squares+row[0]*row[0]
	}
	require.InDelta(t, 0, sum, 1e-9)
	require.InDelta(t, 3, math.Sqrt(squares/2000), 0.2)
}

// Vectors with a known mean and a known variance; and noise alone, whose mean
// cannot be told from 0.
func TestRelativeVariance(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	vectors := make([][]float64, 20_000)
	for i := range vectors {
		vectors[i] = []float64{2 + 3*random.NormFloat64(), 1 * random.NormFloat64()}
	}
	require.InEpsilon(t, (9.0+1)/4, relativeVariance(vectors), 0.1)
	require.True(t, math.IsNaN(relativeVariance([][]float64{{1}, {1}, {-1}, {-1}})))
}

// Averaging over 1/(1−β) steps divides the variance by (1+β)/(1−β), for
// independent gradients: 19 at β = 0.9.
func TestMomentumDividesTheVariance(t *testing.T) {
	c := Smoke().Noise
	c.Warmup, c.Watched = 100, 1500
	facts, err := DirectionNoise.Measured(context.Background(), lessontest.Backend(t), c)
	require.NoError(t, err)
	for seed := range c.Seeds {
		require.InEpsilon(t, 19, facts.of(atStart, sgd)[seed]/facts.of(atStart, momentum)[seed], 0.35)
	}
	require.Nil(t, facts.of(atStart, "none"))
}

// Twice the largest curvature of a parabola is where the bound is tight for its
// start: here the run of x ← (1 − η)x is done by hand.
func TestBoundOnAParabola(t *testing.T) {
	c := Smoke().Theory
	c.Rates, c.Steps = []float64{0.5, 1, 2.5}, 30
	parabola := sweep.Model{Shapes: [][]int{{1}}, Loss: func(params []*Node, _, _ *Node) *Node {
		return MulScalar(sweep.SquaredNorm(params[0]), 1) // curvature 2
	}}
	descents, err := c.descend(context.Background(), lessontest.PureGo(t), convex{name: "parabola", model: parabola, start: []float64{3}, minimum: []float64{0}, curvature: 2})
	require.NoError(t, err)
	for i, d := range descents {
		x := 3.0
		for k := 1; k <= c.Steps; k++ {
			x *= 1 - c.Rates[i]
			require.InDelta(t, x*x, d.Excess[k-1], 1e-9*(1+x*x))
			require.InDelta(t, 9*2/(2*c.Rates[i]*float64(k)), d.Bound[k-1], 1e-12)
		}
	}
	require.Zero(t, descents[0].broken())
	require.Positive(t, descents[2].broken())
	require.False(t, descents[2].promised())
	require.Equal(t, 1, ConvexDescent{Excess: []float64{math.NaN()}, Bound: []float64{1}}.broken())
}

// Adam's path on the counter-example, by the paper's recurrence in a loop.
func TestCounterExampleFollowsThePaper(t *testing.T) {
	c := Smoke().Theory
	c.Rounds = 30
	facts, err := c.counter(context.Background(), lessontest.PureGo(t))
	require.NoError(t, err)
	beta2 := 1 / (1 + c.Gradient*c.Gradient)
	x, v := 0.0, 0.0
	for step := range c.Rounds {
		require.InDelta(t, x, facts.Paths[1][step], 1e-9)
		g := -1.0
		if step%3 == 0 {
			g = c.Gradient
		}
		v = beta2*v + (1-beta2)*g*g
		x -= c.Alpha / math.Sqrt(float64(step+1)) * g / (math.Sqrt(v/(1-math.Pow(beta2, float64(step+1)))) + 1e-8)
		x = max(-1, min(1, x))
	}
}

// SGD takes a product and a difference; momentum two more. Adam's are counted by
// hand from the formula: 3 + 4 for the means, 2 corrections, root, sum, quotient,
// and the step.
func TestCosts(t *testing.T) {
	facts, err := StepCost.Measured(context.Background(), lessontest.PureGo(t), Smoke().Cost)
	require.NoError(t, err)
	require.Equal(t, 8*16+16+16*2+2, facts.Parameters)
	for name, want := range map[string][2]float64{sgd: {0, 2}, momentum: {1, 4}, "Nesterov": {1, 6}, rmsprop: {1, 9}, adam: {2, 14}} {
		own, found := facts.of(name)
		require.True(t, found)
		require.Equal(t, want, [2]float64{own.Kept, float64(own.Operations)}, name)
		require.Positive(t, own.Seconds)
	}
}

func TestPartsOfAdam(t *testing.T) {
	gradients := [][]float64{{2}, {-1}}
	require.InDelta(t, 1, correctedRMSProp(gradients, 0.9, 0)[0][0], 1e-12, "the first direction is the sign")
	// m = 0.1·(−1) + 0.9·0.2 = 0.08, over 1 − 0.81.
	require.InDelta(t, 0.08/0.19, correctedMomentum(gradients, 0.9)[1][0], 1e-12)
	require.InDelta(t, 0.5, farthest([][]float64{{2}, {1}}, [][]float64{{2}, {2}}), 1e-12)
}

// The perturbed loss of ½‖θ‖² rises by ½ρ²‖θ‖² on average, whatever its slope.
func TestPerturbationsMeasureTheCurvature(t *testing.T) {
	flat := func(params []*Node, x, _ *Node) *Node {
		return Add(MulScalar(sweep.SquaredNorm(params[0]), 0.5), MulScalar(ReduceAllSum(x), 0))
	}
	m := sweep.Model{Shapes: [][]int{{400}}, Loss: flat, Accuracy: flat}
	place := make([]float64, 400)
	for i := range place {
		place[i] = 1
	}
	c := FlatnessConfig{Perturbation: 0.1, Perturbations: 50}
	rises, err := c.rises(context.Background(), lessontest.PureGo(t), m, sweep.Data{X: [][]float64{{0}}, Y: [][]float64{{0}}}, [][]float64{place}, []float64{200})
	require.NoError(t, err)
	require.InEpsilon(t, 0.5*0.01*400, rises[0], 0.03)
}
