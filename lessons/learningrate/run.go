package learningrate

import (
	"context"
	"encoding/json"
	"time"

	"github.com/gomlx/compute"

	"evident/lessons/fit"
	"evident/lessons/lesson"
)

// Title of the lesson, as reports show it.
const Title = "The learning rate"

// RunScale runs the lesson at the scale and with the options of a caller that
// does not know its Config.
func RunScale(ctx context.Context, backend compute.Backend, o lesson.Options) (lesson.Report, error) {
	report, err := Run(ctx, backend, For(o))
	report.Scale = o.Scale
	return report, err
}

// Run measures everything that the claims of question 1 (a) and (b) need, and
// judges them. A divergent training or a refuted claim is a result. The error
// means that it could not be measured: a knob out of range
// ([lesson.ErrBadInput]), or a cancelled context.
func Run(ctx context.Context, backend compute.Backend, c Config) (lesson.Report, error) {
	report := lesson.Report{Lesson: "learningrate", Title: Title, Provenance: fit.Provenance(backend)}
	if err := c.Check(); err != nil {
		return report, err
	}
	var err error
	if report.Config, err = json.Marshal(c); err != nil {
		return report, err
	}
	measured, err := measure(ctx, backend, c)
	if err != nil {
		return report, err
	}
	report.Claims = lesson.Judge(rules(), measured)
	illustrate(&report, measured)
	p := &report.Provenance
	p.DataSet, p.Seeds = "generated: quadrants of the plane, a linear regression, a Chebyshev polynomial", c.Grid.Seeds
	p.WallSeconds = time.Since(p.Started).Seconds()
	return report, report.Validate()
}

// measure makes the measurements, the cheap ones first.
func measure(ctx context.Context, backend compute.Backend, c Config) (m Measurements, err error) {
	if m.Quadratic, err = MeasureQuadratic(ctx, backend, c); err != nil {
		return m, err
	}
	if m.Vanishing, err = MeasureVanishing(ctx, backend, c.Vanishing); err != nil {
		return m, err
	}
	if m.Basins, err = MeasureBasins(ctx, backend, c.Basins); err != nil {
		return m, err
	}
	if m.Floor, err = MeasureFloor(ctx, backend, c.Floor); err != nil {
		return m, err
	}
	if m.Grid, err = MeasureGrid(ctx, backend, c.Grid); err != nil {
		return m, err
	}
	m.Sharpness, err = MeasureSharpness(ctx, backend, c.Sharpness)
	return m, err
}
