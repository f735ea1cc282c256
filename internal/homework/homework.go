// Package homework draws the exercises of every lesson. Their numbers change
// with a seed and a student; the answers come from the code that the lessons
// run.
//
// The package is internal, so that no notebook can import it: a student's
// notebook has a sealed sheet instead (see package exercise).
package homework

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"evident/internal/badinput"
	"evident/kit/exercise"
)

// template is a question whose numbers are to be drawn. Its ID is that of the
// lesson, a dot and the name.
type template struct {
	name string
	draw func(Draw) exercise.Question
}

// course is the templates of one lesson.
type course struct {
	lesson    string
	templates []template
}

// attempts bounds how often numbers are drawn again.
const attempts = 100

// sound draws the question, and again while two of its answers, right or wrong,
// could be taken for each other. The sheet's numbers are what they are.
func (t template) sound(d Draw) exercise.Question {
	q := t.draw(d)
	for range attempts {
		if d.random == nil || distinct(q) {
			break
		}
		q = t.draw(d)
	}
	return q
}

// distinct reports whether all answers of a question can be told apart.
func distinct(q exercise.Question) bool {
	for i, a := range q.Mistakes {
		if same, err := q.Form.Same(q.Right, a.Answer); same || err != nil {
			return false
		}
		for _, b := range q.Mistakes[:i] {
			if same, err := q.Form.Same(a.Answer, b.Answer); same || err != nil {
				return false
			}
		}
	}
	return true
}

// courses are those of all lessons, in their order.
func courses() []course {
	return []course{
		{"learningrate", learningrateQuestions()},
		{"saddle", saddleQuestions()},
		{"minibatch", minibatchQuestions()},
		{"byhand", byhandQuestions()},
		{"params", paramsQuestions()},
		{"convdims", convdimsQuestions()},
		{"imageclass", imageclassQuestions()},
		{"textcnn", textcnnQuestions()},
		{"pointwise", pointwiseQuestions()},
		{"inception", inceptionQuestions()},
	}
}

// Of draws the exercises of a lesson for a student, whose name may be empty: then
// they are those of the whole class. The same arguments give the same exercises.
// The error is a [badinput.Err]: there is no such lesson.
func Of(name string, seed int64, student string) (exercise.Set, error) {
	about := purpose(name, seed, student)
	return drawn(name, codeOf(about), func(id string) Draw { return Draw{random: exercise.Random(about, id)} })
}

// Sheet is the exercises with the numbers of the homework sheet itself, or those
// that the lesson shows.
func Sheet(name string) (exercise.Set, error) {
	return drawn(name, "sheet", func(string) Draw { return Draw{} })
}

// codeOf names a draw without telling its seed.
func codeOf(about string) string {
	sum := sha256.Sum256([]byte("evident homework\x00" + about))
	return hex.EncodeToString(sum[:8])
}

func drawn(name, code string, draw func(id string) Draw) (exercise.Set, error) {
	set := exercise.Set{Lesson: name, Code: code}
	var known []string
	for _, c := range courses() {
		known = append(known, c.lesson)
		if c.lesson != name {
			continue
		}
		for _, t := range c.templates {
			id := name + "." + t.name
			q := t.sound(draw(id))
			q.ID = id
			set.Questions = append(set.Questions, q)
		}
	}
	if set.Questions == nil {
		return set, badinput.Errorf("no exercises for lesson %q: there are some for %s", name, strings.Join(known, ", "))
	}
	return set, nil
}
