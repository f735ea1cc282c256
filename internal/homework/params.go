package homework

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"evident/kit/arch"
	"evident/kit/exercise"
	net "evident/lessons/params"

	"evident/internal/homework/solution"
)

// paramsQuestions are the exercises on question 3 (a): the parameters of each layer.
func paramsQuestions() []template {
	return []template{
		{"conv1", paramsConvolution},
		{"conv2", paramsSecond},
		{"flat", paramsFlat},
		{"dense", paramsDense},
		{"total", paramsTotal},
		{"change", paramsChange},
		{"count", paramsFunction},
	}
}

// conv1D counts a convolution as the lesson does.
func conv1D(kernel, channels, filters int) int {
	return counted(arch.Sequential("one", arch.Input{Shape: arch.Shape{4 * kernel, channels}}, arch.Conv{Filters: filters, Kernel: []int{kernel}})).Total()
}

// counted is the summary of a net that can be built.
func counted(m arch.Model) arch.Summary {
	s, err := m.Summarize()
	if err != nil {
		panic(err) // the draws have no impossible nets, which a test over many seeds holds
	}
	return s
}

func paramsConvolution(d Draw) exercise.Question {
	kernel, channels, filters := d.Int(3, 3, 4, 5, 6, 7, 9), d.Between(7, 5, 14), d.Int(16, 12, 16, 20, 24, 28, 32, 40)
	return exercise.Question{
		Title: "One convolution",
		Text:  fmt.Sprintf("The input is a series with **%d** features at every step. The first layer is a `Conv1D` with **%d** filters of kernel size **%d**. How many parameters does the layer have?", channels, filters, kernel),
		Form:  exercise.Form{Kind: exercise.Count, Unit: "parameters"}, Points: 1, Effort: 3,
		Right: conv1D(kernel, channels, filters),
		Why:   fmt.Sprintf("Each filter has a weight for every one of the %d · %d values it sees, and a bias: ($%d \\cdot %d + 1) \\cdot %d$.", kernel, channels, kernel, channels, filters),
		Mistakes: []exercise.Mistake{
			{Answer: kernel * channels * filters, Hint: "the biases are missing"},
			{Answer: kernel*filters + filters, Hint: "the input channels are forgotten: a filter has a weight for each of them at every place of the kernel"},
			{Answer: kernel*channels*filters + kernel, Hint: "filters and kernel are swapped: there is one bias for each filter"},
			{Answer: kernel*channels*filters + channels, Hint: "there is one bias for each filter, not for each input channel"},
		},
	}
}

// drawNet is a net like the sheet's, with other sizes.
func drawNet(d Draw) net.Net {
	n := net.Default().Net
	n.Features = d.Between(7, 5, 14)
	n.Filters = []int{d.Int(16, 8, 12, 16, 20), d.Int(32, 24, 28, 32, 40), d.Int(64, 48, 56, 64, 80)}
	n.Kernels = []int{d.Int(3, 3, 5), d.Int(5, 3, 5, 7), d.Int(5, 3, 5)}
	n.Units, n.Classes = d.Int(128, 96, 128, 160, 192), d.Between(5, 3, 9)
	return n
}

// described is the net in one line.
func described(n net.Net, steps int, padding arch.Padding) string {
	var layers []string
	for i, filters := range n.Filters {
		layers = append(layers, fmt.Sprintf("Conv1D(%d, k%d)", filters, n.Kernels[i]), fmt.Sprintf("MaxPool1D(%d)", n.Pool))
	}
	return fmt.Sprintf("input [%d, %d] → %s → Flatten → Dense(%d) → Dense(%d), all convolutions with padding *%s*",
		steps, n.Features, strings.Join(layers, " → "), n.Units, n.Classes, padding)
}

func paramsSecond(d Draw) exercise.Question {
	n := drawNet(d)
	first, second, kernel := n.Filters[0], n.Filters[1], n.Kernels[1]
	right := conv1D(kernel, first, second)
	return exercise.Question{
		Title: "The second convolution",
		Text:  fmt.Sprintf("The net: %s. How many parameters does the *second* convolution have?", described(n, 100, arch.Valid)),
		Form:  exercise.Form{Kind: exercise.Count, Unit: "parameters"}, Points: 1, Effort: 3,
		Right: right,
		Why:   fmt.Sprintf("Its input is the first convolution's output, which has %d channels; pooling changes none of that: $(%d \\cdot %d + 1) \\cdot %d$.", first, kernel, first, second),
		Mistakes: []exercise.Mistake{
			{Answer: kernel * first * second, Hint: "the biases are missing"},
			{Answer: (kernel*n.Features + 1) * second, Hint: "its input channels are the filters of the layer before, not the features of the net's input"},
			{Answer: kernel*second + second, Hint: "the input channels are forgotten"},
			{Answer: kernel*first*second + first, Hint: "there is one bias for each filter, not for each input channel"},
		},
	}
}

// flat is the number of values behind Flatten.
func flat(n net.Net, steps int, padding arch.Padding) int {
	return counted(n.Model(steps, padding)).Find("flatten").Outputs[0][0]
}

// other is the padding that is not asked for.
func other(p arch.Padding) arch.Padding {
	if p == arch.Valid {
		return arch.Same
	}
	return arch.Valid
}

func paramsFlat(d Draw) exercise.Question {
	n, steps, padding := drawNet(d), 4*d.Between(25, 17, 40), arch.Padding(d.Word(string(arch.Valid), string(arch.Valid), string(arch.Same)))
	right, last := flat(n, steps, padding), n.Filters[2]
	wider := n
	wider.Pool = 1
	return exercise.Question{
		Title: "Behind the flatten layer",
		Text:  fmt.Sprintf("The net: %s. The pooling windows do not overlap, and what is left over at the end is dropped. How many values $N$ leave the flatten layer?", described(n, steps, padding)),
		Form:  exercise.Form{Kind: exercise.Count, Unit: "values"}, Points: 2, Effort: 7,
		Right: right,
		Why:   fmt.Sprintf("With padding *valid* a convolution shortens the series by kernel − 1, with *same* by nothing; each pooling halves it, rounded down. %d steps with %d channels are left.", right/last, last),
		Mistakes: []exercise.Mistake{
			{Answer: flat(n, steps, other(padding)), Hint: "valid and same padding are mixed up"},
			{Answer: right / last, Hint: "these are the steps that are left; each has a value for every channel"},
			{Answer: flat(wider, steps, padding), Hint: "the poolings are forgotten: each halves the number of steps"},
			{Answer: right / last * n.Features, Hint: "the channels are those of the last convolution, not those of the input"},
		},
	}
}

func paramsDense(d Draw) exercise.Question {
	n, steps := drawNet(d), 4*d.Between(25, 17, 40)
	values := flat(n, steps, arch.Valid)
	right := counted(n.Model(steps, arch.Valid)).Find("dense").Parameters
	return exercise.Question{
		Title: "The dense layer",
		Text:  fmt.Sprintf("**%d** values leave a flatten layer and enter a `Dense` layer of **%d** units. How many parameters does it have?", values, n.Units),
		Form:  exercise.Form{Kind: exercise.Count, Unit: "parameters"}, Points: 1, Effort: 2,
		Right: right,
		Why:   fmt.Sprintf("Every unit has a weight for every value, and a bias: $(%d + 1) \\cdot %d$.", values, n.Units),
		Mistakes: []exercise.Mistake{
			{Answer: values * n.Units, Hint: "the biases are missing"},
			{Answer: values*n.Units + values, Hint: "there is one bias for each unit, not for each input"},
			{Answer: values*n.Units + 1, Hint: "there is one bias for each unit, not one for the layer"},
			{Answer: values + n.Units, Hint: "every unit is connected with every value"},
		},
	}
}

func paramsTotal(d Draw) exercise.Question {
	n, steps := drawNet(d), 4*d.Between(25, 17, 40)
	s := counted(n.Model(steps, arch.Valid))
	biases := n.Filters[0] + n.Filters[1] + n.Filters[2] + n.Units + n.Classes
	return exercise.Question{
		Title: "All of it",
		Text:  fmt.Sprintf("The net: %s. How many parameters does it have in all?", described(n, steps, arch.Valid)),
		Form:  exercise.Form{Kind: exercise.Count, Unit: "parameters"}, Points: 2, Effort: 24,
		Right: s.Total(),
		Why:   fmt.Sprintf("Convolutions %d, %d and %d, dense layers %d and %d. Pooling and flatten have none.", s.Find("conv1d").Parameters, s.Find("conv1d_1").Parameters, s.Find("conv1d_2").Parameters, s.Find("dense").Parameters, s.Find("dense_1").Parameters),
		Mistakes: []exercise.Mistake{
			{Answer: s.Total() - biases, Hint: "the biases are missing"},
			{Answer: s.Total() - s.Find("dense_1").Parameters, Hint: "the last layer is forgotten"},
			{Answer: counted(n.Model(steps, arch.Same)).Total(), Hint: "valid and same padding are mixed up: that changes what the first dense layer gets"},
			{Answer: s.Total() - s.Find("dense").Parameters - s.Find("dense_1").Parameters, Hint: "the dense layers are forgotten, which hold most"},
		},
	}
}

// change is what can be done to a convolution, with what it does to the count.
type change struct {
	text string
	do   func(*arch.Conv)
}

func paramsChange(d Draw) exercise.Question {
	const rises, falls, stays = "rises", "falls", "stays"
	base := arch.Conv{Filters: d.Int(16, 16, 24, 32), Kernel: []int{d.Int(3, 3, 5, 7)}}
	channels := 8 * d.Between(1, 1, 3)
	changes := []change{
		{"its stride is 2 in place of 1", func(c *arch.Conv) { c.Strides = []int{2} }},
		{"its padding is *same* in place of *valid*", func(c *arch.Conv) { c.Padding = arch.Same }},
		{"it has no bias", func(c *arch.Conv) { c.NoBias = true }},
		{"its input channels are split into 4 groups", func(c *arch.Conv) { c.Groups = 4 }},
		{"its kernel is 2 steps longer", func(c *arch.Conv) { c.Kernel = []int{c.Kernel[0] + 2} }},
		{"it has 8 filters more", func(c *arch.Conv) { c.Filters += 8 }},
	}
	chosen := changes[d.Between(0, 0, len(changes)-1)]
	count := func(c arch.Conv) int {
		return counted(arch.Sequential("one", arch.Input{Shape: arch.Shape{64, channels}}, c)).Total()
	}
	changed := base
	chosen.do(&changed)
	before, after := count(base), count(changed)
	right := stays
	switch {
	case after > before:
		right = rises
	case after < before:
		right = falls
	}
	return exercise.Question{
		Title: "Predict: what changes the count?",
		Text: fmt.Sprintf("A `Conv1D` with %d filters of kernel size %d on %d channels, with bias, stride 1 and padding *valid*, is changed: **%s**. Does its number of parameters rise, fall or stay?",
			base.Filters, base.Kernel[0], channels, chosen.text),
		Form: exercise.Form{Kind: exercise.Choice, Options: []string{rises, falls, stays}}, Points: 1,
		Right: right,
		Why:   fmt.Sprintf("It has %d parameters before and %d after. What the kernel is made of counts; where it is put down does not.", before, after),
	}
}

func paramsFunction(d Draw) exercise.Question {
	return exercise.Question{
		Title: "Write the count",
		Text:  "Write a function that counts the parameters of any `Conv1D`: `groups` splits the input channels, and divides both them and the filters; `bias` says whether there are biases.",
		Form:  exercise.Form{Kind: exercise.Code}, Points: 3,
		Why: "With groups, a filter sees only the channels of its own group.",
		Function: &exercise.Function{
			Name: "conv1DParameters", Solution: solution.Source("conv1DParameters"), Solved: solution.Conv1DParameters,
			Reference: func(kernel, channels, filters, groups int, bias bool) int {
				return counted(arch.Sequential("one", arch.Input{Shape: arch.Shape{4 * kernel, channels}},
					arch.Conv{Filters: filters, Kernel: []int{kernel}, Groups: groups, NoBias: !bias})).Total()
			},
			Wrong: []exercise.Slip{
				{Function: func(kernel, channels, filters, _ int, bias bool) int {
					return solution.Conv1DParameters(kernel, channels, filters, 1, bias)
				}, Hint: "the groups are ignored: a filter sees only the channels of its own group"},
				{Function: func(kernel, channels, filters, groups int, _ bool) int {
					return solution.Conv1DParameters(kernel, channels, filters, groups, false)
				}, Hint: "the biases are missing where bias is true"},
				{Function: func(kernel, channels, filters, groups int, bias bool) int {
					return solution.Conv1DParameters(kernel, channels, filters/groups, groups, bias)
				}, Hint: "every group has its share of the filters, and all of them count"},
			},
			Inputs: func(random *rand.Rand) []any {
				groups := 2 + random.IntN(3)
				return []any{2 + random.IntN(6), groups * (2 + random.IntN(4)), groups * (2 + random.IntN(4)), groups, true}
			},
		},
	}
}
