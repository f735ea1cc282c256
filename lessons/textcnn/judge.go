package textcnn

import (
	"fmt"
	"strings"

	"evident/kit/claim"
)

func judgeNgrams(m Measurements) claim.Finding {
	f := m.Ngrams
	gain := claim.EstimateDifference(f.CNN.Test, f.Bag.Test)
	bag := claim.EstimateMean(f.Bag.Test)
	found := claim.EstimateDifference(f.Hit, f.Chance)
	return claim.Finding{
		Decision: claim.All(gain.Above(neighboursMatter), bag.Below(0.5+nearChance), found.Above(filtersFind)),
		Evidence: fmt.Sprintf("On reviews with \"not\", one word of praise and one of blame, test accuracy is %s for the CNN and %s for the bag of words (½ is chance); the best windows of %.0f %% of the filters hold what decides, and %.0f %% of all windows do: %s more.",
			claim.EstimateMean(f.CNN.Test), bag, 100*claim.EstimateMean(f.Hit).Mean, 100*claim.EstimateMean(f.Chance).Mean, found),
		Samples: gain.N,
	}
}

func judgeShift(m Measurements) claim.Finding {
	f := m.Shift
	atEnds := 0.0
	if len(f.ByStart) > 0 {
		atEnds = f.ByStart[0]
	}
	holds := f.Inside > 0 && f.Largest <= rounding && f.MapLargest <= rounding && f.Set > 0
	return claim.Finding{
		Decision: claim.Holds(holds),
		Evidence: fmt.Sprintf("At %s places clear of the ends, the pooled features of %d phrases differ by %.1g at most, and the maps that moved along by %.1g; the phrase decides %.0f %% of the features. At the very beginning of the text they differ by up to %.2f.",
			comma(f.Inside), f.Phrases, f.Largest, f.MapLargest, 100*f.Set, atEnds),
		Samples: 1,
	}
}

func judgeMaps(m Measurements) claim.Finding {
	f := m.Maps
	last := len(f.Counts) - 1
	gain := claim.EstimateDifference(f.Nets[last].Test, f.Nets[0].Test)
	features := claim.EstimateMean(f.Features[last])
	return claim.Finding{
		Decision: claim.All(gain.Above(mapsMatter), features.Above(severalFeatures)),
		Evidence: fmt.Sprintf("From %d to %d maps the test accuracy on %s rises by %s, to %.3f; the %d maps are worth %s uncorrelated features.",
			f.Counts[0], f.Counts[last], f.DataSet, gain, claim.EstimateMean(f.Nets[last].Test).Mean, f.Counts[last], features),
		Samples: gain.N,
	}
}

func judgeRobust(m Measurements) claim.Finding {
	r, s := m.Robust, m.Shift
	shrinks := len(s.Sizes) > 0 && s.OrdersLargest <= rounding && s.Orders > 0
	for _, size := range s.Sizes {
		shrinks = shrinks && size.Pooled == s.Sizes[0].Pooled && size.Pooled < size.Maps
	}
	swaps := claim.EstimateDifference(r.Flat.Swapped, r.Pooled.Swapped)
	synonyms := claim.EstimateDifference(r.Flat.Reworded, r.Pooled.Reworded)
	return claim.Finding{
		Decision: claim.All(claim.Holds(shrinks), swaps.Above(robuster), synonyms.Above(robuster)),
		Evidence: fmt.Sprintf("Pooling leaves as many features for every length, and three phrases in any order give the same ones to within %.1g. With it, a swap of neighbours changes %.3f of the predictions and without %.3f, a difference of %s; other words for the opinions change %.3f and %.3f, a difference of %s. With word vectors that know synonyms it is %.3f, with pooling.",
			s.OrdersLargest, mean(r.Pooled.Swapped), mean(r.Flat.Swapped), swaps, mean(r.Pooled.Reworded), mean(r.Flat.Reworded), synonyms, mean(r.GivenPooled.Reworded)),
		Samples: swaps.N,
	}
}

func mean(values []float64) float64 { return claim.EstimateMean(values).Mean }

func judgeOrder(m Measurements) claim.Finding {
	far, gru, local := claim.EstimateMean(m.Order.CNN.Test), claim.EstimateMean(m.Order.GRU.Test), claim.EstimateMean(m.Order.Local.Test)
	return claim.Finding{
		Decision: claim.All(far.Below(0.5+nearChance), gru.Above(solved), local.Above(solved)),
		Evidence: fmt.Sprintf("Which of two distant phrases comes first, the CNN tells with an accuracy of %s (½ is chance, 1 can be reached), the GRU of %s; side by side, within a window, the CNN reaches %s.", far, gru, local),
		Samples:  far.N,
	}
}

func judgeTabular(m Measurements) claim.Finding {
	f := m.Tabular
	falls := claim.EstimateDifference(f.CNN.Test, f.CNNShuffled.Test)
	below := claim.EstimateDifference(f.DenseShuffled.Test, f.CNNShuffled.Test)
	steady := claim.EstimateDifference(f.Dense.Test, f.DenseShuffled.Test)
	return claim.Finding{
		Decision: claim.All(falls.Above(columnsMatter), below.Above(columnsMatter), steady.Below(sameAccuracy), steady.Above(-sameAccuracy)),
		Evidence: fmt.Sprintf("Test accuracy of the CNN is %.3f with the columns in order and %.3f with them shuffled, %s less; the dense net's is %.3f and %.3f, %s less.",
			mean(f.CNN.Test), mean(f.CNNShuffled.Test), falls, mean(f.Dense.Test), mean(f.DenseShuffled.Test), steady),
		Samples: falls.N,
	}
}

func judgeCost(m Measurements) claim.Finding {
	if len(m.Cost.Published) != 3 {
		return claim.Finding{Decision: claim.Open(), Evidence: "Nothing was counted."}
	}
	cnn, gru, bag := m.Cost.Published[0], m.Cost.Published[1], m.Cost.Published[2]
	return claim.Finding{
		Decision: claim.Agreed(claim.Holds(cnn.MultiplyAdds > timesBag*bag.MultiplyAdds), claim.Holds(cnn.MultiplyAdds > gru.MultiplyAdds)),
		Evidence: fmt.Sprintf("For a text of %d tokens, Kim's net takes %s multiply-adds, a bag of words %s additions (1/%s), and a GRU with as many features %s (%.1f times the CNN's). Each of the CNN's %s convolution weights is used at some %d places.",
			cnn.Length, millions(cnn.MultiplyAdds), comma(bag.MultiplyAdds), comma(cnn.MultiplyAdds/bag.MultiplyAdds),
			millions(gru.MultiplyAdds), float64(gru.MultiplyAdds)/float64(cnn.MultiplyAdds), comma(cnn.Parameters-cnn.Embeddings), cnn.MultiplyAdds/(cnn.Parameters-cnn.Embeddings)),
		Samples: 1,
	}
}

func millions(n int) string { return fmt.Sprintf("%.1f million", float64(n)/1e6) }

func judgeCurve(m Measurements) claim.Finding {
	var parts []claim.Decision
	var texts []string
	finding := claim.Finding{}
	for _, s := range m.Curve.Sets {
		last := len(s.Sizes) - 1
		behind := claim.EstimateMean(s.Behind())
		atMost := claim.EstimateDifference(s.Bag[last], s.CNN[last])
		if s.Few {
			parts = append(parts, claim.Open())
			texts = append(texts, fmt.Sprintf("on %s there are too few texts to tell: with %d and %d of them the CNN reaches %.3f and %.3f, the bag of words %.3f and %.3f",
				s.DataSet, s.Sizes[0], s.Sizes[last], mean(s.CNN[0]), mean(s.CNN[last]), mean(s.Bag[0]), mean(s.Bag[last])))
			continue
		}
		parts = append(parts, claim.All(behind.Above(needsTexts), atMost.Below(needsTexts)))
		texts = append(texts, fmt.Sprintf("on %s the CNN lies behind the bag of words by %s with %d to %s texts, and by %s with %s (%.3f against %.3f)",
			s.DataSet, behind, s.Sizes[0], comma(s.Sizes[last-1]), atMost, comma(s.Sizes[last]), mean(s.CNN[last]), mean(s.Bag[last])))
		finding.Samples = behind.N
	}
	finding.Decision = claim.Agreed(parts...)
	finding.Evidence = "Test accuracy: " + strings.Join(texts, "; ") + "."
	return finding
}

func judgeFaithful(m Measurements) claim.Finding {
	f := m.Faithful
	more := claim.EstimateDifference(f.Top, f.Random)
	return claim.Finding{
		Decision: more.Below(faithful),
		Evidence: fmt.Sprintf("On %s, deleting the window with the largest part in the decision changes the class of %.3f of the held-out texts, deleting another of as many words %.3f: %s more.",
			f.DataSet, mean(f.Top), mean(f.Random), more),
		Samples: more.N,
	}
}
