package byhand

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/experiment"
	"evident/kit/lessontest"
	"evident/kit/report"
)

func TestCheckNamesTheKnob(t *testing.T) {
	lessontest.RequireNamed(t, Smoke, map[string]func(c *Config){
		"Seeds is empty":              func(c *Config) { c.Seeds = nil },
		"Seeds has 3 twice":           func(c *Config) { c.Seeds = []int64{3, 3} },
		"Rates has 1 rates":           func(c *Config) { c.Rates = c.Rates[:1] },
		`Net.Activation is "ReLU"`:    func(c *Config) { c.Net.Activation = "ReLU" },
		"Net.LearningRate is NaN":     func(c *Config) { c.Net.LearningRate = math.NaN() },
		"Net.LearningRate is 0":       func(c *Config) { c.Net.LearningRate = 0 },
		"Image.LearningRate is 11":    func(c *Config) { c.Image.LearningRate = 11 },
		"Image.Padding is Padding(2)": func(c *Config) { c.Image.Padding = 2 },
	})
}

func TestEachMeasurementChecksItsKnobs(t *testing.T) {
	ctx, backend := context.Background(), lessontest.PureGo(t)
	_, err := MeasureNets(ctx, backend, Config{})
	require.ErrorIs(t, err, badinput.Err)
	_, err = MeasureImages(ctx, backend, Config{})
	require.ErrorIs(t, err, badinput.Err)
}

func TestSeedMovesTheProblemThatIsWorkedOut(t *testing.T) {
	own, moved := For(experiment.Options{}), For(experiment.Options{Seed: 7})
	require.Equal(t, own.Seed+7, moved.Seed)
	require.NotEqual(t, own.NetProblem(), moved.NetProblem())
	require.NotEqual(t, own.ImageProblem(), moved.ImageProblem())
}

// At every rate that is allowed, the numbers on the sheet are finite.
func TestAnyRateCanBeWrittenDown(t *testing.T) {
	c := Default()
	for c.Seed = 1; c.Seed <= 50; c.Seed++ {
		for _, rate := range []float64{1e-3, 10} {
			c.Net.LearningRate, c.Image.LearningRate = rate, rate
			report := report.Figures{Derivations: []report.Derivation{c.NetProblem().Work(), c.ImageProblem().Work()}}
			require.NoError(t, report.Validate())
		}
		for _, chart := range []report.Chart{c.NetChart(), c.ImageChart()} {
			require.NoError(t, report.Figures{Charts: []report.Chart{chart}}.Validate())
			require.Len(t, chart.Curves[0].X, len(c.Rates), "no rate of the chart is too high for it")
		}
	}
}
