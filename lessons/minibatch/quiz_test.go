package minibatch

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/lessontest"
)

// asked is a quiz of four made curves: mini, full, full at a high rate, mini.
func asked() Quiz {
	return Quiz{curves: []question{
		{letter: "A", mini: true, losses: jagged()}, {letter: "B", losses: smooth()},
		{letter: "C", high: true, losses: jagged()}, {letter: "D", mini: true, losses: jagged()},
	}}
}

func TestCheckCountsTheRightLetters(t *testing.T) {
	for answer, want := range map[string]struct{ title, named string }{
		"mbbm":    {"4 of 4 are right", "none"},
		"MB bm ":  {"4 of 4 are right", "none"},
		"bbbm":    {"3 of 4 are right", "curve A"},
		"mmmm":    {"2 of 4 are right", "curve B"},
		"mbmb":    {"2 of 4 are right", "curve C"},
		"b m m b": {"0 of 4 are right", "curve A"},
	} {
		table, err := asked().Check(answer)
		require.NoError(t, err, answer)
		require.Equal(t, want.title, table.Title, answer)
		require.Equal(t, want.named, table.Rows[0][0], answer)
		require.Len(t, table.Rows, 1, "one wrong curve is named, the others are left to the reader")
	}
}

func TestCheckSaysHowToAnswer(t *testing.T) {
	for answer, says := range map[string]string{
		"mbb":   `the answer "mbb" has 3 letters: write 4, one for each of the curves A to D`,
		"":      `the answer "" has 0 letters: write 4`,
		"mbxm":  `has 'x' at place 3: write m for mini-batch and b for batch`,
		"mbbmm": "has 5 letters",
		"mbé":   `the answer "mbé" has 3 letters: write 4`,
		"mbéb":  `'é' at place 3`,
	} {
		_, err := asked().Check(answer)
		require.ErrorIs(t, err, badinput.Err)
		require.ErrorContains(t, err, says)
	}
}

func TestQuizWithoutCurvesSaysSo(t *testing.T) {
	_, err := Quiz{}.Check("m")
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, "no curves")
}

// Two cells are two processes: each makes the quiz anew.
func TestQuizIsTheSameEachTime(t *testing.T) {
	c := Smoke().Quiz
	c.Steps, c.Examples, c.BatchSizes = 20, 32, []int{4, 8}
	quizOf := func(seed int64) Quiz {
		c.Seed = seed
		quiz, err := NewQuiz(context.Background(), lessontest.PureGo(t), c)
		require.NoError(t, err)
		return quiz
	}
	first := quizOf(3)
	require.Equal(t, first.Charts(), quizOf(3).Charts())
	require.NotEqual(t, first.Charts(), quizOf(4).Charts())
	require.Len(t, first.Charts(), c.Curves)
	for _, chart := range first.Charts() {
		require.Len(t, chart.Curves[0].Y, 20)
		for _, telling := range []string{"mini", "batch", "η"} {
			require.NotContains(t, chart.Title+chart.Alt+chart.Curves[0].Name, telling, "the chart must not say it")
		}
	}
}

func TestEveryQuizHasBothKinds(t *testing.T) {
	c := Default().Quiz
	high := 0
	for seed := range int64(200) {
		c.Seed, c.Tricky = seed, seed%2 == 0
		minis := 0
		for _, q := range c.draw() {
			require.Equal(t, q.mini, q.size < c.Examples)
			if q.mini {
				minis++
			}
			if q.high {
				require.True(t, c.Tricky)
				high++
			}
		}
		require.Positive(t, minis)
		require.Less(t, minis, c.Curves)
	}
	require.Positive(t, high)
}

// A reader who knows the right marks gets all of an honest quiz.
func TestTheClassifierSolvesTheQuiz(t *testing.T) {
	quiz, err := NewQuiz(context.Background(), lessontest.Backend(t), Default().Quiz)
	require.NoError(t, err)
	var answer strings.Builder
	for _, chart := range quiz.Charts() {
		letter := byte(fullLetter)
		if (Classifier{Threshold: 0.2}).IsMini(chart.Curves[0].Y) {
			letter = miniLetter
		}
		answer.WriteByte(letter)
	}
	table, err := quiz.Check(answer.String())
	require.NoError(t, err)
	require.Equal(t, "6 of 6 are right", table.Title)
}
