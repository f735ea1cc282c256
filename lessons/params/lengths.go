package params

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"evident/internal/badinput"
	"evident/kit/arch"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/progress"
	"evident/kit/report"
)

// LengthsConfig builds the net on inputs of several lengths.
type LengthsConfig struct {
	Net      Net
	Steps    []int          `role:"compared" range:"[1, inf)" list:"1" help:"lengths of the input; the middle one is shown layer by layer"`
	Paddings []arch.Padding `role:"compared" list:"1" help:"of every convolution; the first is shown"`
}

// Validate builds the net's summary for every input: that error says which layer an input is too short for.
func (c LengthsConfig) Validate() error {
	if err := checkPaddings(c.Paddings); err != nil {
		return err
	}
	for _, padding := range c.Paddings {
		for _, steps := range c.Steps {
			if _, err := c.Net.Model(steps, padding).Summarize(); err != nil {
				return badinput.Errorf("Steps has %d, which is too short with padding %s: %w", steps, padding, err)
			}
		}
	}
	return nil
}

// LengthsMeasurement holds the net's counts on all inputs.
type LengthsMeasurement struct {
	Net  Net
	Nets []CountedNet // by padding, then by length
}

// CountedNet is one net: what the formulas say, and what GoMLX built.
type CountedNet struct {
	Steps   int
	Padding arch.Padding
	Summary arch.Summary
	Built   arch.Built
}

// measureLengths derives the summary of the net for every input, builds the net
// in GoMLX, and counts.
func measureLengths(ctx context.Context, backend compute.Backend, c LengthsConfig) (LengthsMeasurement, error) {
	facts := LengthsMeasurement{Net: c.Net}
	for _, padding := range c.Paddings {
		for _, steps := range c.Steps {
			progress.ReportTask(ctx, "building the net", len(facts.Nets), len(c.Paddings)*len(c.Steps))
			if err := ctx.Err(); err != nil {
				return facts, err
			}
			own, err := count(backend, c.Net.Model(steps, padding))
			if err != nil {
				return facts, err
			}
			own.Steps, own.Padding = steps, padding
			facts.Nets = append(facts.Nets, own)
		}
	}
	return facts, nil
}

// shown is the net on the input of middle length, with the first padding: the
// one that figures show.
func (f LengthsMeasurement) shown() CountedNet {
	lengths := 0
	for _, net := range f.Nets {
		if net.Padding == f.Nets[0].Padding {
			lengths++
		}
	}
	return f.Nets[lengths/2]
}

// count derives and builds one net.
func count(backend compute.Backend, m arch.Model) (facts CountedNet, err error) {
	if facts.Summary, err = m.Summarize(); err != nil {
		return facts, fmt.Errorf("model %q: %w", m.Name, err)
	}
	facts.Built, err = m.Build(backend)
	return facts, err
}

// agree reports whether every layer has the shape and the parameters that its
// formula gives.
func (f CountedNet) agree() bool {
	for i, row := range f.Summary.Rows {
		if f.Built.Parameters[i] != row.Parameters || f.Built.Outputs[i].String() != row.Outputs[0].String() {
			return false
		}
	}
	return true
}

// of is the number of parameters that GoMLX created in each layer of a class.
func (f CountedNet) of(class string) []int {
	var counts []int
	for i, row := range f.Summary.Rows {
		if row.Class == class {
			counts = append(counts, f.Built.Parameters[i])
		}
	}
	return counts
}

// flat is N, the number of values behind the Flatten layer as GoMLX has it.
func (f CountedNet) flat() int {
	for i, row := range f.Summary.Rows {
		if row.Class == "Flatten" {
			return f.Built.Outputs[i].Size()
		}
	}
	return 0
}

// The counts that the sheet gives for its three convolutions and its last
// layer.
var sheetConvolutions = []int{352, 2592, 10304}

const sheetLast = 645

func judgeWithout(f LengthsMeasurement) claim.Finding {
	layers, with := 0, 0
	for _, net := range f.Nets {
		for _, class := range []string{"InputLayer", "MaxPooling1D", "Flatten"} {
			for _, built := range net.of(class) {
				layers++
				if built != 0 {
					with++
				}
			}
		}
	}
	if layers == 0 {
		return missing("no net was built")
	}
	return claim.Finding{
		Decision: claim.Holds(with == 0), Samples: 1,
		Evidence: fmt.Sprintf("In %d nets, %d of %d input, pooling and flatten layers have a trained value.", len(f.Nets), with, layers),
	}
}

func judgeConvolutions(f LengthsMeasurement) claim.Finding {
	if !f.Net.isSheets() || len(f.Nets) == 0 {
		return missing("the net is not the sheet's, whose three counts are judged")
	}
	wrong := 0
	for _, net := range f.Nets {
		if !net.agree() || !slices.Equal(net.of("Conv1D"), sheetConvolutions) {
			wrong++
		}
	}
	return claim.Finding{
		Decision: claim.Holds(wrong == 0), Samples: 1,
		Evidence: fmt.Sprintf("GoMLX created %s values in the convolutions; %d of %d nets differ from formula or sheet.",
			strings.Join(derivations(f.Nets[0], "Conv1D"), ", "), wrong, len(f.Nets)),
	}
}

// derivations are the formulas of a class with what GoMLX created, as in
// "3·7·16 + 16 = 352".
func derivations(net CountedNet, class string) []string {
	var texts []string
	for i, row := range net.Summary.Rows {
		if row.Class == class {
			texts = append(texts, fmt.Sprintf("%s = %d", row.Formula, net.Built.Parameters[i]))
		}
	}
	return texts
}

func judgeDense(f LengthsMeasurement) claim.Finding {
	if !f.Net.isSheets() || len(f.Nets) == 0 {
		return missing("the net is not the sheet's, whose counts are judged")
	}
	wrong := 0
	smallest, largest := f.Nets[0], f.Nets[0]
	for _, net := range f.Nets {
		if !f.Net.denseIsRight(net) {
			wrong++
		}
		if net.flat() < smallest.flat() {
			smallest = net
		}
		if net.flat() > largest.flat() {
			largest = net
		}
	}
	return claim.Finding{
		Decision: claim.Holds(wrong == 0), Samples: 1,
		Evidence: fmt.Sprintf("N is %d to %d, Dense(%d) has %d to %d values and Dense(%d) %d, all nets together %d to %d; %d of %d nets differ from the formula.",
			smallest.flat(), largest.flat(), f.Net.Units, smallest.of("Dense")[0], largest.of("Dense")[0], f.Net.Classes, smallest.of("Dense")[1],
			smallest.Built.Total(), largest.Built.Total(), wrong, len(f.Nets)),
	}
}

// denseIsRight holds the two dense layers, and the sum of all layers, against
// the formula.
func (n Net) denseIsRight(net CountedNet) bool {
	dense := net.of("Dense")
	total := dense[0] + dense[1]
	for _, built := range net.of("Conv1D") {
		total += built
	}
	return net.agree() && dense[0] == n.Units*net.flat()+n.Units && dense[1] == sheetLast && net.Built.Total() == total
}

func lengthsRules() []claim.Rule[LengthsMeasurement] {
	return []claim.Rule[LengthsMeasurement]{
		claim.ExactRule("q3a.1", "Q3 (a) 1",
			"The input, the pooling layers and the flatten layer have no parameters to learn.",
			"GoMLX creates no trained value in any of them, for every input length and padding",
			claim.Supported, judgeWithout).From("2026-11-24"),
		claim.ExactRule("q3a.2", "Q3 (a) 2",
			fmt.Sprintf("A Conv1D has kernel · input channels · filters weights and a bias for each filter: %d, %d and %d in the three of this net.",
				sheetConvolutions[0], sheetConvolutions[1], sheetConvolutions[2]),
			"for every input length and padding GoMLX creates as many trained values as the formula says, and these are the sheet's three numbers",
			claim.Supported, judgeConvolutions).From("2026-11-24"),
		claim.ExactRule("q3a.3", "Q3 (a) 3",
			fmt.Sprintf("Dense(128) behind N flattened values has 128 · N + 128 parameters, and Dense(5) behind it has %d.", sheetLast),
			fmt.Sprintf("for every input length and padding GoMLX creates units · N + units values, with the N that it reports, and %d; and the total is the sum of all layers", sheetLast),
			claim.Supported, judgeDense).From("2026-11-24"),
	}
}

// diagram draws the net on that input. A layer without weights shares the box of
// the layer before it.
func (f LengthsMeasurement) diagram() report.Diagram {
	shown := f.shown()
	drawn := report.Diagram{
		ID: "net", Title: fmt.Sprintf("The net of question 3 (a) on %d steps", shown.Steps),
		Alt: "The net from its input down to its output: each layer with weights and the pooling or flatten layer behind it, with the output's shape and the number of parameters.",
	}
	for i, row := range shown.Summary.Rows {
		parameters := shown.Built.Parameters[i]
		if i > 0 && parameters == 0 {
			last := &drawn.Boxes[len(drawn.Boxes)-1]
			last.Label += " → " + row.Class
			last.Detail = shown.Built.Outputs[i].Times() + last.Detail[strings.Index(last.Detail, " · "):]
			continue
		}
		drawn.Boxes = append(drawn.Boxes, report.Box{
			Label: row.Class, Detail: fmt.Sprintf("%s · %s parameters", shown.Built.Outputs[i].Times(), comma(parameters)), Strong: parameters > 0,
		})
		if n := len(drawn.Boxes); n > 1 {
			drawn.Arrows = append(drawn.Arrows, report.Arrow{From: n - 2, To: n - 1})
		}
	}
	return drawn
}

// derivation shows, layer by layer, the formula with its numbers beside what
// GoMLX created.
func (f CountedNet) derivation() report.Table {
	rows := report.Table{
		ID: "derivation", Title: fmt.Sprintf("Derived and built: %d steps, padding %s", f.Steps, f.Padding),
		Columns: []string{"layer", "output, derived", "output, built", "formula", "derived", "built"},
	}
	for i, row := range f.Summary.Rows {
		formula := row.Formula
		if formula == "" {
			formula = "no weights"
		}
		rows.Rows = append(rows.Rows, []string{
			row.Class, row.Outputs[0].Times(), f.Built.Outputs[i].Times(), formula, comma(row.Parameters), comma(f.Built.Parameters[i]),
		})
	}
	rows.Rows = append(rows.Rows, []string{"all", "", "", "", comma(f.Summary.Total()), comma(f.Built.Total())})
	return rows
}

// chart shows in which layers the parameters are.
func (f CountedNet) chart() report.Chart {
	curve := report.Curve{Name: "parameters"}
	drawn := report.Chart{
		ID: "where", Title: fmt.Sprintf("Where the %s parameters are (%d steps)", comma(f.Built.Total()), f.Steps),
		Mark: report.Bars, XLabel: "layer", YLabel: "parameters",
		Alt: "A bar for each layer with weights, as high as its number of parameters.",
	}
	for i, row := range f.Summary.Rows {
		if f.Built.Parameters[i] > 0 {
			curve.Add(float64(len(drawn.Categories)), float64(f.Built.Parameters[i]))
			drawn.Categories = append(drawn.Categories, row.Name)
		}
	}
	drawn.Curves = []report.Curve{curve}
	return drawn
}

// table shows what the input's length and the padding change: a row for each
// length.
func (f LengthsMeasurement) table() report.Table {
	rows := report.Table{ID: "lengths", Title: "What the input's length changes (built in GoMLX)", Columns: []string{"steps"}}
	at := map[int]int{}
	var last arch.Padding
	for _, net := range f.Nets {
		if net.Padding != last {
			last = net.Padding
			rows.Columns = append(rows.Columns, "N, "+string(last), "total, "+string(last))
		}
		row, known := at[net.Steps]
		if !known {
			row = len(rows.Rows)
			at[net.Steps] = row
			rows.Rows = append(rows.Rows, []string{fmt.Sprint(net.Steps)})
		}
		rows.Rows[row] = append(rows.Rows[row], comma(net.flat()), comma(net.Built.Total()))
	}
	return rows
}

// chart shows the parameters against the input's length.
func (f LengthsMeasurement) chart() report.Chart {
	drawn := report.Chart{
		ID: "growth", Title: "Parameters by the length of the input", Mark: report.Line,
		XLabel: "steps of the input", YLabel: "parameters",
		Alt: "Parameters against the steps of the input: a line for the first dense layer with each padding, and one for all convolutions.",
	}
	first := map[arch.Padding]int{}
	for _, net := range f.Nets {
		at, known := first[net.Padding]
		if !known {
			at = len(drawn.Curves)
			first[net.Padding] = at
			drawn.Curves = append(drawn.Curves, report.Curve{Name: fmt.Sprintf("Dense(%d), %s", f.Net.Units, net.Padding)})
		}
		drawn.Curves[at].Add(float64(net.Steps), float64(net.of("Dense")[0]))
	}
	constant := report.Curve{Name: "all convolutions"}
	for _, net := range f.Nets {
		if net.Padding == f.Nets[0].Padding {
			dense := net.of("Dense")
			constant.Add(float64(net.Steps), float64(net.Built.Total()-dense[0]-dense[1]))
		}
	}
	drawn.Curves = append(drawn.Curves, constant)
	return drawn
}

// InputLength is the experiment.
var InputLength = experiment.Experiment[LengthsConfig, LengthsMeasurement]{
	Name: "Lengths", Title: "The net, layer by layer, on inputs of several lengths",
	Measure: measureLengths, Rules: lengthsRules(),
	Figures: func(_ LengthsConfig, f LengthsMeasurement) (report.Figures, error) {
		shown := f.shown()
		return report.Figures{
			Tables:   []report.Table{shown.derivation(), shown.Summary.Table("summary"), f.table()},
			Charts:   []report.Chart{shown.chart(), f.chart()},
			Diagrams: []report.Diagram{f.diagram()},
		}, nil
	},
}
