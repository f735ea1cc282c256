// Package steer declares trainings that their reader steers on a page: the knobs move while the training goes on.
//
// A lesson declares a [Training] with its knobs, and how it is opened. [Of] hides the lesson's own types. A [Session] makes
// steps with the knobs as they are, and shows the training in frames.
package steer

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/gomlx/compute"

	"evident/kit/knob"
	"evident/kit/report"
)

// Training is a training with the knobs K that its reader steers.
type Training[K any] struct {
	Title string
	Help  string // what to try, in a sentence or two
	Knobs K      // at the start; each is one number or one of its choices
	Pace  int    // steps between two frames, at first
	// Restarts says whether a change of the knobs needs a new start; nil if none does.
	Restarts func(before, after K) bool
	// Open starts the training.
	Open func(ctx context.Context, backend compute.Backend, knobs K) (Run[K], error)
}

// Run is a training under way.
type Run[K any] interface {
	// Step makes one step with the knobs as they are now. A divergence is no error.
	Step(ctx context.Context, knobs K) error
	// Frame shows the training as it stands.
	Frame(ctx context.Context) (Frame, error)
	Finalize()
}

// Frame shows a training after some steps.
type Frame struct {
	Step   int            // steps so far; the session counts them
	Loss   float64        // not finite after a divergence
	Note   string         // one line on what can be seen now
	Ended  string         // why there is nothing more to see; "" while there is
	Charts []report.Chart // with the same ids in every frame
	Shown  []Classified   // pictures with the present answers; nil for none
}

// Classified is a picture with what a net makes of it now.
type Classified struct {
	PNG         []byte
	Class       string  // its true class
	Answer      string  // the class that the net takes it for
	Probability float64 // that the net gives its answer
}

// Part is a [Training] whose own types are hidden.
type Part struct {
	Title, Help string
	Pace        int
	Knobs       []knob.Knob // with the values of the start
	Sliders     map[string]knob.Slider
	Open        func(ctx context.Context, backend compute.Backend) (*Session, error)
}

// Of hides the types of a training. It panics at a knob that neither a slider nor a list of choices can move, because
// that is a programming error.
func Of[K any](t Training[K]) *Part {
	p := &Part{Title: t.Title, Help: t.Help, Pace: t.Pace, Knobs: knob.List(t.Knobs), Sliders: map[string]knob.Slider{}}
	for _, k := range p.Knobs {
		if k.Choices != nil {
			continue
		}
		sliders, err := knob.Sliders(t.Knobs, k.Path)
		if err != nil {
			panic(err)
		}
		p.Sliders[k.Path] = sliders[0]
	}
	p.Open = func(ctx context.Context, backend compute.Backend) (*Session, error) {
		s := &Session{steered: &steered[K]{Training: t, backend: backend, knobs: t.Knobs}}
		return s, s.Restart(ctx)
	}
	return p
}

// Session is one training of a [Part].
type Session struct {
	steered interface {
		open(ctx context.Context) error
		move(values map[string]string) (restarts bool, err error)
		step(ctx context.Context) error
		frame(ctx context.Context) (Frame, error)
		close()
	}
	steps int
	ended bool
}

// Restart starts again with the knobs as they are.
func (s *Session) Restart(ctx context.Context) error {
	s.steps, s.ended = 0, false
	return s.steered.open(ctx)
}

// Move sets knobs by their paths, as [knob.Set] reads them, for the next steps. Some of them may need a new start. After
// an error, which names the knob, all are as before.
func (s *Session) Move(ctx context.Context, values map[string]string) error {
	restarts, err := s.steered.move(values)
	if err == nil && restarts {
		err = s.Restart(ctx)
	}
	return err
}

// Advance makes steps until there are so many more, or the time is up, and at least one. It makes none when there is
// nothing more to see.
func (s *Session) Advance(ctx context.Context, steps int, until time.Time) error {
	for made := 0; made < steps && !s.ended && (made == 0 || time.Now().Before(until)); made++ {
		if err := s.steered.step(ctx); err != nil {
			return err
		}
		s.steps++
	}
	return nil
}

// Frame shows the training as it stands.
func (s *Session) Frame(ctx context.Context) (Frame, error) {
	f, err := s.steered.frame(ctx)
	f.Step = s.steps
	if f.Ended == "" && (math.IsNaN(f.Loss) || math.IsInf(f.Loss, 0)) {
		f.Ended = fmt.Sprintf("The loss is no longer a number after %d steps: lower the learning rate and reset.", s.steps)
	}
	s.ended = f.Ended != ""
	return f, err
}

// Close frees what was compiled.
func (s *Session) Close() { s.steered.close() }

// steered is a training with its knobs, and its run if it was opened.
type steered[K any] struct {
	Training[K]
	backend compute.Backend
	knobs   K
	run     Run[K]
}

func (s *steered[K]) open(ctx context.Context) (err error) {
	s.close()
	s.run, err = s.Open(ctx, s.backend, s.knobs)
	return err
}

func (s *steered[K]) move(values map[string]string) (restarts bool, err error) {
	moved := s.knobs
	for _, path := range slices.Sorted(maps.Keys(values)) {
		if err := knob.Set("", &moved, path, values[path]); err != nil {
			return false, err
		}
	}
	if err := knob.Check("", moved); err != nil {
		return false, err
	}
	restarts = s.Restarts != nil && s.Restarts(s.knobs, moved)
	s.knobs = moved
	return restarts, nil
}

func (s *steered[K]) step(ctx context.Context) error { return s.run.Step(ctx, s.knobs) }

func (s *steered[K]) frame(ctx context.Context) (Frame, error) { return s.run.Frame(ctx) }

func (s *steered[K]) close() {
	if s.run != nil {
		s.run.Finalize()
		s.run = nil
	}
}
