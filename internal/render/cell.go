package render

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"

	g "maragu.dev/gomponents"

	"evident/internal/forecast"
	"evident/kit/claim"
	"evident/kit/exercise"
	"evident/kit/report"
)

// Bundle is one output of a notebook's cell in several forms, by MIME type. The
// viewer shows the richest form that it supports. A form is text, the bytes of a
// picture, or a value that becomes JSON.
type Bundle struct {
	Data, Metadata map[string]any
}

// The MIME types that every viewer knows.
const (
	htmlMIME  = "text/html"
	plainMIME = "text/plain"
	pngMIME   = "image/png"
)

// pngBundle is a picture; about holds its size on screen if that differs from its
// own.
func pngBundle(picture []byte, alt string, about map[string]any) Bundle {
	if about == nil {
		about = map[string]any{}
	}
	about["alt"] = alt
	return Bundle{
		Data:     map[string]any{pngMIME: picture, plainMIME: alt},
		Metadata: map[string]any{pngMIME: about},
	}
}

// cardBundle is HTML with the style sheet of the cards.
func cardBundle(node g.Node, text string) (Bundle, error) {
	page, err := fragment(node)
	if err != nil {
		return Bundle{}, err
	}
	return Bundle{Data: map[string]any{htmlMIME: page, plainMIME: text}}, nil
}

// ReportCell shows a report without its figures: the verdict on each claim, with
// the report itself attached as [report.MIMEType], and what the reader has predicted.
func ReportCell(r report.Report, predicted forecast.Predictions) (Bundle, error) {
	var text strings.Builder
	if err := VerdictTable(&text, []report.Report{r}, Style{Predicted: predicted}); err != nil {
		return Bundle{}, err
	}
	bundle, err := cardBundle(reportCard(r, predicted), text.String())
	if err != nil {
		return Bundle{}, err
	}
	bundle.Data[report.MIMEType] = r
	return bundle, nil
}

// ClaimsCell shows a card for each claim, with what the reader has predicted.
func ClaimsCell(claims []claim.Claim, predicted forecast.Predictions) (Bundle, error) {
	var text strings.Builder
	if err := ClaimTable(&text, claims, Style{Predicted: predicted}); err != nil {
		return Bundle{}, err
	}
	return cardBundle(claimCards(claims, predicted), text.String())
}

// FiguresCell shows the figures one after the other: calculations and charts
// first.
func FiguresCell(f report.Figures) ([]Bundle, error) {
	var all []Bundle
	for _, figure := range slices.Concat(report.List(f.Derivations), report.List(f.Charts), report.List(f.Tables), report.List(f.Diagrams), report.List(f.Pictures)) {
		bundles, err := Of(figure).Cell()
		if err != nil {
			return nil, err
		}
		all = append(all, bundles...)
	}
	return all, nil
}

// AnswerCell shows whether an answer is right, with the result attached as
// [exercise.MIMEType].
func AnswerCell(r exercise.Result) (Bundle, error) {
	bundle, err := cardBundle(answerCard(r), AnswerText(r))
	if err != nil {
		return Bundle{}, err
	}
	bundle.Data[exercise.MIMEType] = r
	return bundle, nil
}

// NoticeCell shows one line to the reader.
func NoticeCell(line string) Bundle {
	return Bundle{Data: map[string]any{
		htmlMIME: `<p class="evident-notice">` + html.EscapeString(line) + "</p>", plainMIME: line,
	}}
}

// answerSigns are the signs before the verdict on an answer.
var answerSigns = map[exercise.Verdict]string{
	exercise.Right: "✔", exercise.Wrong: "✘", exercise.Unreadable: "?", exercise.Missing: "…", exercise.Failed: "✘", exercise.Unjudged: "…",
}

// AnswerText formats a result in one line, as in "✘ params.conv1: wrong. The
// biases are missing."
func AnswerText(r exercise.Result) string {
	text := fmt.Sprintf("%s %s: %s.", answerSigns[r.Verdict], r.Question, r.Verdict)
	if r.Hint != "" {
		text += " " + plainHint(r.Hint)
	}
	return text
}

// formula matches a formula between dollars in a hint.
var formula = regexp.MustCompile(`\$([^$]+)\$`)

// plainHint replaces the LaTeX in a hint by plain text, because few viewers
// typeset it in a card.
func plainHint(hint string) string {
	return formula.ReplaceAllStringFunc(hint, func(between string) string { return plainMath(strings.Trim(between, "$")) })
}
