package imageclass

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute"

	"evident/datasets"
	"evident/datasets/audit"
	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// LeakConfig puts copies of validation pictures among the few training pictures
// of [FewPictures]. The nets without the leak are those of that experiment.
type LeakConfig struct {
	Epochs   int     `role:"fixed" range:"[1, inf)" help:"passes over the few pictures, at most Overfitting.Epochs"`
	Fraction float64 `role:"fixed" range:"(0, 1)" help:"of the validation pictures, that is copied"`
	Seeds    []int64 `role:"averaged" help:"some of Overfitting.Seeds"`
}

// LeakKnobs are those of the experiment.
type LeakKnobs struct {
	LeakConfig
	Data        DataConfig
	Train       TrainConfig
	Overfitting OverfittingConfig
}

// LeakKnobs of the lesson.
func (c Config) LeakKnobs() LeakKnobs { return LeakKnobs{c.Leak, c.Data, c.Train, c.Overfitting} }

// withoutLeak are the knobs of the nets without the leak.
func (c LeakKnobs) withoutLeak() OverfittingKnobs {
	return OverfittingKnobs{c.Overfitting, c.Epochs, c.Data, c.Train}
}

// Validate checks that there is a net without the leak from each seed, of as many
// epochs, and room for the copies. How many own pictures there are turns out when they are
// read.
func (c LeakKnobs) Validate() error {
	if c.Epochs > c.Overfitting.Epochs {
		return badinput.Errorf("Epochs is %d: it must be at most Overfitting.Epochs, %d, in which the nets without the leak are trained", c.Epochs, c.Overfitting.Epochs)
	}
	for _, seed := range c.Seeds {
		if !slices.Contains(c.Overfitting.Seeds, seed) {
			return badinput.Errorf("Seeds has %d: it must be one of Overfitting.Seeds, since the nets without the leak are those", seed)
		}
	}
	if copies := c.copies(c.Data.Validation); c.Data.Folder == "" && copies > c.Overfitting.Few {
		return badinput.Errorf("Fraction is %g: %d copies do not fit among the %d pictures of Overfitting.Few", c.Fraction, copies, c.Overfitting.Few)
	}
	return nil
}

// LeakMeasurement is what becomes of the score when copies of validation pictures stand
// among the training pictures.
type LeakMeasurement struct {
	DataSet            string
	Fraction           float64   // of the validation pictures
	OnLeaked, OnOthers int       // how many leak, and how many do not
	Runs               []LeakRun // by seed
}

// LeakRun is what one seed came to.
type LeakRun struct {
	Before        Twins // what the audit finds before the leak
	Planted       Twins
	Found         Twins
	OnLeaked      float64 // accuracy on the leaked validation pictures
	OnClean       float64 // accuracy on the others
	LeakedWithout float64 // on the leaked ones, of a net that was trained without the leak
	CleanWithout  float64
	Score         float64 // on all of them, the score that would be reported
}

// Twins count validation pictures with a twin among the training pictures.
type Twins struct{ Exact, Near int }

// copies is how many of the validation pictures are copied, one at least.
func (c LeakConfig) copies(validation int) int {
	return max(1, int(math.Round(c.Fraction*float64(validation))))
}

// measureLeak plants a leak from every seed, looks for it with the audit, and
// trains with it. The nets without it are those of [FewPictures], which had
// equally many pictures and epochs.
func measureLeak(ctx context.Context, backend compute.Backend, c LeakKnobs) (LeakMeasurement, error) {
	leaks := LeakMeasurement{Fraction: c.Fraction}
	without, err := FewPictures.Measured(ctx, backend, c.withoutLeak())
	if err != nil {
		return leaks, err
	}
	pictures, err := c.Overfitting.open(ctx, c.Data, c.Train, c.Seeds[0])
	if err != nil {
		return leaks, err
	}
	leaks.DataSet = pictures.name()
	leaks.OnLeaked = min(c.copies(pictures.Validation.Len()), pictures.Train.Take(c.Overfitting.Few).Len())
	leaks.OnOthers = pictures.Validation.Len() - leaks.OnLeaked
	open := c.Overfitting.compile(c.Train, plain, pictures.Train)
	leaks.Runs, err = fit.BySeed(ctx, backend, c.Seeds, open, func(ctx context.Context, net *fit.Classifier, seed int64) (LeakRun, error) {
		pictures, err := c.Data.of(ctx, seed)
		if err != nil {
			return LeakRun{}, err
		}
		return c.leak(ctx, net, pictures, seed, without.Early[seed])
	})
	return leaks, err
}

// leak plants a leak among the few pictures, looks for it, and trains on them at half
// their size.
func (c LeakKnobs) leak(ctx context.Context, net *fit.Classifier, p Pictures, seed int64, without Outcome) (LeakRun, error) {
	var l LeakRun
	clean := p.Train.Take(c.Overfitting.Few)
	spoilt, leaked := plant(clean, p.Validation, c.copies(p.Validation.Len()), fit.Rand(seed, forLeak))
	l.Planted = Twins{(len(leaked) + 1) / 2, len(leaked) / 2}
	l.Before.Exact, l.Before.Near = audit.Crossing(clean, p.Validation)
	l.Found.Exact, l.Found.Near = audit.Crossing(spoilt, p.Validation)
	_, err := net.Train(ctx, fit.ImageData(halved(spoilt)), fit.Training{
		Task: fmt.Sprintf("with the leak, seed %d", seed), Seed: seed, Epochs: c.Epochs,
	})
	if err != nil {
		return l, err
	}
	with, err := outcomeOf(ctx, net, p.halved())
	if err != nil {
		return l, err
	}
	l.OnLeaked, l.OnClean = with.fractions(leaked)
	l.LeakedWithout, l.CleanWithout = without.fractions(leaked)
	l.Score = with.Confusion().Accuracy().Value
	return l, nil
}

// fractions are the fractions of right answers on the chosen pictures and on the
// others.
func (o Outcome) fractions(chosen []int) (inside, outside float64) {
	right := [2]int{}
	for i := range o.Scores {
		if o.right(i) {
			if slices.Contains(chosen, i) {
				right[0]++
			} else {
				right[1]++
			}
		}
	}
	return float64(right[0]) / float64(max(len(chosen), 1)), float64(right[1]) / float64(max(len(o.Scores)-len(chosen), 1))
}

// forLeak is the purpose for which a leak's random numbers are drawn.
const forLeak = 0x6c65616b // "leak"

// plant puts copies of so many validation pictures in the place of the last
// training pictures. Every second copy is a little changed, as a picture is that
// was saved once more. It returns which validation pictures were copied.
func plant(train, validation datasets.Images, copies int, random *rand.Rand) (spoilt datasets.Images, leaked []int) {
	size := train.PictureSize()
	copies = min(copies, train.Len(), validation.Len())
	leaked = random.Perm(validation.Len())[:copies]
	spoilt = train
	spoilt.Pixels, spoilt.Labels = slices.Clone(train.Pixels), slices.Clone(train.Labels)
	for k, from := range leaked {
		at := train.Len() - copies + k
		into := spoilt.Pixels[at*size:][:size]
		copy(into, validation.Pixels[from*size:][:size])
		spoilt.Labels[at] = validation.Labels[from]
		if k%2 == 1 {
			change(into, random)
		}
	}
	return spoilt, leaked
}

// change makes a picture a little brighter or darker, and noisier.
func change(pixels []uint8, random *rand.Rand) {
	const most, deviation = 0.1, 3.0 // of the brightness; of the noise, in grey levels
	factor := 1 + most*(2*random.Float64()-1)
	for i, v := range pixels {
		pixels[i] = uint8(math.Round(min(max(factor*float64(v)+deviation*random.NormFloat64(), 0), 255)))
	}
}

const (
	leakFound = 0.95 // fraction of the planted twins that the audit has to find
	// inflated is by how much the accuracy has to be higher on pictures that leak: two
	// in a hundred. A leak of a twentieth of them then adds .001 to the score.
	inflated = 0.02
)

func judgeAudit(l LeakMeasurement) claim.Finding {
	before, planted, found := l.twins()
	fraction := float64(found.Exact+found.Near-before.Exact-before.Near) / float64(max(planted.Exact+planted.Near, 1))
	return claim.Finding{
		Decision: claim.All(claim.Holds(before == Twins{}), claim.Holds(fraction > leakFound && found.Exact >= planted.Exact)),
		Evidence: fmt.Sprintf("Before the leak the audit finds %d exact and %d near twins; of %d + %d planted ones it finds %d + %d.",
			before.Exact, before.Near, planted.Exact, planted.Near, found.Exact, found.Near),
		Samples: len(l.Runs),
	}
}

func judgeLeak(l LeakMeasurement) claim.Finding {
	leaked, others, without := l.each(onLeaked), l.each(onOthers), l.each(leakedWithout)
	higher, because := claim.EstimateDifference(leaked, others), claim.EstimateDifference(leaked, without)
	score := claim.EstimateDifference(l.each(func(r LeakRun) float64 { return r.Score }), others)
	return claim.Finding{
		Decision: claim.All(higher.Above(inflated), because.Above(inflated)),
		Evidence: fmt.Sprintf("Accuracy is %s on the leaked pictures and %s on the others, higher by %s; without the leak it is %s on the same pictures, lower by %s. A leak of %.0f %% raises the reported score by %s.",
			fractionText(leaked, l.OnLeaked), fractionText(others, l.OnOthers), higher, fractionText(without, l.OnLeaked), because, 100*l.Fraction, score),
		Samples: higher.N,
	}
}

func onLeaked(r LeakRun) float64 { return r.OnLeaked }

func onOthers(r LeakRun) float64 { return r.OnClean }

func leakedWithout(r LeakRun) float64 { return r.LeakedWithout }

// twins adds up the counts of all seeds.
func (l LeakMeasurement) twins() (before, planted, found Twins) {
	for _, run := range l.Runs {
		before = before.plus(run.Before)
		planted = planted.plus(run.Planted)
		found = found.plus(run.Found)
	}
	return before, planted, found
}

func (t Twins) plus(u Twins) Twins { return Twins{t.Exact + u.Exact, t.Near + u.Near} }

func (l LeakMeasurement) each(of func(LeakRun) float64) []float64 {
	all := make([]float64, len(l.Runs))
	for i, run := range l.Runs {
		all[i] = of(run)
	}
	return all
}

func leakRules() []claim.Rule[LeakMeasurement] {
	const source = "Q4 data"
	return []claim.Rule[LeakMeasurement]{
		claim.Whole("q4.5", source, "Pictures on both sides of the split inflate the score, and an audit finds them.",
			claim.SampledRule("q4.5a", source, "An audit finds pictures that stand on both sides of the split.",
				fmt.Sprintf("over all seeds the audit finds nothing before the leak, and over %g of the planted twins after it (every exact one)", leakFound),
				claim.Supported, judgeAudit).Revised("2026-11-30", "96 training pictures in place of 320, for the time; the rule is the old one"),
			claim.SampledRule("q4.5b", source, "Pictures on both sides of the split inflate the score.",
				fmt.Sprintf("accuracy on the leaked pictures is higher than on the others, and than that of a net without the leak on the same pictures, by over %g each (95 %% intervals)", inflated),
				claim.Supported, judgeLeak).Revised("2026-11-30", "a difference of a practical size in place of any; on pictures at half the size, for the time"),
		),
	}
}

// table lists what the audit found and what the leak did, seed by seed.
func (l LeakMeasurement) table() report.Table {
	rows := report.Table{
		ID:    "leak",
		Title: fmt.Sprintf("Copies of %.0f %% of the validation pictures among the training pictures (%s)", 100*l.Fraction, l.DataSet),
		Columns: []string{
			"twins before: exact + near", "planted", "found", "accuracy on the leaked", "on the others", "reported score", "on the leaked, without the leak",
		},
	}
	both := func(t Twins) string { return fmt.Sprintf("%d + %d", t.Exact, t.Near) }
	for _, r := range l.Runs {
		rows.Rows = append(rows.Rows, []string{
			both(r.Before), both(r.Planted), both(r.Found), fmt.Sprintf("%.4f", r.OnLeaked), fmt.Sprintf("%.4f", r.OnClean),
			fmt.Sprintf("%.4f", r.Score), fmt.Sprintf("%.4f", r.LeakedWithout),
		})
	}
	return rows
}

// chart shows the accuracy on leaked and on other pictures, of nets with and
// without the leak.
func (l LeakMeasurement) chart() report.Chart {
	leaked, others := report.Curve{Name: "pictures that leak"}, report.Curve{Name: "the others"}
	leaked.AddFraction(0, l.each(onLeaked), l.OnLeaked)
	leaked.AddFraction(1, l.each(leakedWithout), l.OnLeaked)
	others.AddFraction(0, l.each(onOthers), l.OnOthers)
	others.AddFraction(1, l.each(func(r LeakRun) float64 { return r.CleanWithout }), l.OnOthers)
	return report.Chart{
		ID: "leak", Title: "What a leak does to the score", Mark: report.Bars, XLabel: "training pictures", YLabel: "validation accuracy",
		Categories: []string{"with copies of validation pictures", "without"},
		Alt:        "Bars of accuracy on the validation pictures that leak and on the others, for a net trained with the leak and one without: where the leak flatters, the first bar is above the second.", Curves: []report.Curve{leaked, others},
	}
}

// LeakedPictures is the experiment.
var LeakedPictures = experiment.Experiment[LeakKnobs, LeakMeasurement]{
	Name: "Leak", Title: "Validation pictures among the training pictures",
	Measure: measureLeak, Rules: leakRules(),
	Figures: func(_ LeakKnobs, l LeakMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{l.table()}, Charts: []report.Chart{l.chart()}}, nil
	},
}
