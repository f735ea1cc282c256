package show

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/report"
)

// Style is how text is laid out. The zero Style is 100 columns wide, without
// colour.
type Style struct {
	Width int  // in columns
	Color bool // for a terminal that understands ANSI sequences
}

// VerdictTable writes one row for each claim of the reports, and a closing
// line with the counts. A row is marked where the verdict is not the one on
// record.
func VerdictTable(w io.Writer, reports []report.Report, style Style) error {
	claims := report.ClaimsOf(reports)
	if err := verdictRows(w, claims, style); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n", claim.TallyOf(claims))
	return err
}

// differs marks a verdict that is not the one on record.
const differs = "← differs from the record"

// verdictRows writes the table alone. The evidence takes what width is left.
func verdictRows(w io.Writer, claims []claim.Claim, style Style) error {
	rows, err := fixedColumns(claims, style)
	if err != nil {
		return err
	}
	for i, row := range rows {
		text := "EVIDENCE"
		if i > 0 {
			text = evidence(claims[i-1])
		}
		room := cmp.Or(style.Width, 100) - len([]rune(row)) + style.hidden()
		if _, err := fmt.Fprintln(w, strings.TrimRight(row+shortened(text, max(room, 24)), " ")); err != nil {
			return err
		}
	}
	return nil
}

// fixedColumns are the header and the rows without their evidence, aligned.
func fixedColumns(claims []claim.Claim, style Style) ([]string, error) {
	var table bytes.Buffer
	fmt.Fprintf(&table, "CLAIM\tKIND\t%s\tRECORDED\t\n", style.paint("VERDICT", plainInk))
	for _, c := range claims {
		fmt.Fprintf(&table, "%s\t%s\t%s\t%s\t\n", c.ID, c.Kind, style.paint(sign(c.Verdict)+" "+string(c.Verdict), inkOf(c)), c.Recorded)
	}
	var aligned bytes.Buffer
	columns := tabwriter.NewWriter(&aligned, 0, 0, 2, ' ', 0)
	if _, err := table.WriteTo(columns); err != nil {
		return nil, err
	}
	if err := columns.Flush(); err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(aligned.String(), "\n"), "\n"), nil
}

func evidence(c claim.Claim) string {
	if !c.Agrees() {
		return differs + ": " + oneLine(c.Evidence)
	}
	return oneLine(c.Evidence)
}

// Text writes the whole report for a terminal: verdicts with their statements,
// tables, and in words what the charts and pictures show.
func Text(w io.Writer, r report.Report, style Style) error {
	var page bytes.Buffer
	fmt.Fprintf(&page, "%s\n%s\n\n", r.Title, strings.Repeat("=", len([]rune(r.Title))))
	for _, c := range r.Claims {
		fmt.Fprintf(&page, "%s %s  %s (%s)\n", style.paint(sign(c.Verdict)+" "+string(c.Verdict), inkOf(c)), c.ID, c.Source, c.Kind)
		if !c.Agrees() {
			fmt.Fprintf(&page, "  %s: %s\n", differs, c.Recorded)
		}
		fmt.Fprintf(&page, "  claim:    %s\n  evidence: %s\n  rule:     %s\n\n", oneLine(c.Statement), oneLine(c.Evidence), oneLine(c.Rule))
	}
	if err := textFigures(&page, r.Figures); err != nil {
		return err
	}
	fmt.Fprintf(&page, "%s\n", claim.TallyOf(r.Claims))
	_, err := page.WriteTo(w)
	return err
}

// textFigures writes tables and derivations, and says in words what the other figures show.
func textFigures(w io.Writer, f report.Figures) error {
	for _, derivation := range f.Derivations {
		if err := textDerivation(w, derivation); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	for _, table := range f.Tables {
		if err := TextTable(w, table); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	for _, chart := range f.Charts {
		fmt.Fprintf(w, "[chart] %s\n", altText(chart))
	}
	for _, diagram := range f.Diagrams {
		fmt.Fprintf(w, "[diagram] %s\n", diagramText(diagram))
	}
	for _, picture := range f.Pictures {
		fmt.Fprintf(w, "[picture] %s\n", pictureText(picture))
	}
	return nil
}

func pictureText(p report.Picture) string {
	if p.Alt == "" {
		return p.Title
	}
	return p.Title + ". " + p.Alt
}

// Headlines writes the tables that belong beside the verdicts, such as a
// training next to the sheet's; most reports have none.
func Headlines(w io.Writer, reports []report.Report) error {
	for _, r := range reports {
		for _, table := range r.Tables {
			if !table.Headline {
				continue
			}
			if err := TextTable(w, table); err != nil {
				return err
			}
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
		}
	}
	return nil
}

// sign goes beside the word of a verdict.
func sign(v claim.Verdict) string {
	switch v {
	case claim.Supported:
		return "✔"
	case claim.Refuted:
		return "✘"
	}
	return "~"
}

// ansi is the number of a colour in a terminal, always two digits: cells of
// one column then carry equally many hidden characters, and stay aligned.
type ansi string

const (
	plainInk  ansi = "01"
	greenInk  ansi = "32"
	yellowInk ansi = "33"
	blueInk   ansi = "36"
	redInk    ansi = "31"
)

// inkOf is red only for what needs a look: a verdict that is not on record.
func inkOf(c claim.Claim) ansi {
	switch {
	case !c.Agrees():
		return redInk
	case c.Verdict == claim.Supported:
		return greenInk
	case c.Verdict == claim.Refuted:
		return blueInk
	}
	return yellowInk
}

func (s Style) paint(text string, ink ansi) string {
	if !s.Color {
		return text
	}
	return "\x1b[" + string(ink) + "m" + text + "\x1b[0m"
}

// hidden is the number of characters that [Style.paint] adds.
func (s Style) hidden() int { return len(s.paint("", plainInk)) }

// oneLine joins the words of a text that has line breaks or tabs.
func oneLine(text string) string { return strings.Join(strings.Fields(badinput.OneLine(text)), " ") }

// shortened cuts a text to a width, at a word where it can.
func shortened(text string, width int) string {
	runes := []rune(text)
	if len(runes) <= width {
		return text
	}
	cut := string(runes[:width-1])
	if i := strings.LastIndex(cut, " "); i > width/2 {
		cut = cut[:i]
	}
	return cut + "…"
}
