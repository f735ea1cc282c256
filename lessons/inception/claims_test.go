package inception

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/claim"
	"evident/kit/fit"
	"evident/kit/lessontest"
	"evident/kit/nn"
)

// paired is five values that lie the same amount above those of around.
func paired(base []float64, by float64) []float64 {
	values := make([]float64, len(base))
	for i := range base {
		values[i] = base[i] + by + float64(i%2)*1e-6
	}
	return values
}

// measurements are one of each experiment, made by hand.
type measurements struct {
	Modules ModulesMeasurement
	Strides StridesMeasurement
	Depth   DepthMeasurement
	Scales  ScalesMeasurement
	Compare CompareMeasurement
	Budget  BudgetMeasurement
	Train   TrainMeasurement
}

// judged are the claims of all experiments, followed by their parts.
func (m measurements) judged() []claim.Claim {
	whole := slices.Concat(claim.Judge(modulesRules(), m.Modules), claim.Judge(stridesRules(), m.Strides), claim.Judge(depthRules(), m.Depth),
		claim.Judge(scalesRules(), m.Scales), claim.Judge(compareRules(), m.Compare), claim.Judge(budgetRules(), m.Budget), claim.Judge(trainRules(), m.Train))
	var all []claim.Claim
	claim.Each(whole, func(c *claim.Claim) { all = append(all, *c) })
	return all
}

// plain are measurements in which nothing stands out.
func plain() measurements {
	m := measurements{Train: TrainMeasurement{DataSet: "shapes"}}
	m.Scales = ScalesMeasurement{Without: []string{"none", "5×5"}, Fields: []int{1, 3, 5, 3}, Test: 100}
	for range m.Scales.Without {
		m.Scales.Fine, m.Scales.Coarse = append(m.Scales.Fine, lessontest.Around(.98, .001)), append(m.Scales.Coarse, lessontest.Around(.98, .001))
	}
	m.Compare = CompareMeasurement{DataSet: "shapes", Test: 100, Shifts: []int{1}}
	for _, v := range Smoke().Compare.variants() {
		outcome := VariantOutcome{Name: v.name}
		for _, accuracy := range lessontest.Around(.7, .01) {
			outcome.Runs = append(outcome.Runs, Run{TrainAccuracy: 1, TestAccuracy: accuracy, Moved: []float64{.1}, Changed: []float64{.1}, Module: []float64{.1}, Poolless: []float64{.1}})
		}
		m.Compare.Variants = append(m.Compare.Variants, outcome)
	}
	m.Compare.Probes = newProbeAccuracy(Smoke().Compare.Net)
	for i := range m.Compare.Probes.Stages {
		m.Compare.Probes.Untrained[i], m.Compare.Probes.Trained[i] = lessontest.Around(.3, .01), lessontest.Around(.3, .01)
	}
	m.Budget = BudgetMeasurement{Kinds: []string{withInception, "plain 3×3"}, DataSet: "shapes", Test: 100, Chosen: []float64{1, 1}, Sizes: []SizedNets{
		{Parameters: []int{100, 99}, Train: [][]float64{{1}, {1}}, Test: [][]float64{lessontest.Around(.7, .01), lessontest.Around(.7, .01)}},
		{Parameters: []int{200, 199}, Train: [][]float64{{1}, {1}}, Test: [][]float64{lessontest.Around(.8, .01), lessontest.Around(.8, .01)}},
	}}
	m.Depth = DepthMeasurement{Activations: []string{"relu", "tanh", "sigmoid"}, Norms: [][][]float64{norms(1), norms(1), norms(1)}}
	return m
}

// norms are gradients of two layers in five seeds; the first layer's is
// smaller by the factor.
func norms(factor float64) [][]float64 {
	var perSeed [][]float64
	for i := range 5 {
		perSeed = append(perSeed, []float64{1, factor * (1 + float64(i)*1e-3)})
	}
	return perSeed
}

// change applies a change to every run of a variant.
func (m *measurements) change(name string, by func(r *Run)) {
	for _, v := range m.Compare.Variants {
		for i := range v.Runs {
			if v.Name == name {
				by(&v.Runs[i])
			}
		}
	}
}

// noisy moves a value up and down from seed to seed.
func noisy(r *Run, at int) { r.TestAccuracy += []float64{.03, -.03, .02, -.02, .01}[at] }

func TestJudging(t *testing.T) {
	for name, c := range map[string]struct {
		id     string
		change func(m *measurements)
		want   claim.Verdict
	}{
		"modules match": {"q7a.0", func(m *measurements) {
			m.Modules = ModulesMeasurement{{Height: 4, Module: Module{1, 1, 1, 1, 1, 1}, Output: []int{1, 4, 4, 4}, Built: 9, Formula: nn.Cost{Parameters: 9}}}
		}, claim.Supported},
		"a module has another count": {"q7a.0", func(m *measurements) {
			m.Modules = ModulesMeasurement{{Height: 4, Module: Module{1, 1, 1, 1, 1, 1}, Output: []int{1, 4, 4, 4}, Built: 8, Formula: nn.Cost{Parameters: 9}}}
		}, claim.Refuted},
		"a module has another shape": {"q7a.0", func(m *measurements) {
			m.Modules = ModulesMeasurement{{Height: 4, Module: Module{1, 1, 1, 1, 1, 1}, Output: []int{1, 2, 2, 4}, Built: 9, Formula: nn.Cost{Parameters: 9}}}
		}, claim.Refuted},

		"modules cost less than a 3×3 layer": {"q7a.1a", func(*measurements) {}, claim.Supported},
		"equal to the plain net":             {"q7a.1b", func(*measurements) {}, claim.Refuted},
		"better than the plain net at one size and worse at the other": {"q7a.1b", func(m *measurements) {
			m.Budget.Sizes[0].Test[1], m.Budget.Sizes[1].Test[1] = paired(lessontest.Around(.7, .01), -.05), paired(lessontest.Around(.8, .01), .05)
		}, claim.Refuted},
		"a gain that differs from seed to seed": {"q7a.1b", func(m *measurements) { m.Budget.Sizes[0].Test[1] = []float64{.72, .6, .7, .74, .6} }, claim.Inconclusive},
		"better than the plain net": {"q7a.1b", func(m *measurements) {
			m.Budget.Sizes[0].Test[1] = paired(lessontest.Around(.7, .01), -.05)
		}, claim.Supported},
		"worse than the plain net": {"q7a.1b", func(m *measurements) {
			m.Budget.Sizes[0].Test[1] = paired(lessontest.Around(.7, .01), .05)
		}, claim.Refuted},

		"a tower sees too little":                     {"q7a.2a", func(m *measurements) { m.Scales.Fields = []int{1, 3, 3, 3} }, claim.Refuted},
		"the module reads both":                       {"q7a.2b", func(*measurements) {}, claim.Supported},
		"the module reads the fine feature badly":     {"q7a.2b", func(m *measurements) { m.Scales.Fine[0] = lessontest.Around(.7, .001) }, claim.Refuted},
		"the tower does not matter":                   {"q7a.2c", func(*measurements) {}, claim.Refuted},
		"the 5×5 tower matters to the coarse feature": {"q7a.2c", func(m *measurements) { m.Scales.Coarse[1] = lessontest.Around(.5, .001) }, claim.Supported},
		"the 5×5 tower matters to both alike": {"q7a.2c", func(m *measurements) {
			m.Scales.Fine[1], m.Scales.Coarse[1] = lessontest.Around(.5, .001), lessontest.Around(.5, .001)
		}, claim.Refuted},

		"reductions cost less": {"q7a.3a", func(*measurements) {}, claim.Supported},
		"larger gap without reduction": {"q7a.3b", func(m *measurements) {
			m.change(withoutReduce, func(r *Run) { r.TestAccuracy -= .03 })
		}, claim.Supported},
		"smaller gap without reduction": {"q7a.3b", func(m *measurements) {
			m.change(withoutReduce, func(r *Run) { r.TestAccuracy += .03 })
		}, claim.Refuted},
		"equal gap without reduction": {"q7a.3b", func(*measurements) {}, claim.Refuted},
		"a gap that differs from seed to seed": {"q7a.3b", func(m *measurements) {
			at := 0
			m.change(withoutReduce, func(r *Run) { noisy(r, at); at++ })
		}, claim.Inconclusive},

		"pooling tower steadies": {"q7a.4", func(m *measurements) {
			m.change(withInception, func(r *Run) { r.Poolless[0] *= 1.2 })
		}, claim.Supported},
		"pooling tower steadies too little to matter": {"q7a.4", func(m *measurements) {
			m.change(withInception, func(r *Run) { r.Poolless[0] *= 1.02 })
		}, claim.Refuted},
		"pooling tower does harm": {"q7a.4", func(m *measurements) {
			m.change(withInception, func(r *Run) { r.Poolless[0] *= .8 })
		}, claim.Refuted},
		"pooling tower now steadies and now does harm": {"q7a.4", func(m *measurements) {
			at := 0
			m.change(withInception, func(r *Run) { r.Poolless[0] *= []float64{.5, 2, 1, 1.5, .7}[at]; at++ })
		}, claim.Inconclusive},

		"benchmark on other pictures": {"q7a.5", func(m *measurements) { m.Budget.Sizes[1].Test[1] = paired(lessontest.Around(.8, .01), -.05) }, claim.Unmeasured},
		"benchmark on CIFAR-10": {"q7a.5", func(m *measurements) {
			m.Budget.CIFAR10 = true
			m.Budget.Sizes[1].Test[1] = paired(lessontest.Around(.8, .01), -.05)
		}, claim.Supported},
		"benchmark: better at the small size alone": {"q7a.5", func(m *measurements) {
			m.Budget.CIFAR10 = true
			m.Budget.Sizes[0].Test[1] = paired(lessontest.Around(.7, .01), -.05)
		}, claim.Refuted},

		"sizes agree":    {"q7b.1", func(m *measurements) { m.Strides.Skipped = []SkippedPixels{{Stride: 2, Moved: 2}} }, claim.Supported},
		"a size differs": {"q7b.1", func(m *measurements) { m.Strides.Mismatches = []BuiltSize{{}} }, claim.Refuted},
		"stride 1 moves two pixels, as the sheet says": {"q7b.1", func(m *measurements) { m.Strides.Skipped = []SkippedPixels{{Stride: 1, Moved: 2}} }, claim.Refuted},

		"a stride that shrinks": {"q7b.2", func(m *measurements) {
			m.Strides.Sizes = []BuiltSize{{Size: 8, Kernel: 3, Stride: 1, Built: 8}, {Size: 8, Kernel: 3, Stride: 2, Built: 4}}
		}, claim.Supported},
		"a stride that does not": {"q7b.2", func(m *measurements) {
			m.Strides.Sizes = []BuiltSize{{Size: 8, Kernel: 3, Stride: 1, Built: 8}, {Size: 8, Kernel: 3, Stride: 2, Built: 8}}
		}, claim.Refuted},
		"no stride was measured": {"q7b.2", func(*measurements) {}, claim.Refuted},

		"fields grow": {"q7b.3", func(m *measurements) {
			m.Strides.Fields = []StackField{{1, 1, 3, 3}, {1, 2, 5, 5}, {2, 1, 3, 3}, {2, 2, 7, 7}}
		}, claim.Supported},
		"fields stay":  {"q7b.3", func(m *measurements) { m.Strides.Fields = []StackField{{1, 2, 5, 5}, {2, 2, 5, 5}} }, claim.Refuted},
		"field is off": {"q7b.3", func(m *measurements) { m.Strides.Fields = []StackField{{1, 2, 4, 5}} }, claim.Refuted},

		"rank falls with the stride": {"q7b.4a", func(m *measurements) {
			m.Strides.Ranks = []JacobianRank{{3, 1, 1, 16, 16}, {3, 2, 1, 64, 16}}
		}, claim.Supported},
		"rank stays as the stride grows": {"q7b.4a", func(m *measurements) {
			m.Strides.Ranks = []JacobianRank{{3, 1, 1, 16, 16}, {3, 2, 1, 64, 64}}
		}, claim.Refuted},
		"one stride compares nothing": {"q7b.4a", func(m *measurements) { m.Strides.Ranks = []JacobianRank{{3, 1, 1, 16, 16}} }, claim.Unmeasured},
		"skipping costs nothing more with one filter": {"q7b.4b", func(m *measurements) {
			m.Strides.Ranks = []JacobianRank{{1, 2, 1, 64, 16}, {3, 2, 1, 64, 16}}
		}, claim.Refuted},
		"skipping costs more with one filter": {"q7b.4b", func(m *measurements) {
			m.Strides.Ranks = []JacobianRank{{1, 2, 1, 64, 9}, {3, 2, 1, 64, 16}}
		}, claim.Supported},
		"skipping costs more with enough filters": {"q7b.4c", func(m *measurements) {
			m.Strides.Ranks = []JacobianRank{{1, 2, 4, 64, 16}, {3, 2, 4, 64, 64}}
		}, claim.Supported},
		"no kernel skips":           {"q7b.4c", func(m *measurements) { m.Strides.Ranks = []JacobianRank{{3, 2, 4, 64, 64}} }, claim.Unmeasured},
		"skips beyond the kernel":   {"q7b.4d", func(m *measurements) { m.Strides.Skipped = []SkippedPixels{{1, 1, 1, 0, 0}, {1, 2, 2, .5, .5}} }, claim.Supported},
		"skips within the kernel":   {"q7b.4d", func(m *measurements) { m.Strides.Skipped = []SkippedPixels{{2, 2, 2, .1, .1}} }, claim.Refuted},
		"skips less than predicted": {"q7b.4d", func(m *measurements) { m.Strides.Skipped = []SkippedPixels{{1, 2, 2, .4, .5}} }, claim.Refuted},

		"same keeps the size at stride 1": {"q7c.1a", func(m *measurements) { m.Depth.Same = SamePadding{3, 3, 0} }, claim.Supported},
		"same keeps the size at stride 2": {"q7c.1a", func(m *measurements) { m.Depth.Same = SamePadding{3, 3, 1} }, claim.Refuted},
		"sigmoid vanishes":                {"q7c.1b", func(m *measurements) { m.Depth.Norms[2] = norms(1e5) }, claim.Supported},
		"sigmoid is as good":              {"q7c.1b", func(*measurements) {}, claim.Refuted},
		"tanh is as good":                 {"q7c.1c", func(m *measurements) { m.Depth.Norms[2] = norms(1e5) }, claim.Refuted},
		"tanh vanishes":                   {"q7c.1c", func(m *measurements) { m.Depth.Norms[1] = norms(1e5) }, claim.Supported},
		"ReLU against sigmoid and tanh": {"q7c.1", func(m *measurements) {
			m.Depth.Same = SamePadding{3, 3, 0}
			m.Depth.Norms[2] = norms(1e5)
		}, claim.Mixed},

		"pooling keeps the maximum":      {"q7c.2a", func(m *measurements) { m.Compare.Pooling = Pooling{4, 4} }, claim.Supported},
		"pooling keeps something else":   {"q7c.2a", func(m *measurements) { m.Compare.Pooling = Pooling{4, 3} }, claim.Refuted},
		"max pooling steadies":           {"q7c.2b", func(m *measurements) { m.change(withoutMaximum, func(r *Run) { r.Moved[0] *= 2 }) }, claim.Supported},
		"max pooling generalises better": {"q7c.2c", func(m *measurements) { m.change(withoutMaximum, func(r *Run) { r.TestAccuracy -= .05 }) }, claim.Supported},
		"max pooling overfits as much":   {"q7c.2c", func(*measurements) {}, claim.Refuted},

		"deeper is no better": {"q7c.3a", func(*measurements) {}, claim.Refuted},
		"deeper is better":    {"q7c.3a", func(m *measurements) { m.Compare.Probes.Trained[3] = paired(lessontest.Around(.3, .01), .2) }, claim.Supported},
		"deeper is better, and more so by training": {"q7c.3b", func(m *measurements) {
			m.Compare.Probes.Trained[3] = paired(lessontest.Around(.3, .01), .2)
		}, claim.Supported},
		"deeper is better before training too": {"q7c.3b", func(m *measurements) {
			m.Compare.Probes.Trained[3], m.Compare.Probes.Untrained[3] = paired(lessontest.Around(.3, .01), .2), paired(lessontest.Around(.3, .01), .2)
		}, claim.Refuted},

		"target on other pictures":    {"q7.t", func(m *measurements) { m.Train.History = ending(10, 1563, .9) }, claim.Unmeasured},
		"target reached":              {"q7.t", func(m *measurements) { m.Train.CIFAR10, m.Train.History = true, ending(3, 1562, .7343) }, claim.Supported},
		"target reached too late":     {"q7.t", func(m *measurements) { m.Train.CIFAR10, m.Train.History = true, ending(11, 1562, .75) }, claim.Refuted},
		"target missed, whole run":    {"q7.t", func(m *measurements) { m.Train.CIFAR10, m.Train.History = true, ending(10, 1562, .7342) }, claim.Refuted},
		"target missed, part of data": {"q7.t", func(m *measurements) { m.Train.CIFAR10, m.Train.History = true, ending(10, 100, .5) }, claim.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			m := plain()
			c.change(&m)
			judged := lessontest.Named(t, m.judged(), c.id)
			require.Equal(t, c.want, judged.Verdict, judged.Evidence)
		})
	}
}

// ending is a training whose last epoch has the given accuracy.
func ending(epochs, steps int, accuracy float64) fit.History {
	history := fit.History{Epochs: make([]fit.Epoch, epochs)}
	for i := range history.Epochs {
		history.Epochs[i].Steps = steps
	}
	history.Epochs[epochs-1].Validation.Accuracy = accuracy
	return history
}

func TestFourSeedsDecideNothing(t *testing.T) {
	m := plain()
	for _, size := range m.Budget.Sizes {
		size.Test[0] = size.Test[0][:4]
		size.Test[1] = paired(size.Test[0], -.05)
	}
	judged := lessontest.Named(t, m.judged(), "q7a.1b")
	require.Equal(t, claim.Inconclusive, judged.Verdict)
	require.Contains(t, judged.Evidence, "4 seeds; a verdict needs 5")
}

// The ids of the curriculum's question 7.
func TestEveryClaimOfQuestion7IsDeclared(t *testing.T) {
	require.ElementsMatch(t, []string{
		"q7a.0", "q7a.1", "q7a.2", "q7a.3", "q7a.4", "q7a.5", "q7b.1", "q7b.2", "q7b.3", "q7b.4", "q7c.1", "q7c.2", "q7c.3", "q7.t",
	}, lessontest.IDs(Lesson.Claims()))
}
