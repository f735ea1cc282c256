package saddle

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/stat"

	"evident/kit/claim"
)

// onTasks tries a claim on every task: it has to come out the same on all.
func (f RaceFacts) onTasks(try func(t TaskFacts) (decision claim.Decision, evidence string, samples int)) claim.Finding {
	decisions, shown, samples := f.each(try)
	return claim.Finding{Decision: claim.Agreed(decisions...), Evidence: shown, Samples: samples}
}

// each tries a claim on every task. The evidence is one sentence a task.
func (f RaceFacts) each(try func(t TaskFacts) (claim.Decision, string, int)) (decisions []claim.Decision, evidence string, samples int) {
	var shown []string
	samples = math.MaxInt
	for _, t := range f.Tasks {
		decision, own, n := try(t)
		decisions = append(decisions, decision)
		shown, samples = append(shown, fmt.Sprintf("On the %s: %s (%s).", t.Task, own, decision.Verdict)), min(samples, n)
	}
	return decisions, strings.Join(shown, " "), samples
}

func judgeFaster(m Measurements) claim.Finding { return m.Race.fasterThan(sgd) }

func judgeFasterThanMomentum(m Measurements) claim.Finding { return m.Race.fasterThan(momentum) }

// fasterThan compares the steps of Adam with those of another optimizer, each at
// its own fastest rate.
func (f RaceFacts) fasterThan(name string) claim.Finding {
	return f.onTasks(func(t TaskFacts) (claim.Decision, string, int) {
		other, own := t.racer(name), t.racer(adam)
		ratio := logRatio(t.Steps(other.Fast), t.Steps(own.Fast))
		return ratio.Above(math.Log10(fasterBy)), fmt.Sprintf("%s, %s; ratio of the steps %.2f, in powers of ten %s",
			t.describe(other), t.describe(own), math.Pow(10, ratio.Mean), ratio), ratio.N
	})
}

// racer is the one of that name, or one that never arrives where it is missing.
func (f TaskFacts) racer(name string) Racer {
	r, _ := f.Of(name)
	return r
}

// describe says how an optimizer does at its fastest rate.
func (f TaskFacts) describe(r Racer) string {
	rate, note := f.Fastest(r), ""
	if n := f.Arrive(r.Fast); n < len(r.Fast) {
		note = fmt.Sprintf(", %d of %d arrive, the others count as %d", n, len(r.Fast), f.Budget)
	}
	if f.atEdge(rate) {
		note += ", the edge of the grid"
	}
	return fmt.Sprintf("%s takes %.0f steps at η = %.2g%s", r.Name, geometric(f.Steps(r.Fast)), f.Rates[rate], note)
}

func judgeVariance(m Measurements) claim.Finding {
	var parts []claim.Decision
	var shown []string
	samples := math.MaxInt
	for place, name := range []string{"at the initial weights", "after some training"} {
		ratio := logRatio(m.Noise.Of(place, adam), m.Noise.Of(place, sgd))
		parts, samples = append(parts, ratio.Below(-math.Log10(calmerBy))), min(samples, ratio.N)
		var each []string
		for _, optimizer := range m.Noise.Names {
			each = append(each, fmt.Sprintf("%s %.3g", optimizer, geometricOrZero(m.Noise.Of(place, optimizer))))
		}
		shown = append(shown, fmt.Sprintf("Relative variance of the direction %s: %s; Adam's over SGD's in powers of ten %s (%s).",
			name, strings.Join(each, ", "), ratio, parts[place].Verdict))
	}
	decisions, losses, n := m.Race.each(func(t TaskFacts) (claim.Decision, string, int) {
		ratio := logRatio(t.Fluctuation(t.racer(adam)), t.Fluctuation(t.racer(sgd)))
		return ratio.Below(-math.Log10(calmerBy)), fmt.Sprintf("the training loss of Adam fluctuates by %s of itself, that of SGD by %s, of momentum by %s; Adam's over SGD's in powers of ten %s",
			shortOf(t.Fluctuation(t.racer(adam))), shortOf(t.Fluctuation(t.racer(sgd))), shortOf(t.Fluctuation(t.racer(momentum))), ratio), ratio.N
	})
	return claim.Finding{
		Decision: claim.Agreed(append(parts, decisions...)...), Samples: min(samples, n),
		Evidence: strings.Join(append(shown, losses), " "),
	}
}

// shortOf is the geometric mean, or a dash where one run diverged.
func shortOf(values []float64) string { return orDash("%.2g", geometric(values)) }

// logRatio is log10 a/b, paired by seed.
func logRatio(a, b []float64) claim.Estimate {
	return claim.EstimateDifference(claim.Logs(a), claim.Logs(b))
}

// geometricOrZero is the geometric mean of the finite values; 0 for none.
func geometricOrZero(values []float64) float64 {
	kept := claim.Finite(values)
	if len(kept) == 0 {
		return 0
	}
	return geometric(kept)
}

func judgeSensitive(m Measurements) claim.Finding {
	return m.Race.onTasks(func(t TaskFacts) (claim.Decision, string, int) {
		own, other := t.racer(adam), t.racer(sgd)
		narrower := claim.EstimateDifference(t.Widths(other), t.Widths(own))
		fails, failsToo := claim.EstimateMean(t.FailsHigh(own)), claim.EstimateMean(t.FailsHigh(other))
		return claim.All(narrower.Above(narrowerBy), fails.Above(mostRuns)),
			fmt.Sprintf("the band of good rates is %.2f powers of ten wide for Adam, %.2f for SGD, difference %s; at η = %.3g %s of Adam's runs fail and %s of SGD's",
				stat.Mean(t.Widths(own), nil), stat.Mean(t.Widths(other), nil), narrower, t.Rates[len(t.Rates)-1], fails, failsToo), narrower.N
	})
}

func judgeSharpness(m Measurements) claim.Finding {
	return m.Race.onTasks(func(t TaskFacts) (claim.Decision, string, int) {
		own, other := t.racer(adam), t.racer(sgd)
		sharper := logRatio(paired(own.Sharpness, other.Sharpness))
		rises := logRatio(paired(own.Rise, other.Rise))
		lossOfOwn, accuracyOfOwn := t.AtTarget(own)
		lossOfOther, accuracyOfOther := t.AtTarget(other)
		poorer := claim.EstimateDifference(paired(accuracyOfOther, accuracyOfOwn))
		factor := math.Log10(sharperBy)
		return claim.All(sharper.Above(factor), rises.Above(factor), poorer.Above(poorerBy)),
			fmt.Sprintf("at training losses of %.3g (Adam) and %.3g (SGD), λ_max is %.2f times SGD's (powers of ten %s), the rise of the loss %.2f times (%s), and the test accuracy %.3f against %.3f (SGD's is higher by %s)",
				meanOrZero(lossOfOwn), meanOrZero(lossOfOther), math.Pow(10, sharper.Mean), sharper, math.Pow(10, rises.Mean), rises,
				meanOrZero(accuracyOfOwn), meanOrZero(accuracyOfOther), poorer), sharper.N
	})
}

// meanOrZero is the mean of the finite values; 0 for none.
func meanOrZero(values []float64) float64 {
	kept := claim.Finite(values)
	if len(kept) == 0 {
		return 0
	}
	return stat.Mean(kept, nil)
}

func judgeOptimal(m Measurements) claim.Finding {
	return m.Race.onTasks(func(t TaskFacts) (claim.Decision, string, int) {
		var shown []string
		var parts []claim.Decision
		samples := 0
		for _, of := range []struct {
			name string
			loss func(Racer) []float64
		}{
			{"training", func(r Racer) []float64 { return ends(r.Deep, trainLoss) }},
			{"test", func(r Racer) []float64 { return ends(r.Deep, testLoss) }},
		} {
			worse := logRatio(of.loss(t.racer(adam)), of.loss(t.racer(sgd)))
			parts, samples = append(parts, worse.Above(math.Log10(betterBy))), worse.N
			shown = append(shown, fmt.Sprintf("%s loss at the end: SGD %s, momentum %s, Adam %s, Adam's over SGD's in powers of ten %s",
				of.name, shortOf(of.loss(t.racer(sgd))), shortOf(of.loss(t.racer(momentum))), shortOf(of.loss(t.racer(adam))), worse))
		}
		return claim.All(parts...), strings.Join(shown, "; "), samples
	})
}
