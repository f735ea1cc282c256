package report_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/kit/report"
)

func numberLine(name string, v float64) report.DerivationLine {
	return report.DerivationLine{Name: name, Symbol: name, Formula: "a", Filled: "1", Values: [][]float64{{v}}}
}

func derived(lines ...report.DerivationLine) report.Figures {
	return report.Figures{Derivations: []report.Derivation{{ID: "d", Title: "D", Steps: []report.DerivationStep{{Title: "S", Lines: lines}}}}}
}

func TestDecimalIsWhatAPersonWrites(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 1: "1", -0.3: "-0.3", 0.1 + 0.2: "0.3", 0.59868766: "0.5987", -1.00004: "-1", 12.34567: "12.3457",
		0.00123456: "0.00123", -0.000123456: "-0.000123", 0.0123456: "0.0123", math.Copysign(0, -1): "0",
	} {
		assert.Equal(t, want, report.Decimal(v), v)
	}
	assert.False(t, report.IsRounded(0.1+0.2), "0.30000000000000004 is 0.3")
	assert.True(t, report.IsRounded(0.59868766))
	assert.False(t, report.IsRounded(-2))
}

func TestDerivationSurvivesJSON(t *testing.T) {
	found := derived(numberLine("z", 0.25), report.DerivationLine{Name: "X", Symbol: "X", Values: [][]float64{{1, 2}, {3, 4}}}, report.DerivationLine{Symbol: "R", Formula: `\max(0, S)`})
	require.NoError(t, found.Validate())
	encoded, err := json.Marshal(found)
	require.NoError(t, err)
	var decoded report.Figures
	require.NoError(t, json.Unmarshal(encoded, &decoded))
	assert.Equal(t, found.Derivations, decoded.Derivations)
	value, ok := decoded.Derivations[0].Lines()[0].Number()
	assert.True(t, ok)
	assert.Equal(t, 0.25, value)
	_, ok = decoded.Derivations[0].Lines()[1].Number()
	assert.False(t, ok, "a matrix is no number")
}

func TestValidateNamesTheLine(t *testing.T) {
	for want, found := range map[string]report.Figures{
		`two lines have the name "z"`:            derived(numberLine("z", 1), numberLine("z", 2)),
		`line "z": it holds NaN`:                 derived(numberLine("z", math.NaN())),
		`line "z": it has no symbol`:             derived(report.DerivationLine{Name: "z", Values: [][]float64{{1}}}),
		`line "": it has a value and no name`:    derived(report.DerivationLine{Symbol: "z", Values: [][]float64{{1}}}),
		`line "z": numbers are put into no form`: derived(report.DerivationLine{Name: "z", Symbol: "z", Filled: "1"}),
		`line "X": its rows are not of one`:      derived(report.DerivationLine{Name: "X", Symbol: "X", Values: [][]float64{{1, 2}, {3}}}),
		`derivation id "d" is empty or used`:     {Derivations: append(derived().Derivations, derived().Derivations...)},
	} {
		assert.ErrorContains(t, found.Validate(), want)
	}
}

func TestPartOfADerivation(t *testing.T) {
	whole := report.Derivation{ID: "d", Title: "D", Steps: []report.DerivationStep{{Title: "A"}, {Title: "B"}, {Title: "C"}}}
	assert.Equal(t, report.Derivation{ID: "d", Steps: []report.DerivationStep{{Title: "A"}, {Title: "C"}}}, whole.Only("C", "A"))
	assert.Len(t, whole.Steps, 3)
}
