package inception

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"evident/datasets"
	"evident/internal/badinput"
	"evident/kit/claim"
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

func TestPlainBlockHasTheBudgetOfTheModule(t *testing.T) {
	for _, inputs := range []int{4, 12, 24, 192} {
		for _, module := range []Module{Default().Compare.Net.First, Full().Compare.Net.Second, inception3a} {
			budget := module.Cost(inputs, 1).Parameters
			width := plainWidth(inputs, budget)
			require.LessOrEqual(t, plainCost(inputs, width, 1).Parameters, budget)
			require.Greater(t, plainCost(inputs, width+1, 1).Parameters, budget)
		}
	}
	require.Equal(t, 1, plainWidth(3, 1), "never narrower than one filter")
}

func TestVariantsHaveTheParametersOfTheirFormula(t *testing.T) {
	n := Smoke().Compare.Net
	facts, err := OneChange.Measured(context.Background(), lessontest.Backend(t), smokeOfOneSeed().CompareKnobs())
	require.NoError(t, err)
	stem := nn.Conv2DCost(3, 3, n.Stem, 1).Parameters
	for _, v := range facts.Variants {
		require.Equal(t, stem+v.Blocks.Parameters+nn.DenseCost(n.Second.Filters(), classes).Parameters, v.Runs[0].Parameters, v.Name)
		require.Len(t, v.Runs, 1)
		require.Len(t, v.Runs[0].Moved, 2)
	}
	require.Len(t, facts.Probes.Trained, 4)
	require.Len(t, facts.Variants[0].Runs[0].Module, 2)
	require.NotEqual(t, facts.Variants[0].Runs[0].Module, facts.Variants[0].Runs[0].Poolless)
	require.Equal(t, Pooling{16 * 8 * 8 * 3, 16 * 8 * 8 * 3}, facts.Pooling)
}

func TestNetsOfABudgetHaveAboutTheSameParameters(t *testing.T) {
	c := Smoke()
	c.Budget.Seeds = c.Budget.Seeds[:1]
	facts, err := EqualBudget.Measured(context.Background(), lessontest.Backend(t), c.BudgetKnobs())
	require.NoError(t, err)
	require.Len(t, facts.Sizes, 2)
	for _, size := range facts.Sizes {
		require.InEpsilon(t, size.Parameters[0], size.Parameters[1], 0.15)
	}
	for k := range facts.Kinds {
		require.Contains(t, c.Budget.Rates, facts.Chosen[k])
		require.InDelta(t, facts.Tuning[k][slices.Index(c.Budget.Rates, facts.Chosen[k])], slices.Max(facts.Tuning[k]), 0)
	}
}

// The drawn module is the one that is built: GoMLX creates as many values for it as the
// formula says.
func TestDrawnModuleHasTheParametersOfTheFormula(t *testing.T) {
	for _, m := range []Module{inception3a, {2, 3, 5, 7, 11, 13}} {
		built, err := m.Model(6, 5).Build(lessontest.PureGo(t))
		require.NoError(t, err)
		require.Equal(t, m.Cost(5, 1).Parameters, built.Total())
	}
}

// A net of the reader's own is trained as ours is: the same net learns the same, and gets the same verdict.
func TestOwnNetIsTrainedBesideOurs(t *testing.T) {
	c := Smoke()
	c.Train.Epochs = 1
	c.Train.Own = fit.Own{Name: "mine", Network: c.Train.Net.Network()}
	trained, result, err := MainNet.Run(context.Background(), lessontest.Backend(t), c.TrainKnobs())
	require.NoError(t, err)
	require.Equal(t, trained.History.Losses, trained.Yours.History.Losses)
	require.Equal(t, validations(trained.History), validations(trained.Yours.History))
	require.Equal(t, "mine: validation", trained.accuracyChart().Curves[2].Name)
	require.Contains(t, trained.table().Columns, "mine: validation accuracy")
	require.Equal(t, []string{"q7.t", "unmeasured", "unmeasured"}, result.Figures.Tables[1].Rows[0][:3])
}

// The lesson's module is judged in the places of what it is compared with: no net overfits more than itself, or is
// moved further by a shift.
func TestOwnNetIsAVariant(t *testing.T) {
	c := smokeOfOneSeed()
	c.Compare.Own = fit.Own{Name: "mine", Network: c.Compare.Net.With(inceptionBlock)}
	facts, result, err := OneChange.Run(context.Background(), lessontest.Backend(t), c.CompareKnobs())
	require.NoError(t, err)
	require.Len(t, facts.Variants, 4)
	ours, own := facts.of(withInception).Runs[0], facts.of("mine").Runs[0]
	require.Equal(t, []float64{ours.TestAccuracy, ours.moved()}, []float64{own.TestAccuracy, own.moved()})
	require.Equal(t, []string{"mine", fmt.Sprint(ours.Parameters), "not counted"}, result.Figures.Tables[0].Rows[3][:3])
	require.Equal(t, "mine", result.Figures.Charts[1].Curves[2].Name)
	var claims []string
	for _, row := range result.Figures.Tables[1].Rows {
		claims = append(claims, row[0])
		require.Contains(t, row[3], "(mine)")
	}
	require.Equal(t, []string{"q7a.3b", "q7c.2b", "q7c.2c"}, claims)
}

// The verdict on the reader's net is by the rule: here it moves far under a shift, and its gap is that of Inception.
func TestOwnNetIsJudgedInThePlaceOfTheChangedOnes(t *testing.T) {
	m := plain().Compare
	own := VariantOutcome{Name: "mine"}
	for _, run := range m.Variants[0].Runs {
		run.Moved = []float64{.2}
		own.Runs = append(own.Runs, run)
	}
	m.Variants = append(m.Variants, own)
	m.Instead = "mine"
	for id, want := range map[string]claim.Verdict{"q7a.3b": claim.Refuted, "q7c.2b": claim.Supported, "q7c.2c": claim.Refuted} {
		require.Equal(t, want, lessontest.Part(t, claim.Judge(compareRules(), m), id).Verdict, id)
	}
}

func TestOwnKindOfNetsHasOneForEachWidth(t *testing.T) {
	c := Smoke()
	c.Budget.Seeds = c.Budget.Seeds[:1]
	c.Budget.Own = c.Budget.Kind("mine", inceptionBlock)
	facts, result, err := EqualBudget.Run(context.Background(), lessontest.Backend(t), c.BudgetKnobs())
	require.NoError(t, err)
	require.Equal(t, []string{withInception, "plain 3×3", "mine"}, facts.Kinds)
	for _, size := range facts.Sizes {
		require.Equal(t, size.Parameters[0], size.Parameters[2])
		require.Equal(t, size.Test[0], size.Test[2])
	}
	require.Equal(t, facts.Chosen[0], facts.Chosen[2])
	require.Equal(t, "mine", result.Figures.Tables[0].Rows[2][0])
	require.Equal(t, "mine", result.Figures.Charts[0].Curves[2].Name)
	require.Equal(t, []string{"q7a.1b", "q7a.5"}, []string{result.Figures.Tables[2].Rows[0][0], result.Figures.Tables[2].Rows[1][0]})
}

func TestOwnKindOfNetsIsJudgedInThePlaceOfModules(t *testing.T) {
	b := plain().Budget
	b.Kinds, b.Chosen = append(b.Kinds, "mine"), append(b.Chosen, 1)
	add := func(by float64, parameters int) BudgetMeasurement {
		own := b
		own.Sizes = nil
		for _, s := range b.Sizes {
			s.Parameters, s.Train = []int{s.Parameters[0], s.Parameters[1], parameters * s.Parameters[1]}, append(s.Train[:2:2], s.Train[0])
			s.Test = append(s.Test[:2:2], paired(s.Test[1], by))
			own.Sizes = append(own.Sizes, s)
		}
		return own.yours()
	}
	for name, c := range map[string]struct {
		measured BudgetMeasurement
		want     claim.Verdict
		evidence string
	}{
		"better":                {add(.05, 1), claim.Supported, "is higher with mine than with plain 3×3"},
		"worse":                 {add(-.05, 1), claim.Refuted, "mine"},
		"better and far larger": {add(.05, 2), claim.Unmeasured, "mine has 198 parameters, and the plain net 99"},
	} {
		t.Run(name, func(t *testing.T) {
			judged := lessontest.Part(t, claim.Judge(budgetRules(), c.measured), "q7a.1b")
			require.Equal(t, c.want, judged.Verdict)
			require.Contains(t, judged.Evidence, c.evidence)
		})
	}
}

// What is wrong with a net of the reader's own is one line.
func TestBrokenOwnNetIsOneLine(t *testing.T) {
	threeLogits := func(scope *model.Scope, x *graph.Node) *graph.Node {
		return graph.Reshape(nn.Dense(scope, graph.ConvertDType(x, dtypes.Float32), 3), x.Shape().Dim(0), 7)
	}
	for name, c := range map[string]struct {
		run  func(c *Config) error
		want string
	}{
		"no network": {func(c *Config) error {
			c.Compare.Own.Name = "mine"
			_, err := OneChange.Measured(t.Context(), lessontest.Backend(t), c.CompareKnobs())
			return err
		}, "Compare.Own: a net of your own needs a Name and a Network"},
		"one of two widths": {func(c *Config) error {
			c.Budget.Own = c.Budget.Kind("mine", inceptionBlock)[:1]
			_, err := EqualBudget.Measured(t.Context(), lessontest.Backend(t), c.BudgetKnobs())
			return err
		}, "Budget.Own has 1 nets, and Widths 2"},
		"shapes that do not fit, in Train": {func(c *Config) error {
			c.Train.Own = fit.Own{Name: "mine", Network: threeLogits}
			_, err := MainNet.Measured(t.Context(), lessontest.Backend(t), c.TrainKnobs())
			return err
		}, "measure_test.go"},
		"shapes that do not fit, in Compare": {func(c *Config) error {
			c.Compare.Own = fit.Own{Name: "mine", Network: threeLogits}
			_, err := OneChange.Measured(t.Context(), lessontest.Backend(t), c.CompareKnobs())
			return err
		}, "measure_test.go"},
	} {
		t.Run(name, func(t *testing.T) {
			config := smokeOfOneSeed()
			err := c.run(&config)
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func smokeOfOneSeed() Config {
	c := Smoke()
	c.Compare.Seeds = c.Compare.Seeds[:1]
	return c
}

// Every seed draws pictures of its own, and none to test with that it trains with.
func TestSeedsDrawTheirOwnPictures(t *testing.T) {
	set := datasets.Images{Height: 2, Width: 2, Channels: 1, Labels: make([]uint8, 40)}
	for i := range set.Labels {
		set.Labels[i] = uint8(i)
		set.Pixels = append(set.Pixels, byte(4*i), byte(4*i), byte(4*i), byte(4*i+1))
	}
	for name, from := range map[string]drawer{"generated": {side: 32}, "drawn": {train: set, test: set, side: 2}} {
		t.Run(name, func(t *testing.T) {
			train, test, err := from.draw(1, 20, 10)
			require.NoError(t, err)
			require.Equal(t, []int{20, 10}, []int{train.Len(), test.Len()})
			again, _, err := from.draw(1, 20, 10)
			require.NoError(t, err)
			require.Equal(t, train, again)
			other, _, err := from.draw(2, 20, 10)
			require.NoError(t, err)
			require.NotEqual(t, train.Pixels, other.Pixels)
			require.NotEqual(t, train.Pixels[:len(test.Pixels)], test.Pixels)
		})
	}
	drawn, _, err := drawer{train: set, test: set, side: 1}.draw(1, 100, 1)
	require.NoError(t, err)
	require.Len(t, drawn.Labels, 40, "all there are")
	for i, label := range drawn.Labels {
		require.Equal(t, 4*label, drawn.Pixels[i], "the mean of 4i, 4i, 4i and 4i+1, rounded")
	}
}

func TestPictureIsShrunkToMeans(t *testing.T) {
	set := datasets.Images{Height: 4, Width: 4, Channels: 2, Labels: []uint8{0}}
	for i := range 16 {
		set.Pixels = append(set.Pixels, uint8(i), uint8(100+i))
	}
	require.Equal(t, []uint8{3, 103, 5, 105, 11, 111, 13, 113}, shrunk(set, 2).Pixels, "2½, rounded up, is the mean of 0, 1, 4 and 5")
	require.Equal(t, set, shrunk(set, 4))
}

// The rank by elimination modulo a prime is that of a singular value decomposition,
// where the numbers are small.
func TestRankIsTheNumberOfSingularValues(t *testing.T) {
	random := fit.Rand(1, 6)
	for _, want := range []int{0, 1, 3, 7} {
		left, right := mat.NewDense(9, max(want, 1), nil), mat.NewDense(max(want, 1), 7, nil)
		for _, m := range []*mat.Dense{left, right} {
			m.Apply(func(_, _ int, _ float64) float64 { return float64(min(want, 1) * (random.IntN(19) - 9)) }, m)
		}
		var product mat.Dense
		product.Mul(left, right)
		values := make([]float32, 0, 63)
		for _, v := range product.RawMatrix().Data {
			values = append(values, float32(v))
		}
		var svd mat.SVD
		require.True(t, svd.Factorize(&product, mat.SVDNone))
		// Golub and Van Loan (2013), section 5.4.1: what rounding leaves of a zero.
		tolerance := 9 * 0x1p-52 * svd.Values(nil)[0]
		bySVD := 0
		for _, v := range svd.Values(nil) {
			if v > tolerance {
				bySVD++
			}
		}
		require.Equal(t, bySVD, rank(values, 9))
		require.Equal(t, want, bySVD)
	}
}

// What a convolution keeps, by hand: with one filter as many directions as outputs,
// with stride² filters all pixels that a window sees.
func TestExactClaimsUnderFiftySeeds(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	backend := lessontest.PureGo(t)
	for seed := range int64(50) {
		c := StridesConfig{Sizes: []int{9}, Kernels: []int{1, 2, 3, 5}, Strides: []int{1, 2, 3}, Seed: 100 * seed}
		ranks, err := jacobianRanks(backend, c)
		require.NoError(t, err)
		for _, r := range ranks {
			want := windowsAlong * windowsAlong
			if r.enough() {
				seen := min(r.Kernel, r.Stride)
				want *= seen * seen
			}
			require.Equal(t, want, r.Rank, "seed %d: %+v", seed, r)
		}
		pictures, _, err := drawer{side: 32}.draw(seed, 4, 1)
		require.NoError(t, err)
		pooling, err := countLargest(pictures)
		require.NoError(t, err)
		require.Equal(t, pooling.Outputs, pooling.Largest)
	}
}

// The pictures that are shown are the first two of each class.
func TestSamplesAreTheFirstOfEveryClass(t *testing.T) {
	set := datasets.Images{Height: 1, Width: 1, Channels: 1, Pixels: []uint8{10, 11, 12, 13, 14, 15}, Labels: []uint8{1, 0, 1, 1, 0, 0}}
	some := samplesOf(set)
	require.Equal(t, []uint8{1, 0, 1, 0}, some.Labels)
	require.Equal(t, []uint8{10, 11, 12, 14}, some.Pixels)
}

// Each picture of the task holds as many pairs that touch as pairs with a gap. They
// lie the way the label says, and there is no other pair at those distances.
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

// What the whole module has more is the 5×5 tower, and its part of the dense layer.
func TestModuleWithout5x5LacksThatTowerAlone(t *testing.T) {
	data := twoScales(8, 1)
	parameters := func(network fit.Network) int {
		net, err := fit.NewClassifier(lessontest.PureGo(t), network, data, 8, optimizer.Adam().Done())
		require.NoError(t, err)
		defer net.Finalize()
		return net.Parameters()
	}
	m := scaleModule
	tower := nn.Conv2DCost(1, 1, m.F5x5Reduce, 1).Parameters + nn.Conv2DCost(5, m.F5x5Reduce, m.F5x5, 1).Parameters
	require.Equal(t, parameters(scaleNet)-tower-m.F5x5*scaleClasses, parameters(scaleNetWithout5x5))
}

func TestBitAccuracies(t *testing.T) {
	guess := func(class int) []float32 {
		logits := make([]float32, scaleClasses)
		logits[class] = 1
		return logits
	}
	// Labels are 2·coarse + fine.
	fine, coarse := bitAccuracies([][]float32{guess(0), guess(1), guess(2), guess(3)}, []int32{0, 0, 0, 0})
	require.InDelta(t, .5, fine, 1e-12)
	require.InDelta(t, .5, coarse, 1e-12)
	fine, coarse = bitAccuracies([][]float32{guess(3), guess(2)}, []int32{2, 3})
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

// By hand: the first picture's logits move by (1, −1)·½ about their mean, the second's
// stay, and the two lie (2, −2) apart, both ways.
func TestRelativeMove(t *testing.T) {
	logits, moved := [][]float32{{0, 0}, {4, 0}}, [][]float32{{1, 0}, {5, 1}}
	require.InDelta(t, math.Sqrt(.5)/(2*math.Sqrt(8)), relativeMove(logits, moved), 1e-12)
	for i := range logits {
		for j := range logits[i] {
			logits[i][j], moved[i][j] = 3*logits[i][j], 3*moved[i][j]
		}
	}
	require.InDelta(t, math.Sqrt(.5)/(2*math.Sqrt(8)), relativeMove(logits, moved), 1e-7, "no unit")
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
