package fit

import (
	"math"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/internal/badinput"
)

// Schedule is the learning rate of a step, which counts from 0, of all the steps of
// the training. Any function is one.
type Schedule func(step, steps int) float64

// Constant is the same rate at every step.
func Constant(rate float64) Schedule { return func(int, int) float64 { return rate } }

// StepDecay multiplies the rate by the factor after so many steps each:
// rate·factor^⌊step/every⌋. An epoch has as many steps as the data have whole
// batches.
func StepDecay(rate, factor float64, every int) Schedule {
	return func(step, _ int) float64 { return rate * math.Pow(factor, float64(step/max(1, every))) }
}

// CosineDecay falls along half a cosine from the rate to 0 (Loshchilov and Hutter
// 2017, equation 5, without restarts): rate·(1 + cos(π·step/steps))/2.
func CosineDecay(rate float64) Schedule {
	return func(step, steps int) float64 { return rate * (1 + math.Cos(math.Pi*float64(step)/float64(steps))) / 2 }
}

// WarmUp rises in equal parts to the first rate of the next schedule, which it
// reaches after so many steps and which has the steps that are left (Goyal et al.
// 2017, section 2.2).
func WarmUp(rise int, next Schedule) Schedule {
	return func(step, steps int) float64 {
		if step < rise {
			return next(0, max(1, steps-rise)) * float64(step+1) / float64(rise+1)
		}
		return next(step-rise, steps-rise)
	}
}

// rates sets the learning rate of a model's steps.
type rates struct {
	schedule Schedule
	variable *model.Variable
	steps    int
	now      float64
}

// rates returns nil, which leaves the rate to the optimizer, without a schedule.
func (m *Model) rates(s Schedule, steps int) (*rates, error) {
	if s == nil {
		return nil, nil
	}
	for v := range m.store.IterVariables() {
		if v.Name() == optimizer.ParamLearningRate && !v.Trainable {
			return &rates{schedule: s, variable: v, steps: steps, now: math.NaN()}, nil
		}
	}
	return nil, badinput.Errorf("the optimizer has no learning rate that a schedule could set: leave LearningRate out, or take another optimizer, as nn.Adam")
}

// set prepares a step.
func (r *rates) set(step int) error {
	if r == nil {
		return nil
	}
	rate := r.schedule(step, r.steps)
	switch {
	case math.IsNaN(rate) || math.IsInf(rate, 0) || rate < 0:
		return badinput.Errorf("the learning rate of step %d of %d is %g: a schedule returns numbers from 0", step, r.steps, rate)
	case rate == r.now:
		return nil
	}
	r.now = rate
	value, err := tensors.FromAnyValue(shapes.CastAsDType(rate, r.variable.Shape().DType))
	if err != nil {
		return err
	}
	return r.variable.SetValue(value)
}

// rate is that of the last step, 0 without a schedule.
func (r *rates) rate() float64 {
	if r == nil {
		return 0
	}
	return r.now
}
