package fit

import (
	"context"
	"fmt"

	"evident/internal/badinput"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Program is a graph over the variables of a classifier, such as its network
// up to a layer, or with a part switched off. It is compiled when it first runs,
// and always uses the variables as they are then.
type Program struct {
	exec      *model.Exec
	batchSize int
}

// Program prepares a graph, whose output is [batch, ...] in float32.
func (c *Classifier) Program(graph Network) (*Program, error) {
	exec, err := model.NewExec(c.backend, c.store, func(scope *model.Scope, x *Node) *Node {
		y := graph(scope, x)
		return Reshape(y, y.Shape().Dim(0), -1)
	})
	if err != nil {
		return nil, fmt.Errorf("building the graph: %s", badinput.FirstLine(err))
	}
	return &Program{exec: exec, batchSize: c.batchSize}, nil
}

// Run returns one vector per example: the flattened output of the graph.
func (p *Program) Run(ctx context.Context, data Data) ([][]float32, error) {
	outputs := make([][]float32, 0, data.Len())
	for _, indices := range inOrder(data.Len(), p.batchSize) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		x, _ := data.batch(indices)
		y, err := p.exec.Call(x)
		if err != nil {
			return nil, fmt.Errorf("running the graph: %s", badinput.FirstLine(err))
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

// Logits is the output of the network for every example: [n][classes].
func (c *Classifier) Logits(ctx context.Context, data Data) ([][]float32, error) {
	return c.predict.Run(ctx, data)
}

// Evaluate scores the classifier on the data, without training.
func (c *Classifier) Evaluate(ctx context.Context, data Data) (Score, error) {
	logits, err := c.Logits(ctx, data)
	if err != nil {
		return Score{}, err
	}
	return ScoreLogits(logits, data.labels), nil
}
