package homework

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/exercise"
)

// seeds is the number of draws that are checked for every question.
const seeds = 1000

// drawnBefore caches the draws of every question, which several tests use.
var drawnBefore = map[string][]exercise.Question{}

// drawnOften returns a question's draws from many seeds.
func drawnOften(t *testing.T, c course, e entry) []exercise.Question {
	t.Helper()
	id := c.lesson + "." + e.name
	if questions, found := drawnBefore[id]; found {
		return questions
	}
	words, err := wordsOf(c.lesson)
	require.NoError(t, err)
	questions := make([]exercise.Question, seeds)
	for seed := range questions {
		q := e.drawn(draw{random: exercise.Random(fmt.Sprint(seed), c.lesson, e.name)})
		require.True(t, q.distinct(), "seed %d: %v, %v, %v", seed, q.right, q.mistakes, q.numbers)
		questions[seed], err = words[e.name].exercise(id, q)
		require.NoError(t, err)
	}
	drawnBefore[id] = questions
	return questions
}

// forEach runs a test on every question of every lesson.
func forEach(t *testing.T, test func(t *testing.T, c course, e entry)) {
	for _, c := range courses() {
		for _, e := range c.entries {
			t.Run(c.lesson+"."+e.name, func(t *testing.T) { test(t, c, e) })
		}
	}
}

func computed(q exercise.Question) bool {
	return q.Form.Kind == exercise.Count || q.Form.Kind == exercise.Number || q.Form.Kind == exercise.Shape
}

// gap matches what a template leaves for a missing number or word, and a misplaced
// heading.
var gap = regexp.MustCompile(`<no value>|<nil>|%!|\*\*\*\*|(?m)^#`)

// No draw is degenerate: the answer is well-formed, and no common mistake can be
// confused with it or with another mistake.
func TestAnswersAndMistakesCanBeToldApart(t *testing.T) {
	forEach(t, func(t *testing.T, c course, e entry) {
		for _, q := range drawnOften(t, c, e) {
			require.NotEmpty(t, q.Title)
			require.NotEmpty(t, q.Text)
			require.NotRegexp(t, gap, q.Text+"\n"+q.Why)
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
		}
	})
}

// A hint names the mistake but not the number.
func TestHintsDoNotGiveTheAnswerAway(t *testing.T) {
	forEach(t, func(t *testing.T, c course, e entry) {
		for _, q := range drawnOften(t, c, e)[:50] {
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

// Other students' answers do not help to guess, because no answer is frequent.
func TestAnswersDifferBetweenStudents(t *testing.T) {
	forEach(t, func(t *testing.T, c course, e entry) {
		counts, most := map[string]int{}, 0
		var q exercise.Question
		for _, q = range drawnOften(t, c, e) {
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

// The size of the numbers, and thus the effort, is about the same for all.
func TestDifficultyIsEven(t *testing.T) {
	forEach(t, func(t *testing.T, c course, e entry) {
		small, large := math.Inf(1), 0.0
		for _, q := range drawnOften(t, c, e) {
			if count, ok := q.Right.(int); ok {
				small, large = min(small, float64(count)), max(large, float64(count))
			}
		}
		require.LessOrEqual(t, large, 100*small, "largest and smallest answer")
	})
}

// The recognised mistakes really are wrong. Tests lesson by lesson check that the
// functions themselves are right.
func TestSlipsAreNotRight(t *testing.T) {
	forEach(t, func(t *testing.T, c course, e entry) {
		for seed, q := range drawnOften(t, c, e)[:100] {
			if q.Form.Kind != exercise.Code {
				return
			}
			require.Contains(t, q.Function.Solution, "\nfunc "+q.Function.Name+"(")
			require.NotEmpty(t, q.Function.Wrong)
			cases, err := q.Cases(5, exercise.Random(fmt.Sprint(seed)))
			require.NoError(t, err)
			for i, drawn := range cases {
				for _, slip := range drawn.Slips {
					require.NotEmpty(t, slip.Hint)
					require.False(t, exercise.Agree(cases[i:i+1], []json.RawMessage{slip.Output}), "%s on %s", slip.Hint, drawn.Inputs)
				}
			}
		}
	})
}

// Deleting a question or a mistake requires deleting its text too.
func TestAllWordsAreSaid(t *testing.T) {
	for _, c := range courses() {
		words, err := wordsOf(c.lesson)
		require.NoError(t, err)
		require.Len(t, words, len(c.entries), c.lesson)
		for _, e := range c.entries {
			said := map[string]bool{}
			for seed := range 100 {
				for _, m := range e.drawn(draw{random: exercise.Random(fmt.Sprint(seed))}).mistakes {
					said[m.hint] = true
				}
			}
			for name := range words[e.name].hints {
				require.True(t, said[name], "%s.%s has no mistake %q", c.lesson, e.name, name)
			}
		}
	}
}

func TestSameSeedAndStudentSameExercises(t *testing.T) {
	for _, c := range courses() {
		first, err := Draw(c.lesson, 7, "ada")
		require.NoError(t, err)
		again, err := Draw(c.lesson, 7, "ada")
		require.NoError(t, err)
		require.Equal(t, texts(first), texts(again))
		require.Equal(t, first.Code, again.Code)
		for _, change := range []func() (exercise.Set, error){
			func() (exercise.Set, error) { return Draw(c.lesson, 8, "ada") },
			func() (exercise.Set, error) { return Draw(c.lesson, 7, "bob") },
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
	_, err := Draw("alchemy", 1, "")
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, "params")
}

func TestSheetsAreSoundToo(t *testing.T) {
	forEach(t, func(t *testing.T, _ course, e entry) {
		q := e.drawn(draw{})
		require.True(t, q.distinct(), "%v, %v, %v", q.right, q.mistakes, q.numbers)
	})
}

// The sheet's own numbers are 3·7·16 + 16, and 5·16·32 + 32.
func TestSheetHasTheNumbersOfTheHomework(t *testing.T) {
	set, err := Sheet("params")
	require.NoError(t, err)
	for id, want := range map[string]int{"params.conv1": 352, "params.conv2": 2592} {
		q := find(t, set, id)
		require.Equal(t, want, q.Right)
	}
}

// find returns the question with an id.
func find(t *testing.T, set exercise.Set, id string) exercise.Question {
	t.Helper()
	at := slices.IndexFunc(set.Questions, func(q exercise.Question) bool { return q.ID == id })
	require.GreaterOrEqual(t, at, 0, id)
	return set.Questions[at]
}
