package convdims

import (
	"fmt"
	"slices"
	"strings"

	"evident/kit/claim"
	"evident/kit/nn"
	"evident/kit/report"
)

// illustrate adds the tables, charts and pictures of the measurements to the
// report.
func illustrate(out *report.Report, c Config, m Measurements) error {
	p := &out.Provenance
	p.DataSet = fmt.Sprintf("generated: %s; tubes, %s; vessels, %s", c.Motion.scene(0, 0), c.Tubes.scene(0), c.Vessels.scene(0))
	p.Seeds = c.Motion.Seeds
	out.Tables = []report.Table{GridTable(m.Grid), FieldTable(m.Fields), OrderTable(m.Order), m.Motion.NetTable(c.Motion), m.Transfer.Table(), m.Vessels.Table()}
	out.Charts = []report.Chart{
		m.Motion.Chart(), m.Motion.SpeedChart(), m.Motion.NoiseChart(), m.Transfer.Chart(), VolumeChart(m.Tubes, m.Vessels), VolumeNoiseChart(m.Tubes, m.Vessels),
	}
	for _, draw := range []func() (report.Picture, error){
		func() (report.Picture, error) { return ClipsPicture(c.Motion) },
		func() (report.Picture, error) { return TubesPicture(c.Tubes) },
		m.Motion.KernelsPicture, m.Vessels.VesselsPicture,
	} {
		picture, err := draw()
		if err != nil {
			return err
		}
		out.Pictures = append(out.Pictures, picture)
	}
	return nil
}

// GridTable compares the two layers without padding, with stride 1 and with as
// many channels as the grid has at most.
func GridTable(facts []BuiltFact) report.Table {
	table := report.Table{
		ID:      "grid",
		Title:   fmt.Sprintf("%d filters, stride 1, padding valid (all %d built cases are checked)", gridFilters, len(facts)),
		Columns: []string{"layer", "kernel", "input", "channels", "output", "parameters", "formula", "multiply-adds, counted", "formula"},
	}
	for _, axes := range []int{2, 3} {
		for _, f := range facts {
			if f.Axes != axes || f.Stride != 1 || f.Padding != nn.Valid {
				continue
			}
			table.Rows = append(table.Rows, []string{
				f.Layer(), times(slices.Repeat([]int{f.Kernel}, f.Axes)), times(f.Input), fmt.Sprint(f.Channels), times(f.Output),
				fmt.Sprint(f.Built.Parameters), fmt.Sprint(f.Formula.Parameters), fmt.Sprint(f.Built.MultiplyAdds), fmt.Sprint(f.Formula.MultiplyAdds),
			})
		}
	}
	return table
}

// FieldTable lists what one output of each layer depends on.
func FieldTable(facts []FieldFact) report.Table {
	table := report.Table{
		ID: "fields", Title: "3×3 and 3×3×3 kernels on a clip of 5 frames of 6×7, without padding (frames × rows × columns)",
		Columns: []string{"layer", "outputs", "an output depends on", "pairs of pixel and output", "not as the window says"},
	}
	for _, f := range facts {
		table.Rows = append(table.Rows, []string{f.Layer, times(f.Outputs), times(f.Field[:]), fmt.Sprint(f.Pairs), fmt.Sprint(f.Wrong)})
	}
	return table
}

// OrderTable lists what the layers do with frames in other orders.
func OrderTable(facts []OrderFact) report.Table {
	table := report.Table{
		ID: "orders", Title: "The frames of a clip in other orders",
		Columns: []string{"layer", "orders tried", "outputs move along, and nothing else changes", "largest difference from that"},
	}
	for _, f := range facts {
		table.Rows = append(table.Rows, []string{f.Layer, fmt.Sprint(f.Tried), fmt.Sprint(f.Moved), fmt.Sprintf("%.2g", f.Furthest)})
	}
	return table
}

func times(sizes []int) string {
	text := ""
	for i, size := range sizes {
		if i > 0 {
			text += "×"
		}
		text += fmt.Sprint(size)
	}
	return text
}

// NetTable lists what the nets take and how they do.
func (f MotionFacts) NetTable(c MotionConfig) report.Table {
	table := report.Table{
		ID: "nets", Title: fmt.Sprintf("Three nets of equal size on clips of %d frames of %d×%d", c.Frames, c.Side, c.Side),
		Columns: []string{"layer", "filters", "window", "parameters", "multiply-adds", "right on the direction", "… played backwards", "… on clips twice as long"},
	}
	for i, net := range f.Nets {
		longer := "cannot read them"
		if f.Longer[i] != nil {
			longer = claim.EstimateMean(f.Longer[i]).String()
		}
		window := layers[i].window(c.Frames, c.Kernel)
		table.Rows = append(table.Rows, []string{
			net.Layer, fmt.Sprint(net.Filters), times(window[:]), fmt.Sprint(net.Parameters), fmt.Sprint(net.MultiplyAdds),
			claim.EstimateMean(f.Forward[i]).String(), claim.EstimateMean(f.Backward[i]).String(), longer,
		})
	}
	return table
}

// chance is the line of a guess.
var chance = []report.Reference{{Name: "chance", Y: 0.5}}

// Chart shows the share of right answers on the direction, and the control.
func (f MotionFacts) Chart() report.Chart {
	chart := report.Chart{
		ID: "motion", Title: "Which way does the bar move?", Mark: report.Bars, XLabel: "layer", YLabel: "share of right answers", Rules: chance,
		Alt: "Bars with intervals over the seeds: frame by frame is at chance on the direction and right on the height; frames as channels and Conv3D are right on the direction.",
	}
	right := report.Curve{Name: "right answers"}
	for i, net := range f.Nets {
		chart.Categories = append(chart.Categories, net.Layer)
		right.AddEstimate(float64(i), f.Forward[i])
	}
	chart.Categories = append(chart.Categories, "control: height of the bar, frame by frame")
	right.AddEstimate(float64(len(f.Nets)), f.Height)
	chart.Curves = []report.Curve{right}
	return chart
}

// SpeedChart shows how far a bar may move in a frame.
func (f MotionFacts) SpeedChart() report.Chart {
	chart := report.Chart{
		ID: "speeds", Title: fmt.Sprintf("Too fast for the kernel (noise %g)", f.Noises[0]), Mark: report.Line,
		XLabel: "speed (pixels a frame)", YLabel: "share of right answers on the direction", Rules: chance,
		Alt: "Share of right answers against the speed, one line a layer. With kernels of 3 pixels, Conv3D and frames as channels are right at 1 and 2 pixels a frame, and at chance at 3.",
	}
	for i, net := range f.Nets {
		curve := report.Curve{Name: net.Layer}
		for k, speed := range f.Speeds {
			curve.AddEstimate(float64(speed), f.BySpeed[i][k])
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// NoiseChart shows what noise does.
func (f MotionFacts) NoiseChart() report.Chart {
	chart := report.Chart{
		ID: "noises", Title: fmt.Sprintf("Noise (speed %d)", f.Speeds[0]), Mark: report.Line,
		XLabel: "standard deviation of the noise (the bar has 1)", YLabel: "share of right answers on the direction", Rules: chance,
		Alt: "With more noise, Conv3D and frames as channels fall, frames as channels faster; frame by frame is at chance throughout.",
	}
	for i, net := range f.Nets {
		chart.Curves = append(chart.Curves, againstNoise(net.Layer, f.Noises, f.ByNoise[i]))
	}
	return chart
}

// againstNoise is a curve over the noises [noise][seed].
func againstNoise(name string, noises []float64, values [][]float64) report.Curve {
	curve := report.Curve{Name: name}
	for k, noise := range noises {
		curve.AddEstimate(noise, values[k])
	}
	return curve
}

// Chart shows what becomes of a motion at another time.
func (f TransferFacts) Chart() report.Chart {
	early, late := report.Curve{Name: "tested on the first half"}, report.Curve{Name: "tested on the second half"}
	chart := report.Chart{
		ID: "transfer", Title: "Trained on bars that move in the first half of the clip", Mark: report.Bars, XLabel: "layer",
		YLabel: "share of right answers on the direction", Rules: chance,
		Alt: "Both nets are right where the bar moves in the first half. In the second half, frames as channels is near chance, and Conv3D as right as before.",
	}
	for i, net := range f.Nets {
		chart.Categories = append(chart.Categories, net.Layer)
		early.AddEstimate(float64(i), f.Early[i])
		late.AddEstimate(float64(i), f.Late[i])
	}
	chart.Curves = []report.Curve{early, late}
	return chart
}

// Table lists how the nets grow with the clip.
func (f TransferFacts) Table() report.Table {
	table := report.Table{ID: "growth", Title: "Parameters of the net for longer clips, as built", Columns: []string{"layer", "filters"}}
	for _, frames := range f.Frames {
		table.Columns = append(table.Columns, fmt.Sprintf("%d frames", frames))
	}
	for i, net := range f.Nets {
		row := []string{net.Layer, fmt.Sprint(net.Filters)}
		for _, built := range f.Built[i] {
			row = append(row, fmt.Sprint(built))
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

// ofSlices names a layer on volumes, whose slices take the place of frames.
func ofSlices(net NetFacts) string {
	return strings.ReplaceAll(strings.TrimPrefix(net.Layer, "Conv2D, "), "frame", "slice")
}

// VolumeChart shows both tasks on volumes.
func VolumeChart(t TubeFacts, v VesselFacts) report.Chart {
	chart := report.Chart{
		ID: "volumes", Title: "Volumes: one question about the whole, one about every voxel", Mark: report.Bars, XLabel: "question and layer",
		YLabel: "share of right answers", Rules: chance,
		Alt: "Slice by slice is at chance on both questions; Conv3D is right on both; slices as channels is right on the first.",
	}
	right := report.Curve{Name: "right answers"}
	add := func(category string, shares []float64) {
		right.AddEstimate(float64(len(chart.Categories)), shares)
		chart.Categories = append(chart.Categories, category)
	}
	for i, net := range t.Nets {
		add("connected? "+ofSlices(net), t.ByNoise[i][0])
	}
	for i, net := range v.Nets {
		add("vessel? "+ofSlices(net), v.Told[i][0])
	}
	chart.Curves = []report.Curve{right}
	return chart
}

// VolumeNoiseChart shows what noise does to both.
func VolumeNoiseChart(t TubeFacts, v VesselFacts) report.Chart {
	chart := report.Chart{
		ID: "volume-noises", Title: "Noise in the volumes", Mark: report.Line, XLabel: "standard deviation of the noise (the tube has 1)",
		YLabel: "share of right answers", Rules: chance,
		Alt: "With more noise, Conv3D falls on both questions, on whether the tube is connected most; slice by slice is at chance throughout.",
	}
	for i, net := range t.Nets {
		chart.Curves = append(chart.Curves, againstNoise("connected? "+ofSlices(net), t.Noises, t.ByNoise[i]))
	}
	for i, net := range v.Nets {
		chart.Curves = append(chart.Curves, againstNoise("vessel? "+ofSlices(net), v.Noises, v.Told[i]))
	}
	return chart
}

// Table lists what the two nets make of the voxels.
func (f VesselFacts) Table() report.Table {
	table := report.Table{
		ID: "voxels", Title: "Which voxels are of the vessel?", Columns: []string{"layer", "filters", "parameters", "noise", "vessel or spot: right", "Dice"},
	}
	for i, net := range f.Nets {
		for k, noise := range f.Noises {
			table.Rows = append(table.Rows, []string{
				ofSlices(net), fmt.Sprint(net.Filters), fmt.Sprint(net.Parameters), fmt.Sprint(noise),
				claim.EstimateMean(f.Told[i][k]).String(), claim.EstimateMean(f.Dice[i][k]).String(),
			})
		}
	}
	return table
}
