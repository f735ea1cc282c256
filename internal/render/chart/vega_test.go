package chart

import (
	"encoding/csv"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestInlineDataKeepsEveryValue(t *testing.T) {
	data := inlineData([]any{
		object{"curve": "a, with \"marks\"", "x": 1e-7, "y": -2.5},
		object{"curve": "two\nlines", "x": 3.0, "cut": true},
	})
	assert.Equal(t, object{"type": "csv", "parse": object{"curve": "string", "x": "number", "y": "number", "cut": "boolean"}}, data["format"])
	lines, err := csv.NewReader(strings.NewReader(data["values"].(string))).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, [][]string{
		{"curve", "cut", "x", "y"},
		{"a, with \"marks\"", "", "1e-07", "-2.5"},
		{"two\nlines", "true", "3", ""},
	}, lines)
}

func TestValuesThatDifferLateAreToldApart(t *testing.T) {
	next := func(v float32) float64 { return float64(math.Nextafter32(v, 2*v)) }
	for _, c := range []struct {
		values []float64
		data   []string
		format string
	}{
		{[]float64{0.5, 0.25}, []string{"0.5", "0.25"}, ".4~g"},
		{[]float64{1_234_567, 1_234_568}, []string{"1.234567e+06", "1.234568e+06"}, ",d"},
		{[]float64{2_097_330.5, 2_097_331}, []string{"2.0973305e+06", "2.097331e+06"}, ".7~g"},
		{[]float64{0.98765432, 0.98765433}, []string{"0.98765432", "0.98765433"}, ".8~g"},
		{[]float64{float64(float32(0.1)), next(0.1)}, []string{"0.100000001", "0.100000009"}, ".8~g"},
		{[]float64{0.1 + 0.2, 0.3}, []string{"0.3", "0.3"}, ".4~g"},
		{[]float64{1 << 52, 1<<52 + 1, 0.5}, []string{"4.503599627370496e+15", "4.503599627370497e+15", "0.5"}, ".16~g"},
	} {
		x := make([]float64, len(c.values))
		for i := range x {
			x[i] = 1e7 + float64(i)
		}
		chart := lineOf(x, c.values)
		lines, err := csv.NewReader(strings.NewReader(inlineData(rows(chart))["values"].(string))).ReadAll()
		require.NoError(t, err)
		for i, want := range c.data {
			assert.Equal(t, want, lines[i+1][2])
			at, err := strconv.ParseFloat(lines[i+1][1], 64)
			require.NoError(t, err)
			assert.Equal(t, x[i], at)
		}
		assert.Equal(t, []any{",d", c.format}, []any{tooltip(chart)[1].(object)["format"], tooltip(chart)[2].(object)["format"]})
	}
}
