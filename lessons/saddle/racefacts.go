package saddle

import (
	"math"

	"gonum.org/v1/gonum/stat"

	"evident/kit/claim"
	"evident/kit/sweep"
)

// guessing is the loss in nats of the answer ½, ½ to every example.
const guessing = math.Ln2

// Of finds a racer by its optimizer's name.
func (f TaskFacts) Of(name string) (Racer, bool) {
	for _, r := range f.Racers {
		if r.Name == name {
			return r, true
		}
	}
	return Racer{}, false
}

// Steps are those of the runs until the training loss has the target, by seed; the budget for a run that never has it. Between two looks at
// the loss, its logarithm is taken as a straight line.
func (f TaskFacts) Steps(runs []sweep.History) []float64 {
	steps := make([]float64, len(runs))
	for seed, run := range runs {
		if steps[seed] = float64(f.Budget); run.Reaches(f.Target) >= 0 {
			steps[seed] = max(crossing(run, f.Target), 1)
		}
	}
	return steps
}

// crossing is the step at which a run first has the target.
func crossing(run sweep.History, target float64) float64 {
	at := run.Reaches(target)
	to := float64(run.Steps[at])
	if at == 0 || math.IsInf(run.Train[at-1].Loss, 0) {
		return to
	}
	from := float64(run.Steps[at-1])
	before, after := math.Log(run.Train[at-1].Loss/target), math.Log(atLeast(run.Train[at].Loss)/target)
	return from + (to-from)*before/(before-after)
}

// Arrive counts the runs that reach the target.
func (f TaskFacts) Arrive(runs []sweep.History) int {
	n := 0
	for _, run := range runs {
		if run.Reaches(f.Target) >= 0 {
			n++
		}
	}
	return n
}

// Fastest is the rate at which the most runs of the tuning reach the target, and of those with
// as many the one with the fewest steps, by the geometric mean over the seeds.
func (f TaskFacts) Fastest(r Racer) int {
	return bestRate(len(f.Rates), func(rate int) (int, float64) { return f.Arrive(r.Grid[rate]), geometric(f.Steps(r.Grid[rate])) })
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

// Deepest is the rate with the lowest training loss at the end of the tuning, by
// the geometric mean over the seeds. A rate at which one run diverged is none.
func (f TaskFacts) Deepest(r Racer) int {
	best, lowest := 0, math.Inf(1)
	for rate := range f.Rates {
		if loss := geometric(ends(r.Grid[rate], trainLoss)); loss < lowest {
			best, lowest = rate, loss
		}
	}
	return best
}

// atEdge reports whether a rate is the lowest or the highest of the grid.
func (f TaskFacts) atEdge(rate int) bool { return rate == 0 || rate == len(f.Rates)-1 }

// nearest is the rate of the grid within 1 % of the wanted one, or -1.
func (f TaskFacts) nearest(wanted float64) int {
	for i, rate := range f.Rates {
		if math.Abs(rate/wanted-1) < 0.01 {
			return i
		}
	}
	return -1
}

// resolution is the loss below which float32 cannot tell one from 0. Losses are
// taken as at least this, so that they have logarithms.
const resolution = 1e-7

func trainLoss(c sweep.History) float64    { return atLeast(sweep.End(c.Train).Loss) }
func testLoss(c sweep.History) float64     { return atLeast(sweep.End(c.Test).Loss) }
func testAccuracy(c sweep.History) float64 { return sweep.End(c.Test).Accuracy }

// ends are one value of the runs, by seed.
func ends(runs []sweep.History, of func(sweep.History) float64) []float64 {
	values := make([]float64, len(runs))
	for seed, run := range runs {
		values[seed] = of(run)
	}
	return values
}

// falls is, by rate, how much of a seed's best fall of the training loss a run
// keeps at the end: 1 for the best, 0 for none, and 0 for a loss that rose or is
// not finite.
func (f TaskFacts) falls(r Racer, seed int) []float64 {
	lowest := math.Inf(1)
	for rate := range f.Rates {
		if loss := trainLoss(r.Grid[rate][seed]); loss < lowest {
			lowest = loss
		}
	}
	all := make([]float64, len(f.Rates))
	for rate := range all {
		first := r.Grid[rate][seed].Train[0].Loss
		if fall := (first - trainLoss(r.Grid[rate][seed])) / (first - lowest); fall > 0 && !math.IsInf(fall, 1) {
			all[rate] = fall
		}
	}
	return all
}

// goodShare of the best fall makes a rate good.
const goodShare = 0.9

// Band is the range of rates about a seed's best at which the training loss
// falls by at least goodShare of the best fall, in powers of ten. Between two
// rates of the grid, the fall is taken as a straight line over log10 η.
func (f TaskFacts) Band(r Racer, seed int) (from, to float64) {
	falls, logs := f.falls(r, seed), claim.Logs(f.Rates)
	best := 0
	for rate, fall := range falls {
		if fall > falls[best] {
			best = rate
		}
	}
	edge := func(step int) float64 {
		at := best
		for at+step >= 0 && at+step < len(falls) && falls[at+step] >= goodShare {
			at += step
		}
		if at+step < 0 || at+step >= len(falls) {
			return logs[at]
		}
		share := (falls[at] - goodShare) / (falls[at] - falls[at+step])
		return logs[at] + share*(logs[at+step]-logs[at])
	}
	return edge(-1), edge(+1)
}

// Widths are those of the bands of all seeds, in powers of ten.
func (f TaskFacts) Widths(r Racer) []float64 {
	widths := make([]float64, len(r.Grid[0]))
	for seed := range widths {
		from, to := f.Band(r, seed)
		widths[seed] = to - from
	}
	return widths
}

// FailsHigh is 1 for every seed whose training loss at the highest rate does not
// end below its start, else 0.
func (f TaskFacts) FailsHigh(r Racer) []float64 {
	fails := make([]float64, len(r.Grid[0]))
	for seed, run := range r.Grid[len(f.Rates)-1] {
		if !(trainLoss(run) < run.Train[0].Loss) {
			fails[seed] = 1
		}
	}
	return fails
}

// Fluctuation is, by seed, how far the training loss of the deep runs moves about
// its trend over the last quarter of the training: the deviation of ln loss from a straight line through it, so about the share of the loss.
func (f TaskFacts) Fluctuation(r Racer) []float64 {
	all := make([]float64, len(r.Deep))
	for seed, run := range r.Deep {
		var x, y []float64
		for i, step := range run.Steps {
			if step >= 3*f.Budget/4 {
				x, y = append(x, float64(step)), append(y, math.Log(atLeast(run.Train[i].Loss)))
			}
		}
		offset, slope := stat.LinearRegression(x, y, nil, false)
		for i := range y {
			y[i] -= offset + slope*x[i]
		}
		all[seed] = stat.StdDev(y, nil)
	}
	return all
}

// AtTarget are, by seed, the losses and the test accuracies of the fast runs when
// they first have the target; NaN where they never do.
func (f TaskFacts) AtTarget(r Racer) (loss, accuracy []float64) {
	for _, run := range r.Fast {
		own, tested := math.NaN(), math.NaN()
		if at := run.Reaches(f.Target); at >= 0 {
			own, tested = run.Train[at].Loss, run.Test[at].Accuracy
		}
		loss, accuracy = append(loss, own), append(accuracy, tested)
	}
	return loss, accuracy
}

// paired leaves out the seeds at which one of the two is not finite.
func paired(a, b []float64) (x, y []float64) {
	for i := range a {
		if len(claim.Finite([]float64{a[i], b[i]})) == 2 {
			x, y = append(x, a[i]), append(y, b[i])
		}
	}
	return x, y
}
