package shapes

import (
	"math/bits"
	"math/rand/v2"
)

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
