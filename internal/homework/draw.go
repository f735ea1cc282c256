package homework

import "math/rand/v2"

// draw gives the numbers of one exercise: at random, or those of the sheet.
type draw struct {
	random *rand.Rand // nil for the sheet
}

// int is one of the choices; on the sheet, the first argument.
func (d draw) int(sheet int, choices ...int) int { return oneOf(d, sheet, choices) }

// float is one of the choices; on the sheet, the first argument.
func (d draw) float(sheet float64, choices ...float64) float64 { return oneOf(d, sheet, choices) }

// word is one of the choices; on the sheet, the first argument.
func (d draw) word(sheet string, choices ...string) string { return oneOf(d, sheet, choices) }

// between is a whole number of a range, both ends included; on the sheet, the
// first argument.
func (d draw) between(sheet, low, high int) int {
	if d.random == nil {
		return sheet
	}
	return low + d.random.IntN(high-low+1)
}

// seed is for what draws its own numbers; on the sheet, the argument.
func (d draw) seed(sheet int64) int64 {
	if d.random == nil {
		return sheet
	}
	return 1 + d.random.Int64N(1<<31)
}

func oneOf[T any](d draw, sheet T, choices []T) T {
	if d.random == nil {
		return sheet
	}
	return choices[d.random.IntN(len(choices))]
}
