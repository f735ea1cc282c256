package byhand

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/report"
)

// byPerson are the answers of a person who rounds as the sheet does.
func byPerson(t *testing.T, worked report.Derivation) map[string]float64 {
	answers := map[string]float64{}
	for name, v := range Results(worked) {
		rounded, err := strconv.ParseFloat(report.Decimal(v), 64)
		require.NoError(t, err)
		answers[name] = rounded
	}
	for _, given := range worked.Steps[0].Lines {
		delete(answers, given.Name)
	}
	return answers
}

func TestRoundedAnswersAreRight(t *testing.T) {
	for name, problem := range worked(12) {
		answers := byPerson(t, problem)
		require.Len(t, answers, len(Names(problem)), name)
		checked, err := Check(problem, answers)
		require.NoError(t, err)
		require.Empty(t, checked.Steps, name)
		require.Contains(t, checked.Title, " answers are right")
	}
}

func TestFirstWrongAnswerIsNamedWithoutItsNumber(t *testing.T) {
	problem := Default().NetProblem().Work()
	answers := byPerson(t, problem)
	answers["dL/dw11"] *= -1 // later
	answers["a1"] += 0.05
	checked, err := Check(problem, answers)
	require.NoError(t, err)
	require.Len(t, checked.Steps, 1)
	require.Equal(t, "Look again at a1", checked.Steps[0].Title)
	require.Equal(t, []report.DerivationLine{{Name: "a1", Symbol: "a_1", Formula: `\sigma(z_1)`}}, checked.Steps[0].Lines)
	require.NoError(t, report.Figures{Derivations: []report.Derivation{checked}}.Validate())
}

// Any single slip is found, in every number.
func TestEverySlipIsSeen(t *testing.T) {
	for name, problem := range worked(12) {
		for _, slipped := range Names(problem) {
			for _, slip := range []float64{0.05, math.NaN()} {
				answers := byPerson(t, problem)
				answers[slipped] += slip * (1 + math.Abs(answers[slipped]))
				checked, err := Check(problem, answers)
				require.NoError(t, err)
				require.Len(t, checked.Steps, 1, "%s: %s", name, slipped)
				require.Equal(t, "Look again at "+slipped, checked.Steps[0].Title)
			}
		}
	}
}

func TestFewAnswersAreEnough(t *testing.T) {
	problem := Default().NetProblem().Work()
	checked, err := Check(problem, map[string]float64{"z1": Results(problem)["z1"]})
	require.NoError(t, err)
	require.Equal(t, "1 of 1 answers are right", checked.Title)
	_, err = Check(problem, map[string]float64{"z9": 1, "x1": 2})
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, `there is no number "x1" to work out: the names are [z1 z2 a1`)
}

func TestBlankTellsNoResult(t *testing.T) {
	for name, problem := range worked(3) {
		blank := Blank(problem)
		require.NoError(t, report.Figures{Derivations: []report.Derivation{problem, blank}}.Validate(), name)
		require.Equal(t, problem.Steps[0], blank.Steps[0], "what is given stays")
		for _, step := range blank.Steps[1:] {
			for _, line := range step.Lines {
				require.Empty(t, line.Filled)
				require.Empty(t, line.Values)
				require.NotEmpty(t, line.Formula)
			}
		}
		require.NotEmpty(t, problem.Steps[1].Lines[0].Filled, "the solution is left alone")
	}
}

func TestNumbersThatAreNoneAreWrong(t *testing.T) {
	for _, answer := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		checked, err := Check(Default().NetProblem().Work(), map[string]float64{"a1": answer})
		require.NoError(t, err)
		require.Equal(t, "Look again at a1", checked.Steps[0].Title)
	}
}
