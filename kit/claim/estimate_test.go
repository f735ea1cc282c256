package claim_test

import (
	"encoding/json"
	"math"
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
