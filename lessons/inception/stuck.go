package inception

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	graphshapes "github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/datasets/shapes"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/progress"
	"evident/kit/report"
)

// Trial is a short training of a small dense net on the shapes. Its mistakes are
// those by which a training comes to no more than a guess.
type Trial struct {
	Train        int     `role:"fixed" range:"[1, inf)" help:"training pictures"`
	BatchSize    int     `role:"fixed" range:"[1, inf)" help:"pictures of a batch"`
	Epochs       int     `role:"fixed" range:"[1, inf)" help:"passes over the training pictures"`
	Hidden       int     `role:"fixed" range:"[1, inf)" help:"units of each of the two hidden layers"`
	Seed         int64   `role:"fixed" help:"of pictures, initial weights and order"`
	LearningRate float64 `role:"compared" range:"(0, inf)" help:"of Adam"`

	ShuffledLabels bool `role:"compared" help:"each label goes to another picture"`
	BlackPictures  bool `role:"compared" help:"all pixels are 0"`
	ZeroWeights    bool `role:"compared" help:"all weights are 0 at the start"`
	SoftmaxTwice   bool `role:"compared" help:"softmax by the net, and once more by the loss"`
}

// Validate checks that there is a batch of pictures.
func (t Trial) Validate() error {
	return checkTrain(t.Train, t.BatchSize)
}

// DefaultTrial learns, within a second.
func DefaultTrial() Trial {
	return Trial{Train: 512, BatchSize: 32, Epochs: 20, Hidden: 64, Seed: 1, LearningRate: 1e-3}
}

// mistake is one line that differs from a trial that learns.
type mistake struct {
	name, line string
	make       func(*Trial)
}

// mistakes are the usual causes of a loss that does not fall.
var mistakes = []mistake{
	{"none", "", func(*Trial) {}},
	{"rate far too high", "LearningRate = 10", func(t *Trial) { t.LearningRate = 10 }},
	{"rate too high", "LearningRate = 0.3", func(t *Trial) { t.LearningRate = 0.3 }},
	{"rate far too low", "LearningRate = 1e-7", func(t *Trial) { t.LearningRate = 1e-7 }},
	{"labels shuffled", "ShuffledLabels = true", func(t *Trial) { t.ShuffledLabels = true }},
	{"the same input for all", "BlackPictures = true", func(t *Trial) { t.BlackPictures = true }},
	{"all weights zero at the start", "ZeroWeights = true", func(t *Trial) { t.ZeroWeights = true }},
	{"softmax twice", "SoftmaxTwice = true", func(t *Trial) { t.SoftmaxTwice = true }},
}

// Outcome is what came of a trial.
type Outcome struct {
	Mistake, Line string
	Before, After fit.Score // on the training pictures, with their labels
	DivergedAt    *int      // step whose loss was not finite
	Dead          float64   // fraction of the units of the last hidden layer that are 0 on all pictures
}

// StuckMeasurement is a trial and what each mistake makes of it.
type StuckMeasurement struct {
	Trial    Trial
	Outcomes []Outcome
}

// measureStuck runs a trial as it is, and then with one mistake after the other.
func measureStuck(ctx context.Context, backend compute.Backend, t Trial) (StuckMeasurement, error) {
	facts := StuckMeasurement{Trial: t}
	for i, m := range mistakes {
		progress.ReportTask(ctx, "mistake: "+m.name, i+1, len(mistakes))
		made := t
		m.make(&made)
		outcome, err := made.run(ctx, backend)
		if err != nil {
			return facts, err
		}
		outcome.Mistake, outcome.Line = m.name, m.line
		facts.Outcomes = append(facts.Outcomes, outcome)
	}
	return facts, nil
}

func (t Trial) run(ctx context.Context, backend compute.Backend) (Outcome, error) {
	data, err := t.data()
	if err != nil {
		return Outcome{}, err
	}
	net, err := fit.NewClassifier(backend, t.net, data, t.BatchSize, optimizer.Adam().LearningRate(t.LearningRate).Done())
	if err != nil {
		return Outcome{}, err
	}
	defer net.Finalize()
	var o Outcome
	if err := net.Reset(t.Seed); err != nil {
		return o, err
	}
	if o.Before, err = net.Evaluate(ctx, data); err != nil {
		return o, err
	}
	history, err := net.Train(ctx, data, fit.Training{Task: "trial", Seed: t.Seed, Epochs: t.Epochs})
	if err != nil {
		return o, err
	}
	o.DivergedAt = history.DivergedAt
	if o.After, err = net.Evaluate(ctx, data); err != nil {
		return o, err
	}
	hidden, err := net.Program(t.hidden)
	if err != nil {
		return o, err
	}
	defer hidden.Finalize()
	units, err := hidden.Run(ctx, data)
	o.Dead = dead(units)
	return o, err
}

// data are the pictures with the trial's mistakes.
func (t Trial) data() (fit.Data, error) {
	const forShuffle = 91
	pictures, err := shapes.Generate(t.Train, t.Seed)
	if err != nil {
		return fit.Data{}, err
	}
	if t.BlackPictures {
		clear(pictures.Pixels)
	}
	if t.ShuffledLabels {
		labels := pictures.Labels
		fit.Rand(t.Seed, forShuffle).Shuffle(len(labels), func(i, j int) { labels[i], labels[j] = labels[j], labels[i] })
	}
	return fit.ImageData(pictures), nil
}

// net is hidden with a dense layer: logits [batch, 10].
func (t Trial) net(scope *model.Scope, x *Node) *Node {
	logits := t.dense(scope.In("logits"), t.hidden(scope, x), classes)
	if t.SoftmaxTwice {
		return Softmax(logits)
	}
	return logits
}

// hidden is the second of two dense layers with ReLU on every second pixel, from −1 to 1:
// [batch, Hidden].
func (t Trial) hidden(scope *model.Scope, x *Node) *Node {
	x = everySecond(AddScalar(MulScalar(ConvertDType(x, dtypes.Float32), 2.0/255), -1))
	x = Reshape(x, x.Shape().Dim(0), -1)
	x = nn.ReLU(t.dense(scope.In("first"), x, t.Hidden))
	return nn.ReLU(t.dense(scope.In("second"), x, t.Hidden))
}

// dense is nn.Dense, but for weights of rank 1 where they start at zero: those of
// rank 2 are drawn, see fit.GlorotUniform.
func (t Trial) dense(scope *model.Scope, x *Node, units int) *Node {
	if !t.ZeroWeights {
		return nn.Dense(scope, x, units)
	}
	inputs := x.Shape().Dim(-1)
	weights := scope.VariableWithShape("weights", graphshapes.Make(x.DType(), inputs*units)).NodeValue(x.Graph())
	return nn.Bias(scope, MatMul(x, Reshape(weights, inputs, units)))
}

// dead is the fraction of units [example][unit] that are 0 for all examples.
func dead(units [][]float32) float64 {
	alive := map[int]bool{}
	for _, example := range units {
		for unit, value := range example {
			if value > 0 {
				alive[unit] = true
			}
		}
	}
	return 1 - float64(len(alive))/float64(len(units[0]))
}

// table has a row for each mistake.
func (f StuckMeasurement) table() report.Table {
	rows := report.Table{
		ID: "stuck", Title: fmt.Sprintf("One line changed: the loss on the training pictures after %d steps; a guess pays ln %d = %.4f", f.Trial.Epochs*(f.Trial.Train/f.Trial.BatchSize), classes, math.Log(classes)),
		Columns: []string{"mistake", "the line", "loss before", "loss after", "accuracy after", "dead units", "so it"},
	}
	for _, o := range f.Outcomes {
		rows.Rows = append(rows.Rows, []string{
			o.Mistake, o.Line, fmt.Sprintf("%.4f", o.Before.Loss), fmt.Sprintf("%.4g", o.After.Loss), fmt.Sprintf("%.2f", o.After.Accuracy),
			fmt.Sprintf("%.0f %%", 100*o.Dead), o.summary(),
		})
	}
	return rows
}

// summary says in words what the loss did.
func (o Outcome) summary() string {
	const still = 0.02 // nats
	guess := math.Log(classes)
	switch {
	case o.DivergedAt != nil:
		return fmt.Sprintf("diverges at step %d", *o.DivergedAt)
	case math.Abs(o.After.Loss-guess) < still:
		return "stays at that of a guess"
	case math.Abs(o.After.Loss-o.Before.Loss) < still:
		return "stays where it began"
	case o.After.Loss > guess:
		return "ends above that of a guess"
	}
	return "falls"
}

// StuckLoss is the experiment. It decides no claim, so it is in the notebook alone.
var StuckLoss = experiment.Experiment[Trial, StuckMeasurement]{
	Name: "Stuck", Title: "A loss that stays at ln 10", Measure: measureStuck,
	Figures: func(_ Trial, f StuckMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{f.table()}}, nil
	},
}
