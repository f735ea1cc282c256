package imageclass

import (
	"cmp"
	"math"
	"slices"

	"evident/datasets/phantom"
)

// Outcome is what a trained net makes of the validation pictures.
type Outcome struct {
	// Scores are the logit of the second class minus that of the first: above 0
	// the net takes a picture for one of the second, the positives.
	Scores   []float64
	Positive []bool
	// Strength says how well each lesion can be seen: its contrast times its area
	// in pixels; 0 without a lesion. Nil for own pictures.
	Strength []float64
}

func newOutcome(logits [][]float32, p Pictures) Outcome {
	o := Outcome{Positive: positives(p.Validation)}
	for _, l := range logits {
		o.Scores = append(o.Scores, float64(l[1])-float64(l[0]))
	}
	for _, l := range p.Lesions {
		o.Strength = append(o.Strength, strength(l))
	}
	return o
}

func strength(l phantom.Lesion) float64 { return l.Contrast * float64(l.Area()) }

// Probability is how likely the net holds it that a picture is a positive, 0–1:
// the softmax of two logits is the logistic function of their difference.
func (o Outcome) Probability(i int) float64 { return 1 / (1 + math.Exp(-o.Scores[i])) }

// right reports whether the net is right about a picture.
func (o Outcome) right(i int) bool { return (o.Scores[i] > 0) == o.Positive[i] }

// Confusion counts the four kinds of answers.
type Confusion struct{ TruePositive, FalseNegative, FalsePositive, TrueNegative int }

// Confusion counts the answers at the threshold of even odds.
func (o Outcome) Confusion() Confusion {
	var c Confusion
	for i, score := range o.Scores {
		switch {
		case o.Positive[i] && score > 0:
			c.TruePositive++
		case o.Positive[i]:
			c.FalseNegative++
		case score > 0:
			c.FalsePositive++
		default:
			c.TrueNegative++
		}
	}
	return c
}

// plus adds up two counts.
func (c Confusion) plus(d Confusion) Confusion {
	return Confusion{c.TruePositive + d.TruePositive, c.FalseNegative + d.FalseNegative, c.FalsePositive + d.FalsePositive, c.TrueNegative + d.TrueNegative}
}

// Accuracy is the fraction of right answers.
func (c Confusion) Accuracy() Interval {
	right := c.TruePositive + c.TrueNegative
	return Fraction(right, right+c.FalseNegative+c.FalsePositive)
}

// Sensitivity is the fraction of positives that are found.
func (c Confusion) Sensitivity() Interval {
	return Fraction(c.TruePositive, c.TruePositive+c.FalseNegative)
}

// Specificity is the fraction of negatives that are left alone.
func (c Confusion) Specificity() Interval {
	return Fraction(c.TrueNegative, c.TrueNegative+c.FalsePositive)
}

// Precision is the fraction of alarms that are right.
func (c Confusion) Precision() Interval {
	return Fraction(c.TruePositive, c.TruePositive+c.FalsePositive)
}

// thirds is how many groups the lesions are put into, from those that are
// hardest to see to the easiest.
const thirds = 3

// Group is some lesions.
type Group struct{ Missed, Lesions int }

// ByStrength puts the lesions into thirds, from the weakest to the strongest; nil
// where nobody knows their strength.
func (o Outcome) ByStrength() []Group {
	var lesions []int
	for i := range o.Strength {
		if o.Positive[i] {
			lesions = append(lesions, i)
		}
	}
	if len(lesions) < thirds {
		return nil
	}
	slices.SortFunc(lesions, func(a, b int) int { return cmp.Compare(o.Strength[a], o.Strength[b]) })
	groups := make([]Group, thirds)
	for third := range groups {
		for _, i := range lesions[third*len(lesions)/thirds : (third+1)*len(lesions)/thirds] {
			groups[third].Lesions++
			if !o.right(i) {
				groups[third].Missed++
			}
		}
	}
	return groups
}

// fraction of the lesions that is missed.
func (g Group) fraction() float64 { return float64(g.Missed) / float64(max(g.Lesions, 1)) }

// logOdds is the logarithm to base 10 of the odds of being missed. One half is
// added to either count, so that it is finite where none is missed (Haldane 1956).
func (g Group) logOdds() float64 {
	return math.Log10((float64(g.Missed) + 0.5) / (float64(g.Lesions-g.Missed) + 0.5))
}

// Bin is the pictures whose probability lies in one range.
type Bin struct {
	Count    int
	Held     float64 // mean probability
	Observed float64 // fraction of positives
}

// bins is the number of ranges, of equal width.
const bins = 10

// Reliability sorts the pictures into bins by their probability.
func (o Outcome) Reliability() [bins]Bin {
	var all [bins]Bin
	for i := range o.Scores {
		p := o.Probability(i)
		bin := &all[min(int(p*bins), bins-1)]
		bin.Count++
		bin.Held += p
		if o.Positive[i] {
			bin.Observed++
		}
	}
	for i := range all {
		all[i].Held /= float64(max(all[i].Count, 1))
		all[i].Observed /= float64(max(all[i].Count, 1))
	}
	return all
}

// CalibrationError is how far probability and fraction of positives lie apart in
// the bins, as a mean over the pictures (Guo et al. 2017, section 2).
func (o Outcome) CalibrationError() float64 {
	total := 0.0
	for _, bin := range o.Reliability() {
		total += float64(bin.Count) * math.Abs(bin.Held-bin.Observed)
	}
	return total / float64(max(len(o.Scores), 1))
}

// Worst are the pictures that the net is wrong about, the surest first, n at
// most.
func (o Outcome) Worst(n int) []int {
	var wrong []int
	for i := range o.Scores {
		if !o.right(i) {
			wrong = append(wrong, i)
		}
	}
	slices.SortFunc(wrong, func(a, b int) int { return cmp.Compare(math.Abs(o.Scores[b]), math.Abs(o.Scores[a])) })
	return wrong[:min(n, len(wrong))]
}
