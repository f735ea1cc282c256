package claim_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/kit/claim"
)

// The quantiles t(0.975) come from the table in the NIST/SEMATECH e-Handbook
// of Statistical Methods, 1.3.6.7.2, to three decimals.
func TestIntervalIsStudents(t *testing.T) {
	for _, c := range []struct {
		name            string
		values          []float64
		t               float64 // for n−1 degrees of freedom
		mean, deviation float64 // by hand, with n−1 in the denominator
	}{
		{"two values", []float64{1, 3}, 12.706, 2, math.Sqrt(2)},
		{"five values", []float64{1, 2, 3, 4, 5}, 2.776, 3, math.Sqrt(2.5)},
		{"ten values", []float64{0, 0, 0, 0, 0, 1, 1, 1, 1, 1}, 2.262, 0.5, math.Sqrt(2.5 / 9)},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := float64(len(c.values))
			half := c.t * c.deviation / math.Sqrt(n)
			estimate := claim.EstimateMean(c.values)
			assert.InDelta(t, c.mean, estimate.Mean, 1e-12)
			assert.InDelta(t, c.mean-half, estimate.Low, 5e-4*half)
			assert.InDelta(t, c.mean+half, estimate.High, 5e-4*half)
			assert.Equal(t, len(c.values), estimate.N)
		})
	}
}

func TestNothingIsConcludedFromTooLittle(t *testing.T) {
	for name, values := range map[string][]float64{
		"nothing":             nil,
		"one value":           {0.7},
		"not a number":        {1, math.NaN(), 3},
		"infinite":            {1, math.Inf(1), 3},
		"too large to square": {1e200, -1e200, 1e200},
	} {
		t.Run(name, func(t *testing.T) {
			estimate := claim.EstimateMean(values)
			assert.Equal(t, claim.Inconclusive, estimate.Above(0.5).Verdict)
			assert.Equal(t, claim.Inconclusive, estimate.Below(0.5).Verdict)
			assert.Contains(t, estimate.String(), "no interval")
			_, err := json.Marshal(estimate)
			assert.NoError(t, err)
		})
	}
}

// The seeds differ a lot, but the paired differences are all equal: only
// pairing makes the effect visible.
func TestPairingRemovesWhatTheSeedDecides(t *testing.T) {
	a, b := []float64{1, 5, 9, 2, 7}, []float64{0.9, 4.9, 8.9, 1.9, 6.9}
	paired := claim.EstimateDifference(a, b)
	assert.InDelta(t, 0.1, paired.Mean, 1e-12)
	assert.Equal(t, claim.Supported, paired.Above(0).Verdict)
	unpaired := claim.EstimateMean(a)
	assert.Less(t, unpaired.Low, claim.EstimateMean(b).High, "the two intervals overlap")
	assert.PanicsWithValue(t, "claim: 1 values paired with 2", func() { claim.EstimateDifference([]float64{1}, []float64{1, 2}) })
}

func TestIntervalAgainstAThreshold(t *testing.T) {
	// All ten values lie from 1.5 to 2.5, so the sign test agrees with every
	// decision of the interval.
	estimate := claim.Estimate{Mean: 2, Low: 1, High: 3, Values: []float64{1.5, 1.6, 1.7, 1.8, 1.9, 2.1, 2.2, 2.3, 2.4, 2.5}}
	for _, c := range []struct {
		threshold    float64
		above, below claim.Verdict
	}{
		{0.5, claim.Supported, claim.Refuted},
		{1, claim.Inconclusive, claim.Refuted}, // the interval reaches the threshold, so it is not wholly above
		{2, claim.Inconclusive, claim.Inconclusive},
		{3, claim.Refuted, claim.Inconclusive},
		{3.5, claim.Refuted, claim.Supported},
	} {
		assert.Equal(t, c.above, estimate.Above(c.threshold).Verdict, "above %v", c.threshold)
		assert.Equal(t, c.below, estimate.Below(c.threshold).Verdict, "below %v", c.threshold)
	}
}

// With many seeds of one trial each, the interval is Wilson's. The expected ones
// are published by Newcombe (1998), table I, method 3. Student's t of a few
// hundred seeds is a little wider than the normal quantile.
func TestIntervalOfFractionsIsWilsons(t *testing.T) {
	for _, c := range []struct {
		right, trials int
		low, high     float64
	}{
		{81, 263, 0.2553, 0.3662},
		{15, 148, 0.0624, 0.1605},
	} {
		values := make([]float64, c.trials)
		for i := range c.right {
			values[i] = 1
		}
		estimate := claim.EstimateFraction(values, 1)
		assert.InDelta(t, c.low, estimate.Low, 2e-3)
		assert.InDelta(t, c.high, estimate.High, 2e-3)
	}
}

// If all trials of all seeds come out alike, the bound is t²/(n + t²) from the
// end, by hand from Wilson's equation with p = 0 or 1.
func TestIntervalOfFractionsStaysInRange(t *testing.T) {
	for _, c := range []struct {
		value     float64
		trials    int
		low, high float64
	}{
		{1, 1, 5 / (5 + 2.776*2.776), 1},
		{0, 1, 0, 2.776 * 2.776 / (5 + 2.776*2.776)},
		{1, 600, 3000 / (3000 + 2.776*2.776), 1},
	} {
		estimate := claim.EstimateFraction(slices.Repeat([]float64{c.value}, 5), c.trials)
		assert.InDelta(t, c.low, estimate.Low, 1e-4)
		assert.InDelta(t, c.high, estimate.High, 1e-4)
		assert.Contains(t, []float64{estimate.Low, estimate.High}, c.value, "one end is exact")
	}
	near := claim.EstimateFraction([]float64{0.999, 1, 0.98, 1, 0.97, 1}, 600)
	assert.Less(t, near.High, 1.0)
	assert.Greater(t, near.Low, 0.95)
	assert.PanicsWithValue(t, "claim: fractions from 0.2 to 1.1", func() { claim.EstimateFraction([]float64{0.2, 1.1}, 10) })
	assert.PanicsWithValue(t, "claim: fractions of 0 trials", func() { claim.EstimateFraction([]float64{0.2, 0.3}, 0) })
}

// Each round draws eight seeds whose true fractions scatter about 0.9, and 100
// trials of each. The interval must contain 0.9 in about 95 of 100 rounds.
func TestIntervalOfFractionsCovers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const rounds, seeds, trials = 2000, 8, 100
	covered := 0
	for range rounds {
		values := make([]float64, seeds)
		for i := range values {
			p := 0.9 + 0.05*(2*random.Float64()-1)
			for range trials {
				if random.Float64() < p {
					values[i] += 1.0 / trials
				}
			}
		}
		if e := claim.EstimateFraction(values, trials); e.Low <= 0.9 && 0.9 <= e.High {
			covered++
		}
	}
	assert.InDelta(t, 0.95, float64(covered)/rounds, 0.02)
}

// If the true mean is as far from the threshold as the power's distance, about 80
// of 100 intervals lie wholly beyond it.
func TestPowerIsWhatItSays(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	const rounds, seeds = 4000, 12
	values := make([]float64, seeds)
	draw := func(mean float64) claim.Estimate {
		for i := range values {
			values[i] = mean + random.NormFloat64()
		}
		return claim.EstimateMean(values)
	}
	shown := 0
	// (t(0.975; 11) + t(0.8; 11))/√12, from the table in the NIST handbook: 2.201 and 0.876.
	distance := (2.201 + 0.876) / math.Sqrt(seeds)
	for range rounds {
		if draw(distance).Low > 0 {
			shown++
		}
	}
	assert.InDelta(t, 0.8, float64(shown)/rounds, 0.03)

	// ±1 about 0.1: n = 6, s = √(6/5), measured 0.1 from 0.
	power := claim.EstimateMean([]float64{1.1, -0.9, 1.1, -0.9, 1.1, -0.9}).Above(0).Power
	assert.InDelta(t, (2.571+0.920)*math.Sqrt(1.2/6), power.Smallest, 1e-2)
	assert.InDelta(t, 0.1, power.Measured, 1e-12)
	assert.InDelta(t, 1.2*(1.962+0.8420)*(1.962+0.8420)/0.01, power.Needed, 5)
	below := claim.EstimateMean([]float64{1.1, -0.9, 1.1, -0.9, 1.1, -0.9}).Below(0.05).Power
	assert.Equal(t, 0.05, below.Threshold)
	assert.InDelta(t, 0.05, below.Measured, 1e-12)
	assert.Zero(t, claim.EstimateMean([]float64{1, -1, 1, -1, 1, -1}).Above(0).Power.Needed, "no number of seeds decides a mean on the threshold")
	assert.Nil(t, claim.EstimateMean([]float64{1}).Above(0).Power)
	alike := claim.EstimateFraction([]float64{1, 1, 1, 1, 1}, 2)
	assert.Greater(t, alike.Above(0.9).Power.Smallest, 0.1, "seeds that agree on few trials show little")
}

// An effect is too small to matter if its whole interval lies within the bounds.
func TestEquivalenceNeedsBothBounds(t *testing.T) {
	for _, c := range []struct {
		mean float64
		want claim.Verdict
	}{
		{0, claim.Supported}, {0.02, claim.Refuted}, {-0.02, claim.Refuted}, {0.0099, claim.Inconclusive},
	} {
		values := []float64{c.mean - 0.001, c.mean, c.mean + 0.001, c.mean - 0.0005, c.mean + 0.0005, c.mean}
		assert.Equal(t, c.want, claim.EstimateMean(values).Within(-0.01, 0.01).Verdict, "mean %g", c.mean)
	}
}

func TestNumbersNearOneKeepTheirDistance(t *testing.T) {
	for _, c := range []struct {
		estimate claim.Estimate
		want     string
	}{
		{claim.Estimate{Mean: 0.99946, Low: 0.99891, High: 0.99973}, "0.99946 [0.9989, 0.99973]"},
		{claim.Estimate{Mean: 1, Low: 0.998, High: 1}, "1 [0.998, 1]"},
		{claim.Estimate{Mean: 0.0412, Low: 0.0203, High: 1.234}, "0.0412 [0.0203, 1.23]"},
	} {
		assert.Equal(t, c.want, c.estimate.String())
	}
}

// JSON can hold unbounded intervals, because their ends are finite numbers.
func TestEstimateSurvivesJSON(t *testing.T) {
	for _, estimate := range []claim.Estimate{claim.EstimateMean(nil), claim.EstimateMean([]float64{1, 2, 4})} {
		encoded, err := json.Marshal(estimate)
		require.NoError(t, err)
		var decoded claim.Estimate
		require.NoError(t, json.Unmarshal(encoded, &decoded))
		estimate.Values = nil // JSON leaves the values out
		assert.Equal(t, estimate, decoded)
	}
}
