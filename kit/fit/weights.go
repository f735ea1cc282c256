package fit

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Weights are the values of all variables of a net, those of its optimizer included, as plain data that can be stored.
type Weights []Variable

// Variable is the value of one variable.
type Variable struct {
	Path       string
	Type       string // as in "Float32"
	Dimensions []int
	Trainable  bool
	Bytes      []byte
}

// WeightsOf copies the weights of a net.
func WeightsOf(store *model.Store) (Weights, error) {
	values, err := valuesOf(store)
	if err != nil {
		return nil, err
	}
	var w Weights
	for _, v := range sorted(store) {
		w = append(w, Variable{v.Path(), v.Shape().DType.String(), v.Shape().Dimensions, v.Trainable, values[v.Path()]})
	}
	return w, nil
}

// Restore gives a net these weights. What it has no variable for yet, as a net that was never run, is made. The error
// says that they are the weights of another net, which is then left as it was.
func (w Weights) Restore(store *model.Store) error {
	values, given := map[string]*tensors.Tensor{}, map[string]bool{}
	for _, v := range w {
		kind, err := dtypes.DTypeString(v.Type)
		if err != nil {
			return fmt.Errorf("the kept variable %s: %w", v.Path, err)
		}
		shape := shapes.Make(kind, v.Dimensions...)
		own := store.GetVariable(v.Path)
		if own != nil && !own.Shape().Equal(shape) || int(shape.ByteSize()) != len(v.Bytes) {
			return fmt.Errorf("the kept variable %s is not that of this net", v.Path)
		}
		value := tensors.FromShape(shape)
		if err := value.MutableBytes(func(data []byte) { copy(data, v.Bytes) }); err != nil {
			return err
		}
		values[v.Path], given[v.Path] = value, true
	}
	for own := range store.IterVariables() {
		if !given[own.Path()] {
			return fmt.Errorf("this net has a variable %s that was not kept", own.Path())
		}
	}
	for _, v := range w {
		if own := store.GetVariable(v.Path); own != nil {
			if err := own.SetValue(values[v.Path]); err != nil {
				return err
			}
			continue
		}
		made, err := store.CreateVariable(v.Path, values[v.Path])
		if err != nil {
			return err
		}
		made.SetTrainable(v.Trainable)
	}
	return nil
}
