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
	Train   TrainMeasurement
}

// judged are the claims of all experiments.
func (m measurements) judged() []claim.Claim {
	return slices.Concat(claim.Judge(modulesRules(), m.Modules), claim.Judge(stridesRules(), m.Strides), claim.Judge(depthRules(), m.Depth),
		claim.Judge(scalesRules(), m.Scales), claim.Judge(compareRules(), m.Compare), claim.Judge(trainRules(), m.Train))
}

// plain are measurements in which nothing stands out.
func plain() measurements {
	variant := func(name string) VariantOutcome {
		return VariantOutcome{Name: name, TestAccuracy: lessontest.Around(.7, .01), TrainAccuracy: lessontest.Around(.8, .01), Changed: [][]float64{lessontest.Around(.1, .01)}}
	}
	m := measurements{Train: TrainMeasurement{DataSet: "shapes"}}
	m.Scales.Fields, m.Compare.DataSet = []int{1, 3, 5, 3}, "shapes"
	m.Compare.Shifts = []int{1}
	for _, v := range variants() {
		m.Compare.Variants = append(m.Compare.Variants, variant(v.name))
	}
	for range 5 {
		m.Scales.Fine, m.Scales.Coarse = append(m.Scales.Fine, lessontest.Around(.98, .001)), append(m.Scales.Coarse, lessontest.Around(.98, .001))
	}
	m.Depth = DepthMeasurement{Activations: []string{"relu", "sigmoid"}, Norms: [][][]float64{norms(1), norms(1)}}
	m.Compare.Probes = ProbeAccuracy{Stages: []string{"pixels", "conv", "module"}, Accuracy: [][]float64{lessontest.Around(.2, .01), lessontest.Around(.3, .01), lessontest.Around(.3, .01)}}
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

func (m *measurements) variant(name string) *VariantOutcome {
	for i := range m.Compare.Variants {
		if m.Compare.Variants[i].Name == name {
			return &m.Compare.Variants[i]
		}
	}
	return nil
}

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

		"equal to the plain net": {"q7a.1", func(m *measurements) { m.variant(withPlain).TestAccuracy = []float64{.72, .68, .7, .71, .69} }, claim.Inconclusive},
		"better than the plain net": {"q7a.1", func(m *measurements) {
			m.variant(withPlain).TestAccuracy = paired(lessontest.Around(.7, .01), -.05)
		}, claim.Supported},
		"worse than the plain net": {"q7a.1", func(m *measurements) {
			m.variant(withPlain).TestAccuracy = paired(lessontest.Around(.7, .01), .05)
		}, claim.Refuted},

		"no tower matters": {"q7a.2", func(*measurements) {}, claim.Refuted},
		"the 5×5 tower matters to the coarse feature": {"q7a.2", func(m *measurements) {
			m.Scales.Fine[3], m.Scales.Coarse[3] = lessontest.Around(.9, .001), lessontest.Around(.5, .001)
		}, claim.Supported},
		"the 5×5 tower matters to both alike": {"q7a.2", func(m *measurements) {
			m.Scales.Fine[3], m.Scales.Coarse[3] = lessontest.Around(.5, .001), lessontest.Around(.5, .001)
		}, claim.Refuted},
		"the module reads badly": {"q7a.2", func(m *measurements) {
			m.Scales.Fine[0], m.Scales.Coarse[3] = lessontest.Around(.7, .001), lessontest.Around(.5, .001)
		}, claim.Refuted},
		"a tower sees too little": {"q7a.2", func(m *measurements) { m.Scales.Fields = []int{1, 3, 3, 3} }, claim.Refuted},

		"larger gap without reduction": {"q7a.3", func(m *measurements) {
			m.variant(withoutReduce).TrainAccuracy = paired(lessontest.Around(.8, .01), .03)
		}, claim.Supported},
		"smaller gap without reduction": {"q7a.3", func(m *measurements) {
			m.variant(withoutReduce).TrainAccuracy = paired(lessontest.Around(.8, .01), -.03)
		}, claim.Refuted},

		"pooling tower steadies": {"q7a.4", func(m *measurements) {
			m.variant(withoutPool).Changed = [][]float64{paired(lessontest.Around(.1, .01), .05)}
		}, claim.Supported},
		"pooling tower does harm": {"q7a.4", func(m *measurements) {
			m.variant(withoutPool).Changed = [][]float64{paired(lessontest.Around(.1, .01), -.05)}
		}, claim.Refuted},
		"pooling tower: all equal": {"q7a.4", func(m *measurements) { m.variant(withoutPool).Changed = [][]float64{{.12, .08, .1, .11, .09}} }, claim.Inconclusive},

		"benchmark on other pictures": {"q7a.5", func(m *measurements) { m.variant(withPlain).TestAccuracy = paired(lessontest.Around(.7, .01), -.05) }, claim.Inconclusive},
		"benchmark on CIFAR-10": {"q7a.5", func(m *measurements) {
			m.Compare.CIFAR10 = true
			m.variant(withPlain).TestAccuracy = paired(lessontest.Around(.7, .01), -.05)
		}, claim.Supported},

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

		"skips beyond the kernel":   {"q7b.4", func(m *measurements) { m.Strides.Skipped = []SkippedPixels{{1, 1, 1, 0, 0}, {1, 2, 2, .5, .5}} }, claim.Supported},
		"skips within the kernel":   {"q7b.4", func(m *measurements) { m.Strides.Skipped = []SkippedPixels{{2, 2, 2, .1, .1}} }, claim.Refuted},
		"skips less than predicted": {"q7b.4", func(m *measurements) { m.Strides.Skipped = []SkippedPixels{{1, 2, 2, .4, .5}} }, claim.Refuted},

		"sigmoid vanishes": {"q7c.1", func(m *measurements) {
			m.Depth.Same.Stride1, m.Depth.Same.Kept = 3, 3
			m.Depth.Norms[1] = norms(1e5)
		}, claim.Supported},
		"sigmoid is as good": {"q7c.1", func(m *measurements) { m.Depth.Same.Stride1, m.Depth.Same.Kept = 3, 3 }, claim.Refuted},
		"same keeps the size at stride 2": {"q7c.1", func(m *measurements) {
			m.Depth.Same.Stride1, m.Depth.Same.Kept, m.Depth.Same.KeptByLarger = 3, 3, 1
			m.Depth.Norms[1] = norms(1e5)
		}, claim.Refuted},

		"max pooling does both": {"q7c.2", func(m *measurements) {
			m.variant(withoutMaximum).Changed = [][]float64{paired(lessontest.Around(.1, .01), .05)}
			m.variant(withoutMaximum).TrainAccuracy = paired(lessontest.Around(.8, .01), .05)
		}, claim.Supported},
		"max pooling overfits more": {"q7c.2", func(m *measurements) {
			m.variant(withoutMaximum).Changed = [][]float64{paired(lessontest.Around(.1, .01), .05)}
			m.variant(withoutMaximum).TrainAccuracy = paired(lessontest.Around(.8, .01), -.05)
		}, claim.Refuted},

		"deeper is no better": {"q7c.3", func(*measurements) {}, claim.Refuted},
		"deeper is better":    {"q7c.3", func(m *measurements) { m.Compare.Probes.Accuracy[2] = paired(lessontest.Around(.3, .01), .2) }, claim.Supported},
		"nothing was probed":  {"q7c.3", func(m *measurements) { m.Compare.Probes = ProbeAccuracy{} }, claim.Inconclusive},

		"target on other pictures":    {"q7.t", func(m *measurements) { m.Train.History = ending(10, 1563, .9) }, claim.Inconclusive},
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
	for i := range m.Compare.Variants {
		v := &m.Compare.Variants[i]
		v.TestAccuracy, v.TrainAccuracy, v.Changed[0] = v.TestAccuracy[:4], v.TrainAccuracy[:4], v.Changed[0][:4]
	}
	m.variant(withPlain).TestAccuracy = paired(m.variant(withPlain).TestAccuracy, -.05)
	judged := lessontest.Named(t, m.judged(), "q7a.1")
	require.Equal(t, claim.Inconclusive, judged.Verdict)
	require.Contains(t, judged.Evidence, "4 seeds; a verdict needs 5")
}

// The ids of the curriculum's question 7.
func TestEveryClaimOfQuestion7IsDeclared(t *testing.T) {
	require.ElementsMatch(t, []string{
		"q7a.0", "q7a.1", "q7a.2", "q7a.3", "q7a.4", "q7a.5", "q7b.1", "q7b.2", "q7b.3", "q7b.4", "q7c.1", "q7c.2", "q7c.3", "q7.t",
	}, lessontest.IDs(Lesson.Claims()))
}
