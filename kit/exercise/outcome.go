package exercise

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Outcome is what a function on nodes computes: its results, and the gradients by
// which a function is told from one that only returns the same numbers.
type Outcome struct {
	Results []Tensor `json:"results"`
	// Gradients are those of a fixed weighted sum of all float results, by each float
	// argument.
	Gradients []Tensor `json:"gradients"`
}

// Tensor is a node's value.
type Tensor struct {
	Argument int       `json:"argument,omitempty"` // whose gradient it is, from 1
	Type     string    `json:"type"`               // of the numbers, as in "float32"
	Shape    []int     `json:"shape"`
	Values   []float64 `json:"values"` // row by row
}

// outcomeOf reads an outcome, which may be forged. A list of results is none.
func outcomeOf(output json.RawMessage) (o Outcome, isOutcome bool) {
	if !bytes.HasPrefix(output, []byte("{")) || json.Unmarshal(output, &o) != nil {
		return o, false
	}
	return o, !slices.ContainsFunc(slices.Concat(o.Results, o.Gradients), Tensor.isDamaged)
}

// isDamaged reports whether the values do not fill the shape.
func (t Tensor) isDamaged() bool {
	const mostAxes = 16
	size := 1
	for _, length := range t.Shape {
		if size *= length; length < 0 || size > len(t.Values) {
			return true
		}
	}
	return size != len(t.Values) || len(t.Shape) > mostAxes
}

// difference says in which result or gradient another outcome differs; it is empty
// if there is none. Gradients count only where all results are right.
func (o Outcome) difference(other Outcome) string {
	if len(o.Results) != len(other.Results) || len(o.Gradients) != len(other.Gradients) {
		return fmt.Sprintf("it should return %d results with %d gradients, not %d with %d",
			len(o.Results), len(o.Gradients), len(other.Results), len(other.Gradients))
	}
	for i, want := range o.Results {
		name := "it should return "
		if len(o.Results) > 1 {
			name = fmt.Sprintf("result %d should be ", i+1)
		}
		switch got := other.Results[i]; {
		case want.kind() != got.kind():
			return name + want.kind() + ", and is " + got.kind()
		case !want.like(got):
			return name + want.String() + ", and is " + got.String()
		}
	}
	for i, want := range o.Gradients {
		got := other.Gradients[i]
		if want.kind() == got.kind() && want.like(got) {
			continue
		}
		text := fmt.Sprintf("its values are right, but not its gradient by argument %d: for a weighted sum of the results it should be %s, and is ", want.Argument, want)
		if got.largest() == 0 {
			return text + "0 everywhere"
		}
		return text + got.String()
	}
	return ""
}

// kind returns the type and the shape, as in "float32[2 3]".
func (t Tensor) kind() string {
	if len(t.Shape) == 0 {
		return t.Type
	}
	return t.Type + fmt.Sprint(t.Shape)
}

// String returns the beginning of the values, in one bracket for every axis.
func (t Tensor) String() string { return shortened(json.RawMessage(nested(t.Shape, t.Values))) }

// nested writes values row by row, as in "[[1 2] [3 4]]".
func nested(shape []int, values []float64) string {
	if len(shape) == 0 {
		return fmt.Sprintf("%.6g", values[0])
	}
	rows := make([]string, shape[0])
	for i := range rows {
		size := len(values) / shape[0]
		rows[i] = nested(shape[1:], values[i*size:(i+1)*size])
	}
	return "[" + strings.Join(rows, " ") + "]"
}

// steps are the distances from 1 to the next number of a type. Other types are
// exact.
var steps = map[string]float64{"float64": 0x1p-52, "float32": 0x1p-23, "bfloat16": 0x1p-7, "float16": 0x1p-10}

// like reports whether the values of a tensor of the same kind differ by rounding
// alone: half of a number's digits must agree, measured by the largest value. A few
// steps beside 1 are allowed where values cancel.
func (t Tensor) like(other Tensor) bool {
	const cancelled = 16
	step := steps[t.Type]
	most := math.Sqrt(step)*t.largest() + cancelled*step
	for i, value := range t.Values {
		if !(math.Abs(value-other.Values[i]) <= most) {
			return false
		}
	}
	return true
}

func (t Tensor) largest() float64 {
	largest := 0.0
	for _, value := range t.Values {
		largest = max(largest, math.Abs(value))
	}
	return largest
}

// ShapeOf returns the lengths of nested lists, as encoding/json reads them; that of a
// number is empty.
func ShapeOf(content any) []int {
	list, isList := content.([]any)
	switch {
	case !isList:
		return nil
	case len(list) == 0:
		return []int{0}
	}
	return append([]int{len(list)}, ShapeOf(list[0])...)
}
