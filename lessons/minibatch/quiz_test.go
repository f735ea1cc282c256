package minibatch

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/exercise"
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
	for answer, want := range map[string]struct{ counted, named string }{
		"mbbm":    {"4 of 4 are right", "Would you know them at another rate"},
		"MB bm ":  {"4 of 4 are right", "Would you know them at another rate"},
		"bbbm":    {"3 of 4 are right", "Look again at curve A. Step by step, late in the training"},
		"mmmm":    {"2 of 4 are right", "Look again at curve B. Step by step: where is the noise of the batches? It rises at 0 % of its steps."},
		"mbmb":    {"2 of 4 are right", "Look again at curve C. Is this chance"},
		"b m m b": {"0 of 4 are right", "Look again at curve A. Step by step, late in the training"},
	} {
		checked, err := asked().Check(answer)
		require.NoError(t, err, answer)
		require.Equal(t, want.counted == "4 of 4 are right", checked.Verdict == exercise.Right, answer)
		require.Contains(t, checked.Hint, want.counted+". "+want.named, answer)
		require.LessOrEqual(t, strings.Count(checked.Hint, "curve"), 1, "one wrong curve is named, the others are left to the reader")
	}
}

func TestCheckSaysHowToAnswer(t *testing.T) {
	for answer, says := range map[string]string{
		"mbb":   `the answer "mbb" has 3 letters: write 4, one for each of the curves A to D`,
		"":      `the answer "" has 0 letters: write 4`,
		"mbbmm": "has 5 letters",
		"mbé":   `the answer "mbé" has 3 letters`,
		"mb\tm": `the answer "mbm" has 3 letters`,
	} {
		_, err := asked().Check(answer)
		require.ErrorIs(t, err, badinput.Err)
		require.ErrorContains(t, err, says)
	}
}

// A letter counts as one, whatever its bytes.
func TestOtherLettersCannotBeRead(t *testing.T) {
	for answer, says := range map[string]string{
		"mbxm": `3 of 4 are right. Look again at curve C. The answer "x" cannot be read: write one of "m", "b" (mini-batch or batch).`,
		"mbém": `Look again at curve C. The answer "é" cannot be read`,
		"蓝bbm": `3 of 4 are right. Look again at curve A. The answer "蓝" cannot be read`,
	} {
		checked, err := asked().Check(answer)
		require.NoError(t, err)
		require.Equal(t, exercise.Unreadable, checked.Verdict)
		require.Contains(t, checked.Hint, says)
	}
}

func TestQuizWithoutCurvesSaysSo(t *testing.T) {
	_, err := Quiz{}.Check("m")
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, "no curves")
}

// Two cells are two processes: each makes the quiz anew.
func TestQuizIsTheSameEachTime(t *testing.T) {
	c := DefaultQuiz()
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
	c := DefaultQuiz()
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
	quiz, err := NewQuiz(context.Background(), lessontest.Backend(t), DefaultQuiz())
	require.NoError(t, err)
	var answer strings.Builder
	for _, chart := range quiz.Charts() {
		letter := fullLetter
		if (Classifier{Threshold: 0.2}).callsMini(marks(chart.Curves[0].Y)) {
			letter = miniLetter
		}
		answer.WriteString(letter)
	}
	checked, err := quiz.Check(answer.String())
	require.NoError(t, err)
	require.Equal(t, exercise.Right, checked.Verdict, checked.Hint)
}

func TestCheckNamesTheKnobOfTheQuiz(t *testing.T) {
	for want, spoil := range map[string]func(c *QuizConfig){
		"Quiz.Curves is 27: it must be at least 2 and at most 26": func(c *QuizConfig) { c.Curves = 27 },
		"Quiz.Curves is 1:":                        func(c *QuizConfig) { c.Curves = 1 },
		"Quiz.BatchSizes has 256: the most is 255": func(c *QuizConfig) { c.BatchSizes = []int{256} },
		"Quiz.HighRate is 0: it must be above 0":   func(c *QuizConfig) { c.HighRate = 0 },
		"Quiz.Curves × Examples × Hidden are":      func(c *QuizConfig) { c.Hidden = 1 << 24 },
	} {
		c := DefaultQuiz()
		spoil(&c)
		_, err := NewQuiz(context.Background(), lessontest.PureGo(t), c)
		require.ErrorIs(t, err, badinput.Err)
		require.ErrorContains(t, err, want)
	}
}
