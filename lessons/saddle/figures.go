package saddle

import (
	"fmt"
	"math"
	"slices"

	"evident/kit/claim"
	"evident/kit/report"
	"evident/kit/sweep"
)

// illustrate adds the tables and charts of the measurements to the report.
func illustrate(out *report.Report, c Config, m Measurements) error {
	out.Provenance.DataSet = "generated: two spirals, a noisy teacher, quadrants of the plane, linear regressions"
	out.Provenance.Seeds = c.Race.Seeds
	out.Tables = []report.Table{
		m.Definition.Table(), m.Plane.Table(), m.Deep.Table(), m.Race.Table(m.Cost), m.Race.TuningTable(), m.Race.EndTable(), m.Cost.Table(),
	}
	out.Charts = []report.Chart{m.Plane.EscapeChart(), m.Deep.Chart(), m.Noise.Chart(), m.Theory.BoundChart(), m.Theory.CounterChart()}
	for _, paths := range m.Plane.Paths {
		if paths.Surface == plainSaddle || !isOwn(paths.Surface) {
			out.Charts = append(out.Charts, m.Plane.PathChart(paths.Surface))
		}
	}
	for _, task := range m.Race.Tasks {
		out.Charts = append(out.Charts, task.CurveChart(), task.RateChart(), task.SharpnessChart())
	}
	return nil
}

// isOwn reports whether a surface is one of the lesson's.
func isOwn(name string) bool {
	return slices.ContainsFunc(Surfaces(), func(s sweep.Surface) bool { return s.Name == name })
}

// Table says what every surface is like at the origin.
func (f DefinitionFacts) Table() report.Table {
	table := report.Table{
		ID: "definition", Title: "At the origin", Columns: []string{"f(x, y)", "gradient", "eigenvalues of the Hessian", "by the Hessian", "lowest and highest f − f(0, 0) on circles", "by definition"},
	}
	for _, p := range f.Places {
		eigenvalues := "–"
		if len(p.Eigenvalues) == 2 {
			eigenvalues = fmt.Sprintf("%.3g, %.3g", p.Eigenvalues[0], p.Eigenvalues[1])
		}
		circles := ""
		for _, c := range p.Circles {
			circles += fmt.Sprintf("r = %g: %.2g, %.2g; ", c.Radius, c.Lowest, c.Highest)
		}
		table.Rows = append(table.Rows, []string{
			p.Name, fmt.Sprintf("%.3g, %.3g", p.Gradient[0], p.Gradient[1]), eigenvalues, p.ByHessian(), circles[:max(len(circles)-2, 0)], p.ByDefinition(),
		})
	}
	return table
}

// PathChart shows the descents of one surface over its heights.
func (f PlaneFacts) PathChart(surface string) report.Chart {
	chart := report.Chart{
		ID: "paths", Title: fmt.Sprintf("Descents of %s from (%g, %g) at η = %g", surface, f.PathStart[0], f.PathStart[1], f.Rate),
		Mark: report.Path, XLabel: "x", YLabel: "y",
		Alt: "The path of every optimizer over the surface, one point a step, with the heights as shades.",
	}
	if isOwn(surface) && surface == plainSaddle {
		chart.Alt = "From the right, SGD runs into the saddle and then slowly away along y, momentum swings past it, and RMSProp and Adam leave it on a diagonal."
	}
	for i, paths := range f.Paths {
		if paths.Surface != surface {
			continue
		}
		if i > 0 {
			chart.ID = fmt.Sprintf("paths-%d", i+1)
		}
		chart.Ground = paths.Ground
		for o, path := range paths.Paths {
			chart.Curves = append(chart.Curves, sweep.PathCurve(f.Names[o], within(path, paths.Ground)))
		}
	}
	return chart
}

// within cuts a path behind its first point beyond the picture.
func within(path [][]float64, ground *report.Ground) [][]float64 {
	if ground == nil {
		return path
	}
	for i, at := range path {
		if at[0] < ground.Left || at[0] > ground.Right || at[1] < ground.Bottom || at[1] > ground.Top {
			return path[:i]
		}
	}
	return path
}

// EscapeChart shows the steps to leave x² − y² against the offset.
func (f PlaneFacts) EscapeChart() report.Chart {
	chart := report.Chart{
		ID: "escape", Title: fmt.Sprintf("Steps from (1, ε) on x² − y² until |y| > 1, η = %g", f.Rate), Mark: report.Line, LogX: true,
		XLabel: "ε, the distance from the line that ends in the saddle", YLabel: "steps",
		Alt: "Straight lines over a logarithmic axis: steep for SGD, less so for momentum and Nesterov, and nearly flat for RMSProp and Adam.",
	}
	for o, name := range f.Names {
		curve := report.Curve{Name: name}
		for i, offset := range f.Offsets {
			if f.Steps[o][i] > 0 {
				curve.Add(offset, float64(f.Steps[o][i]))
			}
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// Table says how the steps rise, and what becomes of the start on the line.
func (f PlaneFacts) Table() report.Table {
	table := report.Table{
		ID: "escapes", Title: "Leaving x² − y²",
		Columns: []string{"optimizer", "steps per power of ten in ε", fmt.Sprintf("… from ε = %g on", farFromTiny), "formula", "from exactly (1, 0)", fmt.Sprintf("… with noise of %g on the gradient", f.Noise)},
	}
	for o, name := range f.Names {
		formula := "–"
		switch name {
		case sgd:
			formula = fmt.Sprintf("%.2f", math.Ln10/math.Log(Growth(f.Rate)))
		case momentum:
			formula = fmt.Sprintf("%.2f", math.Ln10/math.Log(MomentumGrowth(f.Rate, f.Beta)))
		}
		shaken := "stays"
		if n := arrivals(f.Shaken[o]); n > 0 {
			shaken = fmt.Sprintf("%d of %d leave, after %.0f steps", n, len(f.Shaken[o]), geometric(slices.DeleteFunc(slices.Clone(f.Shaken[o]), func(s float64) bool { return s == 0 })))
		}
		stuck := fmt.Sprintf("stays for %d steps", f.Budget)
		if f.Stuck[o] > 0 {
			stuck = fmt.Sprintf("leaves after %d", f.Stuck[o])
		}
		table.Rows = append(table.Rows, []string{name, orDash("%.2f", f.PerDecade(o, 0)), orDash("%.2f", f.PerDecade(o, farFromTiny)), formula, stuck, shaken})
	}
	return table
}

// orDash formats a number, or writes a dash where it is not finite.
func orDash(format string, v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	return fmt.Sprintf(format, v)
}

// Chart shows the steps to leave the deep net's saddle without added noise,
// against the scale of the initial weights.
func (f DeepFacts) Chart() report.Chart {
	chart := report.Chart{
		ID: "deep", Title: "Leaving the saddle of a deep linear net", Mark: report.Line, LogX: true, LogY: true,
		XLabel: "scale of the initial weights", YLabel: "steps until the loss is halved",
		Alt: "On logarithmic axes, the steps of SGD and momentum rise as the initial weights shrink; those of RMSProp and Adam stay a handful.",
	}
	for o, name := range f.Names {
		best := f.Best(o)
		curve := report.Curve{Name: fmt.Sprintf("%s, η = %.2g", name, f.Rates[best])}
		for scale := 1; scale < len(f.Scales); scale++ {
			curve.AddGeometric(f.Scales[scale], f.tried(o, 0, scale, best))
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// Table lists the steps by optimizer, noise and scale.
func (f DeepFacts) Table() report.Table {
	table := report.Table{ID: "deep", Title: fmt.Sprintf("Steps to leave the saddle of a deep linear net (geometric mean; those that do not count as %d)", f.Budget), Columns: []string{"optimizer", "η", "noise on the gradient"}}
	for _, scale := range f.Scales {
		table.Columns = append(table.Columns, fmt.Sprintf("from scale %g", scale))
	}
	for o, name := range f.Names {
		best := f.Best(o)
		for noise, deviation := range f.Noises {
			row := []string{name, fmt.Sprintf("%.2g", f.Rates[best]), "batches only"}
			if noise > 0 {
				row[2] = fmt.Sprintf("batches and %g", deviation)
			}
			for scale := range f.Scales {
				cell := "never"
				if arrivals(f.Steps[o][noise][scale][best]) > 0 {
					cell = fmt.Sprintf("%.0f", geometric(f.tried(o, noise, scale, best)))
				}
				row = append(row, cell)
			}
			table.Rows = append(table.Rows, row)
		}
	}
	return table
}

// Chart shows the relative variances of the directions.
func (f NoiseFacts) Chart() report.Chart {
	chart := report.Chart{
		ID: "variance", Title: "Relative variance of the direction, weights held still", Mark: report.Bars, Categories: f.Names,
		XLabel: "optimizer", YLabel: "tr Cov(d) / ‖E d‖²",
		Alt: "Bars: high for SGD and RMSProp, and about a twentieth of that for momentum, Nesterov and Adam, at both places.",
	}
	for place, relative := range f.Relative {
		curve := report.Curve{Name: []string{"at the initial weights", "after some training"}[place]}
		for o := range f.Names {
			if values := claim.Finite(relative[o]); len(values) > 0 {
				curve.AddGeometric(float64(o), values)
			}
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// shownBound is the rate η·L that the chart of the bound shows.
const shownBound = 1.0

// BoundChart shows the measured excess losses with their bounds.
func (f TheoryFacts) BoundChart() report.Chart {
	chart := report.Chart{
		ID: "bound", Title: "Gradient descent with η = 1/L, and its bound", Mark: report.Line, LogX: true, LogY: true,
		XLabel: "step k", YLabel: "f(x_k) − f*",
		Alt: "On logarithmic axes each bound is a straight line of slope −1, and the measured excess loss lies below its bound at every step.",
	}
	for _, d := range f.Descents {
		if d.Rate != shownBound {
			continue
		}
		measured, bound := report.Curve{Name: d.Function}, report.Curve{Name: "bound for " + d.Function}
		for k := range d.Excess {
			if step := k + 1; spread(step) {
				bound.Add(float64(step), d.Bound[k])
				if d.Excess[k] > smallest {
					measured.Add(float64(step), d.Excess[k])
				}
			}
		}
		chart.Curves = append(chart.Curves, measured, bound)
	}
	return chart
}

// smallest is the excess below which a float64 loss holds nothing but rounding.
const smallest = 1e-13

// spread chooses steps for a logarithmic axis: all up to 20, then fewer.
func spread(step int) bool {
	for every := 1; ; every *= 2 {
		if step <= 20*every {
			return step%every == 0
		}
	}
}

// CounterChart shows x along the counter-example.
func (f TheoryFacts) CounterChart() report.Chart {
	e := f.Counter
	chart := report.Chart{
		ID: "counter", Title: fmt.Sprintf("The counter-example of Reddi et al. with C = %g", e.Gradient), Mark: report.Line, LogX: true,
		XLabel: "step", YLabel: "x", Rules: []report.Reference{{Name: "best point", Y: -1}, {Name: "worst point", Y: 1}},
		Alt: "SGD and AMSGrad go to the best point, −1, and Adam to the worst, +1.",
	}
	for i, name := range e.Names {
		curve := report.Curve{Name: name}
		for step, x := range e.Paths[i] {
			if step > 0 && spread(step) {
				curve.Add(float64(step), x)
			}
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// Table lists what a step takes.
func (f CostFacts) Table() report.Table {
	table := report.Table{
		ID: "cost", Title: fmt.Sprintf("What a step takes, for each of %d parameters", f.Parameters),
		Columns: []string{"optimizer", "values kept", "operations", "milliseconds per step (the fastest round)"},
	}
	for _, o := range f.Optimizers {
		table.Rows = append(table.Rows, []string{o.Name, fmt.Sprintf("%.2g", o.Kept), fmt.Sprint(o.Operations), fmt.Sprintf("%.2f", 1000*o.Seconds)})
	}
	return table
}
