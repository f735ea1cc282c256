package steer

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestARecordStaysSmallAndEven(t *testing.T) {
	for _, n := range []int{1, most - 1, most, most + 1, 10 * most} {
		var r Record
		for i := range n {
			r.Add(float64(i), float64(2*i))
		}
		curve := r.Curve("loss", 3)
		require.LessOrEqual(t, len(curve.X), most)
		require.Zero(t, curve.X[0])
		require.Equal(t, 3.0, curve.Y[0], "on the floor")
		for i := 2; i < len(curve.X); i++ {
			require.Equal(t, curve.X[1], curve.X[i]-curve.X[i-1], "%d values", n)
			require.Equal(t, 2*curve.X[i], curve.Y[i])
		}
		require.Greater(t, curve.X[len(curve.X)-1]+float64(r.every), float64(n-1))
	}
	var r Record
	r.Add(0, math.NaN())
	r.Add(1, math.Inf(1))
	r.Add(2, 5)
	require.Equal(t, []float64{2}, r.Curve("", 0).X)
}
