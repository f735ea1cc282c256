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
func trained(accuracies []float64, linear float64) Trained {
	t := Trained{DataSet: "heads", Classes: []string{"healthy", "lesion"}}
	for i, accuracy := range accuracies {
		t.Runs = append(t.Runs, SeedFacts{
			History: fit.History{Seed: int64(i + 1)}, Outcome: answers(accuracy), Further: answers(accuracy), Linear: linear + 0.001*float64(i), Majority: 0.5,
			Pointing: Pointing{Hits: 8, Lesions: 10, Chance: 0.03},
		})
	}
	return t
}

func judged(t *testing.T, id string, m Measurements) claim.Claim {
	t.Helper()
	return lessontest.Judged(t, rules(), id, m)
}

func TestBandIsJudgedByTheIntervalTheBaselinesAndTheSeeds(t *testing.T) {
	good, poor := []float64{0.98, 0.985, 0.99, 0.985, 0.98}, []float64{0.95, 0.955, 0.96, 0.955, 0.95}
	tests := map[string]struct {
		trained Trained
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
			require.Equal(t, test.want, judged(t, "q4.1", Measurements{Trained: test.trained}).Verdict)
		})
	}
}

func TestOwnPicturesAreJudgedByTheBandAlone(t *testing.T) {
	own := trained([]float64{0.98, 0.985, 0.99, 0.985, 0.98}, 0.9)
	own.own = true
	require.Equal(t, claim.Supported, judged(t, "q4.1", Measurements{Trained: own}).Verdict)
}

func TestEvidenceOfTheBandNamesEverySeed(t *testing.T) {
	evidence := judged(t, "q4.1", Measurements{Trained: trained([]float64{0.98, 0.985, 0.99, 0.975, 0.995}, 0.55)}).Evidence
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
			m := Measurements{Unscaled: Unscaled{Nets: []Scales{
				{Scaled: scaled[:len(test.raw)], Raw: test.raw}, {Scaled: scaled[:len(test.other)], Raw: test.other},
			}}}
			require.Equal(t, test.want, judged(t, "q4.2", m).Verdict)
		})
	}
}

// course falls by so many powers of ten in its second half, and rises by so
// much on the validation pictures.
func course(fall, rise float64) Course {
	c := Course{Loss: make([]float64, stretches), Validation: make([]float64, stretches), Accuracy: make([]float64, stretches)}
	for i := range c.Loss {
		c.Loss[i], c.Validation[i] = 1, 0.2
	}
	c.Loss[stretches-1] = math.Pow(10, -fall)
	c.Validation[stretches-1] += rise
	return c
}

func courses(fall, rise float64) []Course {
	var all []Course
	for _, off := range []float64{-0.02, -0.01, 0, 0.01, 0.02} {
		all = append(all, course(fall+off, rise+off))
	}
	return all
}

func TestMemorisingIsJudgedOnAllAndOnFewPictures(t *testing.T) {
	yes, no := Condition{Courses: courses(2, 0.1)}, Condition{Courses: courses(0.5, -0.1)}
	onlyFalls := Condition{Courses: courses(2, -0.1)}
	tests := map[string]struct {
		all, few Condition
		want     claim.Verdict
	}{
		"on both":           {yes, yes, claim.Supported},
		"on neither":        {no, no, claim.Refuted},
		"on few alone":      {no, yes, claim.Inconclusive},
		"falls but no rise": {onlyFalls, onlyFalls, claim.Refuted},
		"short trainings":   {Condition{Courses: make([]Course, 5)}, yes, claim.Inconclusive},
		"too few seeds":     {Condition{Courses: yes.Courses[:3]}, yes, claim.Inconclusive},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := Measurements{Memory: Memory{All: test.all, Few: []Condition{test.few, yes, yes}}}
			require.Equal(t, test.want, judged(t, "q4.3", m).Verdict)
		})
	}
}

func TestErrorsAreJudgedByWhichLesionsAreMissed(t *testing.T) {
	require.Equal(t, claim.Supported, judged(t, "q4.4", Measurements{Trained: trained([]float64{0.97, 0.975, 0.98, 0.975, 0.97}, 0.5)}).Verdict)
	require.Equal(t, claim.Refuted, judged(t, "q4.4", Measurements{Trained: trained([]float64{1, 1, 1, 1, 1}, 0.5)}).Verdict)
	own := trained([]float64{0.97, 0.975, 0.98, 0.975, 0.97}, 0.5)
	for i := range own.Runs {
		own.Runs[i].Further = Outcome{}
	}
	require.Equal(t, claim.Inconclusive, judged(t, "q4.4", Measurements{Trained: own}).Verdict)
}

func TestLeak(t *testing.T) {
	sound := func() Leaks {
		l := Leaks{Share: 0.2}
		for _, off := range []float64{0, 0.001, 0.002, 0.003, 0.004} {
			l.Runs = append(l.Runs, Leak{Planted: Twins{60, 60}, Found: Twins{60, 59}, OnLeaked: 1 - off, OnClean: 0.9, LeakedWithout: 0.89, Score: 0.92})
		}
		return l
	}
	tests := map[string]struct {
		change func(*Leaks)
		want   claim.Verdict
	}{
		"found and effective":    {func(*Leaks) {}, claim.Supported},
		"twins before":           {func(l *Leaks) { l.Runs[0].Before.Near = 1 }, claim.Refuted},
		"near ones not found":    {func(l *Leaks) { l.Runs[0].Found.Near = 0 }, claim.Refuted},
		"an exact one not found": {func(l *Leaks) { l.Runs[0].Found = Twins{59, 61} }, claim.Refuted},
		"no effect": {func(l *Leaks) {
			for i := range l.Runs {
				l.Runs[i].OnLeaked = 0.89
			}
		}, claim.Refuted},
		"leaked pictures are easier": {func(l *Leaks) {
			for i := range l.Runs {
				l.Runs[i].LeakedWithout = 1
			}
		}, claim.Refuted},
		"too few seeds": {func(l *Leaks) { l.Runs = l.Runs[:4] }, claim.Inconclusive},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			l := sound()
			test.change(&l)
			require.Equal(t, test.want, judged(t, "q4.5", Measurements{Leaks: l}).Verdict)
		})
	}
}
