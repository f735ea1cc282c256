package learningrate

import (
	"context"

	"github.com/gomlx/compute"

	"evident/kit/fit"
	"evident/kit/report"
)

// Title of the lesson, as reports show it.
const Title = "The learning rate"

// Run measures everything that the claims of question 1 (a) and (b) need, and
// judges them. A divergent training or a refuted claim is a result. The error
// means that it could not be measured; see [fit.Run].
func Run(ctx context.Context, backend compute.Backend, c Config) (report.Report, error) {
	return fit.Run(ctx, backend, fit.Lesson[Config, Measurements]{
		Name: "learningrate", Title: Title, Rules: rules(), Measure: measure, Illustrate: illustrate,
	}, c)
}

// measure makes the measurements, the cheap ones first.
func measure(ctx context.Context, backend compute.Backend, c Config) (m Measurements, err error) {
	if m.Quadratic, err = MeasureQuadratic(ctx, backend, c); err != nil {
		return m, err
	}
	if m.Surface, err = MeasureSurface(ctx, backend, c.Surface); err != nil {
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
