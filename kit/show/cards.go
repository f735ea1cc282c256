package show

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"evident/kit/claim"
	"evident/kit/exercise"
	"evident/kit/report"
)

// The HTML is built of Go values: html/template finds methods by their names as
// it runs, so that a cell's program would have to keep all methods of all types,
// and take a tenth longer to link.

// cardStyle is the style sheet of what notebook cells and the page share.
//
//go:embed cards.css
var cardStyle string

// fragment is what a notebook cell shows, with the style sheet of the cards.
func fragment(node g.Node) (string, error) {
	var out strings.Builder
	if err := lines(h.StyleEl(g.Raw(cardStyle)), node).Render(&out); err != nil {
		return "", fmt.Errorf("show: %w", err)
	}
	return out.String(), nil
}

// lines puts each node on a line of its own, for those who read the source.
func lines(nodes ...g.Node) g.Group {
	var group g.Group
	for _, node := range nodes {
		if node != nil {
			group = append(group, node, g.Text("\n"))
		}
	}
	return group
}

// reportCard is a report without its figures and tables, which a cell shows each
// by itself.
func reportCard(r report.Report) g.Node {
	return h.Div(h.Class("evident-report"), h.Data("lesson", r.Lesson), lines(
		h.H3(g.Text(r.Title)),
		claimCards(r.Claims),
		provenanceCard(r),
	))
}

func claimCards(claims []claim.Claim) g.Node {
	return h.Div(h.Class("evident-claims"), lines(g.Map(claims, claimCard)...))
}

func claimCard(c claim.Claim) g.Node {
	return h.Div(h.Class("evident-verdict"), h.Data("claim", c.ID), h.Data("verdict", string(c.Verdict)), lines(
		h.Div(h.Class("evident-head"),
			badge(string(c.Verdict), sign(c.Verdict)), g.Text(" "),
			h.Strong(g.Text(c.ID)), g.Text(" "),
			h.Span(h.Class("evident-source"), g.Text(c.Source)),
			g.If(!c.Agrees(), g.Group{g.Text(" "), warning("⚠ differs from the record: %s", c.Recorded)}),
		),
		h.P(h.Class("evident-statement"), g.Text(c.Statement)),
		h.P(h.Class("evident-evidence"), g.Text(c.Evidence)),
		h.P(h.Class("evident-rule"), h.B(g.Text("Rule")), g.Text(" "+c.Rule+" "),
			h.Span(h.Class("evident-samples"), g.Text("("+seeds(c)+")"))),
	))
}

func badge(word, sign string) g.Node {
	return h.Span(h.Class("evident-badge evident-"+word), hidden(sign), g.Text(" "+word))
}

// hidden is what a screen reader does not read: a sign beside its word.
func hidden(sign string) g.Node { return h.Span(h.Aria("hidden", "true"), g.Text(sign)) }

func warning(format string, what any) g.Node {
	return h.Span(h.Class("evident-differs"), g.Textf(format, what))
}

func tableCard(t report.Table) g.Node {
	return h.Div(h.Class("evident-scroll"), h.Table(h.Class("evident-table"), lines(
		h.Caption(g.Text(t.Title)),
		h.THead(h.Tr(g.Map(t.Columns, columnHead))),
		h.TBody(lines(g.Map(t.Rows, tableRow)...)),
	)))
}

func columnHead(name string) g.Node { return h.Th(h.Scope("col"), g.Text(name)) }

func tableRow(row []string) g.Node {
	return h.Tr(g.Map(row, func(cell string) g.Node {
		return h.Td(g.If(numeric(cell), h.Class("evident-number")), g.Text(cell))
	}))
}

func captionCard(p report.Picture) g.Node {
	return h.P(h.Class("evident-caption"), h.Strong(g.Text(p.Title)))
}

func answerCard(r exercise.Result) g.Node {
	return h.Div(h.Class("evident-verdict evident-answer"), h.Data("question", r.Question), h.Data("verdict", string(r.Verdict)), lines(
		h.Div(h.Class("evident-head"), badge(string(r.Verdict), resultSigns[r.Verdict]), g.Text(" "), h.Strong(g.Text(r.Question))),
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
	started := fmt.Sprintf("%s, took %s", p.Started.UTC().Format("2 January 2006, 15:04 MST"), short(time.Duration(p.WallSeconds*float64(time.Second))))
	return h.Details(h.Class("evident-provenance"), h.Summary(g.Text("How this was measured")), h.Dl(lines(
		entry("Backend", g.Text(p.Backend)),
		entry("Versions", g.Text(versions)),
		entry("Machine", g.Text(p.Machine)),
		g.If(p.DataSet != "", entry("Data set", g.Text(p.DataSet))),
		g.If(p.DataHash != "", entry("Data sha256", h.Code(g.Text(p.DataHash)))),
		g.If(len(p.Seeds) > 0, entry("Seeds", g.Text(strings.Join(numbers, ", ")))),
		entry("Started", g.Text(started)),
		entry("Scale", g.Text(r.Preset)),
		g.If(len(r.Config) > 0, entry("Knobs", h.Pre(g.Text(indented(r.Config))))),
	)))
}

func entry(name string, value g.Node) g.Node { return g.Group{h.Dt(g.Text(name)), h.Dd(value)} }

// indented prints the knobs of a run; what is not JSON is printed as it is.
func indented(config json.RawMessage) string {
	var out bytes.Buffer
	if err := json.Indent(&out, config, "", "  "); err != nil {
		return string(config)
	}
	return out.String()
}

var number = regexp.MustCompile(`^(\?|[−+-]?[\d.,]*\d(e[+-]?\d+)?\s?(%|s|ms|MB|KB|×)?)$`)

// numeric reports whether a cell is a number, or stands for an unknown one;
// numbers are aligned to the right.
func numeric(cell string) bool { return number.MatchString(strings.TrimSpace(cell)) }

// seeds prints what lies behind a verdict.
func seeds(c claim.Claim) string {
	if c.Kind == claim.Exact {
		return "exact: one run decides"
	}
	return "sampled over " + count(c.Samples, "seed", "seeds")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
