package homework

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"evident/kit/arch"
	"evident/kit/exercise"
	"evident/kit/nn"

	"evident/internal/homework/solution"
)

// convdimsQuestions are the exercises on question 3 (b): Conv2D and Conv3D.
func convdimsQuestions() []template {
	return []template{
		{"shape", convdimsShape},
		{"weights", convdimsWeights},
		{"work", convdimsWork},
		{"net", convdimsNet},
		{"time", convdimsTime},
		{"conv3d", convdimsFunction},
	}
}

// cube is a kernel of the same size along three axes.
func cube(side int) []int { return []int{side, side, side} }

// convolutions are layers one behind the other, on one input.
func convolutions(input arch.Shape, layers ...arch.Conv) arch.Summary {
	all := []arch.Layer{arch.Input{Shape: input}}
	for _, layer := range layers {
		all = append(all, layer)
	}
	return counted(arch.Sequential("convolutions", all...))
}

// lastShape is the shape behind the last layer.
func lastShape(s arch.Summary) []int { return s.Rows[len(s.Rows)-1].Outputs[0] }

func convdimsShape(d Draw) exercise.Question {
	clip := arch.Shape{d.Between(5, 9, 16), d.Between(6, 20, 40), d.Between(7, 20, 40), d.Int(3, 1, 3)}
	first := arch.Conv{Filters: d.Int(2, 4, 6, 8), Kernel: cube(d.Int(3, 3, 5)), Strides: []int{d.Int(2, 2, 3)}, Padding: arch.Same}
	second := arch.Conv{Filters: d.Int(4, 10, 12, 16), Kernel: cube(d.Int(3, 2, 3))}
	swappedFirst, swappedSecond, unstrided, flat := first, second, first, first
	swappedFirst.Padding, swappedSecond.Padding = arch.Valid, arch.Same
	unstrided.Strides = nil
	flat.Kernel, flat.Strides = []int{1, first.Kernel[0], first.Kernel[0]}, []int{1, first.Strides[0], first.Strides[0]}
	flatSecond := second
	flatSecond.Kernel = []int{1, second.Kernel[0], second.Kernel[0]}
	right := lastShape(convolutions(clip, first, second))
	return exercise.Question{
		Title: "Two Conv3D layers",
		Text: fmt.Sprintf("A clip of %d frames of %d×%d pixels (height × width) with %d channels goes through two layers: `Conv3D` with %d filters of %s, stride %d along all three axes and padding *same*, then `Conv3D` with %d filters of %s, stride 1 and padding *valid*. What is the shape of the output? Answer with frames, height, width and channels, in this order.",
			clip[0], clip[1], clip[2], clip[3], first.Filters, arch.Shape(first.Kernel).Times(), first.Strides[0], second.Filters, arch.Shape(second.Kernel).Times()),
		Form: exercise.Form{Kind: exercise.Shape}, Points: 2, Effort: 7,
		Right: right,
		Why:   fmt.Sprintf("With padding *same* an axis of $n$ has $\\lceil n / %d \\rceil$ places, with *valid* and stride 1 it loses %d more. That happens to all three axes, time included; the channels are the filters of the last layer.", first.Strides[0], second.Kernel[0]-1),
		Mistakes: []exercise.Mistake{
			{Answer: lastShape(convolutions(clip, swappedFirst, swappedSecond)), Hint: "valid and same padding are mixed up"},
			{Answer: lastShape(convolutions(clip, unstrided, second)), Hint: "the stride is forgotten"},
			{Answer: lastShape(convolutions(clip, flat, flatSecond)), Hint: "a Conv3D moves along the frames as well, so there are fewer of them behind it"},
			{Answer: append(slices.Clone(right[:3]), clip[3]), Hint: "the channels of the output are the filters of the last layer, not the channels of the clip"},
		},
	}
}

func convdimsWeights(d Draw) exercise.Question {
	kernel, channels, filters := d.Int(2, 2, 3, 5), d.Int(3, 2, 4, 6), d.Between(2, 8, 16)
	frames, height, width := d.Between(5, 8, 16), d.Between(6, 20, 40), d.Between(7, 20, 40)
	right := nn.Conv3DCost(kernel, channels, filters, 1).Parameters
	return exercise.Question{
		Title: "The parameters of a Conv3D",
		Text: fmt.Sprintf("A clip of %d frames of %d×%d pixels with **%d** channels goes through a `Conv3D` with **%d** filters of **%s**, with bias. How many parameters does the layer have?",
			frames, height, width, channels, filters, arch.Shape(cube(kernel)).Times()),
		Form: exercise.Form{Kind: exercise.Count, Unit: "parameters"}, Points: 1, Effort: 5,
		Right: right,
		Why:   fmt.Sprintf("Each filter has $%d^3$ weights for each of the %d channels, and a bias. The size of the clip does not matter: $(%d^3 \\cdot %d + 1) \\cdot %d$.", kernel, channels, kernel, channels, filters),
		Mistakes: []exercise.Mistake{
			{Answer: nn.Conv2DCost(kernel, channels, filters, 1).Parameters, Hint: "that is a Conv2D: this kernel has a third axis, along the frames"},
			{Answer: right - filters, Hint: "the biases are missing"},
			{Answer: nn.Conv3DCost(kernel, 1, filters, 1).Parameters, Hint: "the input channels are forgotten: a filter has a weight for each of them at every place of the kernel"},
			{Answer: nn.Conv2DCost(kernel, channels*frames, filters, 1).Parameters, Hint: "that is a Conv2D with the frames as channels: the kernel of a Conv3D does not reach over all frames"},
		},
	}
}

func convdimsWork(d Draw) exercise.Question {
	clip := arch.Shape{d.Between(5, 6, 10), d.Between(6, 12, 18), d.Between(7, 12, 18), d.Int(3, 2, 3)}
	side := d.Int(3, 2, 3)
	layer := arch.Conv{Filters: d.Between(2, 4, 8), Kernel: cube(side)}
	padded, flat := layer, layer
	padded.Padding = arch.Same
	flat.Kernel = []int{1, side, side}
	right := convolutions(clip, layer).FLOPs()
	shape := lastShape(convolutions(clip, layer))
	positions := arch.Shape(shape[:3]).Size()
	return exercise.Question{
		Title: "The work of a Conv3D",
		Text: fmt.Sprintf("A clip of %d frames of %d×%d pixels with %d channels goes through a `Conv3D` with %d filters of %s, stride 1 and padding *valid*. How many FLOPs does it take? Count two for each multiply-add, and nothing for the biases.",
			clip[0], clip[1], clip[2], clip[3], layer.Filters, arch.Shape(layer.Kernel).Times()),
		Form: exercise.Form{Kind: exercise.Count, Unit: "FLOPs"}, Points: 2, Effort: 12,
		Right: right,
		Why: fmt.Sprintf("The kernel fits at %s places, and at each of them it takes $%d^3 \\cdot %d \\cdot %d$ multiply-adds.",
			arch.Shape(shape[:3]).Times(), side, clip[3], layer.Filters),
		Mistakes: []exercise.Mistake{
			{Answer: right / 2, Hint: "these are multiply-adds: each of them is two FLOPs"},
			{Answer: convolutions(clip, padded).FLOPs(), Hint: "valid and same padding are mixed up: the kernel does not fit at the edges"},
			{Answer: convolutions(clip, flat).FLOPs(), Hint: "that is a Conv2D frame by frame: this kernel has a third axis, along the frames"},
			{Answer: right / positions, Hint: "the places are forgotten: every weight is used wherever the kernel fits"},
		},
	}
}

// convdimsLayer is one of the lesson's three ways to convolve a clip of one
// channel.
type convdimsLayer struct {
	name   string
	input  arch.Shape
	kernel []int
	window string // the weights of a filter, as a formula
	effort int    // sums and products of counting the net
	hint   string
}

// convdimsLayers are all three. What reads frame by frame has a kernel of one
// frame.
func convdimsLayers(kernel, frames, side int) []convdimsLayer {
	clip, flat := arch.Shape{frames, side, side, 1}, fmt.Sprintf("%d×%d", kernel, kernel)
	return []convdimsLayer{
		{
			"a `Conv2D` with kernels of " + flat + ", which convolves every frame on its own, all with the same weights", clip,
			[]int{1, kernel, kernel}, fmt.Sprintf("%d^2", kernel), 6, "that is a Conv2D frame by frame",
		}, {
			"a `Conv2D` with kernels of " + flat + ", which takes the frames for the channels of one picture", arch.Shape{side, side, frames},
			[]int{kernel, kernel}, fmt.Sprintf("%d^2 \\cdot %d", kernel, frames), 7, "that is a Conv2D with the frames as channels",
		}, {
			fmt.Sprintf("a `Conv3D` with kernels of %s×%d", flat, kernel), clip,
			cube(kernel), fmt.Sprintf("%d^3", kernel), 7, "that is a Conv3D",
		},
	}
}

// net is the lesson's classifier: the layer, the maximum of each of its maps, and
// a dense layer with two outputs.
func (l convdimsLayer) net(filters int) arch.Summary {
	return counted(arch.Sequential("net", arch.Input{Shape: l.input}, arch.Conv{Filters: filters, Kernel: l.kernel, Activation: "relu"},
		arch.GlobalPool{Pooling: arch.Max, Axes: len(l.kernel)}, arch.Dense{Units: 2}))
}

func convdimsNet(d Draw) exercise.Question {
	kernel, frames, side, filters := d.Int(3, 3, 5), d.Between(8, 6, 10), d.Between(12, 12, 24), d.Between(4, 6, 12)
	layers := convdimsLayers(kernel, frames, side)
	chosen := d.Between(1, 0, len(layers)-1)
	layer := layers[chosen]
	s := layer.net(filters)
	q := exercise.Question{
		Title: "A net that sees time, or does not",
		Text: fmt.Sprintf("Clips of %d frames of %d×%d pixels with one channel are classified by this net: %s, with **%d** filters, bias and ReLU; then the largest of all answers of each filter, which leaves %d values; then a dense layer with 2 outputs and bias. How many parameters does the net have?",
			frames, side, side, layer.name, filters, filters),
		Form: exercise.Form{Kind: exercise.Count, Unit: "parameters"}, Points: 2, Effort: layer.effort,
		Right: s.Total(),
		Why:   fmt.Sprintf("The convolution has $(%s + 1) \\cdot %d$, the maximum none, the dense layer $(%d + 1) \\cdot 2$.", layer.window, filters, filters),
		Mistakes: []exercise.Mistake{
			{Answer: s.Total() - s.Find("dense").Parameters, Hint: "the dense layer is forgotten"},
			{Answer: s.Total() - filters - 2, Hint: "the biases are missing"},
		},
	}
	for i, other := range layers {
		if i != chosen {
			q.Mistakes = append(q.Mistakes, exercise.Mistake{Answer: other.net(filters).Total(), Hint: other.hint + ": look at what one filter reads"})
		}
	}
	return q
}

// outlook is a net and a task on clips of a moving bar, with what the lesson
// measures: is it right nearly always, or as often as a guess?
type outlook struct {
	speed     int // pixels a frame
	net, task string
	perfect   bool
	why       string
}

// outlooks move the bar by less than the kernel's 3 columns, or by as many.
func outlooks(slow int) []outlook {
	const (
		fast      = 3
		perFrame  = "a `Conv2D` with 3×3 kernels, frame by frame"
		stacked   = "a `Conv2D` with 3×3 kernels and the frames as channels"
		through   = "a `Conv3D` with 3×3×3 kernels"
		direction = "It is trained to tell the direction, and tested on that"
		height    = "Half of the bars are short and half of them tall, and it is trained to tell which, and tested on that"
		halves    = "It is trained to tell the direction on clips in which the bar moves in the *first* half only and is not there in the second, and tested on clips in which it moves in the *second* half only"
	)
	return []outlook{
		{slow, perFrame, direction, false, "Frame by frame, a clip and the same clip played backwards get the same answer, whatever the weights are."},
		{slow, perFrame, height, true, "The height of a bar is seen in each single frame."},
		{slow, through, direction, true, "The window holds the bar in two frames at least, so a kernel can have a tilted line of weights in space and time."},
		{fast, through, direction, false, "A window of 3 columns holds the bar in one of its frames only, and one frame says nothing of the direction."},
		{slow, stacked, halves, false, "Each frame has weights of its own, and those of the second half have learned nothing."},
		{slow, through, halves, true, "A Conv3D uses the same weights at all times, so it does not matter when the bar moves."},
	}
}

func convdimsTime(d Draw) exercise.Question {
	const chance, perfect = "near chance", "near perfect"
	all := outlooks(d.Int(1, 1, 2))
	chosen := all[d.Between(3, 0, len(all)-1)]
	right, pixels := chance, "pixels"
	if chosen.perfect {
		right = perfect
	}
	if chosen.speed == 1 {
		pixels = "pixel"
	}
	return exercise.Question{
		Title: "Predict: does it see time?",
		Text: fmt.Sprintf("In clips of 8 frames with a little noise, a bar moves by **%d %s** a frame, to the right or to the left; the clips of one direction are those of the other played backwards. The net is **%s**, with ReLU, the maximum of each map over all places and a dense layer behind it. %s. Is its accuracy on new clips near chance or near perfect?",
			chosen.speed, pixels, chosen.net, chosen.task),
		Form: exercise.Form{Kind: exercise.Choice, Options: []string{chance, perfect}}, Points: 1,
		Right: right,
		Why:   chosen.why,
	}
}

// slid is a convolution without padding, with a stride for each axis.
func slid(clip, kernel [][][]float64, strides [3]int) [][][]float64 {
	sizes := [3]int{
		nn.OutputSize(len(clip), len(kernel), strides[0], nn.Valid),
		nn.OutputSize(len(clip[0]), len(kernel[0]), strides[1], nn.Valid),
		nn.OutputSize(len(clip[0][0]), len(kernel[0][0]), strides[2], nn.Valid),
	}
	output := make([][][]float64, sizes[0])
	for t := range output {
		output[t] = make([][]float64, sizes[1])
		for i := range output[t] {
			for j := range sizes[2] {
				output[t][i] = append(output[t][i], under(clip, kernel, t*strides[0], i*strides[1], j*strides[2]))
			}
		}
	}
	return output
}

// under is the sum of the products of a kernel and the window at a corner.
func under(clip, kernel [][][]float64, t, i, j int) float64 {
	sum := 0.0
	for s, frame := range kernel {
		for u, row := range frame {
			for v, weight := range row {
				sum += weight * clip[t+s][i+u][j+v]
			}
		}
	}
	return sum
}

// turned is a kernel turned around along all three axes.
func turned(kernel [][][]float64) [][][]float64 {
	var all [][][]float64
	for _, frame := range slices.Backward(kernel) {
		var rows [][]float64
		for _, row := range slices.Backward(frame) {
			row = slices.Clone(row)
			slices.Reverse(row)
			rows = append(rows, row)
		}
		all = append(all, rows)
	}
	return all
}

func convdimsFunction(_ Draw) exercise.Question {
	return exercise.Question{
		Title: "Write a Conv3D",
		Text:  "Write a three-dimensional convolution of one channel with one filter, without bias, padding and activation: $y_{tij} = \\sum_{s,u,v} w_{suv}\\; x_{t \\cdot r + s,\\, i \\cdot r + u,\\, j \\cdot r + v}$ with the stride $r$. `clip` and `kernel` are [frame][row][column], and so is the result; the kernel may have another size along each axis, and fits into the clip.",
		Form:  exercise.Form{Kind: exercise.Code}, Points: 3,
		Why: "Three loops say where the window is, and three more go through it.",
		Function: &exercise.Function{
			Name: "conv3D", Solution: solution.Source("conv3D"), Solved: solution.Conv3D,
			Reference: func(clip, kernel [][][]float64, stride int) [][][]float64 {
				return slid(clip, kernel, [3]int{stride, stride, stride})
			},
			Wrong: []exercise.Slip{
				{Function: func(clip, kernel [][][]float64, stride int) [][][]float64 {
					return slid(clip, kernel, [3]int{1, stride, stride})
				}, Hint: "the window moves by the stride along the frames too"},
				{Function: func(clip, kernel [][][]float64, stride int) [][][]float64 {
					return slid(clip, kernel[:1], [3]int{stride, stride, stride})
				}, Hint: "that is a Conv2D frame by frame: the kernel has more frames than one"},
				{Function: func(clip, kernel [][][]float64, stride int) [][][]float64 {
					return slid(clip, turned(kernel), [3]int{stride, stride, stride})
				}, Hint: "the kernel is turned around: its first weights belong to the first frame, row and column of the window"},
			},
			Inputs: convdimsInputs,
		},
	}
}

// convdimsInputs have a kernel that is not the same turned around, a stride of 2 or
// 3, and two places along each axis.
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
