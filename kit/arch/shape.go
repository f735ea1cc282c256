package arch

import (
	"encoding/json"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// Unknown marks a size, or a number derived from one, that is not known before
// the net runs, such as the length of a text.
const Unknown = -1

// Shape is the size of one example along each axis, with the channels last.
type Shape []int

// String formats the shape with its batch as Keras does, as in "(None, 28, 28,
// 3)". A nil shape is unknown and gives "?".
func (s Shape) String() string { return Value{Shape: s}.whole(0).tuple() }

// GobEncode keeps apart what gob does not: an unknown shape, which is nil, and one without axes.
func (s Shape) GobEncode() ([]byte, error) { return json.Marshal([]int(s)) }

// GobDecode reads what [Shape.GobEncode] wrote.
func (s *Shape) GobDecode(encoded []byte) error { return json.Unmarshal(encoded, (*[]int)(s)) }

// tuple formats a shape with all its axes as Python does, with a comma after a
// single one. It returns "?" for nil.
func (s Shape) tuple() string {
	switch {
	case s == nil:
		return "?"
	case len(s) == 1:
		return "(" + s.join("") + ",)"
	}
	return "(" + s.join(", ") + ")"
}

// Times formats the shape as in "28×28×3".
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

// Channels returns the size of the last axis.
func (s Shape) Channels() int { return s[len(s)-1] }

// Spatial returns the sizes of all axes except the last: [height, width], or
// [steps].
func (s Shape) Spatial() Shape { return s[:len(s)-1] }

// Size returns the number of values, or [Unknown].
func (s Shape) Size() int { return product(s...) }

// with returns the shape with another number of channels.
func (s Shape) with(channels int) Shape { return append(slices.Clone(s.Spatial()), channels) }

// countable is the largest valid count, 2⁵³, because readers of JSON represent
// whole numbers exactly up to there. Products and sums of sizes beyond it do
// not overflow, and are rejected later.
const countable = 1 << 53

// product multiplies sizes, none of which is negative. It returns [Unknown] if
// one of them is unknown.
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

// sum adds numbers. It returns [Unknown] if one of them is unknown.
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
