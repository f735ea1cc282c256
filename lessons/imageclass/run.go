package imageclass

import (
	"context"

	"github.com/gomlx/compute"

	"evident/kit/fit"
	"evident/kit/report"
)

// Title of the lesson, as reports show it.
const Title = "A binary image classifier"

// Run measures everything that the claims of question 4 need, and judges them.
// A divergent training or a refuted claim is a result. The error means that it
// could not be measured; see [fit.Run].
func Run(ctx context.Context, backend compute.Backend, c Config) (report.Report, error) {
	return fit.Run(ctx, backend, fit.Lesson[Config, Measurements]{
		Name: "imageclass", Title: Title, Rules: rules(), Measure: measure, Illustrate: illustrate,
	}, c)
}

// measure makes the measurements, in the order of the notebook.
func measure(ctx context.Context, backend compute.Backend, c Config) (m Measurements, err error) {
	from, err := newSource(ctx, c)
	if err != nil {
		return m, err
	}
	if m.Trained, err = measureTraining(ctx, backend, c, from); err != nil {
		return m, err
	}
	if m.Unscaled, err = measureUnscaled(ctx, backend, c, from, m.Trained); err != nil {
		return m, err
	}
	if m.Memory, err = measureMemory(ctx, backend, c, from, m.Trained); err != nil {
		return m, err
	}
	m.Leaks, err = measureLeak(ctx, backend, c, from, m.Memory.Early)
	return m, err
}
