// Package datasets defines the types in which lessons receive data: [Images]
// and [Rows]. Each data set, real or generated, is a package below this one.
package datasets

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"github.com/dustin/go-humanize/english"
)

// Images is a labelled set of pictures of equal size, in memory.
type Images struct {
	Name    string   // name in reports, as in "cifar10 (train)"
	Classes []string // names of the labels 0, 1, …

	Height, Width, Channels int
	Pixels                  []uint8 // [n, height, width, channels], 0–255
	Labels                  []uint8 // [n], each below len(Classes)
}

// Len returns the number of pictures.
func (s Images) Len() int { return len(s.Labels) }

// PictureSize returns the number of bytes of one picture in Pixels.
func (s Images) PictureSize() int { return s.Height * s.Width * s.Channels }

// Picture returns one picture, grey for one channel and in colour for three.
func (s Images) Picture(i int) image.Image {
	pixels, bounds := s.Pixels[i*s.PictureSize():][:s.PictureSize()], image.Rect(0, 0, s.Width, s.Height)
	if s.Channels == 1 {
		return &image.Gray{Pix: pixels, Stride: s.Width, Rect: bounds}
	}
	picture := image.NewNRGBA(bounds)
	for k := range s.Height * s.Width {
		copy(picture.Pix[4*k:], pixels[3*k:3*k+3])
		picture.Pix[4*k+3] = 0xFF
	}
	return picture
}

// Take returns the first n pictures, or all if there are fewer. It shares
// memory with s.
func (s Images) Take(n int) Images {
	n = min(n, s.Len())
	s.Pixels, s.Labels = s.Pixels[:n*s.PictureSize()], s.Labels[:n]
	return s
}

// Shrunk returns the pictures with a smaller height and width: each value is the mean of a square of factor×factor
// pixels, rounded. The squares lie side by side from the top left; what is beyond them is left out.
func (s Images) Shrunk(height, width, factor int) Images {
	small := s
	small.Height, small.Width = height, width
	small.Pixels = make([]uint8, 0, s.Len()*small.PictureSize())
	row, square := s.Width*s.Channels, factor*factor
	for picture := range slices.Chunk(s.Pixels, max(1, s.PictureSize())) {
		for y := range height {
			for x := range width * s.Channels {
				corner := y*factor*row + x/s.Channels*factor*s.Channels + x%s.Channels
				sum := 0
				for down := range factor {
					for right := range factor {
						sum += int(picture[corner+down*row+right*s.Channels])
					}
				}
				small.Pixels = append(small.Pixels, uint8((sum+square/2)/square))
			}
		}
	}
	return small
}

// Hash returns the sha256 of the sizes, pixels and labels, in hexadecimal.
// Equal hashes mean equal pictures in equal order.
func (s Images) Hash() string {
	h := sha256.New()
	for _, v := range []int{s.Len(), s.Height, s.Width, s.Channels} {
		_ = binary.Write(h, binary.LittleEndian, int64(v))
	}
	h.Write(s.Pixels)
	h.Write(s.Labels)
	return hex.EncodeToString(h.Sum(nil))
}

// Rows are examples as rows of numbers: inputs X and targets Y, each
// [n][values]. The target of a class is one-hot.
type Rows struct {
	X, Y [][]float64
}

// Len returns the number of examples.
func (r Rows) Len() int { return len(r.X) }

// Add appends an example.
func (r *Rows) Add(x, y []float64) { r.X, r.Y = append(r.X, x), append(r.Y, y) }

// BalancedLabels returns n labels in shuffled order, equally many of each class.
// If n is not a multiple of the classes, the first classes get one more.
func BalancedLabels(n, classes int, random *rand.Rand) []uint8 {
	labels := make([]uint8, n)
	for i := range labels {
		labels[i] = uint8(i % classes)
	}
	random.Shuffle(n, func(i, j int) { labels[i], labels[j] = labels[j], labels[i] })
	return labels
}

// DrawEach draws n pictures on all processors. Each has its own generator, so
// the order of drawing does not matter.
func DrawEach(n int, random *rand.Rand, draw func(i int, own *rand.Rand)) {
	seeds := make([][2]uint64, n)
	for i := range seeds {
		seeds[i] = [2]uint64{random.Uint64(), random.Uint64()}
	}
	var group sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for worker := range workers {
		group.Go(func() {
			for i := worker; i < n; i += workers {
				draw(i, rand.New(rand.NewPCG(seeds[i][0], seeds[i][1])))
			}
		})
	}
	group.Wait()
}

// Counted formats a number with its noun, as in "1 text" and "2 empty rows". The
// noun is in the singular and must have a regular plural.
func Counted(n int, noun string) string {
	return fmt.Sprintf("%d %s", n, english.PluralWord(n, noun, ""))
}
