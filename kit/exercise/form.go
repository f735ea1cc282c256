package exercise

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"evident/internal/badinput"
)

// Kind is the type of an answer.
type Kind string

// The kinds of answers.
const (
	Count  Kind = "count"  // a whole number
	Number Kind = "number" // a number, right within a step
	Shape  Kind = "shape"  // several whole numbers, in order
	Choice Kind = "choice" // one of several words
	Code   Kind = "code"   // a function
)

// Form says how to write the answer to a question.
type Form struct {
	Kind      Kind     `json:"kind"`
	Step      float64  `json:"step,omitempty"`      // Number: an answer this close is right
	Unit      string   `json:"unit,omitempty"`      // Count and Number: the unit; Choice: what the options mean
	Options   []string `json:"options,omitempty"`   // Choice: the permitted words
	Signature string   `json:"signature,omitempty"` // Code: the type of the function
	// Types lists, for a function on nodes, the Go type of the numbers in each argument, as in "float32".
	Types []string `json:"types,omitempty"`
}

// String says how to write the answer, as in "a whole number (parameters)".
func (f Form) String() string {
	unit := ""
	if f.Unit != "" {
		unit = " (" + f.Unit + ")"
	}
	switch f.Kind {
	case Count:
		return "a whole number" + unit
	case Number:
		return "a number, to within " + strconv.FormatFloat(f.Step, 'g', -1, 64) + unit
	case Shape:
		return "whole numbers in order, as in []int{4, 4, 8}"
	case Choice:
		return `one of "` + strings.Join(f.Options, `", "`) + `"` + unit
	}
	return "a function " + f.Signature
}

// Same reports whether two answers count as equal. The error says which one
// cannot be read.
func (f Form) Same(a, b any) (bool, error) {
	var ways [2][]string
	for i, answer := range []any{a, b} {
		written, err := json.Marshal(answer)
		if err != nil {
			return false, badinput.Errorf("the answer %v cannot be written: %w", answer, err)
		}
		if ways[i], err = f.ways(written); err != nil {
			return false, err
		}
	}
	return slices.ContainsFunc(ways[0], func(way string) bool { return slices.Contains(ways[1], way) }), nil
}

// is reports whether a given answer equals another one; numbers may differ by a
// step. The error says that an answer cannot be read.
func (f Form) is(answer json.RawMessage, other any) (bool, error) {
	if f.Kind != Number {
		return f.Same(answer, other)
	}
	if _, err := f.ways(answer); err != nil {
		return false, err
	}
	written, err := json.Marshal(other)
	if err != nil {
		return false, err
	}
	var values [2]float64
	for i, text := range []json.RawMessage{answer, written} {
		if err := json.Unmarshal(text, &values[i]); err != nil {
			return false, err
		}
	}
	const rounding = 1 + 1e-9
	return math.Abs(values[0]-values[1]) <= f.Step*rounding, nil
}

// ways returns all spellings of an answer that count as equal, the canonical one
// first. The error is a [badinput.Err] that says what is wrong with the answer.
func (f Form) ways(answer json.RawMessage) ([]string, error) {
	var value any
	if err := json.Unmarshal(answer, &value); err != nil {
		return nil, f.unreadable(answer)
	}
	switch value := value.(type) {
	case float64:
		switch {
		case f.Kind == Count && value == math.Trunc(value):
			return []string{strconv.FormatFloat(value, 'f', 0, 64)}, nil
		case f.Kind == Number:
			return f.rounded(value), nil
		}
	case string:
		word := strings.ToLower(strings.TrimSpace(value))
		if f.Kind == Choice && slices.Contains(f.Options, word) {
			return []string{word}, nil
		}
	case []any:
		if f.Kind == Shape {
			return f.shape(answer, value)
		}
	}
	return nil, f.unreadable(answer)
}

func (f Form) unreadable(answer json.RawMessage) error {
	return badinput.Errorf("the answer %s cannot be read: write %s", answer, f)
}

// rounded returns the number's place on a grid with twice the step, and the two
// places beside it. Numbers within a step of each other therefore always share a
// place, and numbers more than three steps apart never do.
func (f Form) rounded(value float64) []string {
	place := math.Round(value / (2 * f.Step))
	ways := make([]string, 3)
	for i, beside := range []float64{0, -1, 1} {
		ways[i] = strconv.FormatFloat(place+beside+0, 'f', 0, 64)
	}
	return ways
}

func (f Form) shape(answer json.RawMessage, values []any) ([]string, error) {
	sizes := make([]string, len(values))
	for i, value := range values {
		size, ok := value.(float64)
		if !ok || size != math.Trunc(size) {
			return nil, f.unreadable(answer)
		}
		sizes[i] = strconv.FormatFloat(size, 'f', 0, 64)
	}
	return []string{strings.Join(sizes, "×")}, nil
}
