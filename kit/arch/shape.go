package arch

import (
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// Unknown is a size, or a number that depends on one, that is not known before
// the net runs, such as the length of a text.
const Unknown = -1

// Shape is the size of one example along each axis, the channels last.
type Shape []int

// String is the shape with its batch in the form of Keras, as in
// "(None, 28, 28, 3)"; "?" stands for a shape that is not known at all, nil.
func (s Shape) String() string { return Value{Shape: s}.whole(0).tuple() }

// tuple writes a shape with all its axes as Python does, a single one with a
// comma; "?" stands for nil.
func (s Shape) tuple() string {
	switch {
	case s == nil:
		return "?"
	case len(s) == 1:
		return "(" + s.join("") + ",)"
	}
	return "(" + s.join(", ") + ")"
}

// Times is the shape as in "28×28×3".
func (s Shape) Times() string { return s.join("×") }

func (s Shape) join(between string) string {
	sizes := make([]string, len(s))
	for i, size := range s {
		sizes[i] = strconv.Itoa(size)
		if size == Unknown {
			sizes[i] = "None"
		}
	}
	return strings.Join(sizes, between)
}

// Channels is the size of the last axis.
func (s Shape) Channels() int { return s[len(s)-1] }

// Spatial are the sizes of all axes but the last: [height, width], or [steps].
func (s Shape) Spatial() Shape { return s[:len(s)-1] }

// Size is the number of values, or [Unknown].
func (s Shape) Size() int { return product(s...) }

// with is the shape with another number of channels.
func (s Shape) with(channels int) Shape { return append(slices.Clone(s.Spatial()), channels) }

// countable is the largest count that is taken as right: 2⁵³, up to which
// readers of JSON have whole numbers exactly. What is larger stays larger,
// without overflow, and is refused.
const countable = 1 << 53

// product multiplies sizes, none of them negative; it is [Unknown] when one of
// them is.
func product(sizes ...int) int {
	all := 1
	for _, size := range sizes {
		if size == Unknown {
			return Unknown
		}
		if high, low := bits.Mul64(uint64(all), uint64(size)); high == 0 && low <= countable {
			all = int(low)
		} else {
			all = countable + 1
		}
	}
	return all
}

// sum adds numbers; it is [Unknown] when one of them is.
func sum(numbers ...int) int {
	all := 0
	for _, n := range numbers {
		if n == Unknown {
			return Unknown
		}
		all = min(all+min(n, countable+1), countable+1)
	}
	return all
}
