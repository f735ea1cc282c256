package report

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Derivation is a calculation as a person writes it on paper: every line has
// its formula, the formula with the numbers put in, and the value.
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

// DerivationLine is one line of a [Derivation]. The formulas are LaTeX as it stands
// between dollar signs.
type DerivationLine struct {
	// Name finds the line, as in "dL/dw11"; unique in its derivation. It is
	// empty for a line without a value of its own, as in a general rule.
	Name   string `json:"name,omitempty"`
	Symbol string `json:"symbol"` // what is calculated: LaTeX, as in "z_1"
	// Formula is in symbols, and Filled the same with numbers; both are empty
	// for a number that is given.
	Formula string `json:"formula,omitempty"`
	Filled  string `json:"filled,omitempty"`
	// Values are the result: one row of one for a number, the rows of a matrix,
	// or empty where it is not told.
	Values [][]float64 `json:"values,omitempty"`
}

// Number is the line's value; false where it has none, or a matrix.
func (l DerivationLine) Number() (float64, bool) {
	if len(l.Values) == 1 && len(l.Values[0]) == 1 {
		return l.Values[0][0], true
	}
	return 0, false
}

// Lines are all lines of the derivation, in order.
func (d Derivation) Lines() []DerivationLine {
	var all []DerivationLine
	for _, step := range d.Steps {
		all = append(all, step.Lines...)
	}
	return all
}

// Only is the part with the steps of these titles, without the title of the
// whole.
func (d Derivation) Only(steps ...string) Derivation {
	part := Derivation{ID: d.ID}
	for _, step := range d.Steps {
		if slices.Contains(steps, step.Title) {
			part.Steps = append(part.Steps, step)
		}
	}
	return part
}

// The precision of a derivation on paper.
const (
	decimals    = 4 // at least so many decimals
	significant = 3 // … and so many significant digits
)

// Decimal writes a number as a person does: rounded to four decimals, or to
// three significant digits where that is more, and without trailing zeros.
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

// IsRounded reports whether [Decimal] leaves out some of the number, more than
// float64 may have added by itself.
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
