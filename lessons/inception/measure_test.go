package inception

import (
	"context"
	"fmt"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/stretchr/testify/require"

	"evident/datasets"
	"evident/kit/fit"
	"evident/kit/lessontest"
	"evident/kit/nn"
)

// GoogLeNet's table 1 gives 159K and 380K for its first two modules.
func ExampleModule_Cost() {
	fmt.Println(inception3a.Cost(192, 1).Parameters, inception3a.Filters())
	fmt.Println(inception3b.Cost(256, 1).Parameters, inception3b.Filters())
	// Output:
	// 163696 256
	// 388736 480
}

func TestPlainNetHasTheBudgetOfTheModule(t *testing.T) {
	for _, n := range []Net{Default().Compare.Net, Full().Compare.Net} {
		require.InEpsilon(t, n.cost().Parameters, n.plainCost().Parameters, 0.1)
		require.LessOrEqual(t, n.plainCost().Parameters, n.cost().Parameters)
		require.Greater(t, n.naiveCost().Parameters, n.cost().Parameters)
	}
	require.Equal(t, 1, plainWidth(3, 1), "never narrower than one filter")
}

func TestVariantsHaveTheParametersOfTheirFormula(t *testing.T) {
	n := Smoke().Compare.Net
	facts, err := OneChange.Measured(context.Background(), lessontest.Backend(t), smokeOfOneSeed().CompareKnobs())
	require.NoError(t, err)
	stem := nn.Conv2DCost(3, 3, n.Stem, 1).Parameters
	for _, v := range facts.Variants {
		last := n.Second.Filters()
		if v.Name == withPlain {
			last = plainWidth(plainWidth(n.Stem, n.First.Cost(n.Stem, 1).Parameters), n.Second.Cost(n.First.Filters(), 1).Parameters)
		}
		require.Equal(t, stem+v.Blocks.Parameters+nn.DenseCost(last, classes).Parameters, v.Parameters, v.Name)
		require.Len(t, v.Changed, 3)
		require.Len(t, v.TestAccuracy, 1)
	}
	require.Len(t, facts.Probes.Stages, 4)
}

func smokeOfOneSeed() Config {
	c := Smoke()
	c.Compare.Seeds = c.Compare.Seeds[:1]
	return c
}

// The pictures that are shown are the first two of each class.
func TestSamplesAreTheFirstOfEveryClass(t *testing.T) {
	set := datasets.Images{Height: 1, Width: 1, Channels: 1, Pixels: []uint8{10, 11, 12, 13, 14, 15}, Labels: []uint8{1, 0, 1, 1, 0, 0}}
	some := samplesOf(set)
	require.Equal(t, []uint8{1, 0, 1, 0}, some.Labels)
	require.Equal(t, []uint8{10, 11, 12, 14}, some.Pixels)
}

// Each picture of the task holds three pairs that touch and three with a gap,
// that lie the way the label says, and no other
// pair at those distances.
func TestTwoScalesPutsItsPairs(t *testing.T) {
	data := twoScales(200, 3)
	program := picturesOf(t, data)
	for i, label := range data.Labels() {
		across, down := countPairs(program[i], 0, 1), countPairs(program[i], 1, 0)
		wideAcross, wideDown := countPairs(program[i], 0, coarseDistance), countPairs(program[i], coarseDistance, 0)
		require.Equal(t, pairs, across+down)
		require.Equal(t, pairs, wideAcross+wideDown)
		require.Equal(t, int(label)&1 == 1, down == pairs)
		require.Equal(t, int(label)>>1 == 1, wideDown == pairs)
	}
	counts := map[int32]int{}
	for _, label := range data.Labels() {
		counts[label]++
	}
	require.Len(t, counts, 4)
}

// picturesOf reads the pictures back through a classifier's program that
// returns its input.
func picturesOf(t *testing.T, data fit.Data) [][]float32 {
	t.Helper()
	net, err := fit.NewClassifier(lessontest.Backend(t), scaleNet, data, 8, optimizer.Adam().Done())
	require.NoError(t, err)
	defer net.Finalize()
	program, err := net.Program(func(_ *model.Scope, x *graph.Node) *graph.Node { return x })
	require.NoError(t, err)
	defer program.Finalize()
	values, err := program.Run(context.Background(), data)
	require.NoError(t, err)
	return values
}

// countPairs counts dots that have another one so many rows below and columns
// to the right.
func countPairs(picture []float32, rows, columns int) int {
	count := 0
	for y := range scaleSide - rows {
		for x := range scaleSide - columns {
			if picture[y*scaleSide+x] == 1 && picture[(y+rows)*scaleSide+x+columns] == 1 {
				count++
			}
		}
	}
	return count
}

func TestTowerMaskCoversEveryChannelOnce(t *testing.T) {
	off := make([]int, scaleModule.Filters())
	for tower := range towerNames {
		mask := towerMask(tower)
		require.Len(t, mask, scaleModule.Filters())
		for i, v := range mask {
			off[i] += int(1 - v)
		}
	}
	for _, times := range off {
		require.Equal(t, 1, times)
	}
}

func TestBitAccuracies(t *testing.T) {
	guess := func(class int) []float32 {
		logits := make([]float32, 1+scaleClasses)
		logits[1+class] = 1
		return logits
	}
	// Labels are 2·coarse + fine.
	fine, coarse := bitAccuracies([][]float32{guess(0), guess(1), guess(2), guess(3)}, 1, []int32{0, 0, 0, 0})
	require.InDelta(t, .5, fine, 1e-12)
	require.InDelta(t, .5, coarse, 1e-12)
	fine, coarse = bitAccuracies([][]float32{guess(3), guess(2)}, 1, []int32{2, 3})
	require.Zero(t, fine)
	require.InDelta(t, 1, coarse, 1e-12)
}

func TestShiftedMovesRowsToTheRight(t *testing.T) {
	set := datasets.Images{Height: 2, Width: 3, Channels: 1, Pixels: []uint8{1, 2, 3, 4, 5, 6}, Labels: []uint8{0}}
	require.Equal(t, []uint8{1, 1, 2, 4, 4, 5}, shifted(set, 1).Pixels)
	require.Equal(t, []uint8{1, 1, 1, 4, 4, 4}, shifted(set, 5).Pixels)
	require.Equal(t, []uint8{1, 2, 3, 4, 5, 6}, set.Pixels, "the original stays")
}

func TestChangedFraction(t *testing.T) {
	require.InDelta(t, .5, changedFraction([][]float32{{1, 0}, {1, 0}}, [][]float32{{2, 1}, {0, 3}}), 1e-12)
}

// A linear model reads a class that is one of the features, and not a class
// that has nothing to do with them.
func TestLinearAccuracy(t *testing.T) {
	random := fit.Rand(1, 5)
	rows, labels, noise := make([][]float32, 400), make([]uint8, 400), make([]uint8, 400)
	for i := range rows {
		labels[i], noise[i] = uint8(random.IntN(3)), uint8(random.IntN(3))
		rows[i] = []float32{random.Float32(), 0, 0, 0}
		rows[i][1+labels[i]] = 1
	}
	all := columns(rows, 0, 4)
	accuracy, err := linearAccuracy(all, labels, all, labels)
	require.NoError(t, err)
	require.InDelta(t, 1, accuracy, 1e-12)
	accuracy, err = linearAccuracy(all, noise, all, noise)
	require.NoError(t, err)
	require.Less(t, accuracy, .5)
}

func TestShrinkageIsInPowersOfTen(t *testing.T) {
	facts := DepthMeasurement{Activations: []string{"sigmoid"}, Norms: [][][]float64{{{1e-4, 1, 10}, {2, 2, 2}}}}
	require.InDeltaSlice(t, []float64{5, 0}, facts.shrinkage("sigmoid"), 1e-12)
	require.Nil(t, facts.shrinkage("gelu"))
}

func TestStridesOfASmallGrid(t *testing.T) {
	facts, err := StrideArithmetic.Measured(context.Background(), lessontest.Backend(t), StridesConfig{Sizes: []int{1, 2, 9}, Kernels: []int{1, 2, 4}, Strides: []int{1, 3}})
	require.NoError(t, err)
	require.Len(t, facts.Sizes, 3*3*2*2)
	require.Empty(t, facts.Mismatches)
	require.Equal(t, SamePadding{Stride1: 9, Kept: 9}, facts.Same)
	// By hand: a window of 2 with stride 3 reads 0 1 · 3 4 · 6 7 · 9 10.
	for _, u := range facts.Skipped {
		require.InDelta(t, u.Formula, u.Measured, 1e-12)
		if u.Kernel == 2 && u.Stride == 3 {
			require.InDelta(t, 1-(8.0/11)*(8.0/11), u.Measured, 1e-12, "8 of 11 pixels a side")
		}
	}
}
