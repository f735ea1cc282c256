package saddle

import (
	"context"

	"github.com/gomlx/compute"

	"evident/kit/fit"
	"evident/kit/report"
)

// Title of the lesson, as reports show it.
const Title = "Saddle points, SGD and Adam"

// Run measures everything that the claims of question 1 (c) need, and judges
// them. A divergent training or a refuted claim is a result. The error means
// that it could not be measured; see [fit.Run].
func Run(ctx context.Context, backend compute.Backend, c Config) (report.Report, error) {
	return fit.Run(ctx, backend, fit.Lesson[Config, Measurements]{
		Name: "saddle", Title: Title, Rules: rules(), Measure: measure, Illustrate: illustrate,
	}, c)
}

// measure makes the measurements, the cheap ones first.
func measure(ctx context.Context, backend compute.Backend, c Config) (m Measurements, err error) {
	if m.Definition, err = MeasureDefinition(ctx, backend, c); err != nil {
		return m, err
	}
	if m.Plane, err = MeasurePlane(ctx, backend, c); err != nil {
		return m, err
	}
	if m.Theory, err = MeasureTheory(ctx, backend, c); err != nil {
		return m, err
	}
	if m.Cost, err = MeasureCost(ctx, backend, c); err != nil {
		return m, err
	}
	if m.Noise, err = MeasureNoise(ctx, backend, c); err != nil {
		return m, err
	}
	if m.Deep, err = MeasureDeep(ctx, backend, c); err != nil {
		return m, err
	}
	m.Race, err = MeasureRace(ctx, backend, c)
	return m, err
}
