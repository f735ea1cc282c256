package minibatch

import (
	"evident/kit/claim"
)

// Measurements are all that the verdicts rest on.
type Measurements struct {
	Descent DescentFacts
	Noise   NoiseFacts
	Trend   TrendFacts
	Picture PictureFacts
	Time    TimeFacts
}

// The thresholds of the claims, fixed before the measurements. They are the
// smallest effects that would make a difference to a reader.
const (
	withinTenth   = 0.1   // relative error at which a measured variance is the predicted one
	allButZero    = 1e-12 // share of σ² that rounding leaves where theory leaves nothing
	oftenRises    = 0.2   // share of rising steps that makes a curve fluctuate
	hardlyRises   = 0.01  // … and that makes it steady
	halved        = 0.5   // share of the first loss that is left of a loss that trends down
	tellsApart    = 0.9   // balanced accuracy that tells the pictures apart
	nearlyPerfect = -0.6  // power of B in the steps that is nearly the perfect −1
	diminished    = -0.3  // … and that is nearer to 0, no gain at all
)

type rule = claim.Rule[Measurements]

// rules declares the claims of question 1 (d), each with what decides it.
// Intervals are of Student's t at 95 %, over the seeds, and a sign test has to
// agree with them (see [claim.Estimate.Above]).
func rules() []rule {
	return []rule{
		claim.ExactRule("q1d.1", "Q1 (d) 1",
			"With full batches the loss falls steadily.",
			"on least squares and on logistic regression no step of a full-batch descent raises the loss at any rate below 2/L, L being a bound on the Hessian's eigenvalues; above 2/λ_max of the minimum some steps do",
			claim.Supported, judgeSteady),
		claim.SampledRule("q1d.2", "Q1 (d) 2",
			"With mini-batches it fluctuates, because each step sees a subset of the examples.",
			"for every batch size B the measured E‖g_B − ḡ‖² is within 10 % of σ²/B with replacement and of σ²/B·(N−B)/(N−1) without, and 0 at B = N; the loss rises at over 0.2 of the steps with every mini-batch, and at under 0.01 of the steps of full batches of the same net at the same rate (95 % intervals)",
			claim.Supported, judgeFluctuation),
		claim.SampledRule("q1d.3", "Q1 (d) 3",
			"It still trends down.",
			"with every batch size, the loss on all examples is below half of the first one, as the mean over the last tenth of the training (95 % intervals)",
			claim.Inconclusive, judgeTrend),
		claim.SampledRule("q1d.4", "Q1 (d) 4",
			"The picture on the right, which fluctuates, is of mini-batches; the smooth one on the left is of full batches.",
			"a classifier by one mark of the loss curve, with a threshold learned on other seeds, another task, other rates and batch sizes, tells the two apart with a balanced accuracy above 0.9 (95 % interval), at rates that are not too high",
			claim.Supported, judgePictures),
		claim.SampledRule("q1d.t", "Q1 (d) added: batch size and time",
			"With larger batches the steps to a loss first fall as 1/B, and then hardly any more.",
			"each batch size at its best rate of one grid: steps go as B to a power below −0.6 over the smallest third of the batch sizes and above −0.3 over the largest (95 % intervals)",
			claim.Supported, judgeTime),
	}
}

// Claims lists the lesson's claims, not yet judged.
func Claims() []claim.Claim { return claim.Declared(rules()) }
