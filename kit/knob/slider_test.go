package knob_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/kit/knob"
)

type slid struct {
	Rate     float64   `role:"fixed" range:"(0, inf)" help:"learning rate"`
	Gradient float64   `role:"fixed" range:"(2, inf)" help:"above 2"`
	Beta     float64   `role:"fixed" range:"[0, 1)" help:"momentum"`
	Offset   float64   `role:"fixed" range:"(-inf, inf)" help:"anywhere"`
	Steps    int       `role:"fixed" range:"[1, inf)" help:"steps"`
	Kernel   int       `role:"fixed" range:"(1, 9)" help:"pixels"`
	Seed     int64     `role:"fixed" help:"of the data"`
	Name     string    `role:"fixed" help:"no number"`
	Rates    []float64 `role:"compared" range:"(0, inf)" help:"a list"`
	Net      struct {
		Units int `role:"fixed" range:"[1, 64]" help:"units"`
	}
}

func TestSlidersFollowTheRanges(t *testing.T) {
	config := slid{Rate: 0.05, Gradient: 3, Beta: 0.9, Offset: -2, Steps: 30, Kernel: 3, Seed: 7, Rates: []float64{0.1, 0.2}}
	config.Net.Units = 8
	for path, want := range map[string]knob.Slider{
		"Rate":      {Help: "learning rate", Value: 0.05, Low: 0.005, High: 0.5, Log: true},
		"Gradient":  {Help: "above 2", Value: 3, Low: 2.01, High: 30, Log: true},
		"Beta":      {Help: "momentum", Value: 0.9, Low: 0, High: 0.99},
		"Offset":    {Help: "anywhere", Value: -2, Low: -22, High: 18},
		"Steps":     {Help: "steps", Value: 30, Low: 1, High: 120, Whole: true},
		"Kernel":    {Help: "pixels", Value: 3, Low: 2, High: 8, Whole: true},
		"Seed":      {Help: "of the data", Value: 7, Low: 0, High: 28, Whole: true},
		"Rates[1]":  {Help: "a list", Value: 0.2, Low: 0.02, High: 2, Log: true},
		"Net.Units": {Help: "units", Value: 8, Low: 1, High: 64, Whole: true},
	} {
		want.Path = path
		found, err := knob.Sliders(config, path)
		require.NoError(t, err)
		assert.InDelta(t, want.Low, found[0].Low, 1e-12, path)
		assert.InDelta(t, want.High, found[0].High, 1e-12, path)
		want.Low, want.High = found[0].Low, found[0].High
		assert.Equal(t, want, found[0])
	}
}

func TestASliderHoldsItsValueAndStaysInRange(t *testing.T) {
	for _, rate := range []float64{1e-6, 0.1, 5, 1e9} {
		config := slid{Rate: rate, Gradient: 2 + rate, Steps: 1, Kernel: 2}
		config.Net.Units = 1
		sliders, err := knob.Sliders(config, "Rate", "Gradient", "Beta", "Offset", "Steps", "Kernel", "Seed", "Net.Units")
		require.NoError(t, err)
		for _, s := range sliders {
			assert.LessOrEqual(t, s.Low, s.Value, s.Path)
			assert.GreaterOrEqual(t, s.High, s.Value, s.Path)
			for _, end := range []float64{s.Low, s.High} {
				moved := config
				switch s.Path {
				case "Rate":
					moved.Rate = end
				case "Gradient":
					moved.Gradient = end
				case "Beta":
					moved.Beta = end
				case "Offset":
					moved.Offset = end
				case "Steps":
					moved.Steps = int(end)
				case "Kernel":
					moved.Kernel = int(end)
				case "Seed":
					moved.Seed = int64(end)
				case "Net.Units":
					moved.Net.Units = int(end)
				}
				assert.NoError(t, knob.Check("", moved), "%s at %v", s.Path, end)
			}
		}
	}
}

func TestWhatNoSliderMoves(t *testing.T) {
	for _, path := range []string{"Rates", "Rates[0]", "Name", "Net", "Speed", ""} {
		_, err := knob.Sliders(slid{}, path)
		assert.EqualError(t, err, `no slider moves "`+path+`": name a knob that holds one number: Rate, Gradient, Beta, Offset, Steps, Kernel, Seed, Net.Units`)
	}
}
