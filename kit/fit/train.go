package fit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/internal/badinput"
	"evident/kit/progress"
)

// Training says how long, from where and how to train.
type Training struct {
	Task       string // names the training in progress reports
	Seed       int64  // of the initial weights and of the order of the data
	Epochs     int    // passes over the data
	Validation *Data  // scored after every epoch, if not nil
	// Validate, if not nil, says after how many epochs the validation data are
	// scored; the Validation of the other epochs stays zero.
	Validate func(done int) bool
	// LearningRate, if not nil, is set before every step, in place of the
	// optimizer's.
	LearningRate Schedule
	// EarlyStopping ends the training when the validation score no longer gets
	// better.
	EarlyStopping EarlyStopping
	// AfterEpoch, if not nil, is called with the history after every epoch: the
	// callback. It may use the model, and so save it, but not train it. Its error
	// ends the training; [ErrStop] does so without an error.
	AfterEpoch func(History) error
	// Checkpoint, if it names a file, lets a training that was cut off go on.
	Checkpoint Checkpoint
}

// ErrStop is what [Training].AfterEpoch returns to end the training: it has
// reached what it was for.
var ErrStop = errors.New("the training has reached its end")

// Epoch is what one pass over the data came to.
type Epoch struct {
	Score                // over the steps of the epoch, while the weights changed
	Validation   Score   `json:"validation"` // after the epoch; zero where it was not scored
	Steps        int     `json:"steps"`
	Seconds      float64 `json:"seconds"`                 // of the training steps alone
	LearningRate float64 `json:"learning_rate,omitempty"` // of the last step, where there is a schedule
}

// History is the course of one training.
type History struct {
	Seed   int64     `json:"seed"`
	Epochs []Epoch   `json:"epochs"`
	Losses []float64 `json:"losses"` // of every step, finite
	// BestEpoch is the epoch, from 1, whose weights the model has; 0 without early
	// stopping, or before the first scoring.
	BestEpoch int `json:"best_epoch,omitempty"`
	// DivergedAt is the step (from 0) whose loss was not finite; nil when all
	// were. The training ends there, in the middle of an epoch that is not
	// listed.
	DivergedAt *int `json:"diverged_at,omitempty"`
}

// Train trains from the initial weights of the seed, or goes on from a
// [Checkpoint]. A loss that is no longer finite ends the training and is an
// outcome, not an error. When the context is cancelled, the history so far comes
// with the context's error.
func (m *Model) Train(ctx context.Context, data Data, t Training) (History, error) {
	history := History{Seed: t.Seed}
	if err := m.checkTraining(data, t); err != nil {
		return history, err
	}
	rates, err := m.rates(t.LearningRate, t.Epochs*(data.Len()/m.batchSize))
	if err != nil {
		return history, err
	}
	if err := m.Reset(t.Seed); err != nil {
		return history, err
	}
	keeper, err := m.keeper(data, t)
	if err != nil {
		return history, err
	}
	stopper := m.stopper(t.EarlyStopping)
	if err := keeper.resume(ctx, t, stopper, &history); err != nil {
		return history, err
	}
	err = m.trainEpochs(ctx, data, t, course{rates, stopper, keeper, &history})
	if restored := stopper.restore(); err == nil {
		err = restored
	}
	if err != nil {
		return history, err
	}
	keeper.remove()
	return history, nil
}

// course is what goes along with a training.
type course struct {
	rates   *rates
	stopper *stopper
	keeper  *keeper
	history *History
}

// trainEpochs trains for the epochs that the history does not have yet, or until
// the loss is no longer finite, or something else ends it.
func (m *Model) trainEpochs(ctx context.Context, data Data, t Training, c course) error {
	order := Rand(t.Seed, forOrder)
	for range c.history.Epochs {
		data.epoch(order, m.batchSize) // their orders were drawn before
	}
	for len(c.history.Epochs) < t.Epochs {
		epoch, err := m.trainEpoch(ctx, data, data.epoch(order, m.batchSize), t, c)
		if err != nil || c.history.DivergedAt != nil {
			return err
		}
		scored := t.validates(len(c.history.Epochs) + 1)
		if scored {
			if epoch.Validation, err = m.Evaluate(ctx, *t.Validation); err != nil {
				return err
			}
		}
		c.history.Epochs = append(c.history.Epochs, epoch)
		ended, err := c.afterEpoch(ctx, t, scored)
		if err != nil {
			return err
		}
		if ended && len(c.history.Epochs) < t.Epochs {
			steps := len(c.history.Losses)
			progress.Report(ctx, progress.Update{Task: t.Task, Step: steps, Steps: steps, Loss: c.history.Losses[steps-1]})
			return nil
		}
	}
	return nil
}

// afterEpoch says whether the training ends after the last epoch of the history.
func (c course) afterEpoch(ctx context.Context, t Training, scored bool) (ended bool, err error) {
	if scored {
		if ended, err = c.stopper.stops(c.history); err != nil {
			return ended, err
		}
	}
	if !ended {
		c.keeper.keep(ctx, *c.history, c.stopper.weights())
	}
	if t.AfterEpoch != nil {
		switch err := t.AfterEpoch(*c.history); {
		case errors.Is(err, ErrStop):
			return true, nil
		case err != nil:
			return ended, err
		}
	}
	return ended, nil
}

// validates says whether the validation data are scored after so many epochs.
func (t Training) validates(done int) bool {
	return t.Validation != nil && (t.Validate == nil || t.Validate(done))
}

// checkBatch returns an error for data that the model cannot be trained on.
func (m *Model) checkBatch(data Data) error {
	if err := m.check(data); err != nil {
		return err
	}
	if data.Len() < m.batchSize {
		return badinput.Errorf("%d examples do not fill a batch of %d: use more data or a smaller batch", data.Len(), m.batchSize)
	}
	return nil
}

func (m *Model) checkTraining(data Data, t Training) error {
	if t.Epochs < 1 {
		return badinput.Errorf("%d epochs: train for at least 1", t.Epochs)
	}
	if err := m.checkBatch(data); err != nil {
		return err
	}
	if t.Validation != nil {
		if err := m.check(*t.Validation); err != nil {
			return badinput.Errorf("validation data: %w", err)
		}
	}
	if err := t.EarlyStopping.check(t); err != nil {
		return err
	}
	return t.Checkpoint.check(t)
}

func (m *Model) trainEpoch(ctx context.Context, data Data, batches [][]int, t Training, c course) (Epoch, error) {
	epoch := Epoch{Steps: len(batches)}
	start := time.Now()
	for _, indices := range batches {
		if err := ctx.Err(); err != nil {
			return epoch, err
		}
		if err := c.rates.set(len(c.history.Losses)); err != nil {
			return epoch, err
		}
		loss, right, err := m.trainStep(data, indices)
		if err != nil {
			return epoch, err
		}
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			step := len(c.history.Losses)
			c.history.DivergedAt = &step
			return epoch, nil
		}
		c.history.Losses = append(c.history.Losses, loss)
		epoch.Loss += loss / float64(len(batches))
		epoch.Accuracy += right / float64(len(batches)*m.batchSize)
		progress.Report(ctx, progress.Update{Task: t.Task, Step: len(c.history.Losses), Steps: t.Epochs * len(batches), Loss: loss})
	}
	epoch.Seconds = time.Since(start).Seconds()
	epoch.LearningRate = c.rates.rate()
	return epoch, nil
}

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
	if math.IsNaN(rate) || math.IsInf(rate, 0) || rate < 0 {
		return badinput.Errorf("the learning rate of step %d of %d is %g: a schedule returns numbers from 0", step, r.steps, rate)
	}
	return r.move(rate)
}

// move sets the rate of the next steps.
func (r *rates) move(rate float64) error {
	if rate == r.now {
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

// EarlyStopping ends a training whose validation score no longer gets better, and
// gives the model the weights of its best epoch. The zero value never does.
type EarlyStopping struct {
	// Patience is how many scorings in a row may bring nothing better.
	Patience int
	// Monitor is what has to fall; nil is the validation loss. For what has to
	// rise, return its negative, as in −accuracy.
	Monitor func(validation Score) float64
	// MinDelta is by how much it has to fall to count as better; 0: by anything.
	MinDelta float64
}

func (e EarlyStopping) check(t Training) error {
	switch {
	case e.Patience < 0:
		return badinput.Errorf("a patience of %d epochs: use 1 or more, or 0 for no early stopping", e.Patience)
	case !(e.MinDelta >= 0):
		return badinput.Errorf("early stopping with MinDelta %g: use 0 or more", e.MinDelta)
	case e.Patience == 0 && (e.Monitor != nil || e.MinDelta != 0):
		return badinput.Errorf("early stopping with a patience of 0 never stops: set Patience to 1 or more")
	case e.Patience > 0 && t.Validation == nil:
		return badinput.Errorf("early stopping watches the validation data, and there are none: set Validation")
	}
	return nil
}

// text tells two early stoppings apart, but for what they monitor; "" is none.
func (e EarlyStopping) text() string {
	if e.Patience == 0 {
		return ""
	}
	return fmt.Sprint(e.Patience, e.MinDelta)
}

// stopper is the early stopping of one training.
type stopper struct {
	EarlyStopping
	store  *model.Store
	lowest float64
	best   int               // the epoch, from 1; 0 before the first
	waited int               // scorings since then
	values map[string][]byte // of all variables after the best epoch
}

// stopper returns nil, which never stops, without a patience.
func (m *Model) stopper(e EarlyStopping) *stopper {
	if e.Patience == 0 {
		return nil
	}
	return &stopper{EarlyStopping: e, store: m.store, lowest: math.Inf(1)}
}

// note takes in the score after an epoch, and says whether it is the best so far.
func (s *stopper) note(epoch int, validation Score) bool {
	now := validation.Loss
	if s.Monitor != nil {
		now = s.Monitor(validation)
	}
	if better := now < s.lowest-s.MinDelta; !better {
		s.waited++
		return false
	}
	s.lowest, s.best, s.waited = now, epoch, 0
	return true
}

// stops takes in an epoch that was scored, keeps the weights of the best, and says
// whether to stop.
func (s *stopper) stops(history *History) (bool, error) {
	if s == nil {
		return false, nil
	}
	done := len(history.Epochs)
	var err error
	if s.note(done, history.Epochs[done-1].Validation) {
		history.BestEpoch = done
		s.values, err = valuesOf(s.store)
	}
	return s.waited >= s.Patience, err
}

// resume takes in the epochs of a checkpoint, or says why it cannot be used.
func (s *stopper) resume(t Training, from snapshot) error {
	if s == nil {
		return nil
	}
	for i, epoch := range from.History.Epochs {
		if t.validates(i + 1) {
			s.note(i+1, epoch.Validation)
		}
	}
	if s.best != from.History.BestEpoch { // another Monitor
		*s = stopper{EarlyStopping: s.EarlyStopping, store: s.store, lowest: math.Inf(1)}
		return fmt.Errorf("is of another training (different: %s)", earlyStopping)
	}
	s.values = from.Best
	return nil
}

// restore gives the model the best weights, where there are any.
func (s *stopper) restore() error {
	if s == nil || s.values == nil {
		return nil
	}
	return setValues(s.store, s.values)
}

// weights are those of the best epoch so far.
func (s *stopper) weights() map[string][]byte {
	if s == nil {
		return nil
	}
	return s.values
}

// valuesOf copies the values of all variables, by their paths.
func valuesOf(store *model.Store) (map[string][]byte, error) {
	values := map[string][]byte{}
	for v := range store.IterVariables() {
		value, err := v.Value()
		if err != nil {
			return nil, err
		}
		if err := value.ConstBytes(func(data []byte) { values[v.Path()] = bytes.Clone(data) }); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func setValues(store *model.Store, values map[string][]byte) error {
	for v := range store.IterVariables() {
		value := tensors.FromShape(v.Shape())
		if err := value.MutableBytes(func(data []byte) { copy(data, values[v.Path()]) }); err != nil {
			return err
		}
		if err := v.SetValue(value); err != nil {
			return err
		}
	}
	return nil
}
