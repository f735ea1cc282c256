package solution

// Descend runs gradient descent on ½ Σ λᵢθᵢ², and returns the losses before the
// first step and after each.
func Descend(curvatures, start []float64, rate float64, steps int) []float64 {
	theta := make([]float64, len(start))
	copy(theta, start)
	losses := make([]float64, steps+1)
	for step := range losses {
		for i, curvature := range curvatures {
			losses[step] += curvature * theta[i] * theta[i] / 2
			theta[i] -= rate * curvature * theta[i]
		}
	}
	return losses
}
