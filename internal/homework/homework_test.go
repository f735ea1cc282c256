package homework

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/exercise"
)

// seeds is how many draws of every question are looked at.
const seeds = 1000

// drawnBefore are the draws of every question, which several tests look at.
var drawnBefore = map[string][]exercise.Question{}

// drawnOften are a question's draws from many seeds.
func drawnOften(c course, t template) []exercise.Question {
	if questions, found := drawnBefore[c.lesson+t.name]; found {
		return questions
	}
	questions := make([]exercise.Question, seeds)
	for seed := range questions {
		questions[seed] = t.sound(Draw{random: exercise.Random(fmt.Sprint(seed), c.lesson, t.name)})
	}
	drawnBefore[c.lesson+t.name] = questions
	return questions
}

// forEach runs a test on every question of every lesson.
func forEach(t *testing.T, test func(t *testing.T, c course, q template)) {
	for _, c := range courses() {
		for _, q := range c.templates {
			t.Run(c.lesson+"."+q.name, func(t *testing.T) { test(t, c, q) })
		}
	}
}

func computed(q exercise.Question) bool {
	return q.Form.Kind == exercise.Count || q.Form.Kind == exercise.Number || q.Form.Kind == exercise.Shape
}

// No draw is degenerate: the answer can be written, and no usual mistake can be
// taken for it or for another one.
func TestAnswersAndMistakesCanBeToldApart(t *testing.T) {
	forEach(t, func(t *testing.T, c course, template template) {
		for seed, q := range drawnOften(c, template) {
			require.NotEmpty(t, q.Text)
			require.Positive(t, q.Points)
			if q.Form.Kind == exercise.Code {
				continue
			}
			require.NotEmpty(t, q.Why)
			if computed(q) {
				require.GreaterOrEqual(t, len(q.Mistakes), 3, "usual mistakes")
			}
			_, err := q.Form.Same(q.Right, q.Right)
			require.NoError(t, err, "the answer can be written")
			for _, m := range q.Mistakes {
				require.NotEmpty(t, m.Hint)
			}
			require.True(t, distinct(q), "seed %d: %v, %v: %s", seed, q.Right, q.Mistakes, q.Text)
		}
	})
}

// A hint names the mistake and not the number.
func TestHintsDoNotGiveTheAnswerAway(t *testing.T) {
	forEach(t, func(t *testing.T, c course, template template) {
		for _, q := range drawnOften(c, template)[:50] {
			if q.Form.Kind != exercise.Count && q.Form.Kind != exercise.Number {
				continue
			}
			if value := fmt.Sprint(q.Right); len(value) > 2 {
				for _, m := range q.Mistakes {
					require.NotContains(t, m.Hint, value)
				}
			}
		}
	})
}

// Who has the answers of others cannot guess: no answer is frequent.
func TestAnswersDifferBetweenStudents(t *testing.T) {
	forEach(t, func(t *testing.T, c course, template template) {
		counts, most := map[string]int{}, 0
		var q exercise.Question
		for _, q = range drawnOften(c, template) {
			answer := fmt.Sprint(q.Right)
			counts[answer]++
			most = max(most, counts[answer])
		}
		switch {
		case computed(q):
			require.GreaterOrEqual(t, len(counts), 12, "different answers")
			require.LessOrEqual(t, most, seeds/6, "draws with the same answer")
		case q.Form.Kind == exercise.Choice:
			require.GreaterOrEqual(t, len(counts), 2, "different answers")
			require.LessOrEqual(t, most, 2*seeds/3, "draws with the same answer")
		}
	})
}

// The work by hand, and the size of the numbers, are about the same for all.
func TestDifficultyIsEven(t *testing.T) {
	forEach(t, func(t *testing.T, c course, template template) {
		least, most := math.MaxInt, 0
		small, large := math.Inf(1), 0.0
		for _, q := range drawnOften(c, template) {
			if !computed(q) {
				return
			}
			least, most = min(least, q.Effort), max(most, q.Effort)
			if count, ok := q.Right.(int); ok {
				small, large = min(small, float64(count)), max(large, float64(count))
			}
		}
		require.Positive(t, least, "sums and products")
		require.LessOrEqual(t, most, 2*least, "sums and products")
		require.LessOrEqual(t, large, 100*small, "largest and smallest answer")
	})
}

// What a solution notebook shows is right, and the mistakes that are recognised
// are mistakes.
func TestSolutionsAgreeWithTheLessonsCode(t *testing.T) {
	forEach(t, func(t *testing.T, c course, template template) {
		for seed, q := range drawnOften(c, template)[:100] {
			if q.Form.Kind != exercise.Code {
				return
			}
			require.NotEmpty(t, q.Function.Solution)
			require.NotEmpty(t, q.Function.Wrong)
			solved := q
			function := *q.Function
			function.Reference, function.Wrong = function.Solved, nil
			solved.Function = &function
			purpose := fmt.Sprint(seed)
			want, err := q.Cases(5, exercise.Random(purpose))
			require.NoError(t, err)
			got, err := solved.Cases(5, exercise.Random(purpose))
			require.NoError(t, err)
			for i := range want {
				require.True(t, exercise.Agree(want[i:i+1], []json.RawMessage{got[i].Output}), "on %s: %s, want %s", want[i].Inputs, got[i].Output, want[i].Output)
				for _, slip := range want[i].Slips {
					require.False(t, exercise.Agree(want[i:i+1], []json.RawMessage{slip.Output}), "%s on %s", slip.Hint, want[i].Inputs)
				}
			}
		}
	})
}

func TestSameSeedAndStudentSameExercises(t *testing.T) {
	for _, c := range courses() {
		first, err := Of(c.lesson, 7, "ada")
		require.NoError(t, err)
		again, err := Of(c.lesson, 7, "ada")
		require.NoError(t, err)
		require.Equal(t, texts(first), texts(again))
		require.Equal(t, first.Code, again.Code)
		for _, change := range []func() (exercise.Set, error){
			func() (exercise.Set, error) { return Of(c.lesson, 8, "ada") },
			func() (exercise.Set, error) { return Of(c.lesson, 7, "bob") },
		} {
			other, err := change()
			require.NoError(t, err)
			require.NotEqual(t, first.Code, other.Code)
			require.NotEqual(t, texts(first), texts(other))
		}
	}
}

func texts(s exercise.Set) (all []string) {
	for _, q := range s.Questions {
		all = append(all, q.Text, fmt.Sprint(q.Right))
	}
	return all
}

func TestUnknownLesson(t *testing.T) {
	_, err := Of("alchemy", 1, "")
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, "params")
}

func TestSheetsAreSoundToo(t *testing.T) {
	forEach(t, func(t *testing.T, _ course, template template) {
		q := template.draw(Draw{})
		require.True(t, distinct(q), "%v, %v: %s", q.Right, q.Mistakes, q.Text)
	})
}

// The sheet's own numbers: 3·7·16 + 16, and 5·16·32 + 32.
func TestSheetHasTheNumbersOfTheHomework(t *testing.T) {
	set, err := Sheet("params")
	require.NoError(t, err)
	for id, want := range map[string]int{"params.conv1": 352, "params.conv2": 2592} {
		q := find(t, set, id)
		require.Equal(t, want, q.Right)
	}
}

// find is the question with an ID.
func find(t *testing.T, set exercise.Set, id string) exercise.Question {
	t.Helper()
	at := slices.IndexFunc(set.Questions, func(q exercise.Question) bool { return q.ID == id })
	require.GreaterOrEqual(t, at, 0, id)
	return set.Questions[at]
}
