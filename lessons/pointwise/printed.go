package pointwise

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"evident/kit/arch"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
)

// PrintedMeasurement holds the sheet's net as it prints it, the same with global
// pooling, and the shapes of many 1×1 convolutions.
type PrintedMeasurement struct {
	Net, Pooled Counted
	Channels    []BuiltChannels
}

// BuiltChannels is what GoMLX made of a 1×1 convolution.
type BuiltChannels struct {
	In, Filters     int
	Out, Parameters int
}

// SheetNet is the net that the sheet prints.
func SheetNet() arch.Model {
	return arch.Sequential("sequential_1",
		arch.Input{Shape: arch.Shape{256, 256, 3}}, conv(8, 1, "relu"), conv(16, 1, "relu"),
		arch.Flatten{}, arch.Dense{Units: 2, Activation: "sigmoid"})
}

// pooledNet is the sheet's net with the mean of every map in the place of all
// its pixels.
func pooledNet() arch.Model {
	return arch.Sequential("pooled",
		arch.Input{Shape: arch.Shape{256, 256, 3}}, conv(8, 1, "relu"), conv(16, 1, "relu"),
		arch.GlobalPool{Pooling: arch.Average, Axes: 2}, arch.Dense{Units: 2, Activation: "sigmoid"})
}

// measurePrinted builds and counts them.
func measurePrinted(_ context.Context, backend compute.Backend, _ struct{}) (facts PrintedMeasurement, err error) {
	if facts.Net, err = count(backend, SheetNet()); err != nil {
		return facts, err
	}
	if facts.Pooled, err = count(backend, pooledNet()); err != nil {
		return facts, err
	}
	for _, in := range []int{1, 3, 8} {
		for _, filters := range []int{1, 3, 16} {
			m := arch.Sequential(fmt.Sprintf("%d→%d", in, filters), arch.Input{Shape: arch.Shape{4, 4, in}}, conv(filters, 1, ""))
			built, err := m.Build(backend)
			if err != nil {
				return facts, err
			}
			facts.Channels = append(facts.Channels, BuiltChannels{In: in, Filters: filters, Out: built.Outputs[1].Channels(), Parameters: built.Total()})
		}
	}
	return facts, nil
}

// denseShare is the part of the printed net's parameters in its last layer.
func (f PrintedMeasurement) denseShare() float64 {
	rows := f.Net.Summary.Rows
	return float64(rows[len(rows)-1].Parameters) / float64(f.Net.Summary.Total())
}

func judgeChannels(m PrintedMeasurement) claim.Finding {
	right := 0
	for _, c := range m.Channels {
		if c.Out == c.Filters && c.Parameters == (c.In+1)*c.Filters {
			right++
		}
	}
	return exact(right == len(m.Channels) && right > 0,
		"%d of %d built 1×1 convolutions have as many output channels as filters; from 3 channels to 16 takes (3 + 1)·16 = 64 parameters. In the printed net the 16 filters read the 8 maps of the layer before, hence its 144.",
		right, len(m.Channels))
}

// The print-out of the sheet.
var (
	sheetParameters = []int{0, 32, 144, 0, 2_097_154}
	sheetTotal      = "Total params: 2,097,330 (8.00 MB)"
)

func judgePrinted(f PrintedMeasurement) claim.Finding {
	var counts []int
	for _, row := range f.Net.Summary.Rows {
		counts = append(counts, row.Parameters)
	}
	total := f.Net.Summary.Totals()[0]
	pooled := f.Pooled.Summary.Rows
	return exact(f.Net.agrees() && f.Pooled.agrees() && slices.Equal(counts, sheetParameters) && total == sheetTotal,
		"Built layer by layer: %s. The dense layer holds %.2f %% of it; behind global pooling it would hold %d, and the net %d.",
		total, 100*f.denseShare(), pooled[len(pooled)-1].Parameters, f.Pooled.Summary.Total())
}

func printedRules() []claim.Rule[PrintedMeasurement] {
	return []claim.Rule[PrintedMeasurement]{
		claim.ExactRule("q6f.1", "Q6 (f)",
			"The channels grow from 3 to 16 because the layer has 16 filters.",
			"every built 1×1 convolution has as many output channels as filters, whatever its input, and (channels + 1)·filters parameters",
			claim.Supported, judgeChannels).From(made),
		claim.ExactRule("q6f.2", "Q6 (f), the printed model",
			"The printed net has 32 + 144 + 2,097,154 = 2,097,330 parameters (8.00 MB).",
			"GoMLX creates as many, layer by layer and with the printed shapes, and the summary's last line is the same",
			claim.Supported, judgePrinted).From(made),
	}
}

// table is the sheet's print-out, made again.
func (f PrintedMeasurement) table() report.Table {
	table := f.Net.Summary.Table("printed")
	table.Headline = true
	return table
}

// pooledTable is the same with global pooling in the place of Flatten.
func (f PrintedMeasurement) pooledTable() report.Table {
	return f.Pooled.Summary.Table("pooled")
}

// PrintedNet is the experiment.
var PrintedNet = experiment.Experiment[struct{}, PrintedMeasurement]{
	Name: "Printed", Title: "The printed net, built and counted",
	Measure: measurePrinted, PureGo: true, Rules: printedRules(),
	Figures: func(_ struct{}, f PrintedMeasurement) (report.Figures, error) {
		diagram, err := SheetNet().Diagram("printed", "The printed net")
		return report.Figures{Tables: []report.Table{f.table(), f.pooledTable()}, Diagrams: []report.Diagram{diagram}}, err
	},
}
