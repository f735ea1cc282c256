package inception

import (
	"cmp"
	"context"
	"fmt"

	"github.com/gomlx/compute"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"evident/datasets"
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

// Validate checks the pictures.
func (c BudgetConfig) Validate() error {
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

// The two kinds of nets, in the order of all that is measured of them.
var kinds = []struct {
	name  string
	block block
}{{withInception, inceptionBlock}, {"plain 3×3", plainBlock}}

// BudgetMeasurement says how accurate the two kinds of nets are at each width.
type BudgetMeasurement struct {
	DataSet string
	CIFAR10 bool
	Test    int         // pictures behind each accuracy
	Rates   []float64   // to choose from
	Tuning  [][]float64 // [kind][rate]: accuracy on pictures of the tuning seeds that were not trained on
	Chosen  []float64   // rate of each kind
	Sizes   []SizedNets
}

// SizedNets are both kinds at one width.
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
	facts := BudgetMeasurement{DataSet: c.Data.name(), CIFAR10: c.Data.CIFAR10, Test: c.Test, Rates: c.Rates}
	from, err := source(ctx, c.Data, c.Side)
	if err != nil {
		return facts, err
	}
	if err := facts.tune(ctx, backend, c.BudgetConfig, from); err != nil {
		return facts, err
	}
	nets, err := c.compiling(from, c.Widths)
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

// compiling compiles both kinds of nets at each of the widths.
func (c BudgetConfig) compiling(from drawer, widths []int) (func(compute.Backend) (rivals, error), error) {
	some, _, err := from.draw(c.Seeds[0], c.BatchSize, 1)
	if err != nil {
		return nil, err
	}
	var networks []fit.Network
	for _, width := range widths {
		for _, kind := range kinds {
			networks = append(networks, c.Net.times(width).network(kind.block, halve))
		}
	}
	return compiling(networks, fit.ImageData(some), c.BatchSize, c.Rates[0]), nil
}

// tune chooses, for each kind, the rate with the highest accuracy on pictures that
// were not trained on. None of them is a test picture.
func (b *BudgetMeasurement) tune(ctx context.Context, backend compute.Backend, c BudgetConfig, from drawer) error {
	nets, err := c.compiling(from, c.Widths[len(c.Widths)/2:][:1])
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

func judgeEqualBudget(b BudgetMeasurement) claim.Finding {
	gain := claim.EstimateMean(b.meanGain())
	return claim.Finding{
		Decision: gain.Above(accuracyMatters),
		Evidence: fmt.Sprintf("With equal parameters, %s, and each at its best learning rate (%g and %g), test accuracy on %s is higher with Inception than with plain 3×3 layers by %s on average. At the largest size the training accuracies are %.3f and %.3f.",
			b.text(), b.Chosen[0], b.Chosen[1], b.DataSet, gain, stat.Mean(b.Sizes[len(b.Sizes)-1].Train[0], nil), stat.Mean(b.Sizes[len(b.Sizes)-1].Train[1], nil)),
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
	largest := b.Sizes[len(b.Sizes)-1]
	gain := claim.EstimateMean(largest.gain())
	return claim.Finding{
		Decision: gain.Above(accuracyMatters),
		Evidence: fmt.Sprintf("With %d and %d parameters, test accuracy on CIFAR-10 is %s for Inception and %s for plain 3×3 layers; the difference is %s.",
			largest.Parameters[0], largest.Parameters[1], claim.EstimateFraction(largest.Test[0], b.Test), claim.EstimateFraction(largest.Test[1], b.Test), gain),
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
	chart := report.Chart{
		ID: "budget", Title: "What parameters buy, on " + b.DataSet, Mark: report.Line, XLabel: "parameters", YLabel: "test accuracy", LogX: true,
		Alt: "Test accuracy against the number of parameters for both kinds of nets, with intervals over the seeds: the higher line makes more of its parameters.",
	}
	for k, kind := range kinds {
		curve := report.Curve{Name: kind.name}
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
		for k, kind := range kinds {
			rows.Rows = append(rows.Rows, []string{
				kind.name, fmt.Sprint(b.Chosen[k]), fmt.Sprint(size.Parameters[k]),
				fmt.Sprintf("%.3f", stat.Mean(size.Train[k], nil)), claim.EstimateFraction(size.Test[k], b.Test).String(),
			})
		}
	}
	return rows
}

// tuningTable lists what each rate came to.
func (b BudgetMeasurement) tuningTable() report.Table {
	rows := report.Table{ID: "tuning", Title: "Choosing the learning rates: accuracy on pictures that serve for this alone", Columns: []string{"learning rate"}}
	for _, kind := range kinds {
		rows.Columns = append(rows.Columns, kind.name)
	}
	for i, rate := range b.Rates {
		row := []string{fmt.Sprint(rate)}
		for k := range kinds {
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
	Figures: func(_ BudgetKnobs, b BudgetMeasurement) (report.Figures, error) {
		return report.Figures{Charts: []report.Chart{b.chart()}, Tables: []report.Table{b.table(), b.tuningTable()}}, nil
	},
}
