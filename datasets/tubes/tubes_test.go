package tubes

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
)

// still is a scene without noise, so that the voxels show the tube directly.
var still = Scene{Depth: 6, Side: 9}

func TestPairsAreConnectedOrCut(t *testing.T) {
	set, err := GeneratePairs(300, still, 1)
	require.NoError(t, err)
	counts := map[int32]int{}
	for i, label := range set.Labels {
		counts[label]++
		pieces := map[int32]int{Connected: 1, Cut: 2}[label]
		require.Equal(t, pieces, components(set.Volume(i), still), "volume %d", i)
	}
	assert.InDelta(t, 150, counts[Cut], 44, "five standard deviations of 8.7")
}

// components counts the connected parts of the voxels with value 1 by flood
// filling. Voxels are connected by a face, an edge or a corner.
func components(volume []float32, s Scene) int {
	left, count := slices.Clone(volume), 0
	var flood func(z, y, x int)
	flood = func(z, y, x int) {
		if z < 0 || y < 0 || x < 0 || z >= s.Depth || y >= s.Side || x >= s.Side || left[(z*s.Side+y)*s.Side+x] != 1 {
			return
		}
		left[(z*s.Side+y)*s.Side+x] = 0
		for dz := -1; dz <= 1; dz++ {
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					flood(z+dz, y+dy, x+dx)
				}
			}
		}
	}
	for i := range left {
		if left[i] == 1 {
			count++
			flood(i/(s.Side*s.Side), i/s.Side%s.Side, i%s.Side)
		}
	}
	return count
}

// Each slice of a thin tube has one voxel, and of a thick one nine; both are
// connected.
func TestEverySliceShowsTheWidth(t *testing.T) {
	set, err := GenerateWidths(300, still, 1)
	require.NoError(t, err)
	size, thick := still.Side*still.Side, 0
	for i, label := range set.Labels {
		require.Equal(t, 1, components(set.Volume(i), still))
		for first := 0; first < still.Depth*size; first += size {
			voxels := 0
			for _, v := range set.Volume(i)[first : first+size] {
				voxels += int(v)
			}
			require.Equal(t, map[int32]int{Thin: 1, Thick: 9}[label], voxels)
		}
		thick += int(label)
	}
	assert.InDelta(t, 150, thick, 44, "five standard deviations of 8.7")
	_, err = GenerateWidths(0, still, 1)
	require.ErrorIs(t, err, badinput.Err)
}

// Some rotation of the slices makes a cut tube one piece, so its slices are
// those of a connected tube.
func TestCutTubeHasTheSlicesOfAConnectedOne(t *testing.T) {
	set, err := GeneratePairs(100, still, 2)
	require.NoError(t, err)
	size := still.Side * still.Side
	for i, label := range set.Labels {
		if label == Connected {
			continue
		}
		whole := 0
		for first := 1; first < still.Depth; first++ {
			volume := set.Volume(i)
			if components(slices.Concat(volume[first*size:], volume[:first*size]), still) == 1 {
				whole++
			}
		}
		require.Equal(t, 1, whole)
	}
}

// The vessel continues from slice to slice. Vessel and spots are 3×3 in every
// slice, and the volume shows both.
func TestVesselGoesOn(t *testing.T) {
	set, err := GenerateVessels(200, still, 1)
	require.NoError(t, err)
	size := still.Side * still.Side
	for start := 0; start < len(set.Values); start += size {
		vessel, spot := set.Vessel[start:start+size], set.Spot[start:start+size]
		require.Equal(t, 9, ones(vessel))
		require.Equal(t, 9, ones(spot))
		for j := range vessel {
			require.Equal(t, float32(max(vessel[j], spot[j])), set.Values[start+j])
		}
		if start/size%still.Depth > 0 { // moving 3×3 by at most one voxel keeps at least 2×2
			before := set.Vessel[start-size : start]
			both := 0
			for j := range vessel {
				both += int(vessel[j] & before[j])
			}
			require.GreaterOrEqual(t, both, 4)
		}
	}
}

func ones(mask []uint8) int {
	count := 0
	for _, v := range mask {
		count += int(v)
	}
	return count
}

// In every slice, vessel and spot are equally often in each voxel, so a slice
// does not tell them apart.
func TestSliceSaysNothingOfTheVessel(t *testing.T) {
	const n = 5000
	set, err := GenerateVessels(n, still, 5)
	require.NoError(t, err)
	size := still.Depth * still.Side * still.Side
	inner := (still.Side - 2) * (still.Side - 2)
	for _, mask := range [][]uint8{set.Vessel, set.Spot} {
		for at := range size {
			y, x := at/still.Side%still.Side, at%still.Side
			// number of centres that reach a voxel: 3 along an axis, fewer at
			// the edge
			reaching := min(y+1, still.Side-y, 3) * min(x+1, still.Side-x, 3)
			count := 0
			for i := range n {
				count += int(mask[i*size+at])
			}
			assert.InDelta(t, float64(n*reaching)/float64(inner), count, 150, "over five standard deviations, at most 27")
		}
	}
}

func TestNoiseHasTheDeviation(t *testing.T) {
	s := still
	s.Noise = 0.5
	noisy, err := GenerateVessels(200, s, 1)
	require.NoError(t, err)
	squares := 0.0
	for i, v := range noisy.Values {
		residual := float64(v) - float64(max(noisy.Vessel[i], noisy.Spot[i]))
		squares += residual * residual
	}
	assert.InDelta(t, 0.25, squares/float64(len(noisy.Values)), 0.01)
}

func TestSeedGivesTheSameVolumes(t *testing.T) {
	s := still
	s.Noise = 0.2
	first, err := GeneratePairs(5, s, 7)
	require.NoError(t, err)
	again, err := GeneratePairs(5, s, 7)
	require.NoError(t, err)
	other, err := GeneratePairs(5, s, 8)
	require.NoError(t, err)
	assert.Equal(t, first, again)
	assert.NotEqual(t, first.Values, other.Values)
}

func TestGenerateRefuses(t *testing.T) {
	for name, change := range map[string]func(*Scene){
		"Depth is 3":  func(s *Scene) { s.Depth = 3 },
		"Side is 7":   func(s *Scene) { s.Side = 7 },
		"Noise is -1": func(s *Scene) { s.Noise = -1 },
	} {
		s := still
		change(&s)
		_, err := GeneratePairs(1, s, 1)
		require.ErrorIs(t, err, badinput.Err)
		require.ErrorContains(t, err, name)
		_, err = GenerateVessels(1, s, 1)
		require.ErrorContains(t, err, name)
	}
	for _, n := range []int{0, MaxVolumes + 1} {
		_, err := GeneratePairs(n, still, 1)
		require.ErrorIs(t, err, badinput.Err)
	}
}
