package live

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"evident/internal/badinput"
	"evident/internal/homework"
	"evident/internal/render"
	"evident/kit/exercise"
)

// Exercises asks for those of a lesson that a seed decides: for the questions, for the verdict on one answer, or for
// the student's notebook. They are the same as `evident variant` draws without a student.
type Exercises struct {
	Lesson   string `json:"lesson"`
	Seed     string `json:"seed"`     // as typed
	Question string `json:"question"` // that is answered; "" for all questions
	Answer   string `json:"answer"`   // as typed
	Notebook bool   `json:"notebook"`
}

// Drawn is a question with its numbers, and a form for the answer.
type Drawn struct {
	ID   string `json:"id"`
	HTML string `json:"html"`
}

// Judged is the verdict on an answer: the checker's card, and the explanation once the answer is right.
type Judged struct {
	Verdict exercise.Verdict `json:"verdict"`
	HTML    string           `json:"html"`
}

// File is what the reader may download.
type File struct {
	Name    string `json:"name"`
	Content []byte `json:"content"`
}

func (e Exercises) run() (Message, error) {
	seed, err := strconv.ParseInt(strings.TrimSpace(e.Seed), 10, 64)
	if err != nil {
		return Message{}, badinput.Errorf("the seed %q is no whole number of up to 18 digits: write one, as in 80127", badinput.OneLine(e.Seed))
	}
	if e.Notebook {
		return notebook(e.Lesson, seed)
	}
	set, err := homework.Draw(e.Lesson, seed, "")
	if err != nil {
		return Message{}, err
	}
	if e.Question != "" {
		return judge(set, e.Question, e.Answer)
	}
	var m Message
	for _, q := range set.Questions {
		drawn := Drawn{ID: q.ID}
		if drawn.HTML, err = questionMarkup(q); err != nil {
			return Message{}, err
		}
		m.Questions = append(m.Questions, drawn)
	}
	return m, nil
}

func notebook(lesson string, seed int64) (Message, error) {
	variant, err := homework.NewVariant(lesson, seed, "")
	if err != nil {
		return Message{}, err
	}
	content, err := variant.Student()
	return Message{File: &File{lesson + ".ipynb", content}}, err
}

func judge(set exercise.Set, id, answer string) (Message, error) {
	q, err := set.Find(id)
	if err != nil {
		return Message{}, err
	}
	if q.Form.Kind == exercise.Code {
		return Message{}, badinput.Errorf("%s asks for a function in Go, which a page cannot judge: write it in the notebook", id)
	}
	result, err := set.Answer(id, valueOf(q.Form.Kind, answer))
	if err != nil {
		return Message{}, err
	}
	judged := Judged{Verdict: result.Verdict}
	if judged.HTML, err = render.LiveAnswer(result); err != nil {
		return Message{}, err
	}
	if result.Verdict == exercise.Right {
		why, err := markdown(q.Why)
		if err != nil {
			return Message{}, err
		}
		judged.HTML += why
	}
	return Message{Judged: &judged}, nil
}

var (
	wholeNumber = regexp.MustCompile(`-?\d+`)
	// betweenNumbers is what may stand around the numbers of a shape, as in "4, 4, 8", "4×4×8" and "[]int{4, 4, 8}".
	betweenNumbers = regexp.MustCompile(`^(\[\]int)?[\s,;×x(){}\[\]]*$`)
)

// valueOf is the value that a reader has typed; the text itself where it is none of the kind; nil for no text.
func valueOf(kind exercise.Kind, typed string) any {
	typed = strings.ReplaceAll(strings.TrimSpace(typed), "−", "-")
	switch kind {
	case exercise.Count, exercise.Number:
		if number, err := strconv.ParseFloat(typed, 64); err == nil {
			return number
		}
	case exercise.Shape:
		var sizes []int
		for _, text := range wholeNumber.FindAllString(typed, -1) {
			size, err := strconv.Atoi(text)
			if err != nil {
				return typed
			}
			sizes = append(sizes, size)
		}
		if len(sizes) > 0 && betweenNumbers.MatchString(wholeNumber.ReplaceAllString(typed, "")) {
			return sizes
		}
	}
	if typed == "" {
		return nil
	}
	return typed
}

// questionMarkup is a question's text with a form for the answer. A function has none: only the notebook can run it.
func questionMarkup(q exercise.Question) (string, error) {
	text, err := markdown(q.Text)
	if err != nil {
		return "", fmt.Errorf("%s: %w", q.ID, err)
	}
	var out strings.Builder
	err = g.Group{g.Raw(text), answerForm(q)}.Render(&out)
	return out.String(), err
}

func answerForm(q exercise.Question) g.Node {
	if q.Form.Kind == exercise.Code {
		return h.P(h.Class("in-notebook"), g.Text("The answer is a function in Go, which a page cannot run: write it in the notebook, which checks it."))
	}
	return g.Group{
		h.Form(h.Class("answer"), h.Data("question", q.ID), g.Attr("novalidate"),
			answerInput(q), h.Button(h.Type("submit"), g.Text("Check"), h.Span(h.Class("unseen"), g.Text(" “"+q.Title+"”"))),
		),
		h.Div(h.Class("judged"), h.Role("status")),
	}
}

func answerInput(q exercise.Question) g.Node {
	id := "answer-" + q.ID
	switch q.Form.Kind {
	case exercise.Choice:
		legend := "Your answer"
		if q.Form.Unit != "" {
			legend += " (" + q.Form.Unit + ")"
		}
		return h.FieldSet(h.Legend(g.Text(legend)), g.Map(q.Form.Options, func(option string) g.Node {
			return h.Label(h.Input(h.Type("radio"), h.Name("answer"), h.Value(option)), g.Text(" "+option))
		}))
	case exercise.Shape:
		return textInput(id, "whole numbers in order, as in 4, 4, 8", "text")
	case exercise.Number:
		return textInput(id, q.Form.String(), "text") // a phone's decimal keys may have no minus
	}
	return textInput(id, q.Form.String(), "numeric")
}

func textInput(id, asked, keys string) g.Node {
	return g.Group{
		h.Label(h.For(id), g.Text("Your answer: "+asked)),
		h.Input(h.ID(id), h.Name("answer"), h.Type("text"), g.Attr("inputmode", keys), g.Attr("autocomplete", "off"), g.Attr("spellcheck", "false")),
	}
}
