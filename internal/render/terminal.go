package render

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"evident/internal/badinput"
	"evident/internal/forecast"
	"evident/internal/lines"
	"evident/kit/claim"
	"evident/kit/report"
)

// Style says how to lay out text. The zero Style is 100 columns wide, without colour.
type Style struct {
	Width int  // in columns
	Color bool // for a terminal that supports ANSI sequences
	// Predicted stands beside the verdicts.
	Predicted forecast.Predictions
}

// VerdictTable writes the [ClaimTable] of all reports, and a closing line with the counts.
func VerdictTable(w io.Writer, reports []report.Report, style Style) error {
	claims := report.ClaimsOf(reports)
	if err := ClaimTable(w, claims, style); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n", closing(claims, "\n"))
	return err
}

// closing counts the verdicts, and says how many wrong ones to expect among many.
func closing(claims []claim.Claim, between string) string {
	text := claim.TallyOf(claims).String()
	if errors := claim.Errors(claims); errors != "" {
		text += between + errors
	}
	return text
}

// Differs marks a verdict that differs from the record.
const Differs = "← differs from the record"

// ClaimTable writes one row per claim. The evidence takes the remaining width. A row is
// marked if its verdict differs from the record.
func ClaimTable(w io.Writer, claims []claim.Claim, style Style) error {
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
		if _, err := fmt.Fprintln(w, strings.TrimRight(row+lines.Shorten(text, max(room, 24)), " ")); err != nil {
			return err
		}
	}
	return nil
}

// fixedColumns returns the header and the rows without their evidence, aligned.
func fixedColumns(claims []claim.Claim, style Style) ([]string, error) {
	var table bytes.Buffer
	you := make([]string, len(claims))
	for i, c := range claims {
		you[i] = style.predicted(c)
	}
	some := slices.ContainsFunc(you, func(text string) bool { return text != "" })
	heading := ""
	if some {
		heading = "YOU\t"
	}
	fmt.Fprintf(&table, "CLAIM\tKIND\t%s\tRECORDED\t%s\n", style.paint("VERDICT", plainInk), heading)
	for i, c := range claims {
		fmt.Fprintf(&table, "%s\t%s\t%s\t%s\t", c.ID, c.Kind, style.paint(Sign(c.Verdict)+" "+string(c.Verdict), inkOf(c)), cmp.Or(c.Recorded, "–"))
		if some {
			fmt.Fprintf(&table, "%s\t", cmp.Or(you[i], "–"))
		}
		fmt.Fprintln(&table)
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

// predicted is what the reader has predicted about a claim and its parts, as in "70 %; b: 20 %".
func (s Style) predicted(c claim.Claim) string {
	var said []string
	if p, found := s.Predicted.Of(c.ID); found {
		said = append(said, p.String())
	}
	for _, part := range c.Parts {
		if p, found := s.Predicted.Of(part.ID); found {
			said = append(said, strings.TrimPrefix(part.ID, c.ID)+": "+p.String())
		}
	}
	return strings.Join(said, "; ")
}

func evidence(c claim.Claim) string {
	if !c.Agrees() {
		return Differs + ": " + oneLine(c.Evidence)
	}
	return oneLine(c.Evidence)
}

// TextReport writes the whole report for a terminal: verdicts with their statements,
// tables, and descriptions of the charts and pictures.
func TextReport(w io.Writer, r report.Report, style Style) error {
	var page bytes.Buffer
	fmt.Fprintf(&page, "%s\n%s\n\n", r.Title, strings.Repeat("=", len([]rune(r.Title))))
	for _, c := range r.Claims {
		textClaim(&page, c, style)
		for _, part := range c.Parts {
			textClaim(&page, part, style)
		}
	}
	if err := TextFigures(&page, r.Figures); err != nil {
		return err
	}
	fmt.Fprintf(&page, "%s\n", claim.TallyOf(r.Claims))
	_, err := page.WriteTo(w)
	return err
}

func textClaim(page *bytes.Buffer, c claim.Claim, style Style) {
	fmt.Fprintln(page, style.paint(Sign(c.Verdict)+" "+string(c.Verdict), inkOf(c)), strings.Join(strings.Fields(fmt.Sprintf("%s %s (%s)", c.ID, c.Source, c.Kind)), " "))
	if !c.Agrees() {
		fmt.Fprintf(page, "  %s: %s\n", Differs, c.Recorded)
	}
	if p, found := style.Predicted.Of(c.ID); found {
		fmt.Fprintf(page, "  you:      %s\n", p)
	}
	fmt.Fprintf(page, "  claim:    %s\n", oneLine(c.Statement))
	if len(c.Parts) == 0 {
		fmt.Fprintf(page, "  evidence: %s\n", oneLine(c.Evidence))
	}
	fmt.Fprintf(page, "  rule:     %s\n", oneLine(c.Rule))
	if history := c.RuleHistory(); history != "" {
		fmt.Fprintf(page, "            %s\n", history)
	}
	fmt.Fprintln(page)
}

// TextFigures writes tables and derivations, and describes the other figures in words.
func TextFigures(w io.Writer, f report.Figures) error {
	for _, figure := range slices.Concat(report.List(f.Derivations), report.List(f.Tables), report.List(f.Charts), report.List(f.Diagrams), report.List(f.Pictures)) {
		if err := Of(figure).Text(w); err != nil {
			return err
		}
		switch figure.(type) {
		case report.Table, report.Derivation: // these take several lines
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
		}
	}
	return nil
}

// Kept lists the experiments that were measured before, as in "kept: measured 30 Nov 2026,
// 14:02 UTC, commit 80ec2fa: learningrate.floor, learningrate.grid". The others were
// measured now.
func Kept(w io.Writer, reports []report.Report) error {
	for _, r := range reports {
		names := map[string][]string{}
		var origins []string
		for _, e := range r.Experiments {
			if !e.Kept {
				continue
			}
			origin := e.Origin()
			if names[origin] == nil {
				origins = append(origins, origin)
			}
			names[origin] = append(names[origin], r.Lesson+"."+strings.ToLower(e.Name))
		}
		for _, origin := range origins {
			if _, err := fmt.Fprintf(w, "%s: %s\n", origin, strings.Join(names[origin], ", ")); err != nil {
				return err
			}
		}
	}
	return nil
}

// Headlines writes the tables that belong beside the verdicts, such as the comparison of a
// training with the sheet's. Most reports have none.
func Headlines(w io.Writer, reports []report.Report) error {
	for _, r := range reports {
		for _, table := range r.Tables {
			if !table.Headline {
				continue
			}
			if err := Table(table).Text(w); err != nil {
				return err
			}
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
		}
	}
	return nil
}

// Sign returns the sign beside the word of a verdict.
func Sign(v claim.Verdict) string {
	switch v {
	case claim.Supported:
		return "✔"
	case claim.Refuted:
		return "✘"
	case claim.Mixed:
		return "±"
	case claim.Unmeasured:
		return "–"
	}
	return "~"
}

// ansi is the code of a terminal colour. It always has two digits, so that all cells of a
// column carry equally many hidden characters and stay aligned.
type ansi string

const (
	plainInk  ansi = "01"
	greenInk  ansi = "32"
	yellowInk ansi = "33"
	blueInk   ansi = "36"
	redInk    ansi = "31"
)

// inkOf returns red only for what needs attention: a verdict that differs from the record.
func inkOf(c claim.Claim) ansi {
	switch {
	case !c.Agrees():
		return redInk
	case c.Verdict == claim.Supported:
		return greenInk
	case c.Verdict == claim.Refuted, c.Verdict == claim.Mixed:
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

// hidden returns the number of characters that [Style.paint] adds.
func (s Style) hidden() int { return len(s.paint("", plainInk)) }

// oneLine joins the words of a text across line breaks and tabs.
func oneLine(text string) string { return strings.Join(strings.Fields(badinput.OneLine(text)), " ") }
