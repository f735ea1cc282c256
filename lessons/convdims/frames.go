package convdims

import (
	"context"
	"fmt"
	"math"
	"strings"

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

func judgeOneByOne(m FramesMeasurement) claim.Finding {
	orders, at := m.Orders.of(perFrame), m.Motion.Nets.of(perFrame)
	unchanged := unchangedBackwards(m.Motion.Forward[at], m.Motion.Backward[at], m.Motion.Trials)
	seeds := len(m.Motion.Forward[at])
	return claim.Finding{
		Decision: claim.Holds(orders.Tried > 0 && orders.Moved == orders.Tried && unchanged == seeds),
		Evidence: fmt.Sprintf("%d of %d new orders move the outputs along and change nothing else (Conv3D: %d); the nets of %d of %d seeds are right on as many clips as they are wrong on the same played backwards.",
			orders.Moved, orders.Tried, m.Orders.of(throughTime).Moved, unchanged, seeds),
		Samples: 1,
	}
}

func judgeOrderless(m FramesMeasurement) claim.Finding {
	f, at := m.Motion, m.Motion.Nets.of(perFrame)
	direction, height := f.right(f.Forward[at]), f.right(f.Height[at])
	return claim.Finding{
		Decision: claim.All(direction.Below(blind), height.Above(sees)),
		Evidence: fmt.Sprintf("Right on the direction: %s; on the height, which a frame shows: %s.", direction, height),
		Samples:  direction.N,
	}
}

func judgeHeaded(m FramesMeasurement) claim.Finding {
	f := m.Motion
	var conditions []claim.Decision
	var found []string
	for _, l := range heads {
		direction := f.right(f.Forward[f.Nets.of(l)])
		conditions = append(conditions, direction.Below(blind))
		found = append(found, fmt.Sprintf("%s: %s", l.name, direction))
	}
	return claim.Finding{
		Decision: claim.All(conditions...), Evidence: "Right on the direction: " + strings.Join(found, "; ") + ".",
		Samples: len(f.Forward[f.Nets.of(perFrame)]),
	}
}

// unchangedBackwards counts the seeds whose net is right on as many clips as it is
// wrong on the same clips played backwards: it gives a clip and its reverse the
// same answer. An accuracy is a count over the trials, rounded once, so the product
// is within trials·2⁻⁵² of that count.
func unchangedBackwards(forward, backward []float64, trials int) int {
	count := 0
	for i := range forward {
		right := func(accuracy float64) int { return int(math.Round(accuracy * float64(trials))) }
		if right(forward[i])+right(backward[i]) == trials {
			count++
		}
	}
	return count
}

func framesRules() []claim.Rule[FramesMeasurement] {
	return []claim.Rule[FramesMeasurement]{
		claim.Whole("q3b.2", "Q3 (b) 2", "A Conv2D treats every frame of a video on its own, and so misses what happens in time.",
			claim.ExactRule("q3b.2a", "Q3 (b) 2", "A Conv2D treats every frame of a video on its own.",
				"in every order of the frames the outputs are those of before in the new order, to the rounding of their sums, and where the maximum over all frames follows, playing the clips backwards changes no answer",
				claim.Supported, judgeOneByOne).Revised("2026-11-30", "a part of its own; the tolerance follows from the rounding of the sums"),
			claim.SampledRule("q3b.2b", "Q3 (b) 2", "Joined in any order, its frames miss what happens in time.",
				fmt.Sprintf("with the maximum over all frames, fewer than %g are right on the direction of a moving bar, and over %g on its height (95 %% intervals)", blind, sees),
				claim.Supported, judgeOrderless).From("2026-11-24"),
			claim.SampledRule("q3b.2c", "Q3 (b) 2", "It misses what happens in time whatever head joins its frames.",
				fmt.Sprintf("fewer than %g are right on the direction with either of two heads that convolve over time what a Conv2D saw in each frame (95 %% intervals)", blind),
				claim.Refuted, judgeHeaded).Revised("2026-11-30", "a net without a head over time could not have passed")),
	}
}

// FrameByFrame is the experiment. It judges what [FrameOrders] and [MovingBar] measure.
var FrameByFrame = experiment.Experiment[FramesKnobs, FramesMeasurement]{
	Name: "Frames", Title: "What a Conv2D misses frame by frame",
	Measure: measureFrames, Rules: framesRules(),
}
