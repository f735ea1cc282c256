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
	"math"
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

// ellipse is one part of a head. Lengths are in units of half the picture, and
// places are in the head's own frame, with (0, 0) at its centre.
type ellipse struct {
	x, y          float64 // centre
	across, along float64 // half axes
	tilt          float64 // radians
	grey          float64 // grey value inside; later parts cover earlier ones
}

// head is a slice before it is painted.
type head struct {
	x, y, tilt, scale float64 // pose in the picture
	parts             []ellipse
	light, slope      float64 // brightness, and its change across the picture
	noise             float64 // standard deviation
	lesion            bool
}

// between draws uniformly from a range.
func between(random *rand.Rand, low, high float64) float64 { return low + (high-low)*random.Float64() }

// drawHead draws the anatomy of one head.
func drawHead(random *rand.Rand, lesion bool) head {
	h := head{
		x: between(random, -0.08, 0.08), y: between(random, -0.08, 0.08),
		tilt: between(random, -0.35, 0.35), scale: between(random, 0.85, 1.05),
		light: between(random, 0.8, 1.1), slope: between(random, -0.12, 0.12), noise: between(random, 0.01, 0.035),
		lesion: lesion,
	}
	tissue := between(random, 0.38, 0.52)
	brain := h.skull(random, tissue)
	h.ventricles(random, tissue)
	h.vessels(random, brain, tissue)
	if lesion {
		h.parts = append(h.parts, drawLesion(random, brain, tissue))
	}
	return h
}

// skull adds bone and brain, and returns the brain.
func (h *head) skull(random *rand.Rand, tissue float64) ellipse {
	bone := ellipse{across: between(random, 0.66, 0.76), along: between(random, 0.84, 0.92), grey: between(random, 0.8, 1)}
	thickness := between(random, 0.05, 0.11)
	brain := ellipse{across: bone.across - thickness, along: bone.along - thickness, grey: tissue}
	h.parts = append(h.parts, bone, brain)
	return brain
}

// ventricles adds the two dark chambers beside the midline, and the third below
// them.
func (h *head) ventricles(random *rand.Rand, tissue float64) {
	dark := tissue - between(random, 0.16, 0.26)
	apart, along, across := between(random, 0.12, 0.18), between(random, 0.2, 0.32), between(random, 0.05, 0.09)
	y, lean := between(random, -0.15, 0.05), between(random, 0.15, 0.4)
	for _, side := range []float64{-1, 1} {
		h.parts = append(h.parts, ellipse{
			x: side * apart, y: y + between(random, -0.02, 0.02),
			across: across * between(random, 0.85, 1.15), along: along * between(random, 0.9, 1.1), tilt: side * lean, grey: dark,
		})
	}
	h.parts = append(h.parts, ellipse{y: y + along + 0.1, across: 0.035, along: between(random, 0.06, 0.12), grey: dark})
}

// vessels adds bright dots of about one pixel.
func (h *head) vessels(random *rand.Rand, brain ellipse, tissue float64) {
	for range 2 + random.IntN(4) {
		dot := ellipse{across: 0.03, along: 0.03, grey: tissue + between(random, 0.15, 0.3)}
		dot.x, dot.y = placeIn(random, brain, 0.9)
		h.parts = append(h.parts, dot)
	}
}

// drawLesion draws an ellipse that is brighter than the tissue and many times
// larger than a vessel.
func drawLesion(random *rand.Rand, brain ellipse, tissue float64) ellipse {
	radius, flat := between(random, 0.11, 0.21), between(random, 0.65, 1)
	l := ellipse{across: radius * flat, along: radius / flat, tilt: between(random, 0, math.Pi)}
	l.x, l.y = placeIn(random, brain, 0.78)
	l.grey = tissue + between(random, 0.16, 0.32)
	return l
}

// placeIn draws a place uniformly from the area of a smaller copy of the
// ellipse.
func placeIn(random *rand.Rand, of ellipse, fraction float64) (x, y float64) {
	radius, angle := fraction*math.Sqrt(random.Float64()), between(random, 0, 2*math.Pi)
	return of.across * radius * math.Cos(angle), of.along * radius * math.Sin(angle)
}

// render paints the head: [Side, Side] grey values, 0–255.
func (h head) render(random *rand.Rand, pixels []uint8) {
	for at, grey := range h.paint() {
		u := (float64(at%Side)+0.5)*across - 1 - h.x
		grey = grey*h.light*(1+h.slope*u) + h.noise*random.NormFloat64() + 0.04
		pixels[at] = uint8(math.Round(255 * min(max(grey, 0), 1)))
	}
}

// paint returns the grey values without light and noise. Parts cover each other,
// with edges that are one pixel soft.
func (h head) paint() (picture [size]float64) {
	for _, part := range h.parts {
		h.cover(part, func(at int, fraction float64) { picture[at] += fraction * (part.grey - picture[at]) })
	}
	return picture
}

// across is the width of a pixel in the picture.
const across = 2.0 / Side

// cover visits the pixels that a part may cover, with the fraction that it does.
func (h head) cover(part ellipse, visit func(at int, fraction float64)) {
	e := part.turned(across / h.scale)
	sine, cosine := math.Sincos(h.tilt)
	left, right := pixelsAbout(h.scale*(cosine*e.x-sine*e.y)+h.x, h.scale*e.reach)
	top, bottom := pixelsAbout(h.scale*(sine*e.x+cosine*e.y)+h.y, h.scale*e.reach)
	for row := top; row < bottom; row++ {
		for column := left; column < right; column++ {
			u, v := (float64(column)+0.5)*across-1-h.x, (float64(row)+0.5)*across-1-h.y
			visit(row*Side+column, e.cover((cosine*u+sine*v)/h.scale, (cosine*v-sine*u)/h.scale))
		}
	}
}

// pixelsAbout returns the rows, or columns, that lie within a distance of a place in
// the picture: from the first to before the second.
func pixelsAbout(place, distance float64) (from, to int) {
	from, to = int(math.Floor((place-distance+1)/across-0.5)), int(math.Ceil((place+distance+1)/across-0.5))
	return max(from, 0), min(to+1, Side)
}

// mark returns the pixels of which at least half lies in the lesion.
func (h head) mark() Lesion {
	if !h.lesion {
		return Lesion{}
	}
	part := h.parts[len(h.parts)-1]
	l := Lesion{Mask: make([]bool, size), Contrast: h.light * (part.grey - h.parts[1].grey)}
	h.cover(part, func(at int, fraction float64) { l.Mask[at] = fraction >= 0.5 })
	return l
}

// turned is an ellipse with precomputed values.
type turned struct {
	ellipse
	sine, cosine float64 // of the tilt
	pixel        float64 // width of a pixel
	least        float64 // the smaller half axis
	reach        float64 // at this distance from its centre and beyond it covers nothing
}

func (e ellipse) turned(pixel float64) turned {
	sine, cosine := math.Sincos(e.tilt)
	least := min(e.across, e.along)
	return turned{e, sine, cosine, pixel, least, max(e.across, e.along) * (1 + pixel/(2*least))}
}

// cover returns the fraction of a pixel inside the ellipse, to first order in
// the pixel's distance from the edge.
func (e *turned) cover(x, y float64) float64 {
	u, v := x-e.x, y-e.y
	if math.Abs(u) > e.reach || math.Abs(v) > e.reach { // true for most pixels and parts
		return 0
	}
	across, along := (e.cosine*u+e.sine*v)/e.across, (e.cosine*v-e.sine*u)/e.along
	radius := math.Sqrt(across*across + along*along)
	distance := (1 - radius) * e.least
	return min(max(distance/e.pixel+0.5, 0), 1)
}
