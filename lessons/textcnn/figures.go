package textcnn

import (
	"fmt"
	"slices"

	"github.com/dustin/go-humanize"

	"evident/kit/claim"
	"evident/kit/report"
)

// illustrate adds the tables and charts of the measurements to the report.
func illustrate(out *report.Report, c Config, m Measurements) error {
	p := &out.Provenance
	p.DataSet, p.DataHash = m.Classified.DataSet, m.Classified.DataHash
	p.Seeds = c.Ngrams.Seeds
	out.Tables = []report.Table{
		m.Classified.Table(), m.Ngrams.Table(), m.Ngrams.TopTable(), m.Shift.SizeTable(), m.Robust.ExampleTable(), m.Robust.Table(),
		m.Order.ExampleTable(), m.Cost.Table(), m.Cost.TimeTable(), m.Faithful.Table(),
	}
	if len(m.Classified.Data.Rows) > 0 {
		out.Tables = slices.Insert(out.Tables, 1, m.Classified.Data)
	}
	if len(m.Classified.Folds) > 1 {
		out.Tables = append(out.Tables, m.Classified.FoldTable())
	}
	out.Charts = []report.Chart{
		m.Classified.Chart(), m.Ngrams.Chart(), m.Shift.Chart(), m.Maps.Chart(), m.Maps.FeatureChart(), m.Robust.Chart(), m.Order.Chart(),
		m.Tabular.Chart(), m.Curve.Chart(0), m.Curve.Chart(1), m.Faithful.Chart(),
	}
	return nil
}

// bar is one bar of a chart: a value a seed.
type bar struct {
	name   string
	values []float64
}

// bars draws means with their intervals.
func bars(id, title, alt, label string, rules []report.Reference, all ...bar) report.Chart {
	curve := report.Curve{Name: label}
	chart := report.Chart{ID: id, Title: title, Alt: alt, Mark: report.Bars, YLabel: label, Rules: rules}
	for i, b := range all {
		curve.AddEstimate(float64(i), b.values)
		chart.Categories = append(chart.Categories, b.name)
	}
	chart.Curves = []report.Curve{curve}
	return chart
}

// chance is the accuracy of a guess between two classes as frequent as each
// other.
func chance() []report.Reference { return []report.Reference{{Name: "chance", Y: 0.5}} }

func estimate(values []float64) string { return claim.EstimateMean(values).String() }

func comma(n int) string { return humanize.Comma(int64(n)) }

// Table compares the classifier with its rivals.
func (c Classified) Table() report.Table {
	cnn, bag := c.Accuracies()
	table := report.Table{
		ID: "classified", Title: "The pipeline on " + c.DataSet, Columns: []string{"classifier", "test accuracy", "parameters"}, Headline: true,
		Rows: [][]string{{"always the same class", fmt.Sprintf("%.3f", c.Majority), "0"}},
	}
	first := c.Folds[0]
	rivals := 2*(first.Words+2) + 2
	if len(c.Folds) > 1 {
		table.Title += fmt.Sprintf(", %d-fold cross-validation", len(c.Folds))
		table.Rows = append(table.Rows, []string{"bag of words", estimate(bag), comma(rivals)}, []string{"CNN", estimate(cnn), comma(first.Parameters)})
	} else {
		table.Rows = append(table.Rows, []string{"bag of words", fmt.Sprintf("%.3f", bag[0]), comma(rivals)}, []string{"CNN", fmt.Sprintf("%.3f", cnn[0]), comma(first.Parameters)})
	}
	if c.Polarity {
		table.Rows = append(table.Rows, []string{"CNN-rand (Kim 2014, table 2; ten folds)", fmt.Sprintf("%.3f", kimRand), ""})
	}
	return table
}

// FoldTable lists the parts of the cross-validation.
func (c Classified) FoldTable() report.Table {
	table := report.Table{
		ID: "folds", Title: "The parts of the cross-validation",
		Columns: []string{"fold", "trained on", "chosen with", "tested on", "words", "known", "best epoch", "CNN", "bag of words", "seconds"},
	}
	for i, f := range c.Folds {
		table.Rows = append(table.Rows, []string{
			fmt.Sprint(i + 1), comma(f.Train), comma(f.Held), comma(f.Test), comma(f.Words), fmt.Sprintf("%.1f %%", 100*f.Known), fmt.Sprint(f.Epoch),
			fmt.Sprintf("%.4f", f.Accuracy), fmt.Sprintf("%.4f", f.Bag), fmt.Sprintf("%.0f", f.Seconds),
		})
	}
	return table
}

// Chart is the course of the first training.
func (c Classified) Chart() report.Chart {
	train, held := report.Curve{Name: "training (with dropout)"}, report.Curve{Name: "held out"}
	for i, epoch := range c.Folds[0].History.Epochs {
		train.Add(float64(i+1), epoch.Accuracy)
		held.Add(float64(i+1), epoch.Validation.Accuracy)
	}
	return report.Chart{
		ID: "training", Title: "Training on " + c.DataSet, Mark: report.Line, XLabel: "epoch", YLabel: "accuracy",
		Curves: []report.Curve{train, held}, Alt: "Accuracy on the training texts and on texts held out, by epoch.",
	}
}

// Table gives the accuracies on the negation task.
func (f NgramFacts) Table() report.Table {
	return report.Table{
		ID: "negation", Title: "Only neighbours tell the class", Columns: []string{"net", "parameters", "training", "test"},
		Rows: [][]string{f.CNN.row(), f.Bag.row()},
	}
}

func (s Scores) row() []string {
	return []string{s.Name, comma(s.Parameters), estimate(s.Train), estimate(s.Test)}
}

// TopTable shows what the filters with the largest parts like best.
func (f NgramFacts) TopTable() report.Table {
	table := report.Table{
		ID: "ngrams", Title: "The filters' favourite windows in held-out reviews (first seed)",
		Columns: []string{"window", "words", "speaks for", "with weight", "holds what decides"},
	}
	for _, n := range strongest(f.Top, 12) {
		table.Rows = append(table.Rows, append(n.describe(f.Example.Classes), map[bool]string{true: "yes", false: "no"}[n.Decides]))
	}
	return table
}

// Chart compares the accuracies, and the filters with chance.
func (f NgramFacts) Chart() report.Chart {
	return bars("negation", "“not good” or “not bad”: who can tell?",
		"The CNN is right nearly always and the bag of words half of the time; most filters' best windows hold the deciding words, more than windows at random do.",
		"share", chance(), bar{"CNN, accuracy", f.CNN.Test}, bar{"bag of words, accuracy", f.Bag.Test}, bar{"best windows that decide", f.Hit}, bar{"all windows that decide", f.Chance})
}

// Chart shows the change of the features by the place of the phrase.
func (f ShiftFacts) Chart() report.Chart {
	pooled, flat := report.Curve{Name: "maximum over time"}, report.Curve{Name: "maps without pooling"}
	for start := range f.ByStart {
		pooled.Add(float64(start), f.ByStart[start])
		flat.Add(float64(start), f.WithoutPooling[start])
	}
	return report.Chart{
		ID: "shift", Title: "A phrase moves through the text: largest change of a feature", Mark: report.Line,
		XLabel: "first word of the phrase", YLabel: "against the phrase in the middle", Curves: []report.Curve{pooled, flat},
		Alt: "Behind the maximum nothing changes but at the two ends of the text; the maps themselves change with every step.",
	}
}

// SizeTable is what pooling leaves.
func (f ShiftFacts) SizeTable() report.Table {
	table := report.Table{
		ID: "sizes", Title: "What the maximum over time leaves", Columns: []string{"words", "values of the maps", "pooled features"},
	}
	for _, s := range f.Sizes {
		table.Rows = append(table.Rows, []string{fmt.Sprint(s.Length), comma(s.Maps), fmt.Sprint(s.Pooled)})
	}
	return table
}

// Chart shows the accuracy by the number of maps.
func (f MapFacts) Chart() report.Chart {
	train, test := report.Curve{Name: "training"}, report.Curve{Name: "test"}
	for i, count := range f.Counts {
		train.AddEstimate(float64(count), f.Nets[i].Train)
		test.AddEstimate(float64(count), f.Nets[i].Test)
	}
	return report.Chart{
		ID: "maps", Title: "More maps, on " + f.DataSet, Mark: report.Line, LogX: true, XLabel: "maps", YLabel: "accuracy",
		Curves: []report.Curve{train, test}, Alt: "Accuracy rises with the number of maps.",
	}
}

// FeatureChart shows how many different features the maps are.
func (f MapFacts) FeatureChart() report.Chart {
	worth, own := report.Curve{Name: "effective number"}, report.Curve{Name: "all different"}
	for i, count := range f.Counts {
		worth.AddEstimate(float64(count), f.Features[i])
		own.Add(float64(count), float64(count))
	}
	return report.Chart{
		ID: "features", Title: "How many different features are the maps worth?", Mark: report.Line, LogX: true, LogY: true, XLabel: "maps", YLabel: "features",
		Curves: []report.Curve{worth, own}, Alt: "The effective number of features grows with the number of maps, more slowly than the maps.",
	}
}

// ExampleTable shows the disturbances.
func (f RobustFacts) ExampleTable() report.Table {
	table := report.Table{ID: "disturbed", Title: "One review, disturbed", Columns: []string{"", "review"}}
	for i, name := range []string{"as it was", "two neighbours swapped", "other words for the opinions"} {
		table.Rows = append(table.Rows, []string{name, f.Example[i]})
	}
	return table
}

// Table gives the shares of changed predictions.
func (f RobustFacts) Table() report.Table {
	table := report.Table{
		ID: "robust", Title: "How often the prediction changes although the meaning does not",
		Columns: []string{"net", "test accuracy", "neighbours swapped", "other words", "accuracy with other words"},
	}
	for _, r := range []RobustFact{f.Pooled, f.Flat, f.GivenPooled, f.GivenFlat} {
		table.Rows = append(table.Rows, []string{r.Name, estimate(r.Test), estimate(r.Swapped), estimate(r.Reworded), estimate(r.After)})
	}
	return table
}

// Chart compares the shares.
func (f RobustFacts) Chart() report.Chart {
	return bars("robust", "Predictions that change although the meaning does not",
		"Pooling keeps predictions from changing when neighbours are swapped, and does little when other words are used; given vectors do.",
		"share of predictions", nil,
		bar{"swap, pooling", f.Pooled.Swapped}, bar{"swap, none", f.Flat.Swapped},
		bar{"other words, pooling", f.Pooled.Reworded}, bar{"other words, none", f.Flat.Reworded},
		bar{"other words, pooling, given vectors", f.GivenPooled.Reworded})
}

// ExampleTable shows a text of each class.
func (f OrderFacts) ExampleTable() report.Table {
	table := report.Table{ID: "order", Title: "Which phrase comes first?", Columns: []string{"class", "text"}}
	for i, sentence := range f.Example.Texts {
		table.Rows = append(table.Rows, []string{f.Example.Classes[f.Example.Labels[i]], sentence})
	}
	return table
}

// Chart compares the readers.
func (f OrderFacts) Chart() report.Chart {
	return bars("order", "Which of two phrases comes first?",
		"The CNN is at chance when the phrases stand apart, and right nearly always when they stand side by side; the GRU is right nearly always.",
		"test accuracy", chance(), bar{f.CNN.Name, f.CNN.Test}, bar{f.GRU.Name, f.GRU.Test}, bar{f.Local.Name, f.Local.Test})
}

// Chart compares the nets on rows.
func (f TabularFacts) Chart() report.Chart {
	return bars("tabular", "Rows of a table, with their columns in order and shuffled",
		"Shuffling the columns lowers the accuracy of the CNN and leaves that of the dense net.",
		"test accuracy", chance(), bar{f.CNN.Name, f.CNN.Test}, bar{f.CNNShuffled.Name, f.CNNShuffled.Test}, bar{f.Dense.Name, f.Dense.Test}, bar{f.DenseShuffled.Name, f.DenseShuffled.Test})
}

// Table is the work at Kim's sizes.
func (f CostFacts) Table() report.Table {
	table := report.Table{
		ID: "cost", Title: "Kim's net and its rivals: one text, by formula", Columns: []string{"net", "tokens", "parameters", "without word vectors", "multiply-adds"},
	}
	for _, c := range f.Published {
		table.Rows = append(table.Rows, c.row())
	}
	return table
}

func (c CostFact) row() []string {
	return []string{c.Name, fmt.Sprint(c.Length), comma(c.Parameters), comma(c.Parameters - c.Embeddings), comma(c.MultiplyAdds)}
}

// TimeTable is the work of smaller nets, counted and timed.
func (f CostFacts) TimeTable() report.Table {
	table := report.Table{
		ID: "time", Title: fmt.Sprintf("Counted and timed: least time to read %s texts, of rounds in which all nets took turns", comma(f.Texts)),
		Columns: []string{"net", "tokens", "parameters", "without word vectors", "multiply-adds", "ratio", "milliseconds", "ratio"},
	}
	for _, c := range f.Scaled {
		table.Rows = append(table.Rows, append(c.row(),
			fmt.Sprintf("%.3g", float64(c.MultiplyAdds)/float64(f.Scaled[0].MultiplyAdds)), fmt.Sprintf("%.1f", 1000*c.Seconds), fmt.Sprintf("%.2f", c.Seconds/f.Scaled[0].Seconds)))
	}
	return table
}

// Chart draws a set's learning curves.
func (f CurveFacts) Chart(set int) report.Chart {
	s := f.Sets[set]
	cnn, bag := report.Curve{Name: "CNN"}, report.Curve{Name: "bag of words"}
	for i, size := range s.Sizes {
		cnn.AddEstimate(float64(size), s.CNN[i])
		bag.AddEstimate(float64(size), s.Bag[i])
	}
	return report.Chart{
		ID: fmt.Sprintf("curve-%d", set+1), Title: "Learning curves on " + s.DataSet, Mark: report.Line, LogX: true, XLabel: "labelled texts", YLabel: "test accuracy",
		Curves: []report.Curve{cnn, bag}, Alt: "Test accuracy of the CNN and of the bag of words against the number of labelled texts.",
	}
}

// Table shows some deletions.
func (f FaithfulFacts) Table() report.Table {
	table := report.Table{
		ID: "deletions", Title: "The window with the largest part in the decision, and what happens without it (first seed)",
		Columns: []string{"text", "window", "class", "without it"},
	}
	for _, d := range f.Examples {
		table.Rows = append(table.Rows, []string{d.Text, d.Window, d.Before, d.Without})
	}
	return table
}

// Chart compares the deletions.
func (f FaithfulFacts) Chart() report.Chart {
	return bars("deletions", "Does deleting a window change the class? On "+f.DataSet,
		"Deleting the window that the filters name changes the class more often than deleting another.",
		"share of held-out texts", nil, bar{"named window", f.Top}, bar{"another of as many words", f.Random})
}
