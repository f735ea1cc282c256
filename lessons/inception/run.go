package inception

import (
	"context"
	"encoding/json"
	"time"

	"github.com/gomlx/compute"

	"evident/datasets"
	"evident/lessons/fit"
	"evident/lessons/lesson"
)

// Title of the lesson, as reports show it.
const Title = "Inception on CIFAR-10"

// RunScale runs the lesson at the scale and with the options of a caller that
// does not know its Config.
func RunScale(ctx context.Context, backend compute.Backend, o lesson.Options) (lesson.Report, error) {
	report, err := Run(ctx, backend, For(o))
	report.Scale = o.Scale
	return report, err
}

// Run measures everything that the claims of question 7 need, and judges them.
// A divergent training or a refuted claim is a result. The error means that it
// could not be measured: a knob out of range or missing data
// ([lesson.ErrBadInput]), or a cancelled context.
func Run(ctx context.Context, backend compute.Backend, c Config) (lesson.Report, error) {
	report := lesson.Report{Lesson: "inception", Title: Title, Provenance: fit.Provenance(backend)}
	if err := c.Check(); err != nil {
		return report, err
	}
	var err error
	if report.Config, err = json.Marshal(c); err != nil {
		return report, err
	}
	train, test, err := Load(c.Data)
	if err != nil {
		return report, err
	}
	measured, err := measure(ctx, backend, c, train, test)
	if err != nil {
		return report, err
	}
	report.Claims = lesson.Judge(rules(), measured)
	if err := illustrate(&report, measured, train); err != nil {
		return report, err
	}
	p := &report.Provenance
	p.DataSet, p.DataHash = train.Name, train.Hash()
	p.Seeds = append([]int64{c.Train.Seed}, c.Compare.Seeds...)
	p.WallSeconds = time.Since(p.Started).Seconds()
	return report, report.Validate()
}

// measure makes the measurements, the cheap ones first.
func measure(ctx context.Context, backend compute.Backend, c Config, train, test datasets.Images) (m Measurements, err error) {
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
