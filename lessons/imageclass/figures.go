package imageclass

import (
	"fmt"

	"evident/kit/claim"
	"evident/kit/fit"
	"evident/kit/report"
)

// illustrate adds the tables, charts and pictures of the measurements to the
// report.
func illustrate(out *report.Report, c Config, m Measurements) error {
	pictures := m.Trained.Shown.Pictures
	p := &out.Provenance
	p.DataSet, p.DataHash, p.Seeds = m.Trained.DataSet, pictures.Train.Hash(), c.allSeeds()
	out.Tables = []report.Table{
		m.Trained.Table(), pictures.Table(), m.Trained.ConfusionTable(), m.Trained.ScoreTable(), m.Unscaled.Table(), m.Memory.Table(), m.Leaks.Table(),
	}
	out.Charts = []report.Chart{
		m.Trained.AccuracyChart(), m.Trained.LossChart(), m.Trained.ROCChart(), m.Trained.ReliabilityChart(),
		m.Unscaled.Chart(), m.Memory.LossChart(), m.Memory.ValidationChart(), m.Leaks.Chart(),
	}
	if m.Trained.missed(0) != nil {
		out.Charts = append(out.Charts, m.Trained.MissedChart())
	}
	diagram, summary, err := Describe(c, pictures)
	if err != nil {
		return err
	}
	out.Diagrams, out.Tables = []report.Diagram{diagram}, append(out.Tables, summary)
	for _, picture := range []func() (report.Picture, error){pictures.SamplesPicture, m.Trained.MistakesPicture, m.Trained.SaliencyPicture} {
		drawn, err := picture()
		if err != nil {
			return err
		}
		out.Pictures = append(out.Pictures, drawn)
	}
	return nil
}

// Describe draws the net for the pictures, and lists its layers.
func Describe(c Config, p Pictures) (report.Diagram, report.Table, error) {
	net := c.Train.Net.Model(p.Train.Height, p.Train.Width, p.Train.Channels)
	summary, err := net.Summarize()
	if err != nil {
		return report.Diagram{}, report.Table{}, err
	}
	diagram, err := net.Diagram("net", "The net")
	return diagram, summary.Table("summary"), err
}

// Table is the training epoch by epoch, as means over the seeds, beside the
// sheet's.
func (t Trained) Table() report.Table {
	table := report.Table{
		ID: "training", Title: fmt.Sprintf("Training on %s, beside the sheet's; %s", t.DataSet, t.seeds("means over")), Headline: true,
		Columns: []string{
			"epoch", "steps", "seconds", "training loss", "sheet", "training accuracy", "sheet ", "validation loss", " sheet", "validation accuracy", " sheet ",
		},
	}
	for i := range t.epochs() {
		mean := func(of func(fit.Epoch) float64) claim.Estimate { return claim.EstimateMean(t.atEpoch(i, of)) }
		table.Rows = append(table.Rows, []string{
			fmt.Sprint(i + 1), fmt.Sprint(t.Runs[0].History.Epochs[i].Steps), fmt.Sprintf("%.2f", mean(seconds).Mean),
			fmt.Sprintf("%.4f", mean(trainingLoss).Mean), ofSheet(sheet.Loss, i, "%.4g"),
			fmt.Sprintf("%.4f", mean(trainingAccuracy).Mean), ofSheet(sheet.Accuracy, i, "%.4f"),
			fmt.Sprintf("%.4f", mean(validationLoss).Mean), ofSheet(sheet.ValidationLoss, i, "%.4f"),
			ranged(mean(validationAccuracy)), ofSheet(sheet.ValidationAccuracy, i, "%.4f"),
		})
	}
	return table
}

// seeds says how many there are, or which one.
func (t Trained) seeds(over string) string {
	if len(t.Runs) == 1 {
		return fmt.Sprintf("seed %d", t.Runs[0].History.Seed)
	}
	return fmt.Sprintf("%s %d seeds", over, len(t.Runs))
}

// ranged writes a share with its interval to four digits, as the sheet does.
func ranged(e claim.Estimate) string {
	if e.N < 2 {
		return fmt.Sprintf("%.4f", e.Mean)
	}
	return fmt.Sprintf("%.4f [%.4f, %.4f]", e.Mean, e.Low, e.High)
}

// ofSheet is the sheet's value of an epoch, which has only ten.
func ofSheet(values []float64, epoch int, format string) string {
	if epoch >= len(values) {
		return "–"
	}
	return fmt.Sprintf(format, values[epoch])
}

// epochs that every seed has finished.
func (t Trained) epochs() int {
	least := 0
	for i, run := range t.Runs {
		if done := len(run.History.Epochs); i == 0 || done < least {
			least = done
		}
	}
	return least
}

// AccuracyChart shows accuracy against epochs, with the sheet's.
func (t Trained) AccuracyChart() report.Chart {
	return report.Chart{
		ID: "accuracy", Title: "Accuracy while training on " + t.DataSet, Mark: report.Line, XLabel: "epoch", YLabel: "accuracy",
		Alt:    "Training and validation accuracy against the epochs, beside the sheet's validation accuracy.",
		Curves: []report.Curve{t.curve("training", trainingAccuracy), t.curve("validation", validationAccuracy), sheetCurve("sheet: validation", sheet.ValidationAccuracy)},
		Rules:  []report.Reference{{Name: "sheet's last", Y: sheetLast}},
	}
}

// LossChart shows the losses against epochs, with the sheet's.
func (t Trained) LossChart() report.Chart {
	return report.Chart{
		ID: "loss", Title: "Loss while training on " + t.DataSet, Mark: report.Line, XLabel: "epoch", YLabel: "cross-entropy (nats)", LogY: true,
		Alt: "Training and validation loss against the epochs on a logarithmic axis, beside the sheet's.",
		Curves: []report.Curve{
			t.logCurve("training", trainingLoss), t.logCurve("validation", validationLoss),
			sheetCurve("sheet: training", sheet.Loss), sheetCurve("sheet: validation", sheet.ValidationLoss),
		},
	}
}

// curve is a number of every epoch, over the seeds.
func (t Trained) curve(name string, of func(fit.Epoch) float64) report.Curve {
	curve := report.Curve{Name: name}
	for i := range t.epochs() {
		curve.AddEstimate(float64(i+1), t.atEpoch(i, of))
	}
	return curve
}

// logCurve is a curve for a logarithmic axis.
func (t Trained) logCurve(name string, of func(fit.Epoch) float64) report.Curve {
	curve := report.Curve{Name: name}
	for i := range t.epochs() {
		curve.AddGeometric(float64(i+1), t.atEpoch(i, of))
	}
	return curve
}

func sheetCurve(name string, values []float64) report.Curve {
	curve := report.Curve{Name: name}
	for i, v := range values {
		curve.Add(float64(i+1), v)
	}
	return curve
}
