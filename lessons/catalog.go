// Package lessons is the ordered catalog of all lessons, and the only place
// that lists them.
package lessons

import (
	"context"
	"strings"

	"github.com/gomlx/compute"

	"evident/lessons/inception"
	"evident/lessons/learningrate"
	"evident/lessons/lesson"
)

// Lesson is one entry of the catalog.
type Lesson struct {
	Name     string // of the package and on the command line
	Title    string
	Question string         // the homework's, as in "Q7"
	Notebook string         // file name below notebooks/
	Claims   []lesson.Claim // as declared, not yet judged

	// Config is the lesson's configuration at a scale, with all its knobs.
	Config func(o lesson.Options) any
	// Run measures and judges. A refuted claim or a diverged training is a
	// result; the error means that it could not be measured, and is
	// [lesson.ErrBadInput] when the user can mend it.
	Run func(ctx context.Context, backend compute.Backend, o lesson.Options) (lesson.Report, error)
}

// All lists the lessons in the order of the course.
func All() []Lesson {
	return []Lesson{
		{
			Name: "learningrate", Title: learningrate.Title, Question: "Q1 a, b", Notebook: "01-learning-rate.ipynb",
			Claims: learningrate.Claims(), Run: learningrate.RunScale,
			Config: func(o lesson.Options) any { return learningrate.For(o) },
		},
		{
			Name: "inception", Title: inception.Title, Question: "Q7", Notebook: "10-inception.ipynb",
			Claims: inception.Claims(), Run: inception.RunScale,
			Config: func(o lesson.Options) any { return inception.For(o) },
		},
	}
}

// Find returns the lessons with the given names, in the order of the course,
// or all of them when no name is given.
func Find(names ...string) ([]Lesson, error) {
	all := All()
	if len(names) == 0 {
		return all, nil
	}
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	var found []Lesson
	known := make([]string, len(all))
	for i, l := range all {
		known[i] = l.Name
		if wanted[l.Name] {
			found = append(found, l)
			delete(wanted, l.Name)
		}
	}
	for _, name := range names {
		if wanted[name] {
			return nil, lesson.BadInputf("unknown lesson %q: the lessons are %s", name, strings.Join(known, ", "))
		}
	}
	return found, nil
}
