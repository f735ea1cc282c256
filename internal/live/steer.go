package live

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/support/exceptions"

	"evident/internal/badinput"
	"evident/internal/render"
	"evident/kit/steer"
	"evident/lessons"
)

// Steering asks for the next frame of a training.
type Steering struct {
	Knobs   map[string]string `json:"knobs"` // all of them or some, by path
	Steps   int               `json:"steps"` // until the frame; fewer where they take too long
	Restart bool              `json:"restart"`
}

// Frame shows a training after some steps.
type Frame struct {
	Step   int           `json:"step"`
	Loss   *float64      `json:"loss,omitempty"` // nil where it is no number
	Note   string        `json:"note"`
	Ended  string        `json:"ended,omitempty"` // why there are no more steps
	Charts []MovingChart `json:"charts"`
	Shown  []Shown       `json:"shown,omitempty"`
}

// MovingChart is a chart as it stands. What has not changed since the last frame is left out.
type MovingChart struct {
	ID   string           `json:"id"`
	Alt  string           `json:"alt"`
	Spec map[string]any   `json:"spec,omitempty"`
	Data map[string][]any `json:"data,omitempty"` // by the names in the specification
}

// Shown is a picture with the present answer of a net.
type Shown struct {
	Picture     []byte  `json:"picture,omitempty"` // PNG; nil if it is that of the last frame
	Class       string  `json:"class"`
	Answer      string  `json:"answer"`
	Probability float64 `json:"probability"`
}

// Training is a training that a page steers, frame by frame.
type Training struct {
	session *steer.Session
	sent    map[string]string // what the page has, in JSON
}

// OpenTraining starts the training of a lesson.
func OpenTraining(ctx context.Context, backend compute.Backend, lesson string) (*Training, error) {
	found, err := lessons.Find(lesson)
	if err != nil {
		return nil, err
	}
	if found[0].Training == nil {
		return nil, badinput.Errorf("lesson %s has no training to steer", lesson)
	}
	t := &Training{sent: map[string]string{}}
	err = catch(func() (err error) {
		t.session, err = found[0].Training.Open(ctx, backend)
		return err
	})
	return t, err
}

// catch makes an error of a panic.
func catch(do func() error) (err error) {
	if thrown := exceptions.TryCatch[any](func() { err = do() }); thrown != nil {
		err = fmt.Errorf("%v", thrown)
	}
	return err
}

// longest is how long the steps of a frame may take: the page waits for it before it can be stopped or steered.
const longest = 80 * time.Millisecond

// Next makes the steps that are asked for and returns a frame, or one line on what went wrong. After a knob out of range
// the training goes on as before.
func (t *Training) Next(ctx context.Context, s Steering) (m Message) {
	err := catch(func() (err error) {
		m.Frame, err = t.next(ctx, s)
		return err
	})
	if err != nil {
		return Message{Error: badinput.FirstLine(err)}
	}
	return m
}

func (t *Training) next(ctx context.Context, s Steering) (*Frame, error) {
	if err := t.session.Move(ctx, s.Knobs); err != nil {
		return nil, err
	}
	if s.Restart {
		if err := t.session.Restart(ctx); err != nil {
			return nil, err
		}
	}
	if err := t.session.Advance(ctx, s.Steps, time.Now().Add(longest)); err != nil {
		return nil, err
	}
	now, err := t.session.Frame(ctx)
	if err != nil {
		return nil, err
	}
	f := &Frame{Step: now.Step, Note: now.Note, Ended: now.Ended, Charts: []MovingChart{}}
	if isNumber(now.Loss) {
		f.Loss = &now.Loss
	}
	for _, moving := range render.MovingCharts(now.Charts) {
		chart := MovingChart{ID: moving.ID, Alt: moving.Alt}
		if t.isNew(moving.ID, moving.Spec) {
			chart.Spec = moving.Spec
		}
		for name, rows := range moving.Data {
			if t.isNew(moving.ID+"."+name, rows) {
				if chart.Data == nil {
					chart.Data = map[string][]any{}
				}
				chart.Data[name] = rows
			}
		}
		f.Charts = append(f.Charts, chart)
	}
	for i, one := range now.Shown {
		shown := Shown{Class: one.Class, Answer: one.Answer, Probability: one.Probability}
		if !isNumber(shown.Probability) {
			shown.Probability = 0
		}
		if t.isNew(fmt.Sprint("picture ", i), one.PNG) {
			shown.Picture = one.PNG
		}
		f.Shown = append(f.Shown, shown)
	}
	return f, nil
}

func isNumber(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// isNew reports whether the page does not have the content under the name, and notes that it gets it.
func (t *Training) isNew(name string, content any) bool {
	encoded, _ := json.Marshal(content) // charts hold finite numbers alone
	if t.sent[name] == string(encoded) {
		return false
	}
	t.sent[name] = string(encoded)
	return true
}

// Close frees what was compiled.
func (t *Training) Close() { t.session.Close() }
