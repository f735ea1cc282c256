package solution

// Epoch returns the weight after one epoch of mini-batch descent.
func Epoch(weight, rate float64, inputs, targets []float64, order []int, size int) float64 {
	for start := 0; start < len(order); start += size {
		batch := order[start:min(start+size, len(order))]
		gradient := 0.0
		for _, i := range batch {
			gradient += (weight*inputs[i] - targets[i]) * inputs[i]
		}
		weight -= rate * gradient / float64(len(batch))
	}
	return weight
}
