package inception

import (
	"evident/internal/badinput"
	"evident/kit/knob"
)

// Check returns an error that names the first knob out of its range.
func (c Config) Check() error {
	checks := []error{
		knob.CheckAtLeast(1, map[string]int{
			"Train.Epochs": c.Train.Epochs, "Train.BatchSize": c.Train.BatchSize, "Train.Devices": c.Train.Devices,
			"Compare.Epochs": c.Compare.Epochs, "Compare.BatchSize": c.Compare.BatchSize,
			"Scales.Epochs": c.Scales.Epochs, "Scales.BatchSize": c.Scales.BatchSize,
			"Depth.Layers": c.Depth.Layers, "Data.Test": c.Data.Test, "Compare.Test": c.Compare.Test, "Scales.Test": c.Scales.Test,
		}),
		knob.CheckAtLeast(c.Train.BatchSize, map[string]int{"Data.Train (pictures)": c.Data.Train}),
		knob.CheckAtLeast(c.Compare.BatchSize, map[string]int{"Compare.Train (pictures)": c.Compare.Train}),
		knob.CheckAtLeast(c.Scales.BatchSize, map[string]int{"Scales.Train (pictures)": c.Scales.Train}),
		knob.CheckPositive(map[string]float64{
			"Train.LearningRate": c.Train.LearningRate, "Compare.LearningRate": c.Compare.LearningRate, "Scales.LearningRate": c.Scales.LearningRate,
		}),
		c.Train.Net.check("Train.Net"), c.Compare.Net.check("Compare.Net"),
		knob.CheckSeeds("Compare.Seeds", c.Compare.Seeds), knob.CheckSeeds("Scales.Seeds", c.Scales.Seeds), knob.CheckSeeds("Depth.Seeds", c.Depth.Seeds),
		knob.CheckList("Strides.Sizes", c.Strides.Sizes), knob.CheckList("Strides.Kernels", c.Strides.Kernels),
		knob.CheckList("Strides.Strides", c.Strides.Strides), knob.CheckList("Compare.Shifts", c.Compare.Shifts),
	}
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}

func (n Net) check(name string) error {
	if n.Stem < 1 {
		return badinput.Errorf("%s.Stem is %d filters: it must be at least 1", name, n.Stem)
	}
	for _, m := range []struct {
		name   string
		module Module
	}{{"First", n.First}, {"Second", n.Second}} {
		if err := m.module.check(name + "." + m.name); err != nil {
			return err
		}
	}
	return nil
}

func (m Module) check(name string) error {
	for i, filters := range m.list() {
		if filters < 1 {
			return badinput.Errorf("%s.%s is %d filters: it must be at least 1", name, moduleArguments[i], filters)
		}
	}
	return nil
}

// moduleArguments names the six numbers of a module in the order of list.
var moduleArguments = []string{"F1x1", "F3x3Reduce", "F3x3", "F5x5Reduce", "F5x5", "PoolProj"}

func (m Module) list() []int {
	return []int{m.F1x1, m.F3x3Reduce, m.F3x3, m.F5x5Reduce, m.F5x5, m.PoolProj}
}
