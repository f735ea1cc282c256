package params

import (
	"evident/kit/claim"
)

// Measurements are all that the verdicts rest on.
type Measurements struct {
	Lengths  LengthFacts
	Variants VariantFacts
}

// The counts that the sheet gives for its convolutions and its last layer.
var (
	sheetConvolutions = []int{352, 2592, 10304}
	sheetLast         = 645
)

// rules declares the claims of question 3 (a), each with what decides it. All
// are exact: a count is right or wrong.
func rules() []claim.Rule[Measurements] {
	return []claim.Rule[Measurements]{
		claim.ExactRule("q3a.1", "Q3 (a) 1",
			"The input, the pooling layers and the flatten layer have no parameters to learn.",
			"GoMLX creates no trained value in any of them, for every input length and padding",
			claim.Supported, judgeWithout),
		claim.ExactRule("q3a.2", "Q3 (a) 2",
			"A Conv1D has kernel · input channels · filters weights and a bias for each filter: 352, 2592 and 10304 in the three of this net.",
			"for every input length and padding GoMLX creates as many trained values as the formula says, and these are the sheet's three numbers",
			claim.Supported, judgeConvolutions),
		claim.ExactRule("q3a.3", "Q3 (a) 3",
			"Dense(128) behind N flattened values has 128 · N + 128 parameters, and Dense(5) behind it has 645.",
			"for every input length and padding GoMLX creates units · N + units values, with the N that it reports, and 645; and the total is the sum of all layers",
			claim.Supported, judgeDense),
		claim.ExactRule("q3a.t", "Q3 (a), added",
			"Stride, padding and dilation of a convolution do not change its count; a bias, groups and depthwise kernels do.",
			"in one and two dimensions: every change of stride, padding or dilation leaves GoMLX's count as it was; without bias it falls by the filters; with G groups the kernel has 1/G of the weights; depthwise it is kernel · channels + channels",
			claim.Supported, judgeVariants),
	}
}

// Claims lists the claims of the lesson, not yet judged.
func Claims() []claim.Claim { return claim.Declared(rules()) }
