package fit

import (
	"context"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/dtensor"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/loss"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/internal/badinput"
)

// Network is the graph of a net: from a batch of inputs as [Data] holds them,
// [batch, shape...], to outputs [batch, ...] in float32. Those of a classifier
// are logits [batch, classes]. The variables live in the scope.
type Network func(scope *model.Scope, x *Node) *Node

// Loss is the graph of what a training makes small: from the targets of a batch
// and the outputs of the network to one value per example, [batch] or
// [batch, ...], in float32. The training takes the mean. Targets are those of
// [NewTargetData], [batch, shape...] in float32, or labels, [batch, 1] in int32.
type Loss func(targets, outputs *Node) *Node

// MeanSquaredError is the loss of a regression: (output − target)², one value per
// number of the target.
func MeanSquaredError(targets, outputs *Node) *Node {
	if !targets.Shape().Equal(outputs.Shape()) {
		panic(refusal("the network's output is %v and the targets are %v: make the last layer's output that of the targets",
			outputs.Shape().Dimensions, targets.Shape().Dimensions))
	}
	return Square(Sub(outputs, targets))
}

// CrossEntropy is the loss of a classifier: −log softmax(logits)[label] of every
// example, in nats. Losses of one's own can build on it, as in one with weights.
func CrossEntropy(labels, logits *Node) *Node {
	shape := logits.Shape()
	ofLabel := OneHot(Reshape(labels, -1), shape.Dim(-1), shape.DType)
	return Neg(ReduceSum(Mul(ofLabel, LogSoftmax(logits)), -1))
}

// Metric measures all the outputs of a network, [n][values of the output of one
// example], against the labels or targets of the data.
type Metric func(outputs [][]float32, data Data) float64

// Accuracy is the share of examples whose largest output is that of their label.
func Accuracy(outputs [][]float32, data Data) float64 {
	return ScoreLogits(outputs, data.labels).Accuracy
}

// Model is a network compiled for one loss and one batch size. It can be trained
// again and again from different seeds without compiling anew.
type Model struct {
	// Metric, if not nil, is measured beside the loss by [Model.Evaluate], and so
	// on the validation data of a training.
	Metric Metric
	// Initializer draws the weights with which a training starts, all but tables of
	// embeddings; nil means [GlorotUniform].
	Initializer Initializer

	backend   compute.Backend
	store     *model.Store
	batchSize int
	classes   int                        // of a classifier, else 0
	unscaled  bool                       // the inputs reach the first layer as they are
	targets   []int                      // their shape; nil for labels
	step      *model.Exec                // one training step
	shards    *shards                    // of its batches
	predict   *Program                   // outputs
	losses    *Program                   // the loss of each example; nil for a classifier, whose logits tell it
	initial   map[string]*tensors.Tensor // of variables that are not trained, where not zero
}

// NewModel builds and compiles the training step of the network with the loss,
// for batches of the data. The weights are those of seed 1 until [Model.Reset].
//
// What cannot be trained, or would be trained to nonsense, is refused in one line.
// An error within the network or the loss names their lines.
func NewModel(backend compute.Backend, network Network, data Data, batchSize int, o optimizer.Interface, loss Loss) (*Model, error) {
	m := newModel(backend, data, batchSize)
	err := m.compile(1, network, data, o, loss)
	if err != nil {
		return nil, err
	}
	m.losses, err = m.lossProgram(network, loss)
	return m, err
}

// NewRegressor is [NewModel] with the [MeanSquaredError].
func NewRegressor(backend compute.Backend, network Network, data Data, batchSize int, o optimizer.Interface) (*Model, error) {
	return NewModel(backend, network, data, batchSize, o, MeanSquaredError)
}

func newModel(backend compute.Backend, data Data, batchSize int) *Model {
	return &Model{backend: backend, store: model.NewStore(), batchSize: batchSize, targets: data.targetShape}
}

// compile builds the step; the outputs of a loss that is nil are a classifier's.
func (m *Model) compile(devices int, network Network, data Data, o optimizer.Interface, loss Loss) (err error) {
	if m.batchSize < 1 {
		return badinput.Errorf("batches of %d examples: use 1 or more", m.batchSize)
	}
	if err := data.check(); err != nil {
		return err
	}
	if m.shards, err = shardsOf(m.backend, devices, m.batchSize); err != nil {
		return err
	}
	m.step, err = model.NewExec(m.backend, m.store, func(scope *model.Scope, x, y *Node) (*Node, *Node) {
		scope.Store().SetTraining(x.Graph(), true)
		outputs := located(network)(scope, x)
		m.checkWeights(x)
		checkOutputs(x, outputs)
		m.unscaled = reachesLayer(x)
		if loss != nil {
			mean := ReduceAllMean(checkedLoss(loss, y, outputs))
			o.UpdateGraph(scope, x.Graph(), mean)
			return mean, ScalarZero(x.Graph(), dtypes.Float32)
		}
		m.classes = checkLogits(outputs)
		mean := ReduceAllMean(crossEntropy(outputs, y))
		o.UpdateGraph(scope, x.Graph(), mean)
		return mean, countRight(outputs, y)
	})
	if err != nil {
		return unbuilt("network", err)
	}
	m.shards.prepare(m.step)
	if m.predict, err = m.Program(network); err != nil {
		return err
	}
	if _, err := m.step.Compile(m.shards.shapes(data.batch(make([]int, m.batchSize)))...); err != nil {
		return unbuilt("network", err)
	}
	if err := m.check(data); err != nil {
		return err
	}
	if err := m.keepInitial(); err != nil {
		return err
	}
	return m.Reset(1)
}

// lossProgram returns, for each example, its loss and then the outputs.
func (m *Model) lossProgram(network Network, loss Loss) (*Program, error) {
	exec, err := model.NewExec(m.backend, m.store, func(scope *model.Scope, x, y *Node) *Node {
		outputs := located(network)(scope, x)
		each := checkedLoss(loss, y, outputs)
		batch := x.Shape().Dim(0)
		return Concatenate([]*Node{Reshape(ReduceMean(Reshape(each, batch, -1), 1), batch, 1), Reshape(outputs, batch, -1)}, 1)
	})
	if err != nil {
		return nil, unbuilt("loss", err)
	}
	return &Program{exec: exec, batchSize: m.batchSize, targets: true}, nil
}

// Store holds the variables of the network and of its optimizer.
func (m *Model) Store() *model.Store { return m.store }

// Parameters is the number of trained values in the network.
func (m *Model) Parameters() int {
	total := 0
	for v := range m.store.IterVariables() {
		if v.Trainable {
			total += v.Shape().Size()
		}
	}
	return total
}

// Finalize frees the compiled programs and the variables.
func (m *Model) Finalize() {
	m.step.Finalize()
	m.predict.Finalize()
	if m.losses != nil {
		m.losses.Finalize()
	}
	m.store.Finalize()
}

// trainStep feeds one batch: mean loss, and how many examples a classifier had
// right before the update.
func (m *Model) trainStep(data Data, indices []int) (loss, right float64, err error) {
	inputs, err := m.shards.divide(data.batch(indices))
	if err != nil {
		return 0, 0, err
	}
	return callForTwo(m.step, inputs...)
}

// callForTwo runs a program that returns two float32 scalars.
func callForTwo(exec *model.Exec, args ...any) (first, second float64, err error) {
	outputs, err := exec.Call(args...)
	if err != nil {
		return 0, 0, Unrun("network", err)
	}
	first = float64(tensors.ToScalar[float32](outputs[0]))
	second = float64(tensors.ToScalar[float32](outputs[1]))
	return first, second, nil
}

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

// shards divides batches among devices; nil for one device.
type shards struct{ first, all *distributed.ShardingSpec }

// shardsOf are those for batches of a size on so many devices of the backend.
func shardsOf(backend compute.Backend, devices, batchSize int) (*shards, error) {
	switch {
	case devices < 1 || devices > backend.NumDevices():
		return nil, badinput.Errorf("%d devices: backend %s has 1 to %d", devices, backend.Name(), backend.NumDevices())
	case batchSize%devices != 0:
		return nil, badinput.Errorf("a batch of %d cannot be divided among %d devices: use a multiple", batchSize, devices)
	case devices == 1:
		return nil, nil
	}
	mesh, err := distributed.NewDeviceMesh([]int{devices}, []string{"batch"})
	if err != nil {
		return nil, err
	}
	first, err := distributed.BuildSpec(mesh).S("batch").Done()
	return &shards{first: first, all: distributed.NewReplicatedShardingSpec(mesh)}, err
}

// prepare makes the step one for all devices: inputs divided along the batch,
// variables and outputs the same everywhere.
func (s *shards) prepare(step *model.Exec) {
	if s == nil {
		return
	}
	step.AutoSharding(s.first.Mesh).WithInputShardingSpecs(s.first, s.first).WithOutputShardingSpecs(s.all, s.all)
}

// shapes are those of the inputs, for one device after the other.
func (s *shards) shapes(inputs ...*tensors.Tensor) []shapes.Shape {
	var all []shapes.Shape
	for _, input := range inputs {
		all = append(all, input.Shape())
	}
	if s == nil {
		return all
	}
	for i := range all {
		all[i] = s.first.ShardShape(all[i])
	}
	return slices.Repeat(all, s.first.Mesh.NumDevices())
}

// divide gives every device its part of the inputs.
func (s *shards) divide(inputs ...*tensors.Tensor) ([]any, error) {
	divided := make([]any, len(inputs))
	for i, input := range inputs {
		divided[i] = input
		if s == nil {
			continue
		}
		part, err := dtensor.ShardTensor(s.first, input)
		if err != nil {
			return nil, err
		}
		divided[i] = part
	}
	return divided, nil
}
