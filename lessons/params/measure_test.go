package params

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/arch"
	"evident/kit/lessontest"
	"evident/kit/report"
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

// The tables have a row for each length and each argument, and the diagram a box
// for each layer with weights.
func TestFiguresAreShort(t *testing.T) {
	m := measured(t)
	lengths, drawn := m.Lengths.table(), m.Lengths.diagram()
	require.Equal(t, []string{"34", "64", "22,213"}, lengths.Rows[0][:3])
	require.Len(t, lengths.Rows, len(Smoke().Lengths.Steps))
	require.Len(t, lengths.Columns, 1+2*len(Smoke().Lengths.Paddings))
	require.Len(t, drawn.Boxes, 6)
	require.Equal(t, "Conv1D → MaxPooling1D → Flatten", drawn.Boxes[3].Label)
	variants := m.Layers.table()
	require.Len(t, variants.Rows, 2*7)
	require.Equal(t, []string{"Conv1D", "stride", "1; 2", "15×48; 8×48", "3·24·48 + 48", "3,504", "the same"}, variants.Rows[1])
	require.NoError(t, report.Validate(lengths, drawn, variants))
}
