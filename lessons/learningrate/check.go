package learningrate

import (
	"evident/lessons/lesson"
	"evident/lessons/sweep"
)

// Check returns an error that names the first knob out of its range.
func (c Config) Check() error {
	return lesson.FirstOf(
		c.Quadratic.check(), c.Surface.check(), c.Floor.check(), c.Basins.check(), c.Grid.check(), c.Vanishing.check(), c.Sharpness.check())
}

func (c QuadraticConfig) check() error {
	if c.Tolerance >= 1 {
		return lesson.BadInputf("Quadratic.Tolerance is %g: it must be below 1", c.Tolerance)
	}
	for _, rate := range c.Slow {
		if rate >= 1 {
			return lesson.BadInputf("Quadratic.Slow has %g: every value must be below 1", rate)
		}
	}
	return lesson.FirstOf(
		lesson.CheckRates("Quadratic.Rates", c.Rates), lesson.CheckRates("Quadratic.Slow", c.Slow),
		lesson.CheckPositive(map[string]float64{"Quadratic.Curvature": c.Curvature, "Quadratic.Tolerance": c.Tolerance}),
		lesson.CheckAtLeast(1, map[string]int{"Quadratic.Steps": c.Steps}))
}

func (c SurfaceConfig) check() error {
	if c.Surface.Height == nil || !(c.Surface.Left < c.Surface.Right && c.Surface.Bottom < c.Surface.Top) {
		return lesson.BadInputf("Surface.Surface %q has no height or no area: set Height, and Left < Right, Bottom < Top", c.Surface.Name)
	}
	if len(c.Start) != 2 {
		return lesson.BadInputf("Surface.Start has %d values: give x and y", len(c.Start))
	}
	return lesson.FirstOf(
		lesson.CheckRates("Surface.Rates", c.Rates),
		lesson.CheckAtLeast(1, map[string]int{"Surface.Steps": c.Steps}))
}

func (c FloorConfig) check() error {
	return lesson.FirstOf(
		lesson.CheckRates("Floor.Rates", c.Rates), lesson.CheckSeeds("Floor.Seeds", c.Seeds),
		lesson.CheckAtLeast(1, map[string]int{
			"Floor.Features": c.Features, "Floor.BatchSize": c.BatchSize, "Floor.Steps": c.Steps, "Floor.DecaySteps": c.DecaySteps,
		}),
		lesson.CheckAtLeast(max(c.BatchSize, c.Features+2), map[string]int{"Floor.Examples": c.Examples}),
		lesson.CheckPositive(map[string]float64{"Floor.Noise": c.Noise}),
		sweep.CheckFits("Floor.Rates × Floor.Seeds", len(c.Rates)*len(c.Seeds), sweep.Config{Model: c.net().Model()}))
}

func (c BasinConfig) check() error {
	return lesson.FirstOf(
		lesson.CheckRates("Basins.Rates", c.Rates), lesson.CheckRates("Basins.PlateauRates", c.PlateauRates), lesson.CheckSeeds("Basins.Seeds", c.Seeds),
		lesson.CheckAtLeast(1, map[string]int{
			"Basins.Runs": c.Runs, "Basins.Steps": c.Steps, "Basins.ReturnSteps": c.ReturnSteps, "Basins.PlateauSteps": c.PlateauSteps,
		}),
		lesson.CheckPositive(map[string]float64{
			"Basins.Noise": c.Noise, "Basins.ReturnRate": c.ReturnRate, "Basins.PlateauHeight": c.PlateauHeight,
		}),
		sweep.CheckFits("Basins.Rates × Seeds × Runs", len(c.Rates)*len(c.Seeds)*c.Runs, sweep.Config{Model: landscapes()[0].model()}))
}

func (c GridConfig) check() error {
	if !(c.Flipped >= 0 && c.Flipped < 0.5) {
		return lesson.BadInputf("Grid.Flipped is %g: it must be from 0 to below 0.5", c.Flipped)
	}
	checks := []error{
		lesson.CheckRates("Grid.Rates", c.Rates), lesson.CheckSeeds("Grid.Seeds", c.Seeds),
		lesson.CheckAtLeast(1, map[string]int{
			"Grid.Test": c.Test, "Grid.Hidden": c.Hidden, "Grid.BatchSize": c.BatchSize, "Grid.TestSteps (how many)": len(c.TestSteps),
		}),
		lesson.CheckAtLeast(curveParts, map[string]int{"Grid.Steps": c.Steps}),
		lesson.CheckAtLeast(c.BatchSize, map[string]int{"Grid.Train (examples)": c.Train}),
	}
	for _, steps := range c.TestSteps {
		checks = append(checks, lesson.CheckAtLeast(1, map[string]int{"Grid.TestSteps": steps}))
	}
	return lesson.FirstOf(append(checks, sweep.CheckFits("Grid.Rates × Grid.Seeds", len(c.Rates)*len(c.Seeds),
		sweep.Config{Model: c.net().Model(), BatchSize: max(c.Test, c.Train)}))...)
}

func (c VanishingConfig) check() error {
	checks := []error{
		lesson.CheckRates("Vanishing.Rates", c.Rates), lesson.CheckSeeds("Vanishing.Seeds", c.Seeds),
		lesson.CheckAtLeast(2, map[string]int{"Vanishing.Depths (how many)": len(c.Depths)}),
		lesson.CheckAtLeast(1, map[string]int{"Vanishing.Width": c.Width, "Vanishing.Examples": c.Examples, "Vanishing.Steps": c.Steps}),
		lesson.CheckPositive(map[string]float64{"Vanishing.TinyRate": c.TinyRate}),
	}
	for _, depth := range c.Depths {
		checks = append(checks, lesson.CheckAtLeast(1, map[string]int{"Vanishing.Depths": depth}))
	}
	return lesson.FirstOf(checks...)
}

func (c SharpnessConfig) check() error {
	return lesson.FirstOf(
		lesson.CheckRates("Sharpness.Rates", c.Rates), lesson.CheckSeeds("Sharpness.Seeds", c.Seeds),
		lesson.CheckAtLeast(2, map[string]int{"Sharpness.Measures": c.Measures}),
		lesson.CheckAtLeast(1, map[string]int{
			"Sharpness.Points": c.Points, "Sharpness.Degree": c.Degree, "Sharpness.Hidden": c.Hidden, "Sharpness.Steps": c.Steps,
		}),
		sweep.CheckFits("Sharpness.Rates × Sharpness.Seeds", len(c.Rates)*len(c.Seeds),
			sweep.Config{Model: c.net().Model(), BatchSize: c.Points}))
}
