package inception

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/datasets"
	"evident/kit/fit"
	"evident/kit/nn"
)

// variant is the small net with one thing changed.
type variant struct {
	name       string
	block      block
	downsample func(*Node) *Node
	cost       func(n Net) nn.Cost // of its two blocks, for one picture
}

// The variants. All are compared with the first.
const (
	withInception  = "Inception"
	withPlain      = "plain 3×3"
	withoutReduce  = "no 1×1 reduction"
	withoutPool    = "no pooling tower"
	withoutMaximum = "every 2nd pixel" // in the place of max pooling
)

func variants() []variant {
	return []variant{
		{withInception, inceptionBlock, halve, Net.cost},
		{withPlain, plainBlock, halve, Net.plainCost},
		{withoutReduce, naiveBlock, halve, Net.naiveCost},
		{withoutPool, poollessBlock, halve, Net.cost},
		{withoutMaximum, inceptionBlock, everySecond, Net.cost},
	}
}

// The two modules work on 16×16 and on 8×8 pixels.
const firstPixels, secondPixels = 16 * 16, 8 * 8

func (n Net) cost() nn.Cost {
	return n.First.Cost(n.Stem, firstPixels).Plus(n.Second.Cost(n.First.Filters(), secondPixels))
}

func (n Net) naiveCost() nn.Cost {
	return n.First.NaiveCost(n.Stem, firstPixels).Plus(n.Second.NaiveCost(n.First.Filters(), secondPixels))
}

func (n Net) plainCost() nn.Cost {
	first := plainWidth(n.Stem, n.First.Cost(n.Stem, 1).Parameters)
	second := plainWidth(first, n.Second.Cost(n.First.Filters(), 1).Parameters)
	return plainCost(n.Stem, first, firstPixels).Plus(plainCost(first, second, secondPixels))
}

// VariantFacts are the outcomes of one variant, one value per seed.
type VariantFacts struct {
	Name          string
	Blocks        nn.Cost   // of the two blocks, for one picture
	Parameters    int       // of the whole net, as built
	TrainAccuracy []float64 // at the end, on the training pictures, with fixed weights
	TestAccuracy  []float64
	Changed       [][]float64 // [shift][seed]: share of test pictures whose class changes
	Diverged      int         // trainings that ended in a loss that is not finite
}

// Gap is train minus test accuracy of every seed.
func (v VariantFacts) Gap() []float64 {
	gap := make([]float64, len(v.TestAccuracy))
	for i := range gap {
		gap[i] = v.TrainAccuracy[i] - v.TestAccuracy[i]
	}
	return gap
}

// MeanChanged is, for every seed, the share of changed classes averaged over
// the shifts.
func (v VariantFacts) MeanChanged() []float64 {
	mean := make([]float64, len(v.TestAccuracy))
	for _, perSeed := range v.Changed {
		for seed, share := range perSeed {
			mean[seed] += share / float64(len(v.Changed))
		}
	}
	return mean
}

// CompareFacts are the outcomes of all variants.
type CompareFacts struct {
	Shifts   []int
	Variants []VariantFacts
	Probes   ProbeFacts // on the layers of the Inception variant
}

// Of is the outcome of the variant with the given name.
func (c CompareFacts) Of(name string) VariantFacts {
	for _, v := range c.Variants {
		if v.Name == name {
			return v
		}
	}
	return VariantFacts{Name: name}
}

// Compare trains every variant from every seed on the same pictures in the
// same order.
func Compare(ctx context.Context, backend compute.Backend, c CompareConfig, train, test datasets.Images) (CompareFacts, error) {
	facts := CompareFacts{Shifts: c.Shifts}
	for _, v := range variants() {
		outcome, err := facts.train(ctx, backend, c, v, train.Take(c.Train), test.Take(c.Test))
		if err != nil {
			return facts, fmt.Errorf("variant %q: %w", v.name, err)
		}
		facts.Variants = append(facts.Variants, outcome)
	}
	return facts, nil
}

func (c *CompareFacts) train(ctx context.Context, backend compute.Backend, config CompareConfig, v variant, train, test datasets.Images) (VariantFacts, error) {
	outcome := VariantFacts{Name: v.name, Blocks: v.cost(config.Net), Changed: make([][]float64, len(config.Shifts))}
	data := fit.ImageData(train)
	adam := optimizer.Adam().LearningRate(config.LearningRate).Done()
	net, err := fit.NewClassifier(backend, config.Net.network(v.block, v.downsample), data, config.BatchSize, adam)
	if err != nil {
		return outcome, err
	}
	defer net.Finalize()
	outcome.Parameters = net.Parameters()
	var probes *prober
	if v.name == withInception {
		if probes, err = newProber(net, config.Net, &c.Probes); err != nil {
			return outcome, err
		}
		defer probes.program.Finalize()
	}
	for _, seed := range config.Seeds {
		task := fmt.Sprintf("%s, seed %d", v.name, seed)
		history, err := net.Train(ctx, data, fit.Training{Task: task, Seed: seed, Epochs: config.Epochs})
		if err != nil {
			return outcome, err
		}
		if history.DivergedAt != nil {
			outcome.Diverged++
		}
		if err := outcome.score(ctx, net, train, test, config.Shifts); err != nil {
			return outcome, err
		}
		if probes != nil {
			if err := probes.probe(ctx, train, test); err != nil {
				return outcome, err
			}
		}
	}
	return outcome, nil
}

// score evaluates a trained net on both sets, and on shifted test pictures.
func (v *VariantFacts) score(ctx context.Context, net *fit.Classifier, train, test datasets.Images, shifts []int) error {
	onTrain, err := net.Evaluate(ctx, fit.ImageData(train))
	if err != nil {
		return err
	}
	data := fit.ImageData(test)
	logits, err := net.Logits(ctx, data)
	if err != nil {
		return err
	}
	v.TrainAccuracy = append(v.TrainAccuracy, onTrain.Accuracy)
	v.TestAccuracy = append(v.TestAccuracy, fit.ScoreLogits(logits, data.Labels()).Accuracy)
	for i, shift := range shifts {
		moved, err := net.Logits(ctx, fit.ImageData(shifted(test, shift)))
		if err != nil {
			return err
		}
		v.Changed[i] = append(v.Changed[i], changedShare(logits, moved))
	}
	return nil
}

// changedShare is the share of examples whose largest logit is another one.
func changedShare(a, b [][]float32) float64 {
	changed := 0
	for i := range a {
		if fit.Argmax(a[i]) != fit.Argmax(b[i]) {
			changed++
		}
	}
	return float64(changed) / float64(len(a))
}

// shifted moves every picture to the right; the column at the left edge is
// repeated.
func shifted(set datasets.Images, by int) datasets.Images {
	moved := make([]uint8, len(set.Pixels))
	row := set.Width * set.Channels
	for start := 0; start < len(moved); start += row {
		for x := range set.Width {
			from := start + max(x-by, 0)*set.Channels
			copy(moved[start+x*set.Channels:], set.Pixels[from:from+set.Channels])
		}
	}
	set.Pixels = moved
	return set
}
