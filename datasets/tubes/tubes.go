// Package tubes generates small grey volumes, as a scanner makes them of a
// vessel: slice upon slice of a square cross-section. They are made so that only
// neighbouring slices tell what is asked for.
//
// [Pairs] are for a question about the whole volume: is the tube connected? One
// that is not has the slices of a connected one, with some of them put
// behind the others. So the slices of both classes are the same pictures, as a set.
//
// [Vessels] are for a question about every voxel: is it of the vessel? A slice
// shows two cross-sections that look alike. One goes on in the next slice; the
// other is a spot, at a new place in every slice. Both are at any place with the
// same probability, independently of each other, so no slice says which is which.
package tubes

import (
	"fmt"
	"slices"

	"evident/internal/badinput"
)

// Scene says what the volumes are of.
type Scene struct {
	Depth int     // number of slices
	Side  int     // height and width of a slice, in voxels
	Noise float64 // standard deviation of the noise on every voxel; a tube has 1, the ground 0
}

// String is what reports call volumes of the scene.
func (s Scene) String() string {
	return fmt.Sprintf("volumes of %d slices of %d×%d, noise %g", s.Depth, s.Side, s.Side, s.Noise)
}

// Check returns an error that names the first value out of its range.
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

// Len is the number of volumes.
func (v Volumes) Len() int { return len(v.Values) / max(v.size(), 1) }

func (v Volumes) size() int { return v.Scene.Depth * v.Scene.Side * v.Scene.Side }

// Shape is that of one volume: depth, height, width and one channel.
func (v Volumes) Shape() []int { return []int{v.Scene.Depth, v.Scene.Side, v.Scene.Side, 1} }

// Volume is volume number i, slice by slice. It shares memory with the set.
func (v Volumes) Volume(i int) []float32 { return v.Values[i*v.size() : (i+1)*v.size()] }

// MaxVolumes bounds what is generated at once.
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

// GeneratePairs draws n volumes with a tube that goes through all slices and
// moves by a voxel to one side from each to the next. In about half of them the
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
		g.fill(i, g.mask(centres))
	}
	return Pairs{g.Volumes, labels}, nil
}

// Vessels are volumes with a vessel and as many spots as slices, and what is
// what: the masks are 1 where the vessel is, or a spot, and 0 elsewhere.
type Vessels struct {
	Volumes
	Vessel, Spot []uint8 // [n, Depth, Side, Side] each
}

// GenerateVessels draws n volumes with a vessel that moves by at most a voxel
// along either axis from one slice to the next, and a spot in every slice. They
// may overlap.
func GenerateVessels(n int, s Scene, seed int64) (Vessels, error) {
	g, err := newGenerator(n, s, seed)
	if err != nil {
		return Vessels{}, err
	}
	v := Vessels{Volumes: g.Volumes}
	for i := range n {
		vessel, spot := g.mask(g.wandering()), g.mask(g.scattered())
		v.Vessel, v.Spot = append(v.Vessel, vessel...), append(v.Spot, spot...)
		both := slices.Clone(vessel)
		for j, in := range spot {
			both[j] = max(both[j], in)
		}
		g.fill(i, both)
	}
	return v, nil
}
