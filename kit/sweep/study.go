package sweep

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"evident/kit/fit"
)

// Study is a training that scores its replicas at checkpoints, on the training
// examples and on test examples.
type Study struct {
	program     *Program
	train, test *Meter
}

// History records one replica of a study.
type History struct {
	Losses []float64 // of every step, on its batch; may end in Inf or NaN
	Steps  []int     // of the checkpoints
	Train  []Point   // at the checkpoints, on all training examples
	Test   []Point   // at the checkpoints, on the test examples
	Final  []float64 // the parameters at the end
	// AtTarget are the parameters at the first checkpoint whose training loss is
	// at most the target, or nil.
	AtTarget []float64
}

// Point is a loss (nats) and an accuracy (fraction of right answers).
type Point struct{ Loss, Accuracy float64 }

// End returns the mean of the last three points. A loss that is not finite stays
// so.
func End(points []Point) Point {
	last := points[max(len(points)-3, 0):]
	var mean Point
	for _, p := range last {
		mean.Loss += p.Loss / float64(len(last))
		mean.Accuracy += p.Accuracy / float64(len(last))
	}
	return mean
}

// Reaches returns the first checkpoint whose training loss is at most the target,
// or -1.
func (c History) Reaches(target float64) int {
	return slices.IndexFunc(c.Train, func(p Point) bool { return p.Loss <= target })
}

// NewStudy prepares the training and the meters. The test examples are not used
// for training.
func NewStudy[E Examples](backend compute.Backend, c Config, test E) (*Study, error) {
	s := &Study{}
	var err error
	if s.program, err = New(backend, c); err != nil {
		return nil, err
	}
	if s.train, err = newMeter(backend, Config{Model: c.Model, Data: c.Data, Draw: c.Draw, DType: dtypes.Float32}.source()); err != nil {
		return nil, err
	}
	s.test, err = NewMeter(backend, c.Model, test)
	return s, err
}

// Finalize frees the compiled programs.
func (s *Study) Finalize() {
	s.program.Finalize()
	s.train.Finalize()
	s.test.Finalize()
}

// Program returns the training program without the scoring.
func (s *Study) Program() *Program { return s.program }

// Run trains the replicas and scores them every r.Every steps and at the end. It
// keeps [History.AtTarget] at the training loss target. The study sets r.Visit
// itself.
func (s *Study) Run(ctx context.Context, r Run, target float64) ([]History, error) {
	courses := make([]History, len(r.Replicas))
	r.Visit = func(step int, params [][]float64) error {
		train, err := s.train.Score(params, r.Replicas...)
		if err != nil {
			return err
		}
		test, err := s.test.Score(params, r.Replicas...)
		if err != nil {
			return err
		}
		for i := range courses {
			courses[i].add(step, Point{train.Loss[i], train.Accuracy[i]}, Point{test.Loss[i], test.Accuracy[i]})
			if train.Loss[i] <= target && courses[i].AtTarget == nil {
				courses[i].AtTarget = params[i]
			}
		}
		return nil
	}
	trace, err := s.program.Run(ctx, r)
	if err != nil {
		return nil, err
	}
	for i := range courses {
		courses[i].Losses, courses[i].Final = trace.Curve(i), trace.Final[i]
	}
	return courses, nil
}

func (c *History) add(step int, train, test Point) {
	c.Steps, c.Train, c.Test = append(c.Steps, step), append(c.Train, train), append(c.Test, test)
}

// Meter computes the loss and the accuracy of all replicas of a model on a
// set of examples at once.
type Meter struct {
	model Model
	exec  *Exec
	data  *source
}

// mostOutputs is 16 MiB of float32. The system maps and unmaps larger intermediate
// values at every call, which takes as long as to compute them.
const mostOutputs = 1 << 22

// Scores are the loss and the accuracy of every replica. They are Inf or NaN
// for a diverged replica.
type Scores struct {
	Loss, Accuracy []float64 // [replica]
}

// NewMeter prepares the measurement.
func NewMeter[E Examples](backend compute.Backend, m Model, examples E) (*Meter, error) {
	return newMeter(backend, newSource(m, examples, dtypes.Float32))
}

func newMeter(backend compute.Backend, data *source) (*Meter, error) {
	m := data.config.Model
	exec, err := NewExec(backend, func(inputs []*Node) []*Node {
		n := len(m.Shapes)
		params, x, y := inputs[:n], inputs[n], inputs[n+1]
		return []*Node{m.loss(params, x, y), m.Accuracy(params, x, y)}
	})
	if err != nil {
		return nil, fmt.Errorf("building the meter: %w", err)
	}
	data.most = mostOutputs
	return &Meter{model: m, exec: exec, data: data}, nil
}

// Score measures the replicas with the given parameters. If the examples are
// drawn by seed, the replicas say the seed of each vector; else they are not
// needed.
func (m *Meter) Score(params [][]float64, replicas ...Replica) (Scores, error) {
	data, err := m.data.of(len(params), replicas)
	if err != nil {
		return Scores{}, err
	}
	var scores Scores
	size := m.data.part(len(params), data.n)
	for part := range len(params) / size {
		inputs := append(stack(params[part*size:(part+1)*size], m.model.Shapes, dtypes.Float32), data.part(part)...)
		outputs, err := m.exec.Call(anys(inputs)...)
		if err != nil {
			return Scores{}, fit.Unrun("meter", err)
		}
		scores.Loss, scores.Accuracy = append(scores.Loss, values(outputs[0])...), append(scores.Accuracy, values(outputs[1])...)
	}
	return scores, nil
}

// Finalize frees the compiled program.
func (m *Meter) Finalize() { m.exec.Finalize() }
