package convdims

import (
	"context"

	"github.com/gomlx/compute"

	"evident/kit/fit"
	"evident/kit/report"
)

// Title of the lesson, as reports show it.
const Title = "Convolutions in two and three dimensions"

// Measurements are all that the verdicts rest on.
type Measurements struct {
	Grid     []BuiltFact
	Fields   []FieldFact
	Order    []OrderFact
	Motion   MotionFacts
	Transfer TransferFacts
	Tubes    TubeFacts
	Vessels  VesselFacts
}

// Run measures everything that the claims of question 3 (b) need, and judges
// them. A divergent training or a refuted claim is a result. The error means
// that it could not be measured; see [fit.Run].
func Run(ctx context.Context, backend compute.Backend, c Config) (report.Report, error) {
	return fit.Run(ctx, backend, fit.Lesson[Config, Measurements]{
		Name: "convdims", Title: Title, Rules: rules(), Measure: measure, Illustrate: illustrate,
	}, c)
}

// measure makes the measurements, in the order of the notebook.
func measure(ctx context.Context, backend compute.Backend, c Config) (m Measurements, err error) {
	if m.Grid, err = MeasureGrid(ctx, backend, c.Grid); err != nil {
		return m, err
	}
	if m.Fields, err = MeasureFields(backend); err != nil {
		return m, err
	}
	if m.Order, err = MeasureOrder(ctx, backend, c.Order); err != nil {
		return m, err
	}
	if m.Motion, err = MeasureMotion(ctx, backend, c.Motion); err != nil {
		return m, err
	}
	if m.Transfer, err = MeasureTransfer(ctx, backend, c.Motion); err != nil {
		return m, err
	}
	if m.Tubes, err = MeasureTubes(ctx, backend, c.Tubes); err != nil {
		return m, err
	}
	m.Vessels, err = MeasureVessels(ctx, backend, c.Vessels)
	return m, err
}
