package inception

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/claim"
	"evident/kit/knob"
	"evident/kit/lessontest"
)

// A true claim and a false one, planted in real gradients: the rule on the sigmoid, on the
// stack as it is and on one whose two activations have changed places.
func TestPlantedClaims(t *testing.T) {
	c := Smoke()
	c.Depth.Seeds = knob.Seeds(6)
	facts, err := DeepGradients.Measured(context.Background(), lessontest.Backend(t), c.DepthKnobs())
	require.NoError(t, err)
	swapped := facts
	swapped.Activations = []string{"sigmoid", "tanh", "relu"}
	for name, planted := range map[string]struct {
		measured DepthMeasurement
		want     claim.Verdict
	}{
		"true: the sigmoid's gradient vanishes": {facts, claim.Supported},
		"false: ReLU's gradient vanishes":       {swapped, claim.Refuted},
	} {
		t.Run(name, func(t *testing.T) {
			parts := lessontest.Judged(t, depthRules(), "q7c.1", planted.measured).Parts
			judged := lessontest.Named(t, parts, "q7c.1b")
			require.Equal(t, planted.want, judged.Verdict, judged.Evidence)
		})
	}
}

// Two differences between real nets, with a known cause: a net compared with itself
// gains nothing, and one whose rate is too small to learn loses to one that learns.
func TestPlantedRates(t *testing.T) {
	c := Smoke()
	c.Budget.Net = Net{Stem: 8, First: Module{6, 6, 8, 3, 6, 6}, Second: Module{8, 8, 12, 3, 6, 6}}
	c.Budget.Widths, c.Budget.TuningSeeds, c.Budget.Seeds = []int{1}, knob.SeedsFrom(501, 1), knob.Seeds(6)
	c.Budget.Train, c.Budget.Test, c.Budget.Epochs, c.Budget.Rates = 128, 200, 30, []float64{1e-2}
	learned, err := EqualBudget.Measured(context.Background(), lessontest.Backend(t), c.BudgetKnobs())
	require.NoError(t, err)
	c.Budget.Rates, c.Budget.Epochs = []float64{1e-9}, 1
	untaught, err := EqualBudget.Measured(context.Background(), lessontest.Backend(t), c.BudgetKnobs())
	require.NoError(t, err)
	for name, planted := range map[string]struct {
		plain [][]float64
		want  claim.Verdict
	}{
		"true: better than a net that cannot learn": {untaught.Sizes[0].Test, claim.Supported},
		"false: better than itself":                 {learned.Sizes[0].Test, claim.Refuted},
	} {
		t.Run(name, func(t *testing.T) {
			m := learned
			m.Sizes = []SizedNets{{Parameters: []int{1, 1}, Train: learned.Sizes[0].Train, Test: [][]float64{learned.Sizes[0].Test[0], planted.plain[0]}}}
			judged := lessontest.Named(t, lessontest.Judged(t, budgetRules(), "q7a.1", m).Parts, "q7a.1b")
			require.Equal(t, planted.want, judged.Verdict, judged.Evidence)
		})
	}
}
