package tubes

import (
	"math/rand/v2"

	"evident/internal/badinput"
)

// reach is the distance from the centre of a cross-section to its edge: it has
// 3×3 voxels.
const reach = 1

// place is the centre of a cross-section.
type place struct{ row, column int }

// generator draws the volumes of a set.
type generator struct {
	Volumes
	random *rand.Rand
}

func newGenerator(n int, s Scene, seed int64) (generator, error) {
	if err := s.Check(); err != nil {
		return generator{}, err
	}
	if n < 1 || n > MaxVolumes {
		return generator{}, badinput.Errorf("cannot generate %d volumes: ask for 1 to %d", n, MaxVolumes)
	}
	volumes := Volumes{Scene: s, Values: make([]float32, n*s.Depth*s.Side*s.Side)}
	return generator{volumes, rand.New(rand.NewPCG(uint64(seed), 0x7475626573))}, nil // "tubes"
}

// anywhere draws a row, or column, uniformly, such that a cross-section around
// it fits into the slice.
func (g generator) anywhere() int { return reach + g.random.IntN(g.Scene.Side-2*reach) }

// step moves a row or column by −1, 0 or 1, but not out of the slice. A
// uniformly distributed place stays uniform under such steps.
func (g generator) step(at int) int {
	next := at + g.random.IntN(3) - 1
	if next < reach || next >= g.Scene.Side-reach {
		return at
	}
	return next
}

// wandering returns the centres of a vessel: a random walk.
func (g generator) wandering() []place {
	centres := []place{{g.anywhere(), g.anywhere()}}
	for len(centres) < g.Scene.Depth {
		last := centres[len(centres)-1]
		centres = append(centres, place{g.step(last.row), g.step(last.column)})
	}
	return centres
}

// scattered returns the centres of spots, each anywhere.
func (g generator) scattered() []place {
	centres := make([]place, g.Scene.Depth)
	for i := range centres {
		centres[i] = place{g.anywhere(), g.anywhere()}
	}
	return centres
}

// crossing returns the centres of a tube that moves steadily to one of the four
// sides, from a place where it has room, and wanders across.
func (g generator) crossing() []place {
	depth, room := g.Scene.Depth, g.Scene.Side-2*reach-g.Scene.Depth+1
	along, across := reach+g.random.IntN(room), g.anywhere()
	direction, swap := 1, g.random.IntN(2) == 1
	if g.random.IntN(2) == 1 {
		along, direction = along+depth-1, -1
	}
	centres := make([]place, depth)
	for i := range centres {
		centres[i] = place{across, along}
		if swap {
			centres[i] = place{along, across}
		}
		along, across = along+direction, g.step(across)
	}
	return centres
}

// mask is 1 in the cross-sections around the centres, one per slice, up to the
// given distance.
func (g generator) mask(centres []place, reach int) []uint8 {
	side := g.Scene.Side
	mask := make([]uint8, g.size())
	for slice, at := range centres {
		for row := at.row - reach; row <= at.row+reach; row++ {
			for column := at.column - reach; column <= at.column+reach; column++ {
				mask[(slice*side+row)*side+column] = 1
			}
		}
	}
	return mask
}

// fill makes volume i from a mask and noise.
func (g generator) fill(i int, mask []uint8) {
	for j, in := range mask {
		g.Volume(i)[j] = float32(float64(in) + g.Scene.Noise*g.random.NormFloat64())
	}
}
