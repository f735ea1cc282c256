package minibatch

import (
	"context"

	"github.com/gomlx/compute"

	"evident/kit/fit"
	"evident/kit/report"
)

// Title of the lesson, as reports show it.
const Title = "Full batches and mini-batches"

// Run measures everything that the claims of question 1 (d) need, and judges
// them. A divergent training or a refuted claim is a result. The error means
// that it could not be measured; see [fit.Run].
func Run(ctx context.Context, backend compute.Backend, c Config) (report.Report, error) {
	return fit.Run(ctx, backend, fit.Lesson[Config, Measurements]{
		Name: "minibatch", Title: Title, Rules: rules(), Measure: measure, Illustrate: illustrate,
	}, c)
}

// measure makes the measurements, in the order of the notebook.
func measure(ctx context.Context, backend compute.Backend, c Config) (m Measurements, err error) {
	if m.Descent, err = MeasureDescent(ctx, backend, c.Descent); err != nil {
		return m, err
	}
	if m.Trend, err = MeasureTrend(ctx, backend, c.Trend); err != nil {
		return m, err
	}
	if m.Noise, err = MeasureNoise(ctx, backend, c.Noise); err != nil {
		return m, err
	}
	if m.Picture, err = MeasurePictures(ctx, backend, c.Picture); err != nil {
		return m, err
	}
	m.Time, err = MeasureTime(ctx, backend, c.Time)
	return m, err
}
