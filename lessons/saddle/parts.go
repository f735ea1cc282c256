package saddle

import (
	"context"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"evident/datasets/toy"
	"evident/kit/claim"
	"evident/kit/nn"
	"evident/kit/sweep"
)

// AdamParts compares Adam with what it is said to be made of. Each number is
// the largest difference of a direction over all steps and parameters, over the
// largest direction.
type AdamParts struct {
	Steps     int
	AsRMSProp float64 // with β₁ = 0, from bias-corrected RMSProp, on a net
	AsBall    float64 // with gradients of ±c, from bias-corrected momentum over c
	// Adam as it is used from each of the two, on the net: the comparisons can fail.
	FromRMSProp, FromBall float64
}

// roundoff bounds the differences that rounding makes. Adam's direction and the
// recurrence by hand each take some 2t operations in a mean at step t and a few
// more, which gives a relative error of at most γ_n = n·u/(1 − n·u) with n = 2t + 20
// and the unit roundoff u = 2⁻⁵³ (Higham 2002, section 3.1). The terms of v are all
// above 0, and those of m are bounded by the largest. The correction 1 − βᵗ
// multiplies the error of βᵗ by βᵗ/(1 − βᵗ), which is below 1/(1 − β).
func (p AdamParts) roundoff() float64 {
	const unit = 1.0 / (1 << 53)
	n := float64(2*p.Steps + 20)
	return 2 * n * unit / (1 - n*unit) / (1 - adamBeta2)
}

// parts follows Adam, and computes the directions of its parts by hand, in
// float64, from the same gradients.
func (c TheoryConfig) parts(ctx context.Context, backend compute.Backend) (AdamParts, error) {
	facts := AdamParts{Steps: c.Follows}
	net := sweep.Net{Widths: []int{2, 4, 2}, Activation: Tanh, Loss: sweep.CrossEntropy}.Model()
	data := toy.Quadrants(c.Examples, drawOf(c.Seeds[0], trainingDraw), 0)
	own := sweep.Config{Model: net, Data: data, BatchSize: c.Examples / 2}
	gradients, directions, err := c.follow(ctx, backend, own, nn.Adam(0, adamBeta2, tiny), sweep.Draw(net, c.Seeds[0], 1))
	if err != nil {
		return facts, err
	}
	facts.AsRMSProp = farthest(directions, correctedRMSProp(gradients, adamBeta2, tiny))
	gradients, directions, err = c.follow(ctx, backend, own, nn.Adam(adamBeta1, adamBeta2, tiny), sweep.Draw(net, c.Seeds[0], 1))
	if err != nil {
		return facts, err
	}
	facts.FromRMSProp = farthest(directions, correctedRMSProp(gradients, adamBeta2, tiny))
	facts.FromBall = farthest(directions, correctedMomentum(gradients, adamBeta1))
	const size = 0.3 // c
	linear := sweep.Config{Model: linearModel(3), Data: signs(c.Examples, 3, size, drawOf(c.Seeds[0], noiseDraw)), BatchSize: 1}
	gradients, directions, err = c.follow(ctx, backend, linear, nn.Adam(adamBeta1, adamBeta2, tiny), make([]float64, 3))
	if err != nil {
		return facts, err
	}
	ball := correctedMomentum(gradients, adamBeta1)
	for i := range ball {
		ball[i] = claim.Scaled(ball[i], 1/(size+tiny))
	}
	facts.AsBall = farthest(directions, ball)
	return facts, nil
}

// linearModel is ⟨x, θ⟩, whose gradient is the example x.
func linearModel(width int) sweep.Model {
	return sweep.Model{Shapes: [][]int{{width}}, Units: width, Loss: func(params []*Node, x, _ *Node) *Node {
		return ReduceSum(Mul(ReduceMean(x, 1), params[0]), -1)
	}}
}

// signs are examples of ±size, by chance.
func signs(n, width int, size float64, seed int64) sweep.Data {
	var data sweep.Data
	for _, row := range normalRows(n, width, 1, seed) {
		for j, v := range row {
			row[j] = math.Copysign(size, v)
		}
		data.Add(row, []float64{0})
	}
	return data
}

// follow trains and returns the gradients and the directions: [step][parameter].
func (c TheoryConfig) follow(ctx context.Context, backend compute.Backend, config sweep.Config, o nn.Optimizer, start []float64) (gradients, directions [][]float64, err error) {
	config.Optimizer, config.DType, config.StepsPerCall = o, dtypes.Float64, 4
	config.Watch = func(s sweep.Step) *Node {
		return Concatenate([]*Node{sweep.WatchGradients(s), sweep.WatchDirections(s)}, -1)
	}
	program, err := sweep.New(backend, config)
	if err != nil {
		return nil, nil, err
	}
	defer program.Finalize()
	trace, err := program.Run(ctx, sweep.Run{
		Task: "of what Adam is made", Replicas: []sweep.Replica{{Rate: 0.01, Seed: c.Seeds[0]}}, Start: [][]float64{start}, Steps: c.Follows,
	})
	for _, watched := range trace.Watched {
		gradients, directions = append(gradients, watched[0][:len(start)]), append(directions, watched[0][len(start):])
	}
	return gradients, directions, err
}

// correctedRMSProp is g/(√(v/(1−βᵗ)) + ε) with v ← βv + (1−β)g².
func correctedRMSProp(gradients [][]float64, beta, epsilon float64) [][]float64 {
	v := make([]float64, len(gradients[0]))
	return byStep(gradients, func(t float64, i int, g float64) float64 {
		v[i] = beta*v[i] + (1-beta)*g*g
		return g / (math.Sqrt(v[i]/(1-math.Pow(beta, t))) + epsilon)
	})
}

// correctedMomentum is m/(1−βᵗ) with m ← βm + (1−β)g.
func correctedMomentum(gradients [][]float64, beta float64) [][]float64 {
	m := make([]float64, len(gradients[0]))
	return byStep(gradients, func(t float64, i int, g float64) float64 {
		m[i] = beta*m[i] + (1-beta)*g
		return m[i] / (1 - math.Pow(beta, t))
	})
}

// byStep applies a recurrence to every parameter, with the steps counted from 1.
func byStep(gradients [][]float64, next func(t float64, i int, g float64) float64) [][]float64 {
	directions := make([][]float64, len(gradients))
	for step, row := range gradients {
		for i, g := range row {
			directions[step] = append(directions[step], next(float64(step+1), i, g))
		}
	}
	return directions
}

// farthest is the largest difference over the largest value.
func farthest(a, b [][]float64) float64 {
	largest, apart := 0.0, 0.0
	for step := range a {
		for i := range a[step] {
			largest, apart = max(largest, math.Abs(a[step][i])), max(apart, math.Abs(a[step][i]-b[step][i]))
		}
	}
	return apart / largest
}
