package params

import (
	"reflect"

	"evident/kit/arch"
)

// Model is the net on an input of so many steps.
//
//	[steps, Features] → (Conv1D → MaxPooling1D)… → Flatten → Dense → Dense
func (n Net) Model(steps int, padding arch.Padding) arch.Model {
	layers := []arch.Layer{arch.Input{Shape: arch.Shape{steps, n.Features}}}
	for i, filters := range n.Filters {
		layers = append(layers,
			arch.Conv{Filters: filters, Kernel: []int{n.Kernels[i]}, Padding: padding, Activation: "relu"},
			arch.Pool{Pooling: arch.Max, Size: []int{n.Pool}})
	}
	layers = append(layers, arch.Flatten{}, arch.Dense{Units: n.Units, Activation: "relu"}, arch.Dense{Units: n.Classes, Activation: "softmax"})
	return arch.Sequential("question_3a", layers...)
}

// isSheets reports whether the net is that of the question.
func (n Net) isSheets() bool { return reflect.DeepEqual(n, sheetNet()) }
