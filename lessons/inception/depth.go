package inception

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/progress"
)

// DepthFacts are the gradients in a deep stack of convolutions before
// training, by the activation behind each.
type DepthFacts struct {
	Activations []string
	Norms       [][][]float64 // [activation][seed][layer], from the first layer to the last
}

// Shrinkage is, for every seed, how many powers of ten the gradient of the
// first layer lies below that of the last.
func (d DepthFacts) Shrinkage(activation string) []float64 {
	for a, name := range d.Activations {
		if name != activation {
			continue
		}
		powers := make([]float64, len(d.Norms[a]))
		for seed, norms := range d.Norms[a] {
			powers[seed] = math.Log10(norms[len(norms)-1] / norms[0])
		}
		return powers
	}
	return nil
}

// MeasureDepth compares ReLU with the activations that came before it.
func MeasureDepth(ctx context.Context, backend compute.Backend, c DepthConfig, data fit.Data) (DepthFacts, error) {
	facts := DepthFacts{Activations: []string{"relu", "tanh", "sigmoid"}}
	for i, activation := range []nn.Activation{nn.ReLU, Tanh, Logistic} {
		progress.ReportTask(ctx, "gradients through "+facts.Activations[i], i+1, len(facts.Activations))
		norms, err := fit.InitialGradients(ctx, backend, deepStack(c.Layers, activation), data, 32, c.Seeds)
		if err != nil {
			return facts, err
		}
		for seed := range norms {
			norms[seed] = norms[seed][:c.Layers] // without the dense layer at the end
		}
		facts.Norms = append(facts.Norms, norms)
	}
	return facts, nil
}

// deepStack is 3×3 convolutions of 8 filters on the picture at a quarter of
// its size, with a dense layer on top.
func deepStack(layers int, activation nn.Activation) fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		x = MulScalar(ConvertDType(x, dtypes.Float32), 1.0/255)
		x = Slice(x, AxisRange(), AxisRange().Stride(4), AxisRange().Stride(4), AxisRange())
		for i := range layers {
			layer := scope.In("%s", fmt.Sprintf("layer%03d", i))
			x = nn.Conv2D{Filters: 8, Kernel: 3, Activation: activation}.Apply(layer, x)
		}
		return nn.Dense(scope.In("logits"), nn.GlobalMeanPool2D(x), classes)
	}
}
