package byhand

import (
	"fmt"
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/exercise"
	"evident/kit/nn"
	"evident/kit/report"
)

// byPerson are the answers of a person who rounds as the sheet does.
func byPerson(t *testing.T, worked report.Derivation) map[string]float64 {
	answers := map[string]float64{}
	for _, q := range questions(worked) {
		rounded, err := strconv.ParseFloat(report.Decimal(q.Right.(float64)), 64)
		require.NoError(t, err)
		answers[q.ID] = rounded
	}
	return answers
}

// givenNumbers counts the numbers of the problem itself.
func givenNumbers(worked report.Derivation) int {
	return len(Results(report.Derivation{Steps: worked.Steps[:1]}))
}

func TestRoundedAnswersAreRight(t *testing.T) {
	for name, problem := range worked(12) {
		answers := byPerson(t, problem)
		require.Len(t, answers, len(Results(problem))-givenNumbers(problem), name)
		checked, err := Check(problem, answers)
		require.NoError(t, err)
		require.Equal(t, exercise.Right, checked.Verdict, "%s: %s", name, checked.Hint)
	}
}

func TestFirstWrongAnswerIsNamedWithoutItsNumber(t *testing.T) {
	problem := Default().Net.Problem().Work()
	answers := byPerson(t, problem)
	answers["dL/dw11"] *= -1 // later
	answers["a1"] += 0.05
	checked, err := Check(problem, answers)
	require.NoError(t, err)
	require.Equal(t, exercise.Wrong, checked.Verdict)
	require.Equal(t, fmt.Sprintf(`%d of %d are right. Look again at a1. It is $a_1 = \sigma(z_1)$; what follows from it may be wrong for that reason alone.`, len(answers)-2, len(answers)), checked.Hint)
}

// Any single slip is found, in every number.
func TestEverySlipIsSeen(t *testing.T) {
	for name, problem := range worked(12) {
		for _, q := range questions(problem) {
			answers := byPerson(t, problem)
			answers[q.ID] += 0.05 * (1 + math.Abs(answers[q.ID]))
			checked, err := Check(problem, answers)
			require.NoError(t, err)
			require.Equal(t, exercise.Wrong, checked.Verdict, "%s: %s", name, q.ID)
			require.Contains(t, checked.Hint, "Look again at "+q.ID+".")
		}
	}
}

func TestFewAnswersAreEnough(t *testing.T) {
	problem := Default().Net.Problem().Work()
	checked, err := Check(problem, map[string]float64{"z1": Results(problem)["z1"]})
	require.NoError(t, err)
	require.Equal(t, "1 of 1 are right.", checked.Hint)
	checked, err = Check(problem, nil)
	require.NoError(t, err)
	require.Equal(t, exercise.Missing, checked.Verdict)
	_, err = Check(problem, map[string]float64{"z9": 1, "x1": 2})
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, `there is no question "x1" here: the questions are z1, z2, a1`)
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

func TestNumbersThatAreNoneCannotBeRead(t *testing.T) {
	for _, answer := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		checked, err := Check(Default().Net.Problem().Work(), map[string]float64{"a1": answer})
		require.NoError(t, err)
		require.Equal(t, exercise.Unreadable, checked.Verdict)
		require.Contains(t, checked.Hint, "Look again at a1. The answer")
	}
}

func TestGraphHoldsValuesAndGradients(t *testing.T) {
	net := Net{X: [2]float64{1, 0.5}, W: [2][2]float64{{1, -2}, {0.5, 1}}, B: [2]float64{0, -1}, V: [2]float64{2, 1}, C: -1.5, Y: 1, Activation: SigmoidUnits, LearningRate: 0.5}
	drawn := net.Graph() // z = (0, 0), a = (½, ½), z₃ = 0, ŷ = ½: ∂L/∂z₃ = −½·¼, ∂L/∂z = −⅛·v·¼
	boxes := map[string]string{}
	for _, box := range drawn.Boxes {
		boxes[box.Label] = box.Detail
	}
	require.Equal(t, map[string]string{
		"w₁₁ = 1, w₁₂ = -2, b₁ = 0": "gradient -0.0625, -0.0312, -0.0625", "x₁ = 1, x₂ = 0.5": "", "w₂₁ = 0.5, w₂₂ = 1, b₂ = -1": "gradient -0.0312, -0.0156, -0.0312",
		"v₁ = 2, v₂ = 1, c = -1.5": "gradient -0.0625, -0.0625, -0.125",
		"z₁ = 0":                   "gradient -0.0625", "z₂ = 0": "gradient -0.0312", "a₁ = 0.5": "gradient -0.25", "a₂ = 0.5": "gradient -0.125",
		"z₃ = 0": "gradient -0.125", "ŷ = 0.5": "gradient -0.5", "y = 1, L = 0.125": "",
	}, boxes)
	require.NoError(t, report.Validate(drawn, DrawImage(1, nn.Valid, 0.1).Graph()))
	require.NoError(t, report.Validate(DrawImage(1, nn.Same, 0.1).Graph()))
}
