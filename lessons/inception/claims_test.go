package inception

import (
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

// plain are measurements in which nothing stands out.
func plain() Measurements {
	variant := func(name string) VariantFacts {
		return VariantFacts{Name: name, TestAccuracy: lessontest.Around(.7, .01), TrainAccuracy: lessontest.Around(.8, .01), Changed: [][]float64{lessontest.Around(.1, .01)}}
	}
	m := Measurements{Fields: []int{1, 3, 5, 3}, Trained: Trained{DataSet: "shapes"}}
	m.Compare.Shifts = []int{1}
	for _, v := range variants() {
		m.Compare.Variants = append(m.Compare.Variants, variant(v.name))
	}
	for range 5 {
		m.Scales.Fine, m.Scales.Coarse = append(m.Scales.Fine, lessontest.Around(.98, .001)), append(m.Scales.Coarse, lessontest.Around(.98, .001))
	}
	m.Depth = DepthFacts{Activations: []string{"relu", "sigmoid"}, Norms: [][][]float64{norms(1), norms(1)}}
	m.Compare.Probes = ProbeFacts{Stages: []string{"pixels", "conv", "module"}, Accuracy: [][]float64{lessontest.Around(.2, .01), lessontest.Around(.3, .01), lessontest.Around(.3, .01)}}
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

func (m *Measurements) variant(name string) *VariantFacts {
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
		change func(m *Measurements)
		want   claim.Verdict
	}{
		"modules match": {"q7a.0", func(m *Measurements) {
			m.Modules = []ModuleFacts{{Height: 4, Module: Module{1, 1, 1, 1, 1, 1}, Output: []int{1, 4, 4, 4}, Built: 9, Formula: nn.Cost{Parameters: 9}}}
		}, claim.Supported},
		"a module has another count": {"q7a.0", func(m *Measurements) {
			m.Modules = []ModuleFacts{{Height: 4, Module: Module{1, 1, 1, 1, 1, 1}, Output: []int{1, 4, 4, 4}, Built: 8, Formula: nn.Cost{Parameters: 9}}}
		}, claim.Refuted},
		"a module has another shape": {"q7a.0", func(m *Measurements) {
			m.Modules = []ModuleFacts{{Height: 4, Module: Module{1, 1, 1, 1, 1, 1}, Output: []int{1, 2, 2, 4}, Built: 9, Formula: nn.Cost{Parameters: 9}}}
		}, claim.Refuted},

		"equal to the plain net": {"q7a.1", func(m *Measurements) { m.variant(withPlain).TestAccuracy = []float64{.72, .68, .7, .71, .69} }, claim.Inconclusive},
		"better than the plain net": {"q7a.1", func(m *Measurements) {
			m.variant(withPlain).TestAccuracy = paired(lessontest.Around(.7, .01), -.05)
		}, claim.Supported},
		"worse than the plain net": {"q7a.1", func(m *Measurements) {
			m.variant(withPlain).TestAccuracy = paired(lessontest.Around(.7, .01), .05)
		}, claim.Refuted},

		"no tower matters": {"q7a.2", func(*Measurements) {}, claim.Refuted},
		"the 5×5 tower matters to the coarse feature": {"q7a.2", func(m *Measurements) {
			m.Scales.Fine[3], m.Scales.Coarse[3] = lessontest.Around(.9, .001), lessontest.Around(.5, .001)
		}, claim.Supported},
		"the 5×5 tower matters to both alike": {"q7a.2", func(m *Measurements) {
			m.Scales.Fine[3], m.Scales.Coarse[3] = lessontest.Around(.5, .001), lessontest.Around(.5, .001)
		}, claim.Refuted},
		"the module reads badly": {"q7a.2", func(m *Measurements) {
			m.Scales.Fine[0], m.Scales.Coarse[3] = lessontest.Around(.7, .001), lessontest.Around(.5, .001)
		}, claim.Refuted},
		"a tower sees too little": {"q7a.2", func(m *Measurements) { m.Fields = []int{1, 3, 3, 3} }, claim.Refuted},

		"larger gap without reduction": {"q7a.3", func(m *Measurements) {
			m.variant(withoutReduce).TrainAccuracy = paired(lessontest.Around(.8, .01), .03)
		}, claim.Supported},
		"smaller gap without reduction": {"q7a.3", func(m *Measurements) {
			m.variant(withoutReduce).TrainAccuracy = paired(lessontest.Around(.8, .01), -.03)
		}, claim.Refuted},

		"pooling tower steadies": {"q7a.4", func(m *Measurements) {
			m.variant(withoutPool).Changed = [][]float64{paired(lessontest.Around(.1, .01), .05)}
		}, claim.Supported},
		"pooling tower does harm": {"q7a.4", func(m *Measurements) {
			m.variant(withoutPool).Changed = [][]float64{paired(lessontest.Around(.1, .01), -.05)}
		}, claim.Refuted},
		"pooling tower: all equal": {"q7a.4", func(m *Measurements) { m.variant(withoutPool).Changed = [][]float64{{.12, .08, .1, .11, .09}} }, claim.Inconclusive},

		"benchmark on other pictures": {"q7a.5", func(m *Measurements) { m.variant(withPlain).TestAccuracy = paired(lessontest.Around(.7, .01), -.05) }, claim.Inconclusive},
		"benchmark on CIFAR-10": {"q7a.5", func(m *Measurements) {
			m.Trained.CIFAR10 = true
			m.variant(withPlain).TestAccuracy = paired(lessontest.Around(.7, .01), -.05)
		}, claim.Supported},

		"sizes agree":    {"q7b.1", func(m *Measurements) { m.Strides.Unused = []UnusedFact{{Stride: 2, Moved: 2}} }, claim.Supported},
		"a size differs": {"q7b.1", func(m *Measurements) { m.Strides.Mismatches = []SizeFact{{}} }, claim.Refuted},
		"stride 1 moves two pixels, as the sheet says": {"q7b.1", func(m *Measurements) { m.Strides.Unused = []UnusedFact{{Stride: 1, Moved: 2}} }, claim.Refuted},

		"a stride that shrinks": {"q7b.2", func(m *Measurements) {
			m.Strides.Sizes = []SizeFact{{Size: 8, Kernel: 3, Stride: 1, Built: 8}, {Size: 8, Kernel: 3, Stride: 2, Built: 4}}
		}, claim.Supported},
		"a stride that does not": {"q7b.2", func(m *Measurements) {
			m.Strides.Sizes = []SizeFact{{Size: 8, Kernel: 3, Stride: 1, Built: 8}, {Size: 8, Kernel: 3, Stride: 2, Built: 8}}
		}, claim.Refuted},
		"no stride was measured": {"q7b.2", func(*Measurements) {}, claim.Refuted},

		"fields grow": {"q7b.3", func(m *Measurements) {
			m.Strides.Fields = []FieldFact{{1, 1, 3, 3}, {1, 2, 5, 5}, {2, 1, 3, 3}, {2, 2, 7, 7}}
		}, claim.Supported},
		"fields stay":  {"q7b.3", func(m *Measurements) { m.Strides.Fields = []FieldFact{{1, 2, 5, 5}, {2, 2, 5, 5}} }, claim.Refuted},
		"field is off": {"q7b.3", func(m *Measurements) { m.Strides.Fields = []FieldFact{{1, 2, 4, 5}} }, claim.Refuted},

		"skips beyond the kernel":   {"q7b.4", func(m *Measurements) { m.Strides.Unused = []UnusedFact{{1, 1, 1, 0, 0}, {1, 2, 2, .5, .5}} }, claim.Supported},
		"skips within the kernel":   {"q7b.4", func(m *Measurements) { m.Strides.Unused = []UnusedFact{{2, 2, 2, .1, .1}} }, claim.Refuted},
		"skips less than predicted": {"q7b.4", func(m *Measurements) { m.Strides.Unused = []UnusedFact{{1, 2, 2, .4, .5}} }, claim.Refuted},

		"sigmoid vanishes": {"q7c.1", func(m *Measurements) {
			m.Strides.SameCount, m.Strides.SameKept = 3, 3
			m.Depth.Norms[1] = norms(1e5)
		}, claim.Supported},
		"sigmoid is as good": {"q7c.1", func(m *Measurements) { m.Strides.SameCount, m.Strides.SameKept = 3, 3 }, claim.Refuted},
		"same keeps the size at stride 2": {"q7c.1", func(m *Measurements) {
			m.Strides.SameCount, m.Strides.SameKept, m.Strides.SameLost = 3, 3, 1
			m.Depth.Norms[1] = norms(1e5)
		}, claim.Refuted},

		"max pooling does both": {"q7c.2", func(m *Measurements) {
			m.variant(withoutMaximum).Changed = [][]float64{paired(lessontest.Around(.1, .01), .05)}
			m.variant(withoutMaximum).TrainAccuracy = paired(lessontest.Around(.8, .01), .05)
		}, claim.Supported},
		"max pooling overfits more": {"q7c.2", func(m *Measurements) {
			m.variant(withoutMaximum).Changed = [][]float64{paired(lessontest.Around(.1, .01), .05)}
			m.variant(withoutMaximum).TrainAccuracy = paired(lessontest.Around(.8, .01), -.05)
		}, claim.Refuted},

		"deeper is no better": {"q7c.3", func(*Measurements) {}, claim.Refuted},
		"deeper is better":    {"q7c.3", func(m *Measurements) { m.Compare.Probes.Accuracy[2] = paired(lessontest.Around(.3, .01), .2) }, claim.Supported},
		"nothing was probed":  {"q7c.3", func(m *Measurements) { m.Compare.Probes = ProbeFacts{} }, claim.Inconclusive},

		"target on other pictures":    {"q7.t", func(m *Measurements) { m.Trained.History = ending(10, 1563, .9) }, claim.Inconclusive},
		"target reached":              {"q7.t", func(m *Measurements) { m.Trained.CIFAR10, m.Trained.History = true, ending(3, 1562, .7343) }, claim.Supported},
		"target reached too late":     {"q7.t", func(m *Measurements) { m.Trained.CIFAR10, m.Trained.History = true, ending(11, 1562, .75) }, claim.Refuted},
		"target missed, whole run":    {"q7.t", func(m *Measurements) { m.Trained.CIFAR10, m.Trained.History = true, ending(10, 1562, .7342) }, claim.Refuted},
		"target missed, part of data": {"q7.t", func(m *Measurements) { m.Trained.CIFAR10, m.Trained.History = true, ending(10, 100, .5) }, claim.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			m := plain()
			c.change(&m)
			judged := lessontest.Judged(t, rules(), c.id, m)
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
	judged := lessontest.Judged(t, rules(), "q7a.1", m)
	require.Equal(t, claim.Inconclusive, judged.Verdict)
	require.Contains(t, judged.Evidence, "4 seeds; a verdict needs 5")
}

// The ids of the curriculum's question 7, in its order.
func TestEveryClaimOfQuestion7IsDeclared(t *testing.T) {
	require.Equal(t, []string{
		"q7a.0", "q7a.1", "q7a.2", "q7a.3", "q7a.4", "q7a.5", "q7b.1", "q7b.2", "q7b.3", "q7b.4", "q7c.1", "q7c.2", "q7c.3", "q7.t",
	}, lessontest.IDs(Claims()))
}
