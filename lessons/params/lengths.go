package params

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"evident/kit/arch"
	"evident/kit/progress"
	"evident/kit/report"
)

// NetFacts are one net: what its description says, and what GoMLX built.
type NetFacts struct {
	Steps   int
	Padding arch.Padding
	Summary arch.Summary
	Built   arch.Built
}

// LengthFacts are the net on all inputs.
type LengthFacts struct {
	Net  Net
	Nets []NetFacts // by padding, then by length
}

// MeasureLengths derives the summary of the net for every input, builds the net
// in GoMLX, and counts.
func MeasureLengths(ctx context.Context, backend compute.Backend, net Net, c LengthConfig) (LengthFacts, error) {
	facts := LengthFacts{Net: net}
	if err := c.check(net); err != nil {
		return facts, err
	}
	for _, padding := range c.Paddings {
		for _, steps := range c.Steps {
			progress.ReportTask(ctx, "building the net", len(facts.Nets), len(c.Paddings)*len(c.Steps))
			if err := ctx.Err(); err != nil {
				return facts, err
			}
			own, err := count(backend, net.Model(steps, padding))
			if err != nil {
				return facts, err
			}
			own.Steps, own.Padding = steps, padding
			facts.Nets = append(facts.Nets, own)
		}
	}
	return facts, nil
}

// Shown is the net on the input of middle length, with the first padding: the
// one that figures show.
func (f LengthFacts) Shown() NetFacts {
	lengths := 0
	for _, net := range f.Nets {
		if net.Padding == f.Nets[0].Padding {
			lengths++
		}
	}
	return f.Nets[lengths/2]
}

// Diagram draws the net on that input.
func (f LengthFacts) Diagram() (report.Diagram, error) {
	shown := f.Shown()
	return f.Net.Model(shown.Steps, shown.Padding).Diagram("net", "The net of question 3 (a), as it is built")
}

// count derives and builds one net.
func count(backend compute.Backend, m arch.Model) (facts NetFacts, err error) {
	if facts.Summary, err = m.Summarize(); err != nil {
		return facts, fmt.Errorf("model %q: %w", m.Name, err)
	}
	facts.Built, err = m.Build(backend)
	return facts, err
}

// Agree reports whether every layer has the shape and the parameters that its
// formula gives.
func (f NetFacts) Agree() bool {
	for i, row := range f.Summary.Rows {
		if f.Built.Parameters[i] != row.Parameters || f.Built.Outputs[i].String() != row.Outputs[0].String() {
			return false
		}
	}
	return true
}

// of is the number of parameters that GoMLX created in each layer of a class.
func (f NetFacts) of(class string) []int {
	var counts []int
	for i, row := range f.Summary.Rows {
		if row.Class == class {
			counts = append(counts, f.Built.Parameters[i])
		}
	}
	return counts
}

// Flat is N, the number of values behind the Flatten layer as GoMLX has it.
func (f NetFacts) Flat() int {
	for i, row := range f.Summary.Rows {
		if row.Class == "Flatten" {
			return f.Built.Outputs[i].Size()
		}
	}
	return 0
}
