package saddle

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/nn"
	"evident/kit/progress"
	"evident/kit/report"
)

// CostConfig trains a larger net for a few steps.
type CostConfig struct {
	Optimizers []nn.Optimizer `role:"compared" help:"SGD, momentum, RMSProp and Adam, which the claims need; others may join"`
	Widths     []int          `role:"fixed" range:"[1, inf)" list:"2" help:"of the inputs, the hidden layers and the outputs"`
	BatchSize  int            `role:"fixed" range:"[1, inf)" help:"examples of a batch"`
	Rounds     int            `role:"fixed" range:"[1, inf)" help:"that alternate between the optimizers"`
	Steps      int            `role:"fixed" range:"[1, inf)" help:"of each round"`
}

// Validate checks that the optimizers of the claims are there.
func (c CostConfig) Validate() error { return checkOptimizers(c.Optimizers) }

// CostMeasurement says what a step of every optimizer takes.
type CostMeasurement struct {
	Parameters int // of the net that is trained
	Optimizers []OptimizerCost
}

// OptimizerCost is that of one optimizer.
type OptimizerCost struct {
	Name string
	// Kept is the number of values that the trained model holds besides its
	// parameters, over the number of parameters, counted on its variables.
	Kept float64
	// Operations is the number of additions, multiplications, divisions and roots
	// for every parameter and step, counted on the graph of θ ← θ − η·d. It does
	// not count the gradient, which all optimizers need.
	Operations int
	Seconds    float64 // of a whole training step, the fastest round's mean
}

// of finds an optimizer's cost by its name.
func (f CostMeasurement) of(name string) (OptimizerCost, bool) {
	for _, o := range f.Optimizers {
		if o.Name == name {
			return o, true
		}
	}
	return OptimizerCost{}, false
}

// measureCost trains a GoMLX model by every optimizer in turn, in rounds that
// alternate, so that a slow spell of the machine hits all of them.
func measureCost(ctx context.Context, backend compute.Backend, c CostConfig) (CostMeasurement, error) {
	var facts CostMeasurement
	trainings := make([]*costly, len(c.Optimizers))
	for i, o := range c.Optimizers {
		var err error
		if trainings[i], err = c.training(backend, o); err != nil {
			return facts, err
		}
		defer trainings[i].exec.Finalize()
		own := OptimizerCost{Name: o.Name, Seconds: math.Inf(1)}
		if own.Operations, err = operations(backend, o); err != nil {
			return facts, err
		}
		facts.Parameters, own.Kept = trainings[i].count()
		facts.Optimizers = append(facts.Optimizers, own)
	}
	for round := range c.Rounds {
		for i, training := range trainings {
			if err := ctx.Err(); err != nil {
				return facts, err
			}
			seconds, err := training.run(c.Steps)
			if err != nil {
				return facts, err
			}
			facts.Optimizers[i].Seconds = min(facts.Optimizers[i].Seconds, seconds)
		}
		progress.ReportTask(ctx, "seconds per step", round+1, c.Rounds)
	}
	return facts, nil
}

// costly is a model with its trainer.
type costly struct {
	store *model.Store
	exec  *model.Exec
	x, y  *tensors.Tensor
}

// training builds the net, and makes the first step, for which it is compiled.
func (c CostConfig) training(backend compute.Backend, o nn.Optimizer) (*costly, error) {
	const rate = 1e-3
	t := &costly{store: model.NewStore()}
	t.store.SetParam(model.ParamInitialSeed, int64(1))
	own := o.GoMLX(rate)
	outputs := c.Widths[len(c.Widths)-1]
	t.x = tensors.FromShape(shapes.Make(dtypes.Float32, c.BatchSize, c.Widths[0]))
	t.y = tensors.FromShape(shapes.Make(dtypes.Float32, c.BatchSize, outputs))
	var err error
	t.exec, err = model.NewExec(backend, t.store, func(scope *model.Scope, x, y *Node) *Node {
		x = AddScalar(x, 1)
		for i, width := range c.Widths[1:] {
			if i > 0 {
				x = Tanh(x)
			}
			x = nn.Dense(scope.In("layer%d", i), x, width)
		}
		loss := ReduceAllMean(Square(Sub(x, y)))
		own.UpdateGraph(scope, x.Graph(), loss)
		return loss
	})
	if err != nil {
		return nil, fmt.Errorf("building a training with %s: %w", o.Name, err)
	}
	_, err = t.run(1)
	return t, err
}

// run makes the steps and returns the mean seconds of one.
func (t *costly) run(steps int) (float64, error) {
	start := time.Now()
	for range steps {
		if _, err := t.exec.Call(t.x, t.y); err != nil {
			return 0, fmt.Errorf("training for the cost: %w", err)
		}
	}
	return time.Since(start).Seconds() / float64(steps), nil
}

// count is the number of parameters, and of the other values over it. Scalars,
// such as the rate and the number of the step, are not counted.
func (t *costly) count() (parameters int, kept float64) {
	others := 0
	for v := range t.store.IterVariables() {
		switch {
		case v.Trainable:
			parameters += v.Shape().Size()
		case v.Shape().Rank() > 0 && v.Name() != model.RNGStateVariableName:
			others += v.Shape().Size()
		}
	}
	return parameters, float64(others) / float64(parameters)
}

// operations builds the graph of one step for n parameters and counts the nodes
// that compute n values from others.
func operations(backend compute.Backend, o nn.Optimizer) (count int, err error) {
	const n = 7 // no other size in the graph
	err = exceptions.TryCatch[error](func() {
		g := NewGraph(backend, "operations of "+o.Name)
		defer g.Finalize()
		input := func(name string, shape ...int) *Node {
			return Parameter(g, name, shapes.Make(dtypes.Float32, shape...))
		}
		theta, gradient, rate, step := input("theta", n), input("gradient", n), input("rate"), input("step")
		slots := make([]*Node, o.Slots)
		for i := range slots {
			slots[i] = input(fmt.Sprintf("slot%d", i), n)
		}
		direction, _ := o.Direction(gradient, slots, step)
		Sub(theta, Mul(rate, direction))
		for _, node := range g.Nodes() {
			if node.NumOutputs() == 1 && node.Shape().Size() == n && isArithmetic(node.Type()) {
				count++
			}
		}
	})
	return count, err
}

// isArithmetic leaves out what only names, moves or repeats values.
func isArithmetic(t NodeType) bool {
	switch t {
	case NodeTypeParameter, NodeTypeConstant, NodeTypeBroadcastInDim, NodeTypeReshape, NodeTypeConvertDType, NodeTypeIdentity:
		return false
	}
	return true
}

func judgeHeavy(f CostMeasurement) claim.Finding {
	own, found := f.of(sgd)
	lighter, heavier := found, found
	var shown []string
	for _, o := range f.Optimizers {
		if o.Name == momentum || o.Name == rmsprop || o.Name == adam {
			lighter = lighter && own.Kept < o.Kept && own.Operations < o.Operations
			heavier = heavier && (own.Kept > o.Kept || own.Operations > o.Operations)
		}
		shown = append(shown, fmt.Sprintf("%s %.0f and %d", o.Name, o.Kept, o.Operations))
	}
	decision := claim.Open()
	if !found {
		decision = claim.Missing()
	}
	if lighter || heavier {
		decision = claim.Holds(heavier)
	}
	return claim.Finding{
		Decision: decision, Samples: 1,
		Evidence: fmt.Sprintf("Values kept for each of %d parameters, and operations on it in a step: %s.", f.Parameters, strings.Join(shown, ", ")),
	}
}

// table lists what a step takes.
func (f CostMeasurement) table() report.Table {
	rows := report.Table{
		ID: "cost", Title: fmt.Sprintf("What a step takes, for each of %d parameters", f.Parameters),
		Columns: []string{"optimizer", "values kept", "operations", "milliseconds per step (the fastest round)"},
	}
	for _, o := range f.Optimizers {
		rows.Rows = append(rows.Rows, []string{o.Name, fmt.Sprintf("%.2g", o.Kept), fmt.Sprint(o.Operations), fmt.Sprintf("%.2f", 1000*o.Seconds)})
	}
	return rows
}

// StepCost is the experiment. [Speed] judges it.
var StepCost = experiment.Experiment[CostConfig, CostMeasurement]{
	Name: "Cost", Timed: true, Title: "What a step takes",
	Measure: measureCost,
	Figures: func(_ CostConfig, f CostMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{f.table()}}, nil
	},
}
