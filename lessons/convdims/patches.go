package convdims

import (
	"math/rand/v2"

	"evident/datasets/tubes"
	"evident/kit/fit"
)

// forPatches keeps the choice of the patches apart from what else is drawn from
// a seed.
const forPatches = 61

// patchData cuts patches with the side of the kernel out of the volumes, and labels each
// with what its middle is: 1 for the vessel. In every slice the middles are one
// voxel of the vessel alone, one of the spot alone and one of neither.
//
// To train on patches is to train the segmenter on a sample of the voxels: what
// it says of a voxel depends on no others (Long, Shelhamer and Darrell 2015,
// section 3.4).
func patchData(v tubes.Vessels, kernel int, seed int64) fit.Data {
	random := fit.Rand(seed, forPatches)
	var values []float32
	var labels []int32
	sliceSize := v.Scene.Side * v.Scene.Side
	for start := 0; start < len(v.Values); start += sliceSize {
		for _, kind := range [][2]uint8{{1, 0}, {0, 1}, {0, 0}} { // in the vessel, in the spot
			if at, found := pick(v, start, sliceSize, kind, random); found {
				values = append(values, patch(v.Volumes, at, kernel)...)
				labels = append(labels, int32(kind[0]))
			}
		}
	}
	return fit.NewData(values, []int{kernel, kernel, kernel, 1}, labels)
}

// pick draws a voxel of the slice that is of the kind, if there is one.
func pick(v tubes.Vessels, start, size int, kind [2]uint8, random *rand.Rand) (at int, found bool) {
	seen := 0
	for i := start; i < start+size; i++ {
		if v.Vessel[i] == kind[0] && v.Spot[i] == kind[1] {
			seen++
			if random.IntN(seen) == 0 { // each of those seen is kept with the same probability
				at = i
			}
		}
	}
	return at, seen > 0
}

// patch is the neighbourhood of a voxel, given by its place in Values; zero
// outside of the volume. The size is odd.
func patch(v tubes.Volumes, at, size int) []float32 {
	depth, side := v.Scene.Depth, v.Scene.Side
	column, row, slice := at%side, at/side%side, at/(side*side)%depth
	reach := size / 2
	values := make([]float32, 0, size*size*size)
	for dz := -reach; dz <= reach; dz++ {
		for dy := -reach; dy <= reach; dy++ {
			for dx := -reach; dx <= reach; dx++ {
				value := float32(0)
				if z, y, x := slice+dz, row+dy, column+dx; z >= 0 && z < depth && y >= 0 && y < side && x >= 0 && x < side {
					value = v.Values[at+(dz*side+dy)*side+dx]
				}
				values = append(values, value)
			}
		}
	}
	return values
}
