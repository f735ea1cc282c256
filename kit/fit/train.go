package fit

import (
	"context"
	"errors"
	"math"
	"time"

	"evident/kit/progress"

	"evident/internal/badinput"
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

func (m *Model) checkTraining(data Data, t Training) error {
	if t.Epochs < 1 {
		return badinput.Errorf("%d epochs: train for at least 1", t.Epochs)
	}
	if err := m.check(data); err != nil {
		return err
	}
	if data.Len() < m.batchSize {
		return badinput.Errorf("%d examples do not fill a batch of %d: use more data or a smaller batch", data.Len(), m.batchSize)
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
