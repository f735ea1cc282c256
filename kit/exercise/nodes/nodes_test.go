package nodes

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"evident/kit/exercise"
)

// line is the right function of the question: x·w + b for a batch of two points.
func line(x, w, b *Node) *Node { return Add(Dot(x, w).Product(), b) }

// question returns a question about line, with the same arguments in every call:
// x = [[1 2] [3 4]], w = [0.5 -1], b = 10.
func question() exercise.Question {
	return exercise.Question{ID: "toy.line", Points: 1, Form: exercise.Form{Kind: exercise.Code}, Function: &exercise.Function{
		Name: "line", Reference: Reference(line),
		Wrong: []exercise.Slip{
			{Function: Reference(func(x, w, b *Node) *Node { return Dot(x, w).Product() }), Hint: "the bias is missing"},
			{Function: Reference(func(x, w, b *Node) *Node { return Add(Dot(x, StopGradient(w)).Product(), b) }), Hint: "no gradient reaches the weights"},
		},
		Inputs: func(*rand.Rand) []any {
			return []any{[][]float32{{1, 2}, {3, 4}}, []float32{0.5, -1}, float32(10)}
		},
	}}
}

func TestFunctionsOnNodesAreJudgedByValuesAndGradients(t *testing.T) {
	set := exercise.Set{Lesson: "toy", Code: "c0de", Questions: []exercise.Question{question()}}
	sheet, err := set.Seal()
	require.NoError(t, err)
	encoded, err := sheet.Encode()
	require.NoError(t, err)
	opened, err := exercise.Open(encoded)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		function any
		verdict  exercise.Verdict
		hints    []string
	}{
		"right":          {line, exercise.Right, nil},
		"right, by hand": {func(x, w, b *Node) *Node { return Add(b, ReduceSum(Mul(x, ExpandDims(w, 0)), 1)) }, exercise.Right, nil},
		"known slip":     {func(x, w, b *Node) *Node { return ReduceSum(Mul(x, ExpandDims(w, 0)), 1) }, exercise.Wrong, []string{"The bias is missing."}},
		"slip of the gradient": {func(x, w, b *Node) *Node { return Add(b, Dot(x, StopGradient(w)).Product()) }, exercise.Wrong,
			[]string{"No gradient reaches the weights."}},
		"other value": {func(x, w, b *Node) *Node { return Sub(Dot(x, w).Product(), b) }, exercise.Wrong,
			[]string{"On [[[1,2],[3,4]],[0.5,-1],10] it should return [8.5 7.5], and is [-11.5 -12.5]."}},
		"no gradient": {func(x, w, b *Node) *Node { return Add(Dot(x, w).Product(), StopGradient(b)) }, exercise.Wrong,
			[]string{"its values are right, but not its gradient by argument 3", "and is 0 everywhere."}},
		"other shape": {func(x, w, b *Node) *Node { return ExpandDims(line(x, w, b), 0) }, exercise.Wrong,
			[]string{"it should return float32[2], and is float32[1 2]."}},
		"other type": {func(x, w, b *Node) *Node { return ConvertDType(line(x, w, b), dtypes.Float64) }, exercise.Wrong,
			[]string{"it should return float32[2], and is float64[2]."}},
		"graph panics": {func(x, w, b *Node) *Node { return Add(w, Concatenate([]*Node{w, w, w}, 0)) }, exercise.Failed,
			[]string{"The function panicked on float32[2 2], float32[2], float32: ", "[2]", "[6]"}},
		"reader panics": {func(x, w, b *Node) *Node { panic("one batch\nonly") }, exercise.Failed, []string{"float32: one batch."}},
		"not written":   {func(x, w, b *Node) *Node { panic(exercise.NotYet) }, exercise.Missing, []string{"Write the function."}},
		"nil":           {func(x, w, b *Node) *Node { return nil }, exercise.Wrong, []string{"Result 1 is nil: return a node."}},
		"not finite":    {func(x, w, b *Node) *Node { return Log(Sub(w, w)) }, exercise.Wrong, []string{"Result 1 has numbers that are not finite."}},
		"gradient is not finite": {func(x, w, b *Node) *Node { return Add(line(x, w, b), Sqrt(Sub(w, w))) }, exercise.Wrong,
			[]string{"The gradient by argument 2 has numbers that are not finite."}},
		"another function": {func(x, w *Node) *Node { return w }, exercise.Unreadable,
			[]string{"The type func(*graph.Node, *graph.Node) *graph.Node does not fit: write a function func(*graph.Node, *graph.Node, *graph.Node) *graph.Node."}},
		"plain function": {func(x float64) float64 { return x }, exercise.Unreadable, []string{"func(float64) float64 does not fit"}},
		"no function":    {3, exercise.Unreadable, []string{"The type int does not fit"}},
		"nothing":        {nil, exercise.Unreadable, []string{"does not fit"}},
	} {
		for backend, wrap := range map[string]func(any) any{"chosen backend": Answer, "pure Go": Reference} {
			for kind, judge := range map[string]func(string, any) (exercise.Result, error){"plain": set.Answer, "sealed": opened.Answer} {
				result, err := judge("toy.line", wrap(test.function))
				require.NoError(t, err)
				require.Equal(t, test.verdict, result.Verdict, "%s, %s, %s: %s", name, backend, kind, result.Hint)
				require.NotContains(t, result.Hint, "\n")
				for _, hint := range test.hints {
					require.Contains(t, result.Hint, hint, name)
				}
				if result.Answer != nil {
					again, err := opened.Judge(result)
					require.NoError(t, err)
					require.Equal(t, result, again, name)
				}
			}
		}
	}
}

// The gradients of u₁y₁ + u₂y₂ with the weights u, by hand: x gets u wᵀ, w gets xᵀu,
// and b gets u₁ + u₂.
func TestOutcomeHasValuesAndGradientsByHand(t *testing.T) {
	random := exercise.Random("weights of result", "0")
	u1, u2 := random.Float64()-0.5, random.Float64()-0.5
	for kind, delta := range map[string]float64{"float32": 1e-6, "float64": 1e-12} {
		for _, wrapped := range []any{Answer(line), Reference(line)} {
			outcome, err := wrapped.(exercise.Caller).Call([]string{kind, kind, kind}, json.RawMessage("[[[1,2],[3,4]],[0.5,-1],10]"))
			require.NoError(t, err)
			for i, want := range []struct {
				got    exercise.Tensor
				shape  []int
				values []float64
			}{
				{outcome.Results[0], []int{2}, []float64{8.5, 7.5}},
				{outcome.Gradients[0], []int{2, 2}, []float64{u1 / 2, -u1, u2 / 2, -u2}},
				{outcome.Gradients[1], []int{2}, []float64{u1 + 3*u2, 2*u1 + 4*u2}},
				{outcome.Gradients[2], nil, []float64{u1 + u2}},
			} {
				require.Equal(t, i, want.got.Argument)
				require.Equal(t, kind, want.got.Type)
				require.Equal(t, len(want.shape), len(want.got.Shape))
				require.InDeltaSlice(t, want.values, want.got.Values, delta)
			}
		}
	}
}

// Plain arguments stay plain; whole numbers are int32 and have no gradient.
func TestPlainAndWholeArguments(t *testing.T) {
	pick := func(table, rows *Node, times int, scale []float64) (picked, count *Node) {
		picked = MulScalar(Gather(table, ExpandDims(rows, -1)), float64(times)*scale[1])
		return picked, ReduceAllSum(rows)
	}
	for _, wrapped := range []any{Answer(pick), Reference(pick)} {
		outcome, err := wrapped.(exercise.Caller).Call([]string{"float32", "int", "int", "float64"}, json.RawMessage("[[[1],[2],[3]],[2,0],5,[0,2]]"))
		require.NoError(t, err)
		require.Equal(t, exercise.Tensor{Type: "float32", Shape: []int{2, 1}, Values: []float64{30, 10}}, outcome.Results[0])
		require.Equal(t, "int32", outcome.Results[1].Type)
		require.Equal(t, []float64{2}, outcome.Results[1].Values)
		require.Len(t, outcome.Gradients, 1)
		require.Equal(t, 1, outcome.Gradients[0].Argument)
		require.Zero(t, outcome.Gradients[0].Values[1], "row 1 is not picked")
		require.NotZero(t, outcome.Gradients[0].Values[2])
	}
}

func TestPlainAnswersStayAsTheyAre(t *testing.T) {
	require.Equal(t, 352, Answer(352))
	require.Nil(t, Answer(nil))
	require.IsType(t, func() any { return nil }, Answer(func() any { return nil }))
	set := exercise.Set{Questions: []exercise.Question{{ID: "toy.count", Form: exercise.Form{Kind: exercise.Count}, Right: 7}}}
	result, err := set.Answer("toy.count", Answer(line))
	require.NoError(t, err)
	require.Equal(t, exercise.Unreadable, result.Verdict)
	require.Contains(t, result.Hint, "of the type func(*graph.Node, *graph.Node, *graph.Node) *graph.Node")
}
