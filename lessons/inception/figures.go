package inception

import (
	"fmt"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"evident/kit/claim"
	"evident/kit/report"
)

// illustrate adds the tables, charts and pictures of the measurements to the
// report.
func illustrate(out *report.Report, c Config, m Measurements) error {
	p := &out.Provenance
	p.DataSet, p.DataHash = m.Pictures.Name, m.Pictures.Hash()
	p.Seeds = append([]int64{c.Train.Seed}, c.Compare.Seeds...)
	out.Tables = []report.Table{
		m.Trained.Table(), m.Compare.Table(), ModuleTable(m.Modules), m.Strides.Table(),
	}
	out.Charts = []report.Chart{
		m.Trained.AccuracyChart(), m.Trained.LossChart(), m.Compare.AccuracyChart(), m.Compare.ShiftChart(),
		m.Scales.Chart(), m.Compare.Probes.Chart(), m.Depth.Chart(), m.Strides.FieldChart(), m.Strides.UnusedChart(),
	}
	samples, err := samplesPicture(m.Pictures)
	if err != nil {
		return err
	}
	maps, err := mapsPicture(m.Trained.ShownMaps)
	out.Pictures = []report.Picture{samples, maps}
	return err
}

// Table is the training epoch by epoch; beside the sheet's when the net was
// trained on CIFAR-10.
func (t Trained) Table() report.Table {
	table := report.Table{
		ID: "training", Title: "Training on " + t.DataSet,
		Columns: []string{"epoch", "steps", "seconds", "training loss", "training accuracy", "validation loss", "validation accuracy"},
	}
	if t.CIFAR10 {
		table.Title += ", beside the sheet"
		table.Headline = true
		table.Columns = append(table.Columns, "sheet: training accuracy", "sheet: validation loss", "sheet: validation accuracy")
	}
	table.Title += t.remainder()
	for i, e := range t.History.Epochs {
		row := []string{
			fmt.Sprint(i + 1), fmt.Sprint(e.Steps), fmt.Sprintf("%.1f", e.Seconds), fmt.Sprintf("%.4f", e.Loss),
			fmt.Sprintf("%.4f", e.Accuracy), fmt.Sprintf("%.4f", e.Validation.Loss), fmt.Sprintf("%.4f", e.Validation.Accuracy),
		}
		if t.CIFAR10 {
			row = append(row, ofSheet(sheet.Accuracy, i), ofSheet(sheet.ValidationLoss, i), ofSheet(sheet.ValidationAccuracy, i))
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

// remainder says which pictures an epoch leaves out, if any: those that fill no
// whole batch. Keras trains them as one more, smaller batch.
func (t Trained) remainder() string {
	if t.BatchSize == 0 || t.Pictures%t.BatchSize == 0 {
		return ""
	}
	steps, left := t.Pictures/t.BatchSize, t.Pictures%t.BatchSize
	keras := "Keras uses"
	if t.CIFAR10 && steps+1 == sheetSteps {
		keras = "Keras, and so the sheet, uses"
	}
	number := func(n int) string { return humanize.Comma(int64(n)) }
	return fmt.Sprintf(". An epoch has %s %s of %d pictures each, in a new order every time; what is left over (%d of %s) is not trained on. %s it for a last, smaller batch, so that an epoch has %s steps",
		number(steps), english.PluralWord(steps, "step", ""), t.BatchSize, left, number(t.Pictures), keras, number(steps+1))
}

// ofSheet is the sheet's value of an epoch, which has only ten.
func ofSheet(values []float64, epoch int) string {
	if epoch >= len(values) {
		return "–"
	}
	return fmt.Sprintf("%.4f", values[epoch])
}

// AccuracyChart shows accuracy against epochs.
func (t Trained) AccuracyChart() report.Chart {
	chart := report.Chart{
		ID: "accuracy", Title: "Accuracy while training on " + t.DataSet, Mark: report.Line, XLabel: "epoch", YLabel: "accuracy",
		Alt: "Training and validation accuracy against the epochs.",
	}
	training, validation := report.Curve{Name: "training"}, report.Curve{Name: "validation"}
	for i, e := range t.History.Epochs {
		training.Add(float64(i+1), e.Accuracy)
		validation.Add(float64(i+1), e.Validation.Accuracy)
	}
	chart.Curves = []report.Curve{training, validation}
	if t.CIFAR10 {
		chart.Curves = append(chart.Curves, epochCurve("sheet: validation", sheet.ValidationAccuracy))
		chart.Rules = []report.Reference{{Name: "sheet's last", Y: sheetBest}}
	}
	return chart
}

func epochCurve(name string, values []float64) report.Curve {
	curve := report.Curve{Name: name}
	for i, v := range values {
		curve.Add(float64(i+1), v)
	}
	return curve
}

// LossChart shows the loss of the steps, as means over a hundredth of the
// training, with the validation loss after each epoch.
func (t Trained) LossChart() report.Chart {
	const points = 100
	steps, validation := report.Curve{Name: "training (mean of neighbouring steps)"}, report.Curve{Name: "validation"}
	losses := t.History.Losses
	width := max(len(losses)/points, 1)
	for start := 0; start+width <= len(losses); start += width {
		mean := 0.0
		for _, loss := range losses[start : start+width] {
			mean += loss / float64(width)
		}
		steps.Add(float64(start+width), mean)
	}
	done := 0
	for _, e := range t.History.Epochs {
		done += e.Steps
		validation.Add(float64(done), e.Validation.Loss)
	}
	return report.Chart{
		ID: "loss", Title: "Cross-entropy while training on " + t.DataSet, Mark: report.Line, XLabel: "training step", YLabel: "loss (nats)",
		Alt: "Training loss against the steps, with the validation loss after each epoch.", Curves: []report.Curve{steps, validation},
	}
}

// Table lists the variants with their cost and outcome.
func (c CompareFacts) Table() report.Table {
	table := report.Table{
		ID: "variants", Title: "One net, one change at a time",
		Columns: []string{"variant", "parameters", "multiply-adds of the blocks", "test accuracy", "training − test accuracy", "class changes under a shift"},
	}
	for _, v := range c.Variants {
		table.Rows = append(table.Rows, []string{
			v.Name, fmt.Sprint(v.Parameters), fmt.Sprint(v.Blocks.MultiplyAdds), claim.EstimateMean(v.TestAccuracy).String(),
			claim.EstimateMean(v.Gap()).String(), claim.EstimateMean(v.MeanChanged()).String(),
		})
	}
	return table
}

// AccuracyChart shows the variants' test accuracy and their gap.
func (c CompareFacts) AccuracyChart() report.Chart {
	chart := report.Chart{
		ID: "variants", Title: "One net, one change at a time", Mark: report.Bars, XLabel: "variant", YLabel: "share",
		Alt: "Bars of test accuracy and of the gap between training and test accuracy for each variant, with intervals over the seeds.",
	}
	test, gap := report.Curve{Name: "test accuracy"}, report.Curve{Name: "training − test accuracy"}
	for i, v := range c.Variants {
		chart.Categories = append(chart.Categories, v.Name)
		addEstimate(&test, i, v.TestAccuracy)
		addEstimate(&gap, i, v.Gap())
	}
	chart.Curves = []report.Curve{test, gap}
	return chart
}

// addEstimate appends a mean with its interval. With a single seed there is no
// interval, and the band is the mean itself.
func addEstimate(curve *report.Curve, x int, values []float64) {
	e := claim.EstimateMean(values)
	if e.N < 2 {
		e.Low, e.High = e.Mean, e.Mean
	}
	curve.Add(float64(x), e.Mean)
	curve.Low, curve.High = append(curve.Low, e.Low), append(curve.High, e.High)
}

// ShiftChart shows how many classes change against the shift.
func (c CompareFacts) ShiftChart() report.Chart {
	chart := report.Chart{
		ID: "shifts", Title: "What a small shift changes", Mark: report.Line, XLabel: "shift to the right (pixels)", YLabel: "share of test pictures that change their class",
		Alt: "The share of changed classes against the shift, for the net with all its pooling, without the pooling tower and without max pooling.",
	}
	for _, name := range []string{withInception, withoutPool, withoutMaximum} {
		curve := report.Curve{Name: name}
		for i, perSeed := range c.Of(name).Changed {
			addEstimate(&curve, c.Shifts[i], perSeed)
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// Chart shows what each tower is worth to each of the two features.
func (s ScaleFacts) Chart() report.Chart {
	chart := report.Chart{
		ID: "towers", Title: "Two scales, one module: accuracy with one tower switched off", Mark: report.Bars, XLabel: "tower switched off", YLabel: "accuracy",
		Categories: s.Towers, Rules: []report.Reference{{Name: "chance", Y: 0.5}},
		Alt: "Accuracy on the fine and on the coarse feature, with no tower off and with each of the four.",
	}
	fine, coarse := report.Curve{Name: "fine feature (dots that touch)"}, report.Curve{Name: "coarse feature (dots with a gap)"}
	for i := range s.Towers {
		addEstimate(&fine, i, s.Fine[i])
		addEstimate(&coarse, i, s.Coarse[i])
	}
	chart.Curves = []report.Curve{fine, coarse}
	return chart
}

// Chart shows how much a linear probe reads off each stage.
func (p ProbeFacts) Chart() report.Chart {
	curve := report.Curve{Name: "linear probe"}
	for i := range p.Stages {
		addEstimate(&curve, i, p.Accuracy[i])
	}
	return report.Chart{
		ID: "probes", Title: "What a linear model can read off each stage", Mark: report.Bars, XLabel: "stage", YLabel: "test accuracy of the probe",
		Categories: p.Stages, Rules: []report.Reference{{Name: "chance", Y: 1.0 / classes}},
		Alt: "The probe's accuracy on the pixels, the first convolution and the two modules.", Curves: []report.Curve{curve},
	}
}

// Chart shows the gradient's norm layer by layer, as its mean over the seeds.
func (d DepthFacts) Chart() report.Chart {
	chart := report.Chart{
		ID: "gradients", Title: "Gradient before training, layer by layer", Mark: report.Line, XLabel: "layer, counted from the input", YLabel: "norm of the gradient", LogY: true,
		Alt: "The norm of the gradient in each layer on a logarithmic axis, for ReLU, tanh and sigmoid.",
	}
	for a, name := range d.Activations {
		curve := report.Curve{Name: name}
		for layer := range d.Norms[a][0] {
			mean := 0.0
			for _, norms := range d.Norms[a] {
				mean += norms[layer] / float64(len(d.Norms[a]))
			}
			curve.Add(float64(layer+1), mean)
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// Table shows the sizes for one input.
func (s StrideFacts) Table() report.Table {
	table := report.Table{
		ID: "strides", Columns: []string{"kernel", "stride", "same: built", "same: ⌈n/s⌉", "valid: built", "valid: ⌈(n−k+1)/s⌉"},
	}
	shown := 0
	for _, f := range s.Sizes {
		shown = max(shown, f.Size)
	}
	table.Title = fmt.Sprintf("Output size for an input of n = %d (all %d cases are checked)", shown, len(s.Sizes))
	for i := 0; i+1 < len(s.Sizes); i += 2 { // same and valid come in pairs
		same, valid := s.Sizes[i], s.Sizes[i+1]
		if same.Size == shown && same.Kernel%2 == 1 {
			table.Rows = append(table.Rows, []string{
				fmt.Sprint(same.Kernel), fmt.Sprint(same.Stride), fmt.Sprint(same.Built), fmt.Sprint(same.Formula), fmt.Sprint(valid.Built), fmt.Sprint(valid.Formula),
			})
		}
	}
	return table
}

// FieldChart shows the receptive field against depth.
func (s StrideFacts) FieldChart() report.Chart {
	chart := report.Chart{
		ID: "fields", Title: "Receptive field of stacked 3×3 convolutions", Mark: report.Line, XLabel: "layers", YLabel: "pixels that one output depends on, along an axis",
		Alt: "Receptive field against depth, one line for each stride; all begin at 3 pixels.",
	}
	for _, f := range s.Fields {
		if f.Depth == 1 {
			chart.Curves = append(chart.Curves, report.Curve{Name: fmt.Sprintf("stride %d", f.Stride)})
		}
		chart.Curves[len(chart.Curves)-1].Add(float64(f.Depth), float64(f.Measured))
	}
	return chart
}

// UnusedChart shows the share of skipped pixels against the stride.
func (s StrideFacts) UnusedChart() report.Chart {
	chart := report.Chart{
		ID: "skipped", Title: "Pixels that a strided convolution skips", Mark: report.Line, XLabel: "stride", YLabel: "share of input pixels without influence",
		Alt: "Share of skipped pixels against the stride, one line for each kernel size.",
	}
	for i, u := range s.Unused {
		if i == 0 || s.Unused[i-1].Kernel != u.Kernel {
			chart.Curves = append(chart.Curves, report.Curve{Name: fmt.Sprintf("kernel %d", u.Kernel)})
		}
		chart.Curves[len(chart.Curves)-1].Add(float64(u.Stride), u.Measured)
	}
	return chart
}
