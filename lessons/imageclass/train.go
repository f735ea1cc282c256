package imageclass

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
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
	Own          fit.Own `json:",omitzero" role:"compared" help:"a net of your own, trained beside: pictures [batch, height, width, channels] in uint8 to logits [batch, 2]"`
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

// Input is the shape of a batch of heads. Measurements of the reader's own pictures are not kept.
func (TrainConfig) Input() shapes.Shape {
	heads := phantomSize()
	return shapes.Make(dtypes.Uint8, 2, heads.Height, heads.Width, heads.Channels)
}

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
	Shown     Shown             // of the first seed
	Own       bool              // the reader's own pictures
	Name      string            // of a net of the reader's own
	Yours     *TrainMeasurement // the reader's net, from the same seeds; nil without one
}

// SeedOutcome is what one seed came to.
type SeedOutcome struct {
	History  fit.History
	Outcome  Outcome // on the validation pictures
	Test     Outcome // on the test set; empty for own pictures
	Linear   float64 // validation accuracy of logistic regression on the pixels
	Majority float64 // validation accuracy of the guess that never looks
	Alive    []int   // filters and units of each layer that answer to some validation picture, after the first epoch
	Pointing Pointing
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

// compile compiles the net as a recipe has it, for [fit.BySeed].
func (c TrainConfig) compile(r recipe, set datasets.Images) func(compute.Backend) (*fit.Classifier, error) {
	return func(backend compute.Backend) (*fit.Classifier, error) {
		return c.classifier(backend, c.Net.network(r), set)
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
	trained := c.measurement(first, runs)
	if err == nil && c.Own.Network != nil {
		yours := trained
		yours.Name, yours.Runs, yours.Shown, trained.Yours = c.Own.Name, nil, Shown{}, &yours
		for _, run := range runs {
			yours.Runs = append(yours.Runs, run.yours)
		}
	}
	return trained, err
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

// rivals are the net, with its saliency, logistic regression on the pixels, and the reader's net.
type rivals struct {
	net      watched
	pixels   *fit.Classifier
	yours    *fit.Classifier // nil without one
	saliency *fit.Program
}

func (c TrainConfig) rivals(backend compute.Backend, set datasets.Images) (r rivals, err error) {
	if r.net, err = c.watch(backend, plain, set); err != nil {
		return r, err
	}
	if r.saliency, err = r.net.Program(c.Net.saliency(plain)); err != nil {
		return r, err
	}
	if r.pixels, err = c.classifier(backend, linear, set); err != nil || c.Own.Network == nil {
		return r, err
	}
	r.yours, err = c.classifier(backend, c.Own.Network, set)
	return r, err
}

// Finalize frees them.
func (r rivals) Finalize() {
	r.saliency.Finalize()
	r.net.Finalize()
	r.pixels.Finalize()
	if r.yours != nil {
		r.yours.Finalize()
	}
}

// seedRun is what one seed came to, and what could be drawn of it.
type seedRun struct {
	facts SeedOutcome
	shown Shown
	yours SeedOutcome // of the reader's net
}

// measure trains and scores from one seed.
func (c TrainKnobs) measure(ctx context.Context, r rivals, seed int64) (seedRun, error) {
	p, err := c.Data.of(ctx, seed)
	if err != nil {
		return seedRun{}, err
	}
	var alive []int
	run, err := c.train(ctx, r.net.Classifier, p, fit.Training{Seed: seed, AfterEpoch: func(h fit.History) (err error) {
		if len(h.Epochs) == 1 {
			alive, err = r.net.alive(ctx, c.Net, p.Validation)
		}
		return err
	}})
	if err != nil {
		return run, err
	}
	facts := &run.facts
	facts.Alive = alive
	if facts.Test, err = c.Data.outcomeOnTest(ctx, r.net.Classifier, seed); err != nil {
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
	if err != nil || r.yours == nil {
		return run, err
	}
	yours, err := c.train(ctx, r.yours, p, fit.Training{Task: c.Own.Name, Seed: seed})
	if err != nil {
		return run, err
	}
	run.yours = yours.facts
	run.yours.Linear = facts.Linear
	run.yours.Test, err = c.Data.outcomeOnTest(ctx, r.yours, seed)
	return run, err
}

// train trains the net from the seed of a training, and scores it on the validation
// pictures.
func (c TrainConfig) train(ctx context.Context, net *fit.Classifier, p Pictures, t fit.Training) (run seedRun, err error) {
	facts := SeedOutcome{Majority: audit.Majority(p.Validation)}
	data, validation := fit.ImageData(p.Train), fit.ImageData(p.Validation)
	t.Task, t.Epochs, t.Validation = fmt.Sprintf("%s, seed %d", cmp.Or(t.Task, "training"), t.Seed), c.Epochs, &validation
	if facts.History, err = net.Train(ctx, data, t); err != nil {
		return run, err
	}
	facts.Outcome, err = outcomeOf(ctx, net, p)
	return seedRun{facts: facts, shown: Shown{Pictures: p, Outcome: facts.Outcome}}, err
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

// final is what the nets are judged by: the test set, which no choice was made on,
// or the validation pictures where there is none.
func (r SeedOutcome) final() Outcome {
	if len(r.Test.Scores) > 0 {
		return r.Test
	}
	return r.Outcome
}

func accuracyOf(o Outcome) float64 { return o.Confusion().Accuracy().Value }

// Accuracy is that on the test set, or else on the validation pictures, after the
// last epoch, by seed.
func (t TrainMeasurement) Accuracy() []float64 {
	return t.each(func(r SeedOutcome) float64 { return accuracyOf(r.final()) })
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
	band       = 0.97 // accuracy that counts as the sheet's .9733
	mostNets   = 0.5  // fraction of nets: above it, a net gets there more often than not
	linearMost = 0.75 // accuracy of a linear model above which the task is no test of a net
	guessMost  = 0.51 // of the guess that never looks, on balanced data
)

// judgeBand counts the nets that get there. One that never starts is one that does
// not, no more and no less: in a mean of accuracies it would outweigh twenty others.
func judgeBand(t TrainMeasurement) claim.Finding {
	accuracy, reached, asleep := t.Accuracy(), make([]float64, len(t.Runs)), 0
	for i, run := range t.Runs {
		if accuracy[i] > band {
			reached[i] = 1
		}
		if len(run.History.Epochs) > 0 && started(run.History) == 0 {
			asleep++
		}
	}
	fraction, pictures := claim.EstimateFraction(reached, 1), len(t.Runs[0].Outcome.Scores)
	linear := claim.EstimateFraction(t.each(func(r SeedOutcome) float64 { return r.Linear }), pictures)
	guess := claim.EstimateMean(t.each(func(r SeedOutcome) float64 { return r.Majority })).Mean
	validation := t.each(func(r SeedOutcome) float64 { return accuracyOf(r.Outcome) })
	on := "a test set of"
	if t.Own {
		on = "the validation pictures,"
	}
	finding := claim.Finding{
		Decision: fraction.Above(mostNets),
		Evidence: fmt.Sprintf("After %d steps a fraction of %s of the nets is above %g on %s %d %s; by seed %s; never started: %d. The mean validation accuracy is %s; the sheet has %.4f. Logistic regression on the pixels gets %s, a guess %.2f.",
			t.steps(), fraction, band, on, len(t.Runs[0].final().Scores), t.DataSet, listed(accuracy, "%.4f"), asleep, claim.EstimateFraction(validation, pictures), sheetLast, linear, guess),
		Samples: fraction.N,
	}
	if !t.Own {
		finding.Decision = claim.All(finding.Decision, linear.Below(linearMost), claim.Holds(guess < guessMost))
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

// oftenerMissed is the odds ratio from which on it matters which lesions they are:
// for a patient the odds of being missed are twice those of another.
const oftenerMissed = 2.0

func judgeErrors(t TrainMeasurement) claim.Finding {
	all := t.confusion()
	evidence := fmt.Sprintf("Over all seeds the accuracy is %.4f, with %d positives missed and %d false alarms.", all.Accuracy().Value, all.FalseNegative, all.FalsePositive)
	weakest, strongest := t.missed(0, Group.logOdds), t.missed(thirds-1, Group.logOdds)
	if weakest == nil {
		return claim.Finding{Decision: claim.Missing(), Evidence: evidence + " How well lesions can be seen is known of drawn heads alone.", Samples: len(t.Runs)}
	}
	ratio := claim.EstimateDifference(weakest, strongest)
	return claim.Finding{
		Decision: ratio.Above(math.Log10(oftenerMissed)),
		Evidence: evidence + fmt.Sprintf(" Of the weakest third of the lesions %s are missed and of the strongest %s; the odds ratio is %s. The most salient pixel lies in the lesion in %.0f %% of the lesions found, by chance in %.0f %%.",
			t.missedText(0), t.missedText(thirds-1), powers(ratio), 100*t.hits(), 100*t.chance()),
		Samples: ratio.N,
	}
}

func (t TrainMeasurement) calibration() claim.Estimate {
	return claim.EstimateMean(t.each(func(r SeedOutcome) float64 { return r.final().CalibrationError() }))
}

// missed is a number of a third of the lesions of the test set, by seed; nil where
// their strength is not known.
func (t TrainMeasurement) missed(third int, of func(Group) float64) []float64 {
	var all []float64
	for _, run := range t.Runs {
		groups := run.Test.ByStrength()
		if groups == nil {
			return nil
		}
		all = append(all, of(groups[third]))
	}
	return all
}

// missedText is the fraction missed in a third, with its interval.
func (t TrainMeasurement) missedText(third int) string {
	return fractionText(t.missed(third, Group.fraction), t.Runs[0].Test.ByStrength()[third].Lesions)
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
			fmt.Sprintf("after the last epoch over %g of the nets, those that never start included, have an accuracy above %g on a test set (95 %% interval), on pictures where a linear model stays below %g and a guess below %g", mostNets, band, linearMost, guessMost),
			claim.Supported, judgeBand).Revised("2026-12-01", "counts nets on an untouched test set: a net that never started turned the mean validation accuracy; twelve nets, of which two may fail"),
		claim.SampledRule("q4.4", "Q4 results",
			"The accuracy alone hides which errors are made.",
			fmt.Sprintf("the odds of being missed, of the weakest third of the lesions of a test set, by contrast times area, are over %g times those of the strongest third (95 %% interval of the geometric mean)", oftenerMissed),
			claim.Supported, judgeErrors).Revised("2026-11-30", "an odds ratio in place of a difference, which hung on how many lesions are missed at all"),
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
	if t.Yours != nil {
		rows.Columns = append(rows.Columns, t.Yours.Name+": validation accuracy")
	}
	for i := range t.epochs() {
		mean := func(of func(fit.Epoch) float64) claim.Estimate { return claim.EstimateMean(t.atEpoch(i, of)) }
		rows.Rows = append(rows.Rows, []string{
			fmt.Sprint(i + 1), fmt.Sprint(t.Runs[0].History.Epochs[i].Steps), fmt.Sprintf("%.2f", mean(seconds).Mean),
			fmt.Sprintf("%.4f", mean(trainingLoss).Mean), ofSheet(sheet.Loss, i, "%.4g"),
			fmt.Sprintf("%.4f", mean(trainingAccuracy).Mean), ofSheet(sheet.Accuracy, i, "%.4f"),
			fmt.Sprintf("%.4f", mean(validationLoss).Mean), ofSheet(sheet.ValidationLoss, i, "%.4f"),
			fractionText(t.atEpoch(i, validationAccuracy), len(t.Runs[0].Outcome.Scores)), ofSheet(sheet.ValidationAccuracy, i, "%.4f"),
		})
		if yours := t.Yours; yours != nil {
			text := "–"
			if i < yours.epochs() {
				text = fractionText(yours.atEpoch(i, validationAccuracy), len(t.Runs[0].Outcome.Scores))
			}
			rows.Rows[i] = append(rows.Rows[i], text)
		}
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

// fractionText writes the mean of fractions of so many trials, one a seed, to four
// digits as the sheet does, with its interval if there are seeds for one.
func fractionText(values []float64, trials int) string {
	e := claim.EstimateFraction(values, trials)
	if e.N < claim.MinSamples {
		return fmt.Sprintf("%.4f", e.Mean)
	}
	return fmt.Sprintf("%.4f [%.4f, %.4f]", e.Mean, e.Low, e.High)
}

// meanText writes a mean with its interval if there are seeds for one, and nothing for
// what could not be measured.
func meanText(values []float64) string {
	if slices.ContainsFunc(values, math.IsNaN) {
		return "–"
	}
	e := claim.EstimateMean(values)
	if e.N < claim.MinSamples {
		return fmt.Sprintf("%.3g", e.Mean)
	}
	return e.String()
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
	chart := report.Chart{
		ID: "accuracy", Title: "Accuracy while training on " + t.DataSet, Mark: report.Line, XLabel: "epoch", YLabel: "accuracy",
		Alt:    "Training and validation accuracy against the epochs, beside the sheet's validation accuracy: higher is better.",
		Curves: []report.Curve{t.curve("training", trainingAccuracy, t.Train), t.curve("validation", validationAccuracy, len(t.Runs[0].Outcome.Scores)), sheetCurve("sheet: validation", sheet.ValidationAccuracy)},
		Rules:  []report.Reference{{Name: "sheet's last", Y: sheetLast}},
	}
	if t.Yours != nil {
		chart.Curves = append(chart.Curves, t.Yours.curve(t.Yours.Name+": validation", validationAccuracy, len(t.Runs[0].Outcome.Scores)))
	}
	return chart
}

// LossChart shows the losses against epochs, with the sheet's.
func (t TrainMeasurement) LossChart() report.Chart {
	chart := report.Chart{
		ID: "loss", Title: "Loss while training on " + t.DataSet, Mark: report.Line, XLabel: "epoch", YLabel: "cross-entropy (nats)", LogY: true,
		Alt: "Training and validation loss against the epochs on a logarithmic axis, beside the sheet's: lower is better.",
		Curves: []report.Curve{
			t.logCurve("training", trainingLoss), t.logCurve("validation", validationLoss),
			sheetCurve("sheet: training", sheet.Loss), sheetCurve("sheet: validation", sheet.ValidationLoss),
		},
	}
	if t.Yours != nil {
		chart.Curves = append(chart.Curves, t.Yours.logCurve(t.Yours.Name+": validation", validationLoss))
	}
	return chart
}

// curve is a fraction of the pictures at every epoch, over the seeds.
func (t TrainMeasurement) curve(name string, of func(fit.Epoch) float64, pictures int) report.Curve {
	curve := report.Curve{Name: name}
	for i := range t.epochs() {
		curve.AddFraction(float64(i+1), t.atEpoch(i, of), pictures)
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
		ID: "scores", Title: "One net a seed, scored in several ways on the test set if there is one; intervals are over pictures",
		Columns: []string{"seed", "starts in epoch", "validation accuracy", "test accuracy", "sensitivity", "specificity", "AUC (DeLong)", "calibration error", "logistic regression"},
	}
	rows.Rows = t.scoreRows("")
	if t.Yours != nil {
		rows.Rows = append(rows.Rows, t.Yours.scoreRows(", "+t.Yours.Name)...)
	}
	return rows
}

// scoreRows has a row for each seed, with the name of the net behind the seed.
func (t TrainMeasurement) scoreRows(net string) (rows [][]string) {
	for _, run := range t.Runs {
		test, start := "–", "never"
		if len(run.Test.Scores) > 0 {
			test = run.Test.Confusion().Accuracy().String()
		}
		if epoch := started(run.History); epoch > 0 {
			start = fmt.Sprint(epoch)
		}
		o, c := run.final(), run.final().Confusion()
		rows = append(rows, []string{
			fmt.Sprint(run.History.Seed) + net, start, run.Outcome.Confusion().Accuracy().String(), test, c.Sensitivity().String(), c.Specificity().String(),
			AUC(o.Scores, o.Positive).String(), fmt.Sprintf("%.4f", o.CalibrationError()), fmt.Sprintf("%.4f", run.Linear),
		})
	}
	return rows
}

// ROCChart shows the ROC curve of the answers of all seeds together.
func (t TrainMeasurement) ROCChart() report.Chart {
	o := t.together()
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
		ID: "roc", Title: fmt.Sprintf("ROC on the validation pictures, %s: AUC %.4f", t.seeds("over"), AUC(o.Scores, o.Positive).Value), Mark: report.Line,
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
		ID: "reliability", Title: fmt.Sprintf("Calibration over all seeds; the error of a net is %.3f on average", t.calibration().Mean), Mark: report.Line,
		XLabel: "probability that the net gives " + t.Classes[1], YLabel: "fraction that is " + t.Classes[1],
		Alt: "The fraction of positives against the probability, in ten bins, beside the diagonal: the closer to it, the better calibrated.", Curves: []report.Curve{curve, ideal},
	}
}

// missedChart shows which lesions are missed.
func (t TrainMeasurement) missedChart() report.Chart {
	curve := report.Curve{Name: "missed"}
	for third := range thirds {
		curve.AddFraction(float64(third), t.missed(third, Group.fraction), t.Runs[0].Test.ByStrength()[third].Lesions)
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
	if t.Yours != nil {
		figures.Tables = append(figures.Tables, experiment.Yours(t.Yours.Name, trainRules()[:1], t, *t.Yours))
	}
	if t.missed(0, Group.fraction) != nil {
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
