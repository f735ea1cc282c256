package homework

import (
	"math/rand/v2"

	. "github.com/gomlx/gomlx/core/graph"

	"evident/kit/arch"
	net "evident/lessons/params"

	"evident/internal/homework/solution"
)

// counted returns the summary of a net that can be built.
func counted(m arch.Model) arch.Summary {
	s, err := m.Summarize()
	if err != nil {
		panic(err) // no draw gives an impossible net; a test over many seeds checks this
	}
	return s
}

// conv1D counts the parameters of a convolution as the lesson does.
func conv1D(channels int, c arch.Conv) int {
	return counted(arch.Sequential("one", arch.Input{Shape: arch.Shape{64, channels}}, c)).Total()
}

func paramsConvolution(d draw) question {
	n := struct{ Kernel, Channels, Filters int }{
		d.int(3, 3, 4, 5, 6, 7, 9), d.between(7, 5, 14), d.int(16, 12, 16, 20, 24, 28, 32, 40),
	}
	right := conv1D(n.Channels, arch.Conv{Filters: n.Filters, Kernel: []int{n.Kernel}})
	weights := n.Kernel * n.Channels * n.Filters
	return question{
		form: count("parameters"), points: 1, numbers: n,
		right: right,
		mistakes: []mistake{
			{"no biases", weights},
			{"no channels", n.Kernel*n.Filters + n.Filters},
			{"swapped", weights + n.Kernel},
			{"biases of channels", weights + n.Channels},
		},
	}
}

// seriesNet is a net like the sheet's on a series with a number of steps.
type seriesNet struct {
	net.Net
	Length  int
	Padding arch.Padding
}

func drawNet(d draw) seriesNet {
	n := seriesNet{net.Default().Lengths.Net, 100, arch.Valid}
	n.Features = d.between(7, 5, 14)
	n.Filters = []int{d.int(16, 8, 12, 16, 20), d.int(32, 24, 28, 32, 40), d.int(64, 48, 56, 64, 80)}
	n.Kernels = []int{d.int(3, 3, 5), d.int(5, 3, 5, 7), d.int(5, 3, 5)}
	n.Units, n.Classes = d.int(128, 96, 128, 160, 192), d.between(5, 3, 9)
	return n
}

// drawLength also draws the number of steps.
func drawLength(d draw) seriesNet {
	n := drawNet(d)
	n.Length = 4 * d.between(25, 17, 40)
	return n
}

// Summary counts the net as the lesson does.
func (n seriesNet) Summary() arch.Summary { return counted(n.Model(n.Length, n.Padding)) }

// Flat returns the number of values after Flatten.
func (n seriesNet) Flat() int { return n.Summary().Find("flatten").Outputs[0][0] }

// Steps returns the number of steps after the last pooling.
func (n seriesNet) Steps() int { return n.Flat() / n.Filters[2] }

// repadded returns the net with the other padding.
func (n seriesNet) repadded() seriesNet {
	if n.Padding == arch.Valid {
		n.Padding = arch.Same
	} else {
		n.Padding = arch.Valid
	}
	return n
}

func paramsSecond(d draw) question {
	n := drawNet(d)
	kernel, first, second := n.Kernels[1], n.Filters[0], n.Filters[1]
	return question{
		form: count("parameters"), points: 1, numbers: n,
		right: n.Summary().Find("conv1d_1").Parameters,
		mistakes: []mistake{
			{"no biases", kernel * first * second},
			{"features", (kernel*n.Features + 1) * second},
			{"no channels", kernel*second + second},
			{"biases of channels", kernel*first*second + first},
		},
	}
}

func paramsFlat(d draw) question {
	n := drawLength(d)
	n.Padding = arch.Padding(d.word(string(arch.Valid), string(arch.Valid), string(arch.Same)))
	unpooled := n
	unpooled.Pool = 1
	return question{
		form: count("values"), points: 2, numbers: n,
		right: n.Flat(),
		mistakes: []mistake{
			{"padding", n.repadded().Flat()},
			{"steps", n.Steps()},
			{"no pooling", unpooled.Flat()},
			{"features", n.Steps() * n.Features},
		},
	}
}

func paramsDense(d draw) question {
	n := drawLength(d)
	weights := n.Flat() * n.Units
	return question{
		form: count("parameters"), points: 1, numbers: n,
		right: n.Summary().Find("dense").Parameters,
		mistakes: []mistake{
			{"no biases", weights},
			{"biases of inputs", weights + n.Flat()},
			{"one bias", weights + 1},
			{"sum", n.Flat() + n.Units},
		},
	}
}

func paramsTotal(d draw) question {
	n := drawLength(d)
	s := n.Summary()
	biases := n.Filters[0] + n.Filters[1] + n.Filters[2] + n.Units + n.Classes
	dense, last := s.Find("dense").Parameters, s.Find("dense_1").Parameters
	return question{
		form: count("parameters"), points: 2, numbers: n,
		right: s.Total(),
		mistakes: []mistake{
			{"no biases", s.Total() - biases},
			{"no last layer", s.Total() - last},
			{"padding", n.repadded().Summary().Total()},
			{"no dense layers", s.Total() - dense - last},
		},
	}
}

func paramsChange(d draw) question {
	n := struct {
		Filters, Kernel, Channels int
		Change                    string
		Before, After             int // parameters
	}{
		Filters: d.int(16, 16, 24, 32), Kernel: d.int(3, 3, 5, 7), Channels: 8 * d.between(1, 1, 3),
	}
	c := arch.Conv{Filters: n.Filters, Kernel: []int{n.Kernel}}
	n.Before = conv1D(n.Channels, c)
	n.Change = d.word("stride", "stride", "padding", "bias", "groups", "kernel", "filters")
	switch n.Change {
	case "stride":
		c.Strides = []int{2}
	case "padding":
		c.Padding = arch.Same
	case "bias":
		c.NoBias = true
	case "groups":
		c.Groups = 4
	case "kernel":
		c.Kernel = []int{n.Kernel + 2}
	case "filters":
		c.Filters += 8
	}
	n.After = conv1D(n.Channels, c)
	form, right := tendency(float64(n.After - n.Before))
	return question{form: form, points: 1, numbers: n, right: right}
}

func paramsFunction(draw) question {
	return question{
		form: coding, points: 3, right: solution.Conv1DParameters,
		mistakes: []mistake{
			{"no groups", func(kernel, channels, filters, _ int, bias bool) int {
				return solution.Conv1DParameters(kernel, channels, filters, 1, bias)
			}},
			{"no biases", func(kernel, channels, filters, groups int, _ bool) int {
				return solution.Conv1DParameters(kernel, channels, filters, groups, false)
			}},
			{"one group", func(kernel, channels, filters, groups int, bias bool) int {
				return solution.Conv1DParameters(kernel, channels, filters/groups, groups, bias)
			}},
		},
		code: code{"conv1DParameters", func(random *rand.Rand) []any {
			groups := 2 + random.IntN(3)
			return []any{2 + random.IntN(6), groups * (2 + random.IntN(4)), groups * (2 + random.IntN(4)), groups, true}
		}},
	}
}

func paramsConv(draw) question {
	conv := solution.Conv
	return question{
		form: coding, points: 3, right: conv,
		mistakes: []mistake{
			{"no bias", func(x, w, b *Node) *Node { return conv(x, w, ZerosLike(b)) }},
			{"many biases", func(x, w, b *Node) *Node { return conv(x, w, MulScalar(b, float64(w.Shape().Dim(0)))) }},
			{"flipped", func(x, w, b *Node) *Node {
				var slices []*Node
				for i := range w.Shape().Dim(0) {
					slices = append([]*Node{Slice(w, AxisRange(i, i+1))}, slices...)
				}
				return conv(x, Concatenate(slices, 0), b)
			}},
			{"mean", func(x, w, b *Node) *Node { return conv(x, DivScalar(w, float64(w.Shape().Dim(0))), b) }},
			{"one place", func(x, w, b *Node) *Node {
				whole := ReduceAndKeep(w, ReduceSum, 0)
				return conv(Slice(x, AxisRange(0, x.Shape().Dim(0)-w.Shape().Dim(0)+1)), whole, b)
			}},
		},
		code: code{"conv", func(random *rand.Rand) []any {
			number := func() float64 { return float64(random.IntN(41)-20) / 10 }
			kernel := make([][][]float64, 2+random.IntN(2))
			for i := range kernel {
				kernel[i] = matrixOf(2, 3, number)
			}
			return []any{matrixOf(len(kernel)+2, 2, number), kernel, matrixOf(1, 3, number)[0]}
		}},
	}
}
