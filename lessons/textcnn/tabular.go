package textcnn

import (
	"context"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"evident/kit/fit"
	"evident/kit/nn"
)

// TabularFacts compare a CNN over columns with a dense net, on rows whose columns
// stand in their order or are shuffled. The same permutation holds for all rows
// of a seed, and each seed has another.
type TabularFacts struct {
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

// MeasureTabular trains both nets on rows in order and shuffled.
func MeasureTabular(ctx context.Context, backend compute.Backend, c TabularConfig) (facts TabularFacts, err error) {
	facts.Columns = tabularColumns
	if err := c.check(); err != nil {
		return facts, err
	}
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
		draw := func(seed int64) (train, test fit.Data, err error) {
			return rows(c.Train, seed+forTrain, seed, run.shuffled), rows(c.Test, seed+forTest, seed, run.shuffled), nil
		}
		if *run.scores, err = (trial{name: run.name, network: run.network, training: c.Training, draw: draw}).run(ctx, backend); err != nil {
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
