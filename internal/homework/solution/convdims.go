package solution

import . "github.com/gomlx/gomlx/core/graph"

// Factored is a Conv3D in two steps, (2+1)D: a Conv2D with ReLU on every frame, and
// behind it a convolution over time at every pixel.
func Factored(clip, space, time *Node) *Node {
	side, steps := space.Shape().Dim(0), time.Shape().Dim(0)
	frames, rows, columns := clip.Shape().Dim(0), clip.Shape().Dim(1)-side+1, clip.Shape().Dim(2)-side+1
	zero := ScalarZero(clip.Graph(), clip.DType())
	maps := zero // [frames, rows, columns, filters]
	for u := range side {
		for v := range side {
			shifted := Slice(clip, AxisRange(), AxisRange(u, u+rows), AxisRange(v, v+columns))
			weights := Reshape(Slice(space, AxisElem(u), AxisElem(v)), 1, 1, 1, -1)
			maps = Add(maps, Mul(InsertAxes(shifted, -1), weights))
		}
	}
	maps = Max(maps, zero)
	output := zero // [frames-steps+1, rows, columns]
	for s := range steps {
		shifted := Slice(maps, AxisRange(s, s+frames-steps+1))
		weights := Reshape(Slice(time, AxisElem(s)), -1)
		output = Add(output, Einsum("tijf,f->tij", shifted, weights))
	}
	return output
}
