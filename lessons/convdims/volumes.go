package convdims

import (
	"cmp"
	"context"
	"fmt"
	"image/color"
	"strings"

	"github.com/gomlx/compute"

	"evident/datasets/tubes"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
)

// VolumeConfig asks a question about volumes.
type VolumeConfig struct {
	Training
	Depth  int       `role:"fixed" range:"[1, inf)" help:"slices"`
	Side   int       `role:"fixed" range:"[1, inf)" help:"height and width of a slice in voxels"`
	Noises []float64 `role:"compared" range:"[0, 100)" list:"1" help:"standard deviation of every voxel; the verdicts are of the first"`
}

// Validate checks that the kernel and the tube fit into a volume.
func (c VolumeConfig) Validate() error {
	return cmp.Or(c.room(c.Depth, c.Side), c.scene(0).Check())
}

// scene is what the volumes show at the noise of the given place in the list.
func (c VolumeConfig) scene(noise int) tubes.Scene {
	return tubes.Scene{Depth: c.Depth, Side: c.Side, Noise: c.Noises[noise]}
}

// shape is that of one volume.
func (c VolumeConfig) shape() []int { return []int{c.Depth, c.Side, c.Side, 1} }

// VolumesKnobs are those of the two experiments that Volumes judges.
type VolumesKnobs struct {
	Tubes   TubesConfig
	Vessels VolumeConfig
}

// VolumesMeasurement holds the outcomes of both questions.
type VolumesMeasurement struct {
	Tubes   TubesMeasurement
	Vessels VesselsMeasurement
}

func measureVolumes(ctx context.Context, backend compute.Backend, c VolumesKnobs) (m VolumesMeasurement, err error) {
	if m.Tubes, err = CutTubes.Measured(ctx, backend, c.Tubes); err != nil {
		return m, err
	}
	m.Vessels, err = VesselVoxels.Measured(ctx, backend, c.Vessels)
	return m, err
}

// ofSlices names a layer on volumes, whose slices take the place of frames.
func ofSlices(net SizedNet) string {
	return strings.ReplaceAll(strings.TrimPrefix(net.Layer, "Conv2D, "), "frame", "slice")
}

func volumePanel(set tubes.Volumes, i int) panel {
	side := set.Scene.Side
	return panel{side, func(slice, row, column int) color.NRGBA { return grey(set.Volume(i)[(slice*side+row)*side+column]) }}
}

func judgeVolumes(m VolumesMeasurement) claim.Finding {
	t, v := m.Tubes, m.Vessels
	tube := func(l layer) claim.Estimate { return claim.EstimateMean(t.ByNoise[t.Nets.of(l)][0]) }
	told := func(l layer) claim.Estimate { return claim.EstimateMean(v.Told[v.Nets.of(l)][0]) }
	dice := func(l layer) claim.Estimate { return claim.EstimateMean(v.Dice[v.Nets.of(l)][0]) }
	budget := t.Nets.withinBudget(throughTime, perFrame) && v.Nets.withinBudget(throughTime, perFrame)
	return claim.Finding{
		Decision: claim.All(claim.Holds(budget),
			tube(throughTime).Above(sees), tube(perFrame).Below(blind), told(throughTime).Above(sees), told(perFrame).Below(blind)),
		Evidence: fmt.Sprintf("Is the tube connected: right in %s with Conv3D and in %s slice by slice (slices as channels: %s). Vessel or spot: %s and %s of the voxels; Dice %s and %s.",
			tube(throughTime), tube(perFrame), tube(stacked), told(throughTime), told(perFrame), dice(throughTime), dice(perFrame)),
		Samples: min(tube(perFrame).N, told(perFrame).N),
	}
}

func volumesRules() []claim.Rule[VolumesMeasurement] {
	return []claim.Rule[VolumesMeasurement]{
		claim.SampledRule("q3b.4", "Q3 (b) 4",
			"The same holds for medical volumes and their segmentation: slices on their own do not tell what Conv3D sees.",
			fmt.Sprintf("with no more parameters than the slice-by-slice net, Conv3D is right in over %g, and slice by slice in fewer than %g, both on whether a tube is connected and on which voxels are of the vessel (95 %% intervals)", sees, blind),
			claim.Supported, judgeVolumes),
	}
}

// chart shows both tasks on volumes.
func (m VolumesMeasurement) chart() report.Chart {
	chart := report.Chart{
		ID: "volumes", Title: "Volumes: one question about the whole, one about every voxel", Mark: report.Bars, XLabel: "question and layer",
		YLabel: "accuracy", Rules: chance,
		Alt: "Bars of accuracy with intervals over the seeds, one for each layer that answers, on the question about the whole and on that about every voxel. Higher is better; a rule marks chance.",
	}
	right := report.Curve{Name: "right answers"}
	add := func(category string, accuracies []float64) {
		right.AddEstimate(float64(len(chart.Categories)), accuracies)
		chart.Categories = append(chart.Categories, category)
	}
	for i, net := range m.Tubes.Nets {
		add("connected? "+ofSlices(net), m.Tubes.ByNoise[i][0])
	}
	for i, net := range m.Vessels.Nets {
		add("vessel? "+ofSlices(net), m.Vessels.Told[i][0])
	}
	chart.Curves = []report.Curve{right}
	return chart
}

// noiseChart shows what noise does to both.
func (m VolumesMeasurement) noiseChart() report.Chart {
	chart := report.Chart{
		ID: "volume-noises", Title: "Noise in the volumes", Mark: report.Line, XLabel: "standard deviation of the noise (the tube has 1)",
		YLabel: "accuracy", Rules: chance,
		Alt: "Accuracy against the noise, one line for each layer and question. Higher is better; a rule marks chance.",
	}
	for i, net := range m.Tubes.Nets {
		chart.Curves = append(chart.Curves, againstNoise("connected? "+ofSlices(net), m.Tubes.Noises, m.Tubes.ByNoise[i]))
	}
	for i, net := range m.Vessels.Nets {
		chart.Curves = append(chart.Curves, againstNoise("vessel? "+ofSlices(net), m.Vessels.Noises, m.Vessels.Told[i]))
	}
	return chart
}

// Volumes is the experiment. It judges what [CutTubes] and [VesselVoxels] measure.
var Volumes = experiment.Experiment[VolumesKnobs, VolumesMeasurement]{
	Name: "Volumes", Title: "Volumes: one question about the whole, one about every voxel",
	Measure: measureVolumes, Rules: volumesRules(),
	Figures: func(_ VolumesKnobs, m VolumesMeasurement) (report.Figures, error) {
		return report.Figures{Charts: []report.Chart{m.chart(), m.noiseChart()}}, nil
	},
}
