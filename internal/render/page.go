package render

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize/english"
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"evident/kit/claim"
	"evident/kit/report"
)

// pageStyle is the style sheet of the page around the cards.
//
//go:embed page.css
var pageStyle string

// Page writes the reports as one page of HTML that needs no other file and no network:
// a table of all verdicts, then each lesson with its claims, charts, tables, pictures
// and provenance.
func Page(w io.Writer, reports []report.Report) error {
	for _, report := range reports {
		if err := report.Validate(); err != nil {
			return fmt.Errorf("render: %w", err)
		}
	}
	var sections g.Group
	for _, report := range reports {
		section, err := lessonSection(report)
		if err != nil {
			return fmt.Errorf("render: page: %w", err)
		}
		sections = append(sections, section)
	}
	// Write to a buffer first, so that an error leaves no half page.
	var page bytes.Buffer
	if err := document(reports, lineByLine(sections...)).Render(&page); err != nil {
		return fmt.Errorf("render: page: %w", err)
	}
	_, err := page.WriteTo(w)
	return err
}

func document(reports []report.Report, sections g.Group) g.Node {
	tally := claim.TallyOf(report.ClaimsOf(reports))
	return h.Doctype(h.HTML(h.Lang("en"), lineByLine(
		h.Head(lineByLine(
			h.Meta(h.Charset("utf-8")),
			h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")),
			h.Meta(h.Name("color-scheme"), h.Content("light dark")),
			h.TitleEl(g.Textf("evident: %s", tally)),
			h.StyleEl(g.Raw(cardStyle+pageStyle)),
		)),
		h.Body(lineByLine(
			pageHeader(tally),
			h.Main(g.If(tally.Claims > 0, verdictSection(reports)), sections),
			h.Footer(g.Text("Made by "), h.Code(g.Text("evident")),
				g.Text(". Each card says by which rule its verdict was given, and when that rule was made; “inconclusive” is a result too.")),
		)),
	)))
}

func pageHeader(t claim.Tally) g.Node {
	record := g.Text("No claims were judged.")
	switch {
	case t.Differ > 0:
		record = warning("⚠ %s from the record", english.Plural(t.Differ, "verdict differs", "verdicts differ"))
	case t.Unrecorded > 0:
		record = g.Textf("For these data (%d of %s) there is no record; the other verdicts do not contradict it.", t.Unrecorded, english.Plural(t.Claims, "claim", "claims"))
	case t.Claims > 0:
		record = g.Text(strings.ToUpper(t.Record()[:1]) + t.Record()[1:] + ".")
	}
	return h.Header(lineByLine(
		h.H1(g.Text("evident")),
		h.P(h.Class("lead"), g.Text("Deep-learning lessons where every claim is measured.")),
		h.Ul(h.Class("tally"), lineByLine(g.Map(claim.Verdicts(), func(v claim.Verdict) g.Node {
			return g.If(t.Of(v) > 0, tallied(v, t.Of(v)))
		})...)),
		h.P(h.Class("record"), record),
	))
}

func tallied(v claim.Verdict, n int) g.Node {
	return h.Li(h.Class("evident-"+string(v)), h.B(g.Text(strconv.Itoa(n))), g.Text(" "), hidden(Sign(v)), g.Text(" "+string(v)))
}

// verdictSection is the table of all verdicts, with a part for each lesson.
func verdictSection(reports []report.Report) g.Node {
	claims := report.ClaimsOf(reports)
	adjusted := claim.Adjusted(claims)
	return h.Section(h.Aria("labelledby", "verdicts"), lineByLine(
		h.H2(h.ID("verdicts"), g.Text("Verdicts")),
		h.Table(h.Class("verdicts"), lineByLine(
			h.THead(h.Tr(g.Map([]string{"Claim", "Verdict", "p", "corrected", "Evidence"}, columnHead))),
			g.Map(reports, func(r report.Report) g.Node { return verdictRowsOf(r, adjusted) }),
		)),
		g.If(len(adjusted) > 0, h.P(g.Text(claim.Errors(claims)))),
	))
}

func verdictRowsOf(r report.Report, adjusted map[string]float64) g.Node {
	return h.TBody(
		h.Tr(h.Class("lesson"), h.Th(h.ColSpan("5"), h.Scope("rowgroup"), h.A(h.Href("#"+r.Lesson), g.Text(r.Title)))),
		lineByLine(g.Map(r.Claims, func(c claim.Claim) g.Node {
			rows := g.Group{verdictRow(r, c, c, adjusted)}
			for _, part := range c.Parts {
				rows = append(rows, verdictRow(r, c, part, adjusted))
			}
			return rows
		})...),
	)
}

// verdictRow is the row of a claim or of one of its parts, with a link to the claim's card.
func verdictRow(r report.Report, whole, c claim.Claim, adjusted map[string]float64) g.Node {
	var p, corrected string
	if value, is := adjusted[c.ID]; is {
		p, corrected = fmt.Sprintf("%.2g", *c.PValue), fmt.Sprintf("%.2g", value)
	}
	evidence := c.Evidence
	if len(c.Parts) > 0 {
		evidence = c.Statement
	}
	return h.Tr(
		h.Th(h.Scope("row"), h.A(h.Href("#"+anchor(r, whole)), g.Text(c.ID))),
		h.Td(badge(string(c.Verdict), Sign(c.Verdict)), g.If(!c.Agrees(), warning("⚠ recorded: %s", c.Recorded))),
		h.Td(h.Class("evident-number"), typeset(p)), h.Td(h.Class("evident-number"), typeset(corrected)),
		h.Td(typeset(evidence)),
	)
}

// anchor returns the anchor of a claim's card on the page.
func anchor(r report.Report, c claim.Claim) string { return r.Lesson + "-" + c.ID }

func lessonSection(r report.Report) (g.Node, error) {
	pictures, err := elements(slices.Concat(report.List(r.Charts), report.List(r.Diagrams), report.List(r.Pictures)))
	if err != nil {
		return nil, err
	}
	derivations, err := elements(report.List(r.Derivations))
	if err != nil {
		return nil, err
	}
	tables, err := elements(report.List(r.Tables))
	if err != nil {
		return nil, err
	}
	title := "title-" + r.Lesson
	return h.Section(h.Class("lesson"), h.ID(r.Lesson), h.Aria("labelledby", title), lineByLine(
		h.H2(h.ID(title), g.Text(r.Title)),
		h.Div(h.Class("figures"), pictures),
		derivations,
		tables,
		h.H3(g.Text("Claims")),
		h.Div(h.Class("evident-claims"), lineByLine(g.Map(r.Claims, func(c claim.Claim) g.Node {
			return h.Div(h.ID(anchor(r, c)), claimCard(c, nil))
		})...)),
		provenanceCard(r),
	)), nil
}
