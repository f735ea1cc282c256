package homework

import "math/rand/v2"

// Draw gives the numbers of one exercise: at random, or those of the sheet.
type Draw struct {
	random *rand.Rand // nil for the sheet
}

// Int is one of the choices; on the sheet, the first argument.
func (d Draw) Int(sheet int, choices ...int) int { return oneOf(d, sheet, choices) }

// Float is one of the choices; on the sheet, the first argument.
func (d Draw) Float(sheet float64, choices ...float64) float64 { return oneOf(d, sheet, choices) }

// Word is one of the choices; on the sheet, the first argument.
func (d Draw) Word(sheet string, choices ...string) string { return oneOf(d, sheet, choices) }

// Between is a whole number of a range, both ends included; on the sheet, the
// first argument.
func (d Draw) Between(sheet, low, high int) int {
	if d.random == nil {
		return sheet
	}
	return low + d.random.IntN(high-low+1)
}

// Seed is for what draws its own numbers; on the sheet, the argument.
func (d Draw) Seed(sheet int64) int64 {
	if d.random == nil {
		return sheet
	}
	return 1 + d.random.Int64N(1<<31)
}

func oneOf[T any](d Draw, sheet T, choices []T) T {
	if d.random == nil {
		return sheet
	}
	return choices[d.random.IntN(len(choices))]
}
