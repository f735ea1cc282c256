package sweep_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/stretchr/testify/require"

	"evident/datasets/toy"
	"evident/internal/badinput"
	"evident/kit/backend"
	"evident/kit/nn"
	"evident/kit/sweep"
)

func drawTraining(seed int64) sweep.Data { return toy.Quadrants(24, seed, 0) }

func drawTest(seed int64) sweep.Data { return toy.Quadrants(10, -1-seed, 0) }

// Two optimizers, two rates and three seeds, not in rising order.
var drawnReplicas = slices.Repeat(sweep.Grid([]float64{0.01, 0.3}, []int64{5, 1, 2}), 2)

// ofReplica is a configuration for one of drawnReplicas alone, with the data of
// its seed.
func ofReplica(c sweep.Config, i int, optimizers ...nn.Optimizer) sweep.Config {
	c.Data, c.Draw = c.Draw(drawnReplicas[i].Seed), nil
	c.Optimizer = optimizers[i*len(optimizers)/len(drawnReplicas)]
	return c
}

// Each replica moves as if it were trained alone on the data of its seed.
func TestReplicasTrainOnTheDataOfTheirSeed(t *testing.T) {
	optimizers := []nn.Optimizer{nn.SGD(), nn.Momentum(0.9)}
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		for name, c := range map[string]struct {
			batch int
			order sweep.Order
		}{"shuffled": {7, sweep.Shuffled}, "with replacement": {7, sweep.WithReplacement}, "in order": {7, sweep.InOrder}, "full": {}} {
			config := sweep.Config{
				Model: small.Model(), Draw: drawTraining, BatchSize: c.batch, Order: c.order, StepsPerCall: 3, DType: dtypes.Float64,
				Optimizer: sweep.Together(optimizers...), Watch: sweep.WatchGradients,
			}
			whole := run(t, backend, config, sweep.Run{Replicas: drawnReplicas, Steps: 10})
			for i := range drawnReplicas {
				alone := run(t, backend, ofReplica(config, i, optimizers...), sweep.Run{Replicas: drawnReplicas[i : i+1], Steps: 10})
				require.InDeltaSlice(t, alone.Final[0], whole.Final[i], 1e-12, name)
				require.InDeltaSlice(t, alone.Curve(0), whole.Curve(i), 1e-12, name)
				require.InDeltaSlice(t, alone.Watched[9][0], whole.Watched[9][i], 1e-12, name)
			}
			require.NotEqual(t, whole.Losses[0][0], whole.Losses[0][1], "the seeds differ")
		}
	})
}

// A program draws anew for other seeds, and once for each.
func TestEachSeedIsDrawnOncePerRun(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		for _, batch := range []int{0, 8} {
			var drawn []int64
			config := sweep.Config{Model: small.Model(), BatchSize: batch, DType: dtypes.Float64, Draw: func(seed int64) sweep.Data {
				drawn = append(drawn, seed)
				return drawTraining(seed)
			}}
			program, err := sweep.New(backend, config)
			require.NoError(t, err)
			defer program.Finalize()
			for _, seeds := range [][]int64{{3, 1}, {2, 3}} {
				drawn = nil
				replicas := sweep.Grid([]float64{0.1, 0.2}, seeds)
				trace, err := program.Run(context.Background(), sweep.Run{Replicas: replicas, Steps: 5})
				require.NoError(t, err)
				require.Equal(t, seeds, drawn)
				for i, r := range replicas {
					alone := run(t, backend, sweep.Config{Model: small.Model(), BatchSize: batch, DType: dtypes.Float64, Data: drawTraining(r.Seed)},
						sweep.Run{Replicas: replicas[i : i+1], Steps: 5})
					require.InDeltaSlice(t, alone.Final[0], trace.Final[i], 1e-12)
				}
			}
		}
	})
}

func TestMeterScoresOnTheDataOfTheSeed(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		m := small.Model()
		meter, err := sweep.NewMeter(backend, m, drawTest)
		require.NoError(t, err)
		defer meter.Finalize()
		for _, replicas := range [][]sweep.Replica{drawnReplicas, drawnReplicas[1:4]} {
			params := sweep.Drawn(m, replicas)
			scores, err := meter.Score(params, replicas...)
			require.NoError(t, err)
			for i, r := range replicas {
				alone, err := sweep.NewMeter(backend, m, drawTest(r.Seed))
				require.NoError(t, err)
				defer alone.Finalize()
				want, err := alone.Score(params[i : i+1])
				require.NoError(t, err)
				require.InDelta(t, want.Loss[0], scores.Loss[i], 1e-6)
				require.InDelta(t, want.Accuracy[0], scores.Accuracy[i], 1e-6)
			}
		}
	})
}

func TestCurvatureIsThatOfTheDataOfTheSeed(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		m := small.Model()
		curvature, err := sweep.NewCurvature(backend, m, drawTraining, dtypes.Float64)
		require.NoError(t, err)
		defer curvature.Finalize()
		replicas := drawnReplicas[1:4]
		power := sweep.Power{Iterations: 500, Tolerance: 1e-9}
		params := sweep.Drawn(m, replicas)
		vectors := sweep.Starts(replicas, func(seed int64) []float64 { return sweep.Draw(m, seed+10, 1) })
		products, err := curvature.Times(params, vectors, replicas...)
		require.NoError(t, err)
		top, err := curvature.Top(context.Background(), params, vectors, power, replicas...)
		require.NoError(t, err)
		for i, r := range replicas {
			alone, err := sweep.NewCurvature(backend, m, drawTraining(r.Seed), dtypes.Float64)
			require.NoError(t, err)
			defer alone.Finalize()
			product, err := alone.Times(params[i:i+1], vectors[i:i+1])
			require.NoError(t, err)
			require.InDeltaSlice(t, product[0], products[i], 1e-12)
			own, err := alone.Top(context.Background(), params[i:i+1], vectors[i:i+1], power)
			require.NoError(t, err)
			require.InDelta(t, own[0].Value, top[i].Value, 1e-7)
		}
	})
}

// A study of one seed alone, with its data, has the same history.
func TestStudyDrawsTrainingAndTestData(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		config := sweep.Config{Model: small.Model(), Draw: drawTraining, BatchSize: 8}
		study, err := sweep.NewStudy(backend, config, drawTest)
		require.NoError(t, err)
		defer study.Finalize()
		replicas := sweep.Grid([]float64{0.1, 0.5}, []int64{4, 6})
		histories, err := study.Run(context.Background(), sweep.Run{Replicas: replicas, Steps: 20, Every: 10}, 0)
		require.NoError(t, err)
		for i, r := range replicas {
			alone, err := sweep.NewStudy(backend, sweep.Config{Model: small.Model(), Data: drawTraining(r.Seed), BatchSize: 8}, drawTest(r.Seed))
			require.NoError(t, err)
			defer alone.Finalize()
			want, err := alone.Run(context.Background(), sweep.Run{Replicas: replicas[i : i+1], Steps: 20, Every: 10}, 0)
			require.NoError(t, err)
			require.InDeltaSlice(t, want[0].Final, histories[i].Final, 1e-5)
			for k := range want[0].Steps {
				require.InDelta(t, want[0].Train[k].Loss, histories[i].Train[k].Loss, 1e-5)
				require.InDelta(t, want[0].Test[k].Loss, histories[i].Test[k].Loss, 1e-5)
			}
		}
	})
}

func TestBadDrawsAreRefused(t *testing.T) {
	pure, err := backend.PureGo()
	require.NoError(t, err)
	_, err = sweep.New(pure, sweep.Config{Model: small.Model(), Data: rings(8), Draw: drawTraining})
	require.ErrorContains(t, err, "both Data and Draw")
	wider := func(seed int64) sweep.Data {
		data := drawTraining(seed)
		if seed == 7 {
			data.X[0] = []float64{1, 2, 3}
		}
		return data
	}
	many := make([]sweep.Replica, 2_000_000)
	for message, c := range map[string]struct {
		draw     func(seed int64) sweep.Data
		batch    int
		replicas []sweep.Replica
		badInput bool
	}{
		"seed 7 draws 7 inputs of 14 values in all and 7 targets of 14: seed 3 draws 3 inputs": {
			draw: func(seed int64) sweep.Data { return rings(int(seed)) }, replicas: sweep.Grid([]float64{1}, []int64{3, 7}),
		},
		"seed 7 draws 24 inputs of 49 values":   {draw: wider, replicas: sweep.Grid([]float64{1}, []int64{3, 7})},
		"seed 3 draws no examples":              {draw: func(int64) sweep.Data { return sweep.Data{} }, replicas: sweep.Grid([]float64{1}, []int64{3})},
		"a batch of 25 from 24 examples":        {draw: drawTraining, batch: 25, replicas: sweep.Grid([]float64{1}, []int64{3}), badInput: true},
		"rates × seeds are 2000000 replicas":    {draw: drawTraining, replicas: many, badInput: true},
		"a sweep of no replicas: give at least": {draw: drawTraining, badInput: true},
	} {
		program, err := sweep.New(pure, sweep.Config{Model: small.Model(), Draw: c.draw, BatchSize: c.batch})
		require.NoError(t, err)
		_, err = program.Run(context.Background(), sweep.Run{Replicas: c.replicas, Steps: 1})
		require.ErrorContains(t, err, message)
		if c.badInput {
			require.ErrorIs(t, err, badinput.Err)
		}
		program.Finalize()
	}
	meter, err := sweep.NewMeter(pure, small.Model(), drawTest)
	require.NoError(t, err)
	defer meter.Finalize()
	_, err = meter.Score(sweep.Drawn(small.Model(), many[:2]))
	require.ErrorContains(t, err, "0 replicas for 2 parameter vectors")
}

// Each of the 24 examples drawn has two inputs and two targets.
func TestValuesCountDrawnData(t *testing.T) {
	for _, batch := range []int{0, 8} {
		shared := sweep.Config{Model: small.Model(), Data: drawTraining(1), BatchSize: batch}
		drawn := sweep.Config{Model: small.Model(), Draw: drawTraining, BatchSize: batch}
		require.Equal(t, shared.Values()+24*(2+2), drawn.Values())
	}
}

// Lines of a different slope for each seed, which the replicas of all rates of
// this seed learn.
func ExampleConfig() {
	pure, err := backend.PureGo()
	if err != nil {
		panic(err)
	}
	line := func(seed int64) sweep.Data {
		var data sweep.Data
		for _, x := range []float64{-1, 0, 1} {
			data.Add([]float64{x}, []float64{float64(seed) * x})
		}
		return data
	}
	linear := sweep.Net{Widths: []int{1, 1}, Loss: sweep.SquaredError}.Model()
	program, err := sweep.New(pure, sweep.Config{Model: linear, Draw: line})
	if err != nil {
		panic(err)
	}
	defer program.Finalize()
	replicas := sweep.Grid([]float64{0.5, 1}, []int64{3, 4})
	trace, err := program.Run(context.Background(), sweep.Run{Replicas: replicas, Steps: 50})
	if err != nil {
		panic(err)
	}
	for i, r := range replicas {
		fmt.Printf("η = %g, seed %d: slope %.2f\n", r.Rate, r.Seed, trace.Final[i][0])
	}
	// Output:
	// η = 0.5, seed 3: slope 3.00
	// η = 0.5, seed 4: slope 4.00
	// η = 1, seed 3: slope 3.00
	// η = 1, seed 4: slope 4.00
}
