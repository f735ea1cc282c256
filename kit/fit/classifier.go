package fit

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/train/loss"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

// Classifier is a [Model] whose network gives one logit per class. It is trained
// by the cross-entropy, and its scores hold its accuracy.
type Classifier struct{ *Model }

// NewClassifier builds and compiles the training step of the network for batches
// of labelled data, as [NewModel] does.
func NewClassifier(backend compute.Backend, network Network, data Data, batchSize int, o optimizer.Interface) (*Classifier, error) {
	return NewParallelClassifier(backend, 1, network, data, batchSize, o)
}

// NewParallelClassifier is [NewClassifier] for a data-parallel training: each of
// so many devices of the backend gets an equal part of every batch, and XLA
// (Shardy) adds up the gradients, so that the loss is that of one device but for
// rounding. All else runs on the first device.
func NewParallelClassifier(backend compute.Backend, devices int, network Network, data Data, batchSize int, o optimizer.Interface) (*Classifier, error) {
	m := newModel(backend, data, batchSize)
	if data.targetShape != nil {
		return nil, errNoLabels
	}
	if err := m.compile(devices, network, data, o, nil); err != nil {
		return nil, err
	}
	return &Classifier{m}, nil
}

// Logits is [Model.Predict]: [n][classes]. [Argmax] of a row is the class that the
// network takes it for, and [Probabilities] how sure it is.
func (c *Classifier) Logits(ctx context.Context, data Data) ([][]float32, error) {
	return c.Predict(ctx, data)
}

// crossEntropy is the mean of −log softmax(logits)[label] over the batch.
func crossEntropy(logits, labels *Node) *Node {
	return loss.SparseCategoricalCrossEntropyLogits([]*Node{labels}, []*Node{logits})
}

// countRight is the number of examples whose largest logit is the label's.
func countRight(logits, labels *Node) *Node {
	guess := ArgMax(logits, -1, dtypes.Int32)
	return ReduceAllSum(ConvertDType(Equal(guess, Reshape(labels, -1)), dtypes.Float32))
}
