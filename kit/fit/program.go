package fit

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"evident/internal/badinput"
)

// Program is a graph over the variables of a model, such as its network
// up to a layer, or with a part switched off. It is compiled when it first runs,
// and always uses the variables as they are then.
type Program struct {
	exec      *model.Exec
	batchSize int
	targets   bool // are its second input
}

// Program prepares a graph, whose output is [batch, ...] in float32.
func (m *Model) Program(graph Network) (*Program, error) {
	exec, err := model.NewExec(m.backend, m.store, func(scope *model.Scope, x *Node) *Node {
		return flattened(located(graph), scope, x)
	})
	if err != nil {
		return nil, unbuilt("graph", err)
	}
	return &Program{exec: exec, batchSize: m.batchSize}, nil
}

// flattened is the output of a network, one row per example.
func flattened(network Network, scope *model.Scope, x *Node) *Node {
	y := network(scope, x)
	checkOutputs(x, y)
	return Reshape(y, y.Shape().Dim(0), -1)
}

// Run returns one vector per example: the flattened output of the graph.
func (p *Program) Run(ctx context.Context, data Data) ([][]float32, error) {
	if data.err != nil {
		return nil, data.err
	}
	outputs := make([][]float32, 0, data.Len())
	for _, indices := range inOrder(data.Len(), p.batchSize) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		x, targets := data.batch(indices)
		inputs := []any{x}
		if p.targets {
			inputs = append(inputs, targets)
		}
		y, err := p.exec.Call(inputs...)
		if err != nil {
			return nil, Unrun("graph", err)
		}
		flat := tensors.MustCopyFlatData[float32](y[0])
		width := len(flat) / p.batchSize
		for i := 0; i < p.batchSize && len(outputs) < data.Len(); i++ {
			outputs = append(outputs, flat[i*width:(i+1)*width])
		}
	}
	return outputs, nil
}

// Finalize frees the compiled program.
func (p *Program) Finalize() { p.exec.Finalize() }

// Predict is the output of the network for every example, flattened: [n][values].
func (m *Model) Predict(ctx context.Context, data Data) ([][]float32, error) {
	return m.predict.Run(ctx, data)
}

// Evaluate scores the model on the data, without training.
func (m *Model) Evaluate(ctx context.Context, data Data) (Score, error) {
	if err := m.check(data); err != nil {
		return Score{}, err
	}
	score, outputs, err := m.score(ctx, data)
	if err == nil && m.Metric != nil {
		score.Metric = m.Metric(outputs, data)
	}
	return score, err
}

func (m *Model) score(ctx context.Context, data Data) (score Score, outputs [][]float32, err error) {
	if m.classes > 0 {
		outputs, err = m.Predict(ctx, data)
		if err != nil {
			return score, nil, err
		}
		return ScoreLogits(outputs, data.labels), outputs, nil
	}
	outputs, err = m.losses.Run(ctx, data)
	for i := range outputs {
		score.Loss += float64(outputs[i][0]) / float64(len(outputs))
		outputs[i] = outputs[i][1:]
	}
	return score, outputs, err
}

// Score is how well a model does on a set of examples.
type Score struct {
	Loss     float64 `json:"loss"`             // mean over the examples; a classifier's is the cross-entropy, in nats
	Accuracy float64 `json:"accuracy"`         // of a classifier: share of right answers, 0–1
	Metric   float64 `json:"metric,omitempty"` // see [Model]; 0 without one, and over the steps of an epoch
}

// ScoreLogits scores logits [n][classes] against n labels. It panics when
// there are fewer logits than labels.
func ScoreLogits(logits [][]float32, labels []int32) Score {
	var total Score
	for i, label := range labels {
		total.Loss -= logSoftmax(logits[i], int(label))
		if Argmax(logits[i]) == int(label) {
			total.Accuracy++
		}
	}
	n := float64(len(labels))
	return Score{Loss: total.Loss / n, Accuracy: total.Accuracy / n}
}

// Argmax is the index of the largest value, the first of equals.
func Argmax(values []float32) int {
	best := 0
	for i, v := range values {
		if v > values[best] {
			best = i
		}
	}
	return best
}

// logSoftmax is log(exp(values[i]) / Σ exp(values)), with the largest value
// taken out so that nothing overflows.
func logSoftmax(values []float32, i int) float64 {
	largest := float64(values[Argmax(values)])
	sum := 0.0
	for _, v := range values {
		sum += math.Exp(float64(v) - largest)
	}
	return float64(values[i]) - largest - math.Log(sum)
}

// Probabilities are the softmax of logits: they add up to 1.
func Probabilities(logits []float32) []float64 {
	shares := make([]float64, len(logits))
	for i := range logits {
		shares[i] = math.Exp(logSoftmax(logits, i))
	}
	return shares
}

// InitialGradients is the norm of the gradient of the loss with respect to
// every weight matrix or kernel of the network, before any training:
// [seed][weights in the order of their paths]. Biases are left out. The loss is
// the mean cross-entropy over the first examples of the data.
func InitialGradients(ctx context.Context, backend compute.Backend, network Network, data Data, examples int, seeds []int64) ([][]float64, error) {
	store := model.NewStore()
	defer store.Finalize()
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, x, y *Node) *Node {
		loss := ReduceAllMean(crossEntropy(located(network)(scope, x), y))
		var weights []*Node
		for _, v := range sorted(store) {
			if v.Trainable && v.Shape().Rank() >= 2 {
				weights = append(weights, v.NodeValue(x.Graph()))
			}
		}
		norms := Gradient(loss, weights...)
		for i, gradient := range norms {
			norms[i] = Sqrt(ReduceAllSum(Square(gradient)))
		}
		return Stack(norms, 0)
	})
	if err != nil {
		return nil, unbuilt("gradients", err)
	}
	defer exec.Finalize()
	x, y := data.batch(inOrder(data.Len(), examples)[0])
	if _, err := exec.Compile(x.Shape(), y.Shape()); err != nil {
		return nil, unbuilt("gradients", err)
	}
	norms := make([][]float64, len(seeds))
	for i, seed := range seeds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := drawWeights(store, seed, nil); err != nil {
			return nil, err
		}
		outputs, err := exec.Call(x, y)
		if err != nil {
			return nil, fmt.Errorf("running the gradients: %s", badinput.FirstLine(err))
		}
		for _, norm := range tensors.MustCopyFlatData[float32](outputs[0]) {
			norms[i] = append(norms[i], float64(norm))
		}
	}
	return norms, nil
}
