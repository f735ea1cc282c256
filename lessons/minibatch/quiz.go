package minibatch

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/gomlx/compute"

	"evident/internal/badinput"
	"evident/kit/exercise"
	"evident/kit/fit"
	"evident/kit/knob"
	"evident/kit/report"
	"evident/kit/sweep"
)

// letters name the curves of a quiz.
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// The two answers, one letter for each curve.
const (
	miniLetter = "m"
	fullLetter = "b"
)

// QuizConfig draws curves without labels.
type QuizConfig struct {
	Seed       int64     `role:"fixed" help:"another one is another quiz"`
	Curves     int       `role:"fixed" range:"[2, 26]" help:"each named by a letter"`
	Tricky     bool      `role:"fixed" help:"whether full batches at HighRate may be among them"`
	Rates      []float64 `role:"averaged" range:"(0, inf)" list:"2 rising" help:"learning rates η"`
	HighRate   float64   `role:"fixed" range:"(0, inf)" help:"rate that is too high"`
	BatchSizes []int     `role:"averaged" range:"[1, inf)" list:"1 rising" help:"of the mini-batches; below Examples"`
	Examples   int       `role:"fixed" range:"[2, inf)" help:"training examples"`
	Hidden     int       `role:"fixed" range:"[1, inf)" help:"hidden units"`
	Steps      int       `role:"fixed" range:"[2, inf)" help:"of each training"`
}

// DefaultQuiz is a quiz of six curves.
func DefaultQuiz() QuizConfig {
	return QuizConfig{
		Seed: 1, Curves: 6, Rates: []float64{0.1, 0.2, 0.4}, HighRate: 3, BatchSizes: []int{4, 32, 128}, Examples: 256, Hidden: 16, Steps: 200,
	}
}

// Validate checks the batch sizes, and that the trainings fit into memory.
func (c QuizConfig) Validate() error {
	if err := checkSizes("BatchSizes", c.BatchSizes, c.Examples-1); err != nil {
		return err
	}
	return sweep.CheckFits("Curves × Examples × Hidden", c.Curves, sweep.Config{Model: smallNet(c.Hidden).Model(), BatchSize: c.Examples})
}

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
	if err := knob.Check("Quiz", c); err != nil {
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

// Charts are the curves, each in its own chart, named by letters.
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
				asked.losses[0], asked.losses[last], last, 100*RisingFraction(asked.losses)),
			Curves: []report.Curve{curve},
		}
	}
	return charts
}

// Check says how many letters of an answer are right: one letter a curve, in the
// order of the charts, m for mini-batch and b for (full) batch. Of the curves
// that are wrong it names the first, and what to look at; the others are left to
// the reader. The error is [badinput.Err] for an answer of another length.
func (q Quiz) Check(answer string) (exercise.Result, error) {
	given := []rune(strings.ToLower(strings.Join(strings.Fields(answer), "")))
	switch {
	case len(q.curves) == 0:
		return exercise.Result{}, badinput.Errorf("the quiz has no curves: make it with NewQuiz")
	case len(given) != len(q.curves):
		return exercise.Result{}, badinput.Errorf("the answer %q has %d letters: write %d, one for each of the curves %s to %s",
			string(given), len(given), len(q.curves), q.curves[0].letter, q.curves[len(q.curves)-1].letter)
	}
	questions, answers := make([]exercise.Question, len(given)), map[string]string{}
	for i, asked := range q.curves {
		questions[i] = asked.exercise()
		answers[questions[i].ID] = string(given[i])
	}
	result, err := exercise.Several("quiz", questions, answers)
	if result.Verdict == exercise.Right {
		result.Hint += " Would you know them at another rate, or on another task?"
	}
	return result, err
}

// exercise asks which kind of batch the curve is of. The hint is a question, and
// a number that helps to answer it.
func (q question) exercise() exercise.Question {
	right, ask := fullLetter, "step by step: where is the noise of the batches?"
	switch {
	case q.high:
		ask = "is this chance, or does the same thing happen at every second step?"
	case q.mini:
		right, ask = miniLetter, "step by step, late in the training: can a descent on a loss that stays the same do this?"
	}
	return exercise.Question{
		ID: "curve " + q.letter, Right: right,
		Form: exercise.Form{Kind: exercise.Choice, Options: []string{miniLetter, fullLetter}, Unit: "mini-batch or batch"},
		Hint: fmt.Sprintf("%s It rises at %.0f %% of its steps", ask, 100*RisingFraction(q.losses)),
	}
}
