package pointwise

import (
	"slices"

	"evident/kit/claim"
)

// Measurements are all that the verdicts rest on.
type Measurements struct {
	Reduction ReductionFacts
	Linear    LinearFacts
	Mixing    MixingFacts
	Blocks    BlockFacts
	Printed   PrintedFacts
	Rank      RankFacts
	Order     OrderFacts
	Maps      MapFacts
	First     FirstFacts
	Width     WidthFacts
}

// The thresholds of the claims, fixed before the measurements. They are the
// smallest effects that would make a difference to a reader.
const (
	keptVariance = 0.99 // share of the pixels' variance that counts as all that matters
	sameAccuracy = 0.02 // accuracy by which a reduction may lie below all channels
	detects      = 0.8  // area under the ROC curve of a filter that detects a pattern
	nearChance   = 0.05 // accuracy above chance that is next to nothing
	readsBetter  = 0.3  // accuracy that shows that a task can be learned
	firstMatters = 0.02 // accuracy that the kernel of the first layer is worth
	overfits     = 0.02 // test accuracy that is lost by too many filters
	underfits    = 0.1  // accuracy, in training too, that is lost by too few
	learns       = 0.01 // share of their norm by which weights move that are trained
)

type rule = claim.Rule[Measurements]

// rules declares the claims of question 6, each with what decides it. Intervals
// are of Student's t at 95 %, over the seeds, and a sign test has to agree with
// them (see [claim.Estimate.Above]).
func rules() []rule {
	return slices.Concat(purposeRules(), mapRules(), useRules(), printedRules())
}

// Claims lists the lesson's claims, not yet judged.
func Claims() []claim.Claim { return claim.Declared(rules()) }

func purposeRules() []rule {
	return []rule{
		claim.ExactRule("q6a.1", "Q6 (a) 1",
			"A 1×1 convolution with fewer filters than channels reduces the depth, and with it the computation of what follows.",
			"256 → 64 channels is built with 16,448 parameters; the 3×3 convolution behind it and itself take fewer parameters and multiply-adds than the 3×3 convolution alone; and so for every number of filters k below 9·C·F/(C + 9·F), and for none above",
			claim.Supported, judgeReduction),
		claim.ExactRule("q6a.2", "Q6 (a) 2",
			"With an activation behind it, a 1×1 convolution adds non-linearity, so that the net can learn more.",
			"without activation a stack of three equals one matrix in every value, and the best linear map of XOR of two channels is ½ everywhere; with ReLU the stack is not linear, and two layers answer XOR right in every pixel",
			claim.Supported, judgeNonLinearity),
		claim.ExactRule("q6a.3", "Q6 (a) 3",
			"With 1×1 convolutions, filters can be applied to each input channel separately.",
			"supported if there is an input channel that does not act on some output channel of a built 1×1 convolution; refuted if each acts on all, in every pixel",
			claim.Refuted, judgeSeparateChannels),
		claim.ExactRule("q6b.1", "Q6 (a), the example of 256 channels",
			"A 1×1 filter is a dot product over the channels at one pixel: each of 64 output channels combines all 256 input channels.",
			"the convolution equals a matrix product in every pixel, value by value, and all 256·64 pairs of channels act on each other in every pixel, across pixels none",
			claim.Supported, judgeDotProduct),
		claim.SampledRule("q6b.2", "Q6 (a), the example of 256 channels",
			"The important features can be kept in the reduction, since the filters learn which ones are useful.",
			"with as many filters as the data has sources, the trained reduction keeps over 0.99 of the variance; with as many filters as the label depends on sources, it reads the label at most 0.02 worse than all channels do (95 % intervals)",
			claim.Supported, judgeKept),
	}
}

func mapRules() []rule {
	return []rule{
		claim.ExactRule("q6b.3", "Q6 (b) 1–3",
			"The map behind a 1×1 convolution keeps the spatial layout, has another depth, and is non-linear.",
			"in three 1×1 layers with ReLU each output pixel depends on all channels of its own input pixel and on no other pixel; the depth is that of the filters; and the stack is not additive",
			claim.Supported, judgeLayout),
		claim.SampledRule("q6b.4", "Q6 (b)",
			"Each 1×1 filter learns to detect a kind of feature, such as edges or textures.",
			"the best trained filter on pixels for each pattern tells its pictures from others with an area under the ROC curve above 0.8, averaged over the patterns (95 % interval), and its map of a shuffled picture is not just the shuffled map",
			claim.Refuted, judgeDetectors),
		claim.ExactRule("q6c.1", "Q6 (c)",
			"The map of a 1×1 convolution differs from the image and from the maps of larger kernels: in depth, by the activation, by looking at no neighbours, and by being learned.",
			"in built nets the depth is that of the filters, not 3; the receptive fields are 1, 3 and 5 pixels; with ReLU the map is not additive; training moves the 1×1 weights by over 0.01 of their norm",
			claim.Supported, judgeDifferent),
	}
}

func useRules() []rule {
	return []rule{
		claim.ExactRule("q6d.1", "Q6 (d)",
			"GoogLeNet, ResNet and SqueezeNet use 1×1 convolutions.",
			"each published block, built, has the parameters of its paper, has 1×1 convolutions, and takes fewer parameters and multiply-adds than a 3×3 convolution between the same numbers of channels",
			claim.Supported, judgeBlocks),
		claim.ExactRule("q6d.2", "Q6 (d)",
			"SqueezeNet uses a squeeze-and-excitation block.",
			"supported if each output of SqueezeNet's module depends on all pixels, as each of a squeeze-and-excitation block does",
			claim.Refuted, judgeFire),
		claim.SampledRule("q6e.1", "Q6 (e) 1",
			"1×1 convolutions are not suited to local spatial patterns, since they look at no neighbours.",
			"with 1×1 layers and global pooling, shuffling the pixels changes no logit by more than 1e-4 and the accuracy on edges and textures is less than 0.05 above chance, while with a 3×3 layer in front it is over 0.3 higher (95 % intervals)",
			claim.Supported, judgeOrder),
		claim.SampledRule("q6e.2", "Q6 (e) 2",
			"1×1 convolutions are not suited to low-level features in early layers, where larger kernels do better.",
			"with no more parameters, a 3×3 first layer gives a test accuracy over 0.02 higher than a 1×1 first layer, with pooling behind it and without (95 % intervals)",
			claim.Supported, judgeFirst),
		claim.SampledRule("q6e.3", "Q6 (e) 3",
			"Too many 1×1 filters lead to overfitting, above all where data is limited.",
			"on little data the widest layer's test accuracy lies over 0.02 below that of the best width, which the other seeds choose (95 % interval), with right labels and with wrong ones among them",
			claim.Inconclusive, judgeTooMany),
		claim.SampledRule("q6e.4", "Q6 (e) 4",
			"Too few 1×1 filters lead to underfitting.",
			"the narrowest layer's accuracy lies over 0.1 below that of the best width, in training and in the test (95 % intervals), with right labels and with wrong ones among them",
			claim.Supported, judgeTooFew),
	}
}

func printedRules() []rule {
	return []rule{
		claim.ExactRule("q6f.1", "Q6 (f)",
			"The channels grow from 3 to 16 because the layer has 16 filters.",
			"every built 1×1 convolution has as many output channels as filters, whatever its input, and (channels + 1)·filters parameters",
			claim.Supported, judgeChannels),
		claim.ExactRule("q6f.2", "Q6 (f), the printed model",
			"The printed net has 32 + 144 + 2,097,154 = 2,097,330 parameters (8.00 MB).",
			"GoMLX creates as many, layer by layer and with the printed shapes, and the summary's last line is the same",
			claim.Supported, judgePrinted),
	}
}
