package homework

import (
	"encoding/json"
	"fmt"

	"evident/internal/badinput"
	"evident/kit/exercise"
	"evident/lessons"
)

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
	if v.Set, err = of(name, seed, student); err != nil {
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
