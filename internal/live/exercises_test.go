package live_test

import (
	"bytes"
	"fmt"
	"html"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/homework"
	"evident/internal/live"
	"evident/kit/exercise"
	"evident/lessons"
)

// first is the first of two messages, of which the other says that it is all.
func first(t *testing.T, all []live.Message) live.Message {
	t.Helper()
	require.Len(t, all, 2, "%+v", all)
	require.True(t, all[1].Done)
	return all[0]
}

func TestExercisesAreThoseOfTheCommand(t *testing.T) {
	for _, l := range lessons.All() {
		variant, err := homework.NewVariant(l.Name, 80127, "")
		require.NoError(t, err)
		drawn := first(t, messages(t, live.Request{Exercises: &live.Exercises{Lesson: l.Name, Seed: " 80127 "}})).Questions
		require.Len(t, drawn, len(variant.Set.Questions))
		for i, q := range variant.Set.Questions {
			require.Equal(t, q.ID, drawn[i].ID)
			require.Equal(t, q.Form.Kind != exercise.Code, strings.Contains(drawn[i].HTML, "<form"), "%s: a page cannot judge a function", q.ID)
		}
		student, err := variant.Student()
		require.NoError(t, err)
		file := first(t, messages(t, live.Request{Exercises: &live.Exercises{Lesson: l.Name, Seed: "80127", Notebook: true}})).File
		require.Equal(t, l.Name+".ipynb", file.Name)
		require.Equal(t, string(student), string(file.Content))
	}
}

func TestNotebooksFromWebAssemblyAreThoseOfTheCommand(t *testing.T) {
	var requests []live.Request
	for _, l := range lessons.All() {
		requests = append(requests, live.Request{Exercises: &live.Exercises{Lesson: l.Name, Seed: "17", Notebook: true}})
	}
	for i, got := range inNode(t, requests...) {
		want := first(t, messages(t, requests[i])).File.Content
		require.True(t, bytes.Equal(want, first(t, got).File.Content), requests[i].Exercises.Lesson)
	}
}

// typed is an answer as a reader types it.
func typed(answer any) string {
	if sizes, isShape := answer.([]int); isShape {
		return strings.Trim(strings.ReplaceAll(fmt.Sprint(sizes), " ", ", "), "[]")
	}
	if number, isNumber := answer.(float64); isNumber {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	return fmt.Sprint(answer)
}

func TestEveryRightAnswerAndEveryUsualMistakeIsKnown(t *testing.T) {
	for _, l := range lessons.All() {
		for _, seed := range []string{"1", "80127"} {
			number, err := strconv.ParseInt(seed, 10, 64)
			require.NoError(t, err)
			set, err := homework.Draw(l.Name, number, "")
			require.NoError(t, err)
			answer := func(q exercise.Question, answer any) live.Judged {
				return *first(t, messages(t, live.Request{Exercises: &live.Exercises{Lesson: l.Name, Seed: seed, Question: q.ID, Answer: typed(answer)}})).Judged
			}
			for _, q := range set.Questions {
				if q.Form.Kind == exercise.Code {
					continue
				}
				judged := answer(q, q.Right)
				require.Equal(t, exercise.Right, judged.Verdict, "%s: %v", q.ID, q.Right)
				require.Contains(t, judged.HTML, "</div><p>", "the explanation stands below the card")
				for _, m := range q.Mistakes {
					judged := answer(q, m.Answer)
					require.Equal(t, exercise.Wrong, judged.Verdict, "%s: %v", q.ID, m.Answer)
					want, err := set.Answer(q.ID, m.Answer)
					require.NoError(t, err)
					hint, _, _ := strings.Cut(want.Hint, "$")
					require.Contains(t, html.UnescapeString(judged.HTML), hint)
					require.NotContains(t, judged.HTML, "<math", "a wrong answer shows no way to the right one")
				}
			}
		}
	}
}

func TestAnswersAreReadAsTheyAreTyped(t *testing.T) {
	// Question convdims.shape of seed 1 asks for a shape, params.conv1 for a count, learningrate.edge for a number.
	for _, c := range []struct {
		id, answer string
		verdict    exercise.Verdict
		hint       string
	}{
		{"convdims.shape", "", exercise.Missing, "Write your answer: whole numbers in order"},
		{"convdims.shape", "four", exercise.Unreadable, `The answer "four" cannot be read`},
		{"convdims.shape", "1.5, 2", exercise.Unreadable, "cannot be read"},
		{"convdims.shape", "99999999999999999999", exercise.Unreadable, "cannot be read"},
		{"convdims.shape", "1, 2", exercise.Wrong, ""},
		{"convdims.shape", "(1×2)", exercise.Wrong, ""},
		{"convdims.shape", "[]int{1, 2}", exercise.Wrong, ""},
		{"params.conv1", " 1 ", exercise.Wrong, ""},
		{"params.conv1", "1.5", exercise.Unreadable, "The answer 1.5 cannot be read: write a whole number"},
		{"params.conv1", "3*4", exercise.Unreadable, "cannot be read"},
		{"params.conv1", "  ", exercise.Missing, "Write your answer: a whole number"},
		{"params.conv1", "NaN", exercise.Unreadable, "cannot be read"},
		{"learningrate.edge", "−1e3", exercise.Wrong, ""},
		{"<b>", "1", "", "there is no question"},
		{"params.count", "1", "", "params.count asks for a function in Go, which a page cannot judge: write it in the notebook"},
	} {
		lesson, _, isQuestion := strings.Cut(c.id, ".")
		if !isQuestion {
			lesson = "params"
		}
		all := messages(t, live.Request{Exercises: &live.Exercises{Lesson: lesson, Seed: "1", Question: c.id, Answer: c.answer}})
		if c.verdict == "" {
			require.Contains(t, all[0].Error, c.hint)
			continue
		}
		judged := first(t, all).Judged
		require.Equal(t, c.verdict, judged.Verdict, "%s: %q", c.id, c.answer)
		require.Contains(t, html.UnescapeString(judged.HTML), c.hint)
	}
}

func TestExercisesThatCannotBeDrawn(t *testing.T) {
	for _, c := range []struct{ lesson, seed, want string }{
		{"params", "x\ny", `the seed "x y" is no whole number of up to 18 digits: write one, as in 80127`},
		{"params", "", `the seed "" is no whole number`},
		{"params", "99999999999999999999", "is no whole number of up to 18 digits"},
		{"alchemy", "1", `no exercises for lesson "alchemy"`},
	} {
		for _, notebook := range []bool{false, true} {
			all := messages(t, live.Request{Exercises: &live.Exercises{Lesson: c.lesson, Seed: c.seed, Notebook: notebook}})
			require.Len(t, all, 1)
			require.NotContains(t, all[0].Error, "\n")
			if c.lesson == "params" || !notebook {
				require.Contains(t, all[0].Error, c.want)
			}
		}
	}
}

func TestQuestionsAreRendered(t *testing.T) {
	tables, formulas := 0, 0
	for _, l := range lessons.All() {
		for seed := range 5 {
			for _, q := range first(t, messages(t, live.Request{Exercises: &live.Exercises{Lesson: l.Name, Seed: fmt.Sprint(seed)}})).Questions {
				for _, unwanted := range []string{"$", "**", "merror", "\uE000", "[[", "<th>", "<th></th>", "raw HTML"} {
					require.NotContains(t, q.HTML, unwanted, q.ID)
				}
				tables += strings.Count(q.HTML, "<table aria-label=")
				formulas += strings.Count(q.HTML, "<math")
			}
		}
	}
	require.Positive(t, tables)
	require.Positive(t, formulas)
}
