package inception

import (
	"context"

	"github.com/gomlx/compute"

	"evident/kit/fit"
	"evident/kit/report"
)

// Title of the lesson, as reports show it.
const Title = "Inception on CIFAR-10"

// Run measures everything that the claims of question 7 need, and judges them.
// A divergent training or a refuted claim is a result. The error means that it
// could not be measured; see [fit.Run].
func Run(ctx context.Context, backend compute.Backend, c Config) (report.Report, error) {
	return fit.Run(ctx, backend, fit.Lesson[Config, Measurements]{
		Name: "inception", Title: Title, Rules: rules(), Measure: measure, Illustrate: illustrate,
	}, c)
}

// measure makes the measurements, the cheap ones first.
func measure(ctx context.Context, backend compute.Backend, c Config) (m Measurements, err error) {
	train, test, err := Load(c.Data)
	if err != nil {
		return m, err
	}
	m.Pictures = train
	if m.Modules, err = BuildModules(backend); err != nil {
		return m, err
	}
	if m.Fields, err = ReceptiveFields(backend); err != nil {
		return m, err
	}
	if m.Strides, err = MeasureStrides(ctx, backend, c.Strides); err != nil {
		return m, err
	}
	if m.Depth, err = MeasureDepth(ctx, backend, c.Depth, fit.ImageData(train)); err != nil {
		return m, err
	}
	if m.Scales, err = MeasureScales(ctx, backend, c.Scales); err != nil {
		return m, err
	}
	if m.Compare, err = Compare(ctx, backend, c.Compare, train, test); err != nil {
		return m, err
	}
	m.Trained, err = trainOn(ctx, backend, c, train, test)
	return m, err
}
