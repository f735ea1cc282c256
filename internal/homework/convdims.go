package homework

import (
	"math/rand/v2"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"

	"evident/kit/arch"
	"evident/kit/exercise"
	"evident/kit/nn"

	"evident/internal/homework/solution"
)

// cube returns a kernel with the same size along three axes.
func cube(side int) []int { return []int{side, side, side} }

// convolutions summarises layers that follow one another.
func convolutions(input arch.Shape, layers ...arch.Conv) arch.Summary {
	all := []arch.Layer{arch.Input{Shape: input}}
	for _, layer := range layers {
		all = append(all, layer)
	}
	return counted(arch.Sequential("convolutions", all...))
}

// lastShape returns the output shape of the last layer.
func lastShape(s arch.Summary) []int { return s.Rows[len(s.Rows)-1].Outputs[0] }

// clip is the size of a clip with its channels.
type clip struct{ Frames, Height, Width, Channels int }

func (c clip) shape() arch.Shape { return arch.Shape{c.Frames, c.Height, c.Width, c.Channels} }

// conv is a Conv3D with a cubic kernel.
type conv struct{ Filters, Kernel, Stride int }

func (c conv) layer(padding arch.Padding) arch.Conv {
	return arch.Conv{Filters: c.Filters, Kernel: cube(c.Kernel), Strides: cube(c.Stride), Padding: padding}
}

// flat returns the layer frame by frame, as a Conv2D.
func (c conv) flat(padding arch.Padding) arch.Conv {
	layer := c.layer(padding)
	layer.Kernel[0], layer.Strides[0] = 1, 1
	return layer
}

func convdimsShape(d draw) question {
	n := struct {
		clip
		First, Second conv
	}{
		clip{d.between(5, 9, 16), d.between(6, 20, 40), d.between(7, 20, 40), d.int(3, 1, 3)},
		conv{d.int(2, 4, 6, 8), d.int(3, 3, 5), d.int(2, 2, 3)},
		conv{d.int(4, 10, 12, 16), d.int(3, 2, 3), 1},
	}
	behind := func(first, second arch.Conv) []int { return lastShape(convolutions(n.shape(), first, second)) }
	first, second := n.First.layer(arch.Same), n.Second.layer(arch.Valid)
	right := behind(first, second)
	unstrided := conv{n.First.Filters, n.First.Kernel, 1}
	return question{
		form: shape, points: 2, numbers: n,
		right: right,
		mistakes: []mistake{
			{"padding", behind(n.First.layer(arch.Valid), n.Second.layer(arch.Same))},
			{"no stride", behind(unstrided.layer(arch.Same), second)},
			{"frames", behind(n.First.flat(arch.Same), n.Second.flat(arch.Valid))},
			{"channels", append(slices.Clone(right[:3]), n.Channels)},
		},
	}
}

func convdimsWeights(d draw) question {
	n := struct{ Kernel, Channels, Filters, Frames, Height, Width int }{
		d.int(2, 2, 3, 5), d.int(3, 2, 4, 6), d.between(2, 8, 16), d.between(5, 8, 16), d.between(6, 20, 40), d.between(7, 20, 40),
	}
	right := nn.Conv3DCost(n.Kernel, n.Channels, n.Filters, 1).Parameters
	return question{
		form: count("parameters"), points: 1, numbers: n,
		right: right,
		mistakes: []mistake{
			{"Conv2D", nn.Conv2DCost(n.Kernel, n.Channels, n.Filters, 1).Parameters},
			{"no biases", right - n.Filters},
			{"no channels", nn.Conv3DCost(n.Kernel, 1, n.Filters, 1).Parameters},
			{"frames as channels", nn.Conv2DCost(n.Kernel, n.Channels*n.Frames, n.Filters, 1).Parameters},
		},
	}
}

func convdimsWork(d draw) question {
	n := struct {
		clip
		Layer  conv
		Places arch.Shape
	}{clip: clip{d.between(5, 6, 10), d.between(6, 12, 18), d.between(7, 12, 18), d.int(3, 2, 3)}}
	n.Layer.Kernel, n.Layer.Filters, n.Layer.Stride = d.int(3, 2, 3), d.between(2, 4, 8), 1
	s := convolutions(n.shape(), n.Layer.layer(arch.Valid))
	n.Places = lastShape(s)[:3]
	return question{
		form: count("FLOPs"), points: 2, numbers: n,
		right: s.FLOPs(),
		mistakes: []mistake{
			{"multiply-adds", s.FLOPs() / 2},
			{"padding", convolutions(n.shape(), n.Layer.layer(arch.Same)).FLOPs()},
			{"Conv2D", convolutions(n.shape(), n.Layer.flat(arch.Valid)).FLOPs()},
			{"one place", s.FLOPs() / n.Places.Size()},
		},
	}
}

// convdimsLayer is one of the lesson's three ways to convolve a clip with one
// channel.
type convdimsLayer struct {
	name   string
	input  arch.Shape
	kernel []int
}

// convdimsLayers returns all three. A layer that reads frame by frame has a kernel
// of one frame.
func convdimsLayers(kernel, frames, side int) []convdimsLayer {
	clip := arch.Shape{frames, side, side, 1}
	return []convdimsLayer{
		{"frame by frame", clip, []int{1, kernel, kernel}},
		{"frames as channels", arch.Shape{side, side, frames}, []int{kernel, kernel}},
		{"Conv3D", clip, cube(kernel)},
	}
}

// net returns the lesson's classifier: the layer, the maximum of each of its maps,
// and a dense layer with two outputs.
func (l convdimsLayer) net(filters int) arch.Summary {
	return counted(arch.Sequential("net",
		arch.Input{Shape: l.input}, arch.Conv{Filters: filters, Kernel: l.kernel, Activation: "relu"},
		arch.GlobalPool{Pooling: arch.Max, Axes: len(l.kernel)}, arch.Dense{Units: 2}))
}

func convdimsNet(d draw) question {
	n := struct {
		Kernel, Frames, Side, Filters int
		Layer                         string
	}{
		Kernel: d.int(3, 3, 5), Frames: d.between(8, 6, 10), Side: d.between(12, 12, 24), Filters: d.between(4, 6, 12),
	}
	layers := convdimsLayers(n.Kernel, n.Frames, n.Side)
	chosen := d.between(1, 0, len(layers)-1)
	n.Layer = layers[chosen].name
	s := layers[chosen].net(n.Filters)
	q := question{
		form: count("parameters"), points: 2, numbers: n,
		right: s.Total(),
		mistakes: []mistake{
			{"no dense layer", s.Total() - s.Find("dense").Parameters},
			{"no biases", s.Total() - n.Filters - 2},
		},
	}
	for _, other := range slices.Delete(layers, chosen, chosen+1) {
		q.mistakes = append(q.mistakes, mistake{other.name, other.net(n.Filters).Total()})
	}
	return q
}

// outlook is a net and a task on clips of a moving bar. The lesson measures whether
// the net is nearly always right or only guesses.
type outlook struct {
	Speed     int // pixels per frame
	Net, Task string
	perfect   bool
}

// outlooks move the bar by less than the kernel's 3 columns, or by just as many.
func outlooks(slow int) []outlook {
	const fast = 3
	return []outlook{
		{slow, "frame by frame", "direction", false},
		{slow, "frame by frame", "height", true},
		{slow, "Conv3D", "direction", true},
		{fast, "Conv3D", "direction", false},
		{slow, "frames as channels", "halves", false},
		{slow, "Conv3D", "halves", true},
	}
}

// accuracy returns the choice between a net that learns its task and one that
// guesses.
func accuracy(found bool) (form exercise.Form, right string) {
	const chance, perfect = "near chance", "near perfect"
	form = choice(chance, perfect)
	if found {
		return form, perfect
	}
	return form, chance
}

func convdimsTime(d draw) question {
	all := outlooks(d.int(1, 1, 2))
	chosen := all[d.between(3, 0, len(all)-1)]
	form, right := accuracy(chosen.perfect)
	return question{form: form, points: 1, numbers: chosen, right: right}
}

func convdimsFunction(draw) question {
	return question{
		form: coding, points: 3, right: solution.Conv3D,
		mistakes: []mistake{
			{"every frame", func(clip, kernel [][][]float64, stride int) (output [][][]float64) {
				for t := range len(clip) - len(kernel) + 1 {
					output = append(output, solution.Conv3D(clip[t:t+len(kernel)], kernel, stride)...)
				}
				return output
			}},
			{"Conv2D", func(clip, kernel [][][]float64, stride int) [][][]float64 {
				return solution.Conv3D(clip, kernel[:1], stride)
			}},
			{"turned", func(clip, kernel [][][]float64, stride int) [][][]float64 {
				slices.Reverse(kernel)
				for _, frame := range kernel {
					slices.Reverse(frame)
					for _, row := range frame {
						slices.Reverse(row)
					}
				}
				return solution.Conv3D(clip, kernel, stride)
			}},
		},
		code: code{"conv3D", convdimsInputs},
	}
}

// convdimsInputs draws a kernel that changes when flipped, a stride of 2 or 3, and
// a clip with two places along each axis.
func convdimsInputs(random *rand.Rand) []any {
	block := func(frames, rows, columns int) [][][]float64 {
		all := make([][][]float64, frames)
		for t := range all {
			all[t] = nonzero(random, rows, columns)
		}
		return all
	}
	frames, rows, columns := 2+random.IntN(2), 2+random.IntN(2), 1+random.IntN(3)
	clip, kernel := block(frames+3, rows+3, columns+3), block(frames, rows, columns)
	kernel[0][0][0] = kernel[frames-1][rows-1][columns-1] + 1
	return []any{clip, kernel, 2 + random.IntN(2)}
}

func convdimsFactored(draw) question {
	right := solution.Factored
	// x = ReLU(x) − ReLU(−x), for each of the maps.
	linear := func(clip, space, time *Node) *Node {
		return Sub(right(clip, space, time), right(Neg(clip), space, time))
	}
	return question{
		form: coding, points: 3, right: right,
		mistakes: []mistake{
			{"no ReLU", linear},
			{"ReLU behind", func(clip, space, time *Node) *Node {
				y := linear(clip, space, time)
				return Max(y, ScalarZero(y.Graph(), y.DType()))
			}},
			{"turned", func(clip, space, time *Node) *Node {
				var backwards []*Node
				for s := time.Shape().Dim(0) - 1; s >= 0; s-- {
					backwards = append(backwards, Slice(time, AxisElem(s)))
				}
				return right(clip, space, Concatenate(backwards, 0))
			}},
			{"stopped", func(clip, space, time *Node) *Node { return right(StopGradient(clip), space, time) }},
		},
		code: code{"factored", factoredInputs},
	}
}

// factoredInputs draws a clip with two places along each axis, and kernels of two
// filters.
func factoredInputs(random *rand.Rand) []any {
	block := func(blocks, rows, columns int) [][][]float32 {
		all := make([][][]float32, blocks)
		for i := range all {
			all[i] = matrixOf(rows, columns, func() float32 { return float32(random.IntN(401)-200) / 100 })
		}
		return all
	}
	side, steps := 2+random.IntN(2), 2+random.IntN(2)
	return []any{block(steps+1, side+1, side+1), block(side, side, 2), block(1, steps, 2)[0]}
}
