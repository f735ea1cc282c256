// Package texture draws small colour pictures whose classes differ only in the
// places of the pixels: edges and textures of two colours.
//
// The pixels of a picture are drawn first, half of them near one colour and
// half near another, independently of the class. The class then decides where
// they go. The set of pixels therefore has exactly the same distribution in
// every class. A model that looks at single pixels, or counts colours, stays at
// chance; a model that looks at neighbours does not.
//
// All arithmetic uses integers, so a seed gives the same bytes on every
// platform.
package texture

import (
	"fmt"
	"math/bits"
	"math/rand/v2"

	"evident/datasets"
	"evident/internal/badinput"
)

const (
	// Side is the height and width of a picture in pixels.
	Side     = 16
	channels = 3 // red, green, blue
	pixels   = Side * Side

	// MaxPictures limits the number of pictures that Generate makes at once:
	// 768 MB.
	MaxPictures = 1_000_000
)

// class is a pattern of two colours. Each colour covers half of the pixels,
// wherever the pattern begins.
type class struct {
	name  string
	first func(y, x int) bool // whether a pixel has the first colour, from a random start; nil means no order
}

// The edges are bands of half the picture, and the textures repeat every fourth
// pixel.
var classes = []class{
	{"edge across", func(y, _ int) bool { return band(y, Side) }},
	{"edge down", func(_, x int) bool { return band(x, Side) }},
	{"rows", func(y, _ int) bool { return band(y, 4) }},
	{"columns", func(_, x int) bool { return band(x, 4) }},
	{"checkers", func(y, x int) bool { return band(y, 4) != band(x, 4) }},
	{"scattered", nil},
}

// band reports whether x lies in the first half of its period.
func band(x, period int) bool { return x%period < period/2 }

// Classes returns the names of the labels 0 to 5.
func Classes() []string {
	names := make([]string, len(classes))
	for i, c := range classes {
		names[i] = c.name
	}
	return names
}

// Generate draws n pictures, [n, 16, 16, 3], in shuffled order. Each class has
// n/6 of them; some have one more if n is not a multiple of 6. Different seeds
// give different pictures. An n outside of 1 to MaxPictures is a badinput.Err.
func Generate(n int, seed int64) (datasets.Images, error) {
	if n < 1 || n > MaxPictures {
		return datasets.Images{}, badinput.Errorf("cannot generate %d pictures of textures: ask for 1 to %d", n, MaxPictures)
	}
	rng := rand.New(rand.NewPCG(uint64(seed), 0x74657874757265)) // "texture"
	set := datasets.Images{
		Name: fmt.Sprintf("texture (seed %d)", seed), Classes: Classes(),
		Height: Side, Width: Side, Channels: channels,
		Pixels: make([]uint8, 0, n*pixels*channels), Labels: datasets.BalancedLabels(n, len(classes), rng),
	}
	for _, label := range set.Labels {
		drawn := draw(rng) // before the class is used
		for _, from := range layout(classes[label], rng) {
			set.Pixels = append(set.Pixels, drawn[from][:]...)
		}
	}
	return set, nil
}

type pixel [channels]uint8

// draw makes the pixels of a picture: the first half near one colour, the
// others near another.
func draw(rng *rand.Rand) [pixels]pixel {
	var colours [2][channels]int
	for contrast(colours) < 150 {
		for i := range colours {
			for c := range colours[i] {
				colours[i][c] = 30 + rng.IntN(196)
			}
		}
	}
	var drawn [pixels]pixel
	for i := range drawn {
		noise := rng.Uint64()
		for c := range channels {
			// The number of ones among 16 random bits is nearly normal, with
			// standard deviation 2.
			ones := bits.OnesCount16(uint16(noise >> (16 * c)))
			drawn[i][c] = uint8(min(max(colours[2*i/pixels][c]+5*(ones-8), 0), 255))
		}
	}
	return drawn
}

// contrast returns the difference of the colours, summed over the channels.
func contrast(colours [2][channels]int) (sum int) {
	for c := range channels {
		sum += max(colours[0][c]-colours[1][c], colours[1][c]-colours[0][c])
	}
	return sum
}

// layout says which of the drawn pixels goes to each place.
func layout(c class, rng *rand.Rand) [pixels]int {
	order := [pixels]int(rng.Perm(pixels))
	if c.first == nil {
		return order
	}
	top, left := rng.IntN(Side), rng.IntN(Side)
	var places [pixels]int
	first, second := 0, pixels/2
	for i := range places {
		next := &second
		if c.first((i/Side+top)%Side, (i%Side+left)%Side) {
			next = &first
		}
		places[i] = *next
		*next++
	}
	return places
}
