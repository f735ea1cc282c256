package show_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"evident/kit/backend"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/show"
)

// A cell: the network, the training and what came of it.
func ExampleTrain() {
	line := func(scope *model.Scope, x *Node) *Node { return nn.Dense(scope, x, 1) }
	data := fit.NewTargetData([]float64{0, 1, 2, 3}, []int{1}, []float32{1, 3, 5, 7}, []int{1})
	pureGo, _ := backend.PureGo() // in a notebook: show.Backend()
	net, err := fit.NewRegressor(pureGo, line, data, 4, nn.SGD().GoMLX(0.1))
	show.Check(err)
	defer net.Finalize()
	history := show.Train(net, data, fit.Training{Epochs: 200})
	fmt.Printf("loss %.4f\n", history.Epochs[199].Loss)
	// Output: loss 0.0000
}

// ended is a training that came to an end of its own.
type ended struct {
	history fit.History
	err     error
}

func (e ended) Train(context.Context, fit.Data, fit.Training) (fit.History, error) {
	return e.history, e.err
}

// epochs is a history of some losses.
func epochs(losses ...float64) fit.History {
	var h fit.History
	for _, loss := range losses {
		h.Epochs = append(h.Epochs, fit.Epoch{Score: fit.Score{Loss: loss}})
	}
	return h
}

func ExampleTrain_interrupted() {
	history := show.Train(ended{epochs(3, 2), context.Canceled}, fit.Data{}, fit.Training{Epochs: 9})
	fmt.Println(len(history.Epochs), "epochs are kept")
	// Output:
	// Interrupted: this is what was finished.
	// 2 epochs are kept
}

func ExampleTrain_endings() {
	diverged, stopped, step := epochs(3, 2), epochs(3, 2, 4), 25
	diverged.DivergedAt, stopped.BestEpoch = &step, 2
	for _, history := range []fit.History{diverged, stopped, epochs(3, 2), epochs(3, 2, 1, 1, 1)} {
		show.Train(ended{history, nil}, fit.Data{}, fit.Training{Epochs: 5})
	}
	// Output:
	// Diverged: the loss of step 25, in epoch 3, is not finite. Lower the learning rate, or scale inputs and targets.
	// Stopped after epoch 3 of 5: the model has the weights of epoch 2, the best.
	// Stopped after epoch 2 of 5.
}

func ExampleHistory() {
	show.History(fit.History{})
	h := epochs(3, 2, 1)
	h.Epochs[2].Validation.Loss = 1.5
	show.History(h)
	// Output:
	// The training has not come to the end of an epoch: there is nothing to draw yet.
	// [chart] Loss while training. The mean loss of each epoch, from 3 in the first to 1 in the last.
}

func TestTrainPanicsOnOtherErrors(t *testing.T) {
	broken := errors.New("the disk is full")
	require.PanicsWithError(t, broken.Error(), func() { show.Train(ended{epochs(1), broken}, fit.Data{}, fit.Training{Epochs: 1}) })
}
