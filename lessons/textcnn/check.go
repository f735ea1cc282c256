package textcnn

import (
	"fmt"

	"evident/datasets/reviews"
	"evident/lessons/lesson"
)

// Check returns an error that names the first knob out of its range.
func (c Config) Check() error {
	return lesson.FirstOf(
		c.Data.check(), c.Classify.check(), c.Ngrams.check("Ngrams"), c.Shift.check(), c.Maps.check(), c.Robust.check("Robust"),
		c.Order.check(), c.Tabular.check(), c.Cost.check(), c.Curve.check(), c.Faithful.check("Faithful"),
	)
}

func (c DataConfig) check() error {
	return lesson.CheckAtLeast(1, map[string]int{"Data.Words": c.Words, "Data.Length": c.Length})
}

func (n Net) check(name string) error {
	if err := lesson.FirstOf(
		lesson.CheckAtLeast(1, map[string]int{name + ".Width": n.Width, name + ".Maps": n.Maps}),
		lesson.CheckList(name+".Windows", n.Windows),
	); err != nil {
		return err
	}
	if !(n.Dropout >= 0 && n.Dropout < 1) {
		return lesson.BadInputf("%s.Dropout is %g: it must be from 0 to below 1", name, n.Dropout)
	}
	return nil
}

func (t Training) check(name string) error {
	return lesson.FirstOf(t.Net.check(name+".Net"), t.checkRun(name))
}

// checkRun checks all but the net.
func (t Training) checkRun(name string) error {
	return lesson.FirstOf(
		lesson.CheckAtLeast(1, map[string]int{name + ".BatchSize": t.BatchSize, name + ".Epochs": t.Epochs, name + ".Test": t.Test}),
		lesson.CheckAtLeast(t.BatchSize, map[string]int{name + ".Train (texts)": t.Train}),
		lesson.CheckPositive(map[string]float64{name + ".LearningRate": t.LearningRate}),
		lesson.CheckSeeds(name+".Seeds", t.Seeds),
	)
}

func (c ClassifyConfig) check() error {
	if c.Folds == 1 || c.Folds < 0 {
		return lesson.BadInputf("Classify.Folds is %d: give at least 2, or 0 for a single split", c.Folds)
	}
	if !(c.Held > 0 && c.Held < 1) {
		return lesson.BadInputf("Classify.Held is %g: it must be above 0 and below 1", c.Held)
	}
	return c.Training.check("Classify")
}

func (c ShiftConfig) check() error {
	if err := lesson.FirstOf(
		c.Net.check("Shift.Net"), lesson.CheckAtLeast(1, map[string]int{"Shift.Phrases": c.Phrases}),
		lesson.CheckSeeds("Shift.Seeds", c.Seeds),
	); err != nil {
		return err
	}
	// The phrase moves by two words at least without coming near an end.
	least := 2*c.Net.widest() + longestPhrase
	return lesson.CheckAtLeast(least, map[string]int{"Shift.Length": c.Length})
}

func (c MapsConfig) check() error {
	sized := c.Training
	sized.Net.Maps = 1 // Counts says how many
	return lesson.FirstOf(sized.check("Maps"), checkRising("Maps.Counts", c.Counts))
}

func (c OrderConfig) check() error {
	if err := lesson.FirstOf(c.Training.check("Order"), lesson.CheckAtLeast(1, map[string]int{"Order.Units": c.Units})); err != nil {
		return err
	}
	if widest := c.Net.widest(); widest > reviews.Margin+1 || c.Gap < widest-1 {
		return lesson.BadInputf("Order.Gap is %d words and the widest window %d: windows of at most %d, and less than the gap + 2, see one phrase at a time", c.Gap, widest, reviews.Margin+1)
	}
	return nil
}

func (c TabularConfig) check() error {
	return lesson.FirstOf(
		c.checkRun("Tabular"), lesson.CheckAtLeast(1, map[string]int{"Tabular.Filters": c.Filters, "Tabular.Hidden": c.Hidden}),
	)
}

func (c CostConfig) check() error {
	for name, n := range map[string]CostNet{"Cost.Published": c.Published, "Cost.Timed": c.Timed} {
		if err := lesson.FirstOf(
			n.Net.check(name+".Net"), lesson.CheckAtLeast(1, map[string]int{name + ".Length": n.Length, name + ".Words": n.Words, name + ".Units": n.Units}),
		); err != nil {
			return err
		}
	}
	return lesson.CheckAtLeast(1, map[string]int{"Cost.Rounds": c.Rounds, "Cost.Texts": c.Texts})
}

func (c CurveConfig) check() error {
	sized := c.Training
	sized.Train, sized.Epochs = c.BatchSize, 1 // Sizes and Steps say how many
	if err := lesson.FirstOf(
		sized.check("Curve"), checkRising("Curve.Sizes", c.Sizes), lesson.CheckAtLeast(1, map[string]int{"Curve.Steps": c.Steps}),
	); err != nil {
		return err
	}
	return lesson.CheckAtLeast(c.BatchSize, map[string]int{"Curve.Sizes (the first)": c.Sizes[0]})
}

// checkRising refuses a list that cannot be compared.
func checkRising(name string, values []int) error {
	if len(values) < 2 {
		return lesson.BadInputf("%s has %d numbers: give at least two to compare", name, len(values))
	}
	for i, v := range values {
		if v < 1 || i > 0 && v <= values[i-1] {
			return lesson.BadInputf("%s has %s: give numbers of at least 1 in rising order", name, fmt.Sprint(v))
		}
	}
	return nil
}
