package params

import (
	"fmt"

	"github.com/dustin/go-humanize"

	"evident/kit/arch"
	"evident/kit/report"
)

// illustrate adds the tables, charts and the diagram to the report.
func illustrate(out *report.Report, _ Config, m Measurements) error {
	shown := m.Lengths.Shown()
	diagram, err := m.Lengths.Diagram()
	if err != nil {
		return err
	}
	out.Provenance.DataSet = "none: nets are built and counted"
	out.Tables = []report.Table{shown.Derivation(), shown.Summary.Table("summary"), m.Lengths.Table(), m.Variants.Table()}
	out.Charts = []report.Chart{shown.Chart(), m.Lengths.Chart()}
	out.Diagrams = []report.Diagram{diagram}
	return nil
}

// Derivation shows, layer by layer, the formula with its numbers beside what
// GoMLX created.
func (f NetFacts) Derivation() report.Table {
	table := report.Table{
		ID: "derivation", Title: fmt.Sprintf("Derived and built: %d steps, padding %s", f.Steps, f.Padding),
		Columns: []string{"layer", "output, derived", "output, built", "formula", "derived", "built"},
	}
	for i, row := range f.Summary.Rows {
		formula := row.Formula
		if formula == "" {
			formula = "no weights"
		}
		table.Rows = append(table.Rows, []string{
			row.Class, row.Outputs[0].Times(), f.Built.Outputs[i].Times(), formula, comma(row.Parameters), comma(f.Built.Parameters[i]),
		})
	}
	table.Rows = append(table.Rows, []string{"all", "", "", "", comma(f.Summary.Total()), comma(f.Built.Total())})
	return table
}

func comma(n int) string { return humanize.Comma(int64(n)) }

// Chart shows in which layers the parameters are.
func (f NetFacts) Chart() report.Chart {
	curve := report.Curve{Name: "parameters"}
	chart := report.Chart{
		ID: "where", Title: fmt.Sprintf("Where the %s parameters are (%d steps)", comma(f.Built.Total()), f.Steps),
		Mark: report.Bars, XLabel: "layer", YLabel: "parameters",
		Alt: "A bar for each layer with weights; the first dense layer has most of all parameters.",
	}
	for i, row := range f.Summary.Rows {
		if f.Built.Parameters[i] > 0 {
			curve.Add(float64(len(chart.Categories)), float64(f.Built.Parameters[i]))
			chart.Categories = append(chart.Categories, row.Name)
		}
	}
	chart.Curves = []report.Curve{curve}
	return chart
}

// Table shows what the input's length and the padding change.
func (f LengthFacts) Table() report.Table {
	table := report.Table{
		ID: "lengths", Title: "What the input's length changes (built in GoMLX)",
		Columns: []string{"padding", "steps", "N", "convolutions", fmt.Sprintf("Dense(%d)", f.Net.Units), fmt.Sprintf("Dense(%d)", f.Net.Classes), "total"},
	}
	for _, net := range f.Nets {
		dense := net.of("Dense")
		table.Rows = append(table.Rows, []string{
			string(net.Padding), fmt.Sprint(net.Steps), comma(net.Flat()), comma(net.Built.Total() - dense[0] - dense[1]),
			comma(dense[0]), comma(dense[1]), comma(net.Built.Total()),
		})
	}
	return table
}

// Chart shows the parameters against the input's length.
func (f LengthFacts) Chart() report.Chart {
	chart := report.Chart{
		ID: "growth", Title: "One layer grows with the input, the others do not", Mark: report.Line,
		XLabel: "steps of the input", YLabel: "parameters",
		Alt: "Parameters against the length of the input: those of the first dense layer rise in stairs, those of the convolutions stay.",
	}
	first := map[arch.Padding]int{}
	for _, net := range f.Nets {
		at, known := first[net.Padding]
		if !known {
			at = len(chart.Curves)
			first[net.Padding] = at
			chart.Curves = append(chart.Curves, report.Curve{Name: fmt.Sprintf("Dense(%d), %s", f.Net.Units, net.Padding)})
		}
		chart.Curves[at].Add(float64(net.Steps), float64(net.of("Dense")[0]))
	}
	constant := report.Curve{Name: "all convolutions"}
	for _, net := range f.Nets {
		if net.Padding == f.Nets[0].Padding {
			dense := net.of("Dense")
			constant.Add(float64(net.Steps), float64(net.Built.Total()-dense[0]-dense[1]))
		}
	}
	chart.Curves = append(chart.Curves, constant)
	return chart
}

// Table shows what each argument of a convolution changes.
func (f VariantFacts) Table() report.Table {
	table := report.Table{
		ID: "variants", Title: "One convolution, one argument changed",
		Columns: []string{"layer", "changed", "to", "output, built", "formula", "built", "against plain"},
	}
	for _, plain := range f.Plain {
		table.Rows = append(table.Rows, plain.row(plain))
		for _, v := range f.Variants {
			if v.Axes == plain.Axes {
				table.Rows = append(table.Rows, v.row(plain))
			}
		}
	}
	return table
}

func (v Variant) row(plain Variant) []string {
	against := "the same"
	if v.Built != plain.Built {
		against = fmt.Sprintf("×%.3g", float64(v.Built)/float64(plain.Built))
	}
	if v.Argument == "" {
		return []string{v.Row.Class, "nothing", "", v.Output.Times(), v.Row.Formula, comma(v.Built), ""}
	}
	return []string{v.Row.Class, v.Argument, v.Value, v.Output.Times(), v.Row.Formula, comma(v.Built), against}
}
