package saddle

import (
	"slices"

	"evident/internal/badinput"
	"evident/kit/nn"
)

// The optimizers that the claims speak of.
const (
	sgd      = "SGD"
	momentum = "momentum"
	rmsprop  = "RMSProp"
	adam     = "Adam"
)

// The decays are those of the papers and libraries; RMSProp's mean is the shorter
// of the usual ones.
const (
	momentumBeta = 0.9
	rmspropBeta  = 0.99
	adamBeta1    = 0.9
	adamBeta2    = 0.999
	tiny         = 1e-8 // ε of RMSProp and Adam
)

// Optimizers are those that the lesson knows.
func Optimizers() []nn.Optimizer {
	return []nn.Optimizer{
		nn.SGD(), nn.Momentum(momentumBeta), nn.RMSProp(rmspropBeta, tiny), nn.Adam(adamBeta1, adamBeta2, tiny),
	}
}

// compared are those whose trainings are compared. RMSProp may join them, as any
// other: no claim is about its trainings.
func compared() []nn.Optimizer {
	return []nn.Optimizer{nn.SGD(), nn.Momentum(momentumBeta), nn.Adam(adamBeta1, adamBeta2, tiny)}
}

// checkOptimizers wants each of the claims' optimizers once, and no name twice.
func checkOptimizers(optimizers []nn.Optimizer) error {
	return checkNames(optimizers, sgd, momentum, rmsprop, adam)
}

func checkNames(optimizers []nn.Optimizer, needed ...string) error {
	own := names(optimizers)
	for i, o := range optimizers {
		switch {
		case o.Name == "" || o.Direction == nil || o.Slots < 0:
			return badinput.Errorf("Optimizers has %q at place %d with no name, no direction or slots below 0: set Name, Direction and Slots", o.Name, i+1)
		case slices.Contains(own[:i], o.Name):
			return badinput.Errorf("Optimizers has %q twice: give each a name of its own", o.Name)
		}
	}
	for _, name := range needed {
		if !slices.Contains(own, name) {
			return badinput.Errorf("Optimizers has no %q: the claims are about it, append to saddle.Optimizers()", name)
		}
	}
	return nil
}

// names are those of the optimizers, in order.
func names(optimizers []nn.Optimizer) []string {
	all := make([]string, len(optimizers))
	for i, o := range optimizers {
		all[i] = o.Name
	}
	return all
}
