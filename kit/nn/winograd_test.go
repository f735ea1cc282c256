package nn

import (
	"fmt"
	"testing"
	"time"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"
)

// Minimal filtering requires even sides, and pays off with many channels and
// filters.
func TestWinogradFitsAndPays(t *testing.T) {
	const many = winogradChannels
	for _, c := range []struct {
		height, channels, filters, kernel, stride int
		padding                                   Padding
		fits, pays                                bool
	}{
		{8, many, many, 3, 1, Same, true, true},
		{8, many - 1, many, 3, 1, Same, true, false},
		{8, many, many - 1, 3, 1, Same, true, false},
		{7, many, many, 3, 1, Same, false, true},
		{8, many, many, 3, 2, Same, false, true},
		{8, many, many, 3, 1, Valid, false, true},
		{8, many, many, 5, 1, Same, false, true},
	} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			call(t, func(in []*Node) *Node {
				require.Equal(t, c.fits, winogradFits(in[0], in[1], c.stride, c.padding))
				require.Equal(t, c.pays, winogradPays(in[1]))
				return Add(in[0], ReduceAllSum(in[1])) // the pure-Go backend fails if an input is unused
			}, random(1, 1, c.height, 8, c.channels), random(2, c.kernel, c.kernel, c.channels, c.filters))
		})
	}
}

// BenchmarkWinograd trains a 3×3 convolution on 32 pictures, by minimal filtering
// and by the backend's own convolution in turn: value and both gradients.
func BenchmarkWinograd(b *testing.B) {
	for _, shape := range []struct{ side, channels, filters int }{
		{24, 8, 16}, {16, 24, 24}, {16, 32, 48}, {16, 64, 64}, {16, 96, 128}, {8, 128, 192},
	} {
		b.Run(fmt.Sprintf("%d×%d×%d→%d", shape.side, shape.side, shape.channels, shape.filters), func(b *testing.B) {
			on := selected(b)
			var seconds [2]float64
			var ways [2]*Exec
			for i, convolve := range []func(x, kernel *Node) *Node{
				convolveByWinograd, func(x, kernel *Node) *Node { return convolvePlain(x, kernel, 1, Same) },
			} {
				ways[i] = MustNewExec(on, func(x, kernel, weights *Node) []*Node {
					y := convolve(x, kernel)
					return append(Gradient(ReduceAllSum(Mul(weights, y)), x, kernel), y)
				})
				defer ways[i].Finalize()
			}
			inputs := []any{
				random(1, 32, shape.side, shape.side, shape.channels).tensor(),
				random(2, 3, 3, shape.channels, shape.filters).tensor(),
				random(3, 32, shape.side, shape.side, shape.filters).tensor(),
			}
			step := func(way *Exec) float64 {
				start := time.Now()
				outputs, err := way.Call(inputs...)
				require.NoError(b, err)
				elapsed := time.Since(start).Seconds()
				for _, output := range outputs {
					output.MustFinalizeAll()
				}
				return elapsed
			}
			step(ways[0]) // compile
			step(ways[1])
			for b.Loop() {
				for i, way := range ways {
					seconds[i] += step(way)
				}
			}
			b.ReportMetric(seconds[0]/seconds[1], "winograd/backend")
		})
	}
}
