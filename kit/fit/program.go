package fit

import (
	"context"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
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
			return nil, unrun("graph", err)
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
