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
