package textcnn

import (
	"context"

	"github.com/gomlx/compute"

	"evident/kit/fit"
	"evident/kit/report"
)

// Title of the lesson, as reports show it.
const Title = "A CNN for text"

// Run measures everything that the claims of question 5 need, and judges them. A
// refuted claim is a result. The error means that it could not be measured; see
// [fit.Run].
func Run(ctx context.Context, backend compute.Backend, c Config) (report.Report, error) {
	return fit.Run(ctx, backend, fit.Lesson[Config, Measurements]{
		Name: "textcnn", Title: Title, Rules: rules(), Measure: measure, Illustrate: illustrate,
	}, c)
}

// measure makes the measurements, the exact ones first.
func measure(ctx context.Context, backend compute.Backend, c Config) (m Measurements, err error) {
	texts, err := c.Data.load(ctx)
	if err != nil {
		return m, err
	}
	if err := texts.rehearse(ctx, c); err != nil {
		return m, err
	}
	if m.Shift, err = MeasureShift(ctx, backend, c.Shift); err != nil {
		return m, err
	}
	if m.Cost, err = MeasureCost(ctx, backend, c.Cost); err != nil {
		return m, err
	}
	if m.Ngrams, err = MeasureNgrams(ctx, backend, c.Ngrams); err != nil {
		return m, err
	}
	if m.Maps, err = measureMaps(ctx, backend, c.Maps, texts); err != nil {
		return m, err
	}
	if m.Robust, err = MeasureRobust(ctx, backend, c.Robust); err != nil {
		return m, err
	}
	if m.Order, err = MeasureOrder(ctx, backend, c.Order); err != nil {
		return m, err
	}
	if m.Tabular, err = MeasureTabular(ctx, backend, c.Tabular); err != nil {
		return m, err
	}
	if m.Curve, err = measureCurve(ctx, backend, c.Curve, texts); err != nil {
		return m, err
	}
	if m.Faithful, err = measureFaithful(ctx, backend, c.Faithful, texts); err != nil {
		return m, err
	}
	m.Classified, err = classify(ctx, backend, c.Classify, texts, "")
	return m, err
}
