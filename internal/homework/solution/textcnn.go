package solution

// MaxOverTime returns the features that filters find in a text: for each filter
// the largest value of ReLU(bias + the sum of the products of filter and window),
// over all windows in the text. The text is [word][value], and a filter is [word
// of the window][value].
func MaxOverTime(text [][]float64, filters [][][]float64, biases []float64) []float64 {
	features := make([]float64, len(filters)) // ReLU gives no values below 0
	for f, filter := range filters {
		for t := 0; t+len(filter) <= len(text); t++ {
			sum := biases[f]
			for place, weights := range filter {
				for i, weight := range weights {
					sum += weight * text[t+place][i]
				}
			}
			features[f] = max(features[f], sum)
		}
	}
	return features
}
