package saddle

import (
	"evident/kit/nn"
	"evident/kit/sweep"
)

// The seeds of the generated data. All seeds of a comparison see the same
// examples: a caveat of its verdict.
const (
	trainingDraw = 1
	testDraw     = 2
	noiseDraw    = 3
	teacherDraw  = 4
)

// forNoise and forShakes keep these draws apart from others of the same seed.
const (
	forNoise  = 31
	forShakes = 32
)

// names are those of the optimizers, in order.
func names(optimizers []nn.Optimizer) []string {
	all := make([]string, len(optimizers))
	for i, o := range optimizers {
		all[i] = o.Name
	}
	return all
}

// repeated is the rate once for each of n replicas.
func repeated(rate float64, n int) []float64 {
	all := make([]float64, n)
	for i := range all {
		all[i] = rate
	}
	return all
}

// forEach repeats the replicas once for each of n optimizers, as
// [sweep.Together] shares them.
func forEach(n int, replicas []sweep.Replica) []sweep.Replica {
	var all []sweep.Replica
	for range n {
		all = append(all, replicas...)
	}
	return all
}
