package learningrate

import (
	"evident/kit/claim"
)

// Measurements are all that the verdicts rest on.
type Measurements struct {
	Quadratic QuadraticFacts
	Surface   SurfaceFacts
	Floor     FloorFacts
	Basins    BasinFacts
	Grid      GridFacts
	Vanishing VanishingFacts
	Sharpness SharpnessFacts
}

// The thresholds of the claims, fixed before the measurements. They are the
// smallest effects that would make a difference to a reader.
const (
	withinPercent = 0.01 // relative error at which a threshold equals the theorem's
	withinTenth   = 0.1  // relative error at which steps ∝ 1/η
	floorPower    = 0.5  // exponent of the noise floor in η
	twice         = 2.0  // ratio of distances that matters
	someRuns      = 0.1  // share of runs that matters
	detects       = 0.75 // precision and recall of a sign that is worth looking for
	gapMatters    = 0.02 // accuracy by which a generalisation gap is larger
	mostRuns      = 0.5  // share of runs for which a sign must hold
	poorBy        = 0.05 // accuracy below the best that is poor
	vanishes      = 1.0  // powers of ten by which a gradient shrinks when it vanishes
	nearEdge      = 0.2  // relative distance to 2/η that is at the edge
	flowTime      = 600  // η·steps from which a training is long enough to reach the edge
	leftPlateau   = 0.1  // share of the loss that is left when a plateau is behind
	onPlateau     = 0.9  // … and while it is not
)

type rule = claim.Rule[Measurements]

// rules declares the claims of question 1 (a) and (b), each with what decides
// it. Intervals are of Student's t at 95 %, over the seeds, and a sign test has
// to agree with them (see [claim.Estimate.Above]).
func rules() []rule {
	return append(tooHigh(), tooLow()...)
}

func tooHigh() []rule {
	return []rule{
		claim.ExactRule("q1a.1", "Q1 (a) 1",
			"Too high a rate overshoots the minimum and oscillates around it.",
			"on a parabola every step multiplies θ by 1 − ηλ and changes its sign exactly when ηλ > 1; along a net's top eigenvector the first factor is within 1 % of it and the sign flips at every step for 1 < ηλ < 2",
			claim.Supported, judgeOvershoot),
		claim.ExactRule("q1a.2", "Q1 (a) 2",
			"In the extreme it diverges: the loss grows with every step.",
			"on a parabola the loss grows at every step for ηλ > 2 and never below; the measured thresholds of a bowl and of a logistic regression are within 1 % of 2/λ_max",
			claim.Supported, judgeDivergence),
		claim.SampledRule("q1a.3", "Q1 (a) 3",
			"Even where it does not diverge, the loss hovers and ends higher.",
			"least squares by mini-batches: the final excess loss grows as η to a power above 0.5 (95 % interval)",
			claim.Supported, judgeFloor),
		claim.SampledRule("q1a.4", "Q1 (a) 4",
			"Large steps can jump from a good optimum to a worse one, whose near-zero gradient then traps the descent.",
			"from a deep basin, the share of runs that end in the shallow one is by over 0.1 larger at rates above 2/f″ of the deep minimum than at rates below half of it, and a small rate takes less than 0.1 of them back (95 % intervals)",
			claim.Supported, judgeJump),
		claim.SampledRule("q1a.5", "Q1 (a) 5",
			"The final weights are suboptimal, since there is no fine-tuning.",
			"least squares by mini-batches: the highest rate ends over twice as far from the known minimum as the lowest, and a decay to the lowest rate at least halves that distance (95 % intervals of the ratios' logarithms)",
			claim.Supported, judgeFineTuning),
		claim.SampledRule("q1a.d1", "Q1 (a) diagnosis 1",
			"Sign of too high a rate: the loss oscillates strongly, or rises after an initial fall.",
			"a detector of these signs that sees the loss curve alone tells too high from the rest with a precision and a recall above 0.75 (95 % intervals)",
			claim.Supported, judgeHighSign),
		claim.SampledRule("q1a.d2", "Q1 (a) diagnosis 2",
			"Poor validation in spite of a low training loss means that the rate is so high that the model overfits.",
			"at equal training loss the gap between training and test accuracy is over 0.02 larger at the highest rate that gets there than at the lowest, and over half of the runs whose validation is poor above the best rate have a low training loss (95 % intervals)",
			claim.Refuted, judgeOverfitting),
	}
}

func tooLow() []rule {
	return []rule{
		claim.ExactRule("q1b.1", "Q1 (b) 1",
			"Too low a rate converges slowly or never.",
			"on a parabola the steps to a tolerance ε are within 10 % of ln(1/ε)/(ηλ) for ηλ ≤ 1/8; in float32 a low enough rate changes no bit",
			claim.Supported, judgeSlow),
		claim.SampledRule("q1b.2", "Q1 (b) 2",
			"Too low a rate gets stuck in poor local minima or flat regions.",
			"from a shallow basin, the share of noisy runs that stay is by over 0.1 larger at the lowest rate than at the highest (95 % interval); on a saturated sigmoid the lowest rate keeps over 0.9 of the loss in the steps in which the highest goes below 0.1",
			claim.Supported, judgeStuck),
		claim.SampledRule("q1b.3", "Q1 (b) 3",
			"A very low rate makes the gradients vanish, in deep nets above all.",
			"the gradient at step 0 depends on the rate, and at a tiny rate its norm falls by over a power of ten along the training (95 % interval)",
			claim.Refuted, judgeVanishing),
		claim.SampledRule("q1b.d1", "Q1 (b) diagnosis 1",
			"Sign of too low a rate: the loss falls very slowly or not at all.",
			"a detector of this sign that sees the loss curve alone tells too low from the rest with a precision and a recall above 0.75 (95 % intervals)",
			claim.Inconclusive, judgeLowSign),
		claim.SampledRule("q1b.d2", "Q1 (b) diagnosis 2",
			"Sign of too low a rate: poor validation in spite of long training.",
			"at the lowest rate the test accuracy is over 0.05 below the best of the grid, and so is the training accuracy: it underfits (95 % intervals)",
			claim.Supported, judgeUnderfitting),
		claim.SampledRule("q1.lr", "Q1 added: range test",
			"A learning-rate range test finds a usable rate.",
			"trained at the rate that the test of the first length (200 steps) finds, the training loss falls by over 0.9 of what the best rate of the grid reaches (95 % interval)",
			claim.Refuted, judgeRangeTest),
		claim.SampledRule("q1.eos", "Q1 added: edge of stability",
			"Full-batch training at a fixed rate drives the top Hessian eigenvalue towards 2/η.",
			"at every rate whose training is long enough (η·steps ≥ 600), λ_max·η/2 starts below 0.8 and its mean over the last quarter of the training lies between 0.8 and 1.2 (95 % intervals)",
			claim.Supported, judgeEdge),
	}
}

// Claims lists the lesson's claims, not yet judged.
func Claims() []claim.Claim { return claim.Declared(rules()) }
