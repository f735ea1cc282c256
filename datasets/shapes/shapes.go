// Package shapes draws the data set that needs no download: colour pictures of 32×32 pixels in ten
// classes (disc, ring, square, …), made from a seed. It has the form of CIFAR-10 and replaces it in
// the lessons until the real pictures are there.
//
// A class is an outline or a texture, never a colour or a place. Size, place, tilt, both colours,
// light and noise are random, and the figure is as often darker than its background as brighter. No
// single pixel reveals the class, so a linear model stays near chance, while a small convolutional net
// learns the classes in some hundred steps. Sizes range from 14 to 27 pixels and stripes from 1.8 to
// 4.9 pixels, so that both fine and coarse filters are useful.
//
// All arithmetic uses integers, so a seed gives the same bytes on every platform.
package shapes

import (
	"fmt"
	"math/rand/v2"

	"evident/datasets"
	"evident/internal/badinput"
)

const (
	side     = 32 // pixels
	channels = 3  // red, green, blue
	size     = side * side * channels

	// MaxPictures limits the number of pictures that Generate makes at once: 3 GB.
	MaxPictures = 1_000_000
)

// Classes returns the names of the labels 0 to 9.
func Classes() []string {
	names := make([]string, len(figures))
	for i, f := range figures {
		names[i] = f.name
	}
	return names
}

// Generate draws n pictures, [n, 32, 32, 3], in shuffled order. Each class has n/10 of them; some have
// one more if n is not a multiple of 10. Different seeds give different pictures. An n outside of 1 to
// MaxPictures is a badinput.Err.
func Generate(n int, seed int64) (datasets.Images, error) {
	if n < 1 || n > MaxPictures {
		return datasets.Images{}, badinput.Errorf("cannot generate %d pictures of shapes: ask for 1 to %d", n, MaxPictures)
	}
	rng := rand.New(rand.NewPCG(uint64(seed), 0x736861706573)) // "shapes"
	set := datasets.Images{
		Name: fmt.Sprintf("shapes (seed %d)", seed), Classes: Classes(),
		Height: side, Width: side, Channels: channels,
		Pixels: make([]uint8, n*size), Labels: datasets.BalancedLabels(n, len(figures), rng),
	}
	datasets.DrawEach(n, rng, func(i int, own *rand.Rand) { draw(set.Pixels[i*size:][:size], figures[set.Labels[i]], own) })
	return set, nil
}
