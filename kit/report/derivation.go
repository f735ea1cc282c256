package report

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Derivation is a calculation as a person writes it on paper. Every line shows a
// formula, the formula with numbers filled in, and the value.
type Derivation struct {
	ID    string           `json:"id"`
	Title string           `json:"title"`
	Steps []DerivationStep `json:"steps"`
}

// DerivationStep is a group of lines under a title, as in "Forward".
type DerivationStep struct {
	Title string           `json:"title"`
	Note  string           `json:"note,omitempty"` // a sentence before the lines, plain text
	Lines []DerivationLine `json:"lines"`
}

// DerivationLine is one line of a [Derivation]. Its formulas are LaTeX without the
// dollar signs.
type DerivationLine struct {
	// Name identifies the line within its derivation, as in "dL/dw11". It is empty
	// if the line has no value of its own, as for a general rule.
	Name   string `json:"name,omitempty"`
	Symbol string `json:"symbol"` // what is calculated: LaTeX, as in "z_1"
	// Formula uses symbols, and Filled replaces them with numbers. Both are empty
	// for a given number.
	Formula string `json:"formula,omitempty"`
	Filled  string `json:"filled,omitempty"`
	// Values are the result: one row with one value for a number, several rows for
	// a matrix, or empty if the result is not shown.
	Values [][]float64 `json:"values,omitempty"`
}

// Number returns the line's value, or false if it has none or is a matrix.
func (l DerivationLine) Number() (float64, bool) {
	if len(l.Values) == 1 && len(l.Values[0]) == 1 {
		return l.Values[0][0], true
	}
	return 0, false
}

// Lines returns all lines of the derivation, in order.
func (d Derivation) Lines() []DerivationLine {
	var all []DerivationLine
	for _, step := range d.Steps {
		all = append(all, step.Lines...)
	}
	return all
}

// Only returns the steps with these titles, without the title of the whole
// derivation.
func (d Derivation) Only(steps ...string) Derivation {
	part := Derivation{ID: d.ID}
	for _, step := range d.Steps {
		if slices.Contains(steps, step.Title) {
			part.Steps = append(part.Steps, step)
		}
	}
	return part
}

// The precision of a derivation on paper: Decimal shows the larger of the two.
const (
	decimals    = 4 // minimum number of decimals
	significant = 3 // minimum number of significant digits
)

// Decimal rounds a number to four decimals, or to three significant digits if that
// is more precise, and drops trailing zeros.
func Decimal(v float64) string {
	digits := decimals
	if size := math.Abs(v); size > 0 && size < 1 {
		digits = max(digits, significant-1-int(math.Floor(math.Log10(size))))
	}
	text := strconv.FormatFloat(v, 'f', digits, 64)
	text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	if text == "-0" {
		return "0"
	}
	return text
}

// Matrix writes numbers as [Decimal] does, with the given texts between the cells of
// a row and between the rows.
func Matrix(values [][]float64, cells, rows string) string {
	lines := make([]string, len(values))
	for i, row := range values {
		shown := make([]string, len(row))
		for j, v := range row {
			shown[j] = Decimal(v)
		}
		lines[i] = strings.Join(shown, cells)
	}
	return strings.Join(lines, rows)
}

// IsRounded reports whether [Decimal] changes the number by more than the rounding
// error of float64.
func IsRounded(v float64) bool {
	shown, err := strconv.ParseFloat(Decimal(v), 64)
	return err != nil || math.Abs(shown-v) > 1e-12*max(1, math.Abs(v))
}

func (d Derivation) validate() error {
	names := map[string]bool{}
	for _, line := range d.Lines() {
		if err := line.validate(); err != nil {
			return fmt.Errorf("derivation %q: line %q: %w", d.ID, line.Name, err)
		}
		if line.Name != "" && names[line.Name] {
			return fmt.Errorf("derivation %q: two lines have the name %q", d.ID, line.Name)
		}
		names[line.Name] = true
	}
	return nil
}

func (l DerivationLine) validate() error {
	switch {
	case l.Symbol == "":
		return errors.New("it has no symbol")
	case l.Name == "" && len(l.Values) > 0:
		return errors.New("it has a value and no name")
	case l.Formula == "" && l.Filled != "":
		return errors.New("numbers are put into no formula")
	}
	for _, row := range l.Values {
		if len(row) == 0 || len(row) != len(l.Values[0]) {
			return errors.New("its rows are not of one length")
		}
		for _, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("it holds %v", v)
			}
		}
	}
	return nil
}

// Diagram shows boxes and the arrows between them, as in the layers of a net.
// An arrow leads from a box to a later one in the list.
type Diagram struct {
	ID     string  `json:"id"`
	Title  string  `json:"title"`
	Alt    string  `json:"alt"` // text for readers who cannot see the diagram
	Boxes  []Box   `json:"boxes"`
	Arrows []Arrow `json:"arrows"`
}

// Box is one part of a [Diagram].
type Box struct {
	Label  string `json:"label"`
	Detail string `json:"detail,omitempty"` // a second line, in small type
	Strong bool   `json:"strong,omitempty"` // emphasised, as for a layer with weights
}

// Arrow leads from one box to another. Boxes are counted from 0.
type Arrow struct {
	From int `json:"from"`
	To   int `json:"to"`
}

func (d Diagram) validate() error {
	if len(d.Boxes) == 0 {
		return fmt.Errorf("diagram %q has no boxes", d.ID)
	}
	for _, arrow := range d.Arrows {
		if arrow.From < 0 || arrow.From >= arrow.To || arrow.To >= len(d.Boxes) {
			return fmt.Errorf("diagram %q: an arrow goes from box %d to box %d of %d", d.ID, arrow.From, arrow.To, len(d.Boxes))
		}
	}
	return nil
}
