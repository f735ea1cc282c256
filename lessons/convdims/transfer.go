package convdims

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
)

// TransferMeasurement says what becomes of two nets that were trained on bars that move
// in the first half of the clip. Layers are in the order of Nets.
type TransferMeasurement struct {
	Nets   Nets
	Early  [][]float64 // [layer][seed]: accuracy where the bar moves in the first half, too
	Late   [][]float64 // [layer][seed]: … where it moves in the second half
	Frames []int       // lengths of clips
	Built  [][]int     // [layer][length]: parameters of the net, with the same filters

	Motion MotionMeasurement // of nets that were trained on motion in the whole clip
}

// measureTransfer trains the two nets that see time on bars that move in the
// first half of the clip only, and builds them for clips of other lengths.
func measureTransfer(ctx context.Context, backend compute.Backend, c MotionConfig) (TransferMeasurement, error) {
	half := c.Frames / 2
	facts := TransferMeasurement{Frames: []int{half, c.Frames, 2 * c.Frames}}
	var err error
	if facts.Motion, err = MovingBar.Measured(ctx, backend, c); err != nil {
		return facts, err
	}
	early, late := c.scene(0, 0), c.scene(0, 0)
	early.To, late.From, late.To = half, half, c.Frames
	e := trial{name: "motion in the first half", train: directions(early), tests: []source{directions(early), directions(late)}, seeds: c.Seeds}
	for _, rival := range contenders(c.shape(), c.Training, stacked, throughTime) {
		net, accuracies, err := c.run(ctx, backend, rival, c.shape(), []trial{e})
		if err != nil {
			return facts, err
		}
		facts.Nets = append(facts.Nets, net)
		facts.Early, facts.Late = append(facts.Early, accuracies[0][0]), append(facts.Late, accuracies[0][1])
		built, err := c.builtFor(backend, rival, facts.Frames)
		if err != nil {
			return facts, err
		}
		facts.Built = append(facts.Built, built)
	}
	return facts, nil
}

// builtFor counts the parameters of a net that is built for clips of so many
// frames. Nothing is run.
func (c MotionConfig) builtFor(backend compute.Backend, rival contender, frames []int) ([]int, error) {
	built := make([]int, len(frames))
	for i, n := range frames {
		store, g := model.NewStore(), NewGraph(backend, rival.name)
		err := exceptions.TryCatch[error](func() {
			clip := Parameter(g, "clip", shapes.Make(dtypes.Float32, 1, n, c.Side, c.Side, 1))
			rival.classifier(store.RootScope(), clip)
		})
		built[i] = trainable(store, "/")
		g.Finalize()
		store.Finalize()
		if err != nil {
			return nil, fmt.Errorf("building %s for %d frames: %w", rival.name, n, err)
		}
	}
	return built, nil
}

func judgeStacked(f TransferMeasurement) claim.Finding {
	direction := f.Motion.right(f.Motion.Forward[f.Motion.Nets.of(stacked)])
	return claim.Finding{
		Decision: direction.Above(sees), Evidence: fmt.Sprintf("Frames as channels is right on the direction in %s.", direction), Samples: direction.N,
	}
}

func judgeCarried(f TransferMeasurement) claim.Finding {
	own, three := f.Nets.of(stacked), f.Nets.of(throughTime)
	loss := claim.EstimateDifference(f.Early[own], f.Late[own])
	carried := f.Motion.right(f.Late[three])
	return claim.Finding{
		Decision: claim.All(loss.Above(better), carried.Above(sees)),
		Evidence: fmt.Sprintf("Trained on motion in the first half, frames as channels has %s there and loses %s in the second half; Conv3D has %s in the second half.",
			f.Motion.right(f.Early[own]), loss, carried),
		Samples: loss.N,
	}
}

func judgeGrowth(f TransferMeasurement) claim.Finding {
	own, three := f.Built[f.Nets.of(stacked)], f.Built[f.Nets.of(throughTime)]
	grows := true
	for i, built := range own {
		grows = grows && three[i] == three[0] && (i == 0 || built > own[i-1])
	}
	return claim.Finding{
		Decision: claim.Holds(grows), Evidence: fmt.Sprintf("For clips of %v frames it has %v parameters, Conv3D %v.", f.Frames, own, three), Samples: 1,
	}
}

func transferRules() []claim.Rule[TransferMeasurement] {
	const source = "ours, on Q3 (b)"
	return []claim.Rule[TransferMeasurement]{
		claim.Whole("q3b.t", source,
			"A Conv2D that takes the frames for channels sees time too. But each frame has weights of its own, so it does not know a motion again at another time, and it grows with the clip.",
			claim.SampledRule("q3b.ta", source, "A Conv2D that takes the frames for channels sees time.",
				fmt.Sprintf("it is right on the direction in over %g (95 %% interval)", sees), claim.Supported, judgeStacked).From("2026-11-24"),
			claim.SampledRule("q3b.tb", source, "It does not know a motion again at another time; Conv3D does.",
				fmt.Sprintf("trained on motion in the first half of the clip, it loses over %g on motion in the second half, where Conv3D stays above %g (95 %% intervals)", better, sees),
				claim.Supported, judgeCarried).From("2026-11-24"),
			claim.ExactRule("q3b.tc", source, "It grows with the clip; Conv3D does not.",
				"its parameters grow with the number of frames, and Conv3D's do not", claim.Supported, judgeGrowth).From("2026-11-24")),
	}
}

// chart shows what becomes of a motion at another time.
func (f TransferMeasurement) chart() report.Chart {
	early, late := report.Curve{Name: "tested on the first half"}, report.Curve{Name: "tested on the second half"}
	chart := report.Chart{
		ID: "transfer", Title: "Trained on bars that move in the first half of the clip", Mark: report.Bars, XLabel: "layer",
		YLabel: "accuracy on the direction", Rules: chance,
		Alt: "Two bars of accuracy for each layer: on clips whose bar moves in the first half, as in the training, and on clips whose bar moves in the second. Higher is better; a layer that carries over has two equal bars. A rule marks chance.",
	}
	for i, net := range f.Nets {
		chart.Categories = append(chart.Categories, net.Layer)
		early.AddFraction(float64(i), f.Early[i], f.Motion.Trials)
		late.AddFraction(float64(i), f.Late[i], f.Motion.Trials)
	}
	chart.Curves = []report.Curve{early, late}
	return chart
}

// table lists how the nets grow with the clip.
func (f TransferMeasurement) table() report.Table {
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

// MotionAtAnotherTime is the experiment.
var MotionAtAnotherTime = experiment.Experiment[MotionConfig, TransferMeasurement]{
	Name: "Transfer", Title: "Motion at another time than that of the training",
	Measure: measureTransfer, Rules: transferRules(),
	Figures: func(_ MotionConfig, f TransferMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{f.table()}, Charts: []report.Chart{f.chart()}}, nil
	},
}
