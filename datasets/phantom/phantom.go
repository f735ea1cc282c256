// Package phantom draws the data set that question 4 uses if there are no real
// pictures: slices through a head in the manner of Shepp and Logan (1974, "The
// Fourier reconstruction of a head section"). They are grey, with 48×48 pixels,
// and half of them show a lesion.
//
// No single pixel reveals the class. Pose, size, skull, ventricles, contrast,
// light and noise are random for every head. A lesion is an ellipse inside the
// brain, of random place, size, shape and contrast, brighter than the tissue and
// darker than the bone. Every head also has vessels: single bright dots, which a
// detector of bright places must ignore.
package phantom

import (
	"fmt"
	"math/rand/v2"

	"evident/datasets"
	"evident/internal/badinput"
)

const (
	// Side is the height and width of a picture in pixels.
	Side = 48
	size = Side * Side

	// MaxPictures limits the number of pictures that Generate makes at once: 2
	// GB.
	MaxPictures = 1_000_000
)

// Classes returns the names of the labels 0 and 1.
func Classes() []string { return []string{"healthy", "lesion"} }

// Generate draws n heads, [n, 48, 48, 1], in shuffled order, half of them with a
// lesion. If n is odd, one more is healthy. Different seeds give different
// heads. An n outside of 1 to MaxPictures is a badinput.Err.
func Generate(n int, seed int64) (datasets.Images, error) {
	set, _, err := GenerateMarked(n, seed)
	return set, err
}

// Lesion says where the lesion of a head lies, and how visible it is. The zero
// value means no lesion.
type Lesion struct {
	Mask     []bool  // [48, 48]: whether the pixel lies in the lesion; nil for no lesion
	Contrast float64 // brightness above the surrounding tissue, on a scale of 0 to 1
}

// Area returns the number of pixels in the lesion.
func (l Lesion) Area() int {
	count := 0
	for _, inside := range l.Mask {
		if inside {
			count++
		}
	}
	return count
}

// GenerateMarked draws the heads of [Generate] together with their lesions.
func GenerateMarked(n int, seed int64) (datasets.Images, []Lesion, error) {
	if n < 1 || n > MaxPictures {
		return datasets.Images{}, nil, badinput.Errorf("cannot generate %d head phantoms: ask for 1 to %d", n, MaxPictures)
	}
	random := rand.New(rand.NewPCG(uint64(seed), 0x7068616e746f6d)) // "phantom"
	set := datasets.Images{
		Name: fmt.Sprintf("head phantoms (seed %d)", seed), Classes: Classes(),
		Height: Side, Width: Side, Channels: 1,
		Pixels: make([]uint8, n*size), Labels: datasets.BalancedLabels(n, len(Classes()), random),
	}
	lesions := make([]Lesion, n)
	datasets.DrawEach(n, random, func(i int, own *rand.Rand) {
		h := drawHead(own, set.Labels[i] == 1)
		h.render(own, set.Pixels[i*size:][:size])
		lesions[i] = h.mark()
	})
	return set, lesions, nil
}
