package render

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strconv"

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
				g.Text(". A verdict is supported, refuted or inconclusive by a rule that was fixed before the measurement; “inconclusive” is a result too.")),
		)),
	)))
}

func pageHeader(t claim.Tally) g.Node {
	record := g.Text("No claims were judged.")
	switch {
	case t.Differ > 0:
		record = warning("⚠ %s from the record", english.Plural(t.Differ, "verdict differs", "verdicts differ"))
	case t.Unrecorded > 0:
		record = g.Textf("For your own data (%d of %s) there is no record; every other verdict agrees with it or is inconclusive at this scale.", t.Unrecorded, english.Plural(t.Claims, "claim", "claims"))
	case t.Claims > 0:
		record = g.Text("Every verdict agrees with the record or is inconclusive at this scale.")
	}
	return h.Header(lineByLine(
		h.H1(g.Text("evident")),
		h.P(h.Class("lead"), g.Text("Deep-learning lessons where every claim is measured.")),
		h.Ul(h.Class("tally"), lineByLine(
			tallied(claim.Supported, t.Supported),
			tallied(claim.Refuted, t.Refuted),
			tallied(claim.Inconclusive, t.Inconclusive),
		)),
		h.P(h.Class("record"), record),
	))
}

func tallied(v claim.Verdict, n int) g.Node {
	return h.Li(h.Class("evident-"+string(v)), h.B(g.Text(strconv.Itoa(n))), g.Text(" "), hidden(Sign(v)), g.Text(" "+string(v)))
}

// verdictSection is the table of all verdicts, with a part for each lesson.
func verdictSection(reports []report.Report) g.Node {
	return h.Section(h.Aria("labelledby", "verdicts"), lineByLine(
		h.H2(h.ID("verdicts"), g.Text("Verdicts")),
		h.Table(h.Class("verdicts"), lineByLine(
			h.THead(h.Tr(g.Map([]string{"Claim", "Verdict", "Evidence"}, columnHead))),
			g.Map(reports, verdictRowsOf),
		)),
	))
}

func verdictRowsOf(r report.Report) g.Node {
	return h.TBody(
		h.Tr(h.Class("lesson"), h.Th(h.ColSpan("3"), h.Scope("rowgroup"), h.A(h.Href("#"+r.Lesson), g.Text(r.Title)))),
		lineByLine(g.Map(r.Claims, func(c claim.Claim) g.Node {
			return h.Tr(
				h.Th(h.Scope("row"), h.A(h.Href("#"+anchor(r, c)), g.Text(c.ID))),
				h.Td(badge(string(c.Verdict), Sign(c.Verdict)), g.If(!c.Agrees(), warning("⚠ recorded: %s", c.Recorded))),
				h.Td(g.Text(c.Evidence)),
			)
		})...),
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
			return h.Div(h.ID(anchor(r, c)), claimCard(c))
		})...)),
		provenanceCard(r),
	)), nil
}
