package exercise

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
)

// set returns a set with a question of every kind.
func set() Set {
	add := func(a, b []float64) ([]float64, float64) {
		c, total := make([]float64, len(a)), 0.0
		for i := range a {
			c[i] = a[i] + b[i]
			total += c[i]
		}
		return c, total
	}
	return Set{Lesson: "toy", Code: "c0de", Questions: []Question{
		{ID: "toy.count", Points: 1, Form: Form{Kind: Count, Unit: "weights"}, Right: 352, Mistakes: []Mistake{{336, "the biases are missing"}}},
		{ID: "toy.number", Points: 1, Form: Form{Kind: Number, Step: 0.01}, Right: 0.5, Mistakes: []Mistake{{-0.5, "the sign is wrong"}}},
		{ID: "toy.shape", Points: 1, Form: Form{Kind: Shape}, Right: []int{4, 4, 8}, Mistakes: []Mistake{{[]int{8, 4, 4}, "the channels come last"}}},
		{ID: "toy.choice", Points: 1, Form: Form{Kind: Choice, Options: []string{"rises", "falls"}}, Right: "rises"},
		{ID: "toy.code", Points: 3, Form: Form{Kind: Code}, Function: &Function{
			Name: "add", Reference: add,
			Wrong: []Slip{{func(a, b []float64) ([]float64, float64) { return a, 0 }, "b is forgotten"}},
			Inputs: func(random *rand.Rand) []any {
				return []any{[]float64{random.Float64(), 1}, []float64{2, 3 + random.Float64()}}
			},
		}},
	}}
}

func sealed(t *testing.T) Sheet {
	t.Helper()
	sheet, err := set().Seal()
	require.NoError(t, err)
	encoded, err := sheet.Encode()
	require.NoError(t, err)
	opened, err := Open(encoded)
	require.NoError(t, err)
	require.Equal(t, sheet.Code, opened.Code)
	return opened
}

func TestAnswersAreJudged(t *testing.T) {
	tests := []struct {
		id      string
		answer  any
		verdict Verdict
		hint    string
	}{
		{"toy.count", 352, Right, ""},
		{"toy.count", 352.0, Right, ""},
		{"toy.count", int64(352), Right, ""},
		{"toy.count", func() any { return 352 }, Right, ""},
		{"toy.count", 336, Wrong, "The biases are missing."},
		{"toy.count", 353, Wrong, ""},
		{"toy.count", 352.5, Unreadable, "The answer 352.5 cannot be read: write a whole number (weights)."},
		{"toy.count", "352", Unreadable, `The answer "352" cannot be read: write a whole number (weights).`},
		{"toy.count", nil, Missing, "Write your answer: a whole number (weights)."},
		{"toy.count", func() any { panic(NotYet) }, Missing, "Write your answer: a whole number (weights)."},
		{"toy.count", func() any { panic("oh") }, Unreadable, "The answer panicked: oh."},
		{"toy.number", 0.5, Right, ""},
		{"toy.number", 0.509, Right, ""},
		{"toy.number", 0.491, Right, ""},
		{"toy.number", 0.54, Wrong, ""},
		{"toy.number", -0.5, Wrong, "The sign is wrong."},
		{"toy.number", math.NaN(), Unreadable, ""},
		{"toy.shape", []int{4, 4, 8}, Right, ""},
		{"toy.shape", []float64{4, 4, 8}, Right, ""},
		{"toy.shape", []int{8, 4, 4}, Wrong, "The channels come last."},
		{"toy.shape", []int{4, 4}, Wrong, ""},
		{"toy.shape", 128, Unreadable, "The answer 128 cannot be read: write whole numbers in order, as in []int{4, 4, 8}."},
		{"toy.choice", "Rises ", Right, ""},
		{"toy.choice", "falls", Wrong, ""},
		{"toy.choice", "up", Unreadable, `The answer "up" cannot be read: write one of "rises", "falls".`},
	}
	for name, judge := range map[string]func(string, any) (Result, error){"sealed": sealed(t).Answer, "in plain": set().Answer} {
		for _, test := range tests {
			result, err := judge(test.id, test.answer)
			require.NoError(t, err)
			require.Equal(t, test.verdict, result.Verdict, "%s, %s: %v: %s", name, test.id, test.answer, result.Hint)
			if test.hint != "" || test.verdict == Right {
				require.Equal(t, test.hint, result.Hint, name)
			}
		}
	}
}

// A sealed number is found by its place on a grid. An unsealed one must lie
// within one step.
func TestNumbersInPlainLieWithinOneStep(t *testing.T) {
	for answer, want := range map[float64]Verdict{0.51: Right, 0.49: Right, 0.5101: Wrong, 0.4899: Wrong} {
		result, err := set().Answer("toy.number", answer)
		require.NoError(t, err)
		require.Equal(t, want, result.Verdict, answer)
	}
}

func TestSeveralAnswersAreJudgedAtOnce(t *testing.T) {
	questions := set().Questions
	questions[3].Hint = "look at the sign"
	for name, test := range map[string]struct {
		answers map[string]any
		verdict Verdict
		hint    string
	}{
		"all right":        {map[string]any{"toy.count": 352, "toy.choice": "rises"}, Right, "2 of 2 are right."},
		"a usual mistake":  {map[string]any{"toy.choice": "rises", "toy.count": 336}, Wrong, "1 of 2 are right. Look again at toy.count. The biases are missing."},
		"another mistake":  {map[string]any{"toy.choice": "falls", "toy.count": 352}, Wrong, "1 of 2 are right. Look again at toy.choice. Look at the sign."},
		"no hint":          {map[string]any{"toy.number": 7}, Wrong, "0 of 1 are right. Look again at toy.number."},
		"the first alone":  {map[string]any{"toy.choice": "falls", "toy.number": 7, "toy.count": 336}, Wrong, "0 of 3 are right. Look again at toy.count. The biases are missing."},
		"unreadable":       {map[string]any{"toy.count": "x", "toy.choice": "falls"}, Unreadable, `0 of 2 are right. Look again at toy.count. The answer "x" cannot be read: write a whole number (weights).`},
		"a function":       {map[string]any{"toy.code": questions[4].Function.Wrong[0].Function}, Wrong, "0 of 1 are right. Look again at toy.code. B is forgotten."},
		"nothing answered": {nil, Missing, "Write your answers."},
	} {
		result, err := Several("toy", questions, test.answers)
		require.NoError(t, err, name)
		require.Equal(t, Result{Question: "toy", Verdict: test.verdict, Hint: test.hint}, result, name)
	}
	_, err := Several("toy", questions, map[string]int{"toy.count": 352, "toy.nothing": 1})
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, `there is no question "toy.nothing" here: the questions are toy.count, toy.number`)
}

func TestUnknownQuestionIsNamed(t *testing.T) {
	for _, judge := range []func(string, any) (Result, error){sealed(t).Answer, set().Answer} {
		_, err := judge("toy.nothing", 1)
		require.ErrorIs(t, err, badinput.Err)
		require.ErrorContains(t, err, "toy.count, toy.number")
	}
}

func TestFunctionsAreTried(t *testing.T) {
	sheet := sealed(t)
	add := set().Questions[4].Function
	for name, test := range map[string]struct {
		function any
		verdict  Verdict
		hint     string
	}{
		"right":        {add.Reference, Right, ""},
		"known slip":   {add.Wrong[0].Function, Wrong, "B is forgotten."},
		"other slip":   {func(a, b []float64) ([]float64, float64) { return b, 1 }, Wrong, "it should return"},
		"panics":       {func(a, b []float64) ([]float64, float64) { return a[9:], 0 }, Failed, "panicked"},
		"not written":  {func(a, b []float64) ([]float64, float64) { panic(NotYet) }, Missing, "Write the function."},
		"not a number": {func(a, b []float64) ([]float64, float64) { return a, math.Inf(1) }, Wrong, "finite"},
		"another type": {func(a int) int { return a }, Unreadable, "func([]float64, []float64) ([]float64, float64)"},
		"no function":  {3, Unreadable, "The type int does not fit"},
	} {
		result, err := sheet.Answer("toy.code", test.function)
		require.NoError(t, err)
		require.Equal(t, test.verdict, result.Verdict, "%s: %s", name, result.Hint)
		require.Contains(t, result.Hint, test.hint, name)
		plain, err := set().Answer("toy.code", test.function)
		require.NoError(t, err)
		require.Equal(t, result, plain, name)
	}
}

// The verdict that an answer claims for itself does not count.
func TestGivenAnswersAreJudgedAnew(t *testing.T) {
	sheet := sealed(t)
	forged, err := sheet.Judge(Result{Question: "toy.count", Verdict: Right, Answer: json.RawMessage("1")})
	require.NoError(t, err)
	require.Equal(t, Wrong, forged.Verdict)
	for answer, want := range map[string]Verdict{"": Missing, "352": Right, "[352]": Unreadable, "{": Unreadable} {
		judged, err := sheet.Judge(Result{Question: "toy.count", Answer: json.RawMessage(answer)})
		require.NoError(t, err)
		require.Equal(t, want, judged.Verdict, answer)
	}
	outputs, err := sheet.Judge(Result{Question: "toy.code", Answer: json.RawMessage("[1]")})
	require.NoError(t, err)
	require.Equal(t, Unreadable, outputs.Verdict)
}

func TestUnseenInputsAreCalledAndNotJudged(t *testing.T) {
	sheet, q := sealed(t), set().Questions[4]
	cases, err := q.Cases(3, Random("unseen"))
	require.NoError(t, err)
	var inputs []json.RawMessage
	for _, c := range cases {
		inputs = append(inputs, c.Inputs)
	}
	encoded, err := json.Marshal(inputs)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		function any
		want     bool
	}{"right": {q.Function.Reference, true}, "wrong": {q.Function.Wrong[0].Function, false}} {
		result, err := sheet.Unseen("toy.code", test.function, string(encoded))
		require.NoError(t, err)
		require.Equal(t, Unjudged, result.Verdict)
		require.Equal(t, test.want, Agree(cases, result.Unseen), name)
	}
	_, err = sheet.Unseen("toy.code", q.Function.Reference, "{")
	require.ErrorIs(t, err, badinput.Err)
}

// A sheet contains neither an answer nor a common mistake.
func TestSheetHoldsNoAnswer(t *testing.T) {
	sheet := sealed(t)
	content, err := json.Marshal(sheet.Items[:4])
	require.NoError(t, err)
	for _, text := range []string{"352", "336", "0.5", "8,4"} {
		require.NotContains(t, string(content), text)
	}
}

func TestSealsDifferBetweenSheetsAndQuestions(t *testing.T) {
	seals := map[string]bool{}
	for _, code := range []string{"a", "b"} {
		for _, id := range []string{"q1", "q2"} {
			seal, err := Sheet{Code: code, Rounds: 10}.seal(id, "7")
			require.NoError(t, err)
			seals[seal] = true
		}
	}
	require.Len(t, seals, 4)
}

func TestDamagedSheets(t *testing.T) {
	encoded, err := sealed(t).Encode()
	require.NoError(t, err)
	unsound, err := Sheet{Rounds: mostRounds + 1}.Encode()
	require.NoError(t, err)
	for _, damaged := range []string{unsound, "", "x", encoded[:40], "!" + encoded, encoded[:len(encoded)/2]} {
		_, err := Open(damaged)
		require.ErrorIs(t, err, badinput.Err, damaged)
		require.ErrorContains(t, err, "damaged")
	}
}

// An untrusted notebook must not keep the checking process busy for hours.
func TestSheetThatAsksForTooMuchHashingIsDamaged(t *testing.T) {
	for rounds, items := range map[int]int{1_000_001: 1, 30_000: 40, 1_000_000: 2, 0: 1, -1: 1} {
		s := Sheet{Rounds: rounds, Items: make([]Item, items)}
		encoded, err := s.Encode()
		require.NoError(t, err)
		_, err = Open(encoded)
		require.ErrorIs(t, err, badinput.Err)
		require.ErrorContains(t, err, fmt.Sprintf("%d rounds", rounds))
	}
}

func TestHintThatBeginsWithALetterOfSeveralBytesIsWhole(t *testing.T) {
	sheet := Sheet{Rounds: 1, Items: []Item{{ID: "q", Form: Form{Kind: Code}, Cases: []Case{
		{Inputs: []byte("[1]"), Output: []byte("1"), Slips: []CaseSlip{{Output: []byte("2"), Hint: "ångström"}}},
	}}}}
	judged, err := sheet.Judge(Result{Question: "q", Answer: []byte("[2]")})
	require.NoError(t, err)
	require.Equal(t, "Ångström.", judged.Hint)
}

func TestLongTextsAreCutBehindAWholeLetter(t *testing.T) {
	long := strings.Repeat("é", 200)
	require.Equal(t, long, shortened(json.RawMessage(long)))
	require.Equal(t, long+"…", shortened(json.RawMessage(long+"é")))
}
