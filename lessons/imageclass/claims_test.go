package imageclass

import (
	"math"
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

// trained has one net a seed with the accuracies.
func trained(accuracies []float64, linear float64) TrainMeasurement {
	t := TrainMeasurement{DataSet: "heads", Classes: []string{"healthy", "lesion"}}
	for i, accuracy := range accuracies {
		t.Runs = append(t.Runs, SeedOutcome{
			History: fit.History{Seed: int64(i + 1)}, Outcome: answers(accuracy), Test: answers(accuracy), Linear: linear + 0.001*float64(i), Majority: 0.5,
			Pointing: Pointing{Hits: 8, Lesions: 10, Chance: 0.03},
		})
	}
	return t
}

func TestBandIsJudgedByTheIntervalTheBaselinesAndTheSeeds(t *testing.T) {
	good, poor := []float64{0.98, 0.985, 0.99, 0.985, 0.98}, []float64{0.95, 0.955, 0.96, 0.955, 0.95}
	tests := map[string]struct {
		trained TrainMeasurement
		want    claim.Verdict
	}{
		"above":                     {trained(good, 0.55), claim.Supported},
		"below":                     {trained(poor, 0.55), claim.Refuted},
		"about":                     {trained([]float64{0.95, 0.99, 0.96, 0.985, 0.97}, 0.55), claim.Inconclusive},
		"a linear model does, too":  {trained(good, 0.9), claim.Refuted},
		"too few seeds":             {trained(good[:4], 0.55), claim.Inconclusive},
		"one seed below, of eight ": {trained(append(append([]float64{}, good...), 0.985, 0.99, 0.965), 0.55), claim.Supported},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, lessontest.Judged(t, trainRules(), "q4.1", test.trained).Verdict)
		})
	}
}

func TestOwnPicturesAreJudgedByTheBandAlone(t *testing.T) {
	own := trained([]float64{0.98, 0.985, 0.99, 0.985, 0.98}, 0.9)
	own.Own = true
	require.Equal(t, claim.Supported, lessontest.Judged(t, trainRules(), "q4.1", own).Verdict)
}

func TestEvidenceOfTheBandNamesEverySeed(t *testing.T) {
	evidence := lessontest.Judged(t, trainRules(), "q4.1", trained([]float64{0.98, 0.985, 0.99, 0.975, 0.995}, 0.55)).Evidence
	for _, text := range []string{"0.9800 0.9850 0.9900 0.9750 0.9950", "0.9733", "0.50"} {
		require.Contains(t, evidence, text)
	}
}

// starts are trainings whose first epoch has these mean losses.
func starts(losses ...float64) []Start {
	var all []Start
	for _, loss := range losses {
		all = append(all, Start{Untrained: Untrained{InitialLoss: loss, InitialScale: 1}, FirstEpoch: loss})
	}
	return all
}

func TestUnscaledPixels(t *testing.T) {
	scaled := starts(0.5, 0.51, 0.52, 0.53, 0.54)
	large := starts(8, 9, 10, 11, 12)
	tests := map[string]struct {
		raw, other []Start
		want       claim.Verdict
	}{
		"of the sheet's order":      {large, large, claim.Supported},
		"hardly above":              {starts(1, 1.1, 1.2, 1.3, 1.4), starts(1, 1.1, 1.2, 1.3, 1.4), claim.Refuted},
		"far above the sheet's":     {starts(80, 90, 100, 110, 120), starts(80, 90, 100, 110, 120), claim.Refuted},
		"of one net, not the other": {starts(1, 1.1, 1.2, 1.3, 1.4), large, claim.Inconclusive},
		"some of the order":         {starts(2, 3, 4, 40, 50), large, claim.Inconclusive},
		"a training that diverged":  {starts(8, 9, inf, 11, 12), large, claim.Inconclusive},
		"too few seeds":             {large[:3], large[:3], claim.Inconclusive},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			u := UnscaledMeasurement{Nets: []Scales{
				{Scaled: scaled[:len(test.raw)], Raw: test.raw}, {Scaled: scaled[:len(test.other)], Raw: test.other},
			}}
			require.Equal(t, test.want, lessontest.Judged(t, unscaledRules(), "q4.2", u).Verdict)
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
	onlyFalls := Condition{Curves: curves(2, -0.1)}
	tests := map[string]struct {
		all, few Condition
		want     claim.Verdict
	}{
		"on both":           {yes, yes, claim.Supported},
		"on neither":        {no, no, claim.Refuted},
		"on few alone":      {no, yes, claim.Inconclusive},
		"falls but no rise": {onlyFalls, onlyFalls, claim.Refuted},
		"short trainings":   {Condition{Curves: make([]LearningCurve, 5)}, yes, claim.Inconclusive},
		"too few seeds":     {Condition{Curves: yes.Curves[:3]}, yes, claim.Inconclusive},
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
	require.Equal(t, claim.Inconclusive, lessontest.Judged(t, trainRules(), "q4.4", own).Verdict)
}

func TestLeak(t *testing.T) {
	sound := func() LeakMeasurement {
		l := LeakMeasurement{Fraction: 0.2}
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
		"twins before":           {func(l *LeakMeasurement) { l.Runs[0].Before.Near = 1 }, claim.Refuted},
		"near ones not found":    {func(l *LeakMeasurement) { l.Runs[0].Found.Near = 0 }, claim.Refuted},
		"an exact one not found": {func(l *LeakMeasurement) { l.Runs[0].Found = Twins{59, 61} }, claim.Refuted},
		"no effect": {func(l *LeakMeasurement) {
			for i := range l.Runs {
				l.Runs[i].OnLeaked = 0.89
			}
		}, claim.Refuted},
		"leaked pictures are easier": {func(l *LeakMeasurement) {
			for i := range l.Runs {
				l.Runs[i].LeakedWithout = 1
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
