package inception

import (
	"context"
	"fmt"
	"strings"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/datasets"
	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/report"
)

// CompareConfig trains variants of one small net that differ in one thing.
type CompareConfig struct {
	Net          Net
	Seeds        []int64 `role:"averaged" help:"of initial weights and order"`
	Train        int     `role:"fixed" range:"[1, inf)" help:"training pictures"`
	Test         int     `role:"fixed" range:"[1, inf)" help:"test pictures"`
	Epochs       int     `role:"fixed" range:"[1, inf)" help:"passes over the training pictures"`
	BatchSize    int     `role:"fixed" range:"[1, inf)" help:"pictures of a batch"`
	LearningRate float64 `role:"fixed" range:"(0, inf)" help:"of Adam"`
	Shifts       []int   `role:"compared" range:"[1, inf)" list:"1" help:"pixels that the test pictures are moved by"`
}

// Validate checks that there is a batch of pictures.
func (c CompareConfig) Validate() error {
	if c.Train < c.BatchSize {
		return badinput.Errorf("Train is %d: it must be at least BatchSize, %d", c.Train, c.BatchSize)
	}
	return nil
}

// CompareKnobs are those of the experiment.
type CompareKnobs struct {
	CompareConfig
	Data DataConfig
}

// CompareKnobs of the lesson.
func (c Config) CompareKnobs() CompareKnobs { return CompareKnobs{c.Compare, c.Data} }

// Validate checks that there is a batch of pictures.
func (c CompareKnobs) Validate() error { return c.Data.checkBatch(c.BatchSize) }

// variant is the small net with one thing changed.
type variant struct {
	name       string
	block      block
	downsample func(*Node) *Node
	cost       func(n Net) nn.Cost // of its two blocks, for one picture
}

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

// VariantOutcome is what one variant came to, one value a seed.
type VariantOutcome struct {
	Name          string
	Blocks        nn.Cost   // of the two blocks, for one picture
	Parameters    int       // of the whole net, as built
	TrainAccuracy []float64 // at the end, on the training pictures, with fixed weights
	TestAccuracy  []float64
	Changed       [][]float64 // [shift][seed]: fraction of test pictures whose class changes
	Diverged      int         // trainings that ended in a loss that is not finite
}

// gap is train minus test accuracy of every seed.
func (v VariantOutcome) gap() []float64 {
	gap := make([]float64, len(v.TestAccuracy))
	for i := range gap {
		gap[i] = v.TrainAccuracy[i] - v.TestAccuracy[i]
	}
	return gap
}

// meanChanged is, for every seed, the fraction of changed classes averaged over
// the shifts.
func (v VariantOutcome) meanChanged() []float64 {
	mean := make([]float64, len(v.TestAccuracy))
	for _, perSeed := range v.Changed {
		for seed, fraction := range perSeed {
			mean[seed] += fraction / float64(len(v.Changed))
		}
	}
	return mean
}

// CompareMeasurement holds the outcomes of all variants.
type CompareMeasurement struct {
	DataSet  string
	CIFAR10  bool
	Shifts   []int
	Variants []VariantOutcome
	Probes   ProbeAccuracy // on the layers of the Inception variant
}

// of is the outcome of the variant with the given name.
func (c CompareMeasurement) of(name string) VariantOutcome {
	for _, v := range c.Variants {
		if v.Name == name {
			return v
		}
	}
	return VariantOutcome{Name: name}
}

// measureCompare trains every variant from every seed on the same pictures in
// the same order.
func measureCompare(ctx context.Context, backend compute.Backend, c CompareKnobs) (CompareMeasurement, error) {
	pictures, err := c.Data.load(ctx)
	if err != nil {
		return CompareMeasurement{}, err
	}
	train, test := pictures.train, pictures.test
	facts := CompareMeasurement{DataSet: train.Name, CIFAR10: c.Data.CIFAR10, Shifts: c.Shifts}
	for _, v := range variants() {
		outcome, err := facts.train(ctx, backend, c.CompareConfig, v, train.Take(c.Train), test.Take(c.Test))
		if err != nil {
			return facts, fmt.Errorf("variant %q: %w", v.name, err)
		}
		facts.Variants = append(facts.Variants, outcome)
	}
	return facts, nil
}

func (c *CompareMeasurement) train(ctx context.Context, backend compute.Backend, config CompareConfig, v variant, train, test datasets.Images) (VariantOutcome, error) {
	outcome := VariantOutcome{Name: v.name, Blocks: v.cost(config.Net), Changed: make([][]float64, len(config.Shifts))}
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
func (v *VariantOutcome) score(ctx context.Context, net *fit.Classifier, train, test datasets.Images, shifts []int) error {
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
		v.Changed[i] = append(v.Changed[i], changedFraction(logits, moved))
	}
	return nil
}

// changedFraction is the fraction of examples whose largest logit is another one.
func changedFraction(a, b [][]float32) float64 {
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

const anyEffect = 0.0 // where a claim only says "more" or "less"

func judgeEfficiency(c CompareMeasurement) claim.Finding {
	cheaper, ratio := cheaperThanPlain()
	inception, plain := c.of(withInception), c.of(withPlain)
	gain := claim.EstimateDifference(inception.TestAccuracy, plain.TestAccuracy)
	return claim.Finding{
		Decision: claim.All(claim.Holds(cheaper), gain.Above(anyEffect)),
		Evidence: fmt.Sprintf("GoogLeNet's modules take at most %.2f of the multiply-adds of a 3×3 layer of their width; with %d against %d parameters, Inception's test accuracy minus the plain net's is %s on %s.",
			ratio, inception.Parameters, plain.Parameters, gain, c.DataSet),
		Samples: gain.N,
	}
}

// cheaperThanPlain compares GoogLeNet's modules with a 3×3 convolution between
// the same numbers of channels: whether all cost less, and the largest ratio.
func cheaperThanPlain() (cheaper bool, worst float64) {
	cheaper = true
	for _, g := range GoogLeNet {
		pixels := g.Height * g.Height
		module := g.Module.Cost(g.Channels, pixels)
		plain := nn.Conv2DCost(3, g.Channels, g.Module.Filters(), pixels)
		cheaper = cheaper && module.Parameters < plain.Parameters && module.MultiplyAdds < plain.MultiplyAdds
		worst = max(worst, float64(module.MultiplyAdds)/float64(plain.MultiplyAdds))
	}
	return cheaper, worst
}

func judgeReduction(c CompareMeasurement) claim.Finding {
	cheaper, saved := true, 1.0
	for _, g := range GoogLeNet {
		with, without := g.Module.Cost(g.Channels, 1), g.Module.NaiveCost(g.Channels, 1)
		cheaper = cheaper && with.Parameters < without.Parameters && with.MultiplyAdds < without.MultiplyAdds
		saved = min(saved, 1-float64(with.MultiplyAdds)/float64(without.MultiplyAdds))
	}
	gap := claim.EstimateDifference(c.of(withoutReduce).gap(), c.of(withInception).gap())
	return claim.Finding{
		Decision: claim.All(claim.Holds(cheaper), gap.Above(anyEffect)),
		Evidence: fmt.Sprintf("In GoogLeNet the reductions save at least %.0f %% of the multiply-adds; the gap between training and test accuracy without them minus with them is %s on %s.",
			100*saved, gap, c.DataSet),
		Samples: gap.N,
	}
}

func judgePoolingTower(c CompareMeasurement) claim.Finding {
	with, without := c.of(withInception).meanChanged(), c.of(withoutPool).meanChanged()
	less := claim.EstimateDifference(without, with)
	return claim.Finding{
		Decision: less.Above(anyEffect),
		Evidence: fmt.Sprintf("Shifts of %v pixels change the class of %s of the test pictures with the pooling and of %s without it; the difference is %s.",
			c.Shifts, claim.EstimateMean(with), claim.EstimateMean(without), less),
		Samples: less.N,
	}
}

func judgeBenchmark(c CompareMeasurement) claim.Finding {
	if !c.CIFAR10 {
		return claim.Finding{Decision: claim.Open(), Evidence: fmt.Sprintf("Needs CIFAR-10; this run used %s.", c.DataSet)}
	}
	inception, plain := c.of(withInception).TestAccuracy, c.of(withPlain).TestAccuracy
	gain := claim.EstimateDifference(inception, plain)
	return claim.Finding{
		Decision: gain.Above(anyEffect),
		Evidence: fmt.Sprintf("With equal parameters, test accuracy on CIFAR-10 is %s for Inception and %s for plain 3×3 layers; the difference is %s.",
			claim.EstimateMean(inception), claim.EstimateMean(plain), gain),
		Samples: gain.N,
	}
}

func judgeMaxPooling(c CompareMeasurement) claim.Finding {
	with, without := c.of(withInception), c.of(withoutMaximum)
	tolerance := claim.EstimateDifference(without.meanChanged(), with.meanChanged())
	gap := claim.EstimateDifference(without.gap(), with.gap())
	return claim.Finding{
		Decision: claim.All(tolerance.Above(anyEffect), gap.Above(anyEffect)),
		Evidence: fmt.Sprintf("Without the maximum, the fraction of classes that a shift changes rises by %s, and the gap between training and test accuracy by %s.",
			tolerance, gap),
		Samples: gap.N,
	}
}

const probeMatters = 0.05 // accuracy that a linear probe gains from the first stage to the last

func judgeDepthOfFeatures(c CompareMeasurement) claim.Finding {
	probes := c.Probes
	if len(probes.Stages) < 2 {
		return claim.Finding{Decision: claim.Open(), Evidence: "No stage was probed."}
	}
	last := len(probes.Stages) - 1
	gain := claim.EstimateDifference(probes.Accuracy[last], probes.Accuracy[1])
	var steps []string
	for i, stage := range probes.Stages {
		steps = append(steps, fmt.Sprintf("%s %.2f", stage, claim.EstimateMean(probes.Accuracy[i]).Mean))
	}
	return claim.Finding{
		Decision: gain.Above(probeMatters),
		Evidence: fmt.Sprintf("Accuracy of a linear probe by stage: %s; the last gains %s over the first convolution.", strings.Join(steps, ", "), gain),
		Samples:  gain.N,
	}
}

func compareRules() []claim.Rule[CompareMeasurement] {
	return []claim.Rule[CompareMeasurement]{
		claim.SampledRule("q7a.1", "Q7 (a) 1",
			"Running several kernel sizes side by side is efficient: less depth or width is needed for the same result.",
			fmt.Sprintf("GoogLeNet's modules cost less than a 3×3 layer of the same width, and with equal parameters Inception is more accurate than two plain 3×3 layers (95 %% interval above %g)", anyEffect),
			claim.Supported, judgeEfficiency),
		claim.SampledRule("q7a.3", "Q7 (a) 3",
			"1×1 convolutions reduce computation and parameters without loss of depth, and so overfitting.",
			fmt.Sprintf("the reductions lower both costs in all of GoogLeNet's modules, and the gap between training and test accuracy is smaller with them (95 %% interval above %g)", anyEffect),
			claim.Inconclusive, judgeReduction),
		claim.SampledRule("q7a.4", "Q7 (a) 4",
			"The pooling tower makes the module tolerant of small translations.",
			fmt.Sprintf("with the tower's pooling, fewer test pictures change their class when shifted by a few pixels than without it (95 %% interval above %g)", anyEffect),
			claim.Supported, judgePoolingTower),
		claim.SampledRule("q7a.5", "Q7 (a) 5",
			"Nets of Inception modules do better on image benchmarks.",
			fmt.Sprintf("on CIFAR-10, with equal parameters, Inception is more accurate than plain 3×3 layers (95 %% interval above %g)", anyEffect),
			claim.Inconclusive, judgeBenchmark),
		claim.SampledRule("q7c.2", "Q7 (c) 2",
			"MaxPooling2D keeps the maximum, downsamples, brings tolerance to translation and controls overfitting.",
			fmt.Sprintf("against taking every second pixel: fewer test pictures change their class when shifted, and the gap between training and test accuracy is smaller (both 95 %% intervals above %g)", anyEffect),
			claim.Inconclusive, judgeMaxPooling),
		claim.SampledRule("q7c.3", "Q7 (c) 3",
			"The features grow more complex with depth.",
			fmt.Sprintf("a linear probe reads the class better off the last stage than off the first convolution, by over %g (95 %% interval)", probeMatters),
			claim.Supported, judgeDepthOfFeatures),
	}
}

// table lists the variants with their cost and outcome.
func (c CompareMeasurement) table() report.Table {
	rows := report.Table{
		ID: "variants", Title: "One net, one change at a time",
		Columns: []string{"variant", "parameters", "multiply-adds of the blocks", "test accuracy", "training − test accuracy", "class changes under a shift"},
	}
	for _, v := range c.Variants {
		rows.Rows = append(rows.Rows, []string{
			v.Name, fmt.Sprint(v.Parameters), fmt.Sprint(v.Blocks.MultiplyAdds), claim.EstimateMean(v.TestAccuracy).String(),
			claim.EstimateMean(v.gap()).String(), claim.EstimateMean(v.meanChanged()).String(),
		})
	}
	return rows
}

// accuracyChart shows the variants' test accuracy and their gap.
func (c CompareMeasurement) accuracyChart() report.Chart {
	chart := report.Chart{
		ID: "variants", Title: "One net, one change at a time", Mark: report.Bars, XLabel: "variant", YLabel: "fraction",
		Alt: "Bars of test accuracy and of the gap between training and test accuracy for each variant, with intervals over the seeds: a high accuracy and a small gap are better.",
	}
	test, gap := report.Curve{Name: "test accuracy"}, report.Curve{Name: "training − test accuracy"}
	for i, v := range c.Variants {
		chart.Categories = append(chart.Categories, v.Name)
		test.AddEstimate(float64(i), v.TestAccuracy)
		gap.AddEstimate(float64(i), v.gap())
	}
	chart.Curves = []report.Curve{test, gap}
	return chart
}

// shiftChart shows how many classes change against the shift.
func (c CompareMeasurement) shiftChart() report.Chart {
	chart := report.Chart{
		ID: "shifts", Title: "What a small shift changes", Mark: report.Line, XLabel: "shift to the right (pixels)", YLabel: "fraction of test pictures that change their class",
		Alt: "The fraction of changed classes against the shift, for the net with all its pooling, without the pooling tower and without max pooling: lower is better.",
	}
	for _, name := range []string{withInception, withoutPool, withoutMaximum} {
		curve := report.Curve{Name: name}
		for i, perSeed := range c.of(name).Changed {
			curve.AddEstimate(float64(c.Shifts[i]), perSeed)
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// chart shows how much a linear probe reads off each stage.
func (p ProbeAccuracy) chart() report.Chart {
	curve := report.Curve{Name: "linear probe"}
	for i := range p.Stages {
		curve.AddEstimate(float64(i), p.Accuracy[i])
	}
	return report.Chart{
		ID: "probes", Title: "What a linear model can read off each stage", Mark: report.Bars, XLabel: "stage", YLabel: "test accuracy of the probe",
		Categories: p.Stages, Rules: []report.Reference{{Name: "chance", Y: 1.0 / classes}},
		Alt: "The probe's accuracy on the pixels, the first convolution and the two modules: higher is better; a rule marks chance.", Curves: []report.Curve{curve},
	}
}

// OneChange is the experiment.
var OneChange = experiment.Experiment[CompareKnobs, CompareMeasurement]{
	Name: "Compare", Title: "One net, one change at a time",
	Measure: measureCompare, Rules: compareRules(),
	Figures: func(_ CompareKnobs, c CompareMeasurement) (report.Figures, error) {
		return report.Figures{
			Tables: []report.Table{c.table()},
			Charts: []report.Chart{c.accuracyChart(), c.shiftChart(), c.Probes.chart()},
		}, nil
	},
}
