package show

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"evident/internal/mathml"
	"evident/kit/claim"
	"evident/kit/report"
)

// pageStyle is the style sheet of the page around the cards.
//
//go:embed page.css
var pageStyle string

// HTML writes the reports as one page that needs no other file and no network:
// a table of all verdicts, then each lesson with its claims, charts, tables,
// pictures and provenance.
func HTML(w io.Writer, reports []report.Report) error {
	for _, report := range reports {
		if err := report.Validate(); err != nil {
			return fmt.Errorf("show: %w", err)
		}
	}
	sections, err := mapped(reports, lessonSection)
	if err != nil {
		return fmt.Errorf("show: HTML report: %w", err)
	}
	// All of it or nothing: what fails halfway leaves no half page.
	var page bytes.Buffer
	if err := document(reports, sections).Render(&page); err != nil {
		return fmt.Errorf("show: HTML report: %w", err)
	}
	_, err = page.WriteTo(w)
	return err
}

func document(reports []report.Report, sections g.Group) g.Node {
	tally := claim.TallyOf(report.ClaimsOf(reports))
	return h.Doctype(h.HTML(h.Lang("en"), lines(
		h.Head(lines(
			h.Meta(h.Charset("utf-8")),
			h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")),
			h.Meta(h.Name("color-scheme"), h.Content("light dark")),
			h.TitleEl(g.Textf("evident: %s", tally)),
			h.StyleEl(g.Raw(cardStyle+pageStyle)),
		)),
		h.Body(lines(
			pageHeader(tally),
			h.Main(g.If(tally.Claims > 0, verdictSection(reports)), sections),
			h.Footer(g.Text("Made by "), h.Code(g.Text("evident")),
				g.Text(". A verdict is supported, refuted or inconclusive by a rule that was fixed before the measurement; “inconclusive” is a result too.")),
		)),
	)))
}

func pageHeader(t claim.Tally) g.Node {
	record := g.Text("No claims were judged.")
	switch {
	case t.Differ > 0:
		record = warning("⚠ %s from the record", count(t.Differ, "verdict differs", "verdicts differ"))
	case t.Claims > 0:
		record = g.Text("Every verdict agrees with the record or is inconclusive at this scale.")
	}
	return h.Header(lines(
		h.H1(g.Text("evident")),
		h.P(h.Class("lead"), g.Text("Deep-learning lessons where every claim is measured.")),
		h.Ul(h.Class("tally"), lines(
			tallied(claim.Supported, t.Supported),
			tallied(claim.Refuted, t.Refuted),
			tallied(claim.Inconclusive, t.Inconclusive),
		)),
		h.P(h.Class("record"), record),
	))
}

func tallied(v claim.Verdict, n int) g.Node {
	return h.Li(h.Class("evident-"+string(v)), h.B(g.Text(strconv.Itoa(n))), g.Text(" "), hidden(sign(v)), g.Text(" "+string(v)))
}

// verdictSection is the table of all verdicts, a part for each lesson.
func verdictSection(reports []report.Report) g.Node {
	return h.Section(h.Aria("labelledby", "verdicts"), lines(
		h.H2(h.ID("verdicts"), g.Text("Verdicts")),
		h.Table(h.Class("verdicts"), lines(
			h.THead(h.Tr(g.Map([]string{"Claim", "Verdict", "Evidence"}, columnHead))),
			g.Map(reports, verdictRowsOf),
		)),
	))
}

func verdictRowsOf(r report.Report) g.Node {
	return h.TBody(
		h.Tr(h.Class("lesson"), h.Th(h.ColSpan("3"), h.Scope("rowgroup"), h.A(h.Href("#"+r.Lesson), g.Text(r.Title)))),
		lines(g.Map(r.Claims, func(c claim.Claim) g.Node {
			return h.Tr(
				h.Th(h.Scope("row"), h.A(h.Href("#"+anchor(r, c)), g.Text(c.ID))),
				h.Td(badge(string(c.Verdict), sign(c.Verdict)), g.If(!c.Agrees(), warning("⚠ recorded: %s", c.Recorded))),
				h.Td(g.Text(c.Evidence)),
			)
		})...),
	)
}

// anchor is where the page has the card of a claim.
func anchor(r report.Report, c claim.Claim) string { return r.Lesson + "-" + c.ID }

func lessonSection(r report.Report) (g.Node, error) {
	figures, err := figuresOf(r)
	if err != nil {
		return nil, err
	}
	derivations, err := mapped(r.Derivations, derivationCard)
	if err != nil {
		return nil, err
	}
	title := "title-" + r.Lesson
	return h.Section(h.Class("lesson"), h.ID(r.Lesson), h.Aria("labelledby", title), lines(
		h.H2(h.ID(title), g.Text(r.Title)),
		h.Div(h.Class("figures"), figures),
		derivations,
		lines(g.Map(r.Tables, tableCard)...),
		h.H3(g.Text("Claims")),
		h.Div(h.Class("evident-claims"), lines(g.Map(r.Claims, func(c claim.Claim) g.Node {
			return h.Div(h.ID(anchor(r, c)), claimCard(c))
		})...)),
		provenanceCard(r),
	)), nil
}

// figuresOf are the charts, diagrams and pictures of a report.
func figuresOf(r report.Report) (g.Group, error) {
	charts, err := mapped(r.Charts, chartFigure)
	if err != nil {
		return nil, err
	}
	diagrams, err := mapped(r.Diagrams, diagramFigure)
	if err != nil {
		return nil, err
	}
	pictures := lines(g.Map(r.Pictures, func(p report.Picture) g.Node { return titled("picture", p.PNG, p.Title, p.Alt) })...)
	return append(append(charts, diagrams...), pictures...), nil
}

func chartFigure(c report.Chart) (g.Node, error) {
	picture, err := ChartPNG(c)
	if err != nil {
		return nil, err
	}
	return h.Figure(
		embedded(picture, altText(c), h.Width("640"), h.Height("360")),
		g.If(c.Alt != "", h.FigCaption(g.Text(c.Alt))),
	), nil
}

func diagramFigure(d report.Diagram) (g.Node, error) {
	picture, err := DiagramPNG(d)
	if err != nil {
		return nil, err
	}
	return titled("diagram", picture, d.Title, d.Alt), nil
}

func titled(class string, png []byte, title, alt string) g.Node {
	return h.Figure(h.Class(class), embedded(png, cmp.Or(alt, title)), h.FigCaption(h.Strong(g.Text(title))))
}

func embedded(png []byte, alt string, size ...g.Node) g.Node {
	return h.Img(h.Src("data:image/png;base64,"+base64.StdEncoding.EncodeToString(png)), h.Alt(alt), g.Group(size))
}

func derivationCard(d report.Derivation) (g.Node, error) {
	steps, err := mapped(d.Steps, derivationStep)
	if err != nil {
		return nil, err
	}
	return h.Details(h.Class("derivation"), h.Summary(g.Text(d.Title)), steps), nil
}

func derivationStep(step report.DerivationStep) (g.Node, error) {
	formulas, err := mathML(step)
	if err != nil {
		return nil, err
	}
	return lines(
		h.H4(g.Text(step.Title)),
		g.If(step.Note != "", h.P(g.Text(step.Note))),
		h.Div(h.Class("evident-scroll"), g.Raw(formulas)),
	), nil
}

// mathML is a step for a page without scripts.
func mathML(step report.DerivationStep) (string, error) {
	formulas, err := mathml.Display(stepLaTeX(step))
	if err != nil {
		return "", fmt.Errorf("step %q: %w", step.Title, err)
	}
	return formulas, nil
}

// mapped are the nodes of the values, each on a line, up to the first error.
func mapped[T any](values []T, nodeOf func(T) (g.Node, error)) (g.Group, error) {
	var nodes g.Group
	for _, value := range values {
		node, err := nodeOf(value)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, node)
	}
	return lines(nodes...), nil
}
