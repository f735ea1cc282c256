package params

import (
	"context"

	"github.com/gomlx/compute"

	"evident/kit/fit"
	"evident/kit/report"
)

// Title of the lesson, as reports show it.
const Title = "Counting parameters"

// Run builds and counts everything that the claims of question 3 (a) need, and
// judges them. The error means that it could not be measured; see [fit.Run].
func Run(ctx context.Context, backend compute.Backend, c Config) (report.Report, error) {
	return fit.Run(ctx, backend, fit.Lesson[Config, Measurements]{
		Name: "params", Title: Title, Rules: rules(), Measure: measure, Illustrate: illustrate,
	}, c)
}

func measure(ctx context.Context, backend compute.Backend, c Config) (m Measurements, err error) {
	if m.Lengths, err = MeasureLengths(ctx, backend, c.Net, c.Lengths); err != nil {
		return m, err
	}
	m.Variants, err = MeasureVariants(ctx, backend, c.Layers)
	return m, err
}
