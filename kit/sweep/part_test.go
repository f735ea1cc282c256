package sweep

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"evident/datasets/toy"
	"evident/kit/backend"
)

// Replicas that are scored in parts have the scores of the whole, on shared data and on drawn ones.
func TestPartsHaveTheScoresOfTheWhole(t *testing.T) {
	const examples = 8
	pure, err := backend.PureGo()
	require.NoError(t, err)
	m := Net{Widths: []int{2, 3, 2}, Activation: Tanh, Loss: CrossEntropy}.Model()
	draw := func(seed int64) Data { return toy.Quadrants(examples, seed, 0) }
	replicas := Grid([]float64{0.1, 0.2}, []int64{5, 1, 2})
	params := Drawn(m, replicas)
	for name, config := range map[string]Config{"drawn": {Model: m, Draw: draw}, "shared": {Model: m, Data: draw(3)}} {
		config.DType = dtypes.Float32
		score := func(most int) Scores {
			meter, err := newMeter(pure, config.source())
			require.NoError(t, err)
			defer meter.Finalize()
			meter.data.most = most
			scores, err := meter.Score(params, replicas...)
			require.NoError(t, err)
			return scores
		}
		whole := score(0)
		require.Len(t, whole.Loss, len(replicas), name)
		for most, size := range map[int]int{4*examples*m.Units + 1: 3, examples * m.Units: 1, 100 * examples * m.Units: 6} {
			require.Equal(t, size, (&source{config: config, most: most}).part(len(replicas), examples))
			require.Equal(t, whole, score(most), name)
		}
	}
	require.Equal(t, 7, (&source{config: Config{Model: m}, most: 5 * examples * m.Units}).part(7, examples), "7 has no divisor near 5")
}
