package learningrate

import (
	"fmt"

	"evident/kit/report"
)

// illustrate adds the tables and charts of the measurements to the report.
func illustrate(out *report.Report, c Config, m Measurements) error {
	out.Provenance.DataSet = "generated: quadrants of the plane, a linear regression, a Chebyshev polynomial"
	out.Provenance.Seeds = c.Grid.Seeds
	out.Tables = []report.Table{m.Grid.Table(), m.Grid.ConfusionTable()}
	out.Charts = []report.Chart{
		m.Quadratic.PathChart(), m.Quadratic.LossChart(), m.Surface.Chart(), m.Grid.RateChart(), m.Grid.CurveChart(), m.Floor.Chart(), m.Floor.DistanceChart(),
		m.Basins.LandscapeChart(), m.Basins.LeavingChart(), m.Basins.StayingChart(), m.Grid.AccuracyChart(), m.Grid.RangeChart(),
		m.Vanishing.CourseChart(), m.Vanishing.LayerChart(), m.Vanishing.DepthChart(), m.Sharpness.Chart(),
	}
	return nil
}

// shownPaths are the rates ηλ that the charts of the parabola show.
func (q QuadraticFacts) shownPaths() []int {
	var shown []int
	for i, rate := range q.Rates {
		if rate <= 2.2 {
			shown = append(shown, i)
		}
	}
	return shown
}

// PathChart shows the descents of the parabola.
func (q QuadraticFacts) PathChart() report.Chart {
	chart := report.Chart{
		ID: "paths", Title: "Descent of a parabola", Mark: report.Line, XLabel: "step", YLabel: "θ, with the minimum at 0",
		Alt:   "θ against the steps: it creeps at low rates, oscillates and shrinks between 1/λ and 2/λ, and oscillates and grows above.",
		Rules: []report.Reference{{Name: "minimum", Y: 0}},
	}
	for _, i := range q.shownPaths() {
		curve := report.Curve{Name: fmt.Sprintf("ηλ = %g", q.Rates[i])}
		for step, theta := range q.Paths[i] {
			curve.Add(float64(step), theta)
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// LossChart shows the same descents' losses.
func (q QuadraticFacts) LossChart() report.Chart {
	const smallest = 1e-12 // below it, a line on the logarithmic axis says nothing more
	chart := report.Chart{
		ID: "losses", Title: "Loss of the same descents", Mark: report.Line, XLabel: "step", YLabel: "loss ½λθ²", LogY: true,
		Alt: "Losses on a logarithmic axis are straight lines; those above ηλ = 2 rise.",
	}
	for i, rate := range q.Rates {
		curve := report.Curve{Name: fmt.Sprintf("ηλ = %g", rate)}
		for step, theta := range q.Paths[i] {
			if loss := q.Curvature * theta * theta / 2; loss > smallest {
				curve.Add(float64(step), loss)
			}
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// curveOver is one line over the rates, of values above 0 by rate and seed.
func curveOver(rates []float64, name string, values [][]float64) report.Curve {
	curve := report.Curve{Name: name}
	for i, rate := range rates {
		curve.AddGeometric(rate, values[i])
	}
	return curve
}

// Chart shows the noise floor against the rate.
func (f FloorFacts) Chart() report.Chart {
	return report.Chart{
		ID: "floor", Title: "Where the loss hovers", Mark: report.Line, XLabel: "learning rate η", YLabel: "final loss over the minimum", LogX: true, LogY: true,
		Alt:    "The final excess loss rises with the rate, more steeply where the batches are cut from a permutation.",
		Curves: []report.Curve{curveOver(f.Rates, "batches of a permutation", f.Excess), curveOver(f.Rates, "batches with replacement", f.Replaced)},
	}
}

// DistanceChart shows how far the weights end from the minimum.
func (f FloorFacts) DistanceChart() report.Chart {
	return report.Chart{
		ID: "distance", Title: "Distance from the known minimum", Mark: report.Line, XLabel: "learning rate η", YLabel: "‖θ − θ*‖", LogX: true, LogY: true,
		Alt:    "The distance rises with the rate, and after a decay it is the same for all.",
		Curves: []report.Curve{curveOver(f.Rates, "at the end", f.Distance), curveOver(f.Rates, "after a decay to the lowest rate", f.Decayed)},
	}
}

// LandscapeChart shows the landscapes along their first axis.
func (b BasinFacts) LandscapeChart() report.Chart {
	chart := report.Chart{
		ID: "landscapes", Title: "A deep basin and a shallow one", Mark: report.Line, XLabel: "θ", YLabel: "f(θ)",
		Alt: "Two curves, each with a deep basin at −2 and a shallow one at 2, of unequal widths.",
	}
	for _, l := range b.Landscape {
		if l.Dimensions > 1 {
			continue
		}
		curve := report.Curve{Name: l.Name}
		for theta := -5.0; theta <= 5; theta += 0.1 {
			curve.Add(theta, l.Value(theta))
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// LeavingChart shows the share of runs that leave the deep basin.
func (b BasinFacts) LeavingChart() report.Chart {
	return b.chart("leaving", "From the deep basin", "share that ends in the shallow basin",
		"The share of runs that end in the shallow basin, 0 at low rates, rises above the limit of the deep minimum.",
		func(l LandscapeFacts) [][]float64 { return l.Shallow })
}

// StayingChart shows the share of runs that stay in the shallow basin.
func (b BasinFacts) StayingChart() report.Chart {
	return b.chart("staying", "From the shallow basin", "share that stays there",
		"The share of runs that stay in the shallow basin, 1 at low rates, falls at high ones.",
		func(l LandscapeFacts) [][]float64 { return l.StayedLow })
}

func (b BasinFacts) chart(id, title, y, alt string, shares func(LandscapeFacts) [][]float64) report.Chart {
	chart := report.Chart{ID: id, Title: title, Mark: report.Line, XLabel: "learning rate η", YLabel: y, LogX: true, Alt: alt}
	for _, l := range b.Landscape {
		curve := report.Curve{Name: l.Name}
		for i, rate := range b.Rates {
			curve.AddEstimate(rate, shares(l)[i])
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}
