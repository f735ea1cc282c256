package fit

import "math"

// Score is how well a model does on a set of examples.
type Score struct {
	Loss     float64 `json:"loss"`             // mean over the examples; a classifier's is the cross-entropy, in nats
	Accuracy float64 `json:"accuracy"`         // of a classifier: share of right answers, 0–1
	Metric   float64 `json:"metric,omitempty"` // see [Model]; 0 without one, and over the steps of an epoch
}

// ScoreLogits scores logits [n][classes] against n labels. It panics when
// there are fewer logits than labels.
func ScoreLogits(logits [][]float32, labels []int32) Score {
	var total Score
	for i, label := range labels {
		total.Loss -= logSoftmax(logits[i], int(label))
		if Argmax(logits[i]) == int(label) {
			total.Accuracy++
		}
	}
	n := float64(len(labels))
	return Score{Loss: total.Loss / n, Accuracy: total.Accuracy / n}
}

// Argmax is the index of the largest value, the first of equals.
func Argmax(values []float32) int {
	best := 0
	for i, v := range values {
		if v > values[best] {
			best = i
		}
	}
	return best
}

// logSoftmax is log(exp(values[i]) / Σ exp(values)), with the largest value
// taken out so that nothing overflows.
func logSoftmax(values []float32, i int) float64 {
	largest := float64(values[Argmax(values)])
	sum := 0.0
	for _, v := range values {
		sum += math.Exp(float64(v) - largest)
	}
	return float64(values[i]) - largest - math.Log(sum)
}

// Probabilities are the softmax of logits: they add up to 1.
func Probabilities(logits []float32) []float64 {
	shares := make([]float64, len(logits))
	for i := range logits {
		shares[i] = math.Exp(logSoftmax(logits, i))
	}
	return shares
}
