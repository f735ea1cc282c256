package sweep

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
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
	for i, p := range c.Train {
		if p.Loss <= target {
			return i
		}
	}
	return -1
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
