// Package homework draws the exercises of every lesson. A seed and a student's name
// decide the numbers, and the lessons' own code computes the answers. The text of
// the questions is Markdown in the folder questions; LESSON.go draws the numbers
// and computes the answers.
//
// The package is internal so that no notebook can import it. A student's notebook
// has a sealed sheet instead (see package exercise).
package homework

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"evident/internal/badinput"
	"evident/kit/exercise"
	"evident/lessons"
)

// entry is a question that can be drawn. The id of an exercise is the lesson, a dot
// and the name.
type entry struct {
	name     string
	question func(draw) question
}

// course holds the questions of one lesson.
type course struct {
	lesson  string
	entries []entry
}

// attempts limits how often numbers are drawn again.
const attempts = 100

// drawn draws the question. It draws again as long as two answers, right or wrong,
// could be confused. The sheet's numbers are fixed.
func (e entry) drawn(d draw) question {
	q := e.question(d)
	for range attempts {
		if d.random == nil || q.distinct() {
			break
		}
		q = e.question(d)
	}
	return q
}

// courses returns the courses of all lessons with their questions, in the order of
// the sheet.
func courses() []course {
	return []course{
		{"learningrate", []entry{
			{"path", learningratePath}, {"edge", learningrateEdge}, {"steps", learningrateSteps},
			{"curve", learningrateCurve}, {"floor", learningrateFloor}, {"descend", learningrateFunction}, {"clip", learningrateClip},
		}},
		{"saddle", []entry{
			{"kind", saddleKind}, {"escape", saddleEscape}, {"growth", saddleGrowth},
			{"adam", saddleAdam}, {"first", saddleFirst}, {"step", saddleFunction}, {"nesterov", saddleNesterov},
		}},
		{"minibatch", []entry{
			{"steps", minibatchSteps}, {"move", minibatchMove}, {"noise", minibatchNoise},
			{"picture", minibatchPicture}, {"gain", minibatchGain}, {"epoch", minibatchFunction}, {"spread", minibatchSpread},
		}},
		{"byhand", []entry{
			{"forward", byhandForward}, {"backward", byhandBackward}, {"convolution", byhandConvolution},
			{"pooling", byhandPooling}, {"kernel", byhandKernel}, {"gradient", byhandFunction}, {"hidden", byhandHidden},
		}},
		{"params", []entry{
			{"conv1", paramsConvolution}, {"conv2", paramsSecond}, {"flat", paramsFlat}, {"dense", paramsDense},
			{"total", paramsTotal}, {"change", paramsChange}, {"count", paramsFunction}, {"conv", paramsConv},
		}},
		{"convdims", []entry{
			{"shape", convdimsShape}, {"weights", convdimsWeights}, {"work", convdimsWork},
			{"net", convdimsNet}, {"time", convdimsTime}, {"conv3d", convdimsFunction}, {"factored", convdimsFactored},
		}},
		{"imageclass", []entry{
			{"measure", imageclassMeasure}, {"area", imageclassArea}, {"params", imageclassParams},
			{"steps", imageclassSteps}, {"threshold", imageclassThreshold}, {"auc", imageclassFunction},
			{"loss", imageclassLoss},
		}},
		{"textcnn", []entry{
			{"params", textcnnParams}, {"maps", textcnnMaps}, {"peak", textcnnPeak},
			{"work", textcnnWork}, {"order", textcnnOrder}, {"maxOverTime", textcnnFunction},
			{"pooled", textcnnPooled},
		}},
		{"pointwise", []entry{
			{"count", pointwiseCount}, {"saving", pointwiseSaving}, {"fire", pointwiseFire},
			{"printed", pointwisePrinted}, {"touch", pointwiseTouch}, {"pixels", pointwiseFunction},
			{"excite", pointwiseExcite},
		}},
		{"inception", []entry{
			{"shape", inceptionShape}, {"params", inceptionParams}, {"size", inceptionSize},
			{"field", inceptionField}, {"gaps", inceptionGaps}, {"module", inceptionFunction}, {"tower", inceptionTower},
		}},
	}
}

// Draw draws the exercises of a lesson for a student. An empty name stands for the
// whole class. The same arguments give the same exercises. The error is a
// [badinput.Err] if there is no such lesson.
func Draw(name string, seed int64, student string) (exercise.Set, error) {
	about := purpose(name, seed, student)
	return set(name, codeOf(about), func(id string) draw { return draw{random: exercise.Random(about, id)} })
}

// Sheet returns the exercises with the numbers of the original homework sheet, or
// those that the lesson shows. The error is a [badinput.Err] if there is no such
// lesson.
func Sheet(name string) (exercise.Set, error) {
	return set(name, "sheet", func(string) draw { return draw{} })
}

// Has reports whether there are exercises of a lesson.
func Has(name string) bool {
	return slices.ContainsFunc(courses(), func(c course) bool { return c.lesson == name })
}

// codeOf identifies a draw without revealing its seed.
func codeOf(about string) string {
	sum := sha256.Sum256([]byte("evident homework\x00" + about))
	return hex.EncodeToString(sum[:8])
}

func set(name, code string, drawFor func(id string) draw) (exercise.Set, error) {
	var known []string
	for _, c := range courses() {
		if c.lesson == name {
			return c.set(code, drawFor)
		}
		known = append(known, c.lesson)
	}
	return exercise.Set{}, badinput.Errorf("no exercises for lesson %q: there are some for %s", name, strings.Join(known, ", "))
}

func (c course) set(code string, drawFor func(id string) draw) (exercise.Set, error) {
	s := exercise.Set{Lesson: c.lesson, Code: code}
	words, err := wordsOf(c.lesson)
	if err != nil {
		return s, err
	}
	for _, e := range c.entries {
		id := c.lesson + "." + e.name
		q, err := words[e.name].exercise(id, e.drawn(drawFor(id)))
		if err != nil {
			return s, err
		}
		s.Questions = append(s.Questions, q)
	}
	return s, nil
}

// Variant holds the exercises of a lesson for one seed and student, with
// everything that the teacher needs.
type Variant struct {
	Name  string // of the student; empty for the whole class
	Set   exercise.Set
	Sheet exercise.Sheet
	title string // of the lesson
	seed  int64
}

// NewVariant draws the exercises. The error is a [badinput.Err].
func NewVariant(name string, seed int64, student string) (Variant, error) {
	v := Variant{seed: seed, Name: student}
	found, err := lessons.Find(name)
	if err != nil {
		return v, err
	}
	v.title = found[0].Title
	if v.Set, err = Draw(name, seed, student); err != nil {
		return v, err
	}
	v.Sheet, err = v.Set.Seal()
	return v, err
}

// unseenCalls is the number of calls that grade a coding question.
const unseenCalls = 5

// unseen returns the calls that grade a coding question. No student sees them,
// because they follow from the seed.
func (v Variant) unseen(q exercise.Question) ([]exercise.Case, error) {
	if q.Form.Kind != exercise.Code {
		return nil, nil
	}
	return q.Cases(unseenCalls, exercise.Random("unseen", purpose(v.Set.Lesson, v.seed, v.Name), q.ID))
}

// unseenInputs returns the arguments of those calls, for the hidden test.
func (v Variant) unseenInputs(q exercise.Question) (string, error) {
	cases, err := v.unseen(q)
	if err != nil || cases == nil {
		return "", err
	}
	inputs := make([]json.RawMessage, len(cases))
	for i, c := range cases {
		inputs[i] = c.Inputs
	}
	encoded, err := json.Marshal(inputs)
	return string(encoded), err
}

// Key is the teacher's key: it reproduces the exercises and shows their
// answers.
type Key struct {
	Lesson  string      `json:"lesson"`
	Seed    int64       `json:"seed"`
	Student string      `json:"student,omitempty"`
	Code    string      `json:"code"` // code of the sheet
	Answers []keyAnswer `json:"answers"`
}

// keyAnswer is one answer; it is empty for a function.
type keyAnswer struct {
	Question string `json:"question"`
	Points   int    `json:"points"`
	Answer   any    `json:"answer,omitempty"`
}

// Key returns the variant's key.
func (v Variant) Key() Key {
	k := Key{Lesson: v.Set.Lesson, Seed: v.seed, Student: v.Name, Code: v.Set.Code}
	for _, q := range v.Set.Questions {
		k.Answers = append(k.Answers, keyAnswer{q.ID, q.Points, q.Right})
	}
	return k
}

// Variant draws the exercises of a key again. The error is a [badinput.Err] if
// they have changed since.
func (k Key) Variant() (Variant, error) {
	v, err := NewVariant(k.Lesson, k.Seed, k.Student)
	if err != nil {
		return v, err
	}
	again, err := json.Marshal(v.Key())
	if err != nil {
		return v, err
	}
	given, err := json.Marshal(k)
	if err != nil {
		return v, err
	}
	if string(again) != string(given) {
		return v, badinput.Errorf("the key of %s with seed %d was made by another version of the exercises: "+
			"grade with the version that made it", k.Lesson, k.Seed)
	}
	return v, nil
}

// purpose names the random numbers of a draw.
func purpose(name string, seed int64, student string) string {
	return fmt.Sprintf("%s\x00%d\x00%s", name, seed, student)
}

// Given holds the outputs of a notebook's cells by question. A missing question
// has no cell, and one without results was not run.
type Given map[string][]exercise.Result

// Graded is the verdict on one question.
type Graded struct {
	exercise.Result
	Points int `json:"points"` // earned
	Of     int `json:"of"`     // possible
}

// Check judges answers by the sheet alone, as the student's notebook does. What
// the notebook says of an answer is not believed: only the answer counts, and the
// last one of its cell. Without one, it may say why there is none. The error is a
// [badinput.Err]: the notebook has no cell of any question.
func Check(sheet exercise.Sheet, given Given) ([]Graded, error) {
	if len(given) == 0 {
		return nil, badinput.Errorf("no question of %s has a cell here: take the notebook as it was handed out", sheet.Lesson)
	}
	var all []Graded
	for _, item := range sheet.Items {
		results, found := given[item.ID]
		if !found {
			gone := exercise.Result{Question: item.ID, Verdict: exercise.Missing, Hint: "Its cell is gone: put it back from the notebook as it was handed out."}
			all = append(all, scored(gone, item))
			continue
		}
		answer := answerOf(item.ID, results)
		if answer.Answer == nil && answer.Verdict != "" {
			all = append(all, scored(answer, item))
			continue
		}
		judged, err := sheet.Judge(answer)
		if err != nil {
			return nil, err
		}
		all = append(all, scored(judged, item))
	}
	return all, nil
}

// answerOf is the last answer among the results of a cell or, where there is none,
// the first reason for that.
func answerOf(id string, results []exercise.Result) exercise.Result {
	answer := exercise.Result{Question: id}
	for _, r := range results {
		switch {
		case r.Question != id:
		case r.Answer != nil:
			answer = r
		case answer.Answer == nil && answer.Verdict == "" && slices.Contains(reasons, r.Verdict):
			answer = exercise.Result{Question: id, Verdict: r.Verdict, Hint: r.Hint}
		}
	}
	return answer
}

// reasons are the verdicts on what has no answer.
var reasons = []exercise.Verdict{exercise.Wrong, exercise.Unreadable, exercise.Failed}

func scored(r exercise.Result, item exercise.Item) Graded {
	g := Graded{Result: r, Of: item.Points}
	if r.Verdict == exercise.Right {
		g.Points = item.Points
	}
	return g
}

// Grade judges answers by the key. It judges functions by their results on inputs
// that the student has not seen.
func (v Variant) Grade(given Given) ([]Graded, error) {
	all, err := Check(v.Sheet, given)
	if err != nil {
		return nil, err
	}
	for i, q := range v.Set.Questions {
		if q.Form.Kind != exercise.Code || all[i].Verdict != exercise.Right {
			continue
		}
		cases, err := v.unseen(q)
		if err != nil {
			return nil, err
		}
		if verdict, hint := judgeUnseen(cases, given[q.ID]); verdict != exercise.Right {
			all[i].Verdict, all[i].Hint, all[i].Points = verdict, hint, 0
		}
	}
	return all, nil
}

// judgeUnseen tells nothing of the inputs: a hint is shown to the student.
func judgeUnseen(cases []exercise.Case, results []exercise.Result) (exercise.Verdict, string) {
	var outputs []json.RawMessage
	failed := false
	for _, r := range results {
		switch {
		case r.Verdict == exercise.Unjudged:
			outputs = r.Unseen
		case r.Answer == nil && slices.Contains(reasons, r.Verdict):
			failed = true
		}
	}
	switch {
	case outputs == nil && failed:
		return exercise.Wrong, "Right on the examples; on unseen inputs it panics, does not end, or returns no finite numbers."
	case outputs == nil:
		return exercise.Unjudged, "Right on the examples; it was not run on unseen inputs, which the hidden test of the solution notebook does."
	case !exercise.Agree(cases, outputs):
		return exercise.Wrong, "Right on the examples, wrong on unseen inputs."
	}
	return exercise.Right, ""
}
