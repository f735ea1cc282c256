package solution

import . "github.com/gomlx/gomlx/core/graph"

// Nesterov makes one step with Nesterov's momentum, and returns the new weights and
// the new velocity.
func Nesterov(weights, velocity, gradient, rate, momentum *Node) (newWeights, newVelocity *Node) {
	newVelocity = Add(Mul(momentum, velocity), gradient)
	ahead := Add(Mul(momentum, newVelocity), gradient)
	return Sub(weights, Mul(rate, ahead)), newVelocity
}
