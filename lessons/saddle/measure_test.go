package saddle

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"

	"evident/datasets/toy"
	"evident/kit/lessontest"
	"evident/kit/nn"
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
	plain := c.plain(5)
	program, err := sweep.New(lessontest.PureGo(t), sweep.Config{Model: c.model(), Data: c.rows(5), BatchSize: c.Examples})
	require.NoError(t, err)
	defer program.Finalize()
	trace, err := program.Run(context.Background(), sweep.Run{Replicas: make([]sweep.Replica, 1), Start: [][]float64{params}, Steps: 1})
	require.NoError(t, err)
	require.InDelta(t, squaresOf(plain).loss(c.product(params)), trace.Losses[0][0], 1e-5)
}

func TestNoiseOnTheGradientHasItsDeviation(t *testing.T) {
	rows := normalRows(2000, 2, 3, 1)
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
	c := Smoke().Cost
	c.Optimizers = append(c.Optimizers, nn.Nesterov(momentumBeta))
	facts, err := StepCost.Measured(context.Background(), lessontest.PureGo(t), c)
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

// A net of ReLU units whose first layer is scaled up and whose second is scaled down
// computes the same. λ_max changes, and λ_max in relative weights does not (Dinh et
// al. 2017).
func TestRelativeSharpnessDoesNotChangeWithScale(t *testing.T) {
	const factor, hidden = 3, 6
	m := sweep.Net{Widths: []int{2, hidden, 2}, Activation: func(x *Node) *Node { return MaxScalar(x, 0) }, Loss: sweep.SquaredError}.Model()
	data := drawn(trainingDraw, func(seed int64) sweep.Data { return toy.Quadrants(32, seed, 0) })
	place := sweep.Draw(m, 4, 1)
	scaled := slices.Clone(place)
	for i := range 2*hidden + hidden { // the first layer with its biases
		scaled[i] *= factor
	}
	for i := range 2 * hidden {
		scaled[3*hidden+i] /= factor
	}
	top, relative, err := curvatures(context.Background(), lessontest.PureGo(t), task{model: m, train: data},
		[][]float64{place, scaled}, []sweep.Replica{{Seed: 3}, {Seed: 3}})
	require.NoError(t, err)
	require.InEpsilon(t, relative[0], relative[1], 0.03)
	require.Greater(t, math.Abs(math.Log(top[0]/top[1])), math.Log(1.5))
}

// At the minimum of ½(θ₁² + 4θ₂²) from (2, 3), D·H·D is diag(4, 36).
func TestRelativeSharpnessOfAParabola(t *testing.T) {
	m := sweep.Model{Shapes: [][]int{{2}}, Loss: func(params []*Node, x, _ *Node) *Node {
		factors := ConvertDType(Const(params[0].Graph(), [][]float64{{0.5, 2}}), params[0].DType())
		return Add(ReduceSum(Mul(factors, Square(params[0])), -1), MulScalar(ReduceAllSum(x), 0))
	}}
	data := func(int64) sweep.Data { return sweep.Data{X: [][]float64{{0}}, Y: [][]float64{{0}}} }
	values, err := largest(context.Background(), lessontest.PureGo(t), relativeTo(m), data, [][]float64{{2, 3, 0, 0}}, []sweep.Replica{{}})
	require.NoError(t, err)
	require.InEpsilon(t, 36, values[0], 0.02)
}

// The example of Wilson et al. (2017, section 3.3): sign(Xᵀy), to which Adam
// converges, fits every training example, y·x·sign(Xᵀy) = 4, and calls every test
// example positive.
func TestSparseFeatures(t *testing.T) {
	c := Default().Flatness.Sparse
	train, test := c.task().train(3), c.task().test(3)
	w := make([]float64, len(train.X[0]))
	for i, x := range train.X {
		for j, v := range x {
			w[j] += train.Y[i][0] * v
		}
	}
	output := func(x []float64) (sum float64) {
		for j, v := range x {
			if w[j] != 0 {
				sum += v * math.Copysign(1, w[j])
			}
		}
		return sum
	}
	positive := 0
	for i, x := range train.X {
		require.Equal(t, 4.0, train.Y[i][0]*output(x))
	}
	for i, x := range test.X {
		require.Positive(t, output(x))
		if test.Y[i][0] > 0 {
			positive++
		}
	}
	require.InDelta(t, c.Positive, float64(positive)/float64(c.Test), 0.15)
}

// The targets are Σ √vᵢ·zᵢ, so the least squares have the residual 0 and weights of
// the length √features; the Hessian's condition is that of the covariance, roughly.
func TestRotatedRegression(t *testing.T) {
	c := Default().Comparison.Regression
	minimum, hessian, err := toy.LeastSquares(c.task().train(2))
	require.NoError(t, err)
	require.InDelta(t, math.Sqrt(float64(c.Features)), floats.Norm(minimum, 2), 1e-9)
	for i := range hessian {
		hessian[i] = hessian[i][:c.Features]
	}
	own := sweep.Eigenvalues(hessian[:c.Features])
	require.InEpsilon(t, c.Condition, own[len(own)-1]/own[0], 0.6)
	other, _, err := toy.LeastSquares(c.task().test(2))
	require.NoError(t, err)
	require.InDeltaSlice(t, minimum, other, 1e-9, "one rotation for training and test")
	require.NotEqual(t, c.task().train(2), c.task().train(3))
}

// Two layers by hand: 3·4 and 4·2 weights, batches of 5. Forward 2·5·(12 + 8), for
// the weights as much again, for the hidden units 2·5·8.
func TestGradientOperations(t *testing.T) {
	require.Equal(t, 2.0*5*(12+8)*2+2*5*8, gradientOperations([]int{3, 4, 2}, 5))
}

// Without noise the running means are those of the descent by hand, and the bound
// is that of the deterministic theorem.
func TestNoisyDescentWithoutNoise(t *testing.T) {
	c := Smoke().Theory
	c.Noise, c.Steps, c.Rates = 1e-12, 20, []float64{0.5, 2}
	descents, err := c.noisyDescents(context.Background(), lessontest.PureGo(t))
	require.NoError(t, err)
	require.Len(t, descents, 1, "no bound is promised beyond 1/L")
	eta, theta, total := 0.5/4, []float64{3, -3, 3}, 0.0
	for k := 1; k <= c.Steps; k++ {
		for i, w := range []float64{4, 1, 0.1} {
			total += w * math.Log(math.Cosh(theta[i]))
			theta[i] -= eta * w * math.Tanh(theta[i])
		}
		require.InDelta(t, total/float64(k), descents[0].Means[0][k-1], 1e-8)
		require.InDelta(t, 27/(2*eta*float64(k)), descents[0].Bound[k-1], 1e-8)
	}
}

// Momentum at η(1−β) is the recurrence of its formula at that rate.
func TestMomentumAtTheSameEffectiveRate(t *testing.T) {
	c := Smoke().Plane
	facts, err := SaddleInThePlane.Measured(context.Background(), lessontest.PureGo(t), c)
	require.NoError(t, err)
	slow := slices.Index(facts.Names, slowMomentum)
	require.InEpsilon(t, math.Ln10/math.Log(MomentumGrowth(c.Rate*(1-c.Beta), c.Beta)), facts.perDecade(slow, 0), 0.02)
}
