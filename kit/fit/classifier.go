package fit

import (
	"fmt"

	"evident/internal/badinput"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/loss"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

// Network is the graph of a classifier: from a batch of inputs as [Data] holds
// them, [batch, shape...], to logits [batch, classes] in float32. Its
// variables live in the scope.
type Network func(scope *model.Scope, x *Node) *Node

// Classifier is a network compiled for one batch size. It can be trained again
// and again from different seeds without compiling anew.
type Classifier struct {
	backend   compute.Backend
	store     *model.Store
	network   Network
	batchSize int
	step      *model.Exec                // one training step
	shards    *shards                    // of its batches
	predict   *Program                   // logits
	initial   map[string]*tensors.Tensor // of variables that are not trained, where not zero
}

// NewClassifier builds and compiles the training step of the network for
// batches of the data. The weights are those of seed 1 until [Classifier.Reset].
func NewClassifier(backend compute.Backend, network Network, data Data, batchSize int, o optimizer.Interface) (*Classifier, error) {
	return NewParallelClassifier(backend, 1, network, data, batchSize, o)
}

// NewParallelClassifier is [NewClassifier] for a data-parallel training: each of
// so many devices of the backend gets an equal part of every batch, and XLA
// (Shardy) adds up the gradients, so that the loss is that of one device but for
// rounding. All else runs on the first device.
func NewParallelClassifier(backend compute.Backend, devices int, network Network, data Data, batchSize int, o optimizer.Interface) (*Classifier, error) {
	c := &Classifier{backend: backend, store: model.NewStore(), network: network, batchSize: batchSize}
	var err error
	if c.shards, err = shardsOf(backend, devices, batchSize); err != nil {
		return nil, err
	}
	c.step, err = model.NewExec(backend, c.store, func(scope *model.Scope, x, y *Node) (*Node, *Node) {
		scope.Store().SetTraining(x.Graph(), true)
		logits := network(scope, x)
		mean := ReduceAllMean(crossEntropy(logits, y))
		o.UpdateGraph(scope, x.Graph(), mean)
		return mean, countRight(logits, y)
	})
	if err != nil {
		return nil, fmt.Errorf("building the network: %s", badinput.FirstLine(err))
	}
	c.shards.prepare(c.step)
	if c.predict, err = c.Program(network); err != nil {
		return nil, err
	}
	if _, err := c.step.Compile(c.shards.shapes(data.batch(make([]int, batchSize)))...); err != nil {
		return nil, fmt.Errorf("building the network: %s", badinput.FirstLine(err))
	}
	if err := c.keepInitial(); err != nil {
		return nil, err
	}
	return c, c.Reset(1)
}

// crossEntropy is −log softmax(logits)[label], one value per example.
func crossEntropy(logits, labels *Node) *Node {
	return loss.SparseCategoricalCrossEntropyLogits([]*Node{labels}, []*Node{logits})
}

// countRight is the number of examples whose largest logit is the label's.
func countRight(logits, labels *Node) *Node {
	guess := ArgMax(logits, -1, dtypes.Int32)
	return ReduceAllSum(ConvertDType(Equal(guess, Reshape(labels, -1)), dtypes.Float32))
}

// Store holds the variables of the network and of its optimizer.
func (c *Classifier) Store() *model.Store { return c.store }

// Parameters is the number of trained values in the network.
func (c *Classifier) Parameters() int {
	total := 0
	for v := range c.store.IterVariables() {
		if v.Trainable {
			total += v.Shape().Size()
		}
	}
	return total
}

// Finalize frees the compiled programs and the variables.
func (c *Classifier) Finalize() {
	c.step.Finalize()
	c.predict.Finalize()
	c.store.Finalize()
}

// trainStep feeds one batch: mean loss, and how many examples were right
// before the update.
func (c *Classifier) trainStep(data Data, indices []int) (loss, right float64, err error) {
	inputs, err := c.shards.divide(data.batch(indices))
	if err != nil {
		return 0, 0, err
	}
	return callForTwo(c.step, inputs...)
}

// callForTwo runs a program that returns two float32 scalars.
func callForTwo(exec *model.Exec, args ...any) (first, second float64, err error) {
	outputs, err := exec.Call(args...)
	if err != nil {
		return 0, 0, fmt.Errorf("running the network: %s", badinput.FirstLine(err))
	}
	first = float64(tensors.ToScalar[float32](outputs[0]))
	second = float64(tensors.ToScalar[float32](outputs[1]))
	return first, second, nil
}
