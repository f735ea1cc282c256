package byhand_test

import (
	"fmt"

	"evident/kit/show"
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
	show.Answer(byhand.Check(zero.Work(), map[string]float64{"a1": 0.5, "yhat": 0.5, "dL/dw11": -0.5}))
	show.Answer(byhand.Check(zero.Work(), map[string]float64{"dL/dz3": -0.124}))
	show.Answer(byhand.Check(zero.Work(), map[string]float64{"z9": 1}))
	// Output:
	// ✘ One step of a 2-2-1 net with sigmoid units: wrong. 2 of 3 are right. Look again at dL/dw11. It is ∂L/∂w_11 = ∂L/∂z_1·x_1; what follows from it may be wrong for that reason alone.
	// ✔ One step of a 2-2-1 net with sigmoid units: right. 1 of 1 are right.
	// ✘ there is no question "z9" here: the questions are z1, z2, a1, a2, z3, yhat, L, dL/dyhat, dL/dz3, dL/dv1, dL/dv2, dL/dc, dL/da1, dL/dz1, dL/dw11, dL/dw12, dL/db1, dL/da2, dL/dz2, dL/dw21, dL/dw22, dL/db2, w11', w12', b1', w21', w22', b2', v1', v2', c', z1', z2', a1', a2', z3', yhat', L', dL, g2, promise
}
