package minibatch

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf8"

	"github.com/gomlx/compute"

	"evident/internal/badinput"
	"evident/kit/fit"
	"evident/kit/report"
	"evident/kit/sweep"
)

// letters name the curves of a quiz.
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// The two answers, one letter a curve.
const (
	miniLetter = 'm'
	fullLetter = 'b'
)

// Quiz is loss curves of which the reader says which kind of batch they are of.
// The same configuration makes the same quiz, in any process on one machine.
type Quiz struct {
	curves []question
}

// question is one curve with its answer.
type question struct {
	letter string
	size   int
	mini   bool
	high   bool // full batches at a rate that is too high
	rate   float64
	losses []float64
}

// NewQuiz trains the curves of a quiz.
func NewQuiz(ctx context.Context, backend compute.Backend, c QuizConfig) (Quiz, error) {
	if err := c.check(); err != nil {
		return Quiz{}, err
	}
	questions := c.draw()
	replicas := make([]sweep.Replica, len(questions))
	for i, q := range questions {
		replicas[i] = sweep.Replica{Rate: q.rate, Seed: c.Seed*int64(len(letters)) + int64(i)}
	}
	t := training{name: "quiz", task: Quadrants, examples: c.Examples, hidden: c.Hidden, steps: c.Steps}
	done := map[int]bool{}
	for _, drawn := range questions {
		if done[drawn.size] {
			continue
		}
		done[drawn.size] = true
		losses, err := t.curves(ctx, backend, drawn.size, replicas) // one program a size, for all curves
		if err != nil {
			return Quiz{}, err
		}
		for i := range questions {
			if questions[i].size == drawn.size {
				questions[i].losses = finiteStart(losses[i])
			}
		}
	}
	return Quiz{curves: questions}, nil
}

// draw decides by coins of the seed what the curves are of, until both kinds are
// among them.
func (c QuizConfig) draw() []question {
	const forQuiz = 41
	random := fit.Rand(c.Seed, forQuiz)
	for {
		questions := make([]question, c.Curves)
		minis := 0
		for i := range questions {
			questions[i] = c.drawOne(random)
			questions[i].letter = letters[i : i+1]
			if questions[i].mini {
				minis++
			}
		}
		if 0 < minis && minis < c.Curves {
			return questions
		}
	}
}

func (c QuizConfig) drawOne(random *rand.Rand) question {
	q := question{size: c.Examples, mini: random.IntN(2) == 0, rate: c.Rates[random.IntN(len(c.Rates))]}
	size, high := c.BatchSizes[random.IntN(len(c.BatchSizes))], random.IntN(2) == 0
	switch {
	case q.mini:
		q.size = size
	case c.Tricky && high:
		q.high, q.rate = true, c.HighRate
	}
	return q
}

// Charts are the curves, one a chart, named by letters.
func (q Quiz) Charts() []report.Chart {
	charts := make([]report.Chart, len(q.curves))
	for i, asked := range q.curves {
		curve := report.Curve{Name: asked.letter}
		for step, loss := range asked.losses {
			curve.Add(float64(step), loss)
		}
		last := len(asked.losses) - 1
		charts[i] = report.Chart{
			ID: "quiz-" + asked.letter, Title: "Curve " + asked.letter, Mark: report.Line, XLabel: "step", YLabel: "loss of the step (nats)",
			// Who cannot see the curve gets what an eye would take from it.
			Alt: fmt.Sprintf("The loss goes from %.2f to %.2f in %d steps. It rises at %.0f %% of them.",
				asked.losses[0], asked.losses[last], last, 100*RisingShare(asked.losses)),
			Curves: []report.Curve{curve},
		}
	}
	return charts
}

// Check says how many letters of an answer are right: one letter a curve, in the
// order of the charts, m for mini-batch and b for (full) batch. Of the curves
// that are wrong it names the first, and what to look at; the others are left to
// the reader. The error is [badinput.Err] for an answer that cannot be
// read.
func (q Quiz) Check(answer string) (report.Table, error) {
	answer = strings.ToLower(strings.ReplaceAll(answer, " ", ""))
	if err := q.readable(answer); err != nil {
		return report.Table{}, err
	}
	right, wrong := 0, -1
	for i, asked := range q.curves {
		switch {
		case (answer[i] == miniLetter) == asked.mini:
			right++
		case wrong < 0:
			wrong = i
		}
	}
	table := report.Table{
		ID: "quiz", Title: fmt.Sprintf("%d of %d are right", right, len(q.curves)), Columns: []string{"look again at", "and ask", "measured"},
	}
	if wrong < 0 {
		table.Rows = [][]string{{"none", "would you know them at another rate, or on another task?", "–"}}
		return table, nil
	}
	asked := q.curves[wrong]
	ask, measured := asked.hint()
	table.Rows = [][]string{{"curve " + asked.letter, ask, measured}}
	return table, nil
}

func (q Quiz) readable(answer string) error {
	if len(q.curves) == 0 {
		return badinput.Errorf("the quiz has no curves: make it with NewQuiz")
	}
	if n := utf8.RuneCountInString(answer); n != len(q.curves) {
		return badinput.Errorf("the answer %q has %d letters: write %d, one for each of the curves %s to %s",
			answer, n, len(q.curves), q.curves[0].letter, q.curves[len(q.curves)-1].letter)
	}
	for i, letter := range answer {
		if letter != miniLetter && letter != fullLetter {
			return badinput.Errorf("the answer %q has %q at place %d: write m for mini-batch and b for batch", answer, letter, i+1)
		}
	}
	return nil
}

// hint is a question about the curve and a number that helps to answer it.
func (q question) hint() (ask, measured string) {
	share := fmt.Sprintf("it rises at %.0f %% of its steps", 100*RisingShare(q.losses))
	switch {
	case q.high:
		return "is this chance, or does the same thing happen at every second step?", share
	case q.mini:
		return "step by step, late in the training: can a descent on a loss that stays the same do this?", share
	}
	return "step by step: where is the noise of the batches?", share
}
