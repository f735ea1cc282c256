package saddle

import (
	"evident/kit/claim"
)

// Measurements are all that the verdicts rest on.
type Measurements struct {
	Definition DefinitionFacts
	Plane      PlaneFacts
	Deep       DeepFacts
	Race       RaceFacts
	Noise      NoiseFacts
	Theory     TheoryFacts
	Cost       CostFacts
}

// The thresholds of the claims, fixed before the measurements. They are the
// smallest effects that would make a difference to a reader.
const (
	fasterBy     = 1.25 // ratio of the steps to a loss
	calmerBy     = 2.0  // ratio of relative variances, or of their roots in the loss
	narrowerBy   = 0.25 // powers of ten by which a band of rates is narrower
	mostRuns     = 0.9  // share of runs
	sharperBy    = 1.25 // ratio of curvatures, and of rises of the loss
	poorerBy     = 0.01 // accuracy on the test examples
	betterBy     = 1.1  // ratio of losses
	withinTenth  = 0.1  // relative error at which a slope is the formula's
	hardlyAtAll  = 0.1  // share of gradient descent's slope that is nearly none
	farFromTiny  = 1e-6 // ε from which on Adam's own ε of 1e-8 plays no part
	roundoff     = 1e-9 // relative difference of two ways to compute the same in float64
	atTheEnd     = 0.1  // distance from ±1 that is there
	slowerByHalf = 2.0  // ratio of two slowdowns
)

type rule = claim.Rule[Measurements]

// rules declares the claims of question 1 (c), each with what decides it.
// Intervals are of Student's t at 95 %, over the seeds and paired by seed, and a
// sign test has to agree with them (see [claim.Estimate.Above]). A claim that is
// tried on both tasks has to come out the same on both, else it is inconclusive.
func rules() []rule {
	return append(about(), ofOptimizers()...)
}

// about are the claims on saddles and on theory.
func about() []rule {
	return []rule{
		claim.ExactRule("q1c.0", "Q1 (c) definition",
			"A saddle point has a gradient of zero and is no local extremum.",
			"at the origin of x² − y², the monkey saddle x³ − 3xy² and x⁴ − y⁴ the gradient is 0 and every circle holds higher and lower points; for x² + y² and x⁴ + y⁴ none holds a lower one; where both eigenvalues of the Hessian are not 0, their signs say the same",
			claim.Supported, judgeDefinition),
		claim.SampledRule("q1c.1", "Q1 (c) Adam +1",
			"Adam converges faster.",
			"each at its own fastest rate of one grid, SGD takes over 1.25 times as many steps to the target loss as Adam, on both tasks (95 % intervals of the ratios' logarithms)",
			claim.Supported, judgeFaster),
		claim.SampledRule("q1c.2", "Q1 (c) Adam +2",
			"Adam repairs SGD's high variance.",
			"the relative variance tr Cov(d)/‖E d‖² of its directions is below half of SGD's, at the initial weights and after some training, and the relative fluctuation of its training loss at the end is below half of SGD's, on both tasks (95 % intervals)",
			claim.Inconclusive, judgeVariance),
		claim.ExactRule("q1c.3", "Q1 (c) Adam +3",
			"Adam joins momentum and RMSProp.",
			"with β₁ = 0 its directions are those of bias-corrected RMSProp, and with gradients of ±c those of bias-corrected momentum over c, both to 1e-9 at every step; as it is used it is neither",
			claim.Supported, judgeParts),
		claim.SampledRule("q1c.4", "Q1 (c) Adam −1",
			"Adam is very sensitive to the learning rate, and fails when it is high.",
			"the band of rates at which the training loss falls by at least 0.9 of the best fall is over 0.25 powers of ten narrower for Adam than for SGD, and at the highest rate over 0.9 of Adam's runs do not end below their start, on both tasks (95 % intervals)",
			claim.Refuted, judgeSensitive),
		claim.SampledRule("q1c.5", "Q1 (c) Adam −2",
			"Adam often ends in sharp minima that test poorly, SGD in flat ones that test well.",
			"at equal training loss, λ_max and the rise of the loss under a relative perturbation of the weights are over 1.25 times those of SGD, and the test accuracy is over 0.01 lower, on both tasks (95 % intervals)",
			claim.Inconclusive, judgeSharpness),
	}
}

// ofOptimizers are the claims on SGD, and on both.
func ofOptimizers() []rule {
	return []rule{
		claim.SampledRule("q1c.6", "Q1 (c) SGD +1",
			"SGD often reaches more optimal solutions.",
			"each at the rate with its lowest training loss, Adam's training loss and its test loss at the end are over 1.1 times those of SGD, on both tasks (95 % intervals)",
			claim.Refuted, judgeOptimal),
		claim.ExactRule("q1c.7", "Q1 (c) SGD +2",
			"SGD rests on strong theory.",
			"f(x_k) − f* ≤ ‖x₀ − x*‖²/(2ηk) at every step of gradient descent with η ≤ 1/L, on least squares and on Σ w·ln cosh θ; on the convex counter-example of Reddi et al. (2018) Adam ends at the worst point, SGD and AMSGrad at the best",
			claim.Supported, judgeTheory),
		claim.ExactRule("q1c.8", "Q1 (c) SGD −1",
			"SGD is computationally heavy.",
			"supported when SGD keeps more values for a parameter than each of momentum, RMSProp and Adam, or makes more operations on it; refuted when it keeps and makes fewer than each; counted on the variables of a trained model and on the graph of a step",
			claim.Refuted, judgeHeavy),
		claim.SampledRule("q1c.9", "Q1 (c) SGD −2",
			"SGD does not converge as fast as Adam.",
			"as q1c.1, with SGD as it is used: with momentum 0.9",
			claim.Supported, judgeFasterThanMomentum),
		claim.SampledRule("q1c.10", "Q1 (c) both",
			"Adam and SGD each have their own way past a saddle point.",
			"from (1, ε) on x² − y², the steps of SGD and of momentum rise by ln 10/ln(growth) per power of ten, to 10 %, those of Adam by less than a tenth of SGD's; none leaves (1, 0) by itself, SGD does with noise; over 0.9 of the runs of both leave a deep linear net's saddle, and from the smallest initial weights SGD is slowed down over twice as much as Adam (95 % intervals)",
			claim.Supported, judgeEscape),
	}
}

// Claims lists the lesson's claims, not yet judged.
func Claims() []claim.Claim { return claim.Declared(rules()) }
