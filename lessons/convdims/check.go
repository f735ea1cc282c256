package convdims

import (
	"math"
	"slices"

	"evident/internal/badinput"
	"evident/kit/knob"
)

// Check returns an error that names the first knob out of its range.
func (c Config) Check() error {
	return knob.FirstOf(c.Grid.check(), c.Order.check(), c.Motion.check("Motion"), c.Tubes.check("Tubes"), c.Vessels.check("Vessels"))
}

func (c GridConfig) check() error {
	smallest := slices.Min(gridSizes)
	for _, kernel := range c.Kernels {
		if kernel > smallest {
			return badinput.Errorf("Grid.Kernels has %d: the clip of the grid has %d frames", kernel, smallest)
		}
	}
	return knob.FirstOf(
		checkNumbers("Grid.Kernels", c.Kernels), checkNumbers("Grid.Strides", c.Strides), checkNumbers("Grid.Channels", c.Channels))
}

// checkNumbers returns an error when there is none, or one below 1.
func checkNumbers(name string, values []int) error {
	if len(values) == 0 {
		return badinput.Errorf("%s is empty: give at least one number", name)
	}
	if least := slices.Min(values); least < 1 {
		return badinput.Errorf("%s has %d: every number must be at least 1", name, least)
	}
	return nil
}

// checkNoises returns an error when there is none, or one below 0.
func checkNoises(name string, noises []float64) error {
	if len(noises) == 0 {
		return badinput.Errorf("%s is empty: give at least one standard deviation", name)
	}
	for _, noise := range noises {
		if !(noise >= 0) || math.IsInf(noise, 1) {
			return badinput.Errorf("%s has %g: a standard deviation must be 0 or more, and finite", name, noise)
		}
	}
	return nil
}

func (c OrderConfig) check() error {
	const most = 6
	if c.Frames < 2 || c.Frames > most {
		return badinput.Errorf("Order.Frames is %d: use 2 to %d, for 2 to 720 orders", c.Frames, most)
	}
	return knob.CheckSeeds("Order.Seeds", c.Seeds)
}

func (t Training) check(name string) error {
	return knob.FirstOf(
		knob.CheckAtLeast(1, map[string]int{
			name + ".Kernel": t.Kernel, name + ".Filters": t.Filters, name + ".Epochs": t.Epochs, name + ".BatchSize": t.BatchSize, name + ".Train": t.Train, name + ".Test": t.Test,
		}),
		knob.CheckPositive(map[string]float64{name + ".LearningRate": t.LearningRate}),
		knob.CheckSeeds(name+".Seeds", t.Seeds))
}

// room returns an error when the kernel has no middle, or is longer than an axis.
func (t Training) room(name string, axes ...int) error {
	if t.Kernel%2 == 0 {
		return badinput.Errorf("%s.Kernel is %d: use an odd number, so that a kernel has a middle", name, t.Kernel)
	}
	if least := slices.Min(axes); t.Kernel > least {
		return badinput.Errorf("%s.Kernel is %d: there is room for %d", name, t.Kernel, least)
	}
	return nil
}

func (c MotionConfig) check(name string) error {
	// Clips of half as many frames are convolved, too.
	err := knob.FirstOf(c.Training.check(name), c.room(name, c.Frames/2, c.Side),
		checkNumbers(name+".Speeds", c.Speeds), checkNoises(name+".Noises", c.Noises), fills(name, c.BatchSize, c.Train, "clips"))
	for speed := range c.Speeds {
		for noise := range c.Noises {
			if err == nil {
				err = inside(name, c.scene(speed, noise).Check())
			}
		}
	}
	return err
}

func (c VolumeConfig) check(name string) error {
	err := knob.FirstOf(c.Training.check(name), c.room(name, c.Depth, c.Side), checkNoises(name+".Noises", c.Noises))
	if err == nil && name == "Tubes" { // of a volume with a vessel, there are many patches
		err = fills(name, c.BatchSize, c.Train, "volumes")
	}
	for noise := range c.Noises {
		if err == nil {
			err = inside(name, c.scene(noise).Check())
		}
	}
	return err
}

// fills returns an error when the examples do not fill a batch.
func fills(name string, batchSize, examples int, what string) error {
	if examples < batchSize {
		return badinput.Errorf("%s.Train is %d: that many %s do not fill a batch of %d", name, examples, what, batchSize)
	}
	return nil
}

// inside puts the name of the knobs' struct before what is wrong with a scene.
func inside(name string, err error) error {
	if err == nil {
		return nil
	}
	return badinput.Errorf("%s.%w", name, err)
}
