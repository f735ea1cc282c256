package fit

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"evident/internal/badinput"
	"evident/kit/nn"
)

// Own is a net of the reader's own, which an experiment trains beside those of the lesson.
type Own struct {
	Name    string // in tables and charts
	Network Network
}

// MarshalText returns the name, so that a configuration in JSON names its nets.
func (o Own) MarshalText() ([]byte, error) { return []byte(o.Name), nil }

// Validate returns an error for a net without a name or without a network.
func (o Own) Validate() error {
	if o.Name == "" || o.Network == nil {
		return badinput.Errorf(`a net of your own needs a Name and a Network, as in fit.Own{Name: "mine", Network: net}`)
	}
	return nil
}

// Program is the text of the net's graphs for batches of the shape input, while it trains and afterwards, see
// [nn.Program].
func (o Own) Program(backend compute.Backend, input shapes.Shape) (text string, err error) {
	for _, training := range []bool{true, false} {
		one, err := nn.Program(backend, func(g *Graph) []*Node {
			store := model.NewStore()
			store.SetTraining(g, training)
			return []*Node{o.Network(store.RootScope(), Parameter(g, "x", input))}
		})
		if err != nil {
			return "", err
		}
		text += one
	}
	return text, nil
}
