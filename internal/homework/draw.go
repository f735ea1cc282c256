package homework

import "math/rand/v2"

// draw supplies the numbers of one exercise: random ones, or those of the
// sheet.
type draw struct {
	random *rand.Rand // nil for the sheet
}

// int draws one of the choices; on the sheet it returns the first argument.
func (d draw) int(sheet int, choices ...int) int { return oneOf(d, sheet, choices) }

// float draws one of the choices; on the sheet it returns the first argument.
func (d draw) float(sheet float64, choices ...float64) float64 { return oneOf(d, sheet, choices) }

// word draws one of the choices; on the sheet it returns the first argument.
func (d draw) word(sheet string, choices ...string) string { return oneOf(d, sheet, choices) }

// between draws a whole number from low to high, both included; on the sheet
// it returns the first argument.
func (d draw) between(sheet, low, high int) int {
	if d.random == nil {
		return sheet
	}
	return low + d.random.IntN(high-low+1)
}

// seed draws a seed for functions with their own generator; on the sheet it
// returns the argument.
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
