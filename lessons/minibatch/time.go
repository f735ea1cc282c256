package minibatch

import (
	"context"
	"math"

	"github.com/gomlx/compute"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"evident/datasets/toy"
	"evident/kit/sweep"
)

// TimeFacts say how many steps it takes to a loss, by batch size.
type TimeFacts struct {
	BatchSizes []int
	Rates      []float64
	Target     float64       // loss on all examples (nats)
	Steps      [][][]float64 // [size][rate][seed]; NaN where it was not reached
	// The simple noise scale of every seed, before the first step and where the
	// largest batches reach the target; the latter is NaN where they do not. It is
	// taken at the lowest rate that gets there: at higher ones the gradient is that
	// of an oscillation.
	ScaleAtStart, ScaleAtTarget []float64
}

// Best is the index of the rate with the fewest steps, as the geometric mean
// over the seeds, among those at which all seeds reach the target; -1 when there
// is none.
func (f TimeFacts) Best(size int) int {
	best, fewest := -1, math.Inf(1)
	for rate, steps := range f.Steps[size] {
		if mean := stat.GeometricMean(steps, nil); mean < fewest { // false for NaN
			best, fewest = rate, mean
		}
	}
	return best
}

// calmest is the index of the lowest rate at which all seeds reach the target;
// 0 when there is none.
func (f TimeFacts) calmest(size int) int {
	for rate, steps := range f.Steps[size] {
		if !floats.HasNaN(steps) {
			return rate
		}
	}
	return 0
}

// AtBest is the steps of every seed at the batch size's best rate; NaN where it
// has none.
func (f TimeFacts) AtBest(size int) []float64 {
	if best := f.Best(size); best >= 0 {
		return f.Steps[size][best]
	}
	never := make([]float64, len(f.Steps[size][0]))
	for seed := range never {
		never[seed] = math.NaN()
	}
	return never
}

// AtEdge reports whether a batch size's best rate is the lowest or the highest
// of the grid, beyond which a better one may lie.
func (f TimeFacts) AtEdge(size int) bool {
	best := f.Best(size)
	return best == 0 || best == len(f.Rates)-1
}

// atEnds is the number of batch sizes over which a slope is taken.
func (f TimeFacts) atEnds() int { return max(len(f.BatchSizes)/3, 2) }

// Slopes are, for every seed, the powers p of steps ∝ Bᵖ at the small and at the
// large end of the batch sizes: a line fitted to the logarithms of a third of
// them.
func (f TimeFacts) Slopes() (small, large []float64) {
	n, k := len(f.BatchSizes), f.atEnds()
	return f.slopes(0, k), f.slopes(n-k, n)
}

func (f TimeFacts) slopes(from, to int) []float64 {
	slopes := make([]float64, len(f.Steps[0][0]))
	for seed := range slopes {
		var x, y []float64
		for size := from; size < to; size++ {
			x, y = append(x, math.Log(float64(f.BatchSizes[size]))), append(y, math.Log(f.AtBest(size)[seed]))
		}
		_, slopes[seed] = stat.LinearRegression(x, y, nil, false)
	}
	return slopes
}

// Critical is, for every seed, the critical batch size of McCandlish et al.
// (2018), section 2.3: the fewest examples over the fewest steps. Below it a
// larger batch saves steps at little cost, above it hardly any.
func (f TimeFacts) Critical() []float64 {
	critical := make([]float64, len(f.Steps[0][0]))
	for seed := range critical {
		steps, examples := math.Inf(1), math.Inf(1)
		for size, b := range f.BatchSizes {
			own := f.AtBest(size)[seed]
			steps, examples = min(steps, own), min(examples, own*float64(b))
		}
		critical[seed] = examples / steps
	}
	return critical
}

// MeasureTime trains by every batch size at every rate of the grid.
func MeasureTime(ctx context.Context, backend compute.Backend, c TimeConfig) (TimeFacts, error) {
	facts := TimeFacts{BatchSizes: c.BatchSizes, Rates: c.Rates, Target: c.Target}
	if err := c.check(); err != nil {
		return facts, err
	}
	race, err := newRace(backend, c)
	if err != nil {
		return facts, err
	}
	defer race.meter.Finalize()
	for _, size := range c.BatchSizes {
		if err := race.run(ctx, backend, size); err != nil {
			return facts, err
		}
		facts.Steps = append(facts.Steps, sweep.ByRate(race.steps, len(c.Seeds)))
	}
	facts.ScaleAtStart, facts.ScaleAtTarget, err = race.scales(ctx, backend, facts.calmest(len(c.BatchSizes)-1)*len(c.Seeds))
	return facts, err
}

// race is trainings to the target.
type race struct {
	TimeConfig
	model    sweep.Model
	data     sweep.Data
	replicas []sweep.Replica
	start    [][]float64
	meter    *sweep.Meter
	// Of the last batch size, by replica:
	steps   []float64   // NaN where the target was not reached
	arrived [][]float64 // parameters there; nil where it was not reached
}

func newRace(backend compute.Backend, c TimeConfig) (*race, error) {
	r := &race{TimeConfig: c, model: smallNet(c.Hidden).Model(), data: toy.Quadrants(c.Examples, flippedDraw, c.Flipped)}
	r.replicas = sweep.Grid(c.Rates, c.Seeds)
	r.start = sweep.Drawn(r.model, r.replicas)
	var err error
	r.meter, err = sweep.NewMeter(backend, r.model, r.data)
	return r, err
}

// length is the number of steps that batches of a size are given.
func (c TimeConfig) length(size int) int { return max(c.Budget/size, c.LeastSteps) }

// run trains by batches of one size. The loss on all examples is taken at
// checkpoints; between two of them it is taken as a straight line.
func (r *race) run(ctx context.Context, backend compute.Backend, size int) error {
	const perCall, looks = 4, 250
	config := sweep.Config{Model: r.model, Data: r.data, BatchSize: batchSize(size, r.Examples), StepsPerCall: perCall}
	program, err := sweep.New(backend, config)
	if err != nil {
		return err
	}
	defer program.Finalize()
	r.steps, r.arrived = make([]float64, len(r.replicas)), make([][]float64, len(r.replicas))
	for i := range r.steps {
		r.steps[i] = math.NaN()
	}
	var before []float64
	lastStep := 0
	_, err = program.Run(ctx, sweep.Run{
		Task: "time to a loss", Replicas: r.replicas, Start: r.start, Steps: r.length(size), Every: r.length(size) / looks,
		Visit: func(step int, params [][]float64) error {
			scores, err := r.meter.Score(params)
			if err != nil {
				return err
			}
			for i, loss := range scores.Loss {
				if math.IsNaN(r.steps[i]) && loss <= r.Target {
					r.steps[i], r.arrived[i] = crossing(lastStep, step, before, loss, i, r.Target), params[i]
				}
			}
			before, lastStep = scores.Loss, step
			return nil
		},
	})
	return err
}

// crossing is the step, of at least 1, at which the loss of replica i falls to
// the target, on a straight line between two checkpoints.
func crossing(from, to int, before []float64, after float64, i int, target float64) float64 {
	if before == nil {
		return 1 // there from the start
	}
	share := (before[i] - target) / (before[i] - after)
	return max(float64(from)+share*float64(to-from), 1)
}

// scales are the simple noise scales of the replicas from first on, one a seed.
func (r *race) scales(ctx context.Context, backend compute.Backend, first int) (atStart, atTarget []float64, err error) {
	own := r.replicas[first : first+len(r.Seeds)]
	still := stillLife{model: r.model, data: r.data}
	for i := range own {
		end := r.arrived[first+i]
		if end == nil { // keeps the place, to be marked below
			end = r.start[first+i]
		}
		still.replicas = append(still.replicas, sweep.Replica{Seed: own[i].Seed}, sweep.Replica{Seed: own[i].Seed})
		still.params = append(still.params, r.start[first+i], end)
	}
	gradients, err := still.exampleGradients(ctx, backend)
	if err != nil {
		return nil, nil, err
	}
	for i := range own {
		atStart = append(atStart, noiseScale(gradients[2*i]))
		scale := math.NaN()
		if r.arrived[first+i] != nil {
			scale = noiseScale(gradients[2*i+1])
		}
		atTarget = append(atTarget, scale)
	}
	return atStart, atTarget, nil
}
