package imageclass

import (
	"context"
	"fmt"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/datasets"
	"evident/datasets/audit"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// TrainConfig is the training in the shape of the sheet's: 75 steps with
// batches of 32, 10 times. All experiments use its net, batches and rate.
type TrainConfig struct {
	Net          Net
	Epochs       int     `role:"fixed" range:"[1, inf)" help:"passes over the training pictures"`
	BatchSize    int     `role:"fixed" range:"[1, inf)" help:"pictures of a batch"`
	LearningRate float64 `role:"fixed" range:"(0, inf)" help:"of Adam"`
	Seeds        []int64 `role:"averaged" help:"of heads, initial weights and order"`
}

// TrainKnobs are those of the experiment.
type TrainKnobs struct {
	TrainConfig
	Data DataConfig
}

// TrainKnobs of the lesson.
func (c Config) TrainKnobs() TrainKnobs { return TrainKnobs{c.Train, c.Data} }

// Validate checks that drawn heads fill a batch and are large enough for the net.
func (c TrainKnobs) Validate() error { return c.Data.checkDrawn(c.BatchSize, "Net", c.Net) }

// TrainMeasurement is the net after its trainings, one for each seed, and what it is
// compared with.
type TrainMeasurement struct {
	DataSet   string
	Classes   []string
	Train     int // pictures
	BatchSize int
	Runs      []SeedOutcome
	Shown     Shown // of the first seed
	Own       bool  // the reader's own pictures
}

// SeedOutcome is what one seed came to.
type SeedOutcome struct {
	Untrained Untrained
	History   fit.History
	Outcome   Outcome
	Test      Outcome // on the test set; empty for own pictures
	Linear    float64 // validation accuracy of logistic regression on the pixels
	Majority  float64 // validation accuracy of the guess that never looks
	Pointing  Pointing
}

// Shown is what is drawn of one seed.
type Shown struct {
	Pictures Pictures
	Outcome  Outcome
	Maps     []SaliencyMap // of the validation pictures
}

// adam is the optimizer of all trainings.
func (c TrainConfig) adam() optimizer.Interface {
	return optimizer.Adam().LearningRate(c.LearningRate).Done()
}

// classifier compiles the net for pictures like those of the set.
func (c TrainConfig) classifier(backend compute.Backend, network fit.Network, set datasets.Images) (*fit.Classifier, error) {
	return fit.NewClassifier(backend, network, fit.ImageData(set), c.BatchSize, c.adam())
}

// compile compiles a net as a recipe has it, for [fit.BySeed].
func (c TrainConfig) compile(n Net, r recipe, set datasets.Images) func(compute.Backend) (*fit.Classifier, error) {
	return func(backend compute.Backend) (*fit.Classifier, error) {
		return c.classifier(backend, n.network(r), set)
	}
}

// measureTrain trains the net from every seed, and scores it and what it is
// compared with on pictures that it has not seen.
func measureTrain(ctx context.Context, backend compute.Backend, c TrainKnobs) (TrainMeasurement, error) {
	first, err := c.Data.open(ctx, c.TrainConfig, c.Seeds[0])
	if err != nil {
		return TrainMeasurement{}, err
	}
	open := func(backend compute.Backend) (rivals, error) { return c.rivals(backend, first.Train) }
	runs, err := fit.BySeed(ctx, backend, c.Seeds, open, func(ctx context.Context, r rivals, seed int64) (seedRun, error) {
		return c.measure(ctx, r, seed)
	})
	return c.measurement(first, runs), err
}

// measurement puts together what the seeds came to, on pictures like the first.
func (c TrainConfig) measurement(first Pictures, runs []seedRun) TrainMeasurement {
	trained := TrainMeasurement{
		DataSet: first.name(), Classes: first.Train.Classes, Train: first.Train.Len(), BatchSize: c.BatchSize,
		Shown: runs[0].shown, Own: first.Folder != nil,
	}
	for _, run := range runs {
		trained.Runs = append(trained.Runs, run.facts)
	}
	return trained
}

// rivals are the net, with its saliency, and logistic regression on the pixels.
type rivals struct {
	net, pixels *fit.Classifier
	saliency    *fit.Program
}

func (c TrainConfig) rivals(backend compute.Backend, set datasets.Images) (r rivals, err error) {
	if r.net, err = c.classifier(backend, c.Net.network(plain), set); err != nil {
		return r, err
	}
	if r.saliency, err = r.net.Program(c.Net.saliency(plain)); err != nil {
		return r, err
	}
	r.pixels, err = c.classifier(backend, linear, set)
	return r, err
}

// Finalize frees them.
func (r rivals) Finalize() {
	r.saliency.Finalize()
	r.net.Finalize()
	r.pixels.Finalize()
}

// seedRun is what one seed came to, and what could be drawn of it.
type seedRun struct {
	facts SeedOutcome
	shown Shown
}

// measure trains and scores from one seed.
func (c TrainKnobs) measure(ctx context.Context, r rivals, seed int64) (seedRun, error) {
	p, err := c.Data.of(ctx, seed)
	if err != nil {
		return seedRun{}, err
	}
	before, err := untrained(ctx, r.net, seed, fit.ImageData(p.Validation))
	if err != nil {
		return seedRun{}, err
	}
	run, err := c.train(ctx, r.net, seed, p, fit.Checkpoint{})
	if err != nil {
		return run, err
	}
	facts := &run.facts
	facts.Untrained = before
	if facts.Test, err = c.Data.outcomeOnTest(ctx, r.net, seed); err != nil {
		return run, err
	}
	if run.shown.Maps, err = saliencyMaps(ctx, r.saliency, p.Validation); err != nil {
		return run, err
	}
	facts.Pointing = pointing(run.shown.Maps, p.Lesions, facts.Outcome)
	if _, err = r.pixels.Train(ctx, fit.ImageData(p.Train), fit.Training{Task: fmt.Sprintf("logistic regression, seed %d", seed), Seed: seed, Epochs: c.Epochs}); err != nil {
		return run, err
	}
	score, err := r.pixels.Evaluate(ctx, fit.ImageData(p.Validation))
	facts.Linear = score.Accuracy
	return run, err
}

// train trains the net from one seed, and scores it on the validation pictures.
// A checkpoint with a file keeps the state of the training there.
func (c TrainConfig) train(ctx context.Context, net *fit.Classifier, seed int64, p Pictures, checkpoint fit.Checkpoint) (run seedRun, err error) {
	facts := SeedOutcome{Majority: audit.Majority(p.Validation)}
	data, validation := fit.ImageData(p.Train), fit.ImageData(p.Validation)
	facts.History, err = net.Train(ctx, data, fit.Training{Task: fmt.Sprintf("training, seed %d", seed), Seed: seed, Epochs: c.Epochs, Validation: &validation, Checkpoint: checkpoint})
	if err != nil {
		return run, err
	}
	facts.Outcome, err = outcomeOf(ctx, net, p)
	return seedRun{facts, Shown{Pictures: p, Outcome: facts.Outcome}}, err
}

// outcomeOnTest is what the net makes of the test set of the seed.
func (c DataConfig) outcomeOnTest(ctx context.Context, net *fit.Classifier, seed int64) (Outcome, error) {
	p, err := c.test(seed)
	if err != nil || p.Validation.Len() == 0 {
		return Outcome{}, err
	}
	return outcomeOf(ctx, net, p)
}

// outcomeOf is what the net makes of the validation pictures.
func outcomeOf(ctx context.Context, net *fit.Classifier, p Pictures) (Outcome, error) {
	logits, err := net.Logits(ctx, fit.ImageData(p.Validation))
	return newOutcome(logits, p), err
}

// each is one number a seed.
func (t TrainMeasurement) each(of func(SeedOutcome) float64) []float64 {
	all := make([]float64, len(t.Runs))
	for i, run := range t.Runs {
		all[i] = of(run)
	}
	return all
}

// Accuracy is that on the validation pictures after the last epoch, by seed.
func (t TrainMeasurement) Accuracy() []float64 {
	return t.each(func(r SeedOutcome) float64 { return r.Outcome.Confusion().Accuracy().Value })
}

// confusion adds the counts of all seeds.
func (t TrainMeasurement) confusion() Confusion {
	var all Confusion
	for _, run := range t.Runs {
		all = all.plus(run.Outcome.Confusion())
	}
	return all
}

// together are the answers of all seeds as if they were of one net.
func (t TrainMeasurement) together() Outcome {
	var all Outcome
	for _, run := range t.Runs {
		all.Scores = append(all.Scores, run.Outcome.Scores...)
		all.Positive = append(all.Positive, run.Outcome.Positive...)
	}
	return all
}

func seconds(e fit.Epoch) float64 { return e.Seconds }

func trainingLoss(e fit.Epoch) float64 { return e.Loss }

func trainingAccuracy(e fit.Epoch) float64 { return e.Accuracy }

func validationLoss(e fit.Epoch) float64 { return e.Validation.Loss }

func validationAccuracy(e fit.Epoch) float64 { return e.Validation.Accuracy }

// atEpoch is one number of an epoch, from 0, by seed.
func (t TrainMeasurement) atEpoch(epoch int, of func(fit.Epoch) float64) []float64 {
	return t.each(func(r SeedOutcome) float64 { return of(r.History.Epochs[epoch]) })
}

// sheet holds what the homework's answer sheet printed while its net trained:
// 10 epochs of 75 steps with batches of 32. Losses in nats, accuracies as
// fractions.
var sheet = struct {
	Loss, Accuracy                     []float64 // of training, by epoch
	ValidationLoss, ValidationAccuracy []float64
}{
	Loss:               []float64{10.2729, .1671, .0635, .0273, .0370, .0122, .0047, .0017, 6.1118e-4, 3.3332e-4},
	Accuracy:           []float64{.7942, .9458, .9842, .9933, .9887, .9971, .9996, 1, 1, 1},
	ValidationLoss:     []float64{.2634, .1710, .1853, .1847, .1597, .1962, .1788, .1839, .1898, .1917},
	ValidationAccuracy: []float64{.9117, .9550, .9567, .9667, .9717, .9733, .9750, .9750, .9733, .9733},
}

// sheetLast is the sheet's validation accuracy after its last epoch.
var sheetLast = sheet.ValidationAccuracy[len(sheet.ValidationAccuracy)-1]

const (
	band       = 0.97 // validation accuracy that counts as the sheet's .9733
	linearMost = 0.75 // accuracy of a linear model above which the task is no test of a net
	guessMost  = 0.51 // of the guess that never looks, on balanced data
)

func judgeBand(t TrainMeasurement) claim.Finding {
	accuracy := claim.EstimateMean(t.Accuracy())
	pixels := claim.EstimateMean(t.each(func(r SeedOutcome) float64 { return r.Linear }))
	guess := claim.EstimateMean(t.each(func(r SeedOutcome) float64 { return r.Majority }))
	finding := claim.Finding{
		Decision: accuracy.Above(band),
		Evidence: fmt.Sprintf("Validation accuracy on %s is %s, by seed %s, after %d steps; the sheet has %.4f. Logistic regression on the pixels gets %s, a guess %.2f.",
			t.DataSet, accuracy, listed(t.Accuracy(), "%.4f"), t.steps(), sheetLast, pixels, guess.Mean),
		Samples: accuracy.N,
	}
	if !t.Own {
		finding.Decision = claim.All(finding.Decision, pixels.Below(linearMost), claim.Holds(guess.Mean < guessMost))
	}
	return finding
}

// steps of one training, the longest.
func (t TrainMeasurement) steps() int {
	steps := 0
	for _, run := range t.Runs {
		steps = max(steps, len(run.History.Losses))
	}
	return steps
}

// listed writes one number a seed.
func listed(values []float64, format string) string {
	var texts []string
	for _, v := range values {
		texts = append(texts, fmt.Sprintf(format, v))
	}
	return strings.Join(texts, " ")
}

const missedBy = 0.02 // fraction of lesions that are missed more in the weakest third

func judgeErrors(t TrainMeasurement) claim.Finding {
	all := t.confusion()
	auc := claim.EstimateMean(t.each(func(r SeedOutcome) float64 { return AUC(r.Outcome.Scores, r.Outcome.Positive).Value }))
	evidence := fmt.Sprintf("Over all seeds the accuracy is %.4f, with %d positives missed and %d false alarms; AUC %s; calibration error %.3f.",
		all.Accuracy().Value, all.FalseNegative, all.FalsePositive, auc, t.calibration().Mean)
	weakest, strongest := t.missed(0), t.missed(thirds-1)
	if weakest == nil {
		return claim.Finding{Decision: claim.Open(), Evidence: evidence + " How well its lesions can be seen is known of drawn heads alone.", Samples: len(t.Runs)}
	}
	gap := claim.EstimateDifference(weakest, strongest)
	return claim.Finding{
		Decision: gap.Above(missedBy),
		Evidence: evidence + fmt.Sprintf(" Of %d lesions of the test set of every seed, %s of the weakest third are missed and %s of the strongest; the difference is %s. The most salient pixel lies in the lesion in %.0f %% of the lesions found, by chance in %.0f %%.",
			t.Runs[0].Test.positives(), claim.EstimateMean(weakest), claim.EstimateMean(strongest), gap, 100*t.hits(), 100*t.chance()),
		Samples: gap.N,
	}
}

func (t TrainMeasurement) calibration() claim.Estimate {
	return claim.EstimateMean(t.each(func(r SeedOutcome) float64 { return r.Outcome.CalibrationError() }))
}

// missed is the fraction of lesions missed in a third of them, by seed; nil where
// their strength is not known.
func (t TrainMeasurement) missed(third int) []float64 {
	var all []float64
	for _, run := range t.Runs {
		missed := run.Test.Missed()
		if missed == nil {
			return nil
		}
		all = append(all, missed[third])
	}
	return all
}

func (t TrainMeasurement) hits() float64 {
	return claim.EstimateMean(t.each(func(r SeedOutcome) float64 { return r.Pointing.Fraction() })).Mean
}

func (t TrainMeasurement) chance() float64 {
	return claim.EstimateMean(t.each(func(r SeedOutcome) float64 { return r.Pointing.Chance })).Mean
}

func trainRules() []claim.Rule[TrainMeasurement] {
	return []claim.Rule[TrainMeasurement]{
		claim.SampledRule("q4.1", "Q4 results",
			"A small convolutional net tells the two classes of pictures apart with a validation accuracy of .9733 after 10 epochs.",
			fmt.Sprintf("validation accuracy after the last epoch is above %g (95 %% interval), on pictures where a linear model stays below %g and a guess below %g", band, linearMost, guessMost),
			claim.Supported, judgeBand),
		claim.SampledRule("q4.4", "Q4 results",
			"The accuracy alone hides which errors are made.",
			fmt.Sprintf("the weakest third of the lesions of a test set, by contrast times area, is missed more often than the strongest third, by over %g (95 %% interval)", missedBy),
			claim.Supported, judgeErrors),
	}
}

// Table is the training epoch by epoch, as means over the seeds, beside the
// sheet's.
func (t TrainMeasurement) Table() report.Table {
	rows := report.Table{
		ID: "training", Title: fmt.Sprintf("Training on %s, beside the sheet's; %s", t.DataSet, t.seeds("means over")), Headline: true,
		Columns: []string{
			"epoch", "steps", "seconds", "training loss", "sheet", "training accuracy", "sheet ", "validation loss", " sheet", "validation accuracy", " sheet ",
		},
	}
	for i := range t.epochs() {
		mean := func(of func(fit.Epoch) float64) claim.Estimate { return claim.EstimateMean(t.atEpoch(i, of)) }
		rows.Rows = append(rows.Rows, []string{
			fmt.Sprint(i + 1), fmt.Sprint(t.Runs[0].History.Epochs[i].Steps), fmt.Sprintf("%.2f", mean(seconds).Mean),
			fmt.Sprintf("%.4f", mean(trainingLoss).Mean), ofSheet(sheet.Loss, i, "%.4g"),
			fmt.Sprintf("%.4f", mean(trainingAccuracy).Mean), ofSheet(sheet.Accuracy, i, "%.4f"),
			fmt.Sprintf("%.4f", mean(validationLoss).Mean), ofSheet(sheet.ValidationLoss, i, "%.4f"),
			ranged(mean(validationAccuracy)), ofSheet(sheet.ValidationAccuracy, i, "%.4f"),
		})
	}
	return rows
}

// seeds says how many there are, or which one.
func (t TrainMeasurement) seeds(over string) string {
	if len(t.Runs) == 1 {
		return fmt.Sprintf("seed %d", t.Runs[0].History.Seed)
	}
	return fmt.Sprintf("%s %d seeds", over, len(t.Runs))
}

// ranged writes a fraction with its interval to four digits, as the sheet does.
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
func (t TrainMeasurement) epochs() int {
	least := 0
	for i, run := range t.Runs {
		if done := len(run.History.Epochs); i == 0 || done < least {
			least = done
		}
	}
	return least
}

// AccuracyChart shows accuracy against epochs, with the sheet's.
func (t TrainMeasurement) AccuracyChart() report.Chart {
	return report.Chart{
		ID: "accuracy", Title: "Accuracy while training on " + t.DataSet, Mark: report.Line, XLabel: "epoch", YLabel: "accuracy",
		Alt:    "Training and validation accuracy against the epochs, beside the sheet's validation accuracy: higher is better.",
		Curves: []report.Curve{t.curve("training", trainingAccuracy), t.curve("validation", validationAccuracy), sheetCurve("sheet: validation", sheet.ValidationAccuracy)},
		Rules:  []report.Reference{{Name: "sheet's last", Y: sheetLast}},
	}
}

// LossChart shows the losses against epochs, with the sheet's.
func (t TrainMeasurement) LossChart() report.Chart {
	return report.Chart{
		ID: "loss", Title: "Loss while training on " + t.DataSet, Mark: report.Line, XLabel: "epoch", YLabel: "cross-entropy (nats)", LogY: true,
		Alt: "Training and validation loss against the epochs on a logarithmic axis, beside the sheet's: lower is better.",
		Curves: []report.Curve{
			t.logCurve("training", trainingLoss), t.logCurve("validation", validationLoss),
			sheetCurve("sheet: training", sheet.Loss), sheetCurve("sheet: validation", sheet.ValidationLoss),
		},
	}
}

// curve is a number of every epoch, over the seeds.
func (t TrainMeasurement) curve(name string, of func(fit.Epoch) float64) report.Curve {
	curve := report.Curve{Name: name}
	for i := range t.epochs() {
		curve.AddEstimate(float64(i+1), t.atEpoch(i, of))
	}
	return curve
}

// logCurve is a curve for a logarithmic axis.
func (t TrainMeasurement) logCurve(name string, of func(fit.Epoch) float64) report.Curve {
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

// ConfusionTable counts the answers of all seeds.
func (t TrainMeasurement) ConfusionTable() report.Table {
	c, negative, positive := t.confusion(), t.Classes[0], t.Classes[1]
	return report.Table{
		ID: "confusion", Title: "Confusion matrix on the validation pictures, " + t.seeds("added up over"),
		Columns: []string{"", "net says " + negative, "net says " + positive, "right, with 95 % interval"},
		Rows: [][]string{
			{"it is " + negative, fmt.Sprint(c.TrueNegative), fmt.Sprint(c.FalsePositive), "specificity " + c.Specificity().String()},
			{"it is " + positive, fmt.Sprint(c.FalseNegative), fmt.Sprint(c.TruePositive), "sensitivity " + c.Sensitivity().String()},
		},
	}
}

// scoreTable lists what the accuracy does not say, seed by seed.
func (t TrainMeasurement) scoreTable() report.Table {
	rows := report.Table{
		ID: "scores", Title: "One net a seed, scored in several ways; intervals are over pictures",
		Columns: []string{"seed", "accuracy", "sensitivity", "specificity", "AUC (DeLong)", "calibration error", "logistic regression", "guess"},
	}
	for _, run := range t.Runs {
		c := run.Outcome.Confusion()
		rows.Rows = append(rows.Rows, []string{
			fmt.Sprint(run.History.Seed), c.Accuracy().String(), c.Sensitivity().String(), c.Specificity().String(),
			AUC(run.Outcome.Scores, run.Outcome.Positive).String(), fmt.Sprintf("%.4f", run.Outcome.CalibrationError()),
			fmt.Sprintf("%.4f", run.Linear), fmt.Sprintf("%.4f", run.Majority),
		})
	}
	return rows
}

// ROCChart shows the ROC curve of the first seed.
func (t TrainMeasurement) ROCChart() report.Chart {
	o := t.Shown.Outcome
	curve, guess := report.Curve{Name: "the net"}, report.Curve{Name: "guessing"}
	falsePositive, truePositive := ROC(o.Scores, o.Positive)
	for i := range falsePositive {
		// Points on a straight line between their neighbours are left out.
		last := i+1 == len(falsePositive)
		if i == 0 || last || falsePositive[i] != falsePositive[i-1] || falsePositive[i+1] != falsePositive[i] {
			curve.Add(falsePositive[i], truePositive[i])
		}
	}
	guess.Add(0, 0)
	guess.Add(1, 1)
	return report.Chart{
		ID: "roc", Title: fmt.Sprintf("ROC of the first seed: AUC %s", AUC(o.Scores, o.Positive)), Mark: report.Line,
		XLabel: "fraction of " + t.Classes[0] + " taken for " + t.Classes[1], YLabel: "fraction of " + t.Classes[1] + " found",
		Alt: "The rate of true against the rate of false positives, beside the diagonal of a guess: the closer to the upper left corner, the better.", Curves: []report.Curve{curve, guess},
	}
}

// reliabilityChart shows whether probabilities mean what they say, over all
// seeds.
func (t TrainMeasurement) reliabilityChart() report.Chart {
	all := t.together()
	curve, ideal := report.Curve{Name: "the nets"}, report.Curve{Name: "as it should be"}
	for _, bin := range all.Reliability() {
		if bin.Count > 0 {
			curve.Add(bin.Held, bin.Observed)
			fraction := Fraction(int(bin.Observed*float64(bin.Count)+0.5), bin.Count)
			curve.Low, curve.High = append(curve.Low, fraction.Low), append(curve.High, fraction.High)
		}
	}
	ideal.Add(0, 0)
	ideal.Add(1, 1)
	return report.Chart{
		ID: "reliability", Title: fmt.Sprintf("Calibration over all seeds: error %.3f", all.CalibrationError()), Mark: report.Line,
		XLabel: "probability that the net gives " + t.Classes[1], YLabel: "fraction that is " + t.Classes[1],
		Alt: "The fraction of positives against the probability, in ten bins, beside the diagonal: the closer to it, the better calibrated.", Curves: []report.Curve{curve, ideal},
	}
}

// missedChart shows which lesions are missed.
func (t TrainMeasurement) missedChart() report.Chart {
	curve := report.Curve{Name: "missed"}
	for third := range thirds {
		curve.AddEstimate(float64(third), t.missed(third))
	}
	return report.Chart{
		ID: "missed", Title: "Which lesions are missed", Mark: report.Bars, XLabel: "lesions, by contrast times area", YLabel: "fraction missed",
		Categories: []string{"weakest third", "middle third", "strongest third"},
		Alt:        "Bars of the fraction of lesions missed, for the weakest, the middle and the strongest third: lower is better.", Curves: []report.Curve{curve},
	}
}

// Describe draws the net for the pictures, and lists its layers.
func Describe(n Net, p Pictures) (report.Diagram, report.Table, error) {
	net := n.Model(p.Train.Height, p.Train.Width, p.Train.Channels)
	summary, err := net.Summarize()
	if err != nil {
		return report.Diagram{}, report.Table{}, err
	}
	diagram, err := net.Diagram("net", "The net")
	return diagram, summary.Table("summary"), err
}

// figures shows the measurement, the net and its pictures.
func (t TrainMeasurement) figures(c TrainKnobs) (report.Figures, error) {
	pictures := t.Shown.Pictures
	diagram, summary, err := Describe(c.Net, pictures)
	if err != nil {
		return report.Figures{}, err
	}
	figures := report.Figures{
		Tables:   []report.Table{t.Table(), pictures.Table(), summary, t.ConfusionTable(), t.scoreTable()},
		Charts:   []report.Chart{t.AccuracyChart(), t.LossChart(), t.ROCChart(), t.reliabilityChart()},
		Diagrams: []report.Diagram{diagram},
	}
	if t.missed(0) != nil {
		figures.Charts = append(figures.Charts, t.missedChart())
	}
	for _, picture := range []func() (report.Picture, error){pictures.SamplesPicture, t.MistakesPicture, t.SaliencyPicture} {
		drawn, err := picture()
		if err != nil {
			return figures, err
		}
		figures.Pictures = append(figures.Pictures, drawn)
	}
	return figures, nil
}

// SmallNet is the experiment.
var SmallNet = experiment.Experiment[TrainKnobs, TrainMeasurement]{
	Name: "Train", Timed: true, Title: "A small net, trained from every seed",
	Measure: measureTrain, Rules: trainRules(),
	Figures: func(c TrainKnobs, t TrainMeasurement) (report.Figures, error) { return t.figures(c) },
}
