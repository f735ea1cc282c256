package saddle

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"

	"evident/kit/claim"
)

// geometric is the geometric mean of numbers above 0.
func geometric(values []float64) float64 { return stat.GeometricMean(values, nil) }

// geometricOrZero is the geometric mean of the finite values; 0 for none.
func geometricOrZero(values []float64) float64 {
	kept := claim.Finite(values)
	if len(kept) == 0 {
		return 0
	}
	return geometric(kept)
}

// meanOrZero is the mean of the finite values; 0 for none.
func meanOrZero(values []float64) float64 {
	kept := claim.Finite(values)
	if len(kept) == 0 {
		return 0
	}
	return stat.Mean(kept, nil)
}

// shortOf is the geometric mean, or a dash where one run diverged.
func shortOf(values []float64) string { return orDash("%.2g", geometric(values)) }

// orDash formats a number, or writes a dash where it is not finite.
func orDash(format string, v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	return fmt.Sprintf(format, v)
}

// logRatio is log10 a/b, paired by seed.
func logRatio(a, b []float64) claim.Estimate {
	return claim.EstimateDifference(claim.Logs(a), claim.Logs(b))
}

// arrivals counts the steps that are not 0.
func arrivals(steps []float64) int {
	n := 0
	for _, s := range steps {
		if s > 0 {
			n++
		}
	}
	return n
}

// orBudget counts a run that does not arrive as one of so many steps.
func orBudget(steps []float64, budget int) []float64 {
	all := make([]float64, len(steps))
	for i, s := range steps {
		if all[i] = s; s == 0 {
			all[i] = float64(budget)
		}
	}
	return all
}

// bestRate is the first rate with the most arrivals, and of those with as many
// the one with the fewest steps.
func bestRate(rates int, of func(rate int) (arrive int, steps float64)) int {
	best, most, fewest := 0, -1, math.Inf(1)
	for rate := range rates {
		arrive, steps := of(rate)
		if arrive > most || arrive == most && steps < fewest {
			best, most, fewest = rate, arrive, steps
		}
	}
	return best
}

// drawnOnLogAxis reports whether a chart with a logarithmic axis draws the step:
// all up to 20, then fewer.
func drawnOnLogAxis(step int) bool {
	for every := 1; ; every *= 2 {
		if step <= 20*every {
			return step%every == 0
		}
	}
}

// part is one assertion of a claim, or the claim under one condition.
type part[M any] struct {
	asserts, decides string
	recorded         claim.Verdict
	judge            func(M) claim.Finding
	exact            bool
}

// revisedOn is the day on which the rules were revised.
const revisedOn = "2026-11-30"

// inParts declares a claim of several parts, revised for the reason.
func inParts[M any](id, source, statement, why string, parts ...part[M]) claim.Rule[M] {
	rules := make([]claim.Rule[M], len(parts))
	for i, p := range parts {
		declare := claim.SampledRule[M]
		if p.exact {
			declare = claim.ExactRule[M]
		}
		rules[i] = declare(fmt.Sprintf("%s%c", id, 'a'+i), source, p.asserts, p.decides, p.recorded, p.judge).Revised(revisedOn, why)
	}
	return claim.Whole(id, source, statement, rules...)
}

// onTasks is an assertion with a part for every task. The verdicts on record are
// in the order of the tasks.
func onTasks[M any](tasks []string, recorded []claim.Verdict, asserts, decides string, judge func(m M, task string) claim.Finding) []part[M] {
	parts := make([]part[M], len(tasks))
	for i, task := range tasks {
		parts[i] = part[M]{
			asserts: fmt.Sprintf("%s, on the %s.", asserts, task), decides: decides, recorded: recorded[i],
			judge: func(m M) claim.Finding { return judge(m, task) },
		}
	}
	return parts
}
