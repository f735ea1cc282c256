package textcnn

import (
	"fmt"
	"strings"

	"evident/lessons/lesson"
)

func judgeNgrams(m Measurements) lesson.Finding {
	f := m.Ngrams
	gain := lesson.EstimateDifference(f.CNN.Test, f.Bag.Test)
	bag := lesson.EstimateMean(f.Bag.Test)
	found := lesson.EstimateDifference(f.Hit, f.Chance)
	return lesson.Finding{
		Decision: lesson.All(gain.Above(neighboursMatter), bag.Below(0.5+nearChance), found.Above(filtersFind)),
		Evidence: fmt.Sprintf("On reviews with \"not\", one word of praise and one of blame, test accuracy is %s for the CNN and %s for the bag of words (½ is chance); the best windows of %.0f %% of the filters hold what decides, and %.0f %% of all windows do: %s more.",
			lesson.EstimateMean(f.CNN.Test), bag, 100*lesson.EstimateMean(f.Hit).Mean, 100*lesson.EstimateMean(f.Chance).Mean, found),
		Samples: gain.N,
	}
}

func judgeShift(m Measurements) lesson.Finding {
	f := m.Shift
	atEnds := 0.0
	if len(f.ByStart) > 0 {
		atEnds = f.ByStart[0]
	}
	holds := f.Inside > 0 && f.Largest <= rounding && f.MapLargest <= rounding && f.Set > 0
	return lesson.Finding{
		Decision: lesson.Holds(holds),
		Evidence: fmt.Sprintf("At %s places clear of the ends, the pooled features of %d phrases differ by %.1g at most, and the maps that moved along by %.1g; the phrase decides %.0f %% of the features. At the very beginning of the text they differ by up to %.2f.",
			comma(f.Inside), f.Phrases, f.Largest, f.MapLargest, 100*f.Set, atEnds),
		Samples: 1,
	}
}

func judgeMaps(m Measurements) lesson.Finding {
	f := m.Maps
	last := len(f.Counts) - 1
	gain := lesson.EstimateDifference(f.Nets[last].Test, f.Nets[0].Test)
	features := lesson.EstimateMean(f.Features[last])
	return lesson.Finding{
		Decision: lesson.All(gain.Above(mapsMatter), features.Above(severalFeatures)),
		Evidence: fmt.Sprintf("From %d to %d maps the test accuracy on %s rises by %s, to %.3f; the %d maps are worth %s uncorrelated features.",
			f.Counts[0], f.Counts[last], f.DataSet, gain, lesson.EstimateMean(f.Nets[last].Test).Mean, f.Counts[last], features),
		Samples: gain.N,
	}
}

func judgeRobust(m Measurements) lesson.Finding {
	r, s := m.Robust, m.Shift
	shrinks := len(s.Sizes) > 0 && s.OrdersLargest <= rounding && s.Orders > 0
	for _, size := range s.Sizes {
		shrinks = shrinks && size.Pooled == s.Sizes[0].Pooled && size.Pooled < size.Maps
	}
	swaps := lesson.EstimateDifference(r.Flat.Swapped, r.Pooled.Swapped)
	synonyms := lesson.EstimateDifference(r.Flat.Reworded, r.Pooled.Reworded)
	return lesson.Finding{
		Decision: lesson.All(lesson.Holds(shrinks), swaps.Above(robuster), synonyms.Above(robuster)),
		Evidence: fmt.Sprintf("Pooling leaves as many features for every length, and three phrases in any order give the same ones to within %.1g. With it, a swap of neighbours changes %.3f of the predictions and without %.3f, a difference of %s; other words for the opinions change %.3f and %.3f, a difference of %s. With word vectors that know synonyms it is %.3f, with pooling.",
			s.OrdersLargest, mean(r.Pooled.Swapped), mean(r.Flat.Swapped), swaps, mean(r.Pooled.Reworded), mean(r.Flat.Reworded), synonyms, mean(r.GivenPooled.Reworded)),
		Samples: swaps.N,
	}
}

func mean(values []float64) float64 { return lesson.EstimateMean(values).Mean }

func judgeOrder(m Measurements) lesson.Finding {
	far, gru, local := lesson.EstimateMean(m.Order.CNN.Test), lesson.EstimateMean(m.Order.GRU.Test), lesson.EstimateMean(m.Order.Local.Test)
	return lesson.Finding{
		Decision: lesson.All(far.Below(0.5+nearChance), gru.Above(solved), local.Above(solved)),
		Evidence: fmt.Sprintf("Which of two distant phrases comes first, the CNN tells with an accuracy of %s (½ is chance, 1 can be reached), the GRU of %s; side by side, within a window, the CNN reaches %s.", far, gru, local),
		Samples:  far.N,
	}
}

func judgeTabular(m Measurements) lesson.Finding {
	f := m.Tabular
	falls := lesson.EstimateDifference(f.CNN.Test, f.CNNShuffled.Test)
	below := lesson.EstimateDifference(f.DenseShuffled.Test, f.CNNShuffled.Test)
	steady := lesson.EstimateDifference(f.Dense.Test, f.DenseShuffled.Test)
	return lesson.Finding{
		Decision: lesson.All(falls.Above(columnsMatter), below.Above(columnsMatter), steady.Below(sameAccuracy), steady.Above(-sameAccuracy)),
		Evidence: fmt.Sprintf("Test accuracy of the CNN is %.3f with the columns in order and %.3f with them shuffled, %s less; the dense net's is %.3f and %.3f, %s less.",
			mean(f.CNN.Test), mean(f.CNNShuffled.Test), falls, mean(f.Dense.Test), mean(f.DenseShuffled.Test), steady),
		Samples: falls.N,
	}
}

func judgeCost(m Measurements) lesson.Finding {
	if len(m.Cost.Published) != 3 {
		return lesson.Finding{Decision: lesson.Open(), Evidence: "Nothing was counted."}
	}
	cnn, gru, bag := m.Cost.Published[0], m.Cost.Published[1], m.Cost.Published[2]
	return lesson.Finding{
		Decision: lesson.Agreed(lesson.Holds(cnn.MultiplyAdds > timesBag*bag.MultiplyAdds), lesson.Holds(cnn.MultiplyAdds > gru.MultiplyAdds)),
		Evidence: fmt.Sprintf("For a text of %d tokens, Kim's net takes %s multiply-adds, a bag of words %s additions (1/%s), and a GRU with as many features %s (%.1f times the CNN's). Each of the CNN's %s convolution weights is used at some %d places.",
			cnn.Length, millions(cnn.MultiplyAdds), comma(bag.MultiplyAdds), comma(cnn.MultiplyAdds/bag.MultiplyAdds),
			millions(gru.MultiplyAdds), float64(gru.MultiplyAdds)/float64(cnn.MultiplyAdds), comma(cnn.Parameters-cnn.Embeddings), cnn.MultiplyAdds/(cnn.Parameters-cnn.Embeddings)),
		Samples: 1,
	}
}

func millions(n int) string { return fmt.Sprintf("%.1f million", float64(n)/1e6) }

func judgeCurve(m Measurements) lesson.Finding {
	var parts []lesson.Decision
	var texts []string
	finding := lesson.Finding{}
	for _, s := range m.Curve.Sets {
		last := len(s.Sizes) - 1
		behind := lesson.EstimateMean(s.Behind())
		atMost := lesson.EstimateDifference(s.Bag[last], s.CNN[last])
		if s.Few {
			parts = append(parts, lesson.Open())
			texts = append(texts, fmt.Sprintf("on %s there are too few texts to tell: with %d and %d of them the CNN reaches %.3f and %.3f, the bag of words %.3f and %.3f",
				s.DataSet, s.Sizes[0], s.Sizes[last], mean(s.CNN[0]), mean(s.CNN[last]), mean(s.Bag[0]), mean(s.Bag[last])))
			continue
		}
		parts = append(parts, lesson.All(behind.Above(needsTexts), atMost.Below(needsTexts)))
		texts = append(texts, fmt.Sprintf("on %s the CNN lies behind the bag of words by %s with %d to %s texts, and by %s with %s (%.3f against %.3f)",
			s.DataSet, behind, s.Sizes[0], comma(s.Sizes[last-1]), atMost, comma(s.Sizes[last]), mean(s.CNN[last]), mean(s.Bag[last])))
		finding.Samples = behind.N
	}
	finding.Decision = lesson.Agreed(parts...)
	finding.Evidence = "Test accuracy: " + strings.Join(texts, "; ") + "."
	return finding
}

func judgeFaithful(m Measurements) lesson.Finding {
	f := m.Faithful
	more := lesson.EstimateDifference(f.Top, f.Random)
	return lesson.Finding{
		Decision: more.Below(faithful),
		Evidence: fmt.Sprintf("On %s, deleting the window with the largest part in the decision changes the class of %.3f of the held-out texts, deleting another of as many words %.3f: %s more.",
			f.DataSet, mean(f.Top), mean(f.Random), more),
		Samples: more.N,
	}
}
