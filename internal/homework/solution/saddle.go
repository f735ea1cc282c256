package solution

// MomentumStep makes one step with momentum, and returns the new weights and the
// new velocity.
func MomentumStep(weights, velocity, gradient []float64, rate, momentum float64) (newWeights, newVelocity []float64) {
	newWeights, newVelocity = make([]float64, len(weights)), make([]float64, len(weights))
	for i := range weights {
		newVelocity[i] = momentum*velocity[i] + gradient[i]
		newWeights[i] = weights[i] - rate*newVelocity[i]
	}
	return newWeights, newVelocity
}
