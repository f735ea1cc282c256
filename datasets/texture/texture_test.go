package texture

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/datasets"
	"evident/internal/badinput"
)

func generate(t testing.TB, n int, seed int64) datasets.Images {
	t.Helper()
	set, err := Generate(n, seed)
	require.NoError(t, err)
	return set
}

// The hash was taken on linux/amd64. Any change to the pictures changes it,
// and invalidates all results measured on them.
func TestSeedGivesTheSameBytesEverywhere(t *testing.T) {
	const want = "27e1cc508706567c4fcb3ee6c25957340d0e8f83b22fec78389042b78cb6b7ac"
	require.Equal(t, want, generate(t, 100, 42).Hash())
}

// Every layout is a permutation that gives each colour half of the places.
func TestClassOnlyMovesPixels(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range classes {
		for range 50 {
			places := layout(c, rng)
			sorted := slices.Sorted(slices.Values(places[:]))
			for i, from := range sorted {
				require.Equal(t, i, from, c.name)
			}
		}
	}
}

// A row of "rows" and a column of "columns" have one colour; those of
// checkers have both.
func TestPatternsLieTheWayTheirNamesSay(t *testing.T) {
	uniform := func(c class, at func(i, j int) (y, x int)) int {
		count := 0
		for i := range Side {
			same := true
			for j := range Side {
				y, x := at(i, j)
				y0, x0 := at(i, 0)
				same = same && c.first(y, x) == c.first(y0, x0)
			}
			if same {
				count++
			}
		}
		return count
	}
	row := func(i, j int) (int, int) { return i, j }
	column := func(i, j int) (int, int) { return j, i }
	want := map[string][2]int{"edge across": {Side, 0}, "edge down": {0, Side}, "rows": {Side, 0}, "columns": {0, Side}, "checkers": {0, 0}}
	for _, c := range classes {
		if c.first != nil {
			require.Equal(t, want[c.name], [2]int{uniform(c, row), uniform(c, column)}, c.name)
		}
	}
}

func TestClassesAreBalanced(t *testing.T) {
	for _, n := range []int{1, 6, 100} {
		set := generate(t, n, 3)
		require.Equal(t, n, set.Len())
		require.Len(t, set.Pixels, n*set.PictureSize())
		counts := make([]int, len(classes))
		for _, label := range set.Labels {
			counts[label]++
		}
		require.LessOrEqual(t, slices.Max(counts)-slices.Min(counts), 1)
	}
}

// The mean colour of a picture does not reveal its class: it differs less
// between the classes than between pictures of one class.
func TestMeanColourIsTheSameInEveryClass(t *testing.T) {
	set := generate(t, 3000, 5)
	sums, counts := make([]float64, len(classes)), make([]float64, len(classes))
	for i, label := range set.Labels {
		for _, v := range set.Pixels[i*set.PictureSize() : (i+1)*set.PictureSize()] {
			sums[label] += float64(v) / float64(set.PictureSize())
		}
		counts[label]++
	}
	for i := range sums {
		// Pictures differ by about 25 levels, and the mean of 500 of them by
		// 1.2.
		require.InDelta(t, 127.5, sums[i]/counts[i], 5)
	}
}

func TestGenerateRefuses(t *testing.T) {
	for _, n := range []int{0, -1, MaxPictures + 1} {
		_, err := Generate(n, 1)
		require.ErrorIs(t, err, badinput.Err)
	}
}
