package learningrate

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/stat"

	"evident/kit/report"
)

// CourseChart shows the norm of the gradient along the training at the tiny
// rate, as the mean over the seeds.
func (f VanishingFacts) CourseChart() report.Chart {
	curve := report.Curve{Name: fmt.Sprintf("η = %g", f.TinyRate)}
	for step := range f.Course[0] {
		curve.Add(float64(step), stat.Mean(column(f.Course, step), nil))
	}
	return report.Chart{
		ID: "tiny", Title: "The gradient at a tiny rate", Mark: report.Line, XLabel: "training step", YLabel: "norm of the gradient",
		Alt:    "The norm of the gradient stays where it began.",
		Curves: []report.Curve{curve}, Rules: []report.Reference{{Name: fmt.Sprintf("end at η = %g", f.HighRate), Y: stat.Mean(f.HighEnd, nil)}},
	}
}

// LayerChart shows the norm of the gradient of every layer of the deepest net.
func (f VanishingFacts) LayerChart() report.Chart {
	chart := report.Chart{
		ID: "layers", Title: fmt.Sprintf("Gradient before training, %d hidden layers", f.Depths[len(f.Depths)-1]), Mark: report.Line,
		XLabel: "layer, counted from the input", YLabel: "norm of the gradient", LogY: true,
		Alt: "The norm of the gradient by layer on a logarithmic axis, for three activations from Glorot's and He's initial weights.",
	}
	for i, name := range f.Variants {
		if !shown(name) {
			continue
		}
		curve := report.Curve{Name: name}
		for layer, norm := range f.ByLayer[i] {
			if norm > 0 {
				curve.Add(float64(layer+1), norm)
			}
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// DepthChart shows the gradient of the first layer against the depth.
func (f VanishingFacts) DepthChart() report.Chart {
	chart := report.Chart{
		ID: "depth", Title: "Gradient of the first layer before training", Mark: report.Line, XLabel: "hidden layers", YLabel: "norm of the gradient", LogX: true, LogY: true,
		Alt: "The gradient of the first layer against the depth: it vanishes with the sigmoid and stays with ReLU from He's weights.",
	}
	for i, name := range f.Variants {
		if !shown(name) {
			continue
		}
		curve := report.Curve{Name: name}
		for d, depth := range f.Depths {
			curve.AddGeometric(float64(depth), f.FirstNorm[i][d])
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// shown leaves the variants out whose gradients fall below all others, and
// below what float32 holds.
func shown(variant string) bool { return !strings.Contains(variant, gains[2].name) }

// Chart shows the sharpness along training, each rate with its 2/η.
func (f SharpnessFacts) Chart() report.Chart {
	chart := report.Chart{
		ID: "sharpness", Title: "Sharpness along full-batch training", Mark: report.Line, XLabel: "training step", YLabel: "λ_max of the Hessian", LogY: true,
		Alt: "The top eigenvalue rises along training until it hovers at 2/η, one line for each rate, each with its 2/η.",
	}
	for rate, eta := range f.Rates {
		curve := report.Curve{Name: fmt.Sprintf("η = %g", eta)}
		for i, step := range f.Steps {
			if value := stat.Mean(column(f.Sharpness[rate], i), nil); value > 0 || math.IsNaN(value) {
				curve.Add(float64(step), value)
			}
		}
		chart.Curves = append(chart.Curves, curve)
		if f.Time(rate) >= flowTime {
			chart.Rules = append(chart.Rules, report.Reference{Name: fmt.Sprintf("2/η at %g", eta), Y: 2 / eta})
		}
	}
	return chart
}
