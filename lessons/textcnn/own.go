package textcnn

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"evident/datasets"
	"evident/datasets/audit"
	"evident/datasets/textfolder"
	"evident/internal/badinput"
	"evident/kit/experiment"
	"evident/kit/progress"
	"evident/kit/report"
)

// leastTexts is how many texts each class has to have that are not copies: one to
// train, one to choose the epoch and one to test with.
const leastTexts = 3

// readOwn reads the user's own texts, and tells what it understood.
func (c DataConfig) readOwn(ctx context.Context) (corpus, error) {
	load := textfolder.Load
	if files := experiment.Files(ctx); files != nil {
		load = func(name string) (textfolder.Texts, error) { return textfolder.LoadTable(files, name) }
	}
	texts, err := load(c.Own)
	if err != nil {
		return corpus{}, err
	}
	for _, line := range texts.Lines() {
		progress.Notify(ctx, "%s", line)
	}
	counts := texts.Counts()
	for class, different := range texts.Different() {
		switch {
		case different == 0:
			return corpus{}, badinput.Errorf("%s: every text of class %q, %d of them, stands under another label too: decide for one label each", texts.Name, texts.Classes[class], counts[class])
		case different < leastTexts:
			return corpus{}, badinput.Errorf("%s: class %q has %s, %d different and in no other class, such as %q, where the classes have %s: each needs %d such texts, to train, to choose the epoch and to test with: add texts to it, or leave the class out",
				texts.Name, texts.Classes[class], datasets.Counted(counts[class], "text"), different, texts.First(class), texts.ClassCounts(), leastTexts)
		}
	}
	return corpus{whole: texts.Set, own: &texts.Report, DataConfig: c}, nil
}

// fitted makes the batches small enough for few own texts: half of the texts to
// train on, from whichever seed.
func (c corpus) fitted(t Training, seeds []int64) (Training, error) {
	if c.own == nil {
		return t, nil
	}
	for _, seed := range seeds {
		train, _, err := c.sets(seed, t.Train, t.Test)
		if err != nil {
			return t, err
		}
		t.BatchSize = max(min(t.BatchSize, train.Len()/2), 1)
	}
	return t, nil
}

// rehearse splits the user's own texts as every experiment will, so that what
// cannot be done is said before the first training; and tells what becomes smaller
// with few texts.
func (c corpus) rehearse(ctx context.Context, all Config) error {
	if c.own == nil {
		return nil
	}
	if _, err := c.fitted(all.Maps.Training, all.Maps.Seeds); err != nil {
		return err
	}
	if _, err := c.fitted(all.Faithful.Training, all.Faithful.Seeds); err != nil {
		return err
	}
	curve, err := all.Curve.available(c)
	if err != nil {
		return err
	}
	fitted, splits, err := all.Classify.splits(c)
	if err != nil {
		return err
	}
	for _, split := range splits {
		if _, _, err := split[0].Shuffled(all.Classify.Seed).SplitEven(all.Classify.ValidationFraction); err != nil {
			return err
		}
	}
	var smaller []string
	if asked := max(all.Maps.Train, all.Classify.Train, all.Faithful.Train); splits[0][0].Len() < asked {
		smaller = append(smaller, fmt.Sprintf("%s to train on and %d to test with, where the lesson asks for up to %d", datasets.Counted(splits[0][0].Len(), "text"), splits[0][1].Len(), asked))
	}
	if fitted.BatchSize < all.Classify.BatchSize {
		smaller = append(smaller, fmt.Sprintf("batches of %d in place of %d", fitted.BatchSize, all.Classify.BatchSize))
	}
	if curve.few {
		smaller = append(smaller, fmt.Sprintf("the learning curve compares %v texts in place of %v, so that q5.c4 stays inconclusive", curve.Sizes, all.Curve.Sizes))
	} else if len(curve.Sizes) < len(all.Curve.Sizes) {
		smaller = append(smaller, fmt.Sprintf("the learning curve ends at %s", datasets.Counted(slices.Max(curve.Sizes), "text")))
	}
	if len(smaller) > 0 {
		progress.Notify(ctx, "%s: a small set: %s", c.name(), strings.Join(smaller, "; "))
	}
	return nil
}

// table says what became of a real set's texts, for reports: its classes, its
// twins, and what was left out. Generated texts have none.
func (c corpus) table() report.Table {
	table := report.Table{ID: "data", Title: "The data: " + c.name(), Columns: []string{"what", "number", "which"}}
	if c.generated() {
		return table
	}
	add := func(what string, number int, which string) {
		table.Rows = append(table.Rows, []string{what, fmt.Sprint(number), which})
	}
	for class, count := range c.whole.Counts() {
		add("texts of class "+c.whole.Classes[class], count, "")
	}
	if c.own == nil {
		found := audit.FindTexts(c.whole.Texts)
		add("found twice, exactly", found.Exact, "left as they are: the split is that of other work")
		add("found twice, nearly", found.Near, "left as they are")
		return table
	}
	r := c.own
	if r.Format != nil {
		add("columns", r.Format.Columns, r.Format.String())
	}
	near := "kept on one side of the split"
	if r.Parted {
		near = "may stand on both sides of the split: without them there are too few texts"
	}
	add("found twice, exactly", r.Duplicates.Exact, "kept on one side of the split")
	add("found twice, nearly", r.Duplicates.Near, near)
	add("copies in different classes", len(r.Disputed), firstOf(r.Disputed, "at least one label is wrong"))
	add("near twins in different classes", len(r.DisputedNear), firstOf(r.DisputedNear, "look at their labels"))
	for _, merged := range r.Merged {
		add("labels taken for one", 1, merged)
	}
	for _, l := range r.LeftOut {
		add("left out: "+l.Reason(), l.Count, l.First)
	}
	for _, note := range r.Notes {
		add("note", 1, note)
	}
	return table
}

// firstOf shows one of several groups of twins.
func firstOf(groups [][]string, remark string) string {
	if len(groups) == 0 {
		return ""
	}
	return fmt.Sprintf("as in %q: %s", groups[0][:min(len(groups[0]), 3)], remark)
}
