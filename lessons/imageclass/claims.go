package imageclass

import (
	"fmt"
	"math"
	"strings"

	"evident/kit/claim"
)

// Measurements are all that the verdicts rest on.
type Measurements struct {
	Trained  Trained
	Unscaled Unscaled
	Memory   Memory
	Leaks    Leaks
}

// The thresholds of the sampled claims, fixed before the measurements.
const (
	band       = 0.97 // validation accuracy that counts as the sheet's .9733
	linearMost = 0.75 // accuracy of a linear model above which the task is no test of a net
	guessMost  = 0.51 // of the guess that never looks, on balanced data
	sheetFirst = 10.2729
	// sameOrder is how many powers of ten a loss may be away from the sheet's.
	sameOrder = 0.5
	// farAbove is by how many powers of ten the unscaled pixels have to raise it.
	farAbove  = 1.0
	memorised = 1.0  // powers of ten that the training loss falls in the second half
	missedBy  = 0.02 // share of lesions that are missed more in the weakest third
	leakFound = 0.95 // share of the planted twins that the audit has to find
	anyEffect = 0.0  // where a claim only says "more" or "less"
)

// rules declares the claims of question 4, each with what decides it. Intervals
// are of Student's t at 95 %, over the seeds, and a sign test has to agree with
// them (see [claim.Estimate.Above]).
func rules() []claim.Rule[Measurements] {
	return []claim.Rule[Measurements]{
		claim.SampledRule("q4.1", "Q4 results",
			"A small convolutional net tells the two classes of pictures apart with a validation accuracy of .9733 after 10 epochs.",
			"validation accuracy after the last epoch is above .97 (95 % interval), on pictures where a linear model stays below .75 and a guess at .5",
			claim.Supported, judgeBand),
		claim.SampledRule("q4.2", "Q4 results, epoch 1",
			"The loss of 10.27 in the sheet's first epoch comes from pixels that were left at 0 to 255.",
			"with pixels from 0 to 255 the mean loss of the first epoch is at least 10 times that with pixels from 0 to 1, and lies within half a power of ten of 10.27 (95 % intervals); on two nets, inconclusive where it depends on the net",
			claim.Inconclusive, judgeUnscaled),
		claim.SampledRule("q4.3", "Q4 results, epochs 5 to 10",
			"From the middle of the training on the net memorises: the training loss goes on falling by powers of ten while the validation loss rises.",
			"in the second half of the training the training loss falls over tenfold and the validation loss rises (95 % intervals), both on all pictures and on a few; inconclusive where that depends",
			claim.Inconclusive, judgeMemory),
		claim.SampledRule("q4.4", "Q4 results",
			"The accuracy alone hides which errors are made.",
			"the weakest third of further lesions, by contrast times area, is missed more often than the strongest third, by over 0.02 (95 % interval)",
			claim.Supported, judgeErrors),
		claim.SampledRule("q4.5", "Q4 data",
			"Pictures on both sides of the split inflate the score.",
			"the audit finds nothing before, and over 95 % of the planted twins after (every exact one); accuracy on the leaked pictures is higher than on the others, and than that of a net without the leak on the same pictures (95 % intervals above 0)",
			claim.Supported, judgeLeak),
	}
}

// Claims lists the lesson's claims, not yet judged.
func Claims() []claim.Claim { return claim.Declared(rules()) }

func judgeBand(m Measurements) claim.Finding {
	t := m.Trained
	accuracy := claim.EstimateMean(t.Accuracy())
	pixels := claim.EstimateMean(t.each(func(r SeedFacts) float64 { return r.Linear }))
	guess := claim.EstimateMean(t.each(func(r SeedFacts) float64 { return r.Majority }))
	finding := claim.Finding{
		Decision: accuracy.Above(band),
		Evidence: fmt.Sprintf("Validation accuracy on %s is %s, by seed %s, after %d steps; the sheet has %.4f. Logistic regression on the pixels gets %s, a guess %.2f.",
			t.DataSet, accuracy, listed(t.Accuracy(), "%.4f"), t.steps(), sheetLast, pixels, guess.Mean),
		Samples: accuracy.N,
	}
	if !t.own {
		finding.Decision = claim.All(finding.Decision, pixels.Below(linearMost), claim.Holds(guess.Mean < guessMost))
	}
	return finding
}

// steps of one training, the longest.
func (t Trained) steps() int {
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

func judgeUnscaled(m Measurements) claim.Finding {
	var parts []claim.Decision
	var texts []string
	samples := 0
	target := math.Log10(sheetFirst)
	for _, scales := range m.Unscaled.Nets {
		rawLoss, scaledLoss := claim.Logs(each(scales.Raw, firstEpoch)), claim.Logs(each(scales.Scaled, firstEpoch))
		ratio, size := claim.EstimateDifference(rawLoss, scaledLoss), claim.EstimateMean(rawLoss)
		parts = append(parts, claim.All(ratio.Above(farAbove), size.Above(target-sameOrder), size.Below(target+sameOrder)))
		texts = append(texts, fmt.Sprintf("of the net with %s it is %s with pixels 0–255 and %s with 0–1 (before the first step %s and %s; the logits are %.0f times as large)",
			scales.Net.name(), geometric(each(scales.Raw, firstEpoch)), geometric(each(scales.Scaled, firstEpoch)),
			geometric(each(scales.Raw, initialLoss)), geometric(each(scales.Scaled, initialLoss)), scales.logitRatio()))
		samples = ratio.N
	}
	return claim.Finding{
		Decision: claim.Agreed(parts...),
		Evidence: fmt.Sprintf("The sheet's mean loss of the first epoch is %.2f; %s.", sheetFirst, strings.Join(texts, "; ")),
		Samples:  samples,
	}
}

// logitRatio is how many times larger the untrained net's logits are with
// pixels 0–255.
func (s Scales) logitRatio() float64 {
	sum := 0.0
	for i := range s.Raw {
		sum += s.Raw[i].InitialScale / s.Scaled[i].InitialScale / float64(len(s.Raw))
	}
	return sum
}

// geometric writes the geometric mean of values above 0 with its interval.
func geometric(values []float64) string {
	e := claim.EstimateMean(claim.Logs(values))
	if e.High == math.MaxFloat64 {
		return fmt.Sprintf("%.3g", math.Pow(10, e.Mean))
	}
	return fmt.Sprintf("%.3g [%.3g, %.3g]", math.Pow(10, e.Mean), math.Pow(10, e.Low), math.Pow(10, e.High))
}

func judgeMemory(m Measurements) claim.Finding {
	var parts []claim.Decision
	var texts []string
	for _, condition := range m.Memory.compared() {
		fall, rise := claim.EstimateMean(condition.each(Course.Fall)), claim.EstimateMean(condition.each(Course.Rise))
		parts = append(parts, claim.All(fall.Above(memorised), rise.Above(anyEffect)))
		texts = append(texts, fmt.Sprintf("on %d pictures the training loss falls by %s powers of ten and the validation loss changes by %s",
			condition.Pictures, fall, rise))
	}
	evidence := "In the second half of the training, " + strings.Join(texts, "; ") + "."
	for i, r := range fewRecipes {
		if i > 0 && i < len(m.Memory.Few) {
			evidence += fmt.Sprintf(" On the few with %s the latter changes by %s.", r.how, claim.EstimateMean(m.Memory.Few[i].each(Course.Rise)))
		}
	}
	return claim.Finding{Decision: claim.Agreed(parts...), Evidence: evidence, Samples: m.Memory.samples()}
}

// compared are the two conditions that the verdict rests on.
func (m Memory) compared() []Condition {
	return append([]Condition{m.All}, m.Few[:min(1, len(m.Few))]...)
}

func (m Memory) samples() int {
	least := len(m.All.Courses)
	for _, condition := range m.compared() {
		least = min(least, len(condition.Courses))
	}
	return least
}

func judgeErrors(m Measurements) claim.Finding {
	t := m.Trained
	all := t.confusion()
	auc := claim.EstimateMean(t.each(func(r SeedFacts) float64 { return AUC(r.Outcome.Scores, r.Outcome.Positive).Value }))
	evidence := fmt.Sprintf("Over all seeds the accuracy is %.4f, with %d positives missed and %d false alarms; AUC %s; calibration error %.3f.",
		all.Accuracy().Value, all.FalseNegative, all.FalsePositive, auc, t.calibration().Mean)
	weakest, strongest := t.missed(0), t.missed(thirds-1)
	if weakest == nil {
		return claim.Finding{Decision: claim.Open(), Evidence: evidence + " How well its lesions can be seen is known of drawn heads alone.", Samples: len(t.Runs)}
	}
	gap := claim.EstimateDifference(weakest, strongest)
	return claim.Finding{
		Decision: gap.Above(missedBy),
		Evidence: evidence + fmt.Sprintf(" Of %d further lesions of every seed, %s of the weakest third are missed and %s of the strongest; the difference is %s. The most salient pixel lies in the lesion in %.0f %% of the lesions found, by chance in %.0f %%.",
			t.Runs[0].Further.positives(), claim.EstimateMean(weakest), claim.EstimateMean(strongest), gap, 100*t.hits(), 100*t.chance()),
		Samples: gap.N,
	}
}

func (t Trained) calibration() claim.Estimate {
	return claim.EstimateMean(t.each(func(r SeedFacts) float64 { return r.Outcome.CalibrationError() }))
}

// missed is the share of lesions missed in a third of them, by seed; nil where
// their strength is not known.
func (t Trained) missed(third int) []float64 {
	var all []float64
	for _, run := range t.Runs {
		missed := run.Further.Missed()
		if missed == nil {
			return nil
		}
		all = append(all, missed[third])
	}
	return all
}

func (t Trained) hits() float64 {
	return claim.EstimateMean(t.each(func(r SeedFacts) float64 { return r.Pointing.Share() })).Mean
}

func (t Trained) chance() float64 {
	return claim.EstimateMean(t.each(func(r SeedFacts) float64 { return r.Pointing.Chance })).Mean
}

func judgeLeak(m Measurements) claim.Finding {
	l := m.Leaks
	before, planted, found := l.twins()
	share := float64(found.Exact+found.Near-before.Exact-before.Near) / float64(max(planted.Exact+planted.Near, 1))
	leaked, clean, without := l.each(func(r Leak) float64 { return r.OnLeaked }), l.each(func(r Leak) float64 { return r.OnClean }), l.each(func(r Leak) float64 { return r.LeakedWithout })
	higher, because := claim.EstimateDifference(leaked, clean), claim.EstimateDifference(leaked, without)
	inflated := claim.EstimateDifference(l.each(func(r Leak) float64 { return r.Score }), clean)
	return claim.Finding{
		Decision: claim.All(claim.Holds(before == Twins{}), claim.Holds(share > leakFound && found.Exact >= planted.Exact), higher.Above(anyEffect), because.Above(anyEffect)),
		Evidence: fmt.Sprintf("Before the leak the audit finds %d exact and %d near twins; of %d + %d planted ones it finds %d + %d. Accuracy is %s on the leaked pictures and %s on the others; without the leak it is %s on the same pictures. A leak of %.0f %% raises the reported score by %s.",
			before.Exact, before.Near, planted.Exact, planted.Near, found.Exact, found.Near,
			claim.EstimateMean(leaked), claim.EstimateMean(clean), claim.EstimateMean(without), 100*l.Share, inflated),
		Samples: higher.N,
	}
}

// twins adds up the counts of all seeds.
func (l Leaks) twins() (before, planted, found Twins) {
	for _, run := range l.Runs {
		before = before.plus(run.Before)
		planted = planted.plus(run.Planted)
		found = found.plus(run.Found)
	}
	return before, planted, found
}

func (t Twins) plus(u Twins) Twins { return Twins{t.Exact + u.Exact, t.Near + u.Near} }

func (l Leaks) each(of func(Leak) float64) []float64 {
	all := make([]float64, len(l.Runs))
	for i, run := range l.Runs {
		all[i] = of(run)
	}
	return all
}
