package experiment

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/gomlx/compute"

	"evident/internal/badinput"
	"evident/internal/near"
	"evident/kit/claim"
	"evident/kit/knob"
	"evident/kit/report"
	"evident/kit/steer"
)

// Lesson is a list of experiments with presets of their knobs.
type Lesson[C any] struct {
	Name     string // name of the package, used on the command line
	Title    string
	Question string // question of the homework, as in "Q7"
	Notebook string // file name below notebooks/

	Smoke, Default, Full func() C
	// Live is the preset for a browser; nil where Smoke will do.
	Live func() C
	// Accepts describes what --data may name, as in "a folder of CIFAR-10"; "" if the lesson takes no data.
	Accepts string
	// TakesDevices says whether the lesson can split its batches over several devices.
	TakesDevices bool
	// Adapt applies the caller's data and devices to the knobs of a preset; nil if the lesson takes neither.
	Adapt func(c C, o Options) C
	// Data names the lesson's data set, with a hash unless the data is generated; nil for no data. It runs
	// before all experiments, so it can reject data that one of them could not use.
	Data func(ctx context.Context, c C) (name, hash string, err error)

	Experiments []Part[C] // in the order in which they run
	// Training is what the lesson's page lets its reader steer; nil for none.
	Training *steer.Part
}

// Config returns the configuration of a preset with the caller's options applied.
func (l Lesson[C]) Config(o Options) C {
	c := l.at(o.Preset)
	if l.Adapt != nil {
		c = l.Adapt(c, o)
	}
	knob.Shift(&c, o.Seed)
	return c
}

// at returns the configuration of a preset. An empty preset means [Default].
func (l Lesson[C]) at(preset Preset) C {
	switch {
	case preset == Live && l.Live != nil:
		return l.Live()
	case preset == Live, preset == Smoke:
		return l.Smoke()
	case preset == Full:
		return l.Full()
	}
	return l.Default()
}

// presetOf returns the preset whose knobs equal a configuration but for a shift of all seeds, or [Own].
func (l Lesson[C]) presetOf(c C, config []byte) Preset {
	for _, preset := range []Preset{Default, Smoke, Live, Full} {
		own := l.at(preset)
		knob.Shift(&own, knob.FirstSeed(c)-knob.FirstSeed(own))
		if knobs, err := json.Marshal(own); err == nil && bytes.Equal(knobs, config) {
			return preset
		}
	}
	return Own
}

// Claims returns the claims of all experiments, not yet judged.
func (l Lesson[C]) Claims() []claim.Claim {
	var all []claim.Claim
	for _, p := range l.Experiments {
		all = append(all, p.Claims...)
	}
	return all
}

// Only returns the lesson with just the experiments of the given names, as on the command line.
func (l Lesson[C]) Only(names ...string) (Lesson[C], error) {
	var kept []Part[C]
	for _, p := range l.Experiments {
		for _, name := range names {
			if name == p.Command() {
				kept = append(kept, p)
				break
			}
		}
	}
	for _, name := range names {
		known := make([]string, len(l.Experiments))
		found := false
		for i, p := range l.Experiments {
			known[i] = p.Command()
			found = found || known[i] == name
		}
		if !found {
			return l, badinput.Errorf("lesson %s has no experiment %q%s: it has %s", l.Name, name, near.Hint(name, known), strings.Join(known, ", "))
		}
	}
	l.Experiments = kept
	return l, nil
}

// Run runs all experiments. A refuted claim or a diverged training is a result. An error means that the lesson
// could not be measured; it is [badinput.Err] if the user can fix it.
func (l Lesson[C]) Run(ctx context.Context, backend compute.Backend, c C) (report.Report, error) {
	start := time.Now() // monotonic, unlike Provenance.Started
	r := report.Report{Lesson: l.Name, Title: l.Title, Provenance: ProvenanceOf(backend)}
	if err := knob.Check("", c); err != nil {
		return r, err
	}
	var err error
	if r.Config, err = json.Marshal(c); err != nil {
		return r, err
	}
	r.Preset = string(l.presetOf(c, r.Config))
	for _, k := range knob.List(c) {
		if k.Private {
			continue
		}
		value, err := json.Marshal(k.Value)
		if err != nil {
			return r, err
		}
		r.Knobs = append(r.Knobs, report.Knob{Path: k.Path, Role: string(k.Role), Value: string(value), Help: k.Help})
	}
	r.Provenance.Seeds = knob.SeedsOf(c)
	ctx = Sharing(ctx)
	if l.Data != nil {
		if r.Provenance.DataSet, r.Provenance.DataHash, err = l.Data(ctx, c); err != nil {
			return r, err
		}
	}
	for _, p := range l.Experiments {
		result, err := p.Run(ctx, backend, p.Knobs(c))
		if err != nil {
			return r, err
		}
		if atRecord := r.Preset == string(Default) || r.Preset == string(Full); atRecord {
			claim.AtRecord(result.Claims)
		}
		r.Add(report.Experiment{
			Name: p.Name, Title: p.Title, Kept: result.Origin.WasKept, Measured: result.Origin.Made, Commit: result.Origin.Commit,
			Seconds: result.Origin.Took.Seconds(),
		}, result.Claims, result.Figures)
	}
	r.Provenance.WallSeconds = time.Since(start).Seconds()
	return r, r.Validate()
}
