package inception

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/combin"

	"evident/datasets"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/report"
)

// CompareConfig trains variants of one small net that differ in one thing, on so few
// pictures and for so long that each learns them by heart.
type CompareConfig struct {
	Net          Net
	Own          fit.Own `json:",omitzero" role:"compared" help:"a net of your own, another variant: pictures [batch, Side, Side, 3] to logits [batch, 10]"`
	Seeds        []int64 `role:"averaged" help:"of pictures, initial weights and order"`
	Side         int     `role:"fixed" range:"[4, 32]" help:"pixels a side that the pictures are shrunk to"`
	Train        int     `role:"fixed" range:"[1, inf)" help:"training pictures of a seed"`
	Test         int     `role:"fixed" range:"[2, inf)" help:"test pictures of a seed"`
	Epochs       int     `role:"fixed" range:"[1, inf)" help:"passes over the training pictures"`
	BatchSize    int     `role:"fixed" range:"[1, inf)" help:"pictures of a batch"`
	LearningRate float64 `role:"fixed" range:"(0, inf)" help:"of Adam at the start; it falls to 0 along a cosine"`
	Shifts       []int   `role:"compared" range:"[1, inf)" list:"1" help:"pixels that the test pictures are moved by"`
}

// Input is the shape of a batch of pictures.
func (c CompareConfig) Input() shapes.Shape { return batchOf(c.Side) }

// Validate checks the pictures.
func (c CompareConfig) Validate() error {
	return cmp.Or(checkTrain(c.Train, c.BatchSize), checkSide(c.Side))
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

// variant is the small net with one thing changed, or the reader's own.
type variant struct {
	name    string
	network fit.Network
	blocks  nn.Cost // of its two blocks, for one picture
}

const (
	withInception  = "Inception"
	withoutReduce  = "no 1×1 reduction"
	withoutMaximum = "every 2nd pixel" // in the place of max pooling
)

func (c CompareConfig) variants() []variant {
	all := []variant{
		{withInception, c.Net.Network(), c.Net.cost(c.Side)},
		{withoutReduce, c.Net.With(naiveBlock), c.Net.naiveCost(c.Side)},
		{withoutMaximum, c.Net.network(inceptionBlock, everySecond), c.Net.cost(c.Side)},
	}
	if c.Own.Network != nil {
		all = append(all, variant{name: c.Own.Name, network: c.Own.Network})
	}
	return all
}

// The two modules work on pictures of a half and of a quarter of the side.
func (n Net) cost(side int) nn.Cost {
	return n.First.Cost(n.Stem, side*side/4).Plus(n.Second.Cost(n.First.Filters(), side*side/16))
}

func (n Net) naiveCost(side int) nn.Cost {
	return n.First.NaiveCost(n.Stem, side*side/4).Plus(n.Second.NaiveCost(n.First.Filters(), side*side/16))
}

// Run is what one training came to.
type Run struct {
	Parameters    int     // of the whole net, as built
	TrainAccuracy float64 // at the end, on the training pictures, with fixed weights
	TestAccuracy  float64
	Moved         []float64 // [shift]: see relativeMove
	Changed       []float64 // [shift]: fraction of test pictures whose class changes
	// Module is the same as Moved for the output of the first module, of the net as it is
	// and with the fourth tower's pooling taken out of the trained net.
	Module, Poolless []float64
}

// gap is training minus test accuracy.
func (r Run) gap() float64 { return r.TrainAccuracy - r.TestAccuracy }

// moved and changed are means over the shifts.
func (r Run) moved() float64   { return stat.Mean(r.Moved, nil) }
func (r Run) changed() float64 { return stat.Mean(r.Changed, nil) }

func (r Run) module() float64   { return stat.Mean(r.Module, nil) }
func (r Run) poolless() float64 { return stat.Mean(r.Poolless, nil) }

// VariantOutcome is what one variant came to.
type VariantOutcome struct {
	Name   string
	Blocks nn.Cost // of the two blocks, for one picture; 0 where it is not counted
	Runs   []Run   // one a seed
}

// each is a value of every run.
func (v VariantOutcome) each(value func(Run) float64) []float64 {
	all := make([]float64, len(v.Runs))
	for i, run := range v.Runs {
		all[i] = value(run)
	}
	return all
}

// CompareMeasurement holds the outcomes of all variants.
type CompareMeasurement struct {
	DataSet  string
	Test     int // pictures behind each test accuracy
	Shifts   []int
	Variants []VariantOutcome
	Probes   ProbeAccuracy // on the stages of the Inception variant
	Pooling  Pooling
	// Instead is the name of the variant that is judged in the place of each changed net; "" judges each in its own.
	Instead string
}

// Pooling counts the outputs of the net's max pooling.
type Pooling struct{ Outputs, Largest int } // Largest of its 2×2 window

// of is the outcome of the variant with the given name.
func (c CompareMeasurement) of(name string) VariantOutcome {
	if c.Instead != "" && name != withInception {
		name = c.Instead
	}
	for _, v := range c.Variants {
		if v.Name == name {
			return v
		}
	}
	return VariantOutcome{Name: name}
}

// rivals are nets that are trained on the same pictures.
type rivals []*fit.Classifier

// Finalize frees them.
func (r rivals) Finalize() {
	for _, net := range r {
		net.Finalize()
	}
}

// compiling compiles the networks for examples like the given ones, for [fit.BySeed].
func compiling(networks []fit.Network, example fit.Data, batchSize int, rate float64) func(compute.Backend) (rivals, error) {
	return func(backend compute.Backend) (rivals, error) {
		var nets rivals
		for _, network := range networks {
			net, err := fit.NewClassifier(backend, network, example, batchSize, optimizer.Adam().LearningRate(rate).Done())
			if err != nil {
				nets.Finalize()
				return nil, err
			}
			nets = append(nets, net)
		}
		return nets, nil
	}
}

// probed are the variants, with what is read off the first, which is the net as it is:
// the features of its stages, and the output of its first module, with and without the
// tower's pooling.
type probed struct {
	rivals
	features, module, poolless *fit.Program
}

// Finalize frees them.
func (p probed) Finalize() {
	p.rivals.Finalize()
	for _, program := range []*fit.Program{p.features, p.module, p.poolless} {
		program.Finalize()
	}
}

// seedOutcome is what all variants came to on the pictures of one seed.
type seedOutcome struct {
	runs               []Run
	untrained, trained []float64 // accuracy of the probe of each stage
}

// measureCompare trains every variant from every seed on the seed's own pictures, in
// the same order.
func measureCompare(ctx context.Context, backend compute.Backend, c CompareKnobs) (CompareMeasurement, error) {
	facts := CompareMeasurement{DataSet: c.Data.name(), Test: c.Test, Shifts: c.Shifts}
	from, err := source(ctx, c.Data, c.Side)
	if err != nil {
		return facts, err
	}
	some, _, err := from.draw(c.Seeds[0], c.BatchSize, 1)
	if err != nil {
		return facts, err
	}
	if facts.Pooling, err = countLargest(some); err != nil {
		return facts, err
	}
	var networks []fit.Network
	for _, v := range c.variants() {
		networks = append(networks, v.network)
		facts.Variants = append(facts.Variants, VariantOutcome{Name: v.name, Blocks: v.blocks})
	}
	compiled := compiling(networks, fit.ImageData(some), c.BatchSize, c.LearningRate)
	open := func(backend compute.Backend) (probed, error) {
		nets, err := compiled(backend)
		if err != nil {
			return probed{}, err
		}
		p := probed{rivals: nets}
		if p.features, err = nets[0].Program(c.Net.features); err != nil {
			return p, err
		}
		if p.module, err = nets[0].Program(c.Net.firstModule(inceptionBlock)); err != nil {
			return p, err
		}
		p.poolless, err = nets[0].Program(c.Net.firstModule(poollessBlock))
		return p, err
	}
	outcomes, err := fit.BySeed(ctx, backend, c.Seeds, open, func(ctx context.Context, nets probed, seed int64) (seedOutcome, error) {
		train, test, err := from.draw(seed, c.Train, c.Test)
		if err != nil {
			return seedOutcome{}, err
		}
		return c.trainAll(ctx, nets, seed, train, test)
	})
	if err != nil {
		return facts, err
	}
	facts.Probes = newProbeAccuracy(c.Net)
	for _, o := range outcomes {
		for i, run := range o.runs {
			facts.Variants[i].Runs = append(facts.Variants[i].Runs, run)
		}
		facts.Probes.add(o.untrained, o.trained)
	}
	return facts, nil
}

// trainAll trains the variants on the pictures of one seed.
func (c CompareConfig) trainAll(ctx context.Context, nets probed, seed int64, train, test datasets.Images) (o seedOutcome, err error) {
	data, names := fit.ImageData(train), c.variants()
	for i, net := range nets.rivals {
		if i == 0 {
			if err := net.Reset(seed); err != nil {
				return o, err
			}
			if o.untrained, err = c.Net.probe(ctx, nets.features, test); err != nil {
				return o, err
			}
		}
		task := fmt.Sprintf("%s, seed %d", names[i].name, seed)
		if _, err := net.Train(ctx, data, fit.Training{Task: task, Seed: seed, Epochs: c.Epochs, LearningRate: fit.CosineDecay(c.LearningRate)}); err != nil {
			return o, err
		}
		run, err := scored(ctx, net, data, test, c.Shifts)
		if err != nil {
			return o, err
		}
		if i == 0 {
			if _, run.Module, _, err = moved(ctx, nets.module.Run, test, c.Shifts); err != nil {
				return o, err
			}
			if _, run.Poolless, _, err = moved(ctx, nets.poolless.Run, test, c.Shifts); err != nil {
				return o, err
			}
		}
		o.runs = append(o.runs, run)
		if i == 0 {
			if o.trained, err = c.Net.probe(ctx, nets.features, test); err != nil {
				return o, err
			}
		}
	}
	return o, nil
}

// scored evaluates a trained net on both sets, and on shifted test pictures.
func scored(ctx context.Context, net *fit.Classifier, train fit.Data, test datasets.Images, shifts []int) (r Run, err error) {
	onTrain, err := net.Evaluate(ctx, train)
	if err != nil {
		return r, err
	}
	r.Parameters, r.TrainAccuracy = net.Parameters(), onTrain.Accuracy
	var logits [][]float32
	if logits, r.Moved, r.Changed, err = moved(ctx, net.Logits, test, shifts); err != nil {
		return r, err
	}
	r.TestAccuracy = fit.ScoreLogits(logits, fit.ImageData(test).Labels()).Accuracy
	return r, nil
}

// moved returns the outputs for the pictures and, for each shift, how far it moves them
// and the fraction whose largest output changes.
func moved(ctx context.Context, outputs func(context.Context, fit.Data) ([][]float32, error), set datasets.Images, shifts []int) (still [][]float32, by, changed []float64, err error) {
	still, err = outputs(ctx, fit.ImageData(set))
	for _, shift := range shifts {
		if err != nil {
			break
		}
		var other [][]float32
		if other, err = outputs(ctx, fit.ImageData(shifted(set, shift))); err == nil {
			by, changed = append(by, relativeMove(still, other)), append(changed, changedFraction(still, other))
		}
	}
	return still, by, changed, err
}

// relativeMove is how far a shift moves the outputs of pictures, relative to how far
// those of two pictures lie apart: the mean distance of each picture from itself shifted,
// over the mean distance from the next picture. It has no unit, and does not change when
// all outputs are scaled. (Zhang 2019 counts how often the class stays; a distance tells
// more of each picture.)
func relativeMove(still, moved [][]float32) float64 {
	byShift, apart := 0.0, 0.0
	for i := range still {
		byShift += distance(still[i], moved[i])
		apart += distance(still[i], still[(i+1)%len(still)])
	}
	return byShift / apart
}

// distance is Euclidean, less what all values have in common, to which softmax is blind.
func distance(a, b []float32) float64 {
	differences := make([]float64, len(a))
	for i := range a {
		differences[i] = float64(a[i]) - float64(b[i])
	}
	return math.Sqrt(stat.PopVariance(differences, nil) * float64(len(a)))
}

// firstModule is the output of the net's first module, with its biases and ReLU and
// before the pooling behind it.
func (n Net) firstModule(b Block) fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		var outputs []*Node
		n.layers(scope, x, func(scope *model.Scope, x *Node, m Module, budget int) *Node {
			outputs = append(outputs, b(scope, x, m, budget))
			return outputs[len(outputs)-1]
		}, halve)
		return nn.ReLU(nn.Bias(scope.Shared("first_bias"), outputs[0]))
	}
}

// countLargest compares the net's max pooling with a loop over the windows.
func countLargest(set datasets.Images) (p Pooling, err error) {
	backend, err := counting()
	if err != nil {
		return p, err
	}
	defer backend.Finalize()
	picture := func(values []uint8) *tensors.Tensor {
		return tensors.FromFlatDataAndDimensions(values, set.Len(), set.Height, set.Width, set.Channels)
	}
	output, err := CallOnce(backend, func(x *Node) *Node { return halve(ConvertDType(x, dtypes.Float32)) }, picture(set.Pixels))
	if err != nil {
		return p, fmt.Errorf("max pooling: %w", err)
	}
	pooled := tensors.MustCopyFlatData[float32](output)
	p.Outputs = len(pooled)
	for i, value := range pooled {
		at := combin.SubFor(nil, i, []int{set.Len(), set.Height / 2, set.Width / 2, set.Channels})
		largest := uint8(0)
		for window := range 4 {
			y, x := 2*at[1]+window/2, 2*at[2]+window%2
			largest = max(largest, set.Pixels[((at[0]*set.Height+y)*set.Width+x)*set.Channels+at[3]])
		}
		if value == float32(largest) {
			p.Largest++
		}
	}
	return p, nil
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

const (
	// gapMatters is the smallest difference between training and test accuracy that is
	// worth another net: one picture in a hundred.
	gapMatters = 0.01
	// steadier is by which factor a net must move less under a shift to be worth a part
	// of it: where a shift changes the class of one picture in ten, a twentieth of that is
	// half a picture in a hundred.
	steadier = 1.05
	// probeMatters is the accuracy that a linear probe must gain.
	probeMatters = 0.05
)

// judgeReductionCost compares GoogLeNet's modules with and without reductions.
func judgeReductionCost(CompareMeasurement) claim.Finding {
	cheaper, saved := true, 1.0
	for _, g := range GoogLeNet {
		with, without := g.Module.Cost(g.Channels, 1), g.Module.NaiveCost(g.Channels, 1)
		cheaper = cheaper && with.Parameters < without.Parameters && with.MultiplyAdds < without.MultiplyAdds
		saved = min(saved, 1-float64(with.MultiplyAdds)/float64(without.MultiplyAdds))
	}
	return claim.Finding{
		Decision: claim.Holds(cheaper),
		Evidence: fmt.Sprintf("In each of GoogLeNet's modules the reductions save parameters and at least %.0f %% of the multiply-adds.", 100*saved),
		Samples:  1,
	}
}

// judgeGap asks whether a variant overfits more than the net as it is.
func judgeGap(name string) func(CompareMeasurement) claim.Finding {
	return func(c CompareMeasurement) claim.Finding {
		without, with := c.of(name), c.of(withInception)
		than := "without"
		if c.Instead != "" {
			than = "than with " + with.Name
		}
		more := claim.EstimateDifference(without.each(Run.gap), with.each(Run.gap))
		return claim.Finding{
			Decision: more.Above(gapMatters),
			Evidence: fmt.Sprintf("At training accuracies of %.3f (%s) and %.3f (%s), test accuracy is %s and %s on %s; the gap is wider %s by %s.",
				stat.Mean(without.each(trainAccuracy), nil), without.Name, stat.Mean(with.each(trainAccuracy), nil), withInception,
				claim.EstimateFraction(without.each(testAccuracy), c.Test), claim.EstimateFraction(with.each(testAccuracy), c.Test), c.DataSet, than, more),
			Samples: more.N,
		}
	}
}

func trainAccuracy(r Run) float64 { return r.TrainAccuracy }
func testAccuracy(r Run) float64  { return r.TestAccuracy }

// judgeTolerance asks whether a shift moves the logits further without the maximum.
func judgeTolerance(c CompareMeasurement) claim.Finding {
	without, with := c.of(withoutMaximum), c.of(withInception)
	ratio := claim.EstimateDifference(claim.Logs(without.each(Run.moved)), claim.Logs(with.each(Run.moved)))
	return claim.Finding{
		Decision: ratio.Above(math.Log10(steadier)),
		Evidence: fmt.Sprintf("Shifts of %v pixels move the logits by %s of the distance between two pictures (%s) and by %s (%s), a ratio of %s; they change the class of %s and %s of the test pictures.",
			c.Shifts, claim.EstimateMean(without.each(Run.moved)), without.Name, claim.EstimateMean(with.each(Run.moved)), withInception,
			asRatio(ratio),
			claim.EstimateFraction(without.each(Run.changed), c.Test), claim.EstimateFraction(with.each(Run.changed), c.Test)),
		Samples: ratio.N,
	}
}

// judgePoolingTower asks whether a shift moves the output of the first module further
// when its tower's pooling is taken out, with the same trained weights.
func judgePoolingTower(c CompareMeasurement) claim.Finding {
	net := c.of(withInception)
	ratio := claim.EstimateDifference(claim.Logs(net.each(Run.poolless)), claim.Logs(net.each(Run.module)))
	return claim.Finding{
		Decision: ratio.Above(math.Log10(steadier)),
		Evidence: fmt.Sprintf("Shifts of %v pixels move the module's output by %s of the distance between two pictures with the tower's pooling and by %s without it, a ratio of %s.",
			c.Shifts, claim.EstimateMean(net.each(Run.module)), claim.EstimateMean(net.each(Run.poolless)), asRatio(ratio)),
		Samples: ratio.N,
	}
}

// asRatio prints an estimate of logarithms to base 10 as what they are of.
func asRatio(logs claim.Estimate) string {
	return fmt.Sprintf("%.4g [%.4g, %.4g], whose logarithm is %s", math.Pow(10, logs.Mean), math.Pow(10, logs.Low), math.Pow(10, logs.High), logs)
}

func judgePooling(c CompareMeasurement) claim.Finding {
	p := c.Pooling
	return claim.Finding{
		Decision: claim.Holds(p.Outputs > 0 && p.Largest == p.Outputs),
		Evidence: fmt.Sprintf("%d of %d outputs are the largest of their 2×2 pixels, a quarter of the pixels in number.", p.Largest, p.Outputs),
		Samples:  1,
	}
}

func judgeProbes(c CompareMeasurement) claim.Finding {
	gain := claim.EstimateMean(c.Probes.gains(c.Probes.Trained))
	return claim.Finding{
		Decision: gain.Above(probeMatters),
		Evidence: fmt.Sprintf("Accuracy of a linear probe by stage: %s; the last gains %s over the first convolution.", c.Probes.steps(c.Probes.Trained), gain),
		Samples:  gain.N,
	}
}

func judgeLearnedDepth(c CompareMeasurement) claim.Finding {
	more := claim.EstimateDifference(c.Probes.gains(c.Probes.Trained), c.Probes.gains(c.Probes.Untrained))
	return claim.Finding{
		Decision: more.Above(probeMatters),
		Evidence: fmt.Sprintf("In the same net before its training: %s; the trained net's gain is larger by %s.", c.Probes.steps(c.Probes.Untrained), more),
		Samples:  more.N,
	}
}

func compareRules() []claim.Rule[CompareMeasurement] {
	gap := func(without string) string {
		return fmt.Sprintf("on so few pictures that all nets learn them by heart, %s, the gap between training and test accuracy is wider by over %g (95 %% interval)", without, gapMatters)
	}
	const fewPictures = "nothing overfitted, so no gap could differ; a difference above 0 of any size counted"
	return []claim.Rule[CompareMeasurement]{
		claim.Whole("q7a.3", "Q7 (a) 3",
			"1×1 convolutions reduce computation and parameters without loss of depth, and so overfitting.",
			claim.ExactRule("q7a.3a", "Q7 (a) 3", "1×1 convolutions reduce computation and parameters.",
				"the reductions lower both costs in all of GoogLeNet's modules", claim.Supported, judgeReductionCost).From("2026-11-23"),
			claim.SampledRule("q7a.3b", "Q7 (a) 3", "They reduce overfitting.",
				gap("without the reductions"), claim.Inconclusive, judgeGap(withoutReduce)).Revised("2026-11-30", fewPictures)),
		claim.SampledRule("q7a.4", "Q7 (a) 4",
			"The pooling tower makes the module tolerant of small translations.",
			fmt.Sprintf("in the trained nets, a shift by a few pixels moves the output of the first module over %g times as far when the tower's pooling is taken out (95 %% interval), relative to the distance between two pictures", steadier),
			claim.Inconclusive, judgePoolingTower).Revised("2026-11-30", "the fraction of changed classes was too coarse; the logits of nets trained with and without the pooling differed more between seeds than between the two"),
		claim.Whole("q7c.2", "Q7 (c) 2",
			"MaxPooling2D keeps the maximum, downsamples, brings tolerance to translation and controls overfitting.",
			claim.ExactRule("q7c.2a", "Q7 (c) 2", "It keeps the maximum and downsamples.",
				"every output is the largest of its own 2×2 pixels", claim.Supported, judgePooling).Revised("2026-11-30", "had no check of its own"),
			claim.SampledRule("q7c.2b", "Q7 (c) 2", "It brings tolerance to translation.",
				fmt.Sprintf("with every second pixel in its place, a shift by a few pixels moves the logits of the test pictures over %g times as far (95 %% interval), relative to the distance between two pictures", steadier),
				claim.Supported, judgeTolerance).Revised("2026-11-30", "the fraction of changed classes was too coarse to decide, and a difference above 0 of any size counted"),
			claim.SampledRule("q7c.2c", "Q7 (c) 2", "It controls overfitting.",
				gap("with every second pixel in its place"), claim.Supported, judgeGap(withoutMaximum)).Revised("2026-11-30", fewPictures)),
		claim.Whole("q7c.3", "Q7 (c) 3",
			"The features grow more complex with depth.",
			claim.SampledRule("q7c.3a", "Q7 (c) 3", "Deeper features tell more of the class to a linear model.",
				fmt.Sprintf("in the trained net, a linear probe reads the class better off the last stage than off the first convolution, by over %g (95 %% interval)", probeMatters),
				claim.Supported, judgeProbes).Revised("2026-12-01", "the probe is fitted to pictures that the net was not trained on; twelve seeds, since eight decided under one base seed in two of three"),
			claim.SampledRule("q7c.3b", "Q7 (c) 3", "That is learned, and not an effect of depth and width alone.",
				fmt.Sprintf("what the probe gains from the first convolution to the last stage is more, by over %g, after the training than before it (95 %% interval)", probeMatters),
				claim.Supported, judgeLearnedDepth).Revised("2026-12-01", "an untrained net as a control; twelve seeds")),
	}
}

// table lists the variants with their cost and outcome.
func (c CompareMeasurement) table() report.Table {
	rows := report.Table{
		ID: "variants", Title: "One net, one change at a time",
		Columns: []string{"variant", "parameters", "multiply-adds of the blocks", "training accuracy", "test accuracy", "training − test accuracy", "logits moved by a shift", "class changes under a shift"},
	}
	for _, v := range c.Variants {
		cost := "not counted"
		if v.Blocks.MultiplyAdds > 0 {
			cost = fmt.Sprint(v.Blocks.MultiplyAdds)
		}
		rows.Rows = append(rows.Rows, []string{
			v.Name, fmt.Sprint(v.Runs[0].Parameters), cost, fmt.Sprintf("%.3f", stat.Mean(v.each(trainAccuracy), nil)),
			claim.EstimateFraction(v.each(testAccuracy), c.Test).String(), claim.EstimateMean(v.each(Run.gap)).String(),
			claim.EstimateMean(v.each(Run.moved)).String(), claim.EstimateFraction(v.each(Run.changed), c.Test).String(),
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
		test.AddFraction(float64(i), v.each(testAccuracy), c.Test)
		gap.AddEstimate(float64(i), v.each(Run.gap))
	}
	chart.Curves = []report.Curve{test, gap}
	return chart
}

// shiftChart shows how far the logits move against the shift.
func (c CompareMeasurement) shiftChart() report.Chart {
	chart := report.Chart{
		ID: "shifts", Title: "What a small shift changes", Mark: report.Line, XLabel: "shift to the right (pixels)", YLabel: "distance of the logits, relative to that of two pictures",
		Alt: "How far a shift moves the logits, against the shift, for the net with and without max pooling: lower is better.",
	}
	for _, v := range c.Variants {
		if v.Name == withoutReduce {
			continue
		}
		curve := report.Curve{Name: v.Name}
		for i, shift := range c.Shifts {
			curve.AddEstimate(float64(shift), v.each(func(r Run) float64 { return r.Moved[i] }))
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// OneChange is the experiment.
var OneChange = experiment.Experiment[CompareKnobs, CompareMeasurement]{
	Name: "Compare", Title: "One net, one change at a time",
	Measure: measureCompare, Rules: compareRules(),
	Figures: func(knobs CompareKnobs, c CompareMeasurement) (report.Figures, error) {
		figures := report.Figures{
			Tables: []report.Table{c.table()},
			Charts: []report.Chart{c.accuracyChart(), c.shiftChart(), c.Probes.chart()},
		}
		if own := knobs.Own.Name; own != "" {
			yours, rules := c, compareRules()
			yours.Instead = own
			comparing := []claim.Rule[CompareMeasurement]{rules[0].Parts[1], rules[2].Parts[1], rules[2].Parts[2]}
			figures.Tables = append(figures.Tables, experiment.Yours(own, comparing, c, yours))
		}
		return figures, nil
	},
}
