package inception

import (
	"fmt"
	"strings"

	"evident/datasets"
	"evident/kit/claim"
	"evident/kit/nn"
)

// Measurements are all that the verdicts rest on.
type Measurements struct {
	Modules []ModuleFacts
	Fields  []int // receptive field of the four towers, in pixels
	Strides StrideFacts
	Depth   DepthFacts
	Scales  ScaleFacts
	Compare CompareFacts
	Trained Trained
	// Pictures are those that were trained on.
	Pictures datasets.Images
}

// The thresholds of the sampled claims, fixed before the measurements. They are
// the smallest effects that would make a difference to a reader.
const (
	readWell     = 0.9  // share of right answers that counts as reading a feature
	towerMatters = 0.1  // accuracy that a tower's feature loses without it
	reluPowers   = 1.0  // powers of ten by which sigmoid shrinks the gradient more
	probeMatters = 0.05 // accuracy that a linear probe gains from the first stage to the last
	anyEffect    = 0.0  // where a claim only says "more" or "less"
)

// rules declares the claims of question 7, each with what decides it. Intervals
// are of Student's t at 95 %, over the seeds, and a sign test has to agree with
// them (see [claim.Estimate.Above]).
func rules() []claim.Rule[Measurements] {
	return []claim.Rule[Measurements]{
		claim.ExactRule("q7a.0", "Q7 (a) structure",
			"A module takes an input and six numbers of filters; four towers read the input side by side and are joined along the channels.",
			"every built module has the shape and the parameters of the formula",
			claim.Supported, judgeModules),
		claim.SampledRule("q7a.1", "Q7 (a) 1",
			"Running several kernel sizes side by side is efficient: less depth or width is needed for the same result.",
			"GoogLeNet's modules cost less than a 3×3 layer of the same width, and with equal parameters Inception is more accurate than two plain 3×3 layers (95 % interval above 0)",
			claim.Supported, judgeEfficiency),
		claim.SampledRule("q7a.2", "Q7 (a) 2",
			"1×1, 3×3 and 5×5 kernels on one input see several scales at once.",
			"the towers see 1, 3, 5 and 3 pixels; one module reads a fine and a coarse feature above 0.9; without the 5×5 tower the coarse one loses over 0.1, and over 0.1 more than the fine one",
			claim.Supported, judgeScales),
		claim.SampledRule("q7a.3", "Q7 (a) 3",
			"1×1 convolutions reduce computation and parameters without loss of depth, and so overfitting.",
			"the reductions lower both costs in all of GoogLeNet's modules, and the gap between training and test accuracy is smaller with them (95 % interval above 0)",
			claim.Inconclusive, judgeReduction),
		claim.SampledRule("q7a.4", "Q7 (a) 4",
			"The pooling tower makes the module tolerant of small translations.",
			"with the tower's pooling, fewer test pictures change their class when shifted by 1–3 pixels than without it (95 % interval above 0)",
			claim.Supported, judgePoolingTower),
		claim.SampledRule("q7a.5", "Q7 (a) 5",
			"Nets of Inception modules do better on image benchmarks.",
			"on CIFAR-10, with equal parameters, Inception is more accurate than plain 3×3 layers (95 % interval above 0)",
			claim.Inconclusive, judgeBenchmark),
		claim.ExactRule("q7b.1", "Q7 (b) 1",
			"The stride is how many pixels the window moves, and with kernel and padding it sets the size of the output. (The sheet says that stride 1 moves two pixels; it moves one.)",
			"the size formula and the window's movement agree with the backend in every case of the grid",
			claim.Supported, judgeSizes),
		claim.ExactRule("q7b.2", "Q7 (b) 2",
			"A stride above 1 downsamples and cuts the computation.",
			"for every input of at least 8 pixels and every stride above 1, the built output is smaller than at stride 1 and so are its multiply-adds",
			claim.Supported, judgeDownsampling),
		claim.ExactRule("q7b.3", "Q7 (b) 3",
			"A larger stride widens the receptive field, that of the layers behind it.",
			"measured receptive fields equal 1 + Σ (kernel−1)·(product of the strides before), and grow with the stride from the second layer on",
			claim.Supported, judgeFields),
		claim.ExactRule("q7b.4", "Q7 (b) 4",
			"With a larger stride information is lost, most of all when the stride exceeds the kernel: the window then skips parts of the input.",
			"the share of pixels without influence is 0 for stride ≤ kernel and 1 − (used/side)² above 0 for stride > kernel",
			claim.Supported, judgeSkipped),
		claim.SampledRule("q7c.1", "Q7 (c) 1",
			"In Conv2D, padding same keeps the size (true for stride 1 only), and ReLU helps against vanishing gradients.",
			"same keeps the size in all cases of stride 1 and in none above; from last to first layer the gradient shrinks over 10 times more with sigmoid than with ReLU (95 % interval above 1 power of ten)",
			claim.Supported, judgeConv2D),
		claim.SampledRule("q7c.2", "Q7 (c) 2",
			"MaxPooling2D keeps the maximum, downsamples, brings tolerance to translation and controls overfitting.",
			"against taking every second pixel: fewer test pictures change their class when shifted, and the gap between training and test accuracy is smaller (both 95 % intervals above 0)",
			claim.Inconclusive, judgeMaxPooling),
		claim.SampledRule("q7c.3", "Q7 (c) 3",
			"The features grow more complex with depth.",
			"a linear probe reads the class better off the last stage than off the first convolution, by over 0.05 (95 % interval)",
			claim.Supported, judgeDepthOfFeatures),
		claim.ExactRule("q7.t", "Q7 results",
			"A small net of Inception modules reaches a validation accuracy of .7343 on CIFAR-10 within 10 epochs.",
			"one run of 10 epochs on all of CIFAR-10 with batches of 32 gets there: that it can be reached needs one witness",
			claim.Supported, judgeTarget),
	}
}

// Claims lists the lesson's claims, not yet judged.
func Claims() []claim.Claim { return claim.Declared(rules()) }

func judgeModules(m Measurements) claim.Finding {
	matching := 0
	for _, f := range m.Modules {
		if f.Matches() {
			matching++
		}
	}
	evidence := fmt.Sprintf("%d of %d built modules match, GoogLeNet's nine among them", matching, len(m.Modules))
	if len(m.Modules) > 0 {
		first := m.Modules[0]
		evidence += fmt.Sprintf("; %s has %d parameters = %.1fK (paper: %dK).", first.Name, first.Built, float64(first.Built)/1024, first.PublishedK)
	}
	return claim.Finding{Decision: claim.Holds(matching == len(m.Modules)), Evidence: evidence, Samples: 1}
}

func judgeEfficiency(m Measurements) claim.Finding {
	cheaper, ratio := cheaperThanPlain()
	inception, plain := m.Compare.Of(withInception), m.Compare.Of(withPlain)
	gain := claim.EstimateDifference(inception.TestAccuracy, plain.TestAccuracy)
	return claim.Finding{
		Decision: claim.All(claim.Holds(cheaper), gain.Above(anyEffect)),
		Evidence: fmt.Sprintf("GoogLeNet's modules take at most %.2f of the multiply-adds of a 3×3 layer of their width; with %d against %d parameters, Inception's test accuracy minus the plain net's is %s on %s.",
			ratio, inception.Parameters, plain.Parameters, gain, m.Trained.DataSet),
		Samples: gain.N,
	}
}

// cheaperThanPlain compares GoogLeNet's modules with a 3×3 convolution between
// the same numbers of channels: whether all cost less, and the largest ratio.
func cheaperThanPlain() (cheaper bool, worst float64) {
	cheaper = true
	for _, g := range GoogLeNet {
		pixels := g.Height * g.Height
		module := g.Module.Cost(g.Channels, pixels)
		plain := nn.Conv2DCost(3, g.Channels, g.Module.Filters(), pixels)
		cheaper = cheaper && module.Parameters < plain.Parameters && module.MultiplyAdds < plain.MultiplyAdds
		worst = max(worst, float64(module.MultiplyAdds)/float64(plain.MultiplyAdds))
	}
	return cheaper, worst
}

func judgeScales(m Measurements) claim.Finding {
	s := m.Scales
	fine, coarse := claim.EstimateMean(s.Fine[0]), claim.EstimateMean(s.Coarse[0])
	// Towers[2] is the 3×3 and Towers[3] the 5×5.
	coarseLoss := claim.EstimateDifference(s.Coarse[0], s.Coarse[3])
	fineLoss := claim.EstimateDifference(s.Fine[0], s.Fine[3])
	more := claim.EstimateDifference(s.Fine[3], s.Coarse[3]) // both begin above 0.9
	fields := fmt.Sprint(m.Fields) == "[1 3 5 3]"
	return claim.Finding{
		Decision: claim.All(claim.Holds(fields), fine.Above(readWell), coarse.Above(readWell), coarseLoss.Above(towerMatters), more.Above(towerMatters)),
		Evidence: fmt.Sprintf("The towers see %s pixels; one module reads the fine feature at %s and the coarse one at %s; without the 5×5 tower the coarse one loses %s and the fine one %s. Without the 3×3 tower the fine one loses %s.",
			strings.Trim(fmt.Sprint(m.Fields), "[]"), fine, coarse, coarseLoss, fineLoss, claim.EstimateDifference(s.Fine[0], s.Fine[2])),
		Samples: fine.N,
	}
}

func judgeReduction(m Measurements) claim.Finding {
	cheaper, saved := true, 1.0
	for _, g := range GoogLeNet {
		with, without := g.Module.Cost(g.Channels, 1), g.Module.NaiveCost(g.Channels, 1)
		cheaper = cheaper && with.Parameters < without.Parameters && with.MultiplyAdds < without.MultiplyAdds
		saved = min(saved, 1-float64(with.MultiplyAdds)/float64(without.MultiplyAdds))
	}
	gap := claim.EstimateDifference(m.Compare.Of(withoutReduce).Gap(), m.Compare.Of(withInception).Gap())
	return claim.Finding{
		Decision: claim.All(claim.Holds(cheaper), gap.Above(anyEffect)),
		Evidence: fmt.Sprintf("In GoogLeNet the reductions save at least %.0f %% of the multiply-adds; the gap between training and test accuracy without them minus with them is %s on %s.",
			100*saved, gap, m.Trained.DataSet),
		Samples: gap.N,
	}
}

func judgePoolingTower(m Measurements) claim.Finding {
	with, without := m.Compare.Of(withInception).MeanChanged(), m.Compare.Of(withoutPool).MeanChanged()
	less := claim.EstimateDifference(without, with)
	return claim.Finding{
		Decision: less.Above(anyEffect),
		Evidence: fmt.Sprintf("Shifts of %v pixels change the class of %s of the test pictures with the pooling and of %s without it; the difference is %s.",
			m.Compare.Shifts, claim.EstimateMean(with), claim.EstimateMean(without), less),
		Samples: less.N,
	}
}

func judgeBenchmark(m Measurements) claim.Finding {
	if !m.Trained.CIFAR10 {
		return claim.Finding{Decision: claim.Open(), Evidence: fmt.Sprintf("Needs CIFAR-10; this run used %s.", m.Trained.DataSet)}
	}
	inception, plain := m.Compare.Of(withInception).TestAccuracy, m.Compare.Of(withPlain).TestAccuracy
	gain := claim.EstimateDifference(inception, plain)
	return claim.Finding{
		Decision: gain.Above(anyEffect),
		Evidence: fmt.Sprintf("With equal parameters, test accuracy on CIFAR-10 is %s for Inception and %s for plain 3×3 layers; the difference is %s.",
			claim.EstimateMean(inception), claim.EstimateMean(plain), gain),
		Samples: gain.N,
	}
}

func judgeSizes(m Measurements) claim.Finding {
	moved := true
	for _, u := range m.Strides.Unused {
		moved = moved && u.Moved == u.Stride
	}
	return claim.Finding{
		Decision: claim.Holds(len(m.Strides.Mismatches) == 0 && moved),
		Evidence: fmt.Sprintf("%d of %d convolutions have the size of the formula, and in all %d measured cases the window moves by the stride: %t. Stride 1 moves one pixel, not two.",
			len(m.Strides.Sizes)-len(m.Strides.Mismatches), len(m.Strides.Sizes), len(m.Strides.Unused), moved),
		Samples: 1,
	}
}

func judgeDownsampling(m Measurements) claim.Finding {
	const sizeable = 8
	atStride1 := map[[3]int]int{}
	for _, f := range m.Strides.Sizes {
		if f.Stride == 1 {
			atStride1[[3]int{f.Size, f.Kernel, int(f.Padding)}] = f.Built
		}
	}
	checked, smaller, largest := 0, 0, SizeFact{}
	var left []string // at the largest size, with padding same and the smallest kernel
	for _, f := range m.Strides.Sizes {
		full := atStride1[[3]int{f.Size, f.Kernel, int(f.Padding)}]
		if f.Stride == 1 || f.Size < sizeable || full < 2 {
			continue
		}
		checked++
		if f.Built < full {
			smaller++
		}
		if f.Size > largest.Size {
			largest, left = f, nil
		}
		if f.Kernel == largest.Kernel && f.Padding == largest.Padding {
			left = append(left, fmt.Sprintf("%.0f %%", 100*float64(f.Built*f.Built)/float64(full*full)))
		}
	}
	return claim.Finding{
		Decision: claim.Holds(checked > 0 && smaller == checked),
		Evidence: fmt.Sprintf("In %d of %d cases the output and its multiply-adds shrink; on %d×%d pixels, strides 2, 3, … leave %s of them, about 1/stride².",
			smaller, checked, largest.Size, largest.Size, strings.Join(left, ", ")),
		Samples: 1,
	}
}

func judgeFields(m Measurements) claim.Finding {
	right, widens, first := 0, true, true
	byDepth := map[int]int{} // the largest so far, since strides come in rising order
	var deepest []string
	for _, f := range m.Strides.Fields {
		if f.Measured == f.Formula {
			right++
		}
		if f.Depth == 1 {
			first = first && f.Measured == 3
		} else {
			widens = widens && f.Measured > byDepth[f.Depth]
			byDepth[f.Depth] = f.Measured
		}
		if f.Depth == fieldDepth {
			deepest = append(deepest, fmt.Sprint(f.Measured))
		}
	}
	return claim.Finding{
		Decision: claim.Holds(right == len(m.Strides.Fields) && widens && first),
		Evidence: fmt.Sprintf("%d of %d measured fields equal the formula; after three 3×3 layers an output sees %s pixels for strides 1, 2, …; the first layer sees 3 at every stride.",
			right, len(m.Strides.Fields), strings.Join(deepest, ", ")),
		Samples: 1,
	}
}

func judgeSkipped(m Measurements) claim.Finding {
	right, worst := 0, UnusedFact{}
	for _, u := range m.Strides.Unused {
		skips := u.Stride > u.Kernel
		if near(u.Measured, u.Formula) && skips == (u.Measured > 0) {
			right++
		}
		if u.Measured > worst.Measured {
			worst = u
		}
	}
	return claim.Finding{
		Decision: claim.Holds(right == len(m.Strides.Unused)),
		Evidence: fmt.Sprintf("%d of %d cases follow the formula: no pixel is skipped up to stride = kernel, and %.0f %% are at kernel %d with stride %d.",
			right, len(m.Strides.Unused), 100*worst.Measured, worst.Kernel, worst.Stride),
		Samples: 1,
	}
}

func near(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 }

func judgeConv2D(m Measurements) claim.Finding {
	s := m.Strides
	same := s.SameCount > 0 && s.SameKept == s.SameCount && s.SameLost == 0
	more := claim.EstimateDifference(m.Depth.Shrinkage("sigmoid"), m.Depth.Shrinkage("relu"))
	return claim.Finding{
		Decision: claim.All(claim.Holds(same), more.Above(reluPowers)),
		Evidence: fmt.Sprintf("Padding same keeps the size in %d of %d cases of stride 1 and in %d of the others; from the last to the first layer the gradient falls by %s powers of ten more with sigmoid than with ReLU.",
			s.SameKept, s.SameCount, s.SameLost, more),
		Samples: more.N,
	}
}

func judgeMaxPooling(m Measurements) claim.Finding {
	with, without := m.Compare.Of(withInception), m.Compare.Of(withoutMaximum)
	tolerance := claim.EstimateDifference(without.MeanChanged(), with.MeanChanged())
	gap := claim.EstimateDifference(without.Gap(), with.Gap())
	return claim.Finding{
		Decision: claim.All(tolerance.Above(anyEffect), gap.Above(anyEffect)),
		Evidence: fmt.Sprintf("Without the maximum, the share of classes that a shift changes rises by %s, and the gap between training and test accuracy by %s.",
			tolerance, gap),
		Samples: gap.N,
	}
}

func judgeDepthOfFeatures(m Measurements) claim.Finding {
	probes := m.Compare.Probes
	if len(probes.Stages) < 2 {
		return claim.Finding{Decision: claim.Open(), Evidence: "No stage was probed."}
	}
	last := len(probes.Stages) - 1
	gain := claim.EstimateDifference(probes.Accuracy[last], probes.Accuracy[1])
	var steps []string
	for i, stage := range probes.Stages {
		steps = append(steps, fmt.Sprintf("%s %.2f", stage, claim.EstimateMean(probes.Accuracy[i]).Mean))
	}
	return claim.Finding{
		Decision: gain.Above(probeMatters),
		Evidence: fmt.Sprintf("Accuracy of a linear probe by stage: %s; the last gains %s over the first convolution.", strings.Join(steps, ", "), gain),
		Samples:  gain.N,
	}
}

func judgeTarget(m Measurements) claim.Finding {
	if !m.Trained.CIFAR10 {
		return claim.Finding{Decision: claim.Open(), Evidence: fmt.Sprintf("Needs CIFAR-10; this run used %s.", m.Trained.DataSet)}
	}
	best, at := 0.0, 0
	for i, epoch := range m.Trained.History.Epochs[:min(len(m.Trained.History.Epochs), len(sheet.ValidationAccuracy))] {
		if epoch.Validation.Accuracy > best {
			best, at = epoch.Validation.Accuracy, i+1
		}
	}
	finding := claim.Finding{
		Decision: claim.Holds(best >= sheetBest),
		Evidence: fmt.Sprintf("Validation accuracy reaches %.4f in epoch %d; the sheet ends at %.4f.", best, at, sheetBest),
		Samples:  1,
	}
	if best < sheetBest && !m.Trained.whole() {
		finding.Decision = claim.Open()
		finding.Evidence += " This run was smaller than the sheet's."
	}
	return finding
}
