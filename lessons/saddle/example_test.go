package saddle_test

import (
	"fmt"
	"math"

	"evident/lessons/saddle"
)

// From (1, ε) on x² − y², momentum leaves the saddle about three times as fast as
// gradient descent at the same rate: in so many steps for each power of ten.
func ExampleMomentumGrowth() {
	const rate, beta = 0.05, 0.9
	fmt.Printf("gradient descent: %.1f\n", math.Ln10/math.Log(saddle.Growth(rate)))
	fmt.Printf("with momentum: %.1f\n", math.Ln10/math.Log(saddle.MomentumGrowth(rate, beta)))
	// Output:
	// gradient descent: 24.2
	// with momentum: 8.4
}
