package imageclass

import (
	"fmt"
	"strings"

	"evident/kit/claim"
	"evident/kit/report"
)

// Table compares the two scales of pixels.
func (u Unscaled) Table() report.Table {
	table := report.Table{
		ID: "unscaled", Title: fmt.Sprintf("Pixels 0–255 and 0–1: the same net, weights and order (%s); geometric means over the seeds", u.DataSet),
		Columns: []string{"net", "parameters", "pixels", "difference of the untrained logits", "loss before training", "mean loss of the first epoch", "the sheet's", "validation accuracy at the end"},
	}
	for _, scales := range u.Nets {
		for _, row := range []struct {
			name   string
			starts []Start
		}{{"0–1", scales.Scaled}, {"0–255", scales.Raw}} {
			table.Rows = append(table.Rows, []string{
				scales.Net.name(), fmt.Sprint(scales.Parameters), row.name, geometric(each(row.starts, initialScale)), geometric(each(row.starts, initialLoss)),
				geometric(each(row.starts, firstEpoch)), fmt.Sprintf("%.2f", sheetFirst), claim.EstimateMean(each(row.starts, lastAccuracy)).String(),
			})
		}
	}
	return table
}

// Chart shows the loss of the steps of the first epoch.
func (u Unscaled) Chart() report.Chart {
	chart := report.Chart{
		ID: "unscaled", Title: "The first epoch, step by step", Mark: report.Line, XLabel: "step", YLabel: "loss of the batch (nats)", LogX: true, LogY: true,
		Alt:   "The loss of the batch against the steps of the first epoch on logarithmic axes, for two nets, each with pixels from 0 to 1 and from 0 to 255.",
		Rules: []report.Reference{{Name: "sheet's mean", Y: sheetFirst}},
	}
	for _, scales := range u.Nets {
		name := strings.TrimPrefix(scales.Net.name(), "convolutions ")
		chart.Curves = append(chart.Curves, stepCurve(name+": 0–1", scales.Scaled), stepCurve(name+": 0–255", scales.Raw))
	}
	return chart
}

// stepCurve is the loss of every step as a geometric mean over the seeds.
func stepCurve(name string, starts []Start) report.Curve {
	curve := report.Curve{Name: name}
	for step := range starts[0].Losses {
		var losses []float64
		for _, s := range starts {
			if step < len(s.Losses) && s.Losses[step] > 0 {
				losses = append(losses, s.Losses[step])
			}
		}
		curve.AddGeometric(float64(step+1), losses)
	}
	return curve
}

// all are the conditions in the order of charts and tables.
func (m Memory) all() []Condition { return append([]Condition{m.All}, m.Few...) }

// name of a condition, for charts.
func (c Condition) name() string {
	return fmt.Sprintf("%d pictures, %s", c.Pictures, plainName(c.Name))
}

// plainName says how all pictures were trained on.
func plainName(name string) string {
	if name == "all pictures" {
		return plain.name
	}
	return name
}

// Table compares the conditions.
func (m Memory) Table() report.Table {
	table := report.Table{
		ID: "memory", Title: "Does it memorise? From the middle of the training to its end, means over the seeds",
		Columns: []string{"training", "steps", "fall of the training loss (powers of ten)", "rise of the validation loss (nats)", "validation loss at the end", "validation accuracy at the end"},
	}
	add := func(name, steps, fall, rise, loss, accuracy string) {
		table.Rows = append(table.Rows, []string{name, steps, fall, rise, loss, accuracy})
	}
	for _, c := range m.all() {
		add(c.name(), fmt.Sprint(c.Courses[0].Steps), claim.EstimateMean(c.each(Course.Fall)).String(), claim.EstimateMean(c.each(Course.Rise)).String(),
			claim.EstimateMean(c.each(lastValidation)).String(), claim.EstimateMean(c.each(lastCorrect)).String())
	}
	s := Course{Loss: sheet.Loss, Validation: sheet.ValidationLoss}
	add("the sheet's", "750", fmt.Sprintf("%.3g", s.Fall()), fmt.Sprintf("%.3g", s.Rise()), fmt.Sprintf("%.3g", lastValidation(s)), fmt.Sprintf("%.3g", sheetLast))
	return table
}

// LossChart shows the training loss of the conditions.
func (m Memory) LossChart() report.Chart {
	return report.Chart{
		ID: "memory-training", Title: "Training loss, tenth by tenth of the training", Mark: report.Line, XLabel: "tenth of the training", YLabel: "training loss (nats)", LogY: true,
		Alt:    "The training loss against the tenths of the training on a logarithmic axis, for all pictures and for a few with and without dropout and augmentation, beside the sheet's.",
		Curves: append(m.curves(func(c Course) []float64 { return c.Loss }), sheetCurve("the sheet's", sheet.Loss)),
	}
}

// ValidationChart shows the validation loss of the conditions.
func (m Memory) ValidationChart() report.Chart {
	return report.Chart{
		ID: "memory-validation", Title: "Validation loss, tenth by tenth of the training", Mark: report.Line, XLabel: "tenth of the training", YLabel: "validation loss (nats)",
		Alt:    "The validation loss against the tenths of the training, for the same conditions.",
		Curves: append(m.curves(func(c Course) []float64 { return c.Validation }), sheetCurve("the sheet's", sheet.ValidationLoss)),
	}
}

func (m Memory) curves(of func(Course) []float64) []report.Curve {
	var curves []report.Curve
	for _, condition := range m.all() {
		curve := report.Curve{Name: condition.name()}
		for stretch := range of(condition.Courses[0]) {
			var values []float64
			for _, course := range condition.Courses {
				if stretch < len(of(course)) {
					values = append(values, of(course)[stretch])
				}
			}
			curve.AddGeometric(float64(stretch+1), values)
		}
		curves = append(curves, curve)
	}
	return curves
}

// Table lists what the audit found and what the leak did, seed by seed.
func (l Leaks) Table() report.Table {
	table := report.Table{
		ID:    "leak",
		Title: fmt.Sprintf("Copies of %.0f %% of the validation pictures among the training pictures (%s)", 100*l.Share, l.DataSet),
		Columns: []string{
			"twins before: exact + near", "planted", "found", "accuracy on the leaked", "on the others", "reported score", "on the leaked, without the leak",
		},
	}
	both := func(t Twins) string { return fmt.Sprintf("%d + %d", t.Exact, t.Near) }
	for _, r := range l.Runs {
		table.Rows = append(table.Rows, []string{
			both(r.Before), both(r.Planted), both(r.Found), fmt.Sprintf("%.4f", r.OnLeaked), fmt.Sprintf("%.4f", r.OnClean),
			fmt.Sprintf("%.4f", r.Score), fmt.Sprintf("%.4f", r.LeakedWithout),
		})
	}
	return table
}

// Chart shows the accuracy on leaked and on other pictures, of nets with and
// without the leak.
func (l Leaks) Chart() report.Chart {
	leaked, others := report.Curve{Name: "pictures that leak"}, report.Curve{Name: "the others"}
	leaked.AddEstimate(0, l.each(func(r Leak) float64 { return r.OnLeaked }))
	leaked.AddEstimate(1, l.each(func(r Leak) float64 { return r.LeakedWithout }))
	others.AddEstimate(0, l.each(func(r Leak) float64 { return r.OnClean }))
	others.AddEstimate(1, l.each(func(r Leak) float64 { return r.CleanWithout }))
	return report.Chart{
		ID: "leak", Title: "What a leak does to the score", Mark: report.Bars, XLabel: "training pictures", YLabel: "validation accuracy",
		Categories: []string{"with copies of validation pictures", "without"},
		Alt:        "Bars of accuracy on the validation pictures that leak and on the others, for a net trained with the leak and one without.", Curves: []report.Curve{leaked, others},
	}
}
