package homework

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"evident/kit/arch"
	"evident/kit/exercise"
	"evident/lessons/pointwise"

	"evident/internal/homework/solution"
)

// pointwiseQuestions are the exercises on question 6: 1×1 convolutions.
func pointwiseQuestions() []template {
	return []template{
		{"count", pointwiseCount},
		{"saving", pointwiseSaving},
		{"fire", pointwiseFire},
		{"printed", pointwisePrinted},
		{"touch", pointwiseTouch},
		{"pixels", pointwiseFunction},
	}
}

// square is a convolution that keeps height and width.
func square(side, filters int) arch.Conv {
	return arch.Conv{Filters: filters, Kernel: []int{side, side}, Padding: arch.Same}
}

func pointwiseCount(d Draw) exercise.Question {
	channels, filters, side := 32*d.Between(8, 3, 12), 8*d.Between(8, 3, 10), d.Int(28, 14, 28, 56)
	input := arch.Shape{side, side, channels}
	right := convolutions(input, square(1, filters)).Total()
	return exercise.Question{
		Title: "One 1×1 convolution",
		Text:  fmt.Sprintf("A 1×1 convolution with bias turns %d×%d×**%d** (height × width × channels) into %d×%d×**%d**. How many parameters does it have?", side, side, channels, side, side, filters),
		Form:  exercise.Form{Kind: exercise.Count, Unit: "parameters"}, Points: 1, Effort: 2,
		Right: right,
		Why:   fmt.Sprintf("Each filter has a weight for every input channel and a bias, the same in all pixels: $(%d + 1) \\cdot %d$.", channels, filters),
		Mistakes: []exercise.Mistake{
			{Answer: right - filters, Hint: "the biases are missing"},
			{Answer: right * side * side, Hint: "the weights are the same in all pixels"},
			{Answer: 2 * filters, Hint: "a filter has a weight for each input channel, not one for all of them"},
			{Answer: right - filters + channels, Hint: "there is one bias for each filter, not for each input channel"},
		},
	}
}

func pointwiseSaving(d Draw) exercise.Question {
	side, channels, filters := d.Int(28, 14, 28, 56), 32*d.Between(8, 4, 12), 32*d.Between(8, 4, 12)
	between := 8 * d.Between(8, 4, 10)
	input := arch.Shape{side, side, channels}
	alone := float64(convolutions(input, square(3, filters)).FLOPs())
	behind := float64(convolutions(input, square(1, between), square(3, filters)).FLOPs())
	front := float64(convolutions(input, square(1, between)).FLOPs())
	short := 3 * float64(channels*filters) / float64(channels*between+3*between*filters)
	return exercise.Question{
		Title: "What a reduction saves",
		Text: fmt.Sprintf("A 3×3 convolution with padding *same* takes %d×%d×**%d** to **%d** channels. Now a 1×1 convolution with **%d** filters is put in front of it, which the 3×3 convolution reads in place of the input. By which factor do the multiply-adds fall: those of the 3×3 convolution alone, divided by those of both layers together? Answer with two digits after the point. Biases do not count.",
			side, side, channels, filters, between),
		Form: exercise.Form{Kind: exercise.Number, Step: 0.005}, Points: 2, Effort: 7,
		Right: alone / behind,
		Why:   fmt.Sprintf("In each pixel, $9 \\cdot %d \\cdot %d$ stand against $%d \\cdot %d + 9 \\cdot %d \\cdot %d$.", channels, filters, channels, between, between, filters),
		Mistakes: []exercise.Mistake{
			{Answer: alone / (behind - front), Hint: "the 1×1 convolution has a cost of its own"},
			{Answer: alone / front, Hint: "the 3×3 convolution is still there, behind the 1×1 convolution"},
			{Answer: behind / alone, Hint: "the fraction is upside down: how many times as much is it alone?"},
			{Answer: short, Hint: "a 3×3 kernel has nine places, not three"},
		},
	}
}

func pointwiseFire(d Draw) exercise.Question {
	channels, squeeze, expand1x1, expand3x3 := 16*d.Between(6, 4, 16), 4*d.Between(4, 3, 8), 16*d.Between(4, 2, 6), 16*d.Between(4, 2, 6)
	const side = 55
	s := counted(pointwise.Fire(side, channels, squeeze, expand1x1, expand3x3))
	// Both expanding layers on the input itself, and one behind the other.
	unsqueezed := convolutions(arch.Shape{side, side, channels}, square(1, expand1x1)).Total() + convolutions(arch.Shape{side, side, channels}, square(3, expand3x3)).Total()
	stacked := convolutions(arch.Shape{side, side, channels}, square(1, squeeze), square(1, expand1x1), square(3, expand3x3)).Total()
	return exercise.Question{
		Title: "A Fire module",
		Text: fmt.Sprintf("The Fire module of SqueezeNet reads **%d** channels. It squeezes them to **%d** by a 1×1 convolution; then a 1×1 convolution with **%d** filters and a 3×3 convolution with **%d** filters stand side by side, and their outputs are joined. All three have biases. How many parameters does the module have?",
			channels, squeeze, expand1x1, expand3x3),
		Form: exercise.Form{Kind: exercise.Count, Unit: "parameters"}, Points: 2, Effort: 9,
		Right: s.Total(),
		Why: fmt.Sprintf("Squeezing takes $(%d + 1) \\cdot %d = %d$; both expanding layers read its %d channels and take $(%d + 1) \\cdot %d = %d$ and $(9 \\cdot %d + 1) \\cdot %d = %d$.",
			channels, squeeze, s.Find("squeeze").Parameters, squeeze, squeeze, expand1x1, s.Find("expand1x1").Parameters, squeeze, expand3x3, s.Find("expand3x3").Parameters),
		Mistakes: []exercise.Mistake{
			{Answer: s.Total() - squeeze - expand1x1 - expand3x3, Hint: "the biases are missing"},
			{Answer: s.Find("squeeze").Parameters + unsqueezed, Hint: "the expanding layers read what is left behind the squeezing, not the input"},
			{Answer: stacked, Hint: "the expanding layers stand side by side: the 3×3 does not read the 1×1"},
			{Answer: s.Total() - s.Find("squeeze").Parameters, Hint: "the layer that squeezes is forgotten"},
		},
	}
}

// printedNet is the net that the sheet prints, with other sizes: see
// [pointwise.SheetNet].
func printedNet(side, first, second int) arch.Model {
	return arch.Sequential("sequential_1", arch.Input{Shape: arch.Shape{side, side, 3}},
		square(1, first), square(1, second), arch.Flatten{}, arch.Dense{Units: 2, Activation: "sigmoid"})
}

func pointwisePrinted(d Draw) exercise.Question {
	side, first, second := 16*d.Between(16, 6, 20), d.Between(8, 4, 12), 4*d.Between(4, 4, 8)
	s := counted(printedNet(side, first, second))
	fromPixels := convolutions(arch.Shape{side, side, 3}, square(1, second)).Total()
	pooled := 2*second + 2
	return exercise.Question{
		Title: "The printed net",
		Text: fmt.Sprintf("Pictures of %d×%d×3 → Conv2D(%d) → Conv2D(%d) → Flatten → Dense(2), where both convolutions have 1×1 kernels and all three layers have biases. How many parameters does the net have in all?",
			side, side, first, second),
		Form: exercise.Form{Kind: exercise.Count, Unit: "parameters"}, Points: 2, Effort: 10,
		Right: s.Total(),
		Why: fmt.Sprintf("The convolutions have $(3 + 1) \\cdot %d = %d$ and $(%d + 1) \\cdot %d = %d$. All the rest is in the dense layer, which reads $%d \\cdot %d \\cdot %d$ values.",
			first, s.Find("conv2d").Parameters, first, second, s.Find("conv2d_1").Parameters, side, side, second),
		Mistakes: []exercise.Mistake{
			{Answer: s.Total() - first - second - 2, Hint: "the biases are missing"},
			{Answer: s.Total() - s.Find("conv2d_1").Parameters + fromPixels, Hint: "the second convolution reads the maps of the first, not the picture"},
			{Answer: s.Total() - s.Find("dense").Parameters + pooled, Hint: "that is with a mean of each map: behind Flatten, the dense layer has a weight for every value of every map"},
			{Answer: s.Total() - s.Find("dense").Parameters, Hint: "the dense layer is forgotten, which holds most"},
		},
	}
}

// What one value of the input can act on.
const (
	onePixelOneMap    = "one pixel of one map"
	onePixelAllMaps   = "one pixel of all maps"
	neighboursOneMap  = "several pixels of one map"
	neighboursAllMaps = "several pixels of all maps"
)

// touches says which of them it is: the receptive field tells whether pixels are
// mixed, and any layer that is not depthwise mixes the maps.
func touches(layers []arch.Layer) string {
	all := append([]arch.Layer{arch.Input{Shape: arch.Shape{9, 9, 8}}}, layers...)
	rows := counted(arch.Sequential("net", all...)).Rows
	onePixel, oneMap := rows[len(rows)-1].Field.Sizes[0] == 1, true
	for _, layer := range layers {
		_, depthwise := layer.(arch.DepthwiseConv)
		oneMap = oneMap && depthwise
	}
	switch {
	case onePixel && oneMap:
		return onePixelOneMap
	case onePixel:
		return onePixelAllMaps
	case oneMap:
		return neighboursOneMap
	}
	return neighboursAllMaps
}

// described1x1 is a net in words.
type described1x1 struct {
	text   string
	layers []arch.Layer
}

// nets1x1 are what the choice is about.
func nets1x1(channels, filters int) []described1x1 {
	depthwise := func(side int) arch.Layer {
		return arch.DepthwiseConv{Kernel: []int{side, side}, Padding: arch.Same}
	}
	return []described1x1{
		{fmt.Sprintf("a 1×1 convolution with %d filters", filters), []arch.Layer{square(1, filters)}},
		{fmt.Sprintf("two 1×1 convolutions, one behind the other, with %d filters each", filters), []arch.Layer{square(1, filters), square(1, filters)}},
		{fmt.Sprintf("a depthwise 1×1 convolution, which makes %d maps of %d channels", channels, channels), []arch.Layer{depthwise(1)}},
		{fmt.Sprintf("a depthwise 3×3 convolution, which makes %d maps of %d channels", channels, channels), []arch.Layer{depthwise(3)}},
		{fmt.Sprintf("a 3×3 convolution with %d filters", filters), []arch.Layer{square(3, filters)}},
		{fmt.Sprintf("a depthwise 3×3 convolution, and behind it a 1×1 convolution with %d filters", filters), []arch.Layer{depthwise(3), square(1, filters)}},
	}
}

func pointwiseTouch(d Draw) exercise.Question {
	nets := nets1x1(d.Int(4, 4, 6, 8), d.Int(16, 12, 16, 24))
	chosen := nets[d.Between(0, 0, len(nets)-1)]
	return exercise.Question{
		Title: "Predict: what acts on what?",
		Text: fmt.Sprintf("A net consists of **%s**, with stride 1 and padding *same*. All of its weights are positive. *One* value of the input is raised: that of one channel in one pixel, far from the edges. Which values of the output change?",
			chosen.text),
		Form: exercise.Form{Kind: exercise.Choice, Options: []string{onePixelOneMap, onePixelAllMaps, neighboursOneMap, neighboursAllMaps}}, Points: 1,
		Right: touches(chosen.layers),
		Why:   "The size of the kernel says whether pixels are mixed. A convolution mixes all channels as well; a depthwise one gives each channel a kernel of its own, and mixes none.",
	}
}

// product is a 1×1 convolution as a product of two matrices: all pixels × channels,
// channels × filters.
func product(image [][][]float64, weights [][]float64, biases []float64) [][][]float64 {
	w := mat.NewDense(len(weights), len(biases), nil)
	for c, row := range weights {
		w.SetRow(c, row)
	}
	output := make([][][]float64, len(image))
	for i, row := range image {
		x := mat.NewDense(len(row), len(weights), nil)
		for j, pixel := range row {
			x.SetRow(j, pixel)
		}
		var y mat.Dense
		y.Mul(x, w)
		for j := range row {
			pixel := mat.Row(nil, j, &y)
			for f := range pixel {
				pixel[f] += biases[f]
			}
			output[i] = append(output[i], pixel)
		}
	}
	return output
}

// own leaves each filter the weight of one channel, that with its own number.
func own(weights [][]float64) [][]float64 {
	kept := make([][]float64, len(weights))
	for c, row := range weights {
		kept[c] = make([]float64, len(row))
		if c < len(row) {
			kept[c][c] = row[c]
		}
	}
	return kept
}

// times are the values multiplied by a number.
func times(values []float64, factor int) []float64 {
	all := make([]float64, len(values))
	for i, value := range values {
		all[i] = value * float64(factor)
	}
	return all
}

func pointwiseFunction(_ Draw) exercise.Question {
	return exercise.Question{
		Title: "Write a 1×1 convolution",
		Text:  "Write a 1×1 convolution with bias and without activation: in every pixel, the weights' matrix times the pixel's channels. `image` is [row][column][channel], `weights` is [channel][filter], and the result is [row][column][filter].",
		Form:  exercise.Form{Kind: exercise.Code}, Points: 3,
		Why: "No pixel looks at another one: two loops over the pixels, and a product of a vector and a matrix inside.",
		Function: &exercise.Function{
			Name: "pointwise", Solution: solution.Source("pointwise"), Solved: solution.Pointwise,
			Reference: product,
			Wrong: []exercise.Slip{
				{Function: func(image [][][]float64, weights [][]float64, biases []float64) [][][]float64 {
					return product(image, weights, times(biases, 0))
				}, Hint: "the biases are missing"},
				{Function: func(image [][][]float64, weights [][]float64, biases []float64) [][][]float64 {
					return product(image, weights, times(biases, len(weights)))
				}, Hint: "a bias is added once, not for every channel"},
				{Function: func(image [][][]float64, weights [][]float64, biases []float64) [][][]float64 {
					return product(image, own(weights), biases)
				}, Hint: "that is a depthwise convolution: a filter reads all channels"},
			},
			Inputs: pointwiseInputs,
		},
	}
}

// pointwiseInputs have no zeros among the pixels, weights and biases.
func pointwiseInputs(random *rand.Rand) []any {
	height, width, channels, filters := 2+random.IntN(2), 2+random.IntN(2), 2+random.IntN(3), 2+random.IntN(3)
	image := make([][][]float64, height)
	for i := range image {
		image[i] = nonzero(random, width, channels)
	}
	return []any{image, nonzero(random, channels, filters), nonzero(random, 1, filters)[0]}
}

// nonzero draws a matrix of whole numbers from −4 to 4 without 0.
func nonzero(random *rand.Rand, rows, columns int) [][]float64 {
	values := make([][]float64, rows)
	for i := range values {
		for range columns {
			values[i] = append(values[i], float64((1+random.IntN(4))*(1-2*random.IntN(2))))
		}
	}
	return values
}
