package pointwise

import (
	"context"

	"github.com/gomlx/compute"

	"evident/kit/fit"
	"evident/kit/report"
)

// Title of the lesson, as reports show it.
const Title = "1×1 convolutions"

// Run measures everything that the claims of question 6 need, and judges them.
// A refuted claim is a result. The error means that it could not be measured;
// see [fit.Run].
func Run(ctx context.Context, backend compute.Backend, c Config) (report.Report, error) {
	return fit.Run(ctx, backend, fit.Lesson[Config, Measurements]{
		Name: "pointwise", Title: Title, Rules: rules(), Measure: measure, Illustrate: illustrate,
	}, c)
}

// measure makes the measurements, the exact ones first.
func measure(ctx context.Context, backend compute.Backend, c Config) (m Measurements, err error) {
	if m.Reduction, err = MeasureReduction(backend); err != nil {
		return m, err
	}
	if m.Linear, err = MeasureLinear(backend); err != nil {
		return m, err
	}
	if m.Mixing, err = MeasureMixing(backend); err != nil {
		return m, err
	}
	if m.Blocks, err = MeasureBlocks(backend); err != nil {
		return m, err
	}
	if m.Printed, err = MeasurePrinted(backend); err != nil {
		return m, err
	}
	if m.Rank, err = MeasureRank(ctx, backend, c.Rank); err != nil {
		return m, err
	}
	if m.Order, err = MeasureOrder(ctx, backend, c.Order); err != nil {
		return m, err
	}
	if m.Maps, err = MeasureMaps(ctx, backend, c.Order); err != nil {
		return m, err
	}
	if m.First, err = MeasureFirst(ctx, backend, c.First); err != nil {
		return m, err
	}
	m.Width, err = MeasureWidth(ctx, backend, c.Width)
	return m, err
}
