package arch_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/arch"
)

// sees returns the range of input positions that an output reads.
type sees func(output int) (first, last int)

// The test draws a chain of convolutions and poolings with random strides and
// dilations. It counts the field by following one output back to the input,
// position by position.
func TestFieldIsWhatAnOutputReads(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		layers := []arch.Layer{arch.Input{Shape: arch.Shape{arch.Unknown, 2}}}
		var reads []sees
		for range 1 + random.IntN(6) {
			layer, read := randomLayer(random)
			layers, reads = append(layers, layer), append(reads, read)
		}
		summary, err := arch.Sequential("line", layers...).Summarize()
		require.NoError(t, err)
		first, last := 1000, 1000
		for i := len(reads) - 1; i >= 0; i-- {
			first, _ = reads[i](first)
			_, last = reads[i](last)
		}
		require.Equal(t, []int{last - first + 1}, summary.Rows[len(reads)].Field.Sizes, "%+v", layers)
	}
}

func randomLayer(random *rand.Rand) (arch.Layer, sees) {
	size, stride, dilation := 1+random.IntN(5), 1+random.IntN(3), 1+random.IntN(3)
	if random.IntN(2) == 0 {
		return arch.Pool{Pooling: arch.Max, Size: []int{size}, Strides: []int{stride}},
			func(o int) (int, int) { return o * stride, o*stride + size - 1 }
	}
	return arch.Conv{Filters: 2, Kernel: []int{size}, Strides: []int{stride}, Dilation: []int{dilation}, Padding: arch.Same},
		func(o int) (int, int) { return o * stride, o*stride + (size-1)*dilation }
}

// After upsampling, outputs read boxes of different size. The field is the
// largest.
func TestFieldBehindAnUpsamplingIsTheLargestOfAllOutputs(t *testing.T) {
	for _, c := range []struct{ times, kernel, before int }{{2, 2, 1}, {2, 3, 1}, {2, 4, 3}, {3, 2, 1}, {3, 5, 2}, {4, 3, 5}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			summary, err := arch.Sequential("up", arch.Input{Shape: arch.Shape{50, 1}},
				arch.Conv{Filters: 1, Kernel: []int{c.before}},
				arch.UpSample{Times: []int{c.times}},
				arch.Conv{Filters: 1, Kernel: []int{c.kernel}}).Summarize()
			require.NoError(t, err)
			largest := 0
			for output := range 12 {
				largest = max(largest, (output+c.kernel-1)/c.times-output/c.times+c.before)
			}
			require.Equal(t, []int{largest}, summary.Rows[3].Field.Sizes)
		})
	}
}

func TestFieldOfATransposedConvolutionIsWhatItsOutputsRead(t *testing.T) {
	for kernel := 1; kernel <= 6; kernel++ {
		for stride := 1; stride <= 4; stride++ {
			most := 0
			for output := range 24 {
				reads := 0
				for input := range 24 {
					if offset := output - input*stride; offset >= 0 && offset < kernel {
						reads++
					}
				}
				most = max(most, reads)
			}
			summary, err := arch.Sequential("transposed", arch.Input{Shape: arch.Shape{24, 1}},
				arch.ConvTranspose{Filters: 1, Kernel: []int{kernel}, Strides: []int{stride}}).Summarize()
			require.NoError(t, err)
			require.Equal(t, []int{most}, summary.Rows[1].Field.Sizes, "kernel %d, stride %d", kernel, stride)
		}
	}
}

func TestFieldOfBranchesIsTheLargest(t *testing.T) {
	m := arch.Model{Name: "branches"}
	x := m.Add("", arch.Input{Shape: arch.Shape{9, 9, 2}})
	narrow := m.Add("", arch.Conv{Filters: 2, Kernel: []int{1, 3}, Padding: arch.Same}, x)
	wide := m.Add("", arch.Conv{Filters: 2, Kernel: []int{5, 1}, Padding: arch.Same}, x)
	sum := m.Add("sum", arch.Merge{Operation: "Add"}, narrow, wide)
	gate := m.Add("gate", arch.GlobalPool{Pooling: arch.Average, Axes: 2, KeepAxes: true}, sum)
	m.Add("scaled", arch.Merge{Operation: "Multiply"}, sum, gate)
	summary, err := m.Summarize()
	require.NoError(t, err)
	require.Equal(t, "5×3", summary.Find("sum").Field.String())
	require.Equal(t, "all", summary.Find("scaled").Field.String())
}

func TestNormalizationOverPositionsSeesAll(t *testing.T) {
	for want, layer := range map[string]arch.Layer{
		"all": arch.LayerNormalization{Name: "GroupNormalization", Groups: 2}, "3×3": arch.LayerNormalization{Axes: []int{2}},
		"all ": arch.LayerNormalization{Axes: []int{-1, 0}}, "3×3 ": arch.BatchNormalization{Axis: -1},
	} {
		summary, err := arch.Sequential("net", arch.Input{Shape: arch.Shape{9, 9, 1}}, arch.Conv{Filters: 4, Kernel: []int{3, 3}}, layer).Summarize()
		require.NoError(t, err)
		require.Equal(t, strings.TrimSpace(want), summary.Rows[2].Field.String(), "%+v", layer)
	}
}

func TestFieldOfTextBeginsAtTheEmbedding(t *testing.T) {
	summary, err := arch.Sequential("text", arch.Input{Shape: arch.Shape{arch.Unknown}},
		arch.Embedding{Words: 10, Width: 4}, arch.Conv{Filters: 3, Kernel: []int{5}}, arch.Recurrent{Cell: "GRU", Units: 2}).Summarize()
	require.NoError(t, err)
	require.Equal(t, "–", summary.Rows[0].Field.String())
	require.Equal(t, "1", summary.Rows[1].Field.String())
	require.Equal(t, "5", summary.Rows[2].Field.String())
	require.Equal(t, "all", summary.Rows[3].Field.String())
}
