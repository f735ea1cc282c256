package params

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/arch"
	"evident/kit/lessontest"
)

// lastSteps counts by hand how many positions are left behind the three blocks:
// a window at a time, as one would with a ruler.
func lastSteps(steps int, padding arch.Padding) int {
	for _, kernel := range []int{3, 5, 5} {
		if padding == arch.Valid {
			positions := 0
			for start := 0; start+kernel <= steps; start++ {
				positions++
			}
			steps = positions
		}
		pooled := 0
		for start := 0; start+2 <= steps; start += 2 {
			pooled++
		}
		steps = pooled
	}
	return steps
}

func TestFlattenedSizeIsThatOfARuler(t *testing.T) {
	c := LengthsConfig{Net: sheetNet(), Steps: []int{34, 35, 41, 42, 100, 127}, Paddings: []arch.Padding{arch.Valid, arch.Same, arch.Causal}}
	facts, err := InputLength.Measured(context.Background(), lessontest.PureGo(t), c)
	require.NoError(t, err)
	require.Len(t, facts.Nets, 18)
	for _, net := range facts.Nets {
		n := 64 * lastSteps(net.Steps, net.Padding)
		require.Equal(t, n, net.flat(), "%d steps, %s", net.Steps, net.Padding)
		require.Equal(t, []int{352, 2592, 10304}, net.of("Conv1D"))
		require.Equal(t, []int{128*n + 128, 645}, net.of("Dense"))
		require.Equal(t, 352+2592+10304+128*n+128+645, net.Built.Total())
		require.True(t, net.agree())
	}
}

func TestVariantsCoverEveryArgumentInOneAndTwoDimensions(t *testing.T) {
	c := Smoke().Layers
	facts, err := LayerArguments.Measured(context.Background(), lessontest.PureGo(t), c)
	require.NoError(t, err)
	require.Equal(t, 3*24*48+48, facts.plainFor(1).Built)
	require.Equal(t, 9*24*48+48, facts.plainFor(2).Built)
	seen := map[string]bool{}
	for _, v := range facts.Variants {
		seen[v.Argument] = true
		if v.Argument == "depthwise" && v.Axes == 2 {
			require.Equal(t, 9*24+24, v.Built)
		}
		if v.Argument == "groups" && v.Axes == 1 && v.Groups == 24 {
			require.Equal(t, 3*1*48+48, v.Built)
		}
	}
	require.Len(t, seen, 6)
}
