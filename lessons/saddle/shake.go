package saddle

import (
	"context"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"evident/kit/fit"
	"evident/kit/sweep"
)

// lookAround measures the curvature and the rise of the loss about the places
// where the fast runs of every racer first have the target loss.
func (f *TaskFacts) lookAround(ctx context.Context, backend compute.Backend, c RaceConfig, m sweep.Model, train sweep.Data) error {
	var places [][]float64
	var losses []float64
	for _, r := range f.Racers {
		own, _ := f.AtTarget(r)
		for seed, run := range r.Fast {
			place := run.AtTarget
			if place == nil { // its loss is NaN, and so is what comes of it
				place = make([]float64, m.Size())
			}
			places, losses = append(places, place), append(losses, own[seed])
		}
	}
	curvature, err := sweep.NewCurvature(backend, m, train, dtypes.Float32)
	if err != nil {
		return err
	}
	defer curvature.Finalize()
	top, err := curvature.Top(ctx, places, nil, sweep.Power{Iterations: 100, Tolerance: 0.01})
	if err != nil {
		return err
	}
	rises, err := c.shake(ctx, backend, m, train, places, losses)
	if err != nil {
		return err
	}
	for i := range f.Racers {
		for seed := range c.Seeds {
			at := i*len(c.Seeds) + seed
			sharpness := top[at].Value
			if math.IsNaN(losses[at]) {
				sharpness = math.NaN()
			}
			f.Racers[i].Sharpness = append(f.Racers[i].Sharpness, sharpness)
			f.Racers[i].Rise = append(f.Racers[i].Rise, rises[at])
		}
	}
	return nil
}

// shake multiplies every weight by 1 ± ρz with z normally distributed, and
// returns by how much the loss rises on average. In the mean over both signs the
// slope drops out: what is left is the curvature.
func (c RaceConfig) shake(ctx context.Context, backend compute.Backend, m sweep.Model, train sweep.Data, places [][]float64, losses []float64) ([]float64, error) {
	meter, err := sweep.NewMeter(backend, m, train)
	if err != nil {
		return nil, err
	}
	defer meter.Finalize()
	rises := make([]float64, len(places))
	for draw := range 2 * c.Shakes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		shaken := make([][]float64, len(places))
		for i, place := range places {
			random, size := fit.Rand(int64(draw/2), forShakes), c.Perturbation*float64(1-2*(draw%2))
			for _, weight := range place {
				shaken[i] = append(shaken[i], weight*(1+size*random.NormFloat64()))
			}
		}
		scores, err := meter.Score(shaken)
		if err != nil {
			return nil, err
		}
		for i, loss := range scores.Loss {
			rises[i] += (loss - losses[i]) / float64(2*c.Shakes)
		}
	}
	return rises, nil
}
