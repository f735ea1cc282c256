// Package live runs experiments for a web page. Requests and messages are plain data: the page sends and gets them as
// JSON. cmd/evident-live is this package as a program for the browser.
package live

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/compute"

	"evident/internal/badinput"
	"evident/internal/forecast"
	"evident/internal/render"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/knob"
	"evident/kit/progress"
	"evident/kit/report"
	"evident/lessons"
)

// Request asks for one experiment of a lesson, for all of them, for exercises, or for a summary of a Keras model.
type Request struct {
	Lesson      string               `json:"lesson"`
	Experiment  string               `json:"experiment"` // "" for all
	Scale       experiment.Preset    `json:"scale"`
	Knobs       map[string]string    `json:"knobs"` // what differs from the scale, by path, as [knob.Set] reads it
	Predictions forecast.Predictions `json:"predictions"`
	// Gradually asks for what a sampled experiment shows after each few of its seeds, before the result.
	Gradually bool `json:"gradually"`

	// Files are the reader's own data in place of generated ones; see [Own].
	Files []File `json:"files"`

	Exercises *Exercises `json:"exercises"` // nil for an experiment

	File  string `json:"file"`  // the name of the model's file
	Model []byte `json:"model"` // its content; nil for an experiment
}

// Message has one of its fields set.
type Message struct {
	Progress *Progress `json:"progress,omitempty"`
	Interim  *Interim  `json:"interim,omitempty"`
	Result   *Result   `json:"result,omitempty"`

	Questions []Drawn `json:"questions,omitempty"`
	Judged    *Judged `json:"judged,omitempty"`
	File      *File   `json:"file,omitempty"`
	Frame     *Frame  `json:"frame,omitempty"`

	Error string `json:"error,omitempty"` // one line; the last message
	Done  bool   `json:"done,omitempty"`  // the last message
}

// Progress says how far an experiment is.
type Progress struct {
	Experiment string   `json:"experiment"`
	Task       string   `json:"task"`
	Step       int      `json:"step"`
	Steps      int      `json:"steps"` // 0 if unknown
	Loss       *float64 `json:"loss,omitempty"`
}

// Result is the outcome of one experiment.
type Result struct {
	Experiment string         `json:"experiment"`
	Verdicts   []Verdict      `json:"verdicts"`
	Cards      string         `json:"cards"`               // HTML
	Shrinking  []render.Piece `json:"shrinking,omitempty"` // as in [Interim], where it was asked for
	Figures    []render.Piece `json:"figures"`
	Seconds    float64        `json:"seconds"`
}

// Interim is what an experiment shows after some of its seeds. It has no verdict: looking at a result again and again, and
// stopping when it pleases, is no test.
type Interim struct {
	Seeds     int            `json:"seeds"`
	Of        int            `json:"of"`
	Evidence  []Evidence     `json:"evidence"`  // of the sampled claims
	Shrinking []render.Piece `json:"shrinking"` // charts of their intervals by the number of seeds
	Figures   []render.Piece `json:"figures"`
}

// Evidence is what speaks for or against a claim so far.
type Evidence struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Verdict is that on a claim or on a part of one.
type Verdict struct {
	ID       string        `json:"id"`
	Verdict  claim.Verdict `json:"verdict"`
	Evidence string        `json:"evidence"`
	Agrees   bool          `json:"agrees"` // with the record
}

// Run measures, and sends messages until one is the last. Whatever goes wrong, a panic too, is one line in it.
func Run(ctx context.Context, backend compute.Backend, r Request, send func(Message)) {
	if err := catch(func() error { return r.run(ctx, backend, send) }); err != nil {
		send(Message{Error: badinput.FirstLine(err)})
		return
	}
	send(Message{Done: true})
}

func (r Request) run(ctx context.Context, backend compute.Backend, send func(Message)) error {
	if r.Exercises != nil {
		message, err := r.Exercises.run()
		if err == nil {
			send(message)
		}
		return err
	}
	if r.Model != nil {
		result, err := count(r.File, r.Model)
		if err == nil {
			send(Message{Result: &result})
		}
		return err
	}
	asked := r.Lesson
	if r.Experiment != "" {
		asked += "." + r.Experiment
	}
	found, err := lessons.Find(asked)
	if err != nil {
		return err
	}
	ctx = experiment.Sharing(progress.With(ctx, throttled(send)))
	for _, e := range found[0].Experiments {
		var notices []string
		ctx, data, err := r.withOwn(ctx, e, &notices)
		if err != nil {
			return err
		}
		knobs, err := r.knobsOf(e, data)
		if err != nil {
			return err
		}
		var seen intervals
		if r.Gradually {
			if err := r.gradually(ctx, backend, e, data, seedsIn(knobs), &seen, send); err != nil {
				return err
			}
		}
		start := time.Now()
		result, err := e.Run(ctx, backend, knobs)
		if err != nil {
			return err
		}
		message := Result{Experiment: e.Name, Verdicts: []Verdict{}, Seconds: time.Since(start).Seconds()}
		claim.Each(result.Claims, func(c *claim.Claim) {
			message.Verdicts = append(message.Verdicts, Verdict{c.ID, c.Verdict, c.Evidence, c.Agrees()})
		})
		if message.Cards, err = render.LiveCards(result.Claims, r.Predictions); err != nil {
			return err
		}
		message.Cards = noticeList(notices) + message.Cards
		if message.Figures, err = render.LiveFigures(result.Figures); err != nil {
			return err
		}
		if r.Gradually {
			seen.add(result.Claims)
			if message.Shrinking, err = render.LiveFigures(report.Figures{Charts: seen.charts()}); err != nil {
				return err
			}
		}
		send(Message{Result: &message})
	}
	return nil
}

// knobsOf returns a pointer to an experiment's knobs, with the request's values and the name of the reader's own data.
func (r Request) knobsOf(e lessons.Experiment, data string) (any, error) {
	knobs := e.Knobs(experiment.Options{Preset: r.Scale, Data: data})
	for _, path := range slices.Sorted(maps.Keys(r.Knobs)) {
		if err := knob.Set(e.Prefix, knobs, path, r.Knobs[path]); err != nil {
			return nil, err
		}
	}
	return knobs, nil
}

// seedsIn is the length of the longest list of seeds that are averaged over.
func seedsIn(knobs any) (most int) {
	for _, k := range knob.List(knobs) {
		if seeds, is := k.Value.([]int64); is && k.Role == knob.Averaged {
			most = max(most, len(seeds))
		}
	}
	return most
}

// mostLooks limits how often an experiment shows what it has so far.
const mostLooks = 8

// gradually measures with one seed, and with more and more of them, up to one look before all.
func (r Request) gradually(ctx context.Context, backend compute.Backend, e lessons.Experiment, data string, seeds int, seen *intervals, send func(Message)) error {
	step := (seeds + mostLooks - 1) / mostLooks
	for n := step; n < seeds; n += step {
		knobs, err := r.knobsOf(e, data)
		if err != nil {
			return err
		}
		knob.Cut(knobs, n)
		result, err := e.Run(ctx, backend, knobs)
		if errors.Is(err, badinput.Err) {
			continue // so few seeds are too few for it
		}
		if err != nil {
			return err
		}
		interim := Interim{Seeds: n, Of: seeds, Evidence: []Evidence{}}
		claim.Each(result.Claims, func(c *claim.Claim) {
			if c.Kind == claim.Sampled && len(c.Parts) == 0 {
				text, _, _ := strings.Cut(c.Evidence, " Sign test:")
				interim.Evidence = append(interim.Evidence, Evidence{c.ID, text})
			}
		})
		seen.add(result.Claims)
		if interim.Shrinking, err = render.LiveFigures(report.Figures{Charts: seen.charts()}); err != nil {
			return err
		}
		if interim.Figures, err = render.LiveFigures(result.Figures); err != nil {
			return err
		}
		send(Message{Interim: &interim})
	}
	return nil
}

// throttled sends the progress at most twenty times a second, and the begin and the end of each task.
func throttled(send func(Message)) func(progress.Update) {
	const pause = 50 * time.Millisecond
	var sent time.Time
	return func(u progress.Update) {
		if now := time.Now(); u.Task == "" || u.Step >= u.Steps || now.Sub(sent) >= pause {
			sent = now
			p := Progress{Experiment: u.Experiment, Task: u.Task, Step: u.Step, Steps: u.Steps}
			if !math.IsNaN(u.Loss) && !math.IsInf(u.Loss, 0) {
				p.Loss = &u.Loss
			}
			send(Message{Progress: &p})
		}
	}
}
