// Package lessons is the ordered catalog of all lessons, and the only place
// that lists them.
package lessons

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"evident/internal/badinput"
	"evident/internal/near"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
	"evident/kit/steer"
	"evident/lessons/byhand"
	"evident/lessons/convdims"
	"evident/lessons/imageclass"
	"evident/lessons/inception"
	"evident/lessons/learningrate"
	"evident/lessons/minibatch"
	"evident/lessons/params"
	"evident/lessons/pointwise"
	"evident/lessons/saddle"
	"evident/lessons/textcnn"
)

// Lesson is one entry of the catalog.
type Lesson struct {
	Name     string // of the package and on the command line
	Title    string
	Question string        // the homework's, as in "Q7"
	Notebook string        // file name below notebooks/
	Claims   []claim.Claim // as declared, not yet judged
	DataSet  string        // what it takes with --data, in words; "" where it takes none
	Devices  bool          // whether several devices can share its batches
	// Experiments in the order in which they run.
	Experiments []Experiment
	// Training is what the lesson's page lets its reader steer; nil for none.
	Training *steer.Part
	// Asked are the names of the experiments that [Find] was asked for; empty for all.
	Asked []string

	// Config is the lesson's configuration at a scale, with all its knobs.
	Config func(o experiment.Options) any
	// Run measures and judges. A refuted claim or a diverged training is a
	// result; the error means that it could not be measured, and is
	// [badinput.Err] when the user can mend it.
	Run func(ctx context.Context, backend compute.Backend, o experiment.Options) (report.Report, error)

	only func(names []string) (Lesson, error)
}

// The tutorial is the notebook before those of the lessons. It measures no claim.
const (
	Tutorial      = "00-your-first-net.ipynb"
	TutorialTitle = "Your first net"
)

// Experiment is one experiment of a lesson.
type Experiment struct {
	Name   string // on the command line, after the lesson's, as in learningrate.floor
	Prefix string // of its knobs in errors, as in Floor
	Title  string
	Claims []claim.Claim

	// Knobs returns a pointer to the experiment's own knobs at a scale. [knob.Set] changes one.
	Knobs func(o experiment.Options) any
	// Run measures and judges one experiment with the knobs that such a pointer leads to.
	Run func(ctx context.Context, backend compute.Backend, knobs any) (experiment.Result, error)
}

// of puts a lesson with the knobs C into the catalog.
func of[C any](l experiment.Lesson[C]) Lesson {
	entry := Lesson{
		Name: l.Name, Title: l.Title, Question: l.Question, Notebook: l.Notebook, Claims: l.Claims(),
		DataSet: l.Accepts, Devices: l.TakesDevices, Training: l.Training,
		Config: func(o experiment.Options) any { return l.Config(o) },
		Run: func(ctx context.Context, backend compute.Backend, o experiment.Options) (report.Report, error) {
			r, err := l.Run(ctx, backend, l.Config(o))
			r.Preset = string(o.Preset)
			return r, err
		},
	}
	for _, p := range l.Experiments {
		entry.Experiments = append(entry.Experiments, Experiment{
			Name: p.Command(), Prefix: p.Name, Title: p.Title, Claims: p.Claims,
			Knobs: func(o experiment.Options) any { return p.Knobs(l.Config(o)) }, Run: p.Run,
		})
	}
	entry.only = func(names []string) (Lesson, error) {
		some, err := l.Only(names...)
		narrowed := of(some)
		for _, e := range narrowed.Experiments {
			narrowed.Asked = append(narrowed.Asked, e.Name)
		}
		return narrowed, err
	}
	return entry
}

// Only is the lesson with the experiments of the given names, and without the others.
func (l Lesson) Only(names ...string) (Lesson, error) { return l.only(names) }

// All lists the lessons in the order of the course.
func All() []Lesson {
	return []Lesson{
		of(learningrate.Lesson),
		of(saddle.Lesson),
		of(minibatch.Lesson),
		of(byhand.Lesson),
		of(params.Lesson),
		of(convdims.Lesson),
		of(imageclass.Lesson),
		of(textcnn.Lesson),
		of(pointwise.Lesson),
		of(inception.Lesson),
	}
}

// Find returns the lessons with the given names, in the order of the course,
// or all of them when no name is given. A name may be that of an experiment, as
// in learningrate.floor; the lesson then has those experiments alone.
func Find(names ...string) ([]Lesson, error) {
	all := All()
	if len(names) == 0 {
		return all, nil
	}
	wanted := map[string][]string{} // experiments by lesson; none for the whole lesson
	for _, name := range names {
		lesson, part, isPart := strings.Cut(name, ".")
		parts, asked := wanted[lesson]
		switch {
		case !isPart, asked && parts == nil:
			wanted[lesson] = nil
		default:
			wanted[lesson] = append(parts, part)
		}
	}
	var found []Lesson
	known := make([]string, len(all))
	for i, l := range all {
		known[i] = l.Name
		parts, is := wanted[l.Name]
		if !is {
			continue
		}
		delete(wanted, l.Name)
		if parts != nil {
			var err error
			if l, err = l.Only(parts...); err != nil {
				return nil, err
			}
		}
		found = append(found, l)
	}
	for _, name := range names {
		if lesson, _, _ := strings.Cut(name, "."); slices.Contains(slices.Collect(maps.Keys(wanted)), lesson) {
			return nil, badinput.Errorf("unknown lesson %q%s: the lessons are %s", lesson, near.Hint(lesson, known), strings.Join(known, ", "))
		}
	}
	return found, nil
}
