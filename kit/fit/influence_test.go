package fit

import (
	"context"
	"image"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"evident/kit/backend"
	"evident/kit/nn"
)

func measureOne(t *testing.T, height, width int, graph Network) Influence {
	t.Helper()
	selected, err := backend.Select(context.Background())
	require.NoError(t, err)
	influences, err := MeasureInfluence(selected.Backend, Probe{Height: 3, Width: 2, Graph: identity}, Probe{Height: height, Width: width, Graph: graph})
	require.NoError(t, err)
	return influences[1]
}

func identity(_ *model.Scope, x *Node) *Node { return x }

func TestInfluenceOfTheIdentity(t *testing.T) {
	influence := measureOne(t, 4, 5, identity)
	require.Equal(t, image.Rect(3, 2, 4, 3), influence.ReceptiveField(2, 3))
	require.Zero(t, influence.Unused())
}

func TestInfluenceOfAConvolution(t *testing.T) {
	influence := measureOne(t, 5, 7, func(scope *model.Scope, x *Node) *Node {
		return nn.Conv2D{Filters: 2, Kernel: 3, Activation: nn.ReLU}.Apply(scope, x)
	})
	require.Equal(t, image.Rect(2, 1, 5, 4), influence.ReceptiveField(2, 3), "3×3 around the place")
	require.Equal(t, image.Rect(0, 0, 2, 2), influence.ReceptiveField(0, 0), "cut off at the corner")
}

func TestInfluenceOfSkippedColumns(t *testing.T) {
	influence := measureOne(t, 2, 4, func(_ *model.Scope, x *Node) *Node {
		return Slice(x, AxisRange(), AxisRange(), AxisRange().Stride(2), AxisRange())
	})
	require.InDelta(t, 0.5, influence.Unused(), 1e-12)
}
