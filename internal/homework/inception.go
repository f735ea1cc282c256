package homework

import (
	"maps"
	"math/rand/v2"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats"

	"evident/kit/arch"
	"evident/lessons/inception"

	"evident/internal/homework/solution"
)

// moduleOn is a module with the size of its input.
type moduleOn struct {
	inception.Module
	Side, Channels int
}

// drawModule draws GoogLeNet's first module with its input, or one of other sizes.
func drawModule(d draw) moduleOn {
	first := inception.GoogLeNet[0]
	return moduleOn{
		inception.Module{
			F1x1: d.int(first.Module.F1x1, 48, 64, 80, 96), PoolProj: d.int(first.Module.PoolProj, 24, 32, 40, 48),
			F3x3Reduce: d.int(first.Module.F3x3Reduce, 64, 80, 96), F3x3: d.int(first.Module.F3x3, 112, 128, 144, 160),
			F5x5Reduce: d.int(first.Module.F5x5Reduce, 16, 20, 24), F5x5: d.int(first.Module.F5x5, 32, 48, 56, 64),
		},
		d.int(first.Height, 14, 28, 56), d.int(first.Channels, 160, 192, 224, 256),
	}
}

func inceptionShape(d draw) question {
	n := drawModule(d)
	of := func(channels int) []int { return []int{n.Side, n.Side, channels} }
	right := n.Filters()
	return question{
		form: shape, points: 1, numbers: n,
		right: of(right),
		mistakes: []mistake{
			{"reductions", of(right + n.F3x3Reduce + n.F5x5Reduce)},
			{"no projection", of(right - n.PoolProj + n.Channels)},
			{"no pooling", of(right - n.PoolProj)},
			{"halved", []int{n.Side / 2, n.Side / 2, right}},
		},
	}
}

func inceptionParams(d draw) question {
	n := drawModule(d)
	right := n.Cost(n.Channels, 1).Parameters
	poolless := n.Module
	poolless.PoolProj = 0
	on3, on5 := 9*n.F3x3, 25*n.F5x5 // parameters per input channel
	return question{
		form: count("parameters"), points: 2, numbers: n,
		right: right,
		mistakes: []mistake{
			{"no biases", right - n.Filters() - n.F3x3Reduce - n.F5x5Reduce},
			{"no reductions", n.NaiveCost(n.Channels, 1).Parameters},
			{"input", right + (on3+on5)*n.Channels - on3*n.F3x3Reduce - on5*n.F5x5Reduce},
			{"no projection", poolless.Cost(n.Channels, 1).Parameters},
		},
	}
}

// convolving holds a convolution's kernel and stride along an axis.
type convolving struct{ Kernel, Stride int }

func (c convolving) layer(padding arch.Padding) arch.Conv {
	return arch.Conv{Filters: 8, Kernel: []int{c.Kernel, c.Kernel}, Strides: []int{c.Stride}, Padding: padding}
}

func inceptionSize(d draw) question {
	n := struct {
		Side          int
		First, Second convolving
	}{Side: d.between(224, 90, 240)}
	n.First.Kernel, n.Second.Kernel = d.int(7, 5, 7), d.int(3, 5, 7)
	n.First.Stride, n.Second.Stride = d.int(2, 2, 3), d.int(1, 1, 2)
	size := func(first, second arch.Conv, pool int) int {
		return lastShape(counted(arch.Sequential("net", arch.Input{Shape: arch.Shape{n.Side, n.Side, 3}},
			first, second, arch.Pool{Pooling: arch.Max, Size: []int{pool, pool}})))[0]
	}
	first, second := n.First.layer(arch.Same), n.Second.layer(arch.Valid)
	return question{
		form: count("pixels"), points: 2, numbers: n,
		right: size(first, second, 2),
		mistakes: []mistake{
			{"same", size(first, n.Second.layer(arch.Same), 2)},
			{"valid", size(n.First.layer(arch.Valid), second, 2)},
			{"no strides", size(convolving{n.First.Kernel, 1}.layer(arch.Same), convolving{n.Second.Kernel, 1}.layer(arch.Valid), 2)},
			{"no pooling", size(first, second, 1)},
		},
	}
}

// stack is a chain of convolutions without padding.
type stack []convolving

// Field returns how many pixels along an axis one output depends on.
func (s stack) Field() int {
	layers := []arch.Layer{arch.Input{Shape: arch.Shape{arch.Unknown, arch.Unknown, 3}}}
	for _, c := range s {
		layers = append(layers, c.layer(arch.Valid))
	}
	rows := counted(arch.Sequential("stack", layers...)).Rows
	return rows[len(rows)-1].Field.Sizes[0]
}

// steps returns the receptive field: 1 pixel plus what each layer adds, which is Kernel−1
// steps of pixels[i] pixels.
func (s stack) steps(pixels ...int) int {
	field := 1
	for i, c := range s {
		field += (c.Kernel - 1) * pixels[i]
	}
	return field
}

func inceptionField(d draw) question {
	s := make(stack, 3)
	for i := range s {
		s[i].Kernel = d.int(3, 3, 5, 7)
	}
	s[0].Stride, s[1].Stride, s[2].Stride = d.int(2, 2, 3), d.int(2, 2, 3), d.int(2, 1, 2, 3)
	first, second, third := s[0].Stride, s[1].Stride, s[2].Stride
	return question{
		form: count("pixels"), points: 2, numbers: struct{ Layers stack }{s},
		right: s.Field(),
		mistakes: []mistake{
			{"no strides", s.steps(1, 1, 1)},
			{"own stride", s.steps(first, first*second, first*second*third)},
			{"last stride", s.steps(1, first, second)},
			{"no first pixel", s.Field() - 1},
		},
	}
}

// Skips reports whether some pixel reaches no output. Along one axis, it follows
// the outputs of a long line back to the input.
func (s stack) Skips() bool {
	const outputs = 20
	needed := map[int]bool{}
	for output := range outputs {
		needed[output] = true
	}
	for _, c := range slices.Backward(s) {
		read := map[int]bool{}
		for output := range needed {
			for offset := range c.Kernel {
				read[output*c.Stride+offset] = true
			}
		}
		needed = read
	}
	last := slices.Max(slices.Collect(maps.Keys(needed)))
	return len(needed) <= last // at least one of 0 to last is missing
}

// gapStacks lists the options of the choice: a kernel and a stride for each layer.
func gapStacks() []stack {
	return []stack{
		{{1, 2}, {3, 1}}, {{2, 3}, {3, 1}}, {{3, 1}, {2, 5}}, {{3, 2}, {1, 3}}, {{3, 4}, {3, 1}},
		{{3, 1}, {1, 3}}, {{3, 1}, {2, 4}}, {{5, 2}, {1, 2}}, {{2, 2}, {3, 3}}, {{3, 3}, {1, 1}},
	}
}

func inceptionGaps(d draw) question {
	const skipped, read = "some pixels are skipped", "every pixel is read"
	stacks := gapStacks()
	s := stacks[d.between(0, 0, len(stacks)-1)]
	right := read
	if s.Skips() {
		right = skipped
	}
	return question{form: choice(skipped, read), points: 1, numbers: struct{ Layers stack }{s}, right: right}
}

// kernel is [row][column][channel][filter], and featureMap [row][column][channel].
type (
	kernel     = [][][][]float64
	featureMap = [][][]float64
)

// behind returns the single kernel that equals a 1×1 convolution followed by a
// second one, without a ReLU between them.
func behind(reduce, second kernel) kernel {
	all := make(kernel, len(second))
	for u := range second {
		for v := range second[u] {
			all[u] = append(all[u], solution.Pointwise(reduce[0], second[u][v], make([]float64, len(second[u][v][0])))[0])
		}
	}
	return all
}

// unchanging returns the 1×1 convolution that does not change a map without
// negative values.
func unchanging(channels int) kernel {
	weights := make([][]float64, channels)
	for c := range weights {
		weights[c] = make([]float64, channels)
		weights[c][c] = 1
	}
	return kernel{{weights}}
}

// negate changes the signs of kernels.
func negate(kernels ...kernel) {
	for _, rows := range kernels {
		for _, weights := range slices.Concat(rows...) {
			for _, channel := range weights {
				floats.Scale(-1, channel)
			}
		}
	}
}

// merged changes the channels of each pixel by those of the same pixel in another
// map.
func merged(y, other featureMap, change func(pixel, other []float64)) featureMap {
	for i := range y {
		for j := range y[i] {
			change(y[i][j], other[i][j])
		}
	}
	return y
}

func inceptionFunction(draw) question {
	module := solution.Inception
	return question{
		form: coding, points: 3, right: module,
		mistakes: []mistake{
			{"no pooling", func(image featureMap, one, reduce3, three, reduce5, five, project kernel) featureMap {
				y := module(image, one, reduce3, three, reduce5, five, project)
				unpooled := module(image, project, reduce3, three, reduce5, five, project)
				last := len(project[0][0][0])
				return merged(y, unpooled, func(pixel, other []float64) { copy(pixel[len(pixel)-last:], other[:last]) })
			}},
			{"linear reductions", func(image featureMap, one, reduce3, three, reduce5, five, project kernel) featureMap {
				same := unchanging(len(image[0][0]))
				return module(image, one, same, behind(reduce3, three), same, behind(reduce5, five), project)
			}},
			{"linear", func(image featureMap, one, reduce3, three, reduce5, five, project kernel) featureMap {
				y := module(image, one, reduce3, three, reduce5, five, project)
				negate(one, three, five, project)
				below := module(image, one, reduce3, three, reduce5, five, project)
				return merged(y, below, func(pixel, other []float64) { floats.Sub(pixel, other) }) // ReLU(x) − ReLU(−x) = x
			}},
			{"order", func(image featureMap, one, reduce3, three, reduce5, five, project kernel) featureMap {
				y := module(image, one, reduce3, three, reduce5, five, project)
				return merged(y, y, func(pixel, _ []float64) {
					last := len(pixel) - len(project[0][0][0])
					copy(pixel, slices.Concat(pixel[last:], pixel[:last]))
				})
			}},
		},
		code: code{"inception", inceptionInputs},
	}
}

// inceptionInputs draws a small image with two channels, and kernels with one or
// two filters. The reductions have weights of both signs, so that the ReLU after
// them matters. The last kernel has positive ones, so that ReLU hides no pooling.
func inceptionInputs(random *rand.Rand) []any {
	const channels = 2
	image := make(featureMap, 3+random.IntN(2))
	for i := range image {
		image[i] = matrixOf(4, channels, func() float64 { return float64(random.IntN(5)) })
	}
	draw := func(side, channels, filters int) kernel {
		weights := make(kernel, side)
		for u := range weights {
			for range side {
				weights[u] = append(weights[u], nonzero(random, channels, filters))
			}
		}
		return weights
	}
	weight := func() float64 { return float64(1 + random.IntN(4)) }
	reduce3 := kernel{{{{weight(), -weight()}, {-weight(), weight()}}}}
	reduce5 := kernel{{{{weight()}, {-weight()}}}}
	project := kernel{{{{weight()}, {weight()}}}}
	return []any{image, draw(1, channels, 2), reduce3, draw(3, 2, 2), reduce5, draw(5, 1, 1), project}
}

func inceptionTower(draw) question {
	reduced := func(x, reduce *Node) *Node { return Einsum("bhwc,cf->bhwf", x, reduce) }
	relu := func(x *Node) *Node { return Max(x, ZerosLike(x)) }
	same := func(x, kernel *Node) *Node { return Convolve(x, kernel).PadSame().Done() }
	return question{
		form: coding, points: 3, right: solution.Tower,
		mistakes: []mistake{
			{"linear reduction", func(x, reduce, first, second *Node) *Node {
				return relu(same(relu(same(reduced(x, reduce), first)), second))
			}},
			{"linear between", func(x, reduce, first, second *Node) *Node {
				return relu(same(same(relu(reduced(x, reduce)), first), second))
			}},
			{"linear end", func(x, reduce, first, second *Node) *Node {
				return same(relu(same(relu(reduced(x, reduce)), first)), second)
			}},
			{"padding", func(x, reduce, first, second *Node) *Node {
				valid := func(x, kernel *Node) *Node { return Convolve(x, kernel).NoPadding().Done() }
				return relu(valid(relu(valid(relu(reduced(x, reduce)), first)), second))
			}},
			{"once", func(x, reduce, first, second *Node) *Node {
				return relu(same(relu(reduced(x, reduce)), first))
			}},
			{"side by side", func(x, reduce, first, second *Node) *Node {
				x = relu(reduced(x, reduce))
				return Add(relu(same(x, first)), relu(same(x, second)))
			}},
			{"stopped", func(x, reduce, first, second *Node) *Node {
				return solution.Tower(x, StopGradient(reduce), first, second)
			}},
		},
		code: code{"tower", towerInputs},
	}
}

// towerInputs draws a map of two channels, of a size that leaves something without
// padding, the matrix and the two kernels. The second filter of the last kernel has
// negative weights alone, so that the ReLU behind it matters.
func towerInputs(random *rand.Rand) []any {
	const channels, side = 2, 3
	matrix := func(rows int) [][]float32 {
		return matrixOf(rows, channels, func() float32 { return float32(random.IntN(201)-100) / 100 })
	}
	kernel := func() (rows [][][][]float32) {
		for range side {
			rows = append(rows, [][][]float32{matrix(channels), matrix(channels), matrix(channels)})
		}
		return rows
	}
	picture := make([][][]float32, 5+random.IntN(2))
	for row := range picture {
		picture[row] = matrix(5)
	}
	last := kernel()
	for _, weights := range slices.Concat(last...) {
		for _, w := range weights {
			w[0], w[1] = max(w[0], -w[0]), min(w[1], -w[1])
		}
	}
	return []any{[][][][]float32{picture}, matrix(channels), kernel(), last}
}
