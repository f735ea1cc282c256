package imageclass

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/claim"
	"evident/kit/fit"
	"evident/kit/lessontest"
)

var inf = math.Inf(1)

// answers are the outcomes of a net that is right about so large a share of 200
// pictures, one half of them positive; all mistakes are missed lesions, the
// weakest first.
func answers(share float64) Outcome {
	const n = 200
	var o Outcome
	wrong := int(math.Round((1 - share) * n))
	for i := range n {
		positive := i%2 == 0
		score := -3.0
		if positive && i/2 >= wrong {
			score = 3
		}
		o.Scores, o.Positive, o.Strength = append(o.Scores, score), append(o.Positive, positive), append(o.Strength, float64(i))
	}
	return o
}

// trained has one net a seed with the accuracies; one of a half never started.
func trained(accuracies []float64, linear float64) TrainMeasurement {
	t := TrainMeasurement{DataSet: "heads", Classes: []string{"healthy", "lesion"}}
	for i, accuracy := range accuracies {
		t.Runs = append(t.Runs, SeedOutcome{
			History: fit.History{Seed: int64(i + 1), Epochs: []fit.Epoch{{Score: fit.Score{Accuracy: accuracy}}}},
			Outcome: answers(accuracy), Test: answers(accuracy), Linear: linear + 0.001*float64(i), Majority: 0.5,
			Pointing: Pointing{Hits: 8, Lesions: 10, Chance: 0.03},
		})
	}
	return t
}

func TestBandCountsNetsAndLooksAtTheBaselines(t *testing.T) {
	good, poor := []float64{0.98, 0.985, 0.99, 0.985, 0.98, 0.985, 0.99, 0.98}, []float64{0.95, 0.955, 0.96, 0.955, 0.95, 0.955, 0.96, 0.955}
	onlyValidated := trained(poor, 0.55)
	for i := range onlyValidated.Runs {
		onlyValidated.Runs[i].Outcome = answers(0.99)
	}
	tests := map[string]struct {
		trained TrainMeasurement
		want    claim.Verdict
	}{
		"above":                           {trained(good, 0.55), claim.Supported},
		"below":                           {trained(poor, 0.55), claim.Refuted},
		"above on the validation set":     {onlyValidated, claim.Refuted},
		"half of them":                    {trained(slices.Concat(good[:4], poor[:4]), 0.55), claim.Inconclusive},
		"a linear model does, too":        {trained(good, 0.9), claim.Refuted},
		"too few seeds":                   {trained(good[:4], 0.55), claim.Inconclusive},
		"five seeds, all above":           {trained(good[:5], 0.55), claim.Inconclusive}, // Wilson: from 0.39
		"one of 10 never starts":          {trained(slices.Concat(good, good[:1], []float64{0.5}), 0.55), claim.Supported},
		"one of 9 never starts":           {trained(slices.Concat(good, []float64{0.5}), 0.55), claim.Inconclusive},
		"one of 16 never starts":          {trained(slices.Concat(good, good[:7], []float64{0.5}), 0.55), claim.Supported},
		"three of 16 never start":         {trained(slices.Concat(good, good[:5], []float64{0.5, 0.5, 0.5}), 0.55), claim.Supported},
		"half of them never start, of 16": {trained(slices.Concat(good, slices.Repeat([]float64{0.5}, 8)), 0.55), claim.Inconclusive},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, lessontest.Judged(t, trainRules(), "q4.1", test.trained).Verdict)
		})
	}
}

func TestOwnPicturesAreJudgedByTheirValidationSetAlone(t *testing.T) {
	own := trained([]float64{0.98, 0.985, 0.99, 0.985, 0.98, 0.985, 0.99, 0.98}, 0.9)
	own.Own = true
	for i := range own.Runs {
		own.Runs[i].Test = Outcome{}
	}
	require.Equal(t, claim.Supported, lessontest.Judged(t, trainRules(), "q4.1", own).Verdict)
}

func TestEvidenceOfTheBandNamesEverySeed(t *testing.T) {
	evidence := lessontest.Judged(t, trainRules(), "q4.1", trained([]float64{0.98, 0.985, 0.99, 0.5, 0.995}, 0.55)).Evidence
	for _, text := range []string{"0.9800 0.9850 0.9900 0.5000 0.9950", "never started: 1", "0.9733", "0.50", "a fraction of 0.8 ["} {
		require.Contains(t, evidence, text)
	}
}

// firstEpochs are seeds with a net each, whose first epoch has these mean losses: with
// nothing changed, with pixels from 0 to 255, and with the other changes.
func firstEpochs(nothing, raw, others []float64) UnscaledMeasurement {
	u := UnscaledMeasurement{Changes: []string{"nothing", "pixels", "rate", "weights", "both"}}
	for i := range raw {
		var changes []Start
		for _, loss := range []float64{nothing[i], raw[i], others[i], 0.7, 0.9 * others[i]} {
			changes = append(changes, Start{FirstEpoch: loss})
		}
		u.Starts = append(u.Starts, [][]Start{changes})
	}
	return u
}

func TestCausesAreRankedNetByNet(t *testing.T) {
	coin, large, small := []float64{0.7, 0.7, 0.69, 0.71, 0.7}, []float64{8, 9, 10, 11, 12}, []float64{1, 1.1, 1.2, 1.1, 1}
	tests := map[string]struct {
		raw, others []float64
		want        claim.Verdict
	}{
		"the pixels":                        {large, small, claim.Supported},
		"another cause as much":             {large, large, claim.Refuted},
		"another cause":                     {small, large, claim.Refuted},
		"no cause":                          {coin, coin, claim.Refuted},
		"hardly more than another":          {[]float64{1.5, 1.6, 1.7, 1.6, 1.5}, small, claim.Refuted},
		"now this, now that":                {[]float64{1, 20, 1, 20, 1}, []float64{2, 1, 2, 1, 2}, claim.Inconclusive},
		"a training that diverged":          {[]float64{8, 9, inf, 11, 12}, small, claim.Inconclusive},
		"too few seeds":                     {large[:3], small, claim.Inconclusive},
		"each net has its own other cause ": {[]float64{2, 4, 20, 30, 60}, []float64{0.8, 1.5, 7, 10, 20}, claim.Supported},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			u := firstEpochs(coin, test.raw, test.others)
			require.Equal(t, test.want, lessontest.Judged(t, unscaledRules(), "q4.2", u).Parts[0].Verdict)
		})
	}
}

func TestFirstEpochIsJudgedByTheSheetsSize(t *testing.T) {
	coin := []float64{0.7, 0.7, 0.7, 0.7, 0.7}
	for name, test := range map[string]struct {
		raw  []float64
		want claim.Verdict
	}{
		"of the sheet's order": {[]float64{8, 9, 10, 11, 12}, claim.Supported},
		"below it":             {[]float64{1, 1.1, 1.2, 1.1, 1}, claim.Refuted},
		"above it":             {[]float64{80, 90, 100, 110, 120}, claim.Refuted},
		"some of the order":    {[]float64{1, 3, 4, 40, 90}, claim.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, lessontest.Judged(t, unscaledRules(), "q4.2", firstEpochs(coin, test.raw, coin)).Parts[1].Verdict)
		})
	}
}

// curveOf falls by so many powers of ten in its second half, and rises by so
// much on the validation pictures.
func curveOf(fall, rise float64) LearningCurve {
	c := LearningCurve{Loss: make([]float64, stretches), Validation: make([]float64, stretches), Accuracy: make([]float64, stretches)}
	for i := range c.Loss {
		c.Loss[i], c.Validation[i] = 1, 0.2
	}
	c.Loss[stretches-1] = math.Pow(10, -fall)
	c.Validation[stretches-1] += rise
	return c
}

func curves(fall, rise float64) []LearningCurve {
	var all []LearningCurve
	for _, off := range []float64{-0.02, -0.01, 0, 0.01, 0.02} {
		all = append(all, curveOf(fall+off, rise+off))
	}
	return all
}

func TestOverfittingIsJudgedOnAllAndOnFewPictures(t *testing.T) {
	yes, no := Condition{Curves: curves(2, 0.1)}, Condition{Curves: curves(0.5, -0.1)}
	onlyFalls, hardly := Condition{Curves: curves(2, -0.1)}, Condition{Curves: curves(2, 0)}
	tests := map[string]struct {
		all, few Condition
		want     claim.Verdict
	}{
		"on both":             {yes, yes, claim.Supported},
		"on neither":          {no, no, claim.Refuted},
		"on few alone":        {no, yes, claim.Mixed},
		"falls but no rise":   {onlyFalls, onlyFalls, claim.Refuted},
		"a rise of no matter": {hardly, yes, claim.Inconclusive}, // −0.01 to 0.03 about 0.01
		"short trainings":     {Condition{Curves: make([]LearningCurve, 5)}, yes, claim.Inconclusive},
		"too few seeds":       {Condition{Curves: yes.Curves[:3]}, yes, claim.Inconclusive},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := OverfittingMeasurement{All: test.all, Few: []Condition{test.few, yes, yes}}
			require.Equal(t, test.want, lessontest.Judged(t, overfittingRules(), "q4.3", m).Verdict)
		})
	}
}

func TestErrorsAreJudgedByWhichLesionsAreMissed(t *testing.T) {
	require.Equal(t, claim.Supported, lessontest.Judged(t, trainRules(), "q4.4", trained([]float64{0.97, 0.975, 0.98, 0.975, 0.97}, 0.5)).Verdict)
	require.Equal(t, claim.Refuted, lessontest.Judged(t, trainRules(), "q4.4", trained([]float64{1, 1, 1, 1, 1}, 0.5)).Verdict)
	own := trained([]float64{0.97, 0.975, 0.98, 0.975, 0.97}, 0.5)
	for i := range own.Runs {
		own.Runs[i].Test = Outcome{}
	}
	require.Equal(t, claim.Unmeasured, lessontest.Judged(t, trainRules(), "q4.4", own).Verdict)
}

func TestLeak(t *testing.T) {
	sound := func() LeakMeasurement {
		l := LeakMeasurement{Fraction: 0.2, OnLeaked: 120, OnOthers: 480}
		for _, off := range []float64{0, 0.001, 0.002, 0.003, 0.004} {
			l.Runs = append(l.Runs, LeakRun{Planted: Twins{60, 60}, Found: Twins{60, 59}, OnLeaked: 1 - off, OnClean: 0.9, LeakedWithout: 0.89, Score: 0.92})
		}
		return l
	}
	tests := map[string]struct {
		change func(*LeakMeasurement)
		want   claim.Verdict
	}{
		"found and effective":    {func(*LeakMeasurement) {}, claim.Supported},
		"twins before":           {func(l *LeakMeasurement) { l.Runs[0].Before.Near = 1 }, claim.Mixed},
		"near ones not found":    {func(l *LeakMeasurement) { l.Runs[0].Found.Near = 0 }, claim.Mixed},
		"an exact one not found": {func(l *LeakMeasurement) { l.Runs[0].Found = Twins{59, 61} }, claim.Mixed},
		"no effect": {func(l *LeakMeasurement) {
			for i := range l.Runs {
				l.Runs[i].OnLeaked = 0.89
			}
		}, claim.Mixed},
		"an effect of no matter": {func(l *LeakMeasurement) {
			for i := range l.Runs {
				l.Runs[i].OnLeaked = 0.91 + 0.001*float64(i)
			}
		}, claim.Mixed},
		"leaked pictures are easier": {func(l *LeakMeasurement) {
			for i := range l.Runs {
				l.Runs[i].LeakedWithout = 1
			}
		}, claim.Mixed},
		"neither found nor effective": {func(l *LeakMeasurement) {
			for i := range l.Runs {
				l.Runs[i].OnLeaked, l.Runs[i].Found = 0.89, Twins{}
			}
		}, claim.Refuted},
		"too few seeds": {func(l *LeakMeasurement) { l.Runs = l.Runs[:4] }, claim.Inconclusive},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			l := sound()
			test.change(&l)
			require.Equal(t, test.want, lessontest.Judged(t, leakRules(), "q4.5", l).Verdict)
		})
	}
}

// The ids of the curriculum's question 4.
func TestEveryClaimIsDeclared(t *testing.T) {
	require.ElementsMatch(t, []string{"q4.1", "q4.2", "q4.3", "q4.4", "q4.5"}, lessontest.IDs(Lesson.Claims()))
}
