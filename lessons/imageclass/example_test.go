package imageclass_test

import (
	"fmt"

	"evident/lessons/imageclass"
)

// Of four pairs of a positive and a negative picture, three are in the right
// order.
func ExampleAUC() {
	scores, positive := []float64{0.9, 0.4, 0.6, 0.1}, []bool{true, true, false, false}
	fmt.Println(imageclass.AUC(scores, positive).Value)
	// Output: 0.75
}

// No mistake in 20 pictures is no proof that there are none: up to one in six
// would not be surprising.
func ExampleFraction() {
	fmt.Println(imageclass.Fraction(20, 20))
	// Output: 1.0000 [0.8389, 1.0000]
}
