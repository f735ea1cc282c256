package inception

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/progress"
	"evident/kit/report"
)

// DepthConfig stacks convolutions to see what becomes of the gradient.
type DepthConfig struct {
	Layers int     `role:"fixed" range:"[1, inf)" help:"convolutions on top of each other"`
	Seeds  []int64 `role:"averaged" help:"of initial weights and, if they are generated, of the pictures"`
}

// DepthKnobs are those of the experiment: the claim on Conv2D needs the sizes of
// strided convolutions too.
type DepthKnobs struct {
	DepthConfig
	Data    DataConfig
	Strides StridesConfig
}

// DepthKnobs of the lesson.
func (c Config) DepthKnobs() DepthKnobs { return DepthKnobs{c.Depth, c.Data, c.Strides} }

// depthBatch is the number of pictures whose gradient is taken.
const depthBatch = 32

// Validate checks that there is a batch of pictures.
func (c DepthKnobs) Validate() error { return c.Data.checkBatch(depthBatch) }

// DepthMeasurement holds the gradients in a deep stack of convolutions before
// training, by the activation behind each, and the sizes that padding keeps.
type DepthMeasurement struct {
	Activations []string
	Norms       [][][]float64 // [activation][seed][layer], from the first layer to the last
	Same        SamePadding
}

// shrinkage is, for every seed, how many powers of ten the gradient of the
// first layer lies below that of the last.
func (d DepthMeasurement) shrinkage(activation string) []float64 {
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

// measureDepth compares ReLU with the activations that came before it, in pure Go: the
// stacks are small, and XLA would compile one for every seed and activation.
func measureDepth(ctx context.Context, _ compute.Backend, c DepthKnobs) (DepthMeasurement, error) {
	facts := DepthMeasurement{Activations: []string{"relu", "tanh", "sigmoid"}}
	backend, err := counting()
	if err != nil {
		return facts, err
	}
	defer backend.Finalize()
	strides, err := StrideArithmetic.Measured(ctx, backend, c.Strides)
	if err != nil {
		return facts, err
	}
	facts.Same = strides.Same
	from, err := source(ctx, c.Data, 32)
	if err != nil {
		return facts, err
	}
	for i, activation := range []nn.Activation{nn.ReLU, Tanh, Logistic} {
		progress.ReportTask(ctx, "gradients through "+facts.Activations[i], i+1, len(facts.Activations))
		var perSeed [][]float64
		for _, seed := range c.Seeds {
			pictures, _, err := from.draw(seed, depthBatch, 1)
			if err != nil {
				return facts, err
			}
			norms, err := fit.InitialGradients(ctx, backend, deepStack(c.Layers, activation), fit.ImageData(pictures), depthBatch, []int64{seed})
			if err != nil {
				return facts, err
			}
			perSeed = append(perSeed, norms[0][:c.Layers]) // without the dense layer at the end
		}
		facts.Norms = append(facts.Norms, perSeed)
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

// vanishes is what counts as a vanishing gradient, in powers of ten over the stack:
// tenfold, which no single learning rate serves in all layers.
const vanishes = 1.0

func judgeSame(d DepthMeasurement) claim.Finding {
	return claim.Finding{
		Decision: claim.Holds(d.Same.Stride1 > 0 && d.Same.Kept == d.Same.Stride1 && d.Same.KeptByLarger == 0),
		Evidence: fmt.Sprintf("Padding same keeps the size in %d of %d cases of stride 1 and in %d of the others.", d.Same.Kept, d.Same.Stride1, d.Same.KeptByLarger),
		Samples:  1,
	}
}

// judgeRival asks whether the gradient shrinks more with another activation than with ReLU.
func judgeRival(rival string) func(DepthMeasurement) claim.Finding {
	return func(d DepthMeasurement) claim.Finding {
		more := claim.EstimateDifference(d.shrinkage(rival), d.shrinkage("relu"))
		return claim.Finding{
			Decision: more.Above(vanishes),
			Evidence: fmt.Sprintf("From the last to the first layer the gradient changes by %s powers of ten with %s and by %s with ReLU (above 0: it shrinks); the difference is %s.",
				claim.EstimateMean(d.shrinkage(rival)), rival, claim.EstimateMean(d.shrinkage("relu")), more),
			Samples: more.N,
		}
	}
}

func depthRules() []claim.Rule[DepthMeasurement] {
	rule := func(rival string) string {
		return fmt.Sprintf("before training, from last to first layer the gradient shrinks over %g times more with %s than with ReLU (95 %% interval, in powers of ten, above %g)", math.Pow(10, vanishes), rival, vanishes)
	}
	return []claim.Rule[DepthMeasurement]{
		claim.Whole("q7c.1", "Q7 (c) 1",
			"In Conv2D, padding same keeps the size (true for stride 1 only), and ReLU helps against vanishing gradients.",
			claim.ExactRule("q7c.1a", "Q7 (c) 1", "Padding same keeps the size at stride 1, and at no larger one.",
				"same keeps the size in all cases of stride 1 and in none above, but for a size of 1",
				claim.Supported, judgeSame).From("2026-11-23"),
			claim.SampledRule("q7c.1b", "Q7 (c) 1", "ReLU helps against vanishing gradients, compared with the sigmoid.",
				rule("sigmoid"), claim.Supported, judgeRival("sigmoid")).From("2026-11-23"),
			claim.SampledRule("q7c.1c", "Q7 (c) 1", "ReLU helps against vanishing gradients, compared with tanh.",
				rule("tanh"), claim.Refuted, judgeRival("tanh")).Revised("2026-11-30", "the rival tanh had been drawn and not judged")),
	}
}

// chart shows the gradient's norm layer by layer, as its mean over the seeds.
func (d DepthMeasurement) chart() report.Chart {
	drawn := report.Chart{
		ID: "gradients", Title: "Gradient before training, layer by layer", Mark: report.Line, XLabel: "layer, counted from the input", YLabel: "norm of the gradient", LogY: true,
		Alt: "The norm of the gradient in each layer on a logarithmic axis, for ReLU, tanh and sigmoid: a line that falls towards the input is a gradient that vanishes.",
	}
	for a, name := range d.Activations {
		curve := report.Curve{Name: name}
		for layer := range d.Norms[a][0] {
			mean := 0.0
			for _, norms := range d.Norms[a] {
				mean += norms[layer] / float64(len(d.Norms[a]))
			}
			curve.Add(float64(layer+1), mean)
		}
		drawn.Curves = append(drawn.Curves, curve)
	}
	return drawn
}

// DeepGradients is the experiment.
var DeepGradients = experiment.Experiment[DepthKnobs, DepthMeasurement]{
	Name: "Depth", Title: "Gradients through many layers",
	Measure: measureDepth, Rules: depthRules(),
	Figures: func(_ DepthKnobs, d DepthMeasurement) (report.Figures, error) {
		return report.Figures{Charts: []report.Chart{d.chart()}}, nil
	},
}
