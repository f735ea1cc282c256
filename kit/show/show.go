package show

import (
	"os"

	"github.com/janpfeifer/must"

	"evident/internal/render"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
)

// Report shows a lesson's whole report: the verdict on each claim, charts,
// tables and pictures. In a notebook it attaches the report itself to the first
// output as [report.MIMEType].
func Report(r report.Report) {
	must.M(r.Validate())
	predicted := predictedOf(r.Claims)
	put(func() ([]render.Bundle, error) {
		first, err := render.ReportCell(r, predicted)
		if err != nil {
			return nil, err
		}
		figures, err := render.FiguresCell(r.Figures)
		return append([]render.Bundle{first}, figures...), err
	}, func() error { return render.TextReport(os.Stdout, r, render.Style{Predicted: predicted}) })
	unknownTo(r)
}

// Verdicts shows a lesson's report without its figures, for a notebook that has
// already shown them.
func Verdicts(r report.Report) {
	r.Figures = report.Figures{}
	Report(r)
}

// Run measures an experiment with the notebook's context and backend, shows its
// verdicts and figures, and returns the measurement.
func Run[C, M any](e experiment.Experiment[C, M], c C) M {
	m, result, err := e.Run(Context(), Backend(), c)
	must.M(err)
	if result.Origin.WasKept {
		notice(result.Origin.String())
	}
	if len(result.Claims) > 0 {
		Claims(result.Claims...)
	}
	Figures(result.Figures)
	return m
}

// Claims shows a verdict card for each of the claims, with what was predicted.
func Claims(claims ...claim.Claim) {
	predicted := predictedOf(claims)
	put(func() ([]render.Bundle, error) { return one(render.ClaimsCell(claims, predicted)) },
		func() error { return render.ClaimTable(os.Stdout, claims, render.Style{Predicted: predicted}) })
}

// Figures shows derivations, charts, tables, diagrams and pictures.
func Figures(f report.Figures) {
	must.M(f.Validate())
	put(func() ([]render.Bundle, error) { return render.FiguresCell(f) },
		func() error { return render.TextFigures(os.Stdout, f) })
}

// Chart shows one chart. Its curves must be finite and of equal lengths.
func Chart(c report.Chart) { figure(c, render.Chart(c)) }

// Table shows one table.
func Table(t report.Table) { figure(t, render.Table(t)) }

// Diagram shows one diagram.
func Diagram(d report.Diagram) { figure(d, render.Diagram(d)) }

// Picture shows one picture.
func Picture(p report.Picture) { figure(p, render.Picture(p)) }

// Derivation shows a calculation line by line.
func Derivation(d report.Derivation) { figure(d, render.Derivation(d)) }

func figure(f report.Figure, forms render.Figure) {
	must.M(report.Validate(f))
	put(forms.Cell, func() error { return forms.Text(os.Stdout) })
}
