package minibatch

import (
	"math"
	"slices"

	"evident/internal/badinput"
	"evident/kit/knob"
	"evident/kit/sweep"
)

// Check returns an error that names the first knob out of its range.
func (c Config) Check() error {
	return knob.FirstOf(c.Descent.check(), c.Noise.check(), c.Trend.check(), c.Picture.check(), c.Time.check(), c.Quiz.check())
}

func (c DescentConfig) check() error {
	err := knob.FirstOf(
		knob.CheckRates("Descent.Rates", c.Rates),
		knob.CheckAtLeast(2, map[string]int{"Descent.Steps": c.Steps}),
		knob.CheckAtLeast(features+2, map[string]int{"Descent.Examples": c.Examples}),
	)
	if err != nil {
		return err
	}
	if last := c.Rates[len(c.Rates)-1]; last >= 2 {
		return badinput.Errorf("Descent.Rates has %g: every one must be below 2, in units of 1/L", last)
	}
	if !(c.Beyond > 2) || math.IsInf(c.Beyond, 1) {
		return badinput.Errorf("Descent.Beyond is %g: it must be above 2 and finite, in units of 1/λ", c.Beyond)
	}
	return sweep.CheckFits("Descent.Rates × Descent.Examples", len(c.Rates), sweep.Config{Model: leastSquares(), BatchSize: c.Examples})
}

func (c NoiseConfig) check() error {
	return knob.FirstOf(
		knob.CheckSeeds("Noise.Seeds", c.Seeds),
		knob.CheckAtLeast(1, map[string]int{"Noise.Hidden": c.Hidden, "Noise.Draws": c.Draws}),
		knob.CheckAtLeast(2, map[string]int{"Noise.Examples": c.Examples}),
		checkSizes("Noise.BatchSizes", c.BatchSizes, c.Examples),
		sweep.CheckFits("Noise.Seeds × Noise.Examples × Noise.Hidden", len(c.Seeds), sweep.Config{Model: smallNet(c.Hidden).Model(), BatchSize: c.Examples}),
	)
}

func (c TrendConfig) check() error {
	return knob.FirstOf(
		knob.CheckSeeds("Trend.Seeds", c.Seeds),
		knob.CheckRates("Trend.Rates", c.Rates), knob.CheckPositive(map[string]float64{"Trend.HighRate": c.HighRate}),
		knob.CheckAtLeast(1, map[string]int{"Trend.Hidden": c.Hidden}),
		knob.CheckAtLeast(10, map[string]int{"Trend.Steps": c.Steps}),
		knob.CheckAtLeast(2, map[string]int{"Trend.Examples": c.Examples}),
		checkSizes("Trend.BatchSizes", c.BatchSizes, c.Examples-1),
		sweep.CheckFits("Trend.Rates × Trend.Seeds", len(c.Rates)*len(c.Seeds), sweep.Config{Model: smallNet(c.Hidden).Model(), BatchSize: c.Examples}),
	)
}

func (c PictureConfig) check() error {
	err := knob.FirstOf(
		knob.CheckAtLeast(1, map[string]int{"Picture.Hidden": c.Hidden}),
		knob.CheckAtLeast(2, map[string]int{"Picture.Steps": c.Steps, "Picture.Examples": c.Examples}),
		knob.CheckPositive(map[string]float64{"Picture.HighRate": c.HighRate}),
		c.Learn.check("Picture.Learn", c.Examples), c.Unseen.check("Picture.Unseen", c.Examples),
		checkSizes("Picture.NearlyFull", []int{c.NearlyFull}, c.Examples-1),
		sweep.CheckFits("Picture.Learn.Rates × Seeds", len(c.Learn.Rates)*len(c.Learn.Seeds), sweep.Config{Model: smallNet(c.Hidden).Model(), BatchSize: c.Examples}),
		sweep.CheckFits("Picture.Unseen.Rates × Seeds", len(c.Unseen.Rates)*len(c.Unseen.Seeds), sweep.Config{Model: smallNet(c.Hidden).Model(), BatchSize: c.Examples}),
	)
	if err != nil {
		return err
	}
	for _, seed := range c.Unseen.Seeds {
		if slices.Contains(c.Learn.Seeds, seed) {
			return badinput.Errorf("Picture.Unseen.Seeds has %d, as has Picture.Learn.Seeds: the classifier must not know the curves it is tried on", seed)
		}
	}
	return nil
}

func (s CurveSet) check(name string, examples int) error {
	return knob.FirstOf(
		s.Task.check(name+".Task"), knob.CheckSeeds(name+".Seeds", s.Seeds), knob.CheckRates(name+".Rates", s.Rates),
		checkSizes(name+".BatchSizes", s.BatchSizes, examples-1),
	)
}

func (c TimeConfig) check() error {
	if !(c.Flipped >= 0 && c.Flipped < 0.5) {
		return badinput.Errorf("Time.Flipped is %g: it must be from 0 to below 0.5", c.Flipped)
	}
	return knob.FirstOf(
		knob.CheckSeeds("Time.Seeds", c.Seeds), knob.CheckRates("Time.Rates", c.Rates),
		knob.CheckPositive(map[string]float64{"Time.Target": c.Target}),
		knob.CheckAtLeast(1, map[string]int{"Time.Hidden": c.Hidden, "Time.Budget": c.Budget, "Time.LeastSteps": c.LeastSteps}),
		knob.CheckAtLeast(2, map[string]int{"Time.Examples": c.Examples}),
		knob.CheckAtLeast(3, map[string]int{"Time.BatchSizes (how many)": len(c.BatchSizes)}),
		checkSizes("Time.BatchSizes", c.BatchSizes, c.Examples),
		sweep.CheckFits("Time.Rates × Time.Seeds", len(c.Rates)*len(c.Seeds), sweep.Config{Model: smallNet(c.Hidden).Model(), BatchSize: c.Examples}),
	)
}

func (c QuizConfig) check() error {
	if c.Curves > len(letters) {
		return badinput.Errorf("Quiz.Curves is %d: there are only %d letters to name them", c.Curves, len(letters))
	}
	return knob.FirstOf(
		knob.CheckAtLeast(2, map[string]int{"Quiz.Curves": c.Curves, "Quiz.Steps": c.Steps, "Quiz.Examples": c.Examples}),
		knob.CheckAtLeast(1, map[string]int{"Quiz.Hidden": c.Hidden}),
		knob.CheckRates("Quiz.Rates", c.Rates), knob.CheckPositive(map[string]float64{"Quiz.HighRate": c.HighRate}),
		checkSizes("Quiz.BatchSizes", c.BatchSizes, c.Examples-1),
		sweep.CheckFits("Quiz.Curves × Quiz.Examples × Quiz.Hidden", c.Curves, sweep.Config{Model: smallNet(c.Hidden).Model(), BatchSize: c.Examples}),
	)
}

// checkSizes returns an error when a knob has no batch size, one outside 1 to
// most, or one that is not above the one before.
func checkSizes(name string, sizes []int, most int) error {
	if len(sizes) == 0 {
		return badinput.Errorf("%s is empty: give at least one batch size", name)
	}
	for i, size := range sizes {
		if size < 1 || size > most {
			return badinput.Errorf("%s has %d: it must be from 1 to %d", name, size, most)
		}
		if i > 0 && size <= sizes[i-1] {
			return badinput.Errorf("%s has %d after %d: give the sizes in rising order", name, size, sizes[i-1])
		}
	}
	return nil
}
