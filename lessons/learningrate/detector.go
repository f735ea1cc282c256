package learningrate

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// The detector sees the losses of the steps of one training, and nothing else.
const (
	curveParts  = 20               // parts of a curve whose means are compared
	strongSwing = 0.5              // of the first loss: mean change from step to step that is a strong oscillation
	clearRise   = 0.1              // of the first loss: rise of the late loss over the lowest part that is a rise
	hardlyFell  = 0.1              // of the first loss: fall in all below which the loss did not fall
	surely      = 0.99             // confidence at which a slope is told from noise
	stillGains  = 1 - goodFraction // of the fall so far: what as many steps again would add at that slope
)

// Diagnose tells from a loss curve alone how the rate was. Strong oscillation
// or a rise after the first fall are read as too high, a loss that hardly fell
// or is still falling as too low.
func Diagnose(losses []float64) Regime {
	first := losses[0]
	parts := partMeans(losses)
	lowest := math.Inf(1)
	for _, mean := range parts {
		if math.IsNaN(mean) || math.IsInf(mean, 0) {
			return TooHigh
		}
		lowest = min(lowest, mean)
	}
	late := stat.Mean(parts[3*len(parts)/4:], nil)
	switch {
	case swing(losses[3*len(losses)/4:]) > strongSwing*first, late-lowest > clearRise*first:
		return TooHigh
	case first-late < hardlyFell*first, steadyFall(parts[len(parts)/2:])*float64(len(parts)) > stillGains*(first-late):
		return TooLow
	}
	return Good
}

// steadyFall is the fall from value to value of a fitted line, or 0 if the
// values' distances from the line do not tell it from a level one (Student's t
// of the slope).
func steadyFall(values []float64) float64 {
	steps := make([]float64, len(values))
	for i := range steps {
		steps[i] = float64(i)
	}
	at, slope := stat.LinearRegression(steps, values, nil, false)
	off := 0.0
	for i, v := range values {
		off += (v - at - slope*steps[i]) * (v - at - slope*steps[i])
	}
	freedom := float64(len(values) - 2)
	n := float64(len(values))
	deviation := math.Sqrt(off / freedom / (n * stat.PopVariance(steps, nil)))
	if -slope > (distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}).Quantile(surely)*deviation {
		return -slope
	}
	return 0
}

// partMeans cuts the curve into curveParts of nearly equal length.
func partMeans(losses []float64) []float64 {
	parts := min(curveParts, len(losses))
	means := make([]float64, parts)
	for i := range means {
		means[i] = stat.Mean(losses[i*len(losses)/parts:(i+1)*len(losses)/parts], nil)
	}
	return means
}

// swing is the mean absolute change from step to step.
func swing(losses []float64) float64 {
	total := 0.0
	for i := 1; i < len(losses); i++ {
		total += math.Abs(losses[i]-losses[i-1]) / float64(len(losses)-1)
	}
	return total
}

// Detection counts, for every seed, the trainings near the boundary of one kind
// of rate.
type Detection struct{ Were, Called, Right []float64 }

// Detect compares the diagnosis with the truth at rates within a decade of the
// boundary between the good rates and those of the kind. Farther out a mistake
// is hard to make.
func (f GridMeasurement) Detect(kind Regime) Detection {
	seeds := len(f.Runs[0])
	d := Detection{make([]float64, seeds), make([]float64, seeds), make([]float64, seeds)}
	for seed := range seeds {
		for _, rate := range f.near(kind, seed) {
			is, says := f.Regime(rate, seed) == kind, Diagnose(f.Runs[rate][seed].Losses) == kind
			if is {
				d.Were[seed]++
			}
			if says {
				d.Called[seed]++
			}
			if is && says {
				d.Right[seed]++
			}
		}
	}
	return d
}

// decade is a factor of ten; the rates of a grid are rounded.
const decade = 10 * (1 + 1e-9)

// near are the rates within a decade of the highest good one of a seed, or of the
// lowest.
func (f GridMeasurement) near(kind Regime, seed int) []int {
	boundary := f.Best(seed)
	for rate := range f.Rates {
		if f.Regime(rate, seed) == Good && (rate > boundary) == (kind == TooHigh) {
			boundary = rate
			if kind == TooLow {
				break
			}
		}
	}
	var rates []int
	for rate := range f.Rates {
		if ratio := f.Rates[rate] / f.Rates[boundary]; max(ratio, 1/ratio) <= decade {
			rates = append(rates, rate)
		}
	}
	return rates
}
