package claim_test

import (
	"fmt"
	"math"

	"evident/kit/claim"
	"evident/kit/report"
)

// A lesson declares each claim together with the rule that judges it, and judges all claims from one
// measurement.
func ExampleJudge() {
	type measured struct{ gains []float64 } // difference in accuracy with and without the module, one per seed
	rules := []claim.Rule[measured]{claim.SampledRule(
		"q7a.1", "Q7 (a) 1", "The module helps.", "the gain is above 0", claim.Supported,
		func(m measured) claim.Finding {
			gain := claim.EstimateMean(m.gains)
			return claim.Finding{Decision: gain.Above(0), Evidence: fmt.Sprintf("The gain is %v.", gain), Samples: gain.N}
		})}
	for _, gains := range [][]float64{{0.05, 0.04, 0.06, 0.05, 0.03}, {0.05, -0.06, 0.04, -0.05, 0.01}, {0.05, 0.04}} {
		claim := claim.Judge(rules, measured{gains})[0]
		fmt.Println(claim.Verdict, "-", claim.Evidence)
	}
	// Output:
	// supported - The gain is 0.046 [0.0318, 0.0602]. Sign test: p = 0.031.
	// inconclusive - The gain is -0.002 [-0.0649, 0.0609]. Sign test: p = 0.5. 5 seeds can show a distance of 0.084 from 0 (power 80 %), if 5 lie on one side; the measured distance of 0.002 would take about 5,100.
	// inconclusive - The gain is 0.045 [-0.0185, 0.109]. Sign test: p = 0.25. (2 seeds; a verdict needs 5)
}

// A diverged training is a result: the curve records where it broke.
func ExampleCurve_Add() {
	curve := report.Curve{Name: "loss at rate 3"}
	for step, loss := range []float64{2.3, 41, 1.9e30, math.Inf(1), math.NaN()} {
		curve.Add(float64(step), loss)
	}
	fmt.Println(curve.Y, "diverged at step", *curve.DivergedAt)
	// Output:
	// [2.3 41 1.9e+30] diverged at step 3
}
