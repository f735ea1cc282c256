package params

import (
	"reflect"

	"github.com/dustin/go-humanize"

	"evident/internal/badinput"
	"evident/kit/arch"
	"evident/kit/claim"
)

// Net is blocks of a Conv1D and a max pooling, then two dense layers.
type Net struct {
	Features int   `role:"fixed" range:"[1, inf)" help:"channels of the input"`
	Filters  []int `role:"fixed" range:"[1, inf)" list:"1" help:"filters of each convolution"`
	Kernels  []int `role:"fixed" range:"[1, inf)" list:"1" help:"kernel of each convolution"`
	Pool     int   `role:"fixed" range:"[1, inf)" help:"window and stride of every pooling"`
	Units    int   `role:"fixed" range:"[1, inf)" help:"units of the hidden dense layer"`
	Classes  int   `role:"fixed" range:"[1, inf)" help:"units of the last layer"`
}

// Validate checks that each convolution has filters and a kernel.
func (n Net) Validate() error {
	if len(n.Kernels) != len(n.Filters) {
		return badinput.Errorf("Kernels has %d values and Filters %d: each convolution has one of both", len(n.Kernels), len(n.Filters))
	}
	return nil
}

// sheetNet is the net of the question.
func sheetNet() Net {
	return Net{Features: 7, Filters: []int{16, 32, 64}, Kernels: []int{3, 5, 5}, Pool: 2, Units: 128, Classes: 5}
}

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

// missing is the finding where the claim's net was not built.
func missing(why string) claim.Finding {
	return claim.Finding{Decision: claim.Missing(), Evidence: "Not judged: " + why + ".", Samples: 1}
}

func comma(n int) string { return humanize.Comma(int64(n)) }

func checkPaddings(paddings []arch.Padding) error {
	for _, p := range paddings {
		if p != arch.Valid && p != arch.Same && p != arch.Causal {
			return badinput.Errorf("Paddings has %q: give arch.Valid, arch.Same or arch.Causal", p)
		}
	}
	return nil
}
