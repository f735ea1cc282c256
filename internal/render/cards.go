package render

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"evident/internal/forecast"
	"evident/internal/lines"
	"evident/internal/render/look"
	"evident/kit/claim"
	"evident/kit/exercise"
	"evident/kit/report"
)

// The HTML is built from Go values instead of html/template. html/template finds
// methods by name at run time, so the linker would have to keep all methods of all
// types in a cell's program, and would take a tenth longer.

// cardStyle is the style sheet that notebook cells and the page share.
//
//go:embed cards.css
var cardStyle string

// fragment returns the output of a notebook cell, with the style sheet of the cards.
func fragment(node g.Node) (string, error) {
	var out strings.Builder
	if err := lineByLine(h.StyleEl(g.Raw(cardStyle)), node).Render(&out); err != nil {
		return "", fmt.Errorf("render: %w", err)
	}
	return out.String(), nil
}

// lineByLine puts each node on its own line, to keep the source readable.
func lineByLine(nodes ...g.Node) g.Group {
	var group g.Group
	for _, node := range nodes {
		if node != nil {
			group = append(group, node, g.Text("\n"))
		}
	}
	return group
}

// reportCard is a report without its figures and tables, which a cell shows
// separately.
func reportCard(r report.Report, predicted forecast.Predictions) g.Node {
	return h.Div(h.Class("evident-report"), h.Data("lesson", r.Lesson), lineByLine(
		h.H3(g.Text(r.Title)),
		claimCards(r.Claims, predicted),
		provenanceCard(r),
	))
}

func claimCards(claims []claim.Claim, predicted forecast.Predictions) g.Node {
	return h.Div(h.Class("evident-claims"), cardsOf(claims, predicted))
}

func cardsOf(claims []claim.Claim, predicted forecast.Predictions) g.Node {
	return lineByLine(g.Map(claims, func(c claim.Claim) g.Node { return claimCard(c, predicted) })...)
}

func claimCard(c claim.Claim, predicted forecast.Predictions) g.Node {
	prediction, found := predicted.Of(c.ID)
	return h.Div(h.Class("evident-verdict"), h.Data("claim", c.ID), h.Data("verdict", string(c.Verdict)), lineByLine(
		h.Div(h.Class("evident-head"),
			badge(string(c.Verdict), Sign(c.Verdict)), g.Text(" "),
			h.Strong(g.Text(c.ID)), g.Text(" "),
			g.If(c.Source != "", h.Span(h.Class("evident-source"), g.Text(c.Source))),
			g.If(found, predictionMark(prediction)),
			g.If(!c.Agrees(), g.Group{g.Text(" "), warning("⚠ differs from the record: %s", c.Recorded)}),
		),
		h.P(h.Class("evident-statement"), typeset(c.Statement)),
		g.If(len(c.Parts) == 0, h.P(h.Class("evident-evidence"), typeset(c.Evidence))),
		h.P(h.Class("evident-rule"), h.B(g.Text("Rule")), typeset(" "+c.Rule+" "),
			h.Span(h.Class("evident-samples"), g.Text("("+seeds(c)+")")), g.If(c.RuleHistory() != "", typeset(" "+c.RuleHistory()))),
		g.If(len(c.Parts) > 0, h.Div(h.Class("evident-parts"), cardsOf(c.Parts, predicted))),
	))
}

// typeset writes the numbers and symbols of a text as in a paper.
func typeset(text string) g.Node { return g.Text(look.Typeset(text)) }

// predictionMark shows a prediction beside its verdict.
func predictionMark(p forecast.Prediction) g.Node {
	return g.Group{g.Text(" "), h.Span(h.Class("evident-prediction"), g.Text("you: "+p.String()))}
}

func badge(word, sign string) g.Node {
	return h.Span(h.Class("evident-badge evident-"+word), hidden(sign), g.Text(" "+word))
}

// hidden hides a sign from screen readers, because the word beside it says the same.
func hidden(sign string) g.Node { return h.Span(h.Aria("hidden", "true"), g.Text(sign)) }

func warning(format string, what any) g.Node {
	return h.Span(h.Class("evident-differs"), g.Textf(format, what))
}

func captionCard(p report.Picture) g.Node {
	return h.P(h.Class("evident-caption"), h.Strong(g.Text(p.Title)))
}

func answerCard(r exercise.Result) g.Node {
	return h.Div(h.Class("evident-verdict evident-answer"), h.Data("question", r.Question), h.Data("verdict", string(r.Verdict)), lineByLine(
		h.Div(h.Class("evident-head"), badge(string(r.Verdict), answerSigns[r.Verdict]), g.Text(" "), h.Strong(g.Text(r.Question))),
		g.If(r.Hint != "", h.P(g.Text(plainHint(r.Hint)))),
	))
}

func provenanceCard(r report.Report) g.Node {
	p := r.Provenance
	versions := fmt.Sprintf("%s, GoMLX %s", p.Go, p.GoMLX)
	if p.Commit != "" {
		versions += ", commit " + p.Commit
	}
	numbers := make([]string, len(p.Seeds))
	for i, seed := range p.Seeds {
		numbers[i] = strconv.FormatInt(seed, 10)
	}
	started := fmt.Sprintf("%s, took %s", p.Started.UTC().Format("2 January 2006, 15:04 MST"), Duration(time.Duration(p.WallSeconds*float64(time.Second))))
	return h.Details(h.Class("evident-provenance"), h.Summary(g.Text("How this was measured")), h.Dl(lineByLine(
		entry("Backend", g.Text(p.Backend)),
		entry("Versions", g.Text(versions)),
		entry("Machine", g.Text(p.Machine)),
		g.If(p.DataSet != "", entry("Data set", g.Text(p.DataSet))),
		g.If(p.DataHash != "", entry("Data sha256", h.Code(g.Text(p.DataHash)))),
		g.If(len(p.Seeds) > 0, entry("Seeds", g.Text(strings.Join(numbers, ", ")))),
		entry("Started", g.Text(started)),
		entry("Scale", g.Text(r.Preset)),
		g.If(len(r.Experiments) > 0, entry("Experiments", h.Ul(lineByLine(g.Map(r.Experiments, func(e report.Experiment) g.Node {
			return h.Li(g.Textf("%s: %s, took %s", e.Name, e.Origin(), Duration(time.Duration(e.Seconds*float64(time.Second)))))
		})...)))),
		g.If(len(r.Knobs) > 0, entry("Knobs", knobs(r.Knobs))),
		g.If(len(r.Knobs) == 0 && len(r.Config) > 0, entry("Knobs", h.Pre(g.Text(indented(r.Config))))),
	)))
}

func entry(name string, value g.Node) g.Node { return g.Group{h.Dt(g.Text(name)), h.Dd(value)} }

// knobs is a table of the knobs with their help. A fixed knob limits how far the
// verdicts generalise.
func knobs(all []report.Knob) g.Node {
	rows := make([][]string, len(all))
	for i, k := range all {
		rows[i] = []string{k.Path, k.Role, lines.Shorten(k.Value, 60), k.Help}
	}
	return h.Table(h.Class("evident-table"), h.THead(h.Tr(g.Map([]string{"knob", "role", "value", "what it is"}, columnHead))),
		h.TBody(lineByLine(g.Map(rows, tableRow)...)))
}

// indented formats the knobs of a run; it returns text that is not JSON unchanged.
func indented(config json.RawMessage) string {
	var out bytes.Buffer
	if err := json.Indent(&out, config, "", "  "); err != nil {
		return string(config)
	}
	return out.String()
}

// seeds describes the samples behind a verdict.
func seeds(c claim.Claim) string {
	if c.Kind == claim.Exact {
		return "exact: one run decides"
	}
	return "sampled over " + english.Plural(c.Samples, "seed", "")
}

// Duration formats a time as "0.4 s", "12 s" or "3 m 5 s".
func Duration(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	d = d.Round(time.Second)
	return fmt.Sprintf("%d m %d s", int(d.Minutes()), int(d.Seconds())%60)
}
