package minibatch

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/stat"

	"evident/kit/claim"
)

func judgeSteady(m Measurements) claim.Finding {
	d := m.Descent
	below, above, raised := 0, 0, 0
	var shown []string
	for _, task := range d.Tasks {
		for _, losses := range task.Losses {
			below += rises(losses, roundingDouble)
		}
		beyond := rises(task.Beyond, roundingDouble)
		above += beyond
		if beyond > 0 {
			raised++
		}
		shown = append(shown, fmt.Sprintf("%d on %s", beyond, task.Name))
	}
	net := ""
	if len(m.Trend.High) > 0 {
		net = fmt.Sprintf(" A net is not convex: its full batches at η = %g rise at a share of %s of the steps.",
			m.Trend.HighRate, claim.EstimateMean(risingShares(m.Trend.High)))
	}
	return claim.Finding{
		Decision: claim.Holds(len(d.Tasks) > 0 && below == 0 && raised == len(d.Tasks)),
		Evidence: fmt.Sprintf("Rising steps at the %d rates from %g/L to %g/L: %d. At %g/λ_max: %s.%s",
			len(d.Rates), d.Rates[0], d.Rates[len(d.Rates)-1], below, d.Beyond, strings.Join(shown, ", "), net),
		Samples: 1,
	}
}

func judgeFluctuation(m Measurements) claim.Finding {
	noise, trend := m.Noise, m.Trend
	parts, lowest, highest := noise.formulas()
	least, full := math.Inf(1), 0.0
	samples := len(noise.Variance)
	for size := range trend.BatchSizes {
		for rate := range trend.Rates {
			share := claim.EstimateMean(risingShares(trend.Losses[size][rate]))
			samples = min(samples, share.N)
			if trend.isFull(size) {
				parts, full = append(parts, share.Below(hardlyRises)), max(full, share.Mean)
				continue
			}
			parts, least = append(parts, share.Above(oftenRises)), min(least, share.Mean)
		}
	}
	return claim.Finding{
		Decision: claim.All(parts...),
		Evidence: fmt.Sprintf("Measured variance over predicted: means from %.3f to %.3f over %d batch sizes, with and without replacement. Over %d rates, the loss rises at a share of at least %.3f of the steps with each of the mini-batches, and of at most %.3f with full batches.",
			lowest, highest, len(noise.BatchSizes), len(trend.Rates), least, full),
		Samples: samples,
	}
}

// formulas compares every measured variance with the predicted one, and returns
// the range of the mean ratios.
func (f NoiseFacts) formulas() (parts []claim.Decision, lowest, highest float64) {
	lowest, highest = math.MaxFloat64, 0
	for size, b := range f.BatchSizes {
		for _, replaced := range []bool{false, true} {
			if b == f.Examples && !replaced { // theory leaves nothing to divide by
				parts = append(parts, claim.Holds(f.vanishes(size)))
				continue
			}
			ratio := claim.EstimateMean(f.ratios(size, replaced))
			parts = append(parts, ratio.Above(1-withinTenth), ratio.Below(1+withinTenth))
			lowest, highest = min(lowest, ratio.Mean), max(highest, ratio.Mean)
		}
	}
	return parts, lowest, highest
}

// vanishes reports whether batches of a size, without replacement, have no noise
// but rounding.
func (f NoiseFacts) vanishes(size int) bool {
	for seed, spread := range f.Shuffled[size] {
		if !(spread <= allButZero*f.Variance[seed]) {
			return false
		}
	}
	return true
}

func judgeTrend(m Measurements) claim.Finding {
	t := m.Trend
	var parts []claim.Decision
	var shown []string
	fewest, samples := 1.0, 0
	for rate, eta := range t.Rates {
		most, at := claim.Estimate{Mean: -1}, 0
		for size, b := range t.BatchSizes {
			left := claim.EstimateMean(t.Left(size, rate))
			parts, samples = append(parts, left.Below(halved)), left.N
			if left.Mean > most.Mean {
				most, at = left, b
			}
			if shares := t.FallingEpochs(size, rate); len(shares) > 0 {
				fewest = min(fewest, stat.Mean(shares, nil))
			}
		}
		full := claim.EstimateMean(t.Left(len(t.BatchSizes)-1, rate))
		shown = append(shown, fmt.Sprintf("at η = %g %s with full batches and at most %s, with B = %d", eta, full, most, at))
	}
	return claim.Finding{
		Decision: claim.All(parts...),
		Evidence: fmt.Sprintf("Share of the first loss that is left: %s. The mean loss of an epoch is below the one before in at least %.0f %% of the epochs.",
			strings.Join(shown, "; "), 100*fewest),
		Samples: samples,
	}
}

func judgePictures(m Measurements) claim.Finding {
	p := m.Picture
	accuracy := claim.EstimateMean(p.Accuracies())
	return claim.Finding{
		Decision: accuracy.Above(tellsApart),
		Evidence: fmt.Sprintf("A curve is called mini-batch when its %s is above %.3g, learned on %d curves. On %d unseen ones the balanced accuracy is %s. It calls %.0f %% of the full batches at too high a rate mini-batch, and %.0f %% of the batches of %d examples.",
			p.Classifier.Name(), p.Classifier.Threshold, len(p.Learned), len(p.Unseen), accuracy,
			100*p.Classifier.calledMini(p.Oscillates), 100*p.Classifier.calledMini(p.NearlyFull), p.nearlyFull()),
		Samples: accuracy.N,
	}
}

// nearlyFull is the size of the batches of nearly all examples.
func (f PictureFacts) nearlyFull() int {
	if len(f.NearlyFull) == 0 {
		return 0
	}
	return f.NearlyFull[0].Size
}

func judgeTime(m Measurements) claim.Finding {
	t := m.Time
	few, many := t.Slopes()
	small, large := claim.EstimateMean(few), claim.EstimateMean(many)
	n, k := len(t.BatchSizes), t.atEnds()
	return claim.Finding{
		Decision: claim.All(small.Below(nearlyPerfect), large.Above(diminished)),
		Evidence: fmt.Sprintf("Steps to a loss of %g go as B to the power %s for B from %d to %d, and %s from %d to %d. Critical batch size (geometric means): %s; simple noise scale: %s at the start, %s at the target.%s",
			t.Target, small, t.BatchSizes[0], t.BatchSizes[k-1], large, t.BatchSizes[n-k], t.BatchSizes[n-1],
			geometric(t.Critical()), geometric(t.ScaleAtStart), geometric(t.ScaleAtTarget), t.edges()),
		Samples: small.N,
	}
}

// geometric is a geometric mean as text, of the values that there are.
func geometric(values []float64) string {
	finite := claim.Finite(claim.Logs(values))
	if len(finite) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.3g", math.Pow(10, stat.Mean(finite, nil)))
}

// edges names the batch sizes whose best rate is the first or the last of the
// grid, or that have none.
func (f TimeFacts) edges() string {
	var edge, none []string
	for size, b := range f.BatchSizes {
		switch {
		case f.Best(size) < 0:
			none = append(none, fmt.Sprint(b))
		case f.AtEdge(size):
			edge = append(edge, fmt.Sprint(b))
		}
	}
	text := ""
	if len(edge) > 0 {
		text += " The best rate is at the edge of the grid for B = " + strings.Join(edge, ", ") + "."
	}
	if len(none) > 0 {
		text += " Not all seeds get there at any one rate for B = " + strings.Join(none, ", ") + "."
	}
	return text
}
