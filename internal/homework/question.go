package homework

import (
	"embed"
	"fmt"
	"math/rand/v2"
	"strings"
	"text/template"

	"evident/internal/homework/solution"
	"evident/kit/exercise"
	"evident/kit/exercise/nodes"
	"evident/kit/report"
)

// question is one draw of a question: its numbers and the resulting answers. Its
// text is in questions/LESSON.md.
type question struct {
	form     exercise.Form
	points   int
	numbers  any // a struct whose fields the text can show
	right    any // for a coding question: the function of package solution, in plain Go or on nodes
	mistakes []mistake
	code     code
}

// mistake is a common wrong answer, or a function that makes a mistake. Its hint is
// the name of a line in the list of mistakes in questions/LESSON.md.
type mistake struct {
	hint   string
	answer any
}

// code holds the additional parts of a coding question: the name of the function in
// the notebook, and arguments for one call. A node gets the type of the numbers that
// are drawn for it: []float32, [][]float64 or int, say.
type code struct {
	name   string
	inputs func(random *rand.Rand) []any
}

// The forms of answers.
var (
	shape  = exercise.Form{Kind: exercise.Shape}
	coding = exercise.Form{Kind: exercise.Code}
)

func count(unit string) exercise.Form { return exercise.Form{Kind: exercise.Count, Unit: unit} }

func number(step float64) exercise.Form { return exercise.Form{Kind: exercise.Number, Step: step} }

func choice(options ...string) exercise.Form {
	return exercise.Form{Kind: exercise.Choice, Options: options}
}

// tendency returns the choice that describes a change of a number.
func tendency(change float64) (form exercise.Form, right string) {
	const rises, falls, stays = "rises", "falls", "stays"
	form = choice(rises, falls, stays)
	switch {
	case change > 0:
		return form, rises
	case change < 0:
		return form, falls
	}
	return form, stays
}

// distinct reports whether all answers, right and wrong, can be told apart.
func (q question) distinct() bool {
	if q.form.Kind == exercise.Code {
		return true // a test compares functions instead
	}
	answers := []any{q.right}
	for _, m := range q.mistakes {
		answers = append(answers, m.answer)
	}
	for i, a := range answers {
		for _, b := range answers[:i] {
			if same, err := q.form.Same(a, b); same || err != nil {
				return false
			}
		}
	}
	return true
}

// words holds the text of a question: templates of Markdown, and the hints by name.
type words struct {
	title     string
	text, why *template.Template
	hints     map[string]string
}

//go:embed questions/*.md
var files embed.FS

// functions lists the functions that the templates may call.
var functions = template.FuncMap{
	"add":     func(a, b int) int { return a + b },
	"mul":     func(a, b int) int { return a * b },
	"decimal": report.Decimal,
	"matrix":  matrix,
	"list":    list,
}

// matrix formats a matrix in LaTeX.
func matrix(values [][]float64) string {
	return `\begin{pmatrix} ` + report.Matrix(values, " & ", ` \\ `) + ` \end{pmatrix}`
}

// list formats values as "0.81, 0.40", each with a format of fmt.
func list(format string, values []float64) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = fmt.Sprintf(format, value)
	}
	return strings.Join(texts, ", ")
}

// wordsOf reads the text of all questions of a lesson. The lesson's file has a
// section "## NAME · TITLE" for each question. The section holds the text, then
// "### Why" with the explanation, and "### Mistakes" with a list of "- NAME: HINT".
// Numbers stand in [[ ]], because LaTeX needs the braces.
func wordsOf(lesson string) (map[string]words, error) {
	content, err := files.ReadFile("questions/" + lesson + ".md")
	if err != nil {
		return nil, err
	}
	sections := strings.Split(string(content), "\n## ")
	all := template.New(lesson).Delims("[[", "]]").Funcs(functions)
	if _, err := all.Parse(sections[0]); err != nil { // the head defines texts that several questions share
		return nil, err
	}
	found := map[string]words{}
	for _, section := range sections[1:] {
		heading, body, _ := strings.Cut(section, "\n")
		name, title, _ := strings.Cut(heading, " · ")
		text, rest, _ := strings.Cut(body, "\n### Why\n")
		why, mistakes, _ := strings.Cut(rest, "\n### Mistakes\n")
		w := words{title: title, hints: map[string]string{}}
		if w.text, err = all.New(lesson + "." + name).Parse(strings.TrimSpace(text)); err != nil {
			return nil, err
		}
		if w.why, err = all.New(lesson + "." + name + ", why").Parse(strings.TrimSpace(why)); err != nil {
			return nil, err
		}
		for line := range strings.Lines(mistakes) {
			if hint, listed := strings.CutPrefix(strings.TrimSpace(line), "- "); listed {
				mistake, hint, _ := strings.Cut(hint, ": ")
				w.hints[mistake] = hint
			}
		}
		found[name] = w
	}
	return found, nil
}

// exercise combines the text and the numbers.
func (w words) exercise(id string, q question) (e exercise.Question, err error) {
	if w.text == nil {
		return e, fmt.Errorf("question %s has no section in the file of its lesson", id)
	}
	e = exercise.Question{ID: id, Title: w.title, Form: q.form, Points: q.points}
	if e.Text, err = filled(w.text, q.numbers); err != nil {
		return e, err
	}
	if e.Why, err = filled(w.why, q.numbers); err != nil {
		return e, err
	}
	if q.form.Kind == exercise.Code {
		e.Function = &exercise.Function{Name: q.code.name, Reference: nodes.Reference(q.right), Inputs: q.code.inputs}
		if e.Function.Solution, err = solution.Source(q.code.name); err != nil {
			return e, err
		}
	} else {
		e.Right = q.right
	}
	for _, m := range q.mistakes {
		hint, found := w.hints[m.hint]
		switch {
		case !found:
			return e, fmt.Errorf("question %s: the list of its mistakes has no line %q", id, m.hint)
		case e.Function != nil:
			e.Function.Wrong = append(e.Function.Wrong, exercise.Slip{Function: nodes.Reference(m.answer), Hint: hint})
		default:
			e.Mistakes = append(e.Mistakes, exercise.Mistake{Answer: m.answer, Hint: hint})
		}
	}
	return e, nil
}

func filled(t *template.Template, numbers any) (string, error) {
	var text strings.Builder
	err := t.Execute(&text, numbers)
	return text.String(), err
}

// draw supplies the numbers of one exercise: random ones, or those of the
// sheet.
type draw struct {
	random *rand.Rand // nil for the sheet
}

// int draws one of the choices; on the sheet it returns the first argument.
func (d draw) int(sheet int, choices ...int) int { return oneOf(d, sheet, choices) }

// float draws one of the choices; on the sheet it returns the first argument.
func (d draw) float(sheet float64, choices ...float64) float64 { return oneOf(d, sheet, choices) }

// word draws one of the choices; on the sheet it returns the first argument.
func (d draw) word(sheet string, choices ...string) string { return oneOf(d, sheet, choices) }

// between draws a whole number from low to high, both included; on the sheet
// it returns the first argument.
func (d draw) between(sheet, low, high int) int {
	if d.random == nil {
		return sheet
	}
	return low + d.random.IntN(high-low+1)
}

// seed draws a seed for functions with their own generator; on the sheet it
// returns the argument.
func (d draw) seed(sheet int64) int64 {
	if d.random == nil {
		return sheet
	}
	return 1 + d.random.Int64N(1<<31)
}

// matrixOf draws every number of a matrix.
func matrixOf[T any](rows, columns int, number func() T) [][]T {
	values := make([][]T, rows)
	for i := range values {
		for range columns {
			values[i] = append(values[i], number())
		}
	}
	return values
}

func oneOf[T any](d draw, sheet T, choices []T) T {
	if d.random == nil {
		return sheet
	}
	return choices[d.random.IntN(len(choices))]
}
