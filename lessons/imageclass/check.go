package imageclass

import (
	"fmt"
	"math"
	"slices"

	"evident/datasets"
	"evident/internal/badinput"
	"evident/kit/knob"
)

// Check returns an error that names the first knob out of its range.
func (c Config) Check() error {
	return knob.FirstOf(c.Data.check(), c.Train.check(), c.Unscaled.check(), c.checkUnscaled(), c.Memory.check(), c.checkLeak(), c.checkBatches())
}

func (c DataConfig) check() error {
	if c.Folder == "" {
		return knob.CheckAtLeast(classes, map[string]int{"Data.Train": c.Train, "Data.Validation": c.Validation, "Data.Further": c.Further})
	}
	if !(c.Share > 0 && c.Share < 1) {
		return badinput.Errorf("Data.Share is %g: it must be above 0 and below 1", c.Share)
	}
	return knob.CheckAtLeast(1, map[string]int{"Data.Side": c.Side})
}

func (c TrainConfig) check() error {
	return knob.FirstOf(
		c.Net.check("Train.Net"),
		knob.CheckAtLeast(1, map[string]int{"Train.Epochs": c.Epochs, "Train.BatchSize": c.BatchSize}),
		knob.CheckPositive(map[string]float64{"Train.LearningRate": c.LearningRate}),
		knob.CheckSeeds("Train.Seeds", c.Seeds))
}

func (c UnscaledConfig) check() error {
	return knob.FirstOf(c.Other.check("Unscaled.Other"),
		knob.CheckAtLeast(1, map[string]int{"Unscaled.Epochs": c.Epochs}), knob.CheckSeeds("Unscaled.Seeds", c.Seeds))
}

// checkUnscaled holds the comparison to trainings of [TrainConfig], of which it
// takes one half.
func (c Config) checkUnscaled() error {
	if c.Unscaled.Epochs > c.Train.Epochs {
		return badinput.Errorf("Unscaled.Epochs is %d: it must be at most Train.Epochs, %d, since the nets with scaled pixels are those", c.Unscaled.Epochs, c.Train.Epochs)
	}
	for _, seed := range c.Unscaled.Seeds {
		if !slices.Contains(c.Train.Seeds, seed) {
			return badinput.Errorf("Unscaled.Seeds has %d: it must be one of Train.Seeds, since the nets with scaled pixels are those", seed)
		}
	}
	return nil
}

func (c MemoryConfig) check() error {
	return knob.FirstOf(knob.CheckAtLeast(1, map[string]int{"Memory.Few": c.Few, "Memory.Epochs": c.Epochs, "Memory.Validation": c.Validation}), knob.CheckSeeds("Memory.Seeds", c.Seeds), knob.CheckSeeds("Memory.RemedySeeds", c.RemedySeeds))
}

func (c Config) checkLeak() error {
	if l := c.Leak; !(l.Share > 0 && l.Share < 1) {
		return badinput.Errorf("Leak.Share is %g: it must be above 0 and below 1", l.Share)
	}
	if c.Leak.Epochs > c.Memory.Epochs {
		return badinput.Errorf("Leak.Epochs is %d: it must be at most Memory.Epochs, %d, in which the nets without the leak are trained", c.Leak.Epochs, c.Memory.Epochs)
	}
	return knob.CheckAtLeast(1, map[string]int{"Leak.Epochs": c.Leak.Epochs})
}

// checkBatches returns an error when the pictures of a training do not fill a
// batch. How many own pictures there are turns out when they are read.
func (c Config) checkBatches() error {
	wanted := map[string]int{"Memory.Few (pictures)": c.Memory.Few}
	if c.Data.Folder == "" {
		wanted["Data.Train (pictures)"] = c.Data.Train
		if err := c.checkRoom(phantomSize()); err != nil {
			return err
		}
	}
	if err := knob.CheckAtLeast(c.Train.BatchSize, wanted); err != nil {
		return err
	}
	if copies := c.Leak.copies(c.Data.Validation); c.Data.Folder == "" && copies > c.Memory.Few {
		return badinput.Errorf("Leak.Share is %g: %d copies do not fit among the %d pictures of Memory.Few", c.Leak.Share, copies, c.Memory.Few)
	}
	return nil
}

// checkEnough returns an error when the reader's own pictures do not fill a batch.
func (c Config) checkEnough(p Pictures) error {
	found, batch := p.Train.Len(), c.Train.BatchSize
	if found >= batch {
		return nil
	}
	more := func(batch int) string {
		if p.Folder.Given {
			return fmt.Sprintf("%d more to train on", batch-found)
		}
		// A share of all is kept for validation, rounded for each class.
		all := int(math.Ceil(float64(batch) / (1 - c.Data.Share)))
		return fmt.Sprintf("about %d more", max(all-found-p.Validation.Len(), batch-found))
	}
	remedy := "put " + more(batch) + " there"
	switch smoke := Smoke().Train.BatchSize; {
	case found >= smoke:
		remedy += ", or use --scale smoke, for which they are enough"
	case batch > smoke:
		remedy += ", or " + more(smoke) + " and use --scale smoke"
	}
	if left := p.Folder.Skipped; len(left) > 0 {
		remedy += "; " + leftOut(left)[0]
	}
	return badinput.Errorf("%s: %d to train on and %d to validate with, and the lesson trains on batches of %d: %s", p.name(), found, p.Validation.Len(), batch, remedy)
}

// checkRoom returns an error when the pictures are too small for the poolings of
// a net.
func (c Config) checkRoom(set datasets.Images) error {
	return knob.FirstOf(c.Train.Net.checkRoom("Train.Net", set), c.Unscaled.Other.checkRoom("Unscaled.Other", set))
}
