package byhand

import (
	"context"

	"github.com/gomlx/compute"

	"evident/kit/fit"
	"evident/kit/report"
)

// Title of the lesson, as reports show it.
const Title = "One training step by hand"

// Run works out one step by hand, for the problems of every seed, and judges
// the claims of question 2. The error means that it could not be measured; see
// [fit.Run].
func Run(ctx context.Context, backend compute.Backend, c Config) (report.Report, error) {
	return fit.Run(ctx, backend, fit.Lesson[Config, Measurements]{
		Name: "byhand", Title: Title, Rules: rules(), Measure: measure, Illustrate: illustrate,
	}, c)
}

// measure makes the measurements, in the order of the notebook.
func measure(ctx context.Context, backend compute.Backend, c Config) (m Measurements, err error) {
	if m.Nets, err = MeasureNets(ctx, backend, c); err != nil {
		return m, err
	}
	m.Images, err = MeasureImages(ctx, backend, c)
	return m, err
}
