package minibatch_test

import (
	"fmt"

	"evident/lessons/minibatch"
)

// Out of a population of 256 examples, a batch of 64 has a quarter less noise
// when no example is drawn twice.
func ExamplePredicted() {
	with, without := minibatch.Predicted(64, 256, true), minibatch.Predicted(64, 256, false)
	fmt.Printf("%.4f %.4f\n", with, without)
	fmt.Println(minibatch.Predicted(256, 256, false))
	// Output:
	// 0.0156 0.0118
	// 0
}

// The marks of a curve know nothing of the training behind it.
func ExampleWander() {
	smooth, jagged := []float64{8, 4, 2, 1}, []float64{8, 4, 5, 1}
	fmt.Println(minibatch.RisingFraction(smooth), minibatch.Wander(smooth))
	fmt.Printf("%.2f %.2f\n", minibatch.RisingFraction(jagged), minibatch.Wander(jagged))
	// Output:
	// 0 1
	// 0.33 1.29
}
