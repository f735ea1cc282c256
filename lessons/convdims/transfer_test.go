package convdims

import (
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/lessontest"
)

// By hand: on T frames, 4 filters of 3×3×T and their biases, and 4·2 + 2 in the
// dense layer; 10 filters of 3×3×3 whatever T is.
func TestOnlyFramesAsChannelsGrowWithTheClip(t *testing.T) {
	c := Default().Motion
	frames := []int{4, 8, 16}
	grown, err := c.builtFor(lessontest.Backend(t), contender{layer: stacked, kernel: 3, filters: 4}, frames)
	require.NoError(t, err)
	require.Equal(t, []int{9*4*4 + 4 + 10, 9*8*4 + 4 + 10, 9*16*4 + 4 + 10}, grown)
	same, err := c.builtFor(lessontest.Backend(t), contender{layer: throughTime, kernel: 3, filters: 10}, frames)
	require.NoError(t, err)
	require.Equal(t, []int{302, 302, 302}, same)
	_, err = c.builtFor(lessontest.Backend(t), contender{layer: throughTime, kernel: 3, filters: 10}, []int{2})
	require.ErrorContains(t, err, "a window of size 3 does not fit")
}
