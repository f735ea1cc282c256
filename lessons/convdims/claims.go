package convdims

import (
	"fmt"
	"strings"

	"evident/kit/claim"
)

// The thresholds of the sampled claims, fixed before the measurements, as shares
// of right answers where a guess has 0.5.
const (
	blind  = 0.6 // who has fewer sees next to nothing
	sees   = 0.8 // who has more sees what is asked for
	better = 0.2 // a difference that a reader would care for
)

// rules declares the claims of question 3 (b), each with what decides it.
// Intervals are of Student's t at 95 %, over the seeds, and a sign test has to
// agree with them (see [claim.Estimate.Above]). Sampled parts are judged at the
// first speed and noise of the configuration.
func rules() []claim.Rule[Measurements] {
	return []claim.Rule[Measurements]{
		claim.ExactRule("q3b.1", "Q3 (b) 1",
			"The kernel of a Conv2D moves along two axes, that of a Conv3D along three.",
			"every built layer of the grid has the output axes, parameters and multiply-adds of the formulas, and in all pairs of a pixel and an output, the output depends on the pixel if and only if the pixel lies in the kernel's window",
			claim.Supported, judgeAxes),
		claim.SampledRule("q3b.2", "Q3 (b) 2",
			"A Conv2D treats every frame of a video on its own, and so misses what happens in time.",
			"in every order of the frames the outputs are those of before in the new order, playing a clip backwards changes no answer, and on the direction of a moving bar fewer than 0.6 are right, on its height over 0.8 (95 % intervals)",
			claim.Supported, judgeFrames),
		claim.SampledRule("q3b.3", "Q3 (b) 3",
			"A Conv3D uses time as well, and so does better on videos.",
			"with no more parameters than the frame-by-frame net, Conv3D is right on the direction in over 0.8, and in over 0.2 more (95 % intervals)",
			claim.Supported, judgeVideo),
		claim.SampledRule("q3b.4", "Q3 (b) 4",
			"The same holds for medical volumes and their segmentation: slices on their own do not tell what Conv3D sees.",
			"with no more parameters than the slice-by-slice net, Conv3D is right in over 0.8, and slice by slice in fewer than 0.6, both on whether a tube is connected and on which voxels are of the vessel (95 % intervals)",
			claim.Supported, judgeVolumes),
		claim.SampledRule("q3b.t", "ours, on Q3 (b)",
			"A Conv2D that takes the frames for channels sees time too. But each frame has weights of its own, so it does not know a motion again at another time, and it grows with the clip.",
			"frames as channels is right on the direction in over 0.8; trained on motion in the first half of the clip, it loses over 0.2 on motion in the second half, where Conv3D stays above 0.8 (95 % intervals); its parameters grow with the number of frames and Conv3D's do not",
			claim.Supported, judgeStacked),
	}
}

// Claims lists the lesson's claims, not yet judged.
func Claims() []claim.Claim { return claim.Declared(rules()) }

func judgeAxes(m Measurements) claim.Finding {
	matching, pairs, wrong := 0, 0, 0
	for _, f := range m.Grid {
		if f.Matches() {
			matching++
		}
	}
	var fields []string
	for _, f := range m.Fields {
		pairs, wrong = pairs+f.Pairs, wrong+f.Wrong
		fields = append(fields, fmt.Sprintf("%s (%s)", times(f.Field[:]), f.Layer))
	}
	return claim.Finding{
		Decision: claim.Holds(len(m.Grid) > 0 && pairs > 0 && matching == len(m.Grid) && wrong == 0),
		Evidence: fmt.Sprintf("%d of %d built layers match the formulas; of %d pairs of a pixel and an output %d are not as the window says. An output depends on so many frames × rows × columns: %s.",
			matching, len(m.Grid), pairs, wrong, strings.Join(fields, ", ")),
		Samples: 1,
	}
}

func judgeFrames(m Measurements) claim.Finding {
	orders := m.orderOf(perFrame)
	at := m.Motion.Nets.of(perFrame)
	direction, height := claim.EstimateMean(m.Motion.Forward[at]), claim.EstimateMean(m.Motion.Height)
	unchanged := unchangedBackwards(m.Motion.Forward[at], m.Motion.Backward[at])
	exact := orders.Tried > 0 && orders.Moved == orders.Tried && unchanged == direction.N
	return claim.Finding{
		Decision: claim.All(claim.Holds(exact), direction.Below(blind), height.Above(sees)),
		Evidence: fmt.Sprintf("Frame by frame, %d of %d new orders move the outputs along and change nothing else (Conv3D: %d); the nets of %d of %d seeds answer the same for all clips played backwards. Right on the direction: %s; on the height, which a frame shows: %s.",
			orders.Moved, orders.Tried, m.orderOf(throughTime).Moved, unchanged, direction.N, direction, height),
		Samples: direction.N,
	}
}

func (m Measurements) orderOf(l layer) OrderFact {
	for _, f := range m.Order {
		if f.Layer == l.name {
			return f
		}
	}
	return OrderFact{}
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

func judgeVideo(m Measurements) claim.Finding {
	three, two := m.Motion.Nets.of(throughTime), m.Motion.Nets.of(perFrame)
	own := claim.EstimateMean(m.Motion.Forward[three])
	gain := claim.EstimateDifference(m.Motion.Forward[three], m.Motion.Forward[two])
	return claim.Finding{
		Decision: claim.All(claim.Holds(withinBudget(m.Motion.Nets, three, two)), own.Above(sees), gain.Above(better)),
		Evidence: fmt.Sprintf("With %d against %d parameters, Conv3D is right on the direction in %s, and in %s more than frame by frame. At %d pixels a frame it is right in %s.",
			m.Motion.Nets[three].Parameters, m.Motion.Nets[two].Parameters, own, gain,
			m.Motion.Speeds[len(m.Motion.Speeds)-1], claim.EstimateMean(m.Motion.BySpeed[three][len(m.Motion.Speeds)-1])),
		Samples: own.N,
	}
}

// withinBudget reports whether the first net has no more parameters than the
// second.
func withinBudget(nets Nets, first, second int) bool {
	return nets[first].Parameters <= nets[second].Parameters
}

func judgeVolumes(m Measurements) claim.Finding {
	t, v := m.Tubes, m.Vessels
	tube := func(l layer) claim.Estimate { return claim.EstimateMean(t.ByNoise[t.Nets.of(l)][0]) }
	told := func(l layer) claim.Estimate { return claim.EstimateMean(v.Told[v.Nets.of(l)][0]) }
	dice := func(l layer) claim.Estimate { return claim.EstimateMean(v.Dice[v.Nets.of(l)][0]) }
	budget := withinBudget(t.Nets, t.Nets.of(throughTime), t.Nets.of(perFrame)) && withinBudget(v.Nets, v.Nets.of(throughTime), v.Nets.of(perFrame))
	return claim.Finding{
		Decision: claim.All(claim.Holds(budget),
			tube(throughTime).Above(sees), tube(perFrame).Below(blind), told(throughTime).Above(sees), told(perFrame).Below(blind)),
		Evidence: fmt.Sprintf("Is the tube connected: right in %s with Conv3D and in %s slice by slice (slices as channels: %s). Vessel or spot: %s and %s of the voxels; Dice %s and %s.",
			tube(throughTime), tube(perFrame), tube(stacked), told(throughTime), told(perFrame), dice(throughTime), dice(perFrame)),
		Samples: min(tube(perFrame).N, told(perFrame).N),
	}
}

func judgeStacked(m Measurements) claim.Finding {
	f := m.Transfer
	own, three := f.Nets.of(stacked), f.Nets.of(throughTime)
	direction := claim.EstimateMean(m.Motion.Forward[m.Motion.Nets.of(stacked)])
	loss := claim.EstimateDifference(f.Early[own], f.Late[own])
	carried := claim.EstimateMean(f.Late[three])
	grows := true
	for i, built := range f.Built[own] {
		grows = grows && f.Built[three][i] == f.Built[three][0] && (i == 0 || built > f.Built[own][i-1])
	}
	return claim.Finding{
		Decision: claim.All(claim.Holds(grows), direction.Above(sees), loss.Above(better), carried.Above(sees)),
		Evidence: fmt.Sprintf("Frames as channels is right on the direction in %s. Trained on motion in the first half, it has %s there and loses %s in the second half; Conv3D has %s in the second half. For clips of %v frames it has %v parameters, Conv3D %v.",
			direction, claim.EstimateMean(f.Early[own]), loss, carried, f.Frames, f.Built[own], f.Built[three]),
		Samples: direction.N,
	}
}
