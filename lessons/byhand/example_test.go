package byhand_test

import (
	"fmt"

	"evident/lessons/byhand"
)

// With all weights 0 the output is σ(0) = ½, whatever the input; only the
// output's bias and weights feel the loss.
func ExampleNet_Work() {
	zero := byhand.Net{Y: 1, LearningRate: 1, Activation: byhand.SigmoidUnits}
	n := byhand.Results(zero.Work())
	fmt.Println(n["yhat"], n["L"], n["dL/dz3"], n["dL/dv1"], n["c'"])
	// Output: 0.5 0.125 -0.125 -0.0625 0.125
}

// A reader types the numbers that he worked out.
func ExampleCheck() {
	zero := byhand.Net{Y: 1, LearningRate: 1, Activation: byhand.SigmoidUnits}
	checked, err := byhand.Check(zero.Work(), map[string]float64{"a1": 0.5, "yhat": 0.5, "dL/dz3": -0.5})
	fmt.Println(checked.Title, err)
	fmt.Println(checked.Steps[0].Title)
	// Output:
	// 2 of 3 answers are right <nil>
	// Look again at dL/dz3
}
