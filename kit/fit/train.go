package fit

import (
	"context"
	"math"
	"time"

	"evident/kit/progress"

	"evident/internal/badinput"
)

// Training says how long and from where to train.
type Training struct {
	Task       string // names the training in progress reports
	Seed       int64  // of the initial weights and of the order of the data
	Epochs     int    // passes over the data
	Validation *Data  // scored after every epoch, if not nil
	// Validate, if not nil, says after how many epochs the validation data are
	// scored; the Validation of the other epochs stays zero.
	Validate func(done int) bool
	// AfterEpoch, if not nil, is called with the number of epochs that are done.
	// Its error ends the training.
	AfterEpoch func(done int) error
	// Checkpoint, if it names a file, lets a training that was cut off go on.
	Checkpoint Checkpoint
}

// Epoch is what one pass over the data came to.
type Epoch struct {
	Score              // over the steps of the epoch, while the weights changed
	Validation Score   `json:"validation"` // after the epoch; zero where it was not scored
	Steps      int     `json:"steps"`
	Seconds    float64 `json:"seconds"` // of the training steps alone
}

// History is the course of one training.
type History struct {
	Seed   int64     `json:"seed"`
	Epochs []Epoch   `json:"epochs"`
	Losses []float64 `json:"losses"` // of every step, finite
	// DivergedAt is the step (from 0) whose loss was not finite; nil when all
	// were. The training ends there, in the middle of an epoch that is not
	// listed.
	DivergedAt *int `json:"diverged_at,omitempty"`
}

// Train trains from the initial weights of the seed, or goes on from a
// [Checkpoint]. A loss that is no longer finite ends the training and is an
// outcome, not an error. When the context is cancelled, the history so far comes
// with the context's error.
func (c *Classifier) Train(ctx context.Context, data Data, t Training) (History, error) {
	history := History{Seed: t.Seed}
	if err := c.checkTraining(data, t); err != nil {
		return history, err
	}
	if err := c.Reset(t.Seed); err != nil {
		return history, err
	}
	keeper, err := c.keeper(data, t)
	if err != nil {
		return history, err
	}
	if err := keeper.resume(ctx, &history); err != nil {
		return history, err
	}
	if err := c.trainEpochs(ctx, data, t, keeper, &history); err != nil {
		return history, err
	}
	keeper.remove()
	return history, nil
}

// trainEpochs trains for the epochs that the history does not have yet, or until
// the loss is no longer finite.
func (c *Classifier) trainEpochs(ctx context.Context, data Data, t Training, keeper *keeper, history *History) error {
	order := Rand(t.Seed, forOrder)
	for range history.Epochs {
		data.epoch(order, c.batchSize) // their orders were drawn before
	}
	for len(history.Epochs) < t.Epochs {
		epoch, err := c.trainEpoch(ctx, data, data.epoch(order, c.batchSize), t, history)
		if err != nil || history.DivergedAt != nil {
			return err
		}
		if t.validates(len(history.Epochs) + 1) {
			if epoch.Validation, err = c.Evaluate(ctx, *t.Validation); err != nil {
				return err
			}
		}
		history.Epochs = append(history.Epochs, epoch)
		keeper.keep(ctx, *history)
		if t.AfterEpoch != nil {
			if err := t.AfterEpoch(len(history.Epochs)); err != nil {
				return err
			}
		}
	}
	return nil
}

// validates says whether the validation data are scored after so many epochs.
func (t Training) validates(done int) bool {
	return t.Validation != nil && (t.Validate == nil || t.Validate(done))
}

func (c *Classifier) checkTraining(data Data, t Training) error {
	if t.Epochs < 1 {
		return badinput.Errorf("%d epochs: train for at least 1", t.Epochs)
	}
	if data.Len() < c.batchSize {
		return badinput.Errorf("%d examples do not fill a batch of %d: use more data or a smaller batch", data.Len(), c.batchSize)
	}
	return t.Checkpoint.check(t)
}

func (c *Classifier) trainEpoch(ctx context.Context, data Data, batches [][]int, t Training, history *History) (Epoch, error) {
	epoch := Epoch{Steps: len(batches)}
	start := time.Now()
	for _, indices := range batches {
		if err := ctx.Err(); err != nil {
			return epoch, err
		}
		loss, right, err := c.trainStep(data, indices)
		if err != nil {
			return epoch, err
		}
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			step := len(history.Losses)
			history.DivergedAt = &step
			return epoch, nil
		}
		history.Losses = append(history.Losses, loss)
		epoch.Loss += loss / float64(len(batches))
		epoch.Accuracy += right / float64(len(batches)*c.batchSize)
		progress.Report(ctx, progress.Update{Task: t.Task, Step: len(history.Losses), Steps: t.Epochs * len(batches), Loss: loss})
	}
	epoch.Seconds = time.Since(start).Seconds()
	return epoch, nil
}
