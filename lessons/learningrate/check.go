package learningrate

import (
	"evident/lessons/lesson"
	"evident/lessons/sweep"
)

// Check returns an error that names the first knob out of its range.
func (c Config) Check() error {
	checks := []error{
		lesson.CheckRates("Quadratic.Rates", c.Quadratic.Rates), lesson.CheckRates("Quadratic.Slow", c.Quadratic.Slow),
		lesson.CheckRates("Floor.Rates", c.Floor.Rates), lesson.CheckRates("Basins.Rates", c.Basins.Rates),
		lesson.CheckRates("Basins.PlateauRates", c.Basins.PlateauRates), lesson.CheckRates("Grid.Rates", c.Grid.Rates),
		lesson.CheckRates("Vanishing.Rates", c.Vanishing.Rates), lesson.CheckRates("Sharpness.Rates", c.Sharpness.Rates),
		lesson.CheckSeeds("Floor.Seeds", c.Floor.Seeds), lesson.CheckSeeds("Basins.Seeds", c.Basins.Seeds), lesson.CheckSeeds("Grid.Seeds", c.Grid.Seeds),
		lesson.CheckSeeds("Vanishing.Seeds", c.Vanishing.Seeds), lesson.CheckSeeds("Sharpness.Seeds", c.Sharpness.Seeds),
		lesson.CheckAtLeast(1, c.counts()),
		lesson.CheckAtLeast(2, map[string]int{"Vanishing.Depths (how many)": len(c.Vanishing.Depths), "Sharpness.Measures": c.Sharpness.Measures}),
		lesson.CheckAtLeast(1, map[string]int{"Grid.TestSteps (how many)": len(c.Grid.TestSteps)}),
		lesson.CheckAtLeast(curveParts, map[string]int{"Grid.Steps": c.Grid.Steps}),
		lesson.CheckAtLeast(c.Grid.BatchSize, map[string]int{"Grid.Train (examples)": c.Grid.Train}),
		lesson.CheckAtLeast(c.Floor.BatchSize, map[string]int{"Floor.Examples": c.Floor.Examples}),
		lesson.CheckAtLeast(c.Floor.Features+2, map[string]int{"Floor.Examples": c.Floor.Examples}),
		lesson.CheckPositive(c.amounts()),
		c.checkShares(), c.checkMemory(),
	}
	for _, steps := range c.Grid.TestSteps {
		checks = append(checks, lesson.CheckAtLeast(1, map[string]int{"Grid.TestSteps": steps}))
	}
	for _, depth := range c.Vanishing.Depths {
		checks = append(checks, lesson.CheckAtLeast(1, map[string]int{"Vanishing.Depths": depth}))
	}
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}

func (c Config) counts() map[string]int {
	return map[string]int{
		"Quadratic.Steps": c.Quadratic.Steps, "Floor.Features": c.Floor.Features, "Floor.BatchSize": c.Floor.BatchSize,
		"Floor.Steps": c.Floor.Steps, "Floor.DecaySteps": c.Floor.DecaySteps,
		"Basins.Runs": c.Basins.Runs, "Basins.Steps": c.Basins.Steps, "Basins.ReturnSteps": c.Basins.ReturnSteps, "Basins.PlateauSteps": c.Basins.PlateauSteps,
		"Grid.Test": c.Grid.Test, "Grid.Hidden": c.Grid.Hidden, "Grid.BatchSize": c.Grid.BatchSize,
		"Vanishing.Width": c.Vanishing.Width, "Vanishing.Examples": c.Vanishing.Examples, "Vanishing.Steps": c.Vanishing.Steps,
		"Sharpness.Points": c.Sharpness.Points, "Sharpness.Degree": c.Sharpness.Degree, "Sharpness.Hidden": c.Sharpness.Hidden, "Sharpness.Steps": c.Sharpness.Steps,
	}
}

func (c Config) amounts() map[string]float64 {
	return map[string]float64{
		"Quadratic.Curvature": c.Quadratic.Curvature, "Quadratic.Tolerance": c.Quadratic.Tolerance, "Floor.Noise": c.Floor.Noise,
		"Basins.Noise": c.Basins.Noise, "Basins.ReturnRate": c.Basins.ReturnRate, "Basins.PlateauHeight": c.Basins.PlateauHeight,
		"Vanishing.TinyRate": c.Vanishing.TinyRate,
	}
}

// checkShares checks what has an upper bound too.
func (c Config) checkShares() error {
	if !(c.Grid.Flipped >= 0 && c.Grid.Flipped < 0.5) {
		return lesson.BadInputf("Grid.Flipped is %g: it must be from 0 to below 0.5", c.Grid.Flipped)
	}
	if c.Quadratic.Tolerance >= 1 {
		return lesson.BadInputf("Quadratic.Tolerance is %g: it must be below 1", c.Quadratic.Tolerance)
	}
	for _, rate := range c.Quadratic.Slow {
		if rate >= 1 {
			return lesson.BadInputf("Quadratic.Slow has %g: every value must be below 1", rate)
		}
	}
	return nil
}

// checkMemory bounds the replicas of the largest programs.
func (c Config) checkMemory() error {
	for _, s := range []struct {
		name     string
		replicas int
		config   sweep.Config
	}{
		{"Grid.Rates × Grid.Seeds", len(c.Grid.Rates) * len(c.Grid.Seeds), sweep.Config{Model: c.Grid.net().Model(), Data: sweep.Data{X: make([][]float64, max(c.Grid.Test, c.Grid.Train))}}},
		{"Basins.Rates × Seeds × Runs", len(c.Basins.Rates) * len(c.Basins.Seeds) * c.Basins.Runs, sweep.Config{Model: landscapes()[0].model()}},
		{"Floor.Rates × Floor.Seeds", len(c.Floor.Rates) * len(c.Floor.Seeds), sweep.Config{Model: c.Floor.net().Model()}},
		{"Sharpness.Rates × Sharpness.Seeds", len(c.Sharpness.Rates) * len(c.Sharpness.Seeds), sweep.Config{Model: c.Sharpness.net().Model(), Data: sweep.Data{X: make([][]float64, c.Sharpness.Points)}}},
	} {
		if needs := s.replicas * s.config.Values(); needs > sweep.MaxValues {
			return lesson.BadInputf("%s are %d replicas, which hold %d values: at most %d fit, use fewer", s.name, s.replicas, needs, sweep.MaxValues)
		}
	}
	return nil
}
