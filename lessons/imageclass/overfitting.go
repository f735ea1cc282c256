package imageclass

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"

	"evident/datasets"
	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// OverfittingConfig trains a net on a part of the pictures at half their size, and there
// compares dropout and augmentation with neither.
type OverfittingConfig struct {
	Net                 Net
	Few                 int     `role:"compared" range:"[1, inf)" help:"training pictures"`
	More                []int   `role:"compared" range:"[1, inf)" list:"0 rising" help:"larger numbers of training pictures, for the curve over them"`
	Epochs              int     `role:"fixed" range:"[1, inf)" help:"passes over the few; more pictures get as many steps"`
	Seeds               []int64 `role:"averaged" help:"of heads, initial weights and order"`
	MoreSeeds           []int64 `role:"averaged" help:"those of the larger numbers, on which no verdict rests"`
	RegularisationSeeds []int64 `role:"averaged" help:"those of dropout and augmentation, on which no verdict rests"`
}

// OverfittingKnobs are those of the experiment.
type OverfittingKnobs struct {
	OverfittingConfig
	// EarlyEpochs is Leak.Epochs of the lesson.
	EarlyEpochs int `role:"fixed" range:"[1, inf)" help:"passes after which the net scores all validation pictures too"`
	Data        DataConfig
	Train       TrainConfig
}

// OverfittingKnobs of the lesson.
func (c Config) OverfittingKnobs() OverfittingKnobs { return c.LeakKnobs().withoutLeak() }

// Validate checks that the few pictures fill a batch, that the larger numbers lie
// above them, and that drawn heads are large enough for the net.
func (c OverfittingKnobs) Validate() error {
	if c.Few < c.Train.BatchSize {
		return badinput.Errorf("Few is %d: it must be at least Train.BatchSize, %d", c.Few, c.Train.BatchSize)
	}
	for _, pictures := range c.More {
		if pictures <= c.Few || pictures > c.Data.Train && !c.Data.OwnData() {
			return badinput.Errorf("More has %d: it must be above Few, %d, and at most Data.Train, %d", pictures, c.Few, c.Data.Train)
		}
	}
	if c.Data.OwnData() {
		return nil
	}
	return c.Net.checkRoom("Net", halved(phantomSize()))
}

// epochs of a training on so many pictures, for as many steps as on the few.
func (c OverfittingKnobs) epochs(pictures int) int {
	return max(1, c.Epochs*(c.Few/c.Train.BatchSize)/max(1, pictures/c.Train.BatchSize))
}

// stretches is how many parts of equal length a training is looked at in: as
// many as the sheet has epochs.
const stretches = 10

// half is the stretch from which on the sheet's net overfits, its fifth epoch.
const half = stretches / 2

// LearningCurve is a training in stretches of equal numbers of steps.
type LearningCurve struct {
	Loss       []float64 // mean over the steps of the stretch
	Validation []float64 // loss after the stretch
	Accuracy   []float64 // on the validation pictures, after the stretch
	Steps      int       // in all
}

// learningCurveOf puts the epochs of a training into stretches, or each into one of its
// own where they are fewer.
func learningCurveOf(h fit.History) LearningCurve {
	var c LearningCurve
	ends := stretchEnds(len(h.Epochs))
	from := 0
	for _, to := range ends {
		loss := 0.0
		for _, epoch := range h.Epochs[from:to] {
			loss += epoch.Loss / float64(to-from)
			c.Steps += epoch.Steps
		}
		from = to
		last := h.Epochs[to-1].Validation
		c.Loss = append(c.Loss, loss)
		c.Validation = append(c.Validation, last.Loss)
		c.Accuracy = append(c.Accuracy, last.Accuracy)
	}
	return c
}

// stretchEnds are the numbers of epochs that are done at the end of each stretch.
func stretchEnds(epochs int) []int {
	ends := make([]int, min(stretches, epochs))
	for i := range ends {
		ends[i] = (i + 1) * epochs / len(ends)
	}
	return ends
}

// Fall is by how many powers of ten the training loss falls from the middle of
// the training to its end.
func (c LearningCurve) Fall() float64 {
	if len(c.Loss) < stretches {
		return math.NaN()
	}
	return math.Log10(c.Loss[half-1] / c.Loss[stretches-1])
}

// Rise is by how much the validation loss is higher at the end than in the
// middle, in nats.
func (c LearningCurve) Rise() float64 {
	if len(c.Loss) < stretches {
		return math.NaN()
	}
	return c.Validation[stretches-1] - c.Validation[half-1]
}

// Condition is how a net was trained, and what came of it from each seed.
type Condition struct {
	Name       string
	Pictures   int // to train on
	Side       int // their height
	Validation int
	Curves     []LearningCurve // by seed
}

func (c Condition) each(of func(LearningCurve) float64) []float64 {
	all := make([]float64, len(c.Curves))
	for i, curve := range c.Curves {
		all[i] = of(curve)
	}
	return all
}

func lastValidation(c LearningCurve) float64 { return c.Validation[len(c.Validation)-1] }

func lastCorrect(c LearningCurve) float64 { return c.Accuracy[len(c.Accuracy)-1] }

// OverfittingMeasurement is the training on all pictures beside those on a few at half
// their size.
type OverfittingMeasurement struct {
	All  Condition
	Few  []Condition // as it is, with dropout, with augmentation
	More []Condition // on more pictures of that size, as it is
	// Early is, by seed, what the net that is trained on few pictures as they are
	// makes of all validation pictures after EarlyEpochs.
	Early map[int64]Outcome
}

// fewRecipes are the ways to train on few pictures.
var fewRecipes = []recipe{plain, dropping, augmented}

// measureOverfitting trains on few pictures: as they are, with dropout and with
// augmentation. What came of all pictures is taken from the trainings of [SmallNet].
func measureOverfitting(ctx context.Context, backend compute.Backend, c OverfittingKnobs) (OverfittingMeasurement, error) {
	t, err := SmallNet.Measured(ctx, backend, TrainKnobs{c.Train, c.Data})
	if err != nil {
		return OverfittingMeasurement{}, err
	}
	m := OverfittingMeasurement{All: t.condition()}
	for _, r := range fewRecipes {
		seeds := c.RegularisationSeeds
		if r == plain {
			seeds = c.Seeds
		}
		condition, early, err := c.train(ctx, backend, r, c.Few, seeds)
		if err != nil {
			return m, fmt.Errorf("%s: %w", r.name, err)
		}
		m.Few = append(m.Few, condition)
		if r == plain {
			m.Early = early
		}
	}
	for _, pictures := range c.More {
		condition, _, err := c.train(ctx, backend, plain, pictures, c.MoreSeeds)
		if err != nil {
			return m, fmt.Errorf("%d pictures: %w", pictures, err)
		}
		m.More = append(m.More, condition)
	}
	return m, nil
}

func (t TrainMeasurement) condition() Condition {
	all := Condition{Name: plain.name, Pictures: t.Train, Side: t.Shown.Pictures.Train.Height, Validation: len(t.Runs[0].Outcome.Scores)}
	for _, run := range t.Runs {
		all.Curves = append(all.Curves, learningCurveOf(run.History))
	}
	return all
}

// train trains on so many pictures from the seeds.
func (c OverfittingKnobs) train(ctx context.Context, backend compute.Backend, r recipe, pictures int, seeds []int64) (Condition, map[int64]Outcome, error) {
	condition := Condition{Name: r.name}
	all, err := c.open(ctx, c.Data, c.Train, seeds[0])
	if err != nil {
		return condition, nil, err
	}
	condition.Pictures, condition.Side, condition.Validation = all.Train.Take(pictures).Len(), all.Train.Height, all.Validation.Len()
	open := c.compile(c.Train, r, all.Train)
	trainings, err := fit.BySeed(ctx, backend, seeds, open, func(ctx context.Context, net *fit.Classifier, seed int64) (fewTraining, error) {
		return c.onFew(ctx, net, r, pictures, seed)
	})
	early := map[int64]Outcome{}
	for i, t := range trainings {
		condition.Curves = append(condition.Curves, t.curve)
		early[seeds[i]] = t.early
	}
	return condition, early, err
}

// open gives the pictures of a seed at half their size, and checks that they are large
// enough for the net.
func (c OverfittingConfig) open(ctx context.Context, d DataConfig, t TrainConfig, seed int64) (Pictures, error) {
	p, err := d.open(ctx, t, seed)
	if err != nil {
		return p, err
	}
	return p.halved(), c.Net.checkRoom("Overfitting.Net", p.halved().Train)
}

// compile compiles the net, for [fit.BySeed].
func (c OverfittingConfig) compile(t TrainConfig, r recipe, set datasets.Images) func(compute.Backend) (*fit.Classifier, error) {
	t.Net = c.Net
	return t.compile(r, set)
}

// fewTraining is what one training on few pictures came to.
type fewTraining struct {
	curve LearningCurve
	early Outcome // after EarlyEpochs, on all validation pictures
}

// onFew trains on so many pictures from one seed.
func (c OverfittingKnobs) onFew(ctx context.Context, net *fit.Classifier, r recipe, number int, seed int64) (t fewTraining, err error) {
	pictures, err := c.Data.of(ctx, seed)
	if err != nil {
		return t, err
	}
	pictures = pictures.halved()
	few, validation := fit.ImageData(pictures.Train.Take(number)), fit.ImageData(pictures.Validation)
	epochs := c.epochs(few.Len())
	ends := stretchEnds(epochs)
	history, err := net.Train(ctx, few, fit.Training{
		Task: fmt.Sprintf("%d pictures, %s, seed %d", few.Len(), r.name, seed), Seed: seed,
		Epochs: epochs, Validation: &validation,
		Validate: func(done int) bool { return slices.Contains(ends, done) },
		AfterEpoch: func(history fit.History) error {
			if len(history.Epochs) != c.EarlyEpochs {
				return nil
			}
			t.early, err = outcomeOf(ctx, net, pictures)
			return err
		},
	})
	t.curve = learningCurveOf(history)
	return t, err
}

const (
	overfits = 1.0 // powers of ten that the training loss falls in the second half
	// worse is by how many nats the validation loss has to rise in the second half: a
	// third of what it does on the sheet.
	worse = 0.01
)

// judgeMemory judges one condition.
func judgeMemory(c Condition) claim.Finding {
	fall, rise := claim.EstimateMean(c.each(LearningCurve.Fall)), claim.EstimateMean(c.each(LearningCurve.Rise))
	return claim.Finding{
		Decision: claim.All(fall.Above(overfits), rise.Above(worse)),
		Evidence: fmt.Sprintf("In the second half of the training on %d pictures of %d×%d pixels the training loss falls by %s powers of ten and the validation loss changes by %s.", c.Pictures, c.Side, c.Side, fall, rise),
		Samples:  fall.N,
	}
}

// all are the conditions in the order of charts and tables.
func (m OverfittingMeasurement) all() []Condition {
	return slices.Concat([]Condition{m.All}, m.Few, m.More)
}

// bySize are the trainings with nothing against overfitting at half the size, from few
// pictures to more.
func (m OverfittingMeasurement) bySize() []Condition {
	return slices.Concat(m.Few[:1], m.More)
}

// name of a condition, for charts.
func (c Condition) name() string {
	return fmt.Sprintf("%d of %d×%d, %s", c.Pictures, c.Side, c.Side, c.Name)
}

const overfittingStatement = "From the middle of the training on the net memorises: the training loss goes on falling by powers of ten while the validation loss rises"

func overfittingRules() []claim.Rule[OverfittingMeasurement] {
	const source = "Q4 results, epochs 5 to 10"
	decides := fmt.Sprintf("in the second half of the training the training loss falls over %g-fold and the validation loss rises by over %g nats (95 %% intervals)", math.Pow(10, overfits), worse)
	const why = "the two conditions are parts; a rise of a practical size in place of any, on 600 validation pictures"
	const small = "96 pictures at half the size in place of 320, for the time"
	return []claim.Rule[OverfittingMeasurement]{
		claim.Whole("q4.3", source, overfittingStatement+".",
			claim.SampledRule("q4.3a", source, overfittingStatement+", on as many pictures as the sheet has.", decides, claim.Refuted,
				func(m OverfittingMeasurement) claim.Finding { return judgeMemory(m.All) }).Revised("2026-11-30", why),
			claim.SampledRule("q4.3b", source, overfittingStatement+", on a few of them.", decides+", on pictures at half the size", claim.Supported,
				func(m OverfittingMeasurement) claim.Finding { return judgeMemory(m.Few[0]) }).Revised("2026-11-30", why+"; "+small),
		),
	}
}

// table compares the conditions.
func (m OverfittingMeasurement) table() report.Table {
	rows := report.Table{
		ID: "memory", Title: "Does it overfit? From the middle of the training to its end, means over the seeds",
		Columns: []string{"training", "nets", "steps", "fall of the training loss (powers of ten)", "rise of the validation loss (nats)", "validation loss at the end", "validation accuracy at the end"},
	}
	add := func(name, nets, steps, fall, rise, loss, accuracy string) {
		rows.Rows = append(rows.Rows, []string{name, nets, steps, fall, rise, loss, accuracy})
	}
	for _, c := range m.all() {
		add(c.name(), fmt.Sprint(len(c.Curves)), fmt.Sprint(c.Curves[0].Steps), meanText(c.each(LearningCurve.Fall)), meanText(c.each(LearningCurve.Rise)),
			meanText(c.each(lastValidation)), fractionText(c.each(lastCorrect), c.Validation))
	}
	s := LearningCurve{Loss: sheet.Loss, Validation: sheet.ValidationLoss}
	add("the sheet's", "1", "750", fmt.Sprintf("%.3g", s.Fall()), fmt.Sprintf("%.3g", s.Rise()), fmt.Sprintf("%.3g", lastValidation(s)), fmt.Sprintf("%.3g", sheetLast))
	return rows
}

// lossChart shows the training loss of the conditions.
func (m OverfittingMeasurement) lossChart() report.Chart {
	return report.Chart{
		ID: "memory-training", Title: "Training loss, tenth by tenth of the training", Mark: report.Line, XLabel: "tenth of the training", YLabel: "training loss (nats)", LogY: true,
		Alt:    "The training loss against the tenths of the training on a logarithmic axis, for all pictures and for a few with and without dropout and augmentation, beside the sheet's: lower is better.",
		Curves: append(m.curves(func(c LearningCurve) []float64 { return c.Loss }), sheetCurve("the sheet's", sheet.Loss)),
	}
}

// validationChart shows the validation loss of the conditions.
func (m OverfittingMeasurement) validationChart() report.Chart {
	return report.Chart{
		ID: "memory-validation", Title: "Validation loss, tenth by tenth of the training", Mark: report.Line, XLabel: "tenth of the training", YLabel: "validation loss (nats)",
		Alt:    "The validation loss against the tenths of the training, for the same conditions: lower is better, and a curve that turns up is overfitting.",
		Curves: append(m.curves(func(c LearningCurve) []float64 { return c.Validation }), sheetCurve("the sheet's", sheet.ValidationLoss)),
	}
}

// sizeChart shows the rise of the validation loss against the number of pictures.
func (m OverfittingMeasurement) sizeChart() report.Chart {
	curve := report.Curve{Name: "as it is"}
	for _, c := range m.bySize() {
		if rises := c.each(LearningCurve.Rise); !slices.ContainsFunc(rises, math.IsNaN) {
			curve.AddEstimate(float64(c.Pictures), rises)
		}
	}
	return report.Chart{
		ID: "memory-size", Title: "How many pictures does it take not to overfit?", Mark: report.Line, XLabel: "training pictures", YLabel: "rise of the validation loss (nats)", LogX: true,
		Alt:    "The rise of the validation loss from the middle of the training to its end against the number of training pictures, for equally many steps, beside the sheet's: above 0 the net overfits.",
		Curves: []report.Curve{curve}, Rules: []report.Reference{{Name: "no change", Y: 0}, {Name: "the sheet's", Y: LearningCurve{Loss: sheet.Loss, Validation: sheet.ValidationLoss}.Rise()}},
	}
}

func (m OverfittingMeasurement) curves(of func(LearningCurve) []float64) []report.Curve {
	var curves []report.Curve
	for _, condition := range m.all() {
		curve := report.Curve{Name: condition.name()}
		for stretch := range of(condition.Curves[0]) {
			var values []float64
			for _, curve := range condition.Curves {
				if stretch < len(of(curve)) {
					values = append(values, of(curve)[stretch])
				}
			}
			curve.AddGeometric(float64(stretch+1), values)
		}
		curves = append(curves, curve)
	}
	return curves
}

// FewPictures is the experiment.
var FewPictures = experiment.Experiment[OverfittingKnobs, OverfittingMeasurement]{
	Name: "Overfitting", Title: "Overfitting and regularisation",
	Measure: measureOverfitting, Rules: overfittingRules(),
	Figures: func(_ OverfittingKnobs, m OverfittingMeasurement) (report.Figures, error) {
		return report.Figures{
			Tables: []report.Table{m.table()},
			Charts: []report.Chart{m.lossChart(), m.validationChart(), m.sizeChart()},
		}, nil
	},
}
