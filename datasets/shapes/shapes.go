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
	"math/bits"
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

const (
	unit  = 16 // parts of a pixel: the grid for places and sizes
	grid  = 4  // samples per pixel along each axis: 16 in all, for smooth edges
	turns = 128
)

// scene holds all random properties of a picture except the noise.
type scene struct {
	x, y, radius int64 // in units
	tilt         int64 // 128·tan of half the angle
	bands        int64
	colours      [2][channels]int64 // background and figure, 0–255
	light        [2]int64           // gain of brightness from the centre to the right and to the bottom
	noise        int64              // its standard deviation, in parts of √2
}

func drawScene(rng *rand.Rand) scene {
	s := scene{
		radius: between(rng, 7*unit, 13*unit+unit/2),
		tilt:   between(rng, -12, 12), // up to 10.7° to either side
		bands:  5 + 2*between(rng, 0, 1),
		light:  [2]int64{between(rng, -16, 16), between(rng, -16, 16)},
		noise:  between(rng, 1, 4),
	}
	s.x = between(rng, s.radius, side*unit-s.radius)
	s.y = between(rng, s.radius, side*unit-s.radius)
	for contrast(s.colours) < 260 {
		s.colours = [2][channels]int64{colour(rng), colour(rng)}
	}
	return s
}

// between draws uniformly from the integers low, …, high.
func between(rng *rand.Rand, low, high int64) int64 {
	return low + rng.Int64N(high-low+1)
}

func colour(rng *rand.Rand) [channels]int64 {
	return [channels]int64{between(rng, 20, 235), between(rng, 20, 235), between(rng, 20, 235)}
}

// contrast returns the difference of the colours, summed over the channels.
func contrast(colours [2][channels]int64) (sum int64) {
	for c := range channels {
		sum += abs(colours[0][c] - colours[1][c])
	}
	return sum
}

// draw fills dst, [32, 32, 3], with a figure in a random scene.
func draw(dst []uint8, f figure, rng *rand.Rand) {
	s := drawScene(rng)
	for y := range int64(side) {
		for x := range int64(side) {
			pixel := dst[(y*side+x)*channels:][:channels]
			s.shade(pixel, s.coverage(f, x, y), x, y, rng.Uint64())
		}
	}
}

// coverage counts the samples of pixel (x, y) that lie in the figure, 0 to 16.
func (s scene) coverage(f figure, x, y int64) (count int64) {
	left, top := x*unit-s.x, y*unit-s.y // of the pixel, relative to the centre
	if reach := s.radius*3/2 + unit; abs(left) > reach || abs(top) > reach {
		return 0 // beyond the corners of any figure
	}
	for j := range int64(grid) {
		for i := range int64(grid) {
			if f.inside(s.turn(left+sample(i), top+sample(j)), s.bands) {
				count++
			}
		}
	}
	return count
}

// sample returns the centre of the i-th of grid parts of a pixel.
func sample(i int64) int64 { return (2*i + 1) * unit / (2 * grid) }

// turn returns the point in the tilted axes of the figure. With t = tan(φ/2),
// cos φ = (1-t²)/(1+t²) and sin φ = 2t/(1+t²). This is exact in integers,
// because the radius is multiplied by the denominator too.
func (s scene) turn(x, y int64) point {
	cos, sin, one := turns*turns-s.tilt*s.tilt, 2*turns*s.tilt, turns*turns+s.tilt*s.tilt
	return point{cos*x + sin*y, cos*y - sin*x, s.radius * one}
}

// shade mixes the colours by coverage, and adds light and noise. The noise of
// a channel is the number of ones among 16 random bits. It is binomial, nearly
// normal, with standard deviation 2.
func (s scene) shade(pixel []uint8, coverage, x, y int64, random uint64) {
	light := (s.light[0]*(2*x-side+1) + s.light[1]*(2*y-side+1)) / side
	for c := range pixel {
		mixed := (s.colours[0][c]*(grid*grid-coverage) + s.colours[1][c]*coverage + grid*grid/2) / (grid * grid)
		ones := int64(bits.OnesCount16(uint16(random >> (16 * c))))
		pixel[c] = uint8(min(max(mixed+light+(ones-8)*s.noise, 0), 255))
	}
}

// point is a place relative to the centre of a figure, along its own axes, in
// units in which the radius of the figure is r.
type point struct{ x, y, r int64 }

// figure is a class: the set of points that belong to it.
type figure struct {
	name   string
	inside func(p point, bands int64) bool // bands is the number of stripes across, including gaps; it is odd
}

// figures are the classes in the order of their labels. The fractions of the
// radius are chosen so that all figures cover about the same area.
var figures = []figure{
	{"disc", func(p point, _ int64) bool { return disc(p, 90) }},
	{"ring", func(p point, _ int64) bool { return disc(p, 100) && !disc(p, 60) }},
	{"square", func(p point, _ int64) bool { return square(p, 80) }},
	{"frame", func(p point, _ int64) bool { return square(p, 88) && !square(p, 52) }},
	{"triangle", func(p point, _ int64) bool { return triangle(p) }},
	{"plus", func(p point, _ int64) bool { return plus(p) }},
	{"cross", func(p point, _ int64) bool { return plus(diagonal(p)) }},
	{"rows", func(p point, bands int64) bool { return square(p, 90) && band(p.y, p.r, bands)%2 == 0 }},
	{"columns", func(p point, bands int64) bool { return square(p, 90) && band(p.x, p.r, bands)%2 == 0 }},
	{"checkers", func(p point, bands int64) bool {
		return square(p, 90) && (band(p.x, p.r, bands)+band(p.y, p.r, bands))%2 == 0
	}},
}

// disc contains the points within a percentage of the radius.
func disc(p point, percent int64) bool {
	return 10_000*(p.x*p.x+p.y*p.y) <= percent*percent*p.r*p.r
}

// square contains the points within a half side of a percentage of the radius.
func square(p point, percent int64) bool {
	return 100*max(abs(p.x), abs(p.y)) <= percent*p.r
}

// triangle is equilateral with its top on the circle; the sides fall by √3 ≈
// 173/100.
func triangle(p point) bool {
	return 2*p.y <= p.r && 100*(p.y+p.r) >= 173*abs(p.x)
}

// plus has arms of 27 % of the radius to each side.
func plus(p point) bool {
	short, long := min(abs(p.x), abs(p.y)), max(abs(p.x), abs(p.y))
	return 100*short <= 27*p.r && long <= p.r
}

// diagonal rotates by 45°. The rotated axes are longer by √2 ≈ 1414/1000.
func diagonal(p point) point {
	return point{1000 * (p.x + p.y), 1000 * (p.x - p.y), 1414 * p.r}
}

// band returns the number of a stripe across the square of 90 %, from 0. A point
// outside of the square by rounding belongs to the stripe at the edge.
func band(x, r, bands int64) int64 {
	half := 90 * r
	return min(max(bands*(100*x+half)/(2*half), 0), bands-1)
}

func abs(x int64) int64 { return max(x, -x) }
