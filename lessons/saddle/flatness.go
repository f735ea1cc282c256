package saddle

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"gonum.org/v1/gonum/stat"

	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
	"evident/kit/sweep"
)

// FlatnessConfig perturbs the weights of nets at the target loss.
type FlatnessConfig struct {
	Perturbation  float64 `role:"fixed" range:"(0, inf)" help:"standard deviation of what is added to a weight, as a fraction of it"`
	Perturbations int     `role:"averaged" range:"[1, inf)" help:"random perturbations, each made in both directions"`
}

// FlatnessKnobs adds those of the trainings.
type FlatnessKnobs struct {
	Comparison ComparisonConfig
	FlatnessConfig
}

// FlatnessMeasurement says how flat the loss is where trainings have the target
// loss.
type FlatnessMeasurement struct{ Tasks []TaskFlatness }

// TaskFlatness is that of one task.
type TaskFlatness struct {
	TaskMeasurement
	Places []Places // by optimizer
}

// Places are those where the fast runs of an optimizer first have the target
// loss, by seed; NaN for runs that never have it.
type Places struct {
	Sharpness []float64 // λ_max of the Hessian of the training loss
	Rise      []float64 // of the training loss when the weights are perturbed
}

func measureFlatness(ctx context.Context, backend compute.Backend, c FlatnessKnobs) (FlatnessMeasurement, error) {
	var facts FlatnessMeasurement
	compared, err := OptimizerComparison.Measured(ctx, backend, c.Comparison)
	if err != nil {
		return facts, err
	}
	for i, t := range c.Comparison.tasks() {
		own := TaskFlatness{TaskMeasurement: compared.Tasks[i]}
		if own.Places, err = c.lookAround(ctx, backend, t, own.TaskMeasurement); err != nil {
			return facts, err
		}
		facts.Tasks = append(facts.Tasks, own)
	}
	return facts, nil
}

// lookAround measures the curvature and the rise of the loss about the places
// where the fast runs of every optimizer first have the target loss.
func (c FlatnessConfig) lookAround(ctx context.Context, backend compute.Backend, t task, f TaskMeasurement) ([]Places, error) {
	m := t.net.Model()
	var weights [][]float64
	var losses []float64
	for _, r := range f.Optimizers {
		own, _ := f.atTarget(r)
		for seed, run := range r.Fast {
			place := run.AtTarget
			if place == nil { // its loss is NaN, and so is what comes of it
				place = make([]float64, m.Size())
			}
			weights, losses = append(weights, place), append(losses, own[seed])
		}
	}
	curvature, err := sweep.NewCurvature(backend, m, t.train, dtypes.Float32)
	if err != nil {
		return nil, err
	}
	defer curvature.Finalize()
	top, err := curvature.Top(ctx, weights, nil, sweep.Power{Iterations: 100, Tolerance: 0.01})
	if err != nil {
		return nil, err
	}
	rises, err := c.rises(ctx, backend, m, t.train, weights, losses)
	if err != nil {
		return nil, err
	}
	sharpness := make([]float64, len(weights))
	for i := range sharpness {
		if sharpness[i] = top[i].Value; math.IsNaN(losses[i]) {
			sharpness[i] = math.NaN()
		}
	}
	places := make([]Places, len(f.Optimizers))
	seeds := len(weights) / len(places)
	for i := range places {
		places[i] = Places{Sharpness: sharpness[i*seeds : (i+1)*seeds], Rise: rises[i*seeds : (i+1)*seeds]}
	}
	return places, nil
}

// places are those of the optimizer of that name.
func (f TaskFlatness) places(name string) Places {
	for i, r := range f.Optimizers {
		if r.Name == name {
			return f.Places[i]
		}
	}
	return Places{}
}

// rises multiplies every weight by 1 ± ρz with z normally distributed, and
// returns by how much the loss rises on average. In the mean over both signs the
// slope drops out: what is left is the curvature.
func (c FlatnessConfig) rises(ctx context.Context, backend compute.Backend, m sweep.Model, train sweep.Data, places [][]float64, losses []float64) ([]float64, error) {
	meter, err := sweep.NewMeter(backend, m, train)
	if err != nil {
		return nil, err
	}
	defer meter.Finalize()
	rises := make([]float64, len(places))
	bothSigns := [...]float64{1, -1}
	for draw := range c.Perturbations {
		for _, sign := range bothSigns {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			perturbed := make([][]float64, len(places))
			for i, place := range places {
				random := fit.Rand(int64(draw), forPerturbations) // the same z for both signs
				for _, weight := range place {
					perturbed[i] = append(perturbed[i], weight*(1+sign*c.Perturbation*random.NormFloat64()))
				}
			}
			scores, err := meter.Score(perturbed)
			if err != nil {
				return nil, err
			}
			for i, loss := range scores.Loss {
				rises[i] += (loss - losses[i]) / float64(len(bothSigns)*c.Perturbations)
			}
		}
	}
	return rises, nil
}

const (
	sharperBy = 1.25 // ratio of curvatures, and of rises of the loss
	poorerBy  = 0.01 // accuracy on the test examples
)

func judgeSharpness(f FlatnessMeasurement) claim.Finding {
	return onTasks(f.Tasks, func(t TaskFlatness) (claim.Decision, string, int) {
		own, other := t.places(adam), t.places(sgd)
		sharper := logRatio(paired(own.Sharpness, other.Sharpness))
		rises := logRatio(paired(own.Rise, other.Rise))
		lossOfOwn, accuracyOfOwn := t.atTarget(t.of(adam))
		lossOfOther, accuracyOfOther := t.atTarget(t.of(sgd))
		poorer := claim.EstimateDifference(paired(accuracyOfOther, accuracyOfOwn))
		factor := math.Log10(sharperBy)
		return claim.All(sharper.Above(factor), rises.Above(factor), poorer.Above(poorerBy)),
			fmt.Sprintf("at training losses of %.3g (Adam) and %.3g (SGD), λ_max is %.2f times SGD's (powers of ten %s), the rise of the loss %.2f times (%s), and the test accuracy %.3f against %.3f (SGD's is higher by %s)",
				meanOrZero(lossOfOwn), meanOrZero(lossOfOther), math.Pow(10, sharper.Mean), sharper, math.Pow(10, rises.Mean), rises,
				meanOrZero(accuracyOfOwn), meanOrZero(accuracyOfOther), poorer), sharper.N
	})
}

func flatnessRules() []claim.Rule[FlatnessMeasurement] {
	return []claim.Rule[FlatnessMeasurement]{
		claim.SampledRule("q1c.5", "Q1 (c) Adam −2",
			"Adam often ends in sharp minima that test poorly, SGD in flat ones that test well.",
			fmt.Sprintf("at equal training loss, λ_max and the rise of the loss under a relative perturbation of the weights are over %g times those of SGD, and the test accuracy is over %g lower, on both tasks (95 %% intervals)", sharperBy, poorerBy),
			claim.Inconclusive, judgeSharpness),
	}
}

// sharpnessChart shows the sharpness of the places where the runs first have the
// target loss, with their test accuracy.
func (f TaskFlatness) sharpnessChart() report.Chart {
	drawn := report.Chart{
		ID: "sharpness-" + f.id(), Title: "Sharpness and test accuracy at equal training loss: " + f.Task, Mark: report.Points, LogX: true,
		XLabel: "λ_max of the Hessian", YLabel: "accuracy on the test examples",
		Alt: "One point a run, one colour an optimizer: the sharpness to the right on a logarithmic axis, where further left is flatter, and the test accuracy upwards, where higher is better.",
	}
	for i, r := range f.Optimizers {
		curve := report.Curve{Name: r.Name}
		_, accuracy := f.atTarget(r)
		for seed, sharpness := range f.Places[i].Sharpness {
			if sharpness > 0 && len(claim.Finite([]float64{sharpness, accuracy[seed]})) == 2 {
				curve.Add(sharpness, accuracy[seed])
			}
		}
		drawn.Curves = append(drawn.Curves, curve)
	}
	return drawn
}

// endTable lists the ends of the runs to the lowest loss, and the places at equal
// loss.
func (f FlatnessMeasurement) endTable() report.Table {
	rows := report.Table{
		ID: "ends", Title: "Where they end, each at the rate with its lowest training loss; and the places at equal training loss",
		Columns: []string{"task", "optimizer", "η", "training loss", "test loss", "test accuracy", "fluctuation of the loss", "λ_max at equal loss", "rise when perturbed", "test accuracy at equal loss"},
	}
	for _, t := range f.Tasks {
		for i, r := range t.Optimizers {
			places := t.Places[i]
			_, accuracy := t.atTarget(r)
			rows.Rows = append(rows.Rows, []string{
				t.Task, r.Name, fmt.Sprintf("%.2g", t.Rates[t.lowest(r)]), shortOf(ends(r.Lowest, trainLoss)), shortOf(ends(r.Lowest, testLoss)),
				orDash("%.3f", stat.Mean(ends(r.Lowest, testAccuracy), nil)), shortOf(t.fluctuation(r)),
				orDash("%.3g", geometricOrZero(places.Sharpness)), orDash("%.2g", meanOrZero(places.Rise)), orDash("%.3f", meanOrZero(accuracy)),
			})
		}
	}
	return rows
}

// Flatness is the experiment.
var Flatness = experiment.Experiment[FlatnessKnobs, FlatnessMeasurement]{
	Name: "Flatness", Title: "How flat the loss is at equal training loss, and where trainings end",
	Measure: measureFlatness, Rules: flatnessRules(),
	Figures: func(_ FlatnessKnobs, f FlatnessMeasurement) (report.Figures, error) {
		figures := report.Figures{Tables: []report.Table{f.endTable()}}
		for _, task := range f.Tasks {
			figures.Charts = append(figures.Charts, task.sharpnessChart())
		}
		return figures, nil
	},
}
