package pointwise

import (
	"fmt"
	"strings"

	"evident/kit/claim"
)

func judgeBlocks(m Measurements) claim.Finding {
	holds := len(m.Blocks.Blocks) > 0
	var texts []string
	for _, b := range m.Blocks.Blocks {
		cheaper := b.Summary.Total() < b.Plain.Total() && b.Summary.FLOPs() < b.Plain.FLOPs()
		holds = holds && b.Matches() && b.Pointwise > 0 && cheaper
		texts = append(texts, fmt.Sprintf("%s's %s has %s parameters, %.0f %% of them in %d 1×1 convolutions, and takes 1/%.1f of the multiply-adds of a 3×3 convolution",
			b.Net, b.Model.Name, comma(b.Summary.Total()), 100*float64(b.Parameters1x1)/float64(b.Summary.Total()), b.Pointwise, float64(b.Plain.FLOPs())/float64(b.Summary.FLOPs())))
	}
	return exact(holds, "%s.", strings.Join(texts, "; "))
}

func judgeFire(m Measurements) claim.Finding {
	b := m.Blocks
	fire, all := b.FireSupport.Across()
	gate, _ := b.GateSupport.Across()
	finding := exact(fire == all,
		"SqueezeNet's module is the Fire module: an output depends on %d×%d pixels, and fire2 has the 11,920 parameters of the paper. Squeeze-and-excitation is SENet's (Hu et al. 2018): an output depends on all %d×%d pixels of the picture; on 256 channels it has 2·256²/16 = %s parameters, and adds %.2f million to ResNet-50.",
		b.FireSupport.Field(), b.FireSupport.Field(), b.GateSupport.Field(), b.GateSupport.Field(), comma(b.Gate.Summary.Total()), float64(b.AddedToResNet50)/1e6)
	if gate != all { // then the block is not what the claim is about
		finding.Decision = claim.Open()
	}
	return finding
}

func judgeDetectors(m Measurements) claim.Finding {
	pixels, behind := claim.EstimateMean(m.Order.Pixels.Detects), claim.EstimateMean(m.Order.Behind.Detects)
	moves := m.Order.Pixels.MapDifference > rounding
	return claim.Finding{
		Decision: claim.All(claim.Holds(moves), pixels.Above(detects)),
		Evidence: fmt.Sprintf("On pixels, the best 1×1 filter for a pattern tells it from others with an area under the ROC curve of %s (½ is chance), and the map of a shuffled picture is the shuffled map to within %.1g. Behind a trained 3×3 layer the best 1×1 filters reach %s: they pick from what that layer found.",
			pixels, m.Order.Pixels.MapDifference, behind),
		Samples: pixels.N,
	}
}

// rounding is the difference of two logits or maps of order 1 that adding up in
// another order can make in float32.
const rounding = 1e-4

func judgeOrder(m Measurements) claim.Finding {
	f := m.Order
	pixels := claim.EstimateMean(f.Pixels.Test)
	better := claim.EstimateDifference(f.Behind.Test, f.Pixels.Test)
	same := f.Pixels.LargestDifference <= rounding
	return claim.Finding{
		Decision: claim.All(claim.Holds(same), pixels.Below(f.Chance+nearChance), better.Above(readsBetter)),
		Evidence: fmt.Sprintf("Shuffling the pixels of %d pictures changes no logit of the 1×1 net by more than %.1g; it reads edges and textures at %s (chance %.3f). With a 3×3 layer in front the accuracy is %s higher, and back at %.2f on shuffled pictures.",
			f.Pictures.Len(), f.Pixels.LargestDifference, pixels, f.Chance, better, claim.EstimateMean(f.Behind.OnShuffled).Mean),
		Samples: pixels.N,
	}
}

func judgeFirst(m Measurements) claim.Finding {
	pooled, whole := m.First.Pooled.Gain(), m.First.Whole.Gain()
	return claim.Finding{
		Decision: claim.Agreed(pooled.Above(firstMatters), whole.Above(firstMatters)),
		Evidence: fmt.Sprintf("3×3 first (%s parameters) minus 1×1 first (%s), test accuracy: %s with 2×2 pooling behind the first layer, %s without.",
			comma(m.First.Pooled.Windowed.Parameters), comma(m.First.Pooled.Pointwise.Parameters), pooled, whole),
		Samples: pooled.N,
	}
}

// Gain is what the test accuracy with a 3×3 first layer lies above that with a
// 1×1 first layer.
func (p FirstPair) Gain() claim.Estimate {
	return claim.EstimateDifference(p.Windowed.Test, p.Pointwise.Test)
}

func judgeTooMany(m Measurements) claim.Finding {
	widest := len(m.Width.Filters) - 1
	finding := claim.Finding{}
	var parts []claim.Decision
	var texts []string
	for _, s := range m.Width.Sets {
		drop := claim.EstimateMean(s.Drop(s.Test, widest))
		parts = append(parts, drop.Above(overfits))
		texts = append(texts, fmt.Sprintf("with %.0f %% wrong labels by %s (%.2f against %.2f in training)",
			100*s.Flipped, drop, claim.EstimateMean(s.Test[widest]).Mean, claim.EstimateMean(s.Train[widest]).Mean))
		finding.Samples = drop.N
	}
	finding.Decision = claim.Agreed(parts...)
	finding.Evidence = fmt.Sprintf("%d examples: the test accuracy of %s filters lies below that of the best width %s.",
		m.Width.Examples, comma(m.Width.Filters[widest]), strings.Join(texts, ", "))
	return finding
}

func judgeTooFew(m Measurements) claim.Finding {
	finding := claim.Finding{}
	var parts []claim.Decision
	var texts []string
	for _, s := range m.Width.Sets {
		train, test := claim.EstimateMean(s.Drop(s.Train, 0)), claim.EstimateMean(s.Drop(s.Test, 0))
		parts = append(parts, claim.All(train.Above(underfits), test.Above(underfits)))
		texts = append(texts, fmt.Sprintf("with %.0f %% wrong labels by %s in training and %s in the test", 100*s.Flipped, train, test))
		finding.Samples = train.N
	}
	finding.Decision = claim.Agreed(parts...)
	finding.Evidence = fmt.Sprintf("The accuracy with %d filter lies below that of the best width %s.", m.Width.Filters[0], strings.Join(texts, ", "))
	return finding
}
