package show

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"html"
	"image/png"
	"os"
	"strings"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
	"github.com/janpfeifer/must"

	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
)

// bundle is one output of a cell in several forms; the viewer takes the
// richest that it knows.
type (
	bundle = protocol.DisplayData
	forms  = map[protocol.MIMEType]any
)

// Report shows all of a lesson's report: the verdict on each claim, charts,
// tables and pictures. In a notebook the report itself is attached to the
// first output as [report.MIMEType]. It panics when the report is not valid.
func Report(r report.Report) {
	must.M(r.Validate())
	if !gonbui.IsNotebook {
		must.M(Text(os.Stdout, r, Style{}))
		return
	}
	display(must.M1(reportBundle(r)))
	displayFigures(r.Figures)
	gonbui.Sync()
}

// Verdicts shows a lesson's report without its figures, for a notebook that has
// shown them above.
func Verdicts(r report.Report) {
	r.Figures = report.Figures{}
	Report(r)
}

// Figures shows derivations, charts, tables, diagrams and pictures. It panics
// when one of them is not valid.
func Figures(f report.Figures) {
	must.M(f.Validate())
	if !gonbui.IsNotebook {
		must.M(textFigures(os.Stdout, f))
		return
	}
	displayFigures(f)
	gonbui.Sync()
}

// Run measures an experiment with the notebook's context and backend, shows the
// verdicts on its claims and its figures, and returns the measurement. It panics
// on an error, as notebooks do.
func Run[C, M any](e experiment.Experiment[C, M], c C) M {
	m, result, err := e.Run(Context(), Backend(), c)
	must.M(err)
	if len(result.Claims) > 0 {
		Claims(result.Claims...)
	}
	Figures(result.Figures)
	return m
}

func displayFigures(f report.Figures) {
	for _, derivation := range f.Derivations {
		display(must.M1(derivationBundle(derivation)))
	}
	for _, chart := range f.Charts {
		display(must.M1(chartBundle(chart)))
	}
	for _, table := range f.Tables {
		display(must.M1(tableBundle(table)))
	}
	for _, diagram := range f.Diagrams {
		display(must.M1(diagramBundle(diagram)))
	}
	for _, picture := range f.Pictures {
		display(must.M1(captionBundle(picture)))
		display(pictureBundle(picture))
	}
}

// Chart shows one chart. It panics when its curves are not of equal length or
// not finite.
func Chart(c report.Chart) {
	must.M(report.Figures{Charts: []report.Chart{c}}.Validate())
	if !gonbui.IsNotebook {
		fmt.Println(altText(c))
		return
	}
	display(must.M1(chartBundle(c)))
	gonbui.Sync()
}

// Table shows one table.
func Table(t report.Table) {
	must.M(report.Figures{Tables: []report.Table{t}}.Validate())
	if !gonbui.IsNotebook {
		must.M(TextTable(os.Stdout, t))
		return
	}
	display(must.M1(tableBundle(t)))
	gonbui.Sync()
}

// Diagram shows one diagram. It panics when an arrow leads nowhere.
func Diagram(d report.Diagram) {
	must.M(report.Figures{Diagrams: []report.Diagram{d}}.Validate())
	if !gonbui.IsNotebook {
		fmt.Println(diagramText(d))
		return
	}
	display(must.M1(diagramBundle(d)))
	gonbui.Sync()
}

// Picture shows one picture.
func Picture(p report.Picture) {
	if !gonbui.IsNotebook {
		fmt.Println(pictureText(p))
		return
	}
	display(must.M1(captionBundle(p)))
	display(pictureBundle(p))
	gonbui.Sync()
}

// Claims shows a verdict card for each of the claims.
func Claims(claims ...claim.Claim) {
	if !gonbui.IsNotebook {
		must.M(verdictRows(os.Stdout, claims, Style{}))
		return
	}
	display(must.M1(claimsBundle(claims)))
	gonbui.Sync()
}

func reportBundle(r report.Report) (bundle, error) {
	page, err := fragment(reportCard(r))
	if err != nil {
		return bundle{}, err
	}
	attached, err := plain(r)
	if err != nil {
		return bundle{}, err
	}
	var text strings.Builder
	if err := VerdictTable(&text, []report.Report{r}, Style{}); err != nil {
		return bundle{}, err
	}
	return bundle{Data: forms{"text/html": page, report.MIMEType: attached, "text/plain": text.String()}}, nil
}

func claimsBundle(claims []claim.Claim) (bundle, error) {
	page, err := fragment(claimCards(claims))
	if err != nil {
		return bundle{}, err
	}
	var text strings.Builder
	if err := verdictRows(&text, claims, Style{}); err != nil {
		return bundle{}, err
	}
	return bundle{Data: forms{"text/html": page, "text/plain": text.String()}}, nil
}

func chartBundle(c report.Chart) (bundle, error) {
	if isEmpty(c) {
		line := strings.TrimSpace(c.Title + ": nothing to show yet. " + leftOut(c))
		return bundle{Data: forms{"text/html": "<p>" + html.EscapeString(line) + "</p>", "text/plain": line}}, nil
	}
	picture, err := ChartPNG(c)
	if err != nil {
		return bundle{}, err
	}
	specification, err := plain(vegaLite(c))
	if err != nil {
		return bundle{}, err
	}
	return bundle{
		Data: forms{vegaLiteMIME: specification, "image/png": picture, "text/plain": altText(c)},
		// Half the pixels: the PNG is drawn for dense screens.
		Metadata: pngMetadata(object{"width": 640, "height": 360, "alt": altText(c)}),
	}, nil
}

func tableBundle(t report.Table) (bundle, error) {
	page, err := fragment(tableCard(t))
	if err != nil {
		return bundle{}, err
	}
	var text strings.Builder
	if err := TextTable(&text, t); err != nil {
		return bundle{}, err
	}
	return bundle{Data: forms{"text/html": page, "text/plain": text.String()}}, nil
}

func diagramBundle(d report.Diagram) (bundle, error) {
	picture, err := DiagramPNG(d)
	if err != nil {
		return bundle{}, err
	}
	size, err := png.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		return bundle{}, fmt.Errorf("diagram %q: %w", d.ID, err)
	}
	return bundle{
		Data: forms{"image/png": picture, "text/plain": diagramText(d)},
		// Half the pixels: the PNG is drawn for dense screens.
		Metadata: pngMetadata(object{"width": size.Width / 2, "height": size.Height / 2, "alt": diagramText(d)}),
	}, nil
}

// diagramText says in words what the diagram shows.
func diagramText(d report.Diagram) string {
	return pictureText(report.Picture{Title: d.Title, Alt: d.Alt})
}

func pictureBundle(p report.Picture) bundle {
	return bundle{
		Data:     forms{"image/png": p.PNG, "text/plain": pictureText(p)},
		Metadata: pngMetadata(object{"alt": pictureText(p)}),
	}
}

func pngMetadata(about object) object { return object{"image/png": about} }

// captionBundle names the picture that follows: a PNG has no title of its own.
func captionBundle(p report.Picture) (bundle, error) {
	page, err := fragment(captionCard(p))
	if err != nil {
		return bundle{}, err
	}
	return bundle{Data: forms{"text/html": page, "text/plain": p.Title}}, nil
}

// display sends the bundle to the notebook.
func display(b bundle) {
	register()
	gonbui.SendData(&b)
}

// register tells gob, in which bundles travel to the kernel, what hides behind
// their values of type any. Doing so again is harmless.
func register() {
	gob.Register(map[string]any{})
	gob.Register([]any{})
}

// plain turns a value into the maps, slices, texts and numbers of its JSON,
// which is what the kernel passes on as it is. Nulls are left out: gob cannot
// carry them.
func plain(value any) (any, error) {
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode for the notebook: %w", err)
	}
	var decoded any
	if err := json.Unmarshal(encoded, &decoded); err != nil {
		return nil, fmt.Errorf("encode for the notebook: %w", err)
	}
	return withoutNulls(decoded), nil
}

func withoutNulls(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			if inner == nil {
				delete(value, key)
				continue
			}
			value[key] = withoutNulls(inner)
		}
		return value
	case []any:
		kept := make([]any, 0, len(value))
		for _, inner := range value {
			if inner != nil {
				kept = append(kept, withoutNulls(inner))
			}
		}
		return kept
	}
	return value
}
