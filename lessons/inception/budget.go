package inception

import (
	"cmp"
	"context"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"evident/datasets"
	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/report"
)

// BudgetConfig trains nets of Inception modules and plain ones with as many
// parameters, each kind at the learning rate that suits it best.
type BudgetConfig struct {
	Net         Net       // of width 1
	Own         []fit.Own `json:",omitempty" role:"compared" help:"a kind of nets of your own, one for each of the widths; see BudgetConfig.Kind"`
	Widths      []int     `role:"compared" range:"[1, inf)" list:"1 rising" help:"factors of all numbers of filters"`
	Rates       []float64 `role:"compared" range:"(0, inf)" list:"1 rising" help:"of Adam at the start, to choose from; a rate falls to 0 along a cosine"`
	TuningSeeds []int64   `role:"averaged" help:"of pictures, initial weights and order, to choose the rates with"`
	Seeds       []int64   `role:"averaged" help:"of pictures, initial weights and order"`
	Side        int       `role:"fixed" range:"[4, 32]" help:"pixels a side that the pictures are shrunk to"`
	Train       int       `role:"fixed" range:"[1, inf)" help:"training pictures of a seed"`
	Test        int       `role:"fixed" range:"[1, inf)" help:"test pictures of a seed"`
	Epochs      int       `role:"fixed" range:"[1, inf)" help:"passes over the training pictures"`
	BatchSize   int       `role:"fixed" range:"[1, inf)" help:"pictures of a batch"`
}

// Kind is a kind of nets for Own: those of the lesson, with the block in the place of their modules.
func (c BudgetConfig) Kind(name string, b Block) []fit.Own {
	var nets []fit.Own
	for _, network := range c.nets(b) {
		nets = append(nets, fit.Own{Name: name, Network: network})
	}
	return nets
}

// nets have the block in the place of the modules, at every width.
func (c BudgetConfig) nets(b Block) (nets []fit.Network) {
	for _, width := range c.Widths {
		nets = append(nets, c.Net.times(width).With(b))
	}
	return nets
}

// Input is the shape of a batch of pictures.
func (c BudgetConfig) Input() shapes.Shape { return batchOf(c.Side) }

// Validate checks the pictures, and that the reader's nets are as many as the widths.
func (c BudgetConfig) Validate() error {
	if len(c.Own) > 0 && len(c.Own) != len(c.Widths) {
		return badinput.Errorf("Own has %d nets, and Widths %d: give one for each width, as Kind does", len(c.Own), len(c.Widths))
	}
	return cmp.Or(checkTrain(c.Train, c.BatchSize), checkSide(c.Side))
}

// BudgetKnobs are those of the experiment.
type BudgetKnobs struct {
	BudgetConfig
	Data DataConfig
}

// BudgetKnobs of the lesson.
func (c Config) BudgetKnobs() BudgetKnobs { return BudgetKnobs{c.Budget, c.Data} }

// Validate checks that there is a batch of pictures.
func (c BudgetKnobs) Validate() error { return c.Data.checkBatch(c.BatchSize) }

// times is the net with so many times the filters.
func (n Net) times(width int) Net {
	module := func(m Module) Module {
		return Module{width * m.F1x1, width * m.F3x3Reduce, width * m.F3x3, width * m.F5x5Reduce, width * m.F5x5, width * m.PoolProj}
	}
	return Net{Stem: width * n.Stem, First: module(n.First), Second: module(n.Second)}
}

// kind is a kind of nets, one at each width.
type kind struct {
	name     string
	networks []fit.Network
}

// kinds are in the order of all that is measured of them: ours, and the reader's.
func (c BudgetConfig) kinds() []kind {
	all := []kind{{withInception, c.nets(inceptionBlock)}, {"plain 3×3", c.nets(plainBlock)}}
	if len(c.Own) > 0 {
		own := kind{name: c.Own[0].Name}
		for _, net := range c.Own {
			own.networks = append(own.networks, net.Network)
		}
		all = append(all, own)
	}
	return all
}

// BudgetMeasurement says how accurate the kinds of nets are at each width.
type BudgetMeasurement struct {
	Kinds   []string // the first two are judged
	DataSet string
	CIFAR10 bool
	Test    int         // pictures behind each accuracy
	Rates   []float64   // to choose from
	Tuning  [][]float64 // [kind][rate]: accuracy on pictures of the tuning seeds that were not trained on
	Chosen  []float64   // rate of each kind
	Sizes   []SizedNets
}

// SizedNets are all kinds at one width.
type SizedNets struct {
	Parameters  []int       // [kind]: of the whole net, as built
	Train, Test [][]float64 // [kind][seed]: accuracy
}

// gain is, for every seed, how much more accurate the net of Inception modules is.
func (s SizedNets) gain() []float64 { return claim.EstimateDifference(s.Test[0], s.Test[1]).Values }

// meanGain is, for every seed, the gain averaged over the widths.
func (b BudgetMeasurement) meanGain() []float64 {
	mean := make([]float64, len(b.Sizes[0].Test[0]))
	for _, size := range b.Sizes {
		floats.AddScaled(mean, 1/float64(len(b.Sizes)), size.gain())
	}
	return mean
}

// measureBudget chooses the rates at the middle width, and then trains all nets from
// every seed on the seed's own pictures, in the same order.
func measureBudget(ctx context.Context, backend compute.Backend, c BudgetKnobs) (BudgetMeasurement, error) {
	facts, kinds := BudgetMeasurement{DataSet: c.Data.name(), CIFAR10: c.Data.CIFAR10, Test: c.Test, Rates: c.Rates}, c.kinds()
	for _, kind := range kinds {
		facts.Kinds = append(facts.Kinds, kind.name)
	}
	from, err := source(ctx, c.Data, c.Side)
	if err != nil {
		return facts, err
	}
	if err := facts.tune(ctx, backend, c.BudgetConfig, kinds, from); err != nil {
		return facts, err
	}
	nets, err := c.compiling(from, kinds, span(0, len(c.Widths)-1)...)
	if err != nil {
		return facts, err
	}
	type outcome struct {
		parameters  int
		train, test float64
	}
	outcomes, err := fit.BySeed(ctx, backend, c.Seeds, nets, func(ctx context.Context, nets rivals, seed int64) (all []outcome, err error) {
		train, test, err := from.draw(seed, c.Train, c.Test)
		if err != nil {
			return nil, err
		}
		for i, net := range nets {
			rate := facts.Chosen[i%len(kinds)]
			task := fmt.Sprintf("%s of width %d, seed %d", kinds[i%len(kinds)].name, c.Widths[i/len(kinds)], seed)
			onTrain, onTest, err := c.accuracies(ctx, net, task, seed, rate, train, test)
			if err != nil {
				return nil, err
			}
			all = append(all, outcome{net.Parameters(), onTrain, onTest})
		}
		return all, nil
	})
	if err != nil {
		return facts, err
	}
	for w := range c.Widths {
		size := SizedNets{Train: make([][]float64, len(kinds)), Test: make([][]float64, len(kinds))}
		for k := range kinds {
			size.Parameters = append(size.Parameters, outcomes[0][w*len(kinds)+k].parameters)
			for _, all := range outcomes {
				found := all[w*len(kinds)+k]
				size.Train[k], size.Test[k] = append(size.Train[k], found.train), append(size.Test[k], found.test)
			}
		}
		facts.Sizes = append(facts.Sizes, size)
	}
	return facts, nil
}

// compiling compiles all kinds of nets at some of the widths, named by their places.
func (c BudgetConfig) compiling(from drawer, kinds []kind, widths ...int) (func(compute.Backend) (rivals, error), error) {
	some, _, err := from.draw(c.Seeds[0], c.BatchSize, 1)
	if err != nil {
		return nil, err
	}
	var networks []fit.Network
	for _, width := range widths {
		for _, kind := range kinds {
			networks = append(networks, kind.networks[width])
		}
	}
	return compiling(networks, fit.ImageData(some), c.BatchSize, c.Rates[0]), nil
}

// tune chooses, for each kind, the rate with the highest accuracy on pictures that
// were not trained on. None of them is a test picture.
func (b *BudgetMeasurement) tune(ctx context.Context, backend compute.Backend, c BudgetConfig, kinds []kind, from drawer) error {
	nets, err := c.compiling(from, kinds, len(c.Widths)/2)
	if err != nil {
		return err
	}
	outcomes, err := fit.BySeed(ctx, backend, c.TuningSeeds, nets, func(ctx context.Context, nets rivals, seed int64) ([][]float64, error) {
		set, _, err := from.draw(seed, c.Train+c.Test, 1)
		if err != nil {
			return nil, err
		}
		validation := set
		validation.Pixels, validation.Labels = set.Pixels[c.Train*set.PictureSize():], set.Labels[c.Train:]
		reached := make([][]float64, len(kinds))
		for k, net := range nets {
			for _, rate := range c.Rates {
				task := fmt.Sprintf("%s at rate %g, seed %d", kinds[k].name, rate, seed)
				_, accuracy, err := c.accuracies(ctx, net, task, seed, rate, set.Take(c.Train), validation)
				if err != nil {
					return nil, err
				}
				reached[k] = append(reached[k], accuracy)
			}
		}
		return reached, nil
	})
	if err != nil {
		return err
	}
	for k := range kinds {
		mean := make([]float64, len(c.Rates))
		for _, reached := range outcomes {
			floats.AddScaled(mean, 1/float64(len(outcomes)), reached[k])
		}
		b.Tuning, b.Chosen = append(b.Tuning, mean), append(b.Chosen, c.Rates[floats.MaxIdx(mean)])
	}
	return nil
}

// accuracies trains a net and scores it on the pictures that it was trained on and on
// others.
func (c BudgetConfig) accuracies(ctx context.Context, net *fit.Classifier, task string, seed int64, rate float64, train, test datasets.Images) (onTrain, onTest float64, err error) {
	data := fit.ImageData(train)
	training := fit.Training{Task: task, Seed: seed, Epochs: c.Epochs, LearningRate: fit.CosineDecay(rate)}
	if _, err := net.Train(ctx, data, training); err != nil {
		return 0, 0, err
	}
	score, err := net.Evaluate(ctx, data)
	if err != nil {
		return 0, 0, err
	}
	onTrain = score.Accuracy
	score, err = net.Evaluate(ctx, fit.ImageData(test))
	return onTrain, score.Accuracy, err
}

// accuracyMatters is the smallest gain in test accuracy that is worth another kind of
// net: one picture in a hundred.
const accuracyMatters = 0.01

// judgeModuleCost compares GoogLeNet's modules with a 3×3 convolution between the same
// numbers of channels.
func judgeModuleCost(BudgetMeasurement) claim.Finding {
	cheaper, worst := true, 0.0
	for _, g := range GoogLeNet {
		pixels := g.Height * g.Height
		module, plain := g.Module.Cost(g.Channels, pixels), nn.Conv2DCost(3, g.Channels, g.Module.Filters(), pixels)
		cheaper = cheaper && module.Parameters < plain.Parameters && module.MultiplyAdds < plain.MultiplyAdds
		worst = max(worst, float64(module.MultiplyAdds)/float64(plain.MultiplyAdds))
	}
	return claim.Finding{
		Decision: claim.Holds(cheaper),
		Evidence: fmt.Sprintf("GoogLeNet's modules take at most %.2f of the multiply-adds of a 3×3 layer of their width.", worst),
		Samples:  1,
	}
}

// asMany is the most parameters over those of the plain net that count as equally many.
const asMany = 1.15

// unequal is the finding where the reader's nets have too many parameters for the comparison. For ours, the plain net is
// as large as whole filters allow.
func (b BudgetMeasurement) unequal() (claim.Finding, bool) {
	if b.Kinds[0] == withInception {
		return claim.Finding{}, false
	}
	for _, size := range b.Sizes {
		if own, plain := size.Parameters[0], size.Parameters[1]; float64(own) > asMany*float64(plain) {
			return claim.Finding{Decision: claim.Missing(), Evidence: fmt.Sprintf("%s has %d parameters, and the plain net %d: the rule compares nets of as many, within a factor of %g.", b.Kinds[0], own, plain, asMany)}, true
		}
	}
	return claim.Finding{}, false
}

// yours are the reader's nets in the place of those with modules.
func (b BudgetMeasurement) yours() BudgetMeasurement {
	own, sizes := len(b.Kinds)-1, b.Sizes
	b.Kinds, b.Chosen, b.Sizes = []string{b.Kinds[own], b.Kinds[1]}, []float64{b.Chosen[own], b.Chosen[1]}, nil
	for _, s := range sizes {
		b.Sizes = append(b.Sizes, SizedNets{
			Parameters: []int{s.Parameters[own], s.Parameters[1]}, Train: [][]float64{s.Train[own], s.Train[1]}, Test: [][]float64{s.Test[own], s.Test[1]},
		})
	}
	return b
}

func judgeEqualBudget(b BudgetMeasurement) claim.Finding {
	if finding, is := b.unequal(); is {
		return finding
	}
	gain := claim.EstimateMean(b.meanGain())
	return claim.Finding{
		Decision: gain.Above(accuracyMatters),
		Evidence: fmt.Sprintf("With equal parameters, %s, and each at its best learning rate (%g and %g), test accuracy on %s is higher with %s than with plain 3×3 layers by %s on average. At the largest size the training accuracies are %.3f and %.3f.",
			b.text(), b.Chosen[0], b.Chosen[1], b.DataSet, b.Kinds[0], gain, stat.Mean(b.Sizes[len(b.Sizes)-1].Train[0], nil), stat.Mean(b.Sizes[len(b.Sizes)-1].Train[1], nil)),
		Samples: gain.N,
	}
}

// text is the mean gain at each size.
func (b BudgetMeasurement) text() string {
	text := ""
	for i, size := range b.Sizes {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%d (%+.3f)", size.Parameters[0], stat.Mean(size.gain(), nil))
	}
	return text
}

func judgeBenchmark(b BudgetMeasurement) claim.Finding {
	if !b.CIFAR10 {
		return claim.Finding{Decision: claim.Missing(), Evidence: fmt.Sprintf("Needs CIFAR-10; this run used %s.", b.DataSet)}
	}
	if finding, is := b.unequal(); is {
		return finding
	}
	largest := b.Sizes[len(b.Sizes)-1]
	gain := claim.EstimateMean(largest.gain())
	return claim.Finding{
		Decision: gain.Above(accuracyMatters),
		Evidence: fmt.Sprintf("With %d and %d parameters, test accuracy on CIFAR-10 is %s for %s and %s for plain 3×3 layers; the difference is %s.",
			largest.Parameters[0], largest.Parameters[1], claim.EstimateFraction(largest.Test[0], b.Test), b.Kinds[0], claim.EstimateFraction(largest.Test[1], b.Test), gain),
		Samples: gain.N,
	}
}

func budgetRules() []claim.Rule[BudgetMeasurement] {
	const tuned = "the plain net was trained too briefly, at a rate and from weights that did not suit it, and a gain above 0 of any size counted"
	return []claim.Rule[BudgetMeasurement]{
		claim.Whole("q7a.1", "Q7 (a) 1",
			"Running several kernel sizes side by side is efficient: less depth or width is needed for the same result.",
			claim.ExactRule("q7a.1a", "Q7 (a) 1", "A module costs less than a 3×3 layer of the same width.",
				"GoogLeNet's modules have fewer parameters and multiply-adds than a 3×3 layer between the same numbers of channels",
				claim.Supported, judgeModuleCost).From("2026-11-23"),
			claim.SampledRule("q7a.1b", "Q7 (a) 1", "With equal parameters and as many steps, modules are more accurate than plain 3×3 layers.",
				fmt.Sprintf("each at the best of some learning rates, Inception is more accurate than two plain 3×3 layers of as many parameters, trained for as many steps, by over %g, averaged over the sizes (95 %% interval)", accuracyMatters),
				claim.Supported, judgeEqualBudget).Revised("2026-12-01", tuned+"; eight seeds, for of five none may fail")),
		claim.SampledRule("q7a.5", "Q7 (a) 5",
			"Nets of Inception modules do better on image benchmarks.",
			fmt.Sprintf("on CIFAR-10, at the largest size and each at the best of some learning rates, Inception is more accurate than plain 3×3 layers of as many parameters by over %g (95 %% interval)", accuracyMatters),
			claim.Inconclusive, judgeBenchmark).Revised("2026-11-30", tuned),
	}
}

// chart shows the accuracy against the parameters.
func (b BudgetMeasurement) chart() report.Chart {
	kinds := "both"
	if len(b.Kinds) > 2 {
		kinds = "all"
	}
	chart := report.Chart{
		ID: "budget", Title: "What parameters buy, on " + b.DataSet, Mark: report.Line, XLabel: "parameters", YLabel: "test accuracy", LogX: true,
		Alt: "Test accuracy against the number of parameters for " + kinds + " kinds of nets, with intervals over the seeds: the higher line makes more of its parameters.",
	}
	for k, kind := range b.Kinds {
		curve := report.Curve{Name: kind}
		for _, size := range b.Sizes {
			curve.AddFraction(float64(size.Parameters[k]), size.Test[k], b.Test)
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// table lists the nets.
func (b BudgetMeasurement) table() report.Table {
	rows := report.Table{
		ID: "budget", Title: "Nets with equal parameters, each kind at its best learning rate",
		Columns: []string{"net", "learning rate", "parameters", "training accuracy", "test accuracy"},
	}
	for _, size := range b.Sizes {
		for k, kind := range b.Kinds {
			rows.Rows = append(rows.Rows, []string{
				kind, fmt.Sprint(b.Chosen[k]), fmt.Sprint(size.Parameters[k]),
				fmt.Sprintf("%.3f", stat.Mean(size.Train[k], nil)), claim.EstimateFraction(size.Test[k], b.Test).String(),
			})
		}
	}
	return rows
}

// tuningTable lists what each rate came to.
func (b BudgetMeasurement) tuningTable() report.Table {
	rows := report.Table{ID: "tuning", Title: "Choosing the learning rates: accuracy on pictures that serve for this alone", Columns: []string{"learning rate"}}
	rows.Columns = append(rows.Columns, b.Kinds...)
	for i, rate := range b.Rates {
		row := []string{fmt.Sprint(rate)}
		for k := range b.Kinds {
			row = append(row, fmt.Sprintf("%.3f", b.Tuning[k][i]))
		}
		rows.Rows = append(rows.Rows, row)
	}
	return rows
}

// EqualBudget is the experiment.
var EqualBudget = experiment.Experiment[BudgetKnobs, BudgetMeasurement]{
	Name: "Budget", Title: "Equal parameters, each at its best",
	Measure: measureBudget, Rules: budgetRules(),
	Figures: func(c BudgetKnobs, b BudgetMeasurement) (report.Figures, error) {
		figures := report.Figures{Charts: []report.Chart{b.chart()}, Tables: []report.Table{b.table(), b.tuningTable()}}
		if len(c.Own) > 0 {
			rules := budgetRules()
			figures.Tables = append(figures.Tables, experiment.Yours(c.Own[0].Name, []claim.Rule[BudgetMeasurement]{rules[0].Parts[1], rules[1]}, b, b.yours()))
		}
		return figures, nil
	},
}
