package homework

import (
	"math"
	"math/rand/v2"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"

	"evident/lessons/imageclass"

	"evident/internal/homework/solution"
)

// measure is one of the lesson's scores, each a fraction.
type measure struct {
	name  string
	value float64
}

func measures(c imageclass.Confusion) []measure {
	return []measure{
		{"sensitivity", c.Sensitivity().Value}, {"specificity", c.Specificity().Value},
		{"precision", c.Precision().Value}, {"accuracy", c.Accuracy().Value},
	}
}

func imageclassMeasure(d draw) question {
	lesions, missed, alarms := 10*d.between(12, 6, 18), d.between(12, 8, 40), d.between(4, 10, 60)
	n := struct {
		imageclass.Confusion
		Asked string
	}{Confusion: imageclass.Confusion{
		TruePositive: lesions - missed, FalseNegative: missed, FalsePositive: alarms, TrueNegative: 600 - lesions - alarms,
	}}
	all := measures(n.Confusion)
	chosen := d.between(0, 0, 2) // not the accuracy
	asked := all[chosen]
	n.Asked = asked.name
	q := question{
		form: number(0.0005), points: 1, numbers: n,
		right:    asked.value,
		mistakes: []mistake{{"per cent", 100 * asked.value}},
	}
	for _, other := range slices.Delete(all, chosen, chosen+1) {
		q.mistakes = append(q.mistakes, mistake{other.name, other.value})
	}
	return q
}

// ranked draws scores of pictures, the lesions first. All scores differ, except
// that the last head has the score of the first lesion.
func ranked(random *rand.Rand, lesions, healthy int) (scores []float64, positive []bool) {
	var taken []float64
	draw := func(low, high int) float64 {
		for {
			if score := float64(low+random.IntN(high-low+1)) / 100; !slices.Contains(taken, score) {
				taken = append(taken, score)
				return score
			}
		}
	}
	for range lesions {
		scores, positive = append(scores, draw(25, 95)), append(positive, true)
	}
	for range healthy - 1 {
		scores, positive = append(scores, draw(5, 75)), append(positive, false)
	}
	return append(scores, scores[0]), append(positive, false)
}

// aboveHalf returns the fraction of right answers at a threshold of one half.
func aboveHalf(scores []float64, positive []bool) float64 {
	right := 0
	for i, score := range scores {
		if (score > 0.5) == positive[i] {
			right++
		}
	}
	return float64(right) / float64(len(scores))
}

func imageclassArea(d draw) question {
	const lesions, healthy = 4, 6
	random := rand.New(rand.NewPCG(uint64(d.seed(4)), 0))
	scores, positive := ranked(random, lesions, healthy)
	right := imageclass.AUC(scores, positive).Value
	tie := 0.5 / (lesions * healthy)
	return question{
		form: number(0.0005), points: 2, numbers: struct{ Lesions, Healthy []float64 }{scores[:lesions], scores[lesions:]},
		right: right,
		mistakes: []mistake{
			{"tie as a whole", right + tie},
			{"tie as nothing", right - tie},
			{"swapped", 1 - right},
			{"accuracy", aboveHalf(scores, positive)},
		},
	}
}

func imageclassParams(d draw) question {
	n := struct {
		imageclass.Net
		Side, Small int
		Layers      []int // parameters of the layers that have some
	}{
		Net:  imageclass.Net{Filters: []int{d.int(8, 6, 8, 10), d.int(16, 12, 16, 20), d.int(32, 24, 28, 32), d.int(32, 32, 36, 40)}},
		Side: d.between(48, 34, 79),
	}
	n.Small = n.Side / 16 // after four poolings
	s := counted(n.Model(n.Side, n.Side, 1))
	for _, name := range []string{"conv2d", "conv2d_1", "conv2d_2", "conv2d_3", "dense"} {
		n.Layers = append(n.Layers, s.Find(name).Parameters)
	}
	biases := 2
	for _, filters := range n.Filters {
		biases += filters
	}
	dense, unpooled := n.Layers[4], n.Side*n.Side*n.Filters[3]*2+2
	return question{
		form: count("parameters"), points: 2, numbers: n,
		right: s.Total(),
		mistakes: []mistake{
			{"no biases", s.Total() - biases},
			{"no pooling", s.Total() - dense + unpooled},
			{"no dense layer", s.Total() - dense},
			{"one logit", s.Total() - dense/2},
		},
	}
}

func imageclassSteps(d draw) question {
	// The sheet's batches of 32 leave no remainder.
	n := struct{ Pictures, Share, Batch, Epochs, Train, Steps int }{
		Pictures: 100 * d.between(30, 15, 40), Share: d.int(20, 10, 20, 25),
		Batch: d.int(64, 24, 32, 48, 64), Epochs: d.between(10, 8, 20),
	}
	up := func(pictures int) int { return (pictures + n.Batch - 1) / n.Batch }
	n.Train = n.Pictures - n.Pictures*n.Share/100
	n.Steps = up(n.Train)
	return question{
		form: count("steps"), points: 1, numbers: n,
		right: n.Steps * n.Epochs,
		mistakes: []mistake{
			{"last batch", n.Train / n.Batch * n.Epochs},
			{"all pictures", up(n.Pictures) * n.Epochs},
			{"across epochs", up(n.Train * n.Epochs)},
			{"one epoch", n.Steps},
		},
	}
}

// moved returns the lesson's measures of eight pictures after raising all scores
// by an amount, which is the same as lowering the threshold. Raising or lowering
// moves pictures of each class across the threshold.
func moved(by float64) map[string]float64 {
	o := imageclass.Outcome{
		Scores:   []float64{-3, -1, 1, 3, -3.5, -1.5, 0.5, 2.5},
		Positive: []bool{true, true, true, true, false, false, false, false},
	}
	for i := range o.Scores {
		o.Scores[i] += by
	}
	c := o.Confusion()
	return map[string]float64{
		"sensitivity": c.Sensitivity().Value, "specificity": c.Specificity().Value,
		"missed": float64(c.FalseNegative), "alarms": float64(c.FalsePositive),
		"AUC": imageclass.AUC(o.Scores, o.Positive).Value,
	}
}

func imageclassThreshold(d draw) question {
	const lowered, raised = "lowered", "raised"
	n := struct {
		Way       string
		Threshold int // in hundredths
		Asked     string
	}{d.word(lowered, lowered, raised), d.int(30, 10, 20, 30, 40), d.word("AUC", "AUC", "sensitivity", "specificity", "missed", "alarms")}
	by := 2.0
	if n.Way == raised {
		n.Threshold, by = 100-n.Threshold, -by
	}
	form, right := tendency(moved(by)[n.Asked] - moved(0)[n.Asked])
	return question{form: form, points: 1, numbers: n, right: right}
}

// retied returns the AUC after changing the scores of the lesions by less than any
// two scores differ, which only resolves the ties.
func retied(scores []float64, positive []bool, by float64) float64 {
	for i := range scores {
		if positive[i] {
			scores[i] += by
		}
	}
	return solution.AUC(scores, positive)
}

func imageclassFunction(draw) question {
	const little = 1e-3
	return question{
		form: coding, points: 3, right: solution.AUC,
		mistakes: []mistake{
			{"tie as a whole", func(scores []float64, positive []bool) float64 { return retied(scores, positive, little) }},
			{"tie as nothing", func(scores []float64, positive []bool) float64 { return retied(scores, positive, -little) }},
			{"swapped", func(scores []float64, positive []bool) float64 { return 1 - solution.AUC(scores, positive) }},
		},
		code: code{"auc", imageclassInputs},
	}
}

// imageclassInputs draws scores with one tie and an even number of pairs, so that
// the AUC is never one half, which would hide swapped classes.
func imageclassInputs(random *rand.Rand) []any {
	scores, positive := ranked(random, 3+random.IntN(3), 2*(2+random.IntN(2)))
	random.Shuffle(len(scores), func(i, j int) {
		scores[i], scores[j] = scores[j], scores[i]
		positive[i], positive[j] = positive[j], positive[i]
	})
	return []any{scores, positive}
}

func imageclassLoss(draw) question {
	loss := solution.CrossEntropy
	return question{
		form: coding, points: 3, right: loss,
		mistakes: []mistake{
			{"sign", func(logits, labels *Node) *Node { return Neg(loss(logits, labels)) }},
			{"mean", func(logits, labels *Node) *Node { return ReduceAllMean(loss(logits, labels)) }},
			{"other class", func(logits, labels *Node) *Node { return loss(logits, OneMinus(labels)) }},
			{"bits", func(logits, labels *Node) *Node { return DivScalar(loss(logits, labels), math.Ln2) }},
			{"shifted once", func(logits, labels *Node) *Node {
				return Sub(loss(logits, labels), ReduceMax(logits, -1))
			}},
			{"stopped", func(logits, labels *Node) *Node { return StopGradient(loss(logits, labels)) }},
		},
		code: code{"crossEntropy", imageclassLogits},
	}
}

// imageclassLogits draws logits of both sizes: some that any formula can take, and some
// whose exponential is infinite in float32.
func imageclassLogits(random *rand.Rand) []any {
	logits, labels := [][]float32{}, [][]int32{}
	for i := range 4 {
		size := []float32{1, 100}[i%2]
		row := func() float32 { return size * float32(100+random.IntN(201)) / 100 } // size to 3·size
		logits = append(logits, []float32{row(), -row()})
		if i < 2 {
			slices.Reverse(logits[i])
		}
		labels = append(labels, []int32{int32(random.IntN(2))})
	}
	return []any{logits, labels}
}
