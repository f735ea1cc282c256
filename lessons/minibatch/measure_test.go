package minibatch

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/fit"
	"evident/kit/knob"
	"evident/kit/lessontest"
	"evident/kit/sweep"
)

// At θ = 0 both classes are equally likely, where the bound on the curvature of
// a logistic regression is reached; of least squares it is the curvature.
func TestBoundIsTheTopEigenvalueAtZero(t *testing.T) {
	for _, loss := range Default().Descent.convexLosses() {
		bound, err := loss.bound()
		require.NoError(t, err)
		top, err := loss.top(context.Background(), lessontest.Backend(t), make([]float64, loss.model.Size()))
		require.NoError(t, err)
		require.InEpsilon(t, top, bound, 1e-6, loss.name)
	}
}

// The descent lemma (Nesterov 2004, section 1.2.3): a step of rate η < 2/L lowers
// the loss by at least η(1 − ηL/2)‖∇f‖², here with a gradient by hand.
func TestLeastSquaresObeyTheDescentLemma(t *testing.T) {
	c := DescentConfig{Rates: []float64{0.5, 1.5}, Beyond: 2.1, Examples: 16, Steps: 12, Net: Smoke().Descent.Net}
	facts, err := measureDescent(context.Background(), lessontest.PureGo(t), c)
	require.NoError(t, err)
	own, loss := facts.Tasks[0], c.convexLosses()[0]
	theta := sweep.Draw(loss.model, 1, 1)
	for step := range 10 {
		value, gradient := leastSquaresByHand(loss.data, theta)
		require.InEpsilon(t, value, own.Losses[1][step], 1e-9)
		squares := 0.0
		for i, g := range gradient {
			squares += g * g
			theta[i] -= 1.5 / own.Bound * g
		}
		promised := 1.5 / own.Bound * (1 - 1.5/2) * squares
		require.LessOrEqual(t, own.Losses[1][step+1], value-promised+1e-12)
	}
}

// leastSquaresByHand is the loss and the gradient in loops.
func leastSquaresByHand(data sweep.Data, theta []float64) (value float64, gradient []float64) {
	gradient = make([]float64, len(theta))
	n := float64(data.Len())
	for i, x := range data.X {
		residual := theta[len(theta)-1] - data.Y[i][0]
		for j, v := range x {
			residual += theta[j] * v
		}
		value += residual * residual / 2 / n
		for j, v := range x {
			gradient[j] += residual * v / n
		}
		gradient[len(theta)-1] += residual / n
	}
	return value, gradient
}

func TestRises(t *testing.T) {
	for name, c := range map[string]struct {
		losses []float64
		rising float64
		wander float64
	}{
		"only falls":        {[]float64{4, 3, 1}, 0, 1},
		"only rises":        {[]float64{1, 2, 4}, 1, 1},
		"up and down":       {[]float64{4, 2, 3, 1, 2}, 0.5, 2},
		"flat":              {[]float64{1, 1, 1}, 0, 1},
		"rounding":          {[]float64{1, 1 + 1e-8, 1}, 0, 2},
		"breaks":            {[]float64{4, 2, math.NaN(), 7}, 0, 1},
		"breaks at once":    {[]float64{math.Inf(1), 1}, 0, 1},
		"a single value":    {[]float64{1}, 0, 1},
		"nothing at all":    {nil, 0, 1},
		"below 0, it rises": {[]float64{-2, -1}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.rising, RisingFraction(c.losses))
			require.InDelta(t, c.wander, Wander(c.losses), 1e-9)
		})
	}
}

// A curve in other units, or put higher, is the same curve.
func TestMarksAreIndependentOfTheUnit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		losses, scaled := make([]float64, 40), make([]float64, 40)
		for i := range losses {
			losses[i] = random.Float64()
			scaled[i] = 8 * losses[i]
		}
		require.Equal(t, RisingFraction(losses), RisingFraction(scaled))
		require.InEpsilon(t, Wander(losses), Wander(scaled), 1e-9)
	}
}

// All ways to draw 2 of 4 numbers, in order: the variance of the mean of two is
// by hand what the formulas say.
func TestPredictedVarianceByEnumeration(t *testing.T) {
	numbers := []float64{1, 2, 4, 9} // mean 4, variance 38/4
	var with, without, pairs float64
	for i, a := range numbers {
		for j, b := range numbers {
			square := ((a+b)/2 - 4) * ((a+b)/2 - 4)
			with += square / 16
			if i != j {
				without, pairs = without+square, pairs+1
			}
		}
	}
	require.InEpsilon(t, with, 9.5*Predicted(2, 4, true), 1e-12)
	require.InEpsilon(t, without/pairs, 9.5*Predicted(2, 4, false), 1e-12)
	require.Zero(t, Predicted(4, 4, false))
	require.Equal(t, Predicted(1, 4, true), Predicted(1, 4, false), "one example is no subset to correct for")
}

// The mean of the examples' gradients is the gradient of all examples, and every
// batch's is the mean of its examples': so the programs agree with each other.
func TestExampleGradientsAverageToTheFullGradient(t *testing.T) {
	m := smallNet(3).Model()
	replicas := sweep.Grid([]float64{0}, knob.Seeds(2))
	still := stillLife{model: m, draw: Quadrants.draw(12), examples: 12, replicas: replicas, params: sweep.Drawn(m, replicas)}
	each, err := still.exampleGradients(context.Background(), lessontest.PureGo(t))
	require.NoError(t, err)
	whole, err := still.gradients(context.Background(), lessontest.PureGo(t), 12, sweep.InOrder, 1)
	require.NoError(t, err)
	for replica := range replicas {
		require.Len(t, each[replica], 12)
		require.InDeltaSlice(t, whole[replica][0], sweep.MeanVector(each[replica]), 1e-12)
	}
}

// Central differences of the loss in float64 are the first example's gradient.
func TestExampleGradientsByFiniteDifferences(t *testing.T) {
	const h = 1e-6
	m, data := smallNet(2).Model(), Quadrants.draw(3)(5)
	replicas := []sweep.Replica{{Seed: 5}}
	start := sweep.Drawn(m, replicas)[0]
	still := stillLife{model: m, draw: Quadrants.draw(3), examples: 3, replicas: replicas, params: [][]float64{start}}
	each, err := still.exampleGradients(context.Background(), lessontest.PureGo(t))
	require.NoError(t, err)
	for i := range start {
		up, down := append([]float64(nil), start...), append([]float64(nil), start...)
		up[i], down[i] = start[i]+h, start[i]-h
		slope := (lossByHand(data.X[0], data.Y[0], up, 2) - lossByHand(data.X[0], data.Y[0], down, 2)) / (2 * h)
		require.InDelta(t, slope, each[0][0][i], 1e-8)
	}
}

// lossByHand is the cross-entropy of one example, in loops.
func lossByHand(x, y, theta []float64, hidden int) float64 {
	w1, b1 := theta[:2*hidden], theta[2*hidden:3*hidden]
	w2, b2 := theta[3*hidden:5*hidden], theta[5*hidden:]
	outputs := []float64{b2[0], b2[1]}
	for unit := range hidden {
		active := math.Tanh(x[0]*w1[unit] + x[1]*w1[hidden+unit] + b1[unit])
		for class := range outputs {
			outputs[class] += active * w2[2*unit+class]
		}
	}
	total := math.Exp(outputs[0]) + math.Exp(outputs[1])
	return -y[0]*(outputs[0]-math.Log(total)) - y[1]*(outputs[1]-math.Log(total))
}

// Gradients (3, 0) and (1, 0) have the mean (2, 0) and the variance 1.
func TestNoiseScaleByHand(t *testing.T) {
	require.InEpsilon(t, 0.25, noiseScale([][]float64{{3, 0}, {1, 0}}), 1e-12)
}

func TestClassifierLearnsTheMarkThatParts(t *testing.T) {
	random := fit.Rand(1, 77)
	var all []Picture
	for i := range 40 {
		mini := i%2 == 0
		wander := 1 + 0.1*random.Float64()
		if mini {
			wander += 5
		}
		all = append(all, Picture{Mini: mini, Marks: [2]float64{random.Float64(), wander}})
	}
	learned := learn(all)
	require.Equal(t, 1, learned.Mark)
	require.InDelta(t, 3.5, learned.Threshold, 0.2, "in the middle of the gap")
	require.Equal(t, 1.0, learned.accuracy(all))
}

// Whoever calls all curves mini-batch is right half the time in the balanced
// accuracy, however many mini-batches there are.
func TestBalancedAccuracyOfAGuessIsHalf(t *testing.T) {
	all := append(pictures(), Picture{Mini: true}, Picture{Mini: true}, Picture{Mini: true})
	require.Equal(t, 0.5, Classifier{Threshold: -1}.accuracy(all))
	require.Equal(t, 0.5, Classifier{Threshold: 2}.accuracy(all))
}

func TestCrossing(t *testing.T) {
	require.Equal(t, 15.0, crossing(10, 20, []float64{0, 2}, 1, 1, 1.5))
	require.Equal(t, 1.0, crossing(0, 4, []float64{1}, 0, 0, 0.9), "no training takes less than a step")
	require.Equal(t, 1.0, crossing(0, 0, nil, 0.1, 0, 0.5), "there before the first step")
}

// Where steps = 100·(1 + 8/B) the critical batch size is 8 by the formula of
// McCandlish et al., as far as the sizes reach.
func TestCriticalBatchSize(t *testing.T) {
	var f TimeMeasurement
	for b := 1; b <= 4096; b *= 2 {
		f.BatchSizes = append(f.BatchSizes, b)
		f.Steps = append(f.Steps, [][]float64{{100 * (1 + 8/float64(b))}})
	}
	require.InEpsilon(t, 8, f.critical()[0], 0.15)
	small, large := f.endSlopes()
	require.Less(t, small[0], -0.6)
	require.InDelta(t, 0, large[0], 0.01)
}

func TestBestRateIsThatOfAllSeeds(t *testing.T) {
	f := TimeMeasurement{Rates: []float64{1, 2, 3}, BatchSizes: []int{1}, Steps: [][][]float64{{{10, 10}, {1, math.NaN()}, {8, 9}}}}
	require.Equal(t, 2, f.best(0), "a rate at which a seed does not get there is none")
	require.True(t, f.atEdge(0))
}

// A rate at which everything diverges spoils neither the seeds beside it nor the
// facts.
func TestDivergedReplicasStayAlone(t *testing.T) {
	c := Smoke().Time
	alone, err := measureTime(context.Background(), lessontest.PureGo(t), c)
	require.NoError(t, err)
	c.Rates = append(append([]float64(nil), c.Rates...), 1e30)
	beside, err := measureTime(context.Background(), lessontest.PureGo(t), c)
	require.NoError(t, err)
	for size := range c.BatchSizes {
		require.InDeltaSlice(t, alone.atBest(size), beside.atBest(size), 1e-6)
		require.True(t, math.IsNaN(beside.Steps[size][len(c.Rates)-1][0]))
	}
}

func TestEpochs(t *testing.T) {
	f := TrendMeasurement{Examples: 6, BatchSizes: []int{3, 6}, Losses: [][][][]float64{{{{4, 2, 1, 3, 2, 4, 9}}}, {{{3}}}}}
	require.Equal(t, []float64{3, 2, 3}, f.epochMeans(0, f.Losses[0][0][0]), "the seventh step begins an epoch that is not whole")
	require.Equal(t, []float64{0.5}, f.fallingEpochs(0, 0))
	require.Empty(t, f.fallingEpochs(1, 0), "one epoch has none before it")
}

// Float64 gradients do not depend on the seeds beside them.
func TestNoiseOfOneSeedIsItsOwn(t *testing.T) {
	c := Smoke().NoiseKnobs()
	both, err := measureNoise(context.Background(), lessontest.PureGo(t), c)
	require.NoError(t, err)
	c.Seeds = c.Seeds[1:]
	one, err := measureNoise(context.Background(), lessontest.PureGo(t), c)
	require.NoError(t, err)
	for size := range c.BatchSizes {
		require.InEpsilon(t, both.Replaced[size][1], one.Replaced[size][0], 1e-9)
	}
}

// The chart of a descent leaves no gap that a straight line would hide: what is
// too low is drawn at the lower end from where it gets there to where it leaves.
func TestDescentsAreDrawnAtTheLowerEnd(t *testing.T) {
	losses := make([]float64, 41)
	for step := range losses {
		losses[step] = 1 + math.Pow(10, math.Abs(float64(step-20))-18)
	}
	curve := above("there and back", losses, 1)
	var low []float64
	for i, y := range curve.Y {
		if y == 1e-9 {
			low = append(low, curve.X[i])
		}
	}
	require.Equal(t, []float64{12, 28}, low)
	losses[30] = math.Inf(1)
	broken := above("breaks", losses, 1)
	require.Equal(t, 28.0, broken.X[len(broken.X)-1])
}

func TestCalmestIsTheLowestRateThatGetsThere(t *testing.T) {
	never := math.NaN()
	f := TimeMeasurement{BatchSizes: []int{1}, Steps: [][][]float64{{{never, 9}, {8, 7}, {1, 1}}}}
	require.Equal(t, 1, f.calmest(0))
	f.Steps[0] = f.Steps[0][:1]
	require.Equal(t, 0, f.calmest(0))
}

// The best rate is known when every seed has arrived at some rate, and the seeds
// on their way at the others have made more steps than that.
func TestDecided(t *testing.T) {
	never := math.NaN()
	for name, c := range map[string]struct {
		steps []float64 // two rates, two seeds each
		step  int
		want  bool
	}{
		"nobody arrived":                  {[]float64{never, never, never, never}, 100, false},
		"one seed missing":                {[]float64{10, never, never, never}, 100, false},
		"all on their way are later":      {[]float64{10, 10, never, never}, 11, true},
		"the others can still be as good": {[]float64{10, 10, never, never}, 10, false},
		"one arrived very early":          {[]float64{10, 10, 1, never}, 50, false},
		"too late for that one, too":      {[]float64{10, 10, 1, never}, 101, true},
		"all arrived":                     {[]float64{10, 10, 5, 9}, 12, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := toTarget{TimeConfig: TimeConfig{Seeds: []int64{1, 2}}, steps: c.steps}
			require.Equal(t, c.want, r.decided(c.step))
		})
	}
}

// Trainings that end early have the steps of the best rate that full trainings
// have.
func TestEndingEarlyChangesNoBest(t *testing.T) {
	c := Smoke().Time
	early, err := StepsToLoss.Measured(context.Background(), lessontest.PureGo(t), c)
	require.NoError(t, err)
	for size, b := range c.BatchSizes {
		alone := c
		alone.BatchSizes = []int{b} // the largest size trains to the end
		trainings, err := newToTarget(lessontest.PureGo(t), alone, Own{})
		require.NoError(t, err)
		require.NoError(t, trainings.run(context.Background(), lessontest.PureGo(t), b))
		trainings.meter.Finalize()
		whole := TimeMeasurement{BatchSizes: alone.BatchSizes, Rates: c.Rates, Steps: [][][]float64{sweep.ByRate(trainings.steps, len(c.Seeds))}}
		require.Equal(t, whole.best(0), early.best(size))
		if whole.best(0) >= 0 {
			require.Equal(t, whole.atBest(0), early.atBest(size))
		}
	}
}
