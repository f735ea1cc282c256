package pointwise

import (
	"fmt"

	"gonum.org/v1/gonum/stat"

	"evident/kit/arch"
	"evident/kit/claim"
	"evident/kit/report"
)

// illustrate adds the tables, charts, diagrams and pictures of the measurements
// to the report.
func illustrate(out *report.Report, c Config, m Measurements) error {
	p := &out.Provenance
	p.DataSet, p.DataHash = m.Order.Pictures.Name+"; mixed sources; XOR of two colours", m.Order.Pictures.Hash()
	p.Seeds = c.Order.Seeds
	out.Tables = []report.Table{
		m.Printed.Table(), m.Printed.PooledTable(), m.Mixing.Table(), m.Reduction.Table(), m.Blocks.Table(), m.Order.Table(), m.First.Table(), m.Width.Table(),
	}
	out.Charts = []report.Chart{m.Reduction.Chart(), m.Rank.ErrorChart(), m.Rank.AccuracyChart(), m.Order.Chart(), m.First.Chart()}
	for i := range m.Width.Sets {
		out.Charts = append(out.Charts, m.Width.Chart(i))
	}
	var err error
	if out.Diagrams, err = Diagrams(); err != nil {
		return err
	}
	shuffled, err := m.Order.Picture()
	if err != nil {
		return err
	}
	maps, err := m.Maps.Picture()
	out.Pictures = []report.Picture{shuffled, maps}
	return err
}

// Diagrams are those of the published blocks and of the printed net, drawn from
// the models that are built and counted.
func Diagrams() ([]report.Diagram, error) {
	var diagrams []report.Diagram
	for _, d := range []struct {
		id, title string
		model     arch.Model
	}{
		{"inception3a", "GoogLeNet: inception module 3a", Inception3a()},
		{"bottleneck", "ResNet-50: bottleneck block on 256 channels", Bottleneck()},
		{"fire2", "SqueezeNet: fire2", Fire2()},
		{"senet", "SENet: squeeze-and-excitation on 256 channels", SqueezeExcitation(56, 256, 16)},
		{"printed", "The printed net", SheetNet()},
	} {
		diagram, err := d.model.Diagram(d.id, d.title)
		if err != nil {
			return nil, err
		}
		diagrams = append(diagrams, diagram)
	}
	return diagrams, nil
}

// Table is the sheet's print-out, made again.
func (f PrintedFacts) Table() report.Table {
	table := f.Net.Summary.Table("printed")
	table.Headline = true
	return table
}

// PooledTable is the same with global pooling in the place of Flatten.
func (f PrintedFacts) PooledTable() report.Table {
	return f.Pooled.Summary.Table("pooled")
}

// Table shows the costs with the reduction and without.
func (f ReductionFacts) Table() report.Table {
	table := report.Table{
		ID: "reduction", Title: fmt.Sprintf("A 3×3 convolution from %d to %d channels on %d×%d pixels", reductionChannels, reductionChannels, reductionSide, reductionSide),
		Columns: []string{"net", "layer", "output", "parameters", "formula", "multiply-adds"},
	}
	for _, c := range []Counted{f.Alone, f.Behind} {
		for _, row := range c.Summary.Rows[1:] {
			table.Rows = append(table.Rows, []string{c.Model.Name, row.Name, row.Outputs[0].Times(), comma(row.Parameters), row.Formula, comma(row.FLOPs / 2)})
		}
		table.Rows = append(table.Rows, []string{c.Model.Name, "together", "", comma(c.Summary.Total()), "", comma(c.MultiplyAdds())})
	}
	return table
}

// Chart shows the multiply-adds against the number of 1×1 filters.
func (f ReductionFacts) Chart() report.Chart {
	pair := report.Curve{Name: "1×1 and 3×3"}
	for i, k := range f.Filters {
		pair.Add(float64(k), float64(f.MultiplyAdds[i])/1e6)
	}
	return report.Chart{
		ID: "reduction", Title: "When a 1×1 convolution in front saves computation", Mark: report.Line,
		XLabel: "1×1 filters, of 256 channels", YLabel: "million multiply-adds", Curves: []report.Curve{pair},
		Rules: []report.Reference{{Name: "3×3 alone", Y: float64(f.Alone.MultiplyAdds()) / 1e6}},
		Alt:   "The cost of the pair grows in a straight line with the number of 1×1 filters and crosses that of the 3×3 convolution alone at 230.",
	}
}

// Table lists the published blocks.
func (f BlockFacts) Table() report.Table {
	table := report.Table{
		ID: "blocks", Title: "Published blocks, built and counted",
		Columns: []string{"net", "block", "input", "output", "parameters (GoMLX)", "paper", "in 1×1", "multiply-adds", "plain 3×3: parameters", "multiply-adds"},
	}
	for _, b := range f.Blocks {
		published := comma(b.Published)
		if b.Unit == 1024 {
			published += "K"
		}
		table.Rows = append(table.Rows, []string{
			b.Net, b.Model.Name, b.Summary.Rows[0].Outputs[0].Times(), b.Output().Times(), comma(b.Built.Total()), published + ": " + b.Paper,
			fmt.Sprintf("%.0f %%", 100*float64(b.Parameters1x1)/float64(b.Summary.Total())), comma(b.MultiplyAdds()), comma(b.Plain.Total()), comma(b.Plain.FLOPs() / 2),
		})
	}
	g := f.Gate
	table.Rows = append(table.Rows, []string{
		"SENet", g.Model.Name, g.Summary.Rows[0].Outputs[0].Times(), g.Output().Times(), comma(g.Built.Total()), "2C²/r: Hu et al. 2018, section 4", "–", comma(g.MultiplyAdds()), "–", "–",
	})
	return table
}

// ErrorChart shows what the reduction loses.
func (f RankFacts) ErrorChart() report.Chart {
	trained, bound := report.Curve{Name: "trained 1×1, down and up"}, report.Curve{Name: "least possible"}
	for i, k := range f.Filters {
		trained.AddGeometric(float64(k), f.Trained[i])
		bound.Add(float64(k), f.Bound[i])
	}
	return report.Chart{
		ID: "rank-error", Title: fmt.Sprintf("%d channels mixed from %d sources: what a reduction loses", f.Channels, f.Sources), Mark: report.Line, LogY: true,
		XLabel: "1×1 filters", YLabel: "share of the variance that is lost", Curves: []report.Curve{trained, bound},
		Alt: "The error falls with the number of filters down to the noise, which it reaches at the number of sources, and hardly further. The trained reduction lies on the least possible error nearly everywhere.",
	}
}

// AccuracyChart shows what is left of the label.
func (f RankFacts) AccuracyChart() report.Chart {
	labelled, principal := report.Curve{Name: "1×1 trained on the label"}, report.Curve{Name: "principal components"}
	for i, k := range f.Filters {
		labelled.AddEstimate(float64(k), f.Labelled[i])
		principal.AddEstimate(float64(k), f.Principal[i])
	}
	return report.Chart{
		ID: "rank-accuracy", Title: "A label that depends on the two weakest sources", Mark: report.Line,
		XLabel: "1×1 filters", YLabel: "test accuracy", Curves: []report.Curve{labelled, principal},
		Rules: []report.Reference{{Name: "all channels", Y: stat.Mean(f.Whole, nil)}, {Name: "chance", Y: 1.0 / labels}},
		Alt:   "Trained on the label, two filters are as accurate as all channels. Principal components are at chance until there are as many of them as sources.",
	}
}

// Table compares the two nets.
func (f OrderFacts) Table() report.Table {
	table := report.Table{
		ID: "order", Title: "Edges and textures", Columns: []string{
			"net", "parameters", "training accuracy", "test accuracy", "on shuffled pixels", "largest change of a logit", "best filter: area under ROC",
		},
	}
	for _, o := range []OrderFact{f.Pixels, f.Behind} {
		table.Rows = append(table.Rows, []string{
			o.Name, comma(o.Parameters), claim.EstimateMean(o.Train).String(), claim.EstimateMean(o.Test).String(), claim.EstimateMean(o.OnShuffled).String(),
			fmt.Sprintf("%.1g", o.LargestDifference), claim.EstimateMean(o.Detects).String(),
		})
	}
	return table
}

// Chart compares the two nets on the pictures and on shuffled ones.
func (f OrderFacts) Chart() report.Chart {
	chart := report.Chart{
		ID: "order", Title: "Edges and textures, and the same pixels in a random order", Mark: report.Bars, XLabel: "net", YLabel: "test accuracy",
		Rules: []report.Reference{{Name: "chance", Y: f.Chance}},
		Alt:   "The net of 1×1 layers is at chance on both. The net with a 3×3 layer reads nearly all pictures, and none of the shuffled ones.",
	}
	ordered, moved := report.Curve{Name: "as they are"}, report.Curve{Name: "pixels shuffled"}
	for i, o := range []OrderFact{f.Pixels, f.Behind} {
		chart.Categories = append(chart.Categories, o.Name)
		ordered.AddEstimate(float64(i), o.Test)
		moved.AddEstimate(float64(i), o.OnShuffled)
	}
	chart.Curves = []report.Curve{ordered, moved}
	return chart
}

// Table lists the nets with either first layer.
func (f FirstFacts) Table() report.Table {
	table := report.Table{
		ID: "first", Title: "The first layer, with about as many parameters",
		Columns: []string{"behind it", "first layer", "parameters", "receptive field of the next layer", "training accuracy", "test accuracy"},
	}
	for _, pair := range []FirstPair{f.Pooled, f.Whole} {
		for kernel, o := range []FirstFact{pair.Pointwise, pair.Windowed} {
			k := 2*kernel + 1
			table.Rows = append(table.Rows, []string{
				pair.Name, fmt.Sprintf("%d×%d, %d filters", k, k, o.Filters), comma(o.Parameters), fmt.Sprintf("%d×%d", o.Field, o.Field),
				claim.EstimateMean(o.Train).String(), claim.EstimateMean(o.Test).String(),
			})
		}
	}
	return table
}

// Chart compares the two first layers.
func (f FirstFacts) Chart() report.Chart {
	chart := report.Chart{
		ID: "first", Title: "The first layer: 1×1 or 3×3", Mark: report.Bars, XLabel: "behind the first layer", YLabel: "test accuracy",
		Alt: "With a 3×3 first layer the accuracy is higher, by much when the picture is halved behind it and by less when not.",
	}
	one, three := report.Curve{Name: "1×1 first"}, report.Curve{Name: "3×3 first"}
	for i, pair := range []FirstPair{f.Pooled, f.Whole} {
		chart.Categories = append(chart.Categories, pair.Name)
		one.AddEstimate(float64(i), pair.Pointwise.Test)
		three.AddEstimate(float64(i), pair.Windowed.Test)
	}
	chart.Curves = []report.Curve{one, three}
	return chart
}

// Table lists the widths.
func (f WidthFacts) Table() report.Table {
	table := report.Table{
		ID: "width", Title: fmt.Sprintf("%d examples: from one filter to many", f.Examples),
		Columns: []string{"wrong labels", "filters", "training accuracy", "test accuracy", "test loss (nats)"},
	}
	for _, s := range f.Sets {
		for i, k := range f.Filters {
			table.Rows = append(table.Rows, []string{
				fmt.Sprintf("%.0f %%", 100*s.Flipped), comma(k), claim.EstimateMean(s.Train[i]).String(), claim.EstimateMean(s.Test[i]).String(), claim.EstimateMean(s.Losses[i]).String(),
			})
		}
	}
	return table
}

// Chart shows accuracy against width for one share of wrong labels.
func (f WidthFacts) Chart(set int) report.Chart {
	s := f.Sets[set]
	train, test := report.Curve{Name: "training"}, report.Curve{Name: "test (right labels)"}
	for i, k := range f.Filters {
		train.AddEstimate(float64(k), s.Train[i])
		test.AddEstimate(float64(k), s.Test[i])
	}
	return report.Chart{
		ID: fmt.Sprintf("width-%d", set), Title: fmt.Sprintf("%d examples, %.0f %% wrong labels", f.Examples, 100*s.Flipped), Mark: report.Line, LogX: true,
		XLabel: "1×1 filters", YLabel: "accuracy", Curves: []report.Curve{train, test},
		Alt: "Training accuracy grows with the number of filters. Test accuracy grows with it at first; with right labels it then stays, with wrong ones it falls again.",
	}
}
