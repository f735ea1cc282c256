package learningrate

import (
	"evident/internal/badinput"
	"evident/kit/knob"
	"evident/kit/sweep"
)

// Check returns an error that names the first knob out of its range.
func (c Config) Check() error {
	return knob.FirstOf(
		c.Quadratic.check(), c.Surface.check(), c.Floor.check(), c.Basins.check(), c.Grid.check(), c.Vanishing.check(), c.Sharpness.check())
}

func (c QuadraticConfig) check() error {
	if c.Tolerance >= 1 {
		return badinput.Errorf("Quadratic.Tolerance is %g: it must be below 1", c.Tolerance)
	}
	for _, rate := range c.Slow {
		if rate >= 1 {
			return badinput.Errorf("Quadratic.Slow has %g: every value must be below 1", rate)
		}
	}
	return knob.FirstOf(
		knob.CheckRates("Quadratic.Rates", c.Rates), knob.CheckRates("Quadratic.Slow", c.Slow),
		knob.CheckPositive(map[string]float64{"Quadratic.Curvature": c.Curvature, "Quadratic.Tolerance": c.Tolerance}),
		knob.CheckAtLeast(1, map[string]int{"Quadratic.Steps": c.Steps}))
}

func (c SurfaceConfig) check() error {
	if c.Surface.Height == nil || !(c.Surface.Left < c.Surface.Right && c.Surface.Bottom < c.Surface.Top) {
		return badinput.Errorf("Surface.Surface %q has no height or no area: set Height, and Left < Right, Bottom < Top", c.Surface.Name)
	}
	if len(c.Start) != 2 {
		return badinput.Errorf("Surface.Start has %d values: give x and y", len(c.Start))
	}
	return knob.FirstOf(
		knob.CheckRates("Surface.Rates", c.Rates),
		knob.CheckAtLeast(1, map[string]int{"Surface.Steps": c.Steps}))
}

func (c FloorConfig) check() error {
	return knob.FirstOf(
		knob.CheckRates("Floor.Rates", c.Rates), knob.CheckSeeds("Floor.Seeds", c.Seeds),
		knob.CheckAtLeast(1, map[string]int{
			"Floor.Features": c.Features, "Floor.BatchSize": c.BatchSize, "Floor.Steps": c.Steps, "Floor.DecaySteps": c.DecaySteps,
		}),
		knob.CheckAtLeast(max(c.BatchSize, c.Features+2), map[string]int{"Floor.Examples": c.Examples}),
		knob.CheckPositive(map[string]float64{"Floor.Noise": c.Noise}),
		sweep.CheckFits("Floor.Rates × Floor.Seeds", len(c.Rates)*len(c.Seeds), sweep.Config{Model: c.net().Model()}))
}

func (c BasinConfig) check() error {
	return knob.FirstOf(
		knob.CheckRates("Basins.Rates", c.Rates), knob.CheckRates("Basins.PlateauRates", c.PlateauRates), knob.CheckSeeds("Basins.Seeds", c.Seeds),
		knob.CheckAtLeast(1, map[string]int{
			"Basins.Runs": c.Runs, "Basins.Steps": c.Steps, "Basins.ReturnSteps": c.ReturnSteps, "Basins.PlateauSteps": c.PlateauSteps,
		}),
		knob.CheckPositive(map[string]float64{
			"Basins.Noise": c.Noise, "Basins.ReturnRate": c.ReturnRate, "Basins.PlateauHeight": c.PlateauHeight,
		}),
		sweep.CheckFits("Basins.Rates × Seeds × Runs", len(c.Rates)*len(c.Seeds)*c.Runs, sweep.Config{Model: landscapes()[0].model()}))
}

func (c GridConfig) check() error {
	if !(c.Flipped >= 0 && c.Flipped < 0.5) {
		return badinput.Errorf("Grid.Flipped is %g: it must be from 0 to below 0.5", c.Flipped)
	}
	checks := []error{
		knob.CheckRates("Grid.Rates", c.Rates), knob.CheckSeeds("Grid.Seeds", c.Seeds),
		knob.CheckAtLeast(1, map[string]int{
			"Grid.Test": c.Test, "Grid.Hidden": c.Hidden, "Grid.BatchSize": c.BatchSize, "Grid.TestSteps (how many)": len(c.TestSteps),
		}),
		knob.CheckAtLeast(curveParts, map[string]int{"Grid.Steps": c.Steps}),
		knob.CheckAtLeast(c.BatchSize, map[string]int{"Grid.Train (examples)": c.Train}),
	}
	for _, steps := range c.TestSteps {
		checks = append(checks, knob.CheckAtLeast(1, map[string]int{"Grid.TestSteps": steps}))
	}
	return knob.FirstOf(append(checks, sweep.CheckFits("Grid.Rates × Grid.Seeds", len(c.Rates)*len(c.Seeds),
		sweep.Config{Model: c.net().Model(), BatchSize: max(c.Test, c.Train)}))...)
}

func (c VanishingConfig) check() error {
	checks := []error{
		knob.CheckRates("Vanishing.Rates", c.Rates), knob.CheckSeeds("Vanishing.Seeds", c.Seeds),
		knob.CheckAtLeast(2, map[string]int{"Vanishing.Depths (how many)": len(c.Depths)}),
		knob.CheckAtLeast(1, map[string]int{"Vanishing.Width": c.Width, "Vanishing.Examples": c.Examples, "Vanishing.Steps": c.Steps}),
		knob.CheckPositive(map[string]float64{"Vanishing.TinyRate": c.TinyRate}),
	}
	for _, depth := range c.Depths {
		checks = append(checks, knob.CheckAtLeast(1, map[string]int{"Vanishing.Depths": depth}))
	}
	return knob.FirstOf(checks...)
}

func (c SharpnessConfig) check() error {
	return knob.FirstOf(
		knob.CheckRates("Sharpness.Rates", c.Rates), knob.CheckSeeds("Sharpness.Seeds", c.Seeds),
		knob.CheckAtLeast(2, map[string]int{"Sharpness.Measures": c.Measures}),
		knob.CheckAtLeast(1, map[string]int{
			"Sharpness.Points": c.Points, "Sharpness.Degree": c.Degree, "Sharpness.Hidden": c.Hidden, "Sharpness.Steps": c.Steps,
		}),
		sweep.CheckFits("Sharpness.Rates × Sharpness.Seeds", len(c.Rates)*len(c.Seeds),
			sweep.Config{Model: c.net().Model(), BatchSize: c.Points}))
}
