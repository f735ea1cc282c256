package textcnn

import (
	"slices"

	"evident/kit/claim"
)

// Measurements are all that the verdicts rest on.
type Measurements struct {
	Classified Classified
	Ngrams     NgramFacts
	Shift      ShiftFacts
	Maps       MapFacts
	Robust     RobustFacts
	Order      OrderFacts
	Tabular    TabularFacts
	Cost       CostFacts
	Curve      CurveFacts
	Faithful   FaithfulFacts
}

// The thresholds of the claims, fixed before the measurements. They are the
// smallest effects that would make a difference to a reader.
const (
	rounding         = 1e-5 // difference of two features of order 1 that adding up in another order can make in float32
	solved           = 0.9  // accuracy of a net that can do a task of two classes
	nearChance       = 0.05 // accuracy above chance that is next to nothing
	neighboursMatter = 0.2  // accuracy that the order of neighbours is worth
	filtersFind      = 0.2  // share of filters, above chance, that point at what decides
	mapsMatter       = 0.05 // accuracy that more maps are worth
	severalFeatures  = 2    // effective number of features that is more than one
	robuster         = 0.02 // share of the predictions that pooling keeps from changing
	columnsMatter    = 0.05 // accuracy that is lost with the order of the columns
	sameAccuracy     = 0.03 // difference of accuracies that counts as none
	timesBag         = 100  // multiply-adds over those of a bag of words that count as heavy
	needsTexts       = 0.02 // accuracy by which a net is behind that needs more texts
	faithful         = 0.1  // share of the texts that the named windows decide, above that of others
)

type rule = claim.Rule[Measurements]

// rules declares the claims of question 5, each with what decides it. Intervals
// are of Student's t at 95 %, over the seeds, and a sign test has to agree with
// them (see [claim.Estimate.Above]).
func rules() []rule { return slices.Concat(forRules(), againstRules()) }

// Claims lists the lesson's claims, not yet judged.
func Claims() []claim.Claim { return claim.Declared(rules()) }

func forRules() []rule {
	return []rule{
		claim.SampledRule("q5.p1", "Q5, advantages 1",
			"Since a filter sees a few neighbouring words at a time, a CNN finds n-grams that matter.",
			"where only the order of neighbours tells the class, a CNN is over 0.2 more accurate than a bag of words, which stays below 0.55; and the share of filters whose best held-out window holds what decides is over 0.2 above that of all windows (95 % intervals)",
			claim.Supported, judgeNgrams),
		claim.ExactRule("q5.p2", "Q5, advantages 2",
			"Since the weights are the same at every place, a CNN finds a feature wherever it stands in the text.",
			"moving a phrase through equal neutral words, clear of the ends, moves the maps along with it and leaves every pooled feature as it was, to within 1e-5; and the phrase decides some of the features",
			claim.Supported, judgeShift),
		claim.SampledRule("q5.p3", "Q5, advantages 3",
			"Several feature maps learn several features of the text.",
			"with the most maps the accuracy is over 0.05 above that with one, and the pooled features are worth more than 2 uncorrelated ones (95 % intervals)",
			claim.Supported, judgeMaps),
		claim.SampledRule("q5.p4", "Q5, advantages 4",
			"Pooling shrinks the representation, and makes it robust to small changes of the words' order and to synonyms.",
			"the pooled features are as many for every length, and the same for three phrases in all orders to within 1e-5; and with the maximum over time, over 0.02 fewer of the predictions change than without pooling, both when two neighbouring words are swapped and when opinions are said in other words (95 % intervals)",
			claim.Refuted, judgeRobust),
	}
}

func againstRules() []rule {
	return []rule{
		claim.SampledRule("q5.c1", "Q5, limits 1",
			"The maximum over time loses where a feature stood, and with it the order of what lies further apart than a window.",
			"a CNN's accuracy at telling which of two distant phrases comes first is below 0.55, while a GRU's is above 0.9, and the CNN's own is above 0.9 when the phrases stand side by side (95 % intervals)",
			claim.Supported, judgeOrder),
		claim.SampledRule("q5.c2", "Q5, limits 2",
			"A CNN assumes that neighbours belong together, and so fits tabular data poorly.",
			"with the columns shuffled a CNN's accuracy falls by over 0.05, and lies over 0.05 below that of a dense net, whose own changes by less than 0.03 (95 % intervals)",
			claim.Supported, judgeTabular),
		claim.ExactRule("q5.c3", "Q5, limits 3",
			"A CNN for text takes much computation, in spite of its shared weights.",
			"supported if Kim's net takes over 100 times the work of a bag of words and more multiply-adds than a GRU with as many features; refuted if neither; inconclusive if it depends on the rival",
			claim.Inconclusive, judgeCost),
		claim.SampledRule("q5.c4", "Q5, limits 4",
			"A CNN for text needs much labelled data.",
			"averaged over all numbers of texts but the largest, its accuracy lies over 0.02 below that of a bag of words, and with the most texts less than 0.02 (95 % intervals); inconclusive if it depends on the texts: the pipeline's, or reviews whose words alone tell the class",
			claim.Inconclusive, judgeCurve),
		claim.SampledRule("q5.c5", "Q5, limits 5",
			"What a CNN has learned from text is hard to interpret.",
			"refuted if the windows that its filters name are what its predictions rest on: deleting the strongest changes the class of over 0.1 more of the held-out texts than deleting another window of as many words does; supported if the 95 % interval is below that",
			claim.Refuted, judgeFaithful),
	}
}
