package audit_test

import (
	"image"
	"image/color"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/datasets"
	"evident/datasets/audit"
	"evident/datasets/imagefolder"
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
	require.Equal(t, [][]int{{3, 50}, {8, 51}}, found.Copies)
	require.Equal(t, [][]int{{8, 52}, {20, 53}}, found.NearOnly())
}

// The same scene with a disc in it: of 48×48 pixels, the disc has about 50.
func TestThingInAnotherColourMakesNoTwin(t *testing.T) {
	const side = 48
	scene := func(disc color.NRGBA, brighter float64) image.Image {
		picture := image.NewNRGBA(image.Rect(0, 0, side, side))
		for y := range side {
			for x := range side {
				tone := color.NRGBA{uint8(5 * x), uint8(5 * y), uint8(235 - 5*x), 255}
				if math.Hypot(float64(x)-20.5, float64(y)-26.5) < 4 {
					tone = disc
				}
				tone.R, tone.G, tone.B = uint8(float64(tone.R)*brighter), uint8(float64(tone.G)*brighter), uint8(float64(tone.B)*brighter)
				picture.SetNRGBA(x, y, tone)
			}
		}
		return picture
	}
	red, green, rose := color.NRGBA{150, 70, 60, 255}, color.NRGBA{70, 110, 60, 255}, color.NRGBA{155, 80, 65, 255}
	for _, c := range []struct {
		name   string
		other  image.Image
		colour bool
		near   int
	}{
		{"red and green", scene(green, 1), true, 0},
		{"red and green of one brightness, in grey", scene(green, 1), false, 1},
		{"red and a little rose", scene(rose, 1), true, 1},
		{"a little brighter", scene(red, 1.08), true, 1},
		{"much darker", scene(red, 0.6), true, 0},
		{"much darker, in grey", scene(red, 0.6), false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := imagefolder.Options{Height: side, Width: side, Colour: c.colour}
			set := datasets.Images{Classes: []string{"a", "b"}, Height: side, Width: side, Channels: 1, Labels: []uint8{0, 1}}
			if c.colour {
				set.Channels = 3
			}
			set.Pixels = slices.Concat(imagefolder.Scale(scene(red, 1), o), imagefolder.Scale(c.other, o))
			require.Equal(t, c.near, audit.Find(set).Near)
		})
	}
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
