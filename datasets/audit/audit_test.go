package audit_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/datasets"
	"evident/datasets/audit"
	"evident/datasets/phantom"
)

func heads(t testing.TB, n int, seed int64) datasets.Images {
	t.Helper()
	set, err := phantom.Generate(n, seed)
	require.NoError(t, err)
	return set
}

// copied appends pictures of a set to it, with each pixel changed.
func copied(set datasets.Images, change func(pixel uint8, place int) uint8, indices ...int) datasets.Images {
	set.Pixels, set.Labels = slices.Clone(set.Pixels), slices.Clone(set.Labels)
	for _, i := range indices {
		for place, pixel := range set.Pixels[i*set.PictureSize():][:set.PictureSize()] {
			set.Pixels = append(set.Pixels, change(pixel, place))
		}
		set.Labels = append(set.Labels, set.Labels[i])
	}
	return set
}

func same(pixel uint8, _ int) uint8 { return pixel }

// nearly brightens a pixel and adds noise in a fixed pattern.
func nearly(pixel uint8, place int) uint8 { return uint8(min(int(pixel)*21/20+place*7%5, 255)) }

func TestHeadsInOnePoseAreNotTwins(t *testing.T) {
	found := audit.Find(heads(t, 400, 1))
	require.Empty(t, found.Groups)
	require.Zero(t, found.Exact+found.Near)
}

func TestTwinsAreFound(t *testing.T) {
	set := copied(copied(heads(t, 50, 1), same, 3, 8), nearly, 8, 20)
	found := audit.Find(set)
	require.Equal(t, [][]int{{3, 50}, {8, 51, 52}, {20, 53}}, found.Groups)
	require.Equal(t, 2, found.Exact)
	require.Equal(t, 2, found.Near)
}

func TestCrossingCountsTheLeakAlone(t *testing.T) {
	train, validation := heads(t, 60, 1), heads(t, 20, 2)
	exact, near := audit.Crossing(train, validation)
	require.Zero(t, exact+near)
	both := copied(train, same, 1, 2, 3)
	leaked := validation
	leaked.Pixels = slices.Concat(validation.Pixels, both.Pixels[60*train.PictureSize():])
	leaked.Labels = slices.Concat(validation.Labels, both.Labels[60:])
	leaked = copied(leaked, same, 0)   // duplicates on one side are no leak
	leaked = copied(leaked, nearly, 0) // neither are near duplicates
	exact, near = audit.Crossing(train, leaked)
	require.Equal(t, []int{3, 0}, []int{exact, near})
	softened := copied(train, nearly, 5, 6)
	leaked.Pixels = append(leaked.Pixels, softened.Pixels[60*train.PictureSize():]...)
	leaked.Labels = append(leaked.Labels, softened.Labels[60:]...)
	exact, near = audit.Crossing(train, leaked)
	require.Equal(t, []int{3, 2}, []int{exact, near})
}

func TestMajority(t *testing.T) {
	set := datasets.Images{Classes: []string{"a", "b"}, Labels: []uint8{0, 1, 1, 1}}
	require.Equal(t, 0.75, audit.Majority(set))
}

func BenchmarkFind(b *testing.B) {
	set := heads(b, 3000, 1)
	for b.Loop() {
		audit.Find(set)
	}
}
