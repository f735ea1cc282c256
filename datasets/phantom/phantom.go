// Package phantom draws the data set that question 4 uses when there are no
// real pictures: slices through a head in the manner of Shepp and Logan (1974,
// "The Fourier reconstruction of a head section"), grey, 48×48 pixels, one half
// with a lesion and the other half without.
//
// No pixel tells the class by itself. Pose, size, skull, ventricles, contrast,
// light and noise are drawn for every head. A lesion is an ellipse of random
// place, size, shape and faintness inside the brain, brighter than the tissue
// and darker than the bone. Every head has vessels, single bright dots, which a
// detector of bright places has to leave alone.
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

	// MaxPictures bounds what Generate makes at once: 2 GB.
	MaxPictures = 1_000_000
)

// Classes are the names of the labels 0 and 1.
func Classes() []string { return []string{"healthy", "lesion"} }

// Generate draws n heads, [n, 48, 48, 1], in shuffled order, one half of them
// with a lesion; of an odd number one more is healthy. Other seeds give other
// heads. An n outside of 1 to MaxPictures is a badinput.Err.
func Generate(n int, seed int64) (datasets.Images, error) {
	set, _, err := GenerateMarked(n, seed)
	return set, err
}

// Lesion is where the lesion of a head lies, and how well it can be seen; the
// zero value stands for none.
type Lesion struct {
	Mask     []bool  // [48, 48]: whether the pixel lies in the lesion; nil for none
	Contrast float64 // brighter than the tissue around by so much, on a scale of 0 to 1
}

// Area is the number of pixels in the lesion.
func (l Lesion) Area() int {
	count := 0
	for _, inside := range l.Mask {
		if inside {
			count++
		}
	}
	return count
}

// GenerateMarked draws the heads of [Generate] and says of each where its lesion
// lies.
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
