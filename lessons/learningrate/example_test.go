package learningrate_test

import (
	"fmt"

	"evident/lessons/learningrate"
)

// The detector knows nothing but the curve.
func ExampleDiagnose() {
	losses := make([]float64, 100)
	for step := range losses {
		losses[step] = 1 / float64(1+step)
	}
	fmt.Println(learningrate.Diagnose(losses))
	for step := range losses {
		losses[step] = 1 - 0.001*float64(step)
	}
	fmt.Println(learningrate.Diagnose(losses))
	// Output:
	// good
	// too low
}
