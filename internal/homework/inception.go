package homework

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"evident/kit/arch"
	"evident/kit/exercise"
	"evident/lessons/inception"

	"evident/internal/homework/solution"
)

// inceptionQuestions are the exercises on question 7: Inception modules and
// strides.
func inceptionQuestions() []template {
	return []template{
		{"shape", inceptionShape},
		{"params", inceptionParams},
		{"size", inceptionSize},
		{"field", inceptionField},
		{"gaps", inceptionGaps},
		{"module", inceptionFunction},
	}
}

// drawModule is GoogLeNet's first module, with its input, or one of other sizes.
func drawModule(d Draw) (side, channels int, m inception.Module) {
	first := inception.GoogLeNet[0]
	m = inception.Module{
		F1x1: d.Int(first.Module.F1x1, 48, 64, 80, 96), PoolProj: d.Int(first.Module.PoolProj, 24, 32, 40, 48),
		F3x3Reduce: d.Int(first.Module.F3x3Reduce, 64, 80, 96), F3x3: d.Int(first.Module.F3x3, 112, 128, 144, 160),
		F5x5Reduce: d.Int(first.Module.F5x5Reduce, 16, 20, 24), F5x5: d.Int(first.Module.F5x5, 32, 48, 56, 64),
	}
	return d.Int(first.Height, 14, 28, 56), d.Int(first.Channels, 160, 192, 224, 256), m
}

// inWords lists the towers of a module.
func inWords(m inception.Module) string {
	return fmt.Sprintf("a 1×1 convolution with %d filters; a 1×1 convolution with %d filters and behind it a 3×3 convolution with %d; a 1×1 convolution with %d filters and behind it a 5×5 convolution with %d; a 3×3 max pooling with stride 1 and behind it a 1×1 convolution with %d filters",
		m.F1x1, m.F3x3Reduce, m.F3x3, m.F5x5Reduce, m.F5x5, m.PoolProj)
}

func inceptionShape(d Draw) exercise.Question {
	side, channels, m := drawModule(d)
	right := m.Filters()
	return exercise.Question{
		Title: "What leaves a module",
		Text: fmt.Sprintf("An Inception module reads a map of %d×%d×%d (height × width × channels). Its four towers are: %s. All have padding *same*, and their outputs are joined along the channels. What is the shape of the output? Answer with height, width and channels, in this order.",
			side, side, channels, inWords(m)),
		Form: exercise.Form{Kind: exercise.Shape}, Points: 1, Effort: 3,
		Right: []int{side, side, right},
		Why:   fmt.Sprintf("Nothing changes height and width, and the last layer of each tower gives its channels: $%d + %d + %d + %d$.", m.F1x1, m.F3x3, m.F5x5, m.PoolProj),
		Mistakes: []exercise.Mistake{
			{Answer: []int{side, side, right + m.F3x3Reduce + m.F5x5Reduce}, Hint: "the reductions are inside their towers, and do not come out"},
			{Answer: []int{side, side, right - m.PoolProj + channels}, Hint: "behind the pooling stands a 1×1 convolution, which changes the number of channels"},
			{Answer: []int{side, side, right - m.PoolProj}, Hint: "the pooling tower is forgotten"},
			{Answer: []int{side / 2, side / 2, right}, Hint: "with stride 1 and padding same, a pooling keeps height and width"},
		},
	}
}

func inceptionParams(d Draw) exercise.Question {
	side, channels, m := drawModule(d)
	cost := func(m inception.Module) int { return m.Cost(channels, 1).Parameters }
	right := cost(m)
	poolless := m
	poolless.PoolProj = 0
	biases := m.Filters() + m.F3x3Reduce + m.F5x5Reduce
	return exercise.Question{
		Title: "The parameters of a module",
		Text: fmt.Sprintf("An Inception module reads a map of %d×%d with **%d** channels. Its four towers are: %s. All convolutions have biases. How many parameters does the module have?",
			side, side, channels, inWords(m)),
		Form: exercise.Form{Kind: exercise.Count, Unit: "parameters"}, Points: 2, Effort: 19,
		Right: right,
		Why: fmt.Sprintf("A $k×k$ convolution from $c$ to $f$ channels has $(k^2 c + 1) \\cdot f$. The 3×3 reads %d channels and the 5×5 reads %d; the four 1×1 convolutions read all %d.",
			m.F3x3Reduce, m.F5x5Reduce, channels),
		Mistakes: []exercise.Mistake{
			{Answer: right - biases, Hint: "the biases are missing"},
			{Answer: m.NaiveCost(channels, 1).Parameters, Hint: "that is without the reductions in front of the 3×3 and the 5×5"},
			{Answer: right + (9*m.F3x3+25*m.F5x5)*channels - 9*m.F3x3Reduce*m.F3x3 - 25*m.F5x5Reduce*m.F5x5, Hint: "the 3×3 and the 5×5 read what the reductions leave, not the input"},
			{Answer: cost(poolless), Hint: "the convolution behind the pooling is forgotten"},
		},
	}
}

// downsampling is two convolutions and a pooling, with the padding and the strides
// of each of them.
func downsampling(side int, kernels, strides [2]int, paddings [2]arch.Padding, pool int) int {
	return lastShape(counted(arch.Sequential("net", arch.Input{Shape: arch.Shape{side, side, 3}},
		arch.Conv{Filters: 8, Kernel: []int{kernels[0], kernels[0]}, Strides: []int{strides[0]}, Padding: paddings[0]},
		arch.Conv{Filters: 8, Kernel: []int{kernels[1], kernels[1]}, Strides: []int{strides[1]}, Padding: paddings[1]},
		arch.Pool{Pooling: arch.Max, Size: []int{pool, pool}})))[0]
}

func inceptionSize(d Draw) exercise.Question {
	side := d.Between(224, 90, 240)
	kernels, strides := [2]int{d.Int(7, 5, 7), d.Int(3, 5, 7)}, [2]int{d.Int(2, 2, 3), d.Int(1, 1, 2)}
	paddings := [2]arch.Padding{arch.Same, arch.Valid}
	right := downsampling(side, kernels, strides, paddings, 2)
	return exercise.Question{
		Title: "Strides and paddings",
		Text: fmt.Sprintf("A picture of %d×%d pixels goes through a %d×%d convolution with stride %d and padding *same*, a %d×%d convolution with stride %d and padding *valid*, and a 2×2 max pooling whose windows do not overlap, where what is left over at an edge is dropped. How many pixels wide is the output?",
			side, side, kernels[0], kernels[0], strides[0], kernels[1], kernels[1], strides[1]),
		Form: exercise.Form{Kind: exercise.Count, Unit: "pixels"}, Points: 2, Effort: 5,
		Right: right,
		Why: fmt.Sprintf("*Same* leaves $\\lceil n/s \\rceil = \\lceil %d / %d \\rceil$, *valid* $\\lceil (n - k + 1)/s \\rceil$ of that with $k = %d$ and $s = %d$, and the pooling half, rounded down.",
			side, strides[0], kernels[1], strides[1]),
		Mistakes: []exercise.Mistake{
			{Answer: downsampling(side, kernels, strides, [2]arch.Padding{arch.Same, arch.Same}, 2), Hint: "the second convolution has no padding, so its window does not fit everywhere"},
			{Answer: downsampling(side, kernels, strides, [2]arch.Padding{arch.Valid, arch.Valid}, 2), Hint: "the first convolution is padded, so its kernel takes nothing away"},
			{Answer: downsampling(side, kernels, [2]int{1, 1}, paddings, 2), Hint: "the strides of the convolutions are forgotten"},
			{Answer: downsampling(side, kernels, strides, paddings, 1), Hint: "the pooling is forgotten"},
		},
	}
}

// stack is convolutions one behind the other, without padding.
type stack struct{ kernels, strides []int }

// field is how many pixels along an axis one output depends on.
func (s stack) field() int {
	layers := []arch.Layer{arch.Input{Shape: arch.Shape{arch.Unknown, arch.Unknown, 3}}}
	for i, kernel := range s.kernels {
		layers = append(layers, arch.Conv{Filters: 8, Kernel: []int{kernel, kernel}, Strides: []int{s.strides[i]}})
	}
	rows := counted(arch.Sequential("stack", layers...)).Rows
	return rows[len(rows)-1].Field.Sizes[0]
}

// String describes the stack.
func (s stack) String() string {
	texts := make([]string, len(s.kernels))
	for i, kernel := range s.kernels {
		texts[i] = fmt.Sprintf("%d×%d with stride %d", kernel, kernel, s.strides[i])
	}
	return strings.Join(texts, ", then ")
}

// steps is 1 and all that each layer adds, which is so many steps of so many
// pixels.
func (s stack) steps(pixels ...int) int {
	field := 1
	for i, kernel := range s.kernels {
		field += (kernel - 1) * pixels[i]
	}
	return field
}

func inceptionField(d Draw) exercise.Question {
	s := stack{
		kernels: []int{d.Int(3, 3, 5, 7), d.Int(3, 3, 5, 7), d.Int(3, 3, 5, 7)},
		strides: []int{d.Int(2, 2, 3), d.Int(2, 2, 3), d.Int(2, 1, 2, 3)},
	}
	first, second, third := s.strides[0], s.strides[1], s.strides[2]
	return exercise.Question{
		Title: "A receptive field",
		Text: fmt.Sprintf("Three convolutions stand one behind the other: %s. On how many pixels of the input, along one axis, does one output of the last of them depend, away from the edges?",
			s),
		Form: exercise.Form{Kind: exercise.Count, Unit: "pixels"}, Points: 2, Effort: 9,
		Right: s.field(),
		Why:   fmt.Sprintf("Each layer adds $k - 1$ steps, and a step is as long as all strides in front of it multiplied: $1 + %d + %d \\cdot %d + %d \\cdot %d$.", s.kernels[0]-1, s.kernels[1]-1, first, s.kernels[2]-1, first*second),
		Mistakes: []exercise.Mistake{
			{Answer: s.steps(1, 1, 1), Hint: "the strides are forgotten: they make the steps of later layers longer"},
			{Answer: s.steps(first, first*second, first*second*third), Hint: "a stride does nothing for the field of its own layer, only for the layers behind it"},
			{Answer: s.steps(1, first, second), Hint: "a step is as long as all strides in front of it multiplied, not the last of them alone"},
			{Answer: s.field() - 1, Hint: "one is missing: a single pixel is a field already, to which each layer adds"},
		},
	}
}

// skips reports whether some pixel reaches no output: along one axis, it follows
// the outputs of a long line back to the input.
func (s stack) skips() bool {
	const outputs = 20
	needed := map[int]bool{}
	for output := range outputs {
		needed[output] = true
	}
	for layer := len(s.kernels) - 1; layer >= 0; layer-- {
		read := map[int]bool{}
		for output := range needed {
			for offset := range s.kernels[layer] {
				read[output*s.strides[layer]+offset] = true
			}
		}
		needed = read
	}
	last := slices.Max(slices.Collect(maps.Keys(needed)))
	return len(needed) <= last // from 0 to last, one is missing
}

// gapStacks are what the choice is about: kernels and strides.
func gapStacks() []stack {
	return []stack{
		{[]int{1, 3}, []int{2, 1}}, {[]int{2, 3}, []int{3, 1}}, {[]int{3, 2}, []int{1, 5}}, {[]int{3, 1}, []int{2, 3}}, {[]int{3, 3}, []int{4, 1}},
		{[]int{3, 1}, []int{1, 3}}, {[]int{3, 2}, []int{1, 4}}, {[]int{5, 1}, []int{2, 2}}, {[]int{2, 3}, []int{2, 3}}, {[]int{3, 1}, []int{3, 1}},
	}
}

func inceptionGaps(d Draw) exercise.Question {
	const skipped, read = "some pixels are skipped", "every pixel is read"
	stacks := gapStacks()
	s := stacks[d.Between(0, 0, len(stacks)-1)]
	right, comparison := read, "no further than that"
	if s.skips() {
		right, comparison = skipped, "further than that"
	}
	why := fmt.Sprintf("One output of the second layer sees %d pixels in a row, and the next one begins $%d \\cdot %d$ pixels behind it: %s.", s.field(), s.strides[0], s.strides[1], comparison)
	if s.strides[0] > s.kernels[0] {
		why = "The stride of the first layer is larger than its kernel, so it skips what lies between its windows, and nothing behind it can bring that back."
	}
	return exercise.Question{
		Title: "Predict: is anything skipped?",
		Text: fmt.Sprintf("Two convolutions without padding stand one behind the other: **%s**. The picture is large. Are there pixels away from its edges that no output of the second convolution depends on?",
			s),
		Form: exercise.Form{Kind: exercise.Choice, Options: []string{skipped, read}}, Points: 1,
		Right: right,
		Why:   why,
	}
}

// inceptionKernels are those of a module, in the order of the function's arguments:
// 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5, pooling. Each is
// [row][column][channel][filter].
type inceptionKernels [6][][][][]float64

// inceptionModule is the type of the function that is asked for.
type inceptionModule = func(image [][][]float64, one, reduce3, three, reduce5, five, project [][][][]float64) [][][]float64

// joining makes a module of its towers.
func joining(towers func(image [][][]float64, k inceptionKernels) [4][][][]float64) inceptionModule {
	return func(image [][][]float64, one, reduce3, three, reduce5, five, project [][][][]float64) [][][]float64 {
		joined := blank(image, 0)
		for _, tower := range towers(image, inceptionKernels{one, reduce3, three, reduce5, five, project}) {
			for i := range joined {
				for j := range joined[i] {
					joined[i][j] = append(joined[i][j], tower[i][j]...)
				}
			}
		}
		return joined
	}
}

// blank is a map of zeros as high and wide as another.
func blank(like [][][]float64, channels int) [][][]float64 {
	zeros := make([][][]float64, len(like))
	for i := range zeros {
		for range like[i] {
			zeros[i] = append(zeros[i], make([]float64, channels))
		}
	}
	return zeros
}

// spread is a convolution with padding same: it adds every pixel to all outputs in
// whose windows it lies.
func spread(x [][][]float64, kernel [][][][]float64) [][][]float64 {
	y, middle := blank(x, len(kernel[0][0][0])), len(kernel)/2
	for i := range x {
		for j, pixel := range x[i] {
			for u := range kernel {
				for v := range kernel[u] {
					row, column := i-u+middle, j-v+middle
					if row < 0 || row >= len(y) || column < 0 || column >= len(y[row]) {
						continue
					}
					for f := range y[row][column] {
						for c, value := range pixel {
							y[row][column][f] += value * kernel[u][v][c][f]
						}
					}
				}
			}
		}
	}
	return y
}

// relu sets what is negative to 0.
func relu(x [][][]float64) [][][]float64 {
	y := blank(x, len(x[0][0]))
	for i := range x {
		for j := range x[i] {
			for c, value := range x[i][j] {
				y[i][j][c] = max(value, 0)
			}
		}
	}
	return y
}

// pooledSame is the largest value of each channel in the 3×3 pixels around, as far
// as they lie in the image.
func pooledSame(x [][][]float64) [][][]float64 {
	y := blank(x, len(x[0][0]))
	for i := range y {
		for j := range y[i] {
			copy(y[i][j], x[i][j])
			for _, row := range x[max(i-1, 0):min(i+2, len(x))] {
				for _, pixel := range row[max(j-1, 0):min(j+2, len(row))] {
					for c, value := range pixel {
						y[i][j][c] = max(y[i][j][c], value)
					}
				}
			}
		}
	}
	return y
}

// convolved is a convolution with ReLU.
func convolved(x [][][]float64, kernel [][][][]float64) [][][]float64 { return relu(spread(x, kernel)) }

// towersOf are those of the module.
func towersOf(image [][][]float64, k inceptionKernels) [4][][][]float64 {
	return [4][][][]float64{
		convolved(image, k[0]), convolved(convolved(image, k[1]), k[2]), convolved(convolved(image, k[3]), k[4]), convolved(pooledSame(image), k[5]),
	}
}

func inceptionFunction(_ Draw) exercise.Question {
	return exercise.Question{
		Title: "Write the module",
		Text:  "Write an Inception module. `image` is [row][column][channel] and has no negative values; kernels are [row][column][channel][filter], with sides 1, 1, 3, 1, 5 and 1. The towers are `one`; `reduce3` and behind it `three`; `reduce5` and behind it `five`; and a 3×3 max pooling with stride 1 and behind it `project`. All of them keep height and width: the middle of a window lies on its pixel, and outside of the image there are zeros. Kernels are not turned around: the first row of a kernel belongs to the uppermost row of the window. There are no biases, and ReLU stands behind every convolution, the reductions included. The outputs are joined along the channels, in the order of the towers.",
		Form:  exercise.Form{Kind: exercise.Code}, Points: 3,
		Why: "A convolution and a pooling are written once, with the side of the window as an argument; the module is then four lines.",
		Function: &exercise.Function{
			Name: "inception", Solution: solution.Source("inception"), Solved: solution.Inception,
			Reference: joining(towersOf),
			Wrong: []exercise.Slip{
				{Function: joining(func(image [][][]float64, k inceptionKernels) [4][][][]float64 {
					towers := towersOf(image, k)
					towers[3] = convolved(image, k[5])
					return towers
				}), Hint: "the last tower reads the pooled image, not the image"},
				{Function: joining(func(image [][][]float64, k inceptionKernels) [4][][][]float64 {
					towers := towersOf(image, k)
					towers[1], towers[2] = convolved(spread(image, k[1]), k[2]), convolved(spread(image, k[3]), k[4])
					return towers
				}), Hint: "ReLU is missing behind the reductions"},
				{Function: joining(func(image [][][]float64, k inceptionKernels) [4][][][]float64 {
					return [4][][][]float64{
						spread(image, k[0]), spread(convolved(image, k[1]), k[2]), spread(convolved(image, k[3]), k[4]), spread(pooledSame(image), k[5]),
					}
				}), Hint: "ReLU is missing at the ends of the towers"},
				{Function: joining(func(image [][][]float64, k inceptionKernels) [4][][][]float64 {
					towers := towersOf(image, k)
					return [4][][][]float64{towers[3], towers[0], towers[1], towers[2]}
				}), Hint: "the towers are joined in another order: that of the pooling comes last"},
			},
			Inputs: inceptionInputs,
		},
	}
}

// inceptionInputs are a small image of two channels, and kernels of one or two
// filters. The reductions have weights of both signs, so that ReLU has something to
// do behind them, and the last kernel positive ones, so that ReLU hides no pooling.
func inceptionInputs(random *rand.Rand) []any {
	const channels = 2
	image := make([][][]float64, 3+random.IntN(2))
	for i := range image {
		for range 4 {
			image[i] = append(image[i], []float64{float64(random.IntN(5)), float64(random.IntN(5))})
		}
	}
	kernel := func(side, channels, filters int) [][][][]float64 {
		weights := make([][][][]float64, side)
		for u := range weights {
			for range side {
				weights[u] = append(weights[u], nonzero(random, channels, filters))
			}
		}
		return weights
	}
	weight := func() float64 { return float64(1 + random.IntN(4)) }
	reduce3 := [][][][]float64{{{{weight(), -weight()}, {-weight(), weight()}}}}
	reduce5 := [][][][]float64{{{{weight()}, {-weight()}}}}
	project := [][][][]float64{{{{weight()}, {weight()}}}}
	return []any{image, kernel(1, channels, 2), reduce3, kernel(3, 2, 2), reduce5, kernel(5, 1, 1), project}
}
