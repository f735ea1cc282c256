package solution

// AUC returns the area under the ROC curve: the fraction of pairs of a positive
// and a negative picture in which the positive one has the higher score. A tie
// counts as half a pair.
func AUC(scores []float64, positive []bool) float64 {
	pairs, won := 0.0, 0.0
	for i, above := range scores {
		for j, below := range scores {
			if !positive[i] || positive[j] {
				continue
			}
			pairs++
			if above > below {
				won++
			} else if above == below {
				won += 0.5
			}
		}
	}
	return won / pairs
}
