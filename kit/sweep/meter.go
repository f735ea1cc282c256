package sweep

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Meter computes the loss and the accuracy of all replicas of a model on a
// set of examples at once.
type Meter struct {
	model Model
	exec  *Exec
	data  *source
}

// Scores are the loss and the accuracy of every replica. They are Inf or NaN
// for a diverged replica.
type Scores struct {
	Loss, Accuracy []float64 // [replica]
}

// NewMeter prepares the measurement.
func NewMeter[E Examples](backend compute.Backend, m Model, examples E) (*Meter, error) {
	return newMeter(backend, newSource(m, examples, dtypes.Float32))
}

func newMeter(backend compute.Backend, data *source) (*Meter, error) {
	m := data.config.Model
	exec, err := NewExec(backend, func(inputs []*Node) []*Node {
		n := len(m.Shapes)
		params, x, y := inputs[:n], inputs[n], inputs[n+1]
		return []*Node{m.Loss(params, x, y), m.Accuracy(params, x, y)}
	})
	if err != nil {
		return nil, fmt.Errorf("building the meter: %w", err)
	}
	return &Meter{model: m, exec: exec, data: data}, nil
}

// Score measures the replicas with the given parameters. If the examples are
// drawn by seed, the replicas say the seed of each vector; else they are not
// needed.
func (m *Meter) Score(params [][]float64, replicas ...Replica) (Scores, error) {
	data, err := m.data.of(len(params), replicas)
	if err != nil {
		return Scores{}, err
	}
	inputs := append(stack(params, m.model.Shapes, dtypes.Float32), data.inputs...)
	outputs, err := m.exec.Call(anys(inputs)...)
	if err != nil {
		return Scores{}, fmt.Errorf("running the meter: %w", err)
	}
	return Scores{Loss: values(outputs[0]), Accuracy: values(outputs[1])}, nil
}

// Finalize frees the compiled program.
func (m *Meter) Finalize() { m.exec.Finalize() }
