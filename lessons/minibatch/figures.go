package minibatch

import (
	"fmt"

	"gonum.org/v1/gonum/stat"

	"evident/kit/claim"
	"evident/kit/report"
)

// illustrate adds the tables and charts of the measurements to the report.
func illustrate(out *report.Report, c Config, m Measurements) error {
	out.Provenance.DataSet = "generated: a linear regression, two Gaussians, quadrants of the plane, spirals"
	out.Provenance.Seeds = c.Time.Seeds
	out.Tables = []report.Table{m.Descent.Table(), m.Trend.Table(), m.Picture.Table(), m.Time.Table()}
	out.Charts = []report.Chart{m.Trend.LeftPicture(), m.Trend.RightPicture()}
	for task := range m.Descent.Tasks {
		out.Charts = append(out.Charts, m.Descent.Chart(task))
	}
	for rate := range m.Trend.Rates {
		out.Charts = append(out.Charts, m.Trend.Chart(rate))
	}
	out.Charts = append(out.Charts,
		m.Noise.Chart(), m.Picture.Chart(), m.Picture.ConfounderChart(), m.Time.StepsChart(), m.Time.ExamplesChart())
	return nil
}

// Chart shows the full-batch descents of one of the convex losses.
func (f DescentFacts) Chart(task int) report.Chart {
	own := f.Tasks[task]
	chart := report.Chart{
		ID: fmt.Sprintf("descent-%d", task), Title: "Full-batch descent: " + own.Name, Mark: report.Line,
		XLabel: "step", YLabel: "loss over the lowest one", LogY: true,
		Alt: "Losses of full-batch descents on a logarithmic axis: at every rate below 2/L they only fall; above 2/λ_max the loss rises, at once or after a fall.",
	}
	minimum := own.Minimum()
	for i, rate := range f.Rates {
		chart.Curves = append(chart.Curves, above(fmt.Sprintf("η = %g/L", rate), own.Losses[i], minimum))
	}
	chart.Curves = append(chart.Curves, above(fmt.Sprintf("η = %g/λ_max", f.Beyond), own.Beyond, minimum))
	return chart
}

// above is every second loss over the minimum, in the range that a chart can
// show: what is lower is drawn at its lower end, once, and again before the loss
// rises from there; what is higher ends the curve.
func above(name string, losses []float64, minimum float64) report.Curve {
	const lowest, highest, steps = 1e-9, 1e3, 260
	curve := report.Curve{Name: name}
	for step := 0; step < min(steps, len(losses)) && losses[step]-minimum < highest; step += 2 {
		height := losses[step] - minimum
		hidden := height < lowest && step > 1 && losses[step-2]-minimum < lowest
		returns := step+2 < len(losses) && losses[step+2]-minimum >= lowest
		if !hidden || returns {
			curve.Add(float64(step), max(height, lowest))
		}
	}
	return curve
}

// Table counts the rising steps of the convex losses.
func (f DescentFacts) Table() report.Table {
	table := report.Table{
		ID: "rises", Title: "Steps at which the loss rises, full batches", Columns: []string{"loss", "L", "λ_max at the minimum"},
	}
	for _, rate := range f.Rates {
		table.Columns = append(table.Columns, fmt.Sprintf("η = %g/L", rate))
	}
	table.Columns = append(table.Columns, fmt.Sprintf("η = %g/λ_max", f.Beyond))
	for _, task := range f.Tasks {
		row := []string{task.Name, fmt.Sprintf("%.3f", task.Bound), fmt.Sprintf("%.3f", task.Top)}
		for _, losses := range append(append([][]float64{}, task.Losses...), task.Beyond) {
			row = append(row, fmt.Sprintf("%d of %d", rises(losses, roundingDouble), len(losses)-1))
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

// LeftPicture is the sheet's left one, drawn again: the loss of the steps with
// full batches.
func (f TrendFacts) LeftPicture() report.Chart {
	return f.picture(len(f.BatchSizes)-1, "left", "The left picture: full batches", "A smooth curve that falls at every step.")
}

// RightPicture is the sheet's right one: the loss of the steps with
// mini-batches, of the second size where there is one.
func (f TrendFacts) RightPicture() report.Chart {
	size := min(1, len(f.BatchSizes)-2)
	return f.picture(size, "right", fmt.Sprintf("The right picture: mini-batches of %d", f.BatchSizes[size]),
		"A jagged curve that goes up and down from step to step, and down in all.")
}

// picture shows the first steps of one training at the highest rate.
func (f TrendFacts) picture(size int, id, title, alt string) report.Chart {
	const steps = 400
	rate := len(f.Rates) - 1
	curve := report.Curve{Name: fmt.Sprintf("η = %g", f.Rates[rate])}
	losses := f.Losses[size][rate][0]
	for step, loss := range losses[:min(steps, len(losses))] {
		curve.Add(float64(step), loss)
	}
	return report.Chart{
		ID: id, Title: title, Mark: report.Line, XLabel: "step", YLabel: "loss of the step (nats)", Alt: alt, Curves: []report.Curve{curve},
	}
}

// Chart shows the loss on all examples along the trainings at one rate, averaged
// over the seeds.
func (f TrendFacts) Chart(rate int) report.Chart {
	chart := report.Chart{
		ID: fmt.Sprintf("trend-%d", rate), Title: fmt.Sprintf("The trend by batch size, η = %g", f.Rates[rate]), Mark: report.Line,
		XLabel: "step", YLabel: "loss on all examples (nats)",
		Alt: "The loss on all examples falls with every batch size; with the smallest batches it ends higher, and the seeds differ more.",
	}
	for size, b := range f.BatchSizes {
		curve := report.Curve{Name: fmt.Sprintf("B = %d", b)}
		for i, step := range f.Checkpoints {
			at := make([]float64, len(f.Whole[size][rate]))
			for seed, losses := range f.Whole[size][rate] {
				at[seed] = losses[i]
			}
			curve.AddEstimate(float64(step), at)
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// Table lists the batch sizes at every rate.
func (f TrendFacts) Table() report.Table {
	table := report.Table{
		ID: "trends", Title: "Up and down, and down in all", Columns: []string{"B", "η", "steps that rise", "epochs that fall", "left of the first loss"},
	}
	for size, b := range f.BatchSizes {
		for rate, eta := range f.Rates {
			falling := "–"
			if shares := f.FallingEpochs(size, rate); len(shares) > 0 {
				falling = percent(stat.Mean(shares, nil))
			}
			table.Rows = append(table.Rows, []string{
				fmt.Sprint(b), fmt.Sprint(eta), percent(stat.Mean(risingShares(f.Losses[size][rate]), nil)), falling,
				claim.EstimateMean(f.Left(size, rate)).String(),
			})
		}
	}
	return table
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }

// Chart shows the variance of the batch gradient against the batch size, in
// units of σ², beside the formulas.
func (f NoiseFacts) Chart() report.Chart {
	curves := []report.Curve{
		{Name: "measured, with replacement"}, {Name: "measured, without"}, {Name: "1/B"}, {Name: "1/B·(N−B)/(N−1)"},
	}
	for size, b := range f.BatchSizes {
		x := float64(b)
		curves[0].AddGeometric(x, f.relative(f.Replaced[size]))
		curves[2].Add(x, Predicted(b, f.Examples, true))
		if b < f.Examples { // 0 has no place on a logarithmic axis
			curves[1].AddGeometric(x, f.relative(f.Shuffled[size]))
			curves[3].Add(x, Predicted(b, f.Examples, false))
		}
	}
	return report.Chart{
		ID: "variance", Title: fmt.Sprintf("Noise of the gradient, out of %d examples", f.Examples), Mark: report.Line,
		XLabel: "batch size B", YLabel: "E‖g_B − ḡ‖² / σ²", LogX: true, LogY: true, Curves: curves,
		Alt: "The mean squared distance of the batch gradient from the full one lies on the lines of the formulas: with replacement it falls as 1/B, without it bends down to 0 as B nears the number of examples.",
	}
}

// relative is a variance of every seed in units of its σ².
func (f NoiseFacts) relative(spread []float64) []float64 {
	shares := make([]float64, len(spread))
	for seed := range shares {
		shares[seed] = spread[seed] / f.Variance[seed]
	}
	return shares
}
