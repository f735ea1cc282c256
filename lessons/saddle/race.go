package saddle

import (
	"context"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"

	"evident/datasets/toy"
	"evident/kit/nn"
	"evident/kit/sweep"
)

// The tasks of the race.
const (
	spirals = "two spirals"
	teacher = "noisy teacher"
)

// RaceFacts are trainings of two small nets, by every optimizer.
type RaceFacts struct{ Tasks []TaskFacts }

// TaskFacts are those of one task.
type TaskFacts struct {
	Task   string
	Rates  []float64
	Target float64 // training loss to reach, in nats
	Budget int     // the most steps
	Racers []Racer
}

// Racer is one optimizer on one task. It is tuned on some seeds and judged on
// others, so that a rate that was lucky in the tuning gains nothing.
type Racer struct {
	Name string
	Grid [][]sweep.History // [rate][seed of the tuning]
	Fast []sweep.History   // [seed], at the rate that was fastest to the target in the tuning
	Deep []sweep.History   // [seed], at the rate whose training loss ended lowest
	// The places where the fast runs first have the target loss, by seed; NaN for
	// those that never have it.
	Sharpness []float64 // λ_max of the Hessian of the training loss
	Rise      []float64 // of the training loss when the weights are shaken
}

func (c TaskConfig) widths() []int {
	inputs := 2
	if c.Features > 0 {
		inputs = c.Features
	}
	return append(append([]int{inputs}, c.Hidden...), 2)
}

func (c TaskConfig) net() sweep.Net {
	return sweep.Net{Widths: c.widths(), Activation: Tanh, Loss: sweep.CrossEntropy}
}

// spiralData are two arms of one turn, without wrong labels.
func (c TaskConfig) spiralData() (train, test sweep.Data) {
	const turns, width = 1, 0.02
	return toy.Spirals(c.Train, trainingDraw, turns, width), toy.Spirals(c.Test, testDraw, turns, width)
}

func (c TaskConfig) teacherData() (train, test sweep.Data) {
	return toy.Teacher(c.Train, c.Features, teacherDraw, trainingDraw, c.Flipped), toy.Teacher(c.Test, c.Features, teacherDraw, testDraw, 0)
}

// MeasureRace trains both tasks, and looks at the places that the fastest runs
// reach.
func MeasureRace(ctx context.Context, backend compute.Backend, c Config) (RaceFacts, error) {
	var facts RaceFacts
	if err := c.checkRace(); err != nil {
		return facts, err
	}
	train, test := c.Race.Spirals.spiralData()
	if err := facts.add(ctx, backend, c, spirals, c.Race.Spirals, train, test); err != nil {
		return facts, err
	}
	train, test = c.Race.Teacher.teacherData()
	err := facts.add(ctx, backend, c, teacher, c.Race.Teacher, train, test)
	return facts, err
}

// add trains one task.
func (f *RaceFacts) add(ctx context.Context, backend compute.Backend, c Config, name string, t TaskConfig, train, test sweep.Data) error {
	facts := TaskFacts{Task: name, Rates: c.Race.Rates, Target: c.Race.Target * guessing, Budget: t.Steps}
	if err := facts.train(ctx, backend, c, t, train, test); err != nil {
		return err
	}
	if err := facts.lookAround(ctx, backend, c.Race, t.net().Model(), train); err != nil {
		return err
	}
	f.Tasks = append(f.Tasks, facts)
	return nil
}

// train tunes and races all optimizers, each time as one program.
func (f *TaskFacts) train(ctx context.Context, backend compute.Backend, c Config, t TaskConfig, train, test sweep.Data) error {
	study, err := sweep.NewStudy(backend, t.config(c.Optimizers, train), test)
	if err != nil {
		return err
	}
	defer study.Finalize()
	run := func(task string, replicas []sweep.Replica) ([]sweep.History, error) {
		return study.Run(ctx, sweep.Run{Task: task + f.Task, Replicas: replicas, Steps: t.Steps, Next: c.Race.nextLook}, f.Target)
	}
	tuned, err := run("tuning: ", forEach(len(c.Optimizers), sweep.Grid(c.Race.Rates, c.Race.Tuning)))
	if err != nil {
		return err
	}
	var replicas []sweep.Replica
	for i, grid := range sweep.ByRate(sweep.ByRate(tuned, len(c.Race.Tuning)), len(c.Race.Rates)) {
		r := Racer{Name: c.Optimizers[i].Name, Grid: grid}
		best := []float64{f.Rates[f.Fastest(r)], f.Rates[f.Deepest(r)]}
		f.Racers, replicas = append(f.Racers, r), append(replicas, sweep.Grid(best, c.Race.Seeds)...)
	}
	raced, err := run("race: ", replicas)
	if err != nil {
		return err
	}
	for i, own := range sweep.ByRate(sweep.ByRate(raced, len(c.Race.Seeds)), 2) {
		f.Racers[i].Fast, f.Racers[i].Deep = own[0], own[1]
	}
	return nil
}

// nextLook is the step of the look at the loss that follows one: later by a
// twentieth, so that fast runs and slow ones are timed with the same relative
// precision, but by no more than Every steps.
func (c RaceConfig) nextLook(step int) int { return step + min(max(step/20, 1), c.Every) }

func (c TaskConfig) config(optimizers []nn.Optimizer, train sweep.Data) sweep.Config {
	return sweep.Config{
		Model: c.net().Model(), Data: train, BatchSize: c.BatchSize, StepsPerCall: 4, Optimizer: sweep.Together(optimizers...),
	}
}
