package show

import (
	"context"
	"fmt"

	"evident/kit/fit"
	"evident/kit/report"
)

// Trainer is a [fit.Model] or a [fit.Classifier].
type Trainer interface {
	Train(ctx context.Context, data fit.Data, t fit.Training) (fit.History, error)
}

// Train trains in a cell, with a progress bar. An interrupt of the kernel ends the
// training and not the cell: Train says so in one line and returns the history so
// far, and the model keeps what it has learned.
//
//	history := show.Train(net, data, fit.Training{Epochs: 20})
//
// It says in one line, too, where the loss was no longer finite, and where early
// stopping ended the training.
func Train(model Trainer, data fit.Data, t fit.Training) fit.History {
	if t.Task == "" {
		t.Task = "training"
	}
	history, err := model.Train(Context(), data, t)
	Check(err)
	if err == nil {
		if line := ending(history, t); line != "" {
			notice(line)
		}
	}
	return history
}

// ending says how a training ended that did not go through all its epochs.
func ending(h fit.History, t fit.Training) string {
	done := len(h.Epochs)
	switch {
	case h.DivergedAt != nil:
		return fmt.Sprintf("Diverged: the loss of step %d, in epoch %d, is not finite. Lower the learning rate, or scale inputs and targets.", *h.DivergedAt, done+1)
	case done < t.Epochs && h.BestEpoch > 0:
		return fmt.Sprintf("Stopped after epoch %d of %d: the model has the weights of epoch %d, the best.", done, t.Epochs, h.BestEpoch)
	case done < t.Epochs:
		return fmt.Sprintf("Stopped after epoch %d of %d.", done, t.Epochs)
	}
	return ""
}

// History shows the loss of every epoch of a training, and the validation loss
// where it was scored.
func History(h fit.History) {
	training, validation := report.Curve{Name: "training"}, report.Curve{Name: "validation"}
	for i, epoch := range h.Epochs {
		training.Add(float64(i+1), epoch.Loss)
		if epoch.Validation != (fit.Score{}) {
			validation.Add(float64(i+1), epoch.Validation.Loss)
		}
	}
	if len(h.Epochs) == 0 {
		notice("The training has not come to the end of an epoch: there is nothing to draw yet.")
		return
	}
	curves := []report.Curve{training}
	if len(validation.X) > 0 {
		curves = append(curves, validation)
	}
	Chart(report.Chart{
		ID: "history", Title: "Loss while training", Mark: report.Line, XLabel: "epoch", YLabel: "loss",
		Alt:    fmt.Sprintf("The mean loss of each epoch, from %.4g in the first to %.4g in the last.", h.Epochs[0].Loss, h.Epochs[len(h.Epochs)-1].Loss),
		Curves: curves,
	})
}
