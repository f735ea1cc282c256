// Package tubes generates small grey volumes, like scans of a vessel: a stack of
// slices with a square cross-section. Only neighbouring slices together answer the
// questions.
//
// [Pairs] ask about the whole volume: is the tube connected? A cut tube consists of
// the slices of a connected one, with some of them moved behind the others. The
// slices of both classes are therefore the same set of pictures. Whether a tube is
// thick or thin is a control: every slice shows it.
//
// [Vessels] ask about every voxel: does it belong to the vessel? A slice shows two
// cross-sections that look alike. One continues in the next slice; the other is a
// spot, at a new place in every slice. Both are equally likely at any place,
// independently of each other, so no single slice tells them apart.
package tubes

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"evident/internal/badinput"
)

// Scene describes the volumes.
type Scene struct {
	Depth int     // number of slices
	Side  int     // height and width of a slice, in voxels
	Noise float64 // standard deviation of the noise on every voxel; a tube is 1, the background 0
}

// String returns the name of the scene's volumes in reports.
func (s Scene) String() string {
	return fmt.Sprintf("volumes of %d slices of %d×%d, noise %g", s.Depth, s.Side, s.Side, s.Noise)
}

// Check returns an error that names the first value out of range.
func (s Scene) Check() error {
	switch {
	case s.Depth < 4:
		return badinput.Errorf("Depth is %d slices: a tube needs at least 4, to be seen to break", s.Depth)
	case s.Side < s.Depth+2*reach:
		return badinput.Errorf("Side is %d voxels: a tube through %d slices needs at least %d", s.Side, s.Depth, s.Depth+2*reach)
	case !(s.Noise >= 0 && s.Noise < 100):
		return badinput.Errorf("Noise is %g: use 0 to 100", s.Noise)
	}
	return nil
}

// Volumes is a set of volumes.
type Volumes struct {
	Scene  Scene
	Values []float32 // [n, Depth, Side, Side]
}

// Len returns the number of volumes.
func (v Volumes) Len() int { return len(v.Values) / max(v.size(), 1) }

func (v Volumes) size() int { return v.Scene.Depth * v.Scene.Side * v.Scene.Side }

// Shape returns the shape of one volume: depth, height, width and one channel.
func (v Volumes) Shape() []int { return []int{v.Scene.Depth, v.Scene.Side, v.Scene.Side, 1} }

// Volume returns volume i, slice by slice. It shares memory with the set.
func (v Volumes) Volume(i int) []float32 { return v.Values[i*v.size() : (i+1)*v.size()] }

// MaxVolumes limits the number of volumes that are generated at once.
const MaxVolumes = 100_000

// The labels of [Pairs].
const (
	Cut       = 0
	Connected = 1
)

// Pairs are volumes with one tube.
type Pairs struct {
	Volumes
	Labels []int32 // [n], Cut or Connected
}

// GeneratePairs draws n volumes with a tube that passes through all slices and
// moves by one voxel to one side from slice to slice. In about half of them the
// first slices, at least one and not all, are moved behind the others.
func GeneratePairs(n int, s Scene, seed int64) (Pairs, error) {
	g, err := newGenerator(n, s, seed)
	if err != nil {
		return Pairs{}, err
	}
	labels := make([]int32, n)
	for i := range labels {
		centres := g.crossing()
		labels[i] = int32(g.random.IntN(2))
		if labels[i] == Cut {
			behind := 1 + g.random.IntN(s.Depth-1)
			centres = slices.Concat(centres[behind:], centres[:behind])
		}
		g.fill(i, g.mask(centres, reach))
	}
	return Pairs{g.Volumes, labels}, nil
}

// The labels of [GenerateWidths].
const (
	Thin  = 0
	Thick = 1
)

// GenerateWidths draws n volumes with a connected tube. In about half of them it
// is thin: its cross-section is one voxel, not 3×3. Every slice shows that. The
// labels are Thin or Thick.
func GenerateWidths(n int, s Scene, seed int64) (Pairs, error) {
	g, err := newGenerator(n, s, seed)
	if err != nil {
		return Pairs{}, err
	}
	labels := make([]int32, n)
	for i := range labels {
		labels[i] = int32(g.random.IntN(2))
		g.fill(i, g.mask(g.crossing(), int(labels[i])*reach))
	}
	return Pairs{g.Volumes, labels}, nil
}

// Vessels are volumes with a vessel and one spot per slice. The masks are 1 where
// the vessel or a spot is, and 0 elsewhere.
type Vessels struct {
	Volumes
	Vessel, Spot []uint8 // [n, Depth, Side, Side] each
}

// GenerateVessels draws n volumes. The vessel moves by at most one voxel along
// either axis from slice to slice, and every slice has a spot. Vessel and spot may
// overlap.
func GenerateVessels(n int, s Scene, seed int64) (Vessels, error) {
	g, err := newGenerator(n, s, seed)
	if err != nil {
		return Vessels{}, err
	}
	v := Vessels{Volumes: g.Volumes}
	for i := range n {
		vessel, spot := g.mask(g.wandering(), reach), g.mask(g.scattered(), reach)
		v.Vessel, v.Spot = append(v.Vessel, vessel...), append(v.Spot, spot...)
		both := slices.Clone(vessel)
		for j, in := range spot {
			both[j] = max(both[j], in)
		}
		g.fill(i, both)
	}
	return v, nil
}

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
