package minibatch

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/lessontest"
)

func TestCheckNamesTheKnob(t *testing.T) {
	lessontest.RequireNamed(t, Smoke, map[string]func(c *Config){
		"Descent.Rates has 0 rates":          func(c *Config) { c.Descent.Rates = nil },
		"Descent.Rates has 2:":               func(c *Config) { c.Descent.Rates = []float64{1, 2} },
		"Descent.Beyond is 1.9":              func(c *Config) { c.Descent.Beyond = 1.9 },
		"Descent.Beyond is NaN":              func(c *Config) { c.Descent.Beyond = math.NaN() },
		"Descent.Examples is 3":              func(c *Config) { c.Descent.Examples = 3 },
		"Descent.Rates × Descent.Examples":   func(c *Config) { c.Descent.Examples = 1 << 27 },
		"Noise.Seeds is empty":               func(c *Config) { c.Noise.Seeds = nil },
		"Noise.BatchSizes is empty":          func(c *Config) { c.Noise.BatchSizes = nil },
		"Noise.BatchSizes has 0":             func(c *Config) { c.Noise.BatchSizes = []int{0, 1} },
		"Noise.BatchSizes has 33":            func(c *Config) { c.Noise.BatchSizes = []int{33} },
		"Noise.BatchSizes has 2 after 4":     func(c *Config) { c.Noise.BatchSizes = []int{4, 2} },
		"Noise.Draws is 0":                   func(c *Config) { c.Noise.Draws = 0 },
		"Noise.Seeds × Noise.Examples":       func(c *Config) { c.Noise.Hidden = 1 << 22 },
		"Trend.Seeds has 1 twice":            func(c *Config) { c.Trend.Seeds = []int64{1, 1} },
		"Trend.Rates has NaN":                func(c *Config) { c.Trend.Rates = []float64{0.1, math.NaN()} },
		"Trend.Rates has 1 rates":            func(c *Config) { c.Trend.Rates = []float64{0.1} },
		"Trend.HighRate is +Inf":             func(c *Config) { c.Trend.HighRate = math.Inf(1) },
		"Trend.BatchSizes has 64":            func(c *Config) { c.Trend.BatchSizes = []int{64} },
		"Trend.Steps is 9":                   func(c *Config) { c.Trend.Steps = 9 },
		"Trend.Rates × Trend.Seeds":          func(c *Config) { c.Trend.Hidden = 1 << 22 },
		`Picture.Learn.Task is "moons"`:      func(c *Config) { c.Picture.Learn.Task = "moons" },
		"Picture.Unseen.Rates has 0 rates":   func(c *Config) { c.Picture.Unseen.Rates = nil },
		"Picture.Learn.Seeds is empty":       func(c *Config) { c.Picture.Learn.Seeds = nil },
		"Picture.Unseen.Seeds has 1, as has": func(c *Config) { c.Picture.Learn.Seeds = []int64{7, 1} },
		"Picture.Unseen.BatchSizes has 64":   func(c *Config) { c.Picture.Unseen.BatchSizes = []int{64} },
		"Picture.NearlyFull has 64":          func(c *Config) { c.Picture.NearlyFull = 64 },
		"Picture.HighRate is -1":             func(c *Config) { c.Picture.HighRate = -1 },
		"Picture.Learn.Rates × Seeds":        func(c *Config) { c.Picture.Hidden = 1 << 22 },
		"Time.BatchSizes (how many) is 2":    func(c *Config) { c.Time.BatchSizes = []int{1, 2} },
		"Time.BatchSizes has 65":             func(c *Config) { c.Time.BatchSizes = []int{1, 2, 65} },
		"Time.Rates has -1":                  func(c *Config) { c.Time.Rates = []float64{-1, 1} },
		"Time.Seeds is empty":                func(c *Config) { c.Time.Seeds = nil },
		"Time.Target is NaN":                 func(c *Config) { c.Time.Target = math.NaN() },
		"Time.Flipped is 0.5":                func(c *Config) { c.Time.Flipped = 0.5 },
		"Time.Budget is 0":                   func(c *Config) { c.Time.Budget = 0 },
		"Time.Rates × Time.Seeds":            func(c *Config) { c.Time.Hidden = 1 << 22 },
		"Quiz.Curves is 27":                  func(c *Config) { c.Quiz.Curves = 27 },
		"Quiz.Curves is 1":                   func(c *Config) { c.Quiz.Curves = 1 },
		"Quiz.BatchSizes has 256":            func(c *Config) { c.Quiz.BatchSizes = []int{256} },
		"Quiz.HighRate is 0":                 func(c *Config) { c.Quiz.HighRate = 0 },
	})
}

// A cell of the notebook calls one measurement, not Run: a bad knob is named
// there too.
func TestEachMeasurementChecksItsKnobs(t *testing.T) {
	ctx, backend, none := context.Background(), lessontest.PureGo(t), Config{}
	for name, measure := range map[string]func() error{
		"Descent": func() error { _, err := MeasureDescent(ctx, backend, none.Descent); return err },
		"Noise":   func() error { _, err := MeasureNoise(ctx, backend, none.Noise); return err },
		"Trend":   func() error { _, err := MeasureTrend(ctx, backend, none.Trend); return err },
		"Picture": func() error { _, err := MeasurePictures(ctx, backend, none.Picture); return err },
		"Time":    func() error { _, err := MeasureTime(ctx, backend, none.Time); return err },
		"Quiz":    func() error { _, err := NewQuiz(ctx, backend, none.Quiz); return err },
	} {
		t.Run(name, func(t *testing.T) {
			err := measure()
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, name+".")
		})
	}
}
