package inception

import (
	"context"
	"fmt"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/datasets"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// TrainConfig is the training of the lesson's main net, in the shape of the
// sheet's: batches of 32, 10 epochs, Adam at its default rate.
type TrainConfig struct {
	Net          Net
	Own          fit.Own `json:",omitzero" role:"compared" help:"a net of your own, trained beside"`
	Epochs       int     `role:"fixed" range:"[1, inf)" help:"passes over the training pictures"`
	BatchSize    int     `role:"fixed" range:"[1, inf)" help:"pictures of a batch"`
	LearningRate float64 `role:"fixed" range:"(0, inf)" help:"of Adam"`
	Seed         int64   `role:"fixed" help:"of initial weights and order"`
	Devices      int     `role:"fixed" range:"[1, inf)" help:"devices that share every batch"`
}

// TrainKnobs are those of the experiment.
type TrainKnobs struct {
	TrainConfig
	Data DataConfig
}

// TrainKnobs of the lesson.
func (c Config) TrainKnobs() TrainKnobs { return TrainKnobs{c.Train, c.Data} }

// Validate checks that there is a batch of pictures.
func (c TrainKnobs) Validate() error { return c.Data.checkBatch(c.BatchSize) }

// Input is the shape of a batch of pictures.
func (c TrainConfig) Input() shapes.Shape { return batchOf(32) }

// TrainMeasurement is the main net after its training.
type TrainMeasurement struct {
	DataSet   string
	CIFAR10   bool
	Pictures  int // trained on
	BatchSize int
	History   fit.History
	Name      string            // of a net of the reader's own
	Yours     *TrainMeasurement // the reader's net; nil without one
	Samples   datasets.Images   // some of each class
	ShownMaps []StageMaps       // what the stages make of one test picture
}

// measureTrain trains the main net, and the reader's own where there is one, and scores
// them after every epoch on the test pictures, which the sheet calls validation.
func measureTrain(ctx context.Context, backend compute.Backend, c TrainKnobs) (TrainMeasurement, error) {
	pictures, err := c.Data.load(ctx)
	if err != nil {
		return TrainMeasurement{}, err
	}
	train, test := pictures.train, pictures.test
	trained := TrainMeasurement{
		DataSet: train.Name, CIFAR10: c.Data.CIFAR10, Pictures: train.Len(), BatchSize: c.BatchSize, Samples: samplesOf(train),
	}
	if c.Own.Network != nil {
		yours := trained
		yours.Name, trained.Yours = c.Own.Name, &yours
		if yours.History, err = c.train(ctx, backend, c.Own.Network, c.Own.Name, pictures, nil); err != nil {
			return trained, err
		}
	}
	trained.History, err = c.train(ctx, backend, c.Net.Network(), "training", pictures, func(net *fit.Classifier) error {
		trained.ShownMaps, err = stageMaps(ctx, net, c.Net, test.Take(1))
		return err
	})
	return trained, err
}

// train trains a network, and then does with the net what is left to do, if anything.
func (c TrainConfig) train(ctx context.Context, backend compute.Backend, network fit.Network, task string, p pictures, then func(*fit.Classifier) error) (fit.History, error) {
	data, validation := fit.ImageData(p.train), fit.ImageData(p.test)
	net, err := fit.NewParallelClassifier(backend, c.Devices, network, data, c.BatchSize, optimizer.Adam().LearningRate(c.LearningRate).Done())
	if err != nil {
		return fit.History{}, err
	}
	defer net.Finalize()
	history, err := net.Train(ctx, data, fit.Training{
		Task: task + " on " + p.train.Name, Seed: c.Seed, Epochs: c.Epochs, Validation: &validation,
	})
	if err == nil && then != nil {
		err = then(net)
	}
	return history, err
}

// whole reports whether the training was as large as the sheet's: ten epochs
// of all 50,000 pictures in batches of 32, but for the last one of 16.
func (t TrainMeasurement) whole() bool {
	epochs := t.History.Epochs
	return t.CIFAR10 && len(epochs) >= len(sheet.ValidationAccuracy) && epochs[0].Steps >= sheetSteps-1
}

// sheet holds what the homework's answer sheet printed while its net trained
// on CIFAR-10: 10 epochs of 1,563 steps with batches of 32. Fractions, 0–1.
var sheet = struct {
	Accuracy           []float64 // of training, by epoch
	ValidationAccuracy []float64
	ValidationLoss     []float64
}{
	Accuracy:           []float64{.4684, .6139, .6714, .7071, .7336, .7543, .7703, .7852, .7991, .8106},
	ValidationAccuracy: []float64{.5467, .6389, .6690, .6798, .7192, .7152, .7234, .7243, .7263, .7343},
	ValidationLoss:     []float64{1.2433, 1.0235, .9642, .9071, .8158, .8302, .8055, .8261, .8116, .8003},
}

// sheetBest is the sheet's last validation accuracy, the one to reach.
var sheetBest = sheet.ValidationAccuracy[len(sheet.ValidationAccuracy)-1]

// sheetSteps are the steps of one epoch: 50,000 pictures in batches of 32, the
// last one of 16.
const sheetSteps = 1563

func judgeTarget(t TrainMeasurement) claim.Finding {
	if !t.CIFAR10 {
		return claim.Finding{Decision: claim.Missing(), Evidence: fmt.Sprintf("Needs CIFAR-10; this run used %s.", t.DataSet)}
	}
	best, at := bestOf(t.History)
	finding := claim.Finding{
		Decision: claim.Holds(best >= sheetBest),
		Evidence: fmt.Sprintf("Validation accuracy reaches %.4f in epoch %d; the sheet ends at %.4f.", best, at, sheetBest),
		Samples:  1,
	}
	if best < sheetBest && !t.whole() {
		finding.Decision = claim.Open()
		finding.Evidence += " This run was smaller than the sheet's."
	}
	return finding
}

// bestOf is the highest validation accuracy within the sheet's number of epochs, with
// its epoch from 1.
func bestOf(h fit.History) (best float64, at int) {
	for i, epoch := range h.Epochs[:min(len(h.Epochs), len(sheet.ValidationAccuracy))] {
		if epoch.Validation.Accuracy > best {
			best, at = epoch.Validation.Accuracy, i+1
		}
	}
	return best, at
}

func trainRules() []claim.Rule[TrainMeasurement] {
	return []claim.Rule[TrainMeasurement]{
		claim.ExactRule("q7.t", "Q7 results",
			"A small net of Inception modules reaches a validation accuracy of .7343 on CIFAR-10 within 10 epochs.",
			fmt.Sprintf("one run of %d epochs on all of CIFAR-10 with batches of 32 gets to %.4f: that it can be reached needs one witness", len(sheet.ValidationAccuracy), sheetBest),
			claim.Supported, judgeTarget).From("2026-11-23"),
	}
}

// table is the training epoch by epoch; beside the sheet's when the net was
// trained on CIFAR-10.
func (t TrainMeasurement) table() report.Table {
	rows := report.Table{
		ID: "training", Title: "Training on " + t.DataSet,
		Columns: []string{"epoch", "steps", "seconds", "training loss", "training accuracy", "validation loss", "validation accuracy"},
	}
	if t.CIFAR10 {
		rows.Title += ", beside the sheet"
		rows.Headline = true
		rows.Columns = append(rows.Columns, "sheet: training accuracy", "sheet: validation loss", "sheet: validation accuracy")
	}
	if t.Yours != nil {
		rows.Columns = append(rows.Columns, t.Yours.Name+": validation accuracy")
	}
	rows.Title += t.remainder()
	for i, e := range t.History.Epochs {
		row := []string{
			fmt.Sprint(i + 1), fmt.Sprint(e.Steps), fmt.Sprintf("%.1f", e.Seconds), fmt.Sprintf("%.4f", e.Loss),
			fmt.Sprintf("%.4f", e.Accuracy), fmt.Sprintf("%.4f", e.Validation.Loss), fmt.Sprintf("%.4f", e.Validation.Accuracy),
		}
		if t.CIFAR10 {
			row = append(row, ofEpoch(sheet.Accuracy, i), ofEpoch(sheet.ValidationLoss, i), ofEpoch(sheet.ValidationAccuracy, i))
		}
		if t.Yours != nil {
			row = append(row, ofEpoch(validations(t.Yours.History), i))
		}
		rows.Rows = append(rows.Rows, row)
	}
	return rows
}

// remainder says which pictures an epoch leaves out, if any: those that fill no
// whole batch. Keras trains them as one more, smaller batch.
func (t TrainMeasurement) remainder() string {
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

// validations are the validation accuracies by epoch.
func validations(h fit.History) []float64 {
	values := make([]float64, len(h.Epochs))
	for i, e := range h.Epochs {
		values[i] = e.Validation.Accuracy
	}
	return values
}

// ofEpoch is the value of an epoch, where there is one: the sheet has ten.
func ofEpoch(values []float64, epoch int) string {
	if epoch >= len(values) {
		return "–"
	}
	return fmt.Sprintf("%.4f", values[epoch])
}

// accuracyChart shows accuracy against epochs.
func (t TrainMeasurement) accuracyChart() report.Chart {
	chart := report.Chart{
		ID: "accuracy", Title: "Accuracy while training on " + t.DataSet, Mark: report.Line, XLabel: "epoch", YLabel: "accuracy",
		Alt: "Training and validation accuracy against the epochs: higher is better.",
	}
	training, validation := report.Curve{Name: "training"}, report.Curve{Name: "validation"}
	for i, e := range t.History.Epochs {
		training.Add(float64(i+1), e.Accuracy)
		validation.Add(float64(i+1), e.Validation.Accuracy)
	}
	chart.Curves = []report.Curve{training, validation}
	if t.Yours != nil {
		chart.Alt = "Training and validation accuracy of both nets against the epochs: higher is better."
		chart.Curves = append(chart.Curves, epochCurve(t.Yours.Name+": validation", validations(t.Yours.History)))
	}
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

// lossChart shows the loss of the steps, as means over a hundredth of the
// training, with the validation loss after each epoch.
func (t TrainMeasurement) lossChart() report.Chart {
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
		Alt: "Training loss against the steps, with the validation loss after each epoch: lower is better.", Curves: []report.Curve{steps, validation},
	}
}

// MainNet is the experiment.
var MainNet = experiment.Experiment[TrainKnobs, TrainMeasurement]{
	Name: "Train", Timed: true, Title: "A net of two modules, trained",
	Measure: measureTrain, Rules: trainRules(),
	Figures: func(_ TrainKnobs, t TrainMeasurement) (report.Figures, error) {
		figures := report.Figures{
			Charts: []report.Chart{t.accuracyChart(), t.lossChart()},
			Tables: []report.Table{t.table()},
		}
		if t.Yours != nil {
			figures.Tables = append(figures.Tables, experiment.Yours(t.Yours.Name, trainRules(), t, *t.Yours))
		}
		if t.ShownMaps == nil { // the training was interrupted
			return figures, nil
		}
		samples, err := samplesPicture(t.Samples)
		if err != nil {
			return figures, err
		}
		maps, err := mapsPicture(t.ShownMaps)
		figures.Pictures = []report.Picture{samples, maps}
		return figures, err
	},
}
