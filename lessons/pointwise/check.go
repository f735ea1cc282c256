package pointwise

import (
	"evident/internal/badinput"
	"evident/kit/knob"
)

// Check returns an error that names the first knob out of its range.
func (c Config) Check() error {
	return knob.FirstOf(c.Rank.check(), c.Order.check(), c.First.check(), c.Width.check())
}

func (c RankConfig) check() error {
	if err := knob.FirstOf(
		knob.CheckAtLeast(1, map[string]int{"Rank.Test": c.Test, "Rank.Steps": c.Steps}),
		knob.CheckAtLeast(labelSources, map[string]int{"Rank.Sources": c.Sources}),
		knob.CheckAtLeast(c.Sources, map[string]int{"Rank.Channels": c.Channels}),
		knob.CheckAtLeast(c.Channels, map[string]int{"Rank.Train": c.Train}),
		knob.CheckPositive(map[string]float64{"Rank.Noise": c.Noise, "Rank.LearningRate": c.LearningRate}),
		checkFilters("Rank.Filters", c.Filters), knob.CheckSeeds("Rank.Seeds", c.Seeds),
	); err != nil {
		return err
	}
	if last := c.Filters[len(c.Filters)-1]; last > c.Channels {
		return badinput.Errorf("Rank.Filters has %d: more than the %d channels reduce nothing", last, c.Channels)
	}
	return nil
}

func (c OrderConfig) check() error {
	return knob.FirstOf(
		knob.CheckAtLeast(1, map[string]int{
			"Order.PixelFilters": c.PixelFilters, "Order.Filters": c.Filters, "Order.Epochs": c.Epochs, "Order.BatchSize": c.BatchSize,
		}),
		knob.CheckAtLeast(textureClasses, map[string]int{"Order.Test": c.Test}), // one of each class
		knob.CheckAtLeast(max(c.BatchSize, textureClasses), map[string]int{"Order.Train": c.Train}),
		knob.CheckPositive(map[string]float64{"Order.LearningRate": c.LearningRate}),
		knob.CheckSeeds("Order.Seeds", c.Seeds),
	)
}

func (c FirstConfig) check() error {
	return knob.FirstOf(
		knob.CheckAtLeast(1, map[string]int{
			"First.Filters": c.Filters, "First.Behind": c.Behind, "First.Test": c.Test, "First.Epochs": c.Epochs, "First.BatchSize": c.BatchSize,
		}),
		knob.CheckAtLeast(c.BatchSize, map[string]int{"First.Train": c.Train}),
		knob.CheckPositive(map[string]float64{"First.LearningRate": c.LearningRate}),
		knob.CheckSeeds("First.Seeds", c.Seeds),
	)
}

func (c WidthConfig) check() error {
	if err := knob.FirstOf(
		knob.CheckAtLeast(1, map[string]int{
			"Width.Test": c.Test, "Width.Epochs": c.Epochs, "Width.BatchSize": c.BatchSize,
		}),
		knob.CheckAtLeast(2, map[string]int{"Width.Channels": c.Channels}), // two decide the class
		knob.CheckAtLeast(c.BatchSize, map[string]int{"Width.Train": c.Train}),
		knob.CheckPositive(map[string]float64{"Width.LearningRate": c.LearningRate}),
		checkFilters("Width.Filters", c.Filters), knob.CheckSeeds("Width.Seeds", c.Seeds),
	); err != nil {
		return err
	}
	if len(c.Flipped) == 0 {
		return badinput.Errorf("Width.Flipped is empty: give at least one share of wrong labels")
	}
	for _, share := range c.Flipped {
		if !(share >= 0 && share < 0.5) {
			return badinput.Errorf("Width.Flipped has %g: a share of wrong labels is from 0 to below 0.5", share)
		}
	}
	return nil
}

// checkFilters refuses a list that cannot be compared.
func checkFilters(name string, filters []int) error {
	if len(filters) < 2 {
		return badinput.Errorf("%s has %d numbers: give at least two to compare", name, len(filters))
	}
	for i, n := range filters {
		if n < 1 || i > 0 && n <= filters[i-1] {
			return badinput.Errorf("%s has %d: give numbers of at least 1 in rising order", name, n)
		}
	}
	return nil
}
