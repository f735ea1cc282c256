package sweep_test

import (
	"context"
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/stretchr/testify/require"

	"evident/datasets/toy"
	"evident/internal/badinput"
	"evident/kit/backend"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/sweep"
)

// onBoth runs a test on the chosen backend and on the pure-Go backend.
func onBoth(t *testing.T, test func(t *testing.T, backend compute.Backend)) {
	selected, err := backend.Select(context.Background())
	require.NoError(t, err)
	pure, err := backend.PureGo()
	require.NoError(t, err)
	t.Run(selected.Backend.Name(), func(t *testing.T) { test(t, selected.Backend) })
	t.Run("pure "+pure.Name(), func(t *testing.T) { test(t, pure) })
}

// rings returns n points of the plane, labelled by their quadrant.
func rings(n int) sweep.Data { return toy.Quadrants(n, 1, 0) }

var small = sweep.Net{Widths: []int{2, 6, 2}, Activation: Tanh, Loss: sweep.CrossEntropy}

func run(t *testing.T, backend compute.Backend, c sweep.Config, r sweep.Run) sweep.Trace {
	t.Helper()
	program, err := sweep.New(backend, c)
	require.NoError(t, err)
	defer program.Finalize()
	trace, err := program.Run(context.Background(), r)
	require.NoError(t, err)
	return trace
}

func draw(m sweep.Model) func(int64) []float64 {
	return func(seed int64) []float64 { return sweep.Draw(m, seed, 1) }
}

func TestSweepEqualsReplicaByReplica(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		m := small.Model()
		for _, batch := range []int{0, 8} {
			config := sweep.Config{Model: m, Data: rings(24), BatchSize: batch, StepsPerCall: 3}
			replicas := sweep.Grid([]float64{0.01, 0.3}, []int64{1, 2})
			whole := run(t, backend, config, sweep.Run{Replicas: replicas, Start: sweep.Starts(replicas, draw(m)), Steps: 10})
			require.Len(t, whole.Losses, 10, "the steps beyond the end of the last call do not count")
			config.StepsPerCall = 1
			for i, r := range replicas {
				alone := run(t, backend, config, sweep.Run{Replicas: []sweep.Replica{r}, Start: [][]float64{sweep.Draw(m, r.Seed, 1)}, Steps: 10})
				require.InDeltaSlice(t, alone.Curve(0), whole.Curve(i), 1e-5)
				require.InDeltaSlice(t, alone.Final[0], whole.Final[i], 1e-5)
			}
		}
	})
}

// The expected steps of a linear model with squared error come by hand: θ ← θ
// − η/n·Σ(x·θ − y)·x.
func TestSweepEqualsTheHandRecurrence(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		data := sweep.Data{X: [][]float64{{1}, {2}, {-1}}, Y: [][]float64{{3}, {1}, {0}}}
		linear := sweep.Net{Widths: []int{1, 1}, Loss: sweep.SquaredError}.Model()
		rates := []float64{0.1, 0.5}
		trace := run(t, backend, sweep.Config{Model: linear, Data: data, DType: dtypes.Float64, StepsPerCall: 4}, sweep.Run{
			Replicas: sweep.Grid(rates, []int64{1}), Start: [][]float64{{2, 1}, {2, 1}}, Steps: 8,
		})
		for i, rate := range rates {
			w, b := 2.0, 1.0
			for step := range 8 {
				var loss, dw, db float64
				for k := range data.X {
					wrong := w*data.X[k][0] + b - data.Y[k][0]
					loss += wrong * wrong / 2 / 3
					dw, db = dw+wrong*data.X[k][0]/3, db+wrong/3
				}
				require.InDelta(t, loss, trace.Losses[step][i], 1e-12)
				require.InDelta(t, math.Hypot(dw, db), trace.GradientNorms[step][i], 1e-12)
				w, b = w-rate*dw, b-rate*db
			}
			require.InDeltaSlice(t, []float64{w, b}, trace.Final[i], 1e-12)
		}
	})
}

func TestSweepEqualsTheClassifier(t *testing.T) {
	selected, err := backend.Select(context.Background())
	require.NoError(t, err)
	data := rings(16)
	var flat []float32
	var labels []int32
	for i, x := range data.X {
		flat, labels = append(flat, float32(x[0]), float32(x[1])), append(labels, int32(data.Y[i][1]))
	}
	asData := fit.NewData(flat, []int{2}, labels)
	network := func(scope *model.Scope, x *Node) *Node {
		return nn.Dense(scope.In("out"), Tanh(nn.Dense(scope.In("hidden"), x, 6)), 2)
	}
	classifier, err := fit.NewClassifier(selected.Backend, network, asData, 16,
		optimizer.StochasticGradientDescent().WithDecay(false).WithLearningRate(0.5).Done())
	require.NoError(t, err)
	defer classifier.Finalize()
	require.NoError(t, classifier.Reset(7))
	var start []float64
	for _, path := range []string{"/hidden/weights", "/hidden/biases", "/out/weights", "/out/biases"} {
		value, err := classifier.Store().GetVariable(path).Value()
		require.NoError(t, err)
		for _, v := range tensors.MustCopyFlatData[float32](value) {
			start = append(start, float64(v))
		}
	}
	history, err := classifier.Train(context.Background(), asData, fit.Training{Seed: 7, Epochs: 20})
	require.NoError(t, err)
	trace := run(t, selected.Backend, sweep.Config{Model: small.Model(), Data: data, StepsPerCall: 5}, sweep.Run{
		Replicas: []sweep.Replica{{Rate: 0.5, Seed: 7}}, Start: [][]float64{start}, Steps: 20,
	})
	require.InDeltaSlice(t, history.Losses, trace.Curve(0), 1e-5)
}

// A run without a start begins at parameters drawn from its seeds.
func TestStartsAreDrawnFromTheSeeds(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		m := small.Model()
		config := sweep.Config{Model: m, Data: rings(12), Watch: sweep.WatchParams, DType: dtypes.Float64}
		replicas := sweep.Grid([]float64{0.1}, []int64{4, 9})
		trace := run(t, backend, config, sweep.Run{Replicas: replicas, Steps: 1})
		for i, r := range replicas {
			require.Equal(t, sweep.Draw(m, r.Seed, 1), trace.Watched[0][i])
		}
	})
}

func TestDivergentReplicaLeavesItsNeighboursAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		net := sweep.Net{Widths: []int{2, 6, 2}, Activation: nn.ReLU, Loss: sweep.SquaredError}.Model()
		config := sweep.Config{Model: net, Data: rings(12), BatchSize: 4}
		rates := []float64{0.05, 1e6, 0.05, math.MaxFloat32}
		replicas := sweep.Grid(rates, []int64{3})
		trace := run(t, backend, config, sweep.Run{Replicas: replicas, Start: sweep.Starts(replicas, draw(net)), Steps: 40})
		for _, broken := range []int{1, 3} {
			last := trace.Losses[39][broken]
			require.True(t, math.IsNaN(last) || math.IsInf(last, 0), "rate %g ends at %g", rates[broken], last)
		}
		alone := run(t, backend, config, sweep.Run{Replicas: replicas[:1], Start: sweep.Starts(replicas[:1], draw(net)), Steps: 40})
		require.InDeltaSlice(t, alone.Final[0], trace.Final[0], 1e-5)
		require.Equal(t, trace.Final[0], trace.Final[2])
		require.Equal(t, trace.Curve(0), trace.Curve(2))
	})
}

func TestScheduleMultipliesTheRate(t *testing.T) {
	selected, err := backend.Select(context.Background())
	require.NoError(t, err)
	half := sweep.Model{Shapes: [][]int{{1}}, Loss: func(params []*Node, _, _ *Node) *Node {
		return MulScalar(sweep.SquaredNorm(params[0]), 0.5)
	}}
	trace := run(t, selected.Backend, sweep.Config{Model: half, DType: dtypes.Float64, StepsPerCall: 2}, sweep.Run{
		Replicas: []sweep.Replica{{Rate: 0.5}}, Start: [][]float64{{1}}, Steps: 3,
		Schedule: func(step int) float64 { return []float64{1, 0, 0.5}[step] },
	})
	require.InDelta(t, 0.5*0.75, trace.Final[0][0], 1e-15, "θ is multiplied by 1 − η")
}

func TestBadSweepsAreRefused(t *testing.T) {
	selected, err := backend.Select(context.Background())
	require.NoError(t, err)
	m := small.Model()
	_, err = sweep.New(selected.Backend, sweep.Config{Model: m, Data: rings(8), BatchSize: 9})
	require.ErrorIs(t, err, badinput.Err)
	program, err := sweep.New(selected.Backend, sweep.Config{Model: m, Data: rings(8)})
	require.NoError(t, err)
	defer program.Finalize()
	many := make([]sweep.Replica, 2_000_000)
	for message, r := range map[string]sweep.Run{
		"no replicas":               {Steps: 1},
		"rates × seeds are 2000000": {Steps: 1, Replicas: many},
		"0 steps":                   {Replicas: []sweep.Replica{{Rate: 1, Seed: 1}}},
	} {
		_, err := program.Run(context.Background(), r)
		require.ErrorIs(t, err, badinput.Err)
		require.ErrorContains(t, err, message)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = program.Run(ctx, sweep.Run{Steps: 1, Replicas: many[:1], Start: [][]float64{sweep.Draw(m, 1, 1)}})
	require.ErrorIs(t, err, context.Canceled)
}

func TestVisitSeesTheParametersAlongTheWay(t *testing.T) {
	selected, err := backend.Select(context.Background())
	require.NoError(t, err)
	m, data := small.Model(), rings(8)
	meter, err := sweep.NewMeter(selected.Backend, m, data)
	require.NoError(t, err)
	defer meter.Finalize()
	replicas := sweep.Grid([]float64{0.1, 1}, []int64{1})
	var steps []int
	var losses [][]float64
	trace := run(t, selected.Backend, sweep.Config{Model: m, Data: data, StepsPerCall: 2}, sweep.Run{
		Replicas: replicas, Start: sweep.Starts(replicas, draw(m)), Steps: 9, Every: 4,
		Visit: func(step int, params [][]float64) error {
			scores, err := meter.Score(params)
			steps, losses = append(steps, step), append(losses, scores.Loss)
			return err
		},
	})
	require.Equal(t, []int{0, 4, 8, 9}, steps)
	for i, step := range steps[:3] {
		require.InDeltaSlice(t, trace.Losses[step], losses[i], 1e-5, "full batches: the loss of the step")
	}
}

// With two examples, a permutation shows each once in two steps, and drawing
// with replacement repeats one half of the time.
func TestOrdersOfTheExamples(t *testing.T) {
	selected, err := backend.Select(context.Background())
	require.NoError(t, err)
	data := sweep.Data{X: [][]float64{{0}, {1}}, Y: [][]float64{{0}, {0}}}
	seen := sweep.Model{Shapes: [][]int{{1}}, Loss: func(params []*Node, x, _ *Node) *Node {
		return Mul(Reshape(params[0], -1), Reshape(ReduceMean(x, 1), -1))
	}}
	for _, c := range []struct {
		order   sweep.Order
		repeats bool
	}{{sweep.Shuffled, false}, {sweep.WithReplacement, true}, {sweep.InOrder, false}} {
		trace := run(t, selected.Backend, sweep.Config{Model: seen, Data: data, BatchSize: 1, Order: c.order, StepsPerCall: 10}, sweep.Run{
			Replicas: []sweep.Replica{{Rate: 0, Seed: 1}}, Start: [][]float64{{1}}, Steps: 100,
		})
		losses, repeats := trace.Curve(0), 0
		for i := 0; i < len(losses); i += 2 {
			if losses[i] == losses[i+1] {
				repeats++
			}
		}
		require.Equal(t, c.repeats, repeats > 10, "%d of 50", repeats)
		if c.order == sweep.InOrder {
			require.Equal(t, []float64{0, 1, 0, 1}, losses[:4])
		}
	}
}

// Next replaces Every, and a visit waits for the end of a call.
func TestVisitsFollowNext(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		var visited []int
		run(t, backend, sweep.Config{Model: small.Model(), Data: rings(8), StepsPerCall: 2}, sweep.Run{
			Replicas: []sweep.Replica{{Rate: 0.1, Seed: 1}}, Start: [][]float64{draw(small.Model())(1)}, Steps: 20,
			Next:  func(step int) int { return 2*step + 1 },
			Visit: func(step int, _ [][]float64) error { visited = append(visited, step); return nil },
		})
		require.Equal(t, []int{0, 2, 6, 14, 20}, visited)
	})
}
