package fit

import (
	"context"
	"encoding/json"
	"time"

	"github.com/gomlx/compute"

	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
)

// Lesson is what [Run] needs of a lesson with the knobs C and the measurements
// M.
type Lesson[C interface{ Check() error }, M any] struct {
	Name    string // in the catalog
	Title   string
	Rules   []claim.Rule[M]
	Measure func(ctx context.Context, backend compute.Backend, c C) (M, error)
	// Illustrate adds the tables, charts and pictures of the measurements, and
	// says in the provenance which data and seeds they come from.
	Illustrate func(report *report.Report, c C, m M) error
}

// Run checks the knobs, measures, judges and illustrates: the frame of every
// lesson's own Run. The error means that it could not be measured: a knob out of
// range or missing data ([badinput.Err]), or a cancelled context.
func Run[C interface{ Check() error }, M any](ctx context.Context, backend compute.Backend, l Lesson[C, M], c C) (report.Report, error) {
	start := time.Now() // on the monotonic clock, which Provenance.Started is not
	report := report.Report{Lesson: l.Name, Title: l.Title, Provenance: experiment.ProvenanceOf(backend)}
	if err := c.Check(); err != nil {
		return report, err
	}
	var err error
	if report.Config, err = json.Marshal(c); err != nil {
		return report, err
	}
	measured, err := l.Measure(ctx, backend, c)
	if err != nil {
		return report, err
	}
	report.Claims = claim.Judge(l.Rules, measured)
	if err := l.Illustrate(&report, c, measured); err != nil {
		return report, err
	}
	report.Provenance.WallSeconds = time.Since(start).Seconds()
	return report, report.Validate()
}
