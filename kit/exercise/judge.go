package exercise

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"evident/internal/badinput"
)

// Verdict is the result of judging an answer.
type Verdict string

// The verdicts.
const (
	Right      Verdict = "right"
	Wrong      Verdict = "wrong"
	Unreadable Verdict = "unreadable" // of the wrong type or unit
	Missing    Verdict = "missing"    // not answered yet
	Failed     Verdict = "failed"     // its cell did not compile or ended without an answer, or its function panicked
	Unjudged   Verdict = "unjudged"   // outputs on unseen inputs, for a grader
)

// MIMEType marks a [Result] in the output of a cell.
const MIMEType = "application/vnd.evident.answer+json"

// Result is the judgement of one answer.
type Result struct {
	Question string          `json:"question"`
	Verdict  Verdict         `json:"verdict"`
	Hint     string          `json:"hint,omitempty"` // names the mistake, or says what cannot be read
	Answer   json.RawMessage `json:"answer,omitempty"`
	// Unseen lists the outputs of a function on unseen inputs.
	Unseen []json.RawMessage `json:"unseen,omitempty"`
}

// as returns the result with a verdict and a hint.
func (r Result) as(v Verdict, hint string) Result {
	r.Verdict, r.Hint = v, sentence(hint)
	return r
}

// NotYet is the placeholder for an answer. A function that panics with it counts
// as not answered.
const NotYet = "not answered yet"

// Answer judges an answer, which is a value or a function that returns it. The
// error is [badinput.Err] if the sheet has no such question.
func (s Sheet) Answer(id string, answer any) (Result, error) {
	item, err := s.find(id)
	if err != nil {
		return Result{}, err
	}
	return item.answer(answer, s.judge)
}

// Answer judges as [Sheet.Answer] does, without hashing: a number is right if it
// lies within the step of the answer.
func (s Set) Answer(id string, answer any) (Result, error) {
	q, err := s.Find(id)
	if err != nil {
		return Result{}, err
	}
	return q.answer(s.Code, answer)
}

// Several judges the answers to several questions by their ids, in the order of
// the questions. It counts the right answers and names only the first wrong one,
// so that the reader finds the others. The error is [badinput.Err] if there is no
// such question.
func Several[A any](name string, questions []Question, answers map[string]A) (Result, error) {
	for _, id := range slices.Sorted(maps.Keys(answers)) {
		if _, err := find(questions, id); err != nil {
			return Result{}, err
		}
	}
	result := Result{Question: name, Verdict: Right}
	if len(answers) == 0 {
		result.Verdict, result.Hint = Missing, "Write your answers."
		return result, nil
	}
	right, first := 0, ""
	for _, q := range questions {
		answer, given := answers[q.ID]
		if !given {
			continue
		}
		switch own, err := q.answer("", answer); {
		case err != nil:
			return Result{}, err
		case own.Verdict == Right:
			right++
		case first == "":
			result.Verdict, first = own.Verdict, " Look again at "+own.Question+". "+own.Hint
		}
	}
	result.Hint = strings.TrimSpace(fmt.Sprintf("%d of %d are right.%s", right, len(answers), first))
	return result, nil
}

// answer judges an unsealed answer. The code seeds the examples on which a
// function is tried.
func (q Question) answer(code string, answer any) (Result, error) {
	item := Item{ID: q.ID, Form: q.Form}
	if q.Form.Kind == Code {
		var err error
		if item, err = q.coded(code); err != nil {
			return Result{}, err
		}
	}
	return item.answer(answer, q.judge)
}

// answer reads an answer and passes it to judge.
func (i Item) answer(answer any, judge func(Item, Result) (Result, error)) (Result, error) {
	if i.Form.Kind == Code {
		return i.try(answer)
	}
	result := Result{Question: i.ID}
	value, err := valueOf(answer)
	if err == nil {
		if result.Answer, err = json.Marshal(value); err != nil {
			err = i.Form.unreadable(json.RawMessage(written(value)))
		}
	}
	switch {
	case errors.Is(err, errNotYet):
		return result.as(Missing, "Write your answer: "+i.Form.String()), nil
	case err != nil:
		return Result{Question: i.ID}.as(Unreadable, err.Error()), nil
	}
	return judge(i, result)
}

// Judge judges an answer again, from an earlier result.
func (s Sheet) Judge(given Result) (Result, error) {
	item, err := s.find(given.Question)
	if err != nil {
		return Result{}, err
	}
	result := Result{Question: given.Question, Answer: given.Answer}
	if len(given.Answer) == 0 {
		return result.as(Missing, "Write your answer: "+item.Form.String()), nil
	}
	if item.Form.Kind == Code {
		return judgeOutputs(item, result), nil
	}
	return s.judge(item, result)
}

// Questions returns the ids of the questions, in order.
func (s Sheet) Questions() []string {
	ids := make([]string, len(s.Items))
	for i, item := range s.Items {
		ids[i] = item.ID
	}
	return ids
}

// Find returns the question with an id. The error is [badinput.Err] if the set has none.
func (s Set) Find(id string) (Question, error) { return find(s.Questions, id) }

// find returns the question with the id.
func find(questions []Question, id string) (Question, error) {
	known := make([]string, len(questions))
	for i, q := range questions {
		if q.ID == id {
			return q, nil
		}
		known[i] = q.ID
	}
	return Question{}, unknown(id, known)
}

// unknown returns an error that lists the existing questions.
func unknown(id string, known []string) error {
	return badinput.Errorf("there is no question %q here: the questions are %s", id, strings.Join(known, ", "))
}

func (s Sheet) find(id string) (Item, error) {
	at := slices.IndexFunc(s.Items, func(item Item) bool { return item.ID == id })
	if at < 0 {
		return Item{}, unknown(id, s.Questions())
	}
	return s.Items[at], nil
}

func (s Sheet) judge(item Item, result Result) (Result, error) {
	ways, err := item.Form.ways(result.Answer)
	if err != nil {
		return result.as(Unreadable, err.Error()), nil
	}
	seals := make([]string, len(ways))
	for i, way := range ways {
		if seals[i], err = s.seal(item.ID, way); err != nil {
			return result, err
		}
	}
	if slices.Contains(seals, item.Right) {
		return result.as(Right, ""), nil
	}
	for _, m := range item.Mistakes {
		if slices.Contains(seals, m.Seal) {
			return result.as(Wrong, m.Hint), nil
		}
	}
	return result.as(Wrong, ""), nil
}

// judge compares an answer with the question's own.
func (q Question) judge(_ Item, result Result) (Result, error) {
	is, err := q.Form.is(result.Answer, q.Right)
	if err != nil {
		return result.as(Unreadable, err.Error()), nil
	}
	if is {
		return result.as(Right, ""), nil
	}
	for _, m := range q.Mistakes {
		if is, err := q.Form.is(result.Answer, m.Answer); err == nil && is {
			return result.as(Wrong, m.Hint), nil
		}
	}
	return result.as(Wrong, q.Hint), nil
}

// try calls a function on the examples.
func (i Item) try(function any) (result Result, err error) {
	result = Result{Question: i.ID}
	if problem := i.unfit(function); problem != nil {
		return result.as(Unreadable, problem.Error()), nil
	}
	outputs := make([]json.RawMessage, len(i.Cases))
	for at, c := range i.Cases {
		if outputs[at], err = call(function, i.Form.Types, c.Inputs); err != nil {
			return result.uncalled(err), nil
		}
	}
	if result.Answer, err = json.Marshal(outputs); err != nil {
		return result, err
	}
	return judgeOutputs(i, result), nil
}

// uncalled returns the result for a function whose call gave an error.
func (r Result) uncalled(err error) Result {
	var thrown panicked
	switch {
	case !errors.As(err, &thrown):
		return r.as(Wrong, err.Error())
	case thrown.reason == NotYet:
		return r.as(Missing, "write the function")
	}
	return r.as(Failed, err.Error())
}

// unfit returns an error if a function has the wrong type.
func (i Item) unfit(function any) error {
	if i.Form.Kind != Code {
		return badinput.Errorf("question %s asks for %s, not for a function", i.ID, i.Form)
	}
	if signature(function) != i.Form.Signature {
		return badinput.Errorf("the type %s does not fit: write %s", signature(function), i.Form)
	}
	return nil
}

// judgeOutputs compares a function's results with those of the examples.
func judgeOutputs(item Item, result Result) Result {
	var outputs []json.RawMessage
	if json.Unmarshal(result.Answer, &outputs) != nil || len(outputs) != len(item.Cases) {
		return result.as(Unreadable, "the outputs of the function are not there")
	}
	for i, c := range item.Cases {
		if same(outputs[i], c.Output) {
			continue
		}
		hint := difference(c, outputs[i])
		for _, slip := range c.Slips {
			if same(outputs[i], slip.Output) {
				hint = slip.Hint
			}
		}
		return result.as(Wrong, hint)
	}
	return result.as(Right, "")
}

// Unseen calls a function on a grader's inputs, which are a list of lists of
// arguments. It does not judge the results.
func (s Sheet) Unseen(id string, function any, inputs string) (Result, error) {
	item, err := s.find(id)
	if err != nil {
		return Result{}, err
	}
	result := Result{Question: id, Verdict: Unjudged}
	if problem := item.unfit(function); problem != nil {
		return result.as(Unreadable, problem.Error()), nil
	}
	var calls []json.RawMessage
	if err := json.Unmarshal([]byte(inputs), &calls); err != nil {
		return result, badinput.Errorf("the unseen inputs of %s are damaged: %w", id, err)
	}
	for _, arguments := range calls {
		output, err := call(function, item.Form.Types, arguments)
		if err != nil {
			return Result{Question: id}.uncalled(err), nil
		}
		result.Unseen = append(result.Unseen, output)
	}
	return result, nil
}

// Agree reports whether a function's outputs on unseen inputs are right.
func Agree(cases []Case, outputs []json.RawMessage) bool {
	return slices.EqualFunc(cases, outputs, func(c Case, output json.RawMessage) bool { return same(c.Output, output) })
}

var errNotYet = errors.New(NotYet)

// valueOf returns the answer itself, or the result of a function without
// arguments.
func valueOf(answer any) (value any, err error) {
	function, ok := answer.(func() any)
	if !ok {
		if answer == nil {
			return nil, errNotYet
		}
		return answer, nil
	}
	defer func() {
		if reason := recover(); reason == NotYet {
			err = errNotYet
		} else if reason != nil {
			err = badinput.Errorf("the answer panicked: %v", reason)
		}
	}()
	return function(), nil
}

// written describes a value that JSON cannot hold: numbers that are not all
// finite, or else its type.
func written(value any) string {
	if caller, ok := value.(Caller); ok {
		return "of the type " + caller.Signature()
	}
	switch reflect.TypeOf(value).Kind() {
	case reflect.Float64, reflect.Float32, reflect.Slice:
		return badinput.OneLine(fmt.Sprint(value))
	}
	return fmt.Sprintf("of the type %T", value)
}

// sentence adds a capital and a full stop.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(text[size:], ".") + "."
}

// call applies a function to its arguments, a JSON list, and returns the list
// of its results, or a caller's [Outcome]. The error is [panicked], or a
// [badinput.Err] if the function returns a number that is not finite.
func call(function any, types []string, arguments json.RawMessage) (output json.RawMessage, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = panicked{reason, types, arguments}
		}
	}()
	if caller, ok := function.(Caller); ok {
		outcome, err := caller.Call(types, arguments)
		if err != nil {
			return nil, err
		}
		return json.Marshal(outcome)
	}
	var given []json.RawMessage
	if err := json.Unmarshal(arguments, &given); err != nil {
		return nil, err
	}
	of := reflect.TypeOf(function)
	values := make([]reflect.Value, of.NumIn())
	for i := range values {
		value := reflect.New(of.In(i))
		if err := json.Unmarshal(given[i], value.Interface()); err != nil {
			return nil, err
		}
		values[i] = value.Elem()
	}
	results := []any{}
	for _, result := range reflect.ValueOf(function).Call(values) {
		results = append(results, result.Interface())
	}
	if output, err = json.Marshal(results); err != nil {
		return nil, badinput.Errorf("the function does not return finite numbers on %s", shortened(arguments))
	}
	return output, nil
}

// panicked says that a function panicked on its arguments.
type panicked struct {
	reason    any
	types     []string
	arguments json.RawMessage
}

func (p panicked) Error() string {
	reason, _, _ := strings.Cut(fmt.Sprint(p.reason), "\n")
	return "the function panicked on " + p.given() + ": " + badinput.OneLine(reason)
}

// given returns the arguments or, for a function on nodes, their types and shapes, on
// which alone a graph depends.
func (p panicked) given() string {
	var values []any
	if p.types == nil || json.Unmarshal(p.arguments, &values) != nil || len(values) != len(p.types) {
		return shortened(p.arguments)
	}
	kinds := make([]string, len(values))
	for i, value := range values {
		kinds[i] = Tensor{Type: p.types[i], Shape: ShapeOf(value)}.kind()
	}
	return strings.Join(kinds, ", ")
}

// shortened returns the beginning of a long text.
func shortened(text json.RawMessage) string {
	const most = 200
	letters := []rune(string(text))
	if len(letters) <= most {
		return string(text)
	}
	return string(letters[:most]) + "…"
}

// tolerance is the largest difference between equal results, as a fraction of
// the larger one or of 1. It allows for rounding in float32.
const tolerance = 1e-4

// same compares two results of any shape, or two outcomes.
func same(want, got json.RawMessage) bool {
	if wanted, isOutcome := outcomeOf(want); isOutcome {
		given, isOutcome := outcomeOf(got)
		return isOutcome && wanted.difference(given) == ""
	}
	var first, second any
	return json.Unmarshal(want, &first) == nil && json.Unmarshal(got, &second) == nil && alike(first, second)
}

// difference says how an output differs from the one that a case expects.
func difference(c Case, got json.RawMessage) string {
	wanted, isOutcome := outcomeOf(c.Output)
	if !isOutcome {
		return "On " + shortened(c.Inputs) + " it should return " + shortened(c.Output) + " and returns " + shortened(got)
	}
	given, isOutcome := outcomeOf(got)
	if !isOutcome {
		return "the outputs of the function are not there"
	}
	return "On " + shortened(c.Inputs) + " " + wanted.difference(given)
}

func alike(a, b any) bool {
	switch a := a.(type) {
	case float64:
		b, ok := b.(float64)
		return ok && math.Abs(a-b) <= tolerance*max(1, math.Abs(a), math.Abs(b))
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !alike(a[i], b[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}
