package convdims

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"evident/kit/claim"
	"evident/kit/experiment"
)

// FramesKnobs are those of the two experiments that FrameByFrame judges.
type FramesKnobs struct {
	Order  OrderConfig
	Motion MotionConfig
}

// FramesMeasurement says what a Conv2D that looks frame by frame makes of the order of
// frames, and of the direction in which a bar moves.
type FramesMeasurement struct {
	Orders OrderMeasurement
	Motion MotionMeasurement
}

func measureFrames(ctx context.Context, backend compute.Backend, c FramesKnobs) (m FramesMeasurement, err error) {
	if m.Orders, err = FrameOrders.Measured(ctx, backend, c.Order); err != nil {
		return m, err
	}
	m.Motion, err = MovingBar.Measured(ctx, backend, c.Motion)
	return m, err
}

func judgeFrames(m FramesMeasurement) claim.Finding {
	orders := m.Orders.of(perFrame)
	at := m.Motion.Nets.of(perFrame)
	direction, height := claim.EstimateMean(m.Motion.Forward[at]), claim.EstimateMean(m.Motion.Height)
	unchanged := unchangedBackwards(m.Motion.Forward[at], m.Motion.Backward[at])
	exact := orders.Tried > 0 && orders.Moved == orders.Tried && unchanged == direction.N
	return claim.Finding{
		Decision: claim.All(claim.Holds(exact), direction.Below(blind), height.Above(sees)),
		Evidence: fmt.Sprintf("Frame by frame, %d of %d new orders move the outputs along and change nothing else (Conv3D: %d); the nets of %d of %d seeds answer the same for all clips played backwards. Right on the direction: %s; on the height, which a frame shows: %s.",
			orders.Moved, orders.Tried, m.Orders.of(throughTime).Moved, unchanged, direction.N, direction, height),
		Samples: direction.N,
	}
}

// unchangedBackwards counts the seeds whose net gives a clip and its reverse the
// same answer: exactly one of the two is right then.
func unchangedBackwards(forward, backward []float64) int {
	const rounding = 1e-9
	count := 0
	for i := range forward {
		if sum := forward[i] + backward[i]; sum > 1-rounding && sum < 1+rounding {
			count++
		}
	}
	return count
}

func framesRules() []claim.Rule[FramesMeasurement] {
	return []claim.Rule[FramesMeasurement]{
		claim.SampledRule("q3b.2", "Q3 (b) 2",
			"A Conv2D treats every frame of a video on its own, and so misses what happens in time.",
			fmt.Sprintf("in every order of the frames the outputs are those of before in the new order, playing a clip backwards changes no answer, and on the direction of a moving bar fewer than %g are right, on its height over %g (95 %% intervals)", blind, sees),
			claim.Supported, judgeFrames),
	}
}

// FrameByFrame is the experiment. It judges what [FrameOrders] and [MovingBar] measure.
var FrameByFrame = experiment.Experiment[FramesKnobs, FramesMeasurement]{
	Name: "Frames", Title: "What a Conv2D misses frame by frame",
	Measure: measureFrames, Rules: framesRules(),
}
