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
)

// TransferFacts say what becomes of two nets that were trained on bars that move
// in the first half of the clip. Layers are in the order of Nets.
type TransferFacts struct {
	Nets   Nets
	Early  [][]float64 // [layer][seed]: share of right answers where the bar moves in the first half, too
	Late   [][]float64 // [layer][seed]: … where it moves in the second half
	Frames []int       // lengths of clips
	Built  [][]int     // [layer][length]: parameters of the net, with the same filters
}

// MeasureTransfer trains the two nets that see time on bars that move in the
// first half of the clip only, and builds them for clips of other lengths.
func MeasureTransfer(ctx context.Context, backend compute.Backend, c MotionConfig) (TransferFacts, error) {
	half := c.Frames / 2
	facts := TransferFacts{Frames: []int{half, c.Frames, 2 * c.Frames}}
	if err := c.check("Motion"); err != nil {
		return facts, err
	}
	early, late := c.scene(0, 0), c.scene(0, 0)
	early.To, late.From, late.To = half, half, c.Frames
	e := trial{name: "motion in the first half", train: directions(early), tests: []source{directions(early), directions(late)}}
	for _, rival := range contenders(c.shape(), c.Training, stacked, throughTime) {
		net, shares, err := c.run(ctx, backend, rival, c.shape(), []trial{e})
		if err != nil {
			return facts, err
		}
		facts.Nets = append(facts.Nets, net)
		facts.Early, facts.Late = append(facts.Early, shares[0][0]), append(facts.Late, shares[0][1])
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
