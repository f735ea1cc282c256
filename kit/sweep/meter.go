package sweep

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Meter computes the loss and the accuracy of all replicas of a model on a
// set of examples at once.
type Meter struct {
	model Model
	exec  *Exec
	x, y  *tensors.Tensor
}

// Scores are the loss and the accuracy of every replica. They are Inf or NaN
// for a diverged replica.
type Scores struct {
	Loss, Accuracy []float64 // [replica]
}

// NewMeter prepares the measurement.
func NewMeter(backend compute.Backend, m Model, data Data) (*Meter, error) {
	exec, err := NewExec(backend, func(inputs []*Node) []*Node {
		n := len(m.Shapes)
		params, x, y := inputs[:n], inputs[n], inputs[n+1]
		return []*Node{m.Loss(params, x, y), m.Accuracy(params, x, y)}
	})
	if err != nil {
		return nil, fmt.Errorf("building the meter: %w", err)
	}
	return &Meter{model: m, exec: exec, x: rows(data.X, dtypes.Float32), y: rows(data.Y, dtypes.Float32)}, nil
}

// Score measures the replicas with the given parameters.
func (m *Meter) Score(params [][]float64) (Scores, error) {
	inputs := append(stack(params, m.model.Shapes, dtypes.Float32), m.x, m.y)
	outputs, err := m.exec.Call(anys(inputs)...)
	if err != nil {
		return Scores{}, fmt.Errorf("running the meter: %w", err)
	}
	return Scores{Loss: values(outputs[0]), Accuracy: values(outputs[1])}, nil
}

// Finalize frees the compiled program.
func (m *Meter) Finalize() { m.exec.Finalize() }
