package sweep_test

import (
	"context"
	"encoding/json"
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"evident/kit/nn"
	"evident/kit/sweep"
)

// bowl is ½(x² + 5y²).
var bowl = sweep.Surface{
	Name: "bowl", Left: -2, Right: 2, Bottom: -1, Top: 1,
	Objective: func(x, y *Node) *Node { return MulScalar(Add(Square(x), MulScalar(Square(y), 5)), 0.5) },
}

func TestSurfaceHasItsValues(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		values, err := bowl.Values(backend, [][]float64{{0, 0}, {1, 0}, {0, 1}, {2, -1}})
		require.NoError(t, err)
		require.Equal(t, []float64{0, 0.5, 2.5, 4.5}, values)
		heatmap, err := bowl.Heatmap(backend, 4, 2)
		require.NoError(t, err)
		require.Equal(t, 2, heatmap.Rows())
		require.InDelta(t, 0.5*(1.5*1.5+5*0.25), heatmap.Values[0], 1e-12, "the middle of the rectangle at the lower left")
		require.InDelta(t, heatmap.Values[3], heatmap.Values[7], 1e-12)
	})
}

// On the bowl, each step multiplies x by 1 − η and y by 1 − 5η.
func TestDescentOfASurface(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		rates := []float64{0.1, 0.3}
		paths, err := bowl.Descend(context.Background(), backend, nn.SGD(), rates, []float64{2, 1}, 7)
		require.NoError(t, err)
		for i, rate := range rates {
			require.Len(t, paths[i], 8)
			for step, at := range paths[i] {
				require.InDelta(t, 2*math.Pow(1-rate, float64(step)), at[0], 1e-12)
				require.InDelta(t, math.Pow(1-5*rate, float64(step)), at[1], 1e-12)
			}
		}
	})
}

func TestPathEndsWhereItDiverges(t *testing.T) {
	curve := sweep.PathCurve("η = 9", [][]float64{{1, 2}, {3, 4}, {5, math.Inf(1)}, {0, 0}})
	require.Equal(t, []float64{1, 3}, curve.X)
	require.Equal(t, []float64{2, 4}, curve.Y)
	require.Equal(t, 2.0, *curve.DivergedAt)
}

func TestSurfacesAreWrittenByName(t *testing.T) {
	text, err := json.Marshal([]sweep.Surface{bowl})
	require.NoError(t, err)
	require.JSONEq(t, `["bowl"]`, string(text))
}

// The Hessian of x³y at (x, y) is (6xy, 3x²; 3x², 0).
func TestSurfaceHasACurvature(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		s := sweep.Surface{Name: "x³y", Objective: func(x, y *Node) *Node { return Mul(Mul(x, Square(x)), y) }}
		curvature, err := sweep.NewCurvature(backend, s.Model(), sweep.Data{}, dtypes.Float64)
		require.NoError(t, err)
		defer curvature.Finalize()
		products, err := curvature.Times([][]float64{{2, 5}, {2, 5}}, [][]float64{{1, 0}, {0, 1}})
		require.NoError(t, err)
		require.Equal(t, [][]float64{{60, 12}, {12, 0}}, products)
	})
}
