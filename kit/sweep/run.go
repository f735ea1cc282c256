package sweep

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"evident/internal/badinput"
	"evident/kit/fit"
	"evident/kit/progress"
)

// Replica is one training of a sweep.
type Replica struct {
	Rate float64 // the learning rate η
	Seed int64   // for the initial parameters, the order of the data, and drawn data
}

// Grid combines every rate with every seed, all seeds of the first rate first.
// The replica of rates[i] and seeds[j] has the index i·len(seeds) + j.
func Grid(rates []float64, seeds []int64) []Replica {
	replicas := make([]Replica, 0, len(rates)*len(seeds))
	for _, rate := range rates {
		for _, seed := range seeds {
			replicas = append(replicas, Replica{rate, seed})
		}
	}
	return replicas
}

// ByRate splits the values of a [Grid]'s replicas into [rate][seed].
func ByRate[T any](values []T, seeds int) [][]T {
	return slices.Collect(slices.Chunk(values, seeds))
}

// Starts draws the initial parameters of every replica from its seed, so that
// replicas with the same seed start at the same point.
func Starts(replicas []Replica, draw func(seed int64) []float64) [][]float64 {
	starts := make([][]float64, len(replicas))
	for i, r := range replicas {
		starts[i] = draw(r.Seed)
	}
	return starts
}

// Drawn draws the initial parameters of every replica with [Draw].
func Drawn(m Model, replicas []Replica) [][]float64 {
	return Starts(replicas, func(seed int64) []float64 { return Draw(m, seed, 1) })
}

// Run is one sweep: the replicas and their initial parameters, one vector per
// replica.
type Run struct {
	Task     string // names the run in progress updates
	Replicas []Replica
	Start    [][]float64 // [replica][parameter]; nil for [Drawn]
	Steps    int
	// Schedule returns the factor for all rates at a step, counted from 0; nil
	// means 1.
	Schedule func(step int) float64
	// Visit, if not nil, gets the parameters [replica][parameter] at step 0,
	// then every Every steps, and at the end. It runs between two calls of the
	// program.
	Visit func(step int, params [][]float64) error
	Every int
	// Next, if not nil, replaces Every: it returns the step of the visit after
	// the given one.
	Next func(step int) int
}

// Trace records a sweep. Its numbers may be Inf or NaN for diverged replicas.
type Trace struct {
	Losses        [][]float64   // [step][replica], before the step
	GradientNorms [][]float64   // [step][replica]
	Watched       [][][]float64 // [step][replica][k]; nil if nothing is watched
	Final         [][]float64   // [replica][parameter]
}

// Curve returns the losses of one replica.
func (t Trace) Curve(replica int) []float64 {
	losses := make([]float64, len(t.Losses))
	for step := range losses {
		losses[step] = t.Losses[step][replica]
	}
	return losses
}

// MaxValues limits the values that all replicas of one program may hold
// together: 2 GiB of float32.
const MaxValues = 1 << 29

// Values returns the number of values that one replica holds during a step: its
// parameters with their gradients and moves, the optimizer's slots, and the
// outputs of every unit for every example, forward and backward. With Draw, it
// adds the replica's own data, and draws those of seed 0 to count them.
func (c Config) Values() int {
	if c.Draw != nil {
		return c.values(c.Draw(0))
	}
	return c.values(c.Data)
}

func (c Config) values(data Data) int {
	examples, own := data.Len(), 0
	if c.BatchSize > 0 {
		examples = c.BatchSize
	}
	if c.Draw != nil {
		shape := shapeOf(data)
		own = shape.xValues + shape.yValues
	}
	return (4+2*c.Optimizer.Slots)*c.Model.Size() + 4*max(examples, 1)*c.Model.Units + own
}

// CheckFits returns an error if the replicas would hold more than [MaxValues]
// together. The error names the knobs that decide their number.
func CheckFits(knobs string, replicas int, c Config) error {
	return checkFits(knobs, replicas, c.Values())
}

func checkFits(knobs string, replicas, values int) error {
	if needs := replicas * values; needs > MaxValues {
		return badinput.Errorf("%s are %d replicas, which hold %d values: at most %d fit, use fewer", knobs, replicas, needs, MaxValues)
	}
	return nil
}

// Run trains all replicas for the same number of steps. Divergence is an
// outcome. The error is [badinput.Err] if the replicas do not fit into memory.
func (p *Program) Run(ctx context.Context, r Run) (Trace, error) {
	if err := p.check(r); err != nil {
		return Trace{}, err
	}
	course, err := p.Begin(r.Replicas, r.Start)
	if err != nil {
		return Trace{}, err
	}
	var trace Trace
	due := 0 // step of the next visit
	for step := 0; step < r.Steps; step += p.config.StepsPerCall {
		if err := ctx.Err(); err != nil {
			return trace, err
		}
		if r.Visit != nil && step >= due {
			if err := r.Visit(step, course.Params()); err != nil {
				return trace, err
			}
			due = r.next(due, step)
		}
		records, err := course.call(func(at int) float64 {
			switch {
			case at >= r.Steps:
				return 0 // beyond the end, in the last call: the parameters do not move
			case r.Schedule != nil:
				return r.Schedule(at)
			}
			return 1
		})
		if err != nil {
			return trace, err
		}
		trace.add(records, len(r.Replicas), r.Steps)
		progress.ReportTask(ctx, r.Task, len(trace.Losses), r.Steps)
	}
	trace.Final = course.Params()
	if r.Visit != nil {
		return trace, r.Visit(r.Steps, trace.Final)
	}
	return trace, nil
}

// next returns the earliest step of the next visit. The last visit was due at
// the step due and happened at the step given, or later.
func (r Run) next(due, step int) int {
	if r.Next != nil {
		return r.Next(step)
	}
	return due + max(r.Every, 1)
}

// emptySlots returns zeros for all slots, parameter by parameter.
func (c Config) emptySlots(replicas int) []*tensors.Tensor {
	var slots []*tensors.Tensor
	for _, shape := range c.Model.Shapes {
		for range c.Optimizer.Slots {
			slots = append(slots, tensors.FromShape(shapes.Make(c.DType, append([]int{replicas}, shape...)...)))
		}
	}
	return slots
}

func (p *Program) check(r Run) error {
	if len(r.Replicas) == 0 {
		return badinput.Errorf("a sweep of no replicas: give at least one rate and one seed")
	}
	if p.config.Draw == nil { // drawn data are checked when they are drawn
		if err := CheckFits("rates × seeds", len(r.Replicas), p.config); err != nil {
			return err
		}
	}
	if r.Steps < 1 {
		return badinput.Errorf("%d steps: train for at least 1", r.Steps)
	}
	for i, start := range r.Start {
		if len(start) != p.config.Model.Size() {
			return fmt.Errorf("replica %d starts with %d values: the model has %d parameters", i, len(start), p.config.Model.Size())
		}
	}
	if r.Start != nil && len(r.Start) != len(r.Replicas) {
		return fmt.Errorf("%d starts for %d replicas", len(r.Start), len(r.Replicas))
	}
	return nil
}

// add appends the records of one call, without the steps beyond the end.
func (t *Trace) add(records []*tensors.Tensor, replicas, steps int) {
	losses, norms := values(records[0]), values(records[1])
	var watched []float64
	width := 0
	if len(records) > 2 {
		watched = values(records[2])
		width = len(watched) / len(losses)
	}
	for at := 0; at < len(losses) && len(t.Losses) < steps; at += replicas {
		t.Losses = append(t.Losses, losses[at:at+replicas])
		own := norms[at : at+replicas]
		for i := range own {
			own[i] = math.Sqrt(own[i])
		}
		t.GradientNorms = append(t.GradientNorms, own)
		if width > 0 {
			byReplica := make([][]float64, replicas)
			for i := range byReplica {
				byReplica[i] = watched[(at+i)*width : (at+i+1)*width]
			}
			t.Watched = append(t.Watched, byReplica)
		}
	}
}

// order draws the batches of every replica. Replicas with the same seed get the
// same batches.
type order struct {
	data      sample
	replicas  []Replica
	size      int
	how       Order
	random    map[int64]*rand.Rand
	remaining map[int64][]int
}

func newOrder(replicas []Replica, c Config, data sample) *order {
	const forOrder = 2
	o := &order{
		data: data, replicas: replicas, size: c.BatchSize, how: c.Order,
		random: map[int64]*rand.Rand{}, remaining: map[int64][]int{},
	}
	for _, r := range replicas {
		if o.random[r.Seed] == nil {
			o.random[r.Seed] = fit.Rand(r.Seed, forOrder)
		}
	}
	return o
}

// next returns the indices of the next steps: [steps, replicas, batch].
func (o *order) next(steps int) *tensors.Tensor {
	indices := make([]int32, 0, steps*len(o.replicas)*o.size)
	for range steps {
		batches := map[int64][]int32{}
		for _, r := range o.replicas {
			if batches[r.Seed] == nil {
				batches[r.Seed] = o.batch(r.Seed)
			}
			indices = append(indices, batches[r.Seed]...)
		}
	}
	return tensors.FromFlatDataAndDimensions(indices, steps, len(o.replicas), o.size)
}

func (o *order) batch(seed int64) []int32 {
	batch, first := make([]int32, o.size), o.data.first[seed]
	if o.how == WithReplacement {
		for i := range batch {
			batch[i] = int32(first + o.random[seed].IntN(o.data.n))
		}
		return batch
	}
	if len(o.remaining[seed]) < o.size {
		o.remaining[seed] = o.epoch(seed)
	}
	for i, example := range o.remaining[seed][:o.size] {
		batch[i] = int32(first + example)
	}
	o.remaining[seed] = o.remaining[seed][o.size:]
	return batch
}

// epoch returns every example once.
func (o *order) epoch(seed int64) []int {
	if o.how == Shuffled {
		return o.random[seed].Perm(o.data.n)
	}
	all := make([]int, o.data.n)
	for i := range all {
		all[i] = i
	}
	return all
}
