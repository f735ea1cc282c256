package nn

import (
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"
)

func TestComputedOnceChangesNoDigit(t *testing.T) {
	for _, dims := range [][]int{{300, 8}, {2, 3, 4, 5}, {7, 1}} {
		x := random(1, dims...)
		require.Equal(t, x, call(t, func(in []*Node) *Node { return computedOnce(in[0]) }, x), "%v", dims)
	}
}
