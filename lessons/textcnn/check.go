package textcnn

import (
	"fmt"

	"evident/datasets"
	"evident/datasets/reviews"
	"evident/internal/badinput"
	"evident/kit/knob"
)

// Check returns an error that names the first knob out of its range.
func (c Config) Check() error {
	return knob.FirstOf(
		c.Data.check(), c.Classify.check(), c.Ngrams.check("Ngrams"), c.Shift.check(), c.Maps.check(), c.Robust.check("Robust"),
		c.Order.check(), c.Tabular.check(), c.Cost.check(), c.Curve.check(), c.Faithful.check("Faithful"),
	)
}

func (c DataConfig) check() error {
	return knob.CheckAtLeast(1, map[string]int{"Data.Words": c.Words, "Data.Length": c.Length})
}

func (n Net) check(name string) error {
	if err := knob.FirstOf(
		knob.CheckAtLeast(1, map[string]int{name + ".Width": n.Width, name + ".Maps": n.Maps}),
		knob.CheckList(name+".Windows", n.Windows),
	); err != nil {
		return err
	}
	if !(n.Dropout >= 0 && n.Dropout < 1) {
		return badinput.Errorf("%s.Dropout is %g: it must be from 0 to below 1", name, n.Dropout)
	}
	return nil
}

func (t Training) check(name string) error {
	return knob.FirstOf(t.Net.check(name+".Net"), t.checkRun(name))
}

// checkRun checks all but the net.
func (t Training) checkRun(name string) error {
	return knob.FirstOf(
		knob.CheckAtLeast(1, map[string]int{name + ".BatchSize": t.BatchSize, name + ".Epochs": t.Epochs, name + ".Test": t.Test}),
		knob.CheckAtLeast(t.BatchSize, map[string]int{name + ".Train (texts)": t.Train}),
		knob.CheckPositive(map[string]float64{name + ".LearningRate": t.LearningRate}),
		knob.CheckSeeds(name+".Seeds", t.Seeds),
	)
}

func (c ClassifyConfig) check() error {
	if c.Folds == 1 || c.Folds < 0 {
		return badinput.Errorf("Classify.Folds is %d: give at least 2, or 0 for a single split", c.Folds)
	}
	if !(c.Held > 0 && c.Held < 1) {
		return badinput.Errorf("Classify.Held is %g: it must be above 0 and below 1", c.Held)
	}
	return c.Training.check("Classify")
}

func (c ShiftConfig) check() error {
	if err := knob.FirstOf(
		c.Net.check("Shift.Net"), knob.CheckAtLeast(1, map[string]int{"Shift.Phrases": c.Phrases}),
		knob.CheckSeeds("Shift.Seeds", c.Seeds),
	); err != nil {
		return err
	}
	// The phrase moves by two words at least without coming near an end.
	least := 2*c.Net.widest() + longestPhrase
	return knob.CheckAtLeast(least, map[string]int{"Shift.Length": c.Length})
}

func (c MapsConfig) check() error {
	sized := c.Training
	sized.Net.Maps = 1 // Counts says how many
	return knob.FirstOf(sized.check("Maps"), checkRising("Maps.Counts", c.Counts))
}

func (c OrderConfig) check() error {
	if err := knob.FirstOf(c.Training.check("Order"), knob.CheckAtLeast(1, map[string]int{"Order.Units": c.Units})); err != nil {
		return err
	}
	if widest := c.Net.widest(); widest > reviews.Margin+1 || c.Gap < widest-1 {
		return badinput.Errorf("Order.Gap is %d words and the widest window %d: windows of at most %d, and less than the gap + 2, see one phrase at a time", c.Gap, widest, reviews.Margin+1)
	}
	return nil
}

func (c TabularConfig) check() error {
	return knob.FirstOf(
		c.checkRun("Tabular"), knob.CheckAtLeast(1, map[string]int{"Tabular.Filters": c.Filters, "Tabular.Hidden": c.Hidden}),
	)
}

func (c CostConfig) check() error {
	for name, n := range map[string]CostNet{"Cost.Published": c.Published, "Cost.Timed": c.Timed} {
		if err := knob.FirstOf(
			n.Net.check(name+".Net"), knob.CheckAtLeast(1, map[string]int{name + ".Length": n.Length, name + ".Words": n.Words, name + ".Units": n.Units}),
		); err != nil {
			return err
		}
	}
	return knob.CheckAtLeast(1, map[string]int{"Cost.Rounds": c.Rounds, "Cost.Texts": c.Texts})
}

func (c CurveConfig) check() error {
	sized := c.Training
	sized.Train, sized.Epochs = c.BatchSize, 1 // Sizes and Steps say how many
	if err := knob.FirstOf(
		sized.check("Curve"), checkRising("Curve.Sizes", c.Sizes), knob.CheckAtLeast(1, map[string]int{"Curve.Steps": c.Steps}),
	); err != nil {
		return err
	}
	return knob.CheckAtLeast(c.BatchSize, map[string]int{"Curve.Sizes (the first)": c.Sizes[0]})
}

// checkRising refuses a list that cannot be compared.
func checkRising(name string, values []int) error {
	if len(values) < 2 {
		return badinput.Errorf("%s has %s: give at least two to compare", name, datasets.Counted(len(values), "number"))
	}
	for i, v := range values {
		if v < 1 || i > 0 && v <= values[i-1] {
			return badinput.Errorf("%s has %s: give numbers of at least 1 in rising order", name, fmt.Sprint(v))
		}
	}
	return nil
}
