package byhand

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/experiment"
	"evident/kit/lessontest"
	"evident/kit/report"
)

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson) }

func TestCheckNamesTheKnob(t *testing.T) {
	lessontest.RequireKnobs(t, Smoke, map[string]func(c *Config){
		"Net.Seeds is empty: give at least one seed, and 5 for a verdict": func(c *Config) { c.Net.Seeds = nil },
		"Image.Seeds has 3 twice":                                            func(c *Config) { c.Image.Seeds = []int64{3, 3} },
		"Net.Rates has 1 value: give at least 2":                             func(c *Config) { c.Net.Rates = c.Net.Rates[:1] },
		`Net.Activation is "ReLU": use "sigmoid" or "tanh"`:                  func(c *Config) { c.Net.Activation = "ReLU" },
		"Net.LearningRate is NaN":                                            func(c *Config) { c.Net.LearningRate = math.NaN() },
		"Net.LearningRate is 0: it must be at least 0.001 and at most 10":    func(c *Config) { c.Net.LearningRate = 0 },
		"Image.LearningRate is 11: it must be at least 0.001 and at most 10": func(c *Config) { c.Image.LearningRate = 11 },
		"Image.Padding is Padding(2): use nn.Valid or nn.Same":               func(c *Config) { c.Image.Padding = 2 },
	})
}

func TestSeedMovesTheProblemThatIsWorkedOut(t *testing.T) {
	own, moved := Lesson.Config(experiment.Options{}), Lesson.Config(experiment.Options{Seed: 7})
	require.Equal(t, own.Net.Seed+7, moved.Net.Seed)
	require.NotEqual(t, own.Net.Problem(), moved.Net.Problem())
	require.NotEqual(t, own.Image.Problem(), moved.Image.Problem())
}

// At every rate that is allowed, the numbers on the sheet are finite.
func TestAnyRateCanBeWrittenDown(t *testing.T) {
	c := Default()
	for seed := int64(1); seed <= 50; seed++ {
		c.Net.Seed, c.Image.Seed = seed, seed
		for _, rate := range []float64{1e-3, 10} {
			c.Net.LearningRate, c.Image.LearningRate = rate, rate
			report := report.Figures{Derivations: []report.Derivation{c.Net.Problem().Work(), c.Image.Problem().Work()}}
			require.NoError(t, report.Validate())
		}
		for _, chart := range []report.Chart{c.Net.Chart(), c.Image.Chart()} {
			require.NoError(t, report.Figures{Charts: []report.Chart{chart}}.Validate())
			require.Len(t, chart.Curves[0].X, len(c.Net.Rates), "no rate of the chart is too high for it")
		}
	}
}
