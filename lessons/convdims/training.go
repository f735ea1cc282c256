package convdims

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/fit"
	"evident/kit/report"
)

// Training is how each of the nets is trained, each seed on data of its own.
type Training struct {
	Kernel       int     `role:"fixed" range:"[1, inf)" help:"side of the kernels, an odd number"`
	Filters      int     `role:"fixed" range:"[1, inf)" help:"filters of Conv3D; the others get at least as many parameters"`
	Train        int     `role:"fixed" range:"[1, inf)" help:"training clips or volumes"`
	Test         int     `role:"fixed" range:"[1, inf)" help:"test clips or volumes"`
	Epochs       int     `role:"fixed" range:"[1, inf)" help:"passes over the training data"`
	BatchSize    int     `role:"fixed" range:"[1, inf)" help:"examples of a batch"`
	LearningRate float64 `role:"fixed" range:"(0, inf)" help:"of Adam"`
	Seeds        []int64 `role:"averaged" help:"of data, weights and order; where nothing is judged, the first five"`
}

// room returns an error when the kernel has no middle, or is longer than an axis.
func (t Training) room(axes ...int) error {
	if t.Kernel%2 == 0 {
		return badinput.Errorf("Kernel is %d: use an odd number, so that a kernel has a middle", t.Kernel)
	}
	if least := slices.Min(axes); t.Kernel > least {
		return badinput.Errorf("Kernel is %d: there is room for %d", t.Kernel, least)
	}
	return nil
}

// fills returns an error when the examples do not fill a batch.
func (t Training) fills() error {
	if t.Train < t.BatchSize {
		return badinput.Errorf("Train is %d: it must be at least BatchSize, %d", t.Train, t.BatchSize)
	}
	return nil
}

// farAway is added to a seed for the test data: far from every seed that is
// counted up from 1.
const farAway = 1_000_000

// source draws n labelled examples from a seed.
type source func(n int, seed int64) (fit.Data, error)

// trial trains on one kind of data and tests on one or more.
type trial struct {
	name  string
	train source
	tests []source
	seeds []int64
	// keep, if not nil, gets the net after the training from the first seed.
	keep func(net *fit.Classifier) error
}

// shown are the seeds of what is drawn and listed, and not judged: the first five,
// the fewest that have a band in a chart.
func shown(seeds []int64) []int64 { return seeds[:min(5, len(seeds))] }

// hasControl reports whether the layer is one of the two that are compared where
// appearance decides.
func (l layer) hasControl() bool { return l.name == perFrame.name || l.name == throughTime.name }

// SizedNet is a layer's net and what it takes.
type SizedNet struct {
	Layer        string
	Filters      int // 0 for a net of the reader's own
	Parameters   int // as built
	MultiplyAdds int // for one clip or volume; 0 where they are not counted
}

// Nets are several of them, in the order of all that is measured of them.
type Nets []SizedNet

// of is the place of a layer's net, or −1.
func (n Nets) of(l layer) int {
	return slices.IndexFunc(n, func(net SizedNet) bool { return net.Layer == l.name })
}

// withinBudget reports whether the first layer's net has no more parameters than
// the second's.
func (n Nets) withinBudget(first, second layer) bool {
	return n[n.of(first)].Parameters <= n[n.of(second)].Parameters
}

// gains judges whether Conv3D is right in more than each of the other layers by
// what matters, with no more parameters, from accuracies [layer][seed]. It counts the
// seeds: in a mean of gains, one net that never learns outweighs seven that do.
func (n Nets) gains(accuracies [][]float64, trials int, over ...layer) claim.Finding {
	own := accuracies[n.of(throughTime)]
	var conditions []claim.Decision
	evidence := fmt.Sprintf("Conv3D (%d parameters) is right in %s", n[n.of(throughTime)].Parameters, claim.EstimateFraction(own, trials))
	for _, l := range over {
		at := n.of(l)
		ahead := make([]float64, len(own))
		for seed := range own {
			if own[seed]-accuracies[at][seed] > matters {
				ahead[seed] = 1
			}
		}
		fraction := claim.EstimateFraction(ahead, 1)
		conditions = append(conditions, claim.Holds(n.withinBudget(throughTime, l)), fraction.Above(mostSeeds))
		evidence += fmt.Sprintf("; %s (%d) in %s, a gain of %s, of over %g in a fraction of %s of the seeds",
			l.name, n[at].Parameters, claim.EstimateFraction(accuracies[at], trials), claim.EstimateDifference(own, accuracies[at]), matters, fraction)
	}
	return claim.Finding{Decision: claim.All(conditions...), Evidence: evidence + ".", Samples: len(own)}
}

// run trains the contender's classifier in every trial from every seed, and
// returns the accuracies: [trial][test][seed].
func (t Training) run(ctx context.Context, backend compute.Backend, c contender, shape []int, trials []trial) (SizedNet, [][][]float64, error) {
	facts := SizedNet{Layer: c.name, Filters: c.filters}
	if c.own == nil {
		facts.MultiplyAdds = c.cost(shape).MultiplyAdds
	}
	example := fit.NewData(make([]float32, t.BatchSize*product(shape)), shape, make([]int32, t.BatchSize))
	open := func(backend compute.Backend) (*fit.Classifier, error) {
		net, err := fit.NewClassifier(backend, c.classifier, example, t.BatchSize, t.adam())
		if err == nil {
			_, err = net.Evaluate(ctx, example) // compiles
		}
		return net, err
	}
	accuracies := make([][][]float64, len(trials))
	var jobs []job
	for i, e := range trials {
		accuracies[i] = make([][]float64, len(e.tests))
		jobs = append(jobs, jobsOf(i, e.seeds)...)
	}
	outcomes, err := sideBySide(ctx, backend, jobs, open, func(ctx context.Context, net *fit.Classifier, j job) ([]float64, error) {
		e := trials[j.condition]
		if j == jobs[0] {
			facts.Parameters = net.Parameters()
		}
		accuracies, err := t.try(ctx, net, c.name, e, j)
		if err != nil {
			return nil, fmt.Errorf("%s, %s: %w", c.name, e.name, err)
		}
		return accuracies, nil
	})
	if err != nil {
		return facts, nil, err
	}
	for i, ofTests := range outcomes {
		for test, accuracy := range ofTests {
			of := accuracies[jobs[i].condition]
			of[test] = append(of[test], accuracy)
		}
	}
	return facts, accuracies, nil
}

// job is one training: under a condition, counted from 0, from a seed of it.
type job struct {
	condition int
	seed      int64
	first     bool // of the condition's seeds
}

func jobsOf(condition int, seeds []int64) []job {
	var jobs []job
	for i, seed := range seeds {
		jobs = append(jobs, job{condition, seed, i == 0})
	}
	return jobs
}

// sideBySide does the jobs on as many nets at once as [fit.BySeed] does.
func sideBySide[N fit.Finalizer, T any](ctx context.Context, backend compute.Backend, jobs []job, open func(compute.Backend) (N, error), do func(context.Context, N, job) (T, error)) ([]T, error) {
	places := make([]int64, len(jobs))
	for i := range places {
		places[i] = int64(i)
	}
	return fit.BySeed(ctx, backend, places, open, func(ctx context.Context, net N, place int64) (T, error) { return do(ctx, net, jobs[place]) })
}

func (t Training) adam() optimizer.Interface {
	return optimizer.Adam().LearningRate(t.LearningRate).Done()
}

// try is one training of run: the accuracy in each test.
func (t Training) try(ctx context.Context, net *fit.Classifier, name string, e trial, j job) ([]float64, error) {
	data, err := e.train(t.Train, j.seed)
	if err != nil {
		return nil, err
	}
	task := fmt.Sprintf("%s, %s, seed %d", name, e.name, j.seed)
	if _, err := net.Train(ctx, data, fit.Training{Task: task, Seed: j.seed, Epochs: t.Epochs}); err != nil {
		return nil, err
	}
	accuracies := make([]float64, len(e.tests))
	for i, test := range e.tests {
		if accuracies[i], err = t.score(ctx, net, test, j.seed); err != nil {
			return nil, err
		}
	}
	if j.first && e.keep != nil {
		err = e.keep(net)
	}
	return accuracies, err
}

// score is the net's accuracy on test data of a training's seed.
func (t Training) score(ctx context.Context, net *fit.Classifier, test source, seed int64) (float64, error) {
	data, err := test(t.Test, seed+farAway)
	if err != nil {
		return 0, err
	}
	score, err := net.Evaluate(ctx, data)
	return score.Accuracy, err
}

func valuesOf(net *fit.Classifier, path string) ([]float32, error) {
	value, err := net.Store().GetVariable(path).Value()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return tensors.MustCopyFlatData[float32](value), nil
}

// chance is the line of a guess.
var chance = []report.Reference{{Name: "chance", Y: 0.5}}

// againstNoise is a curve of accuracies over the noises, or the first of them: [noise][seed].
func againstNoise(name string, noises []float64, accuracies [][]float64, trials int) report.Curve {
	curve := report.Curve{Name: name}
	for k, ofNoise := range accuracies {
		curve.AddFraction(noises[k], ofNoise, trials)
	}
	return curve
}
