package textcnn

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/report"
)

// TabularConfig is a task on a row of numbers: the texts of its training are rows.
type TabularConfig struct {
	Filters int     `role:"fixed" range:"[1, inf)" help:"of the CNN"`
	Hidden  int     `role:"fixed" range:"[1, inf)" help:"units of the dense net"`
	Seeds   []int64 `role:"averaged" help:"of the rows, the permutation of the columns, the initial weights and the order of the training"`
	Training
}

// TabularMeasurement compares a CNN over columns with a dense net, on rows whose
// columns stand in their order or are shuffled. The same permutation holds for all
// rows of a seed, and each seed has another.
type TabularMeasurement struct {
	Columns                                int
	CNN, CNNShuffled, Dense, DenseShuffled Scores
}

// tabularColumns is the number of columns. The class is the sign of
// x₁·x₂ + x₅·x₆, for normally distributed columns: what belongs together stands
// side by side. The other four say nothing.
const tabularColumns = 8

// The purposes of random numbers, see [fit.Rand].
const (
	forRows    = 74
	forColumns = 75
)

// measureTabular trains both nets on rows in order and shuffled.
func measureTabular(ctx context.Context, backend compute.Backend, c TabularConfig) (facts TabularMeasurement, err error) {
	facts.Columns = tabularColumns
	for _, run := range []struct {
		scores   *Scores
		name     string
		network  fit.Network
		shuffled bool
	}{
		{&facts.CNN, "CNN, columns in order", c.convolutional(), false},
		{&facts.CNNShuffled, "CNN, columns shuffled", c.convolutional(), true},
		{&facts.Dense, "dense net, columns in order", c.dense(), false},
		{&facts.DenseShuffled, "dense net, columns shuffled", c.dense(), true},
	} {
		draw := func(seed int64) (task, error) {
			return task{train: rows(c.Train, seed+forTrain, seed, run.shuffled), test: rows(c.Test, seed+forTest, seed, run.shuffled)}, nil
		}
		if *run.scores, err = (trial{name: run.name, network: run.network, seeds: c.Seeds, training: c.Training, draw: draw}).run(ctx, backend); err != nil {
			return facts, err
		}
	}
	return facts, nil
}

// convolutional slides filters over pairs of columns and reads their answers at
// every place: [batch, columns] to logits.
func (c TabularConfig) convolutional() fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		maps := nn.ReLU(nn.WideConv1D(scope.In("conv"), ExpandAxes(x, -1), 2, c.Filters))
		return nn.Dense(scope.In("logits"), Reshape(maps, maps.Shape().Dim(0), -1), 2)
	}
}

func (c TabularConfig) dense() fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		return nn.Dense(scope.In("logits"), nn.ReLU(nn.Dense(scope.In("hidden"), x, c.Hidden)), 2)
	}
}

// rows draws n rows, with their columns in the order of the permutation's seed if
// they are shuffled.
func rows(n int, seed, permutation int64, shuffled bool) fit.Data {
	random := fit.Rand(seed, forRows)
	order := make([]int, tabularColumns)
	for i := range order {
		order[i] = i
	}
	if shuffled {
		order = fit.Rand(permutation, forColumns).Perm(tabularColumns)
	}
	values, labels := make([]float32, 0, n*tabularColumns), make([]int32, n)
	for i := range labels {
		x := make([]float64, tabularColumns)
		for j := range x {
			x[j] = random.NormFloat64()
		}
		if x[0]*x[1]+x[4]*x[5] > 0 {
			labels[i] = 1
		}
		for _, column := range order {
			values = append(values, float32(x[column]))
		}
	}
	return fit.NewData(values, []int{tabularColumns}, labels)
}

const (
	columnsMatter = 0.05 // accuracy: 1 row in 20, for which one would change the net
	sameAccuracy  = 0.03 // difference of accuracies that counts as none: under 1 row in 33
)

func judgeColumns(f TabularMeasurement) claim.Finding {
	falls := claim.EstimateDifference(f.CNN.Test, f.CNNShuffled.Test)
	steady := claim.EstimateDifference(f.Dense.Test, f.DenseShuffled.Test)
	return claim.Finding{
		Decision: claim.All(falls.Above(columnsMatter), steady.Within(-sameAccuracy, sameAccuracy)),
		Evidence: fmt.Sprintf("Test accuracy of the CNN is %s with the columns in order and %s with them shuffled, %s less; the dense net's is %s and %s, %s less.",
			f.CNN.test(), f.CNNShuffled.test(), falls, f.Dense.test(), f.DenseShuffled.test(), steady),
		Samples: falls.N,
	}
}

func judgeTables(f TabularMeasurement) claim.Finding {
	below := claim.EstimateDifference(f.DenseShuffled.Test, f.CNNShuffled.Test)
	return claim.Finding{
		Decision: below.Above(columnsMatter),
		Evidence: fmt.Sprintf("With the columns shuffled the CNN's test accuracy lies %s below that of the dense net.", below),
		Samples:  below.N,
	}
}

func tabularRules() []claim.Rule[TabularMeasurement] {
	const source = "Q5, limits 2"
	return []claim.Rule[TabularMeasurement]{
		claim.Whole("q5.c2", source, "A CNN assumes that neighbours belong together, and so fits tabular data poorly.",
			claim.SampledRule("q5.c2a", source, "A convolution over pairs of columns depends on their order, unlike a dense layer.",
				fmt.Sprintf("with the columns shuffled the CNN's accuracy falls by over %g, and that of a dense net changes by less than %g (95 %% intervals)", columnsMatter, sameAccuracy),
				claim.Supported, judgeColumns).From(firstRules),
			claim.SampledRule("q5.c2b", source, "In a table whose columns stand in no particular order it is worse than a dense net.",
				fmt.Sprintf("with the columns shuffled the CNN's accuracy lies over %g below that of a dense net (95 %% interval)", columnsMatter),
				claim.Supported, judgeTables).From(firstRules)),
	}
}

// chart compares the nets on rows.
func (f TabularMeasurement) chart() report.Chart {
	return bars("tabular", "Rows of a table, with their columns in order and shuffled",
		"Bars of test accuracy with intervals over the seeds: the CNN and the dense net, each with the columns in order and shuffled. Higher is better; two equal bars mean that the order does not matter. A rule marks chance.",
		"test accuracy", byChance(), bar{f.CNN.Name, f.CNN.Test}, bar{f.CNNShuffled.Name, f.CNNShuffled.Test}, bar{f.Dense.Name, f.Dense.Test}, bar{f.DenseShuffled.Name, f.DenseShuffled.Test})
}

// ShuffledColumns is the experiment.
var ShuffledColumns = experiment.Experiment[TabularConfig, TabularMeasurement]{
	Name: "Tabular", Title: "Rows of a table, with their columns in order and shuffled",
	Measure: measureTabular, Rules: tabularRules(),
	Figures: func(_ TabularConfig, f TabularMeasurement) (report.Figures, error) {
		return report.Figures{Charts: []report.Chart{f.chart()}}, nil
	},
}
