package saddle

import (
	"context"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/stat"

	"evident/kit/claim"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/report"
	"evident/kit/sweep"
)

// PlaneFacts are descents in the plane.
type PlaneFacts struct {
	Names     []string // of the optimizers
	Rate      float64
	Beta      float64 // of the momentum
	Offsets   []float64
	Steps     [][]int     // [optimizer][offset]: from (1, ε) on x² − y² until |y| > 1; 0 when it never is
	Budget    int         // the most steps
	Stuck     []int       // [optimizer]: steps from exactly (1, 0); 0 when it stays
	Shaken    [][]float64 // [optimizer][seed]: … with noise on the gradient; 0 when it stays
	Noise     float64     // its deviation
	Paths     []SurfacePaths
	PathStart []float64
}

// SurfacePaths are the descents of one surface from one point.
type SurfacePaths struct {
	Surface string
	Ground  *report.Ground // nil where the surface is not finite everywhere
	Paths   [][][]float64  // [optimizer][step] of (x, y), the start first
}

// Growth is the factor by which |y| grows with every step of gradient descent
// on x² − y²: y ← y + 2ηy.
func Growth(rate float64) float64 { return 1 + 2*rate }

// MomentumGrowth is the same with momentum, in the long run. There
// y₊ = y + β(y − y₋) + 2ηy, so that the factor is the larger root of
// r² − (1 + β + 2η)·r + β = 0.
func MomentumGrowth(rate, beta float64) float64 {
	b := 1 + beta + 2*rate
	return (b + math.Sqrt(b*b-4*beta)) / 2
}

// PerDecade is the steps by which the escape takes longer for each factor of
// ten in ε: the slope of a line through the steps against −log10 ε, over the
// offsets of at least the smallest. It is NaN when an escape is missing.
func (f PlaneFacts) PerDecade(optimizer int, smallest float64) float64 {
	var x, y []float64
	for i, offset := range f.Offsets {
		if offset < smallest*(1-1e-9) {
			continue
		}
		if f.Steps[optimizer][i] == 0 {
			return math.NaN()
		}
		x, y = append(x, -math.Log10(offset)), append(y, float64(f.Steps[optimizer][i]))
	}
	if len(x) < 2 {
		return math.NaN()
	}
	_, slope := stat.LinearRegression(x, y, nil, false)
	return slope
}

// MeasurePlane leaves the saddle from many points, and follows every optimizer
// over every surface.
func MeasurePlane(ctx context.Context, backend compute.Backend, c Config) (PlaneFacts, error) {
	p := c.Plane
	facts := PlaneFacts{
		Names: names(c.Optimizers), Rate: p.Rate, Beta: p.Beta, Offsets: p.Offsets, Budget: p.Steps, Noise: p.Noise, PathStart: p.Start,
	}
	if err := c.checkPlane(); err != nil {
		return facts, err
	}
	if err := facts.escape(ctx, backend, p, c.Optimizers); err != nil {
		return facts, err
	}
	for _, s := range c.Surfaces {
		paths, err := p.paths(ctx, backend, s, c.Optimizers)
		if err != nil {
			return facts, err
		}
		facts.Paths = append(facts.Paths, paths)
	}
	return facts, nil
}

// noisySaddle is x² − y² + σ·⟨z, (x, y)⟩: the gradient of a batch is that of the
// saddle plus the batch's noise z times σ, the third parameter, which is not
// moved.
func noisySaddle() sweep.Model {
	return sweep.Model{Shapes: [][]int{{2}, {1}}, Units: 2, Loss: func(params []*Node, z, _ *Node) *Node {
		place := params[0] // [replicas, 2]
		signs := ConvertDType(Const(place.Graph(), [][]float64{{1, -1}}), place.DType())
		saddle := ReduceSum(Mul(signs, Square(place)), -1)
		return Add(saddle, noiseTerm(params[1], ReduceMean(z, 1), place))
	}}
}

// noiseTerm is σ·⟨z, θ⟩ of every replica, whose gradient is σ·z in θ and 0 in σ.
// σ is [replicas, 1], z and θ are [replicas, values].
func noiseTerm(sigma, z, theta *Node) *Node {
	return Mul(Reshape(StopGradient(sigma), -1), ReduceSum(Mul(z, theta), -1))
}

// normalRows are n rows of normally distributed numbers of the deviation, in
// pairs of opposite sign, so that their mean is 0.
func normalRows(n, width int, deviation float64) [][]float64 {
	random := fit.Rand(noiseDraw, forNoise)
	rows := make([][]float64, n)
	for i := 0; i < n; i += 2 {
		rows[i] = make([]float64, width)
		for j := range rows[i] {
			rows[i][j] = deviation * random.NormFloat64()
		}
		if i+1 < n {
			rows[i+1] = claim.Scaled(rows[i], -1)
		}
	}
	return rows
}

// escape leaves x² − y² from all starts: those of the offsets, then (1, 0)
// without noise, then (1, 0) with the noise of every seed.
func (f *PlaneFacts) escape(ctx context.Context, backend compute.Backend, c PlaneConfig, optimizers []nn.Optimizer) error {
	const vectors = 1024
	data := sweep.Data{X: normalRows(vectors, 2, 1), Y: make([][]float64, vectors)}
	for i := range data.Y {
		data.Y[i] = []float64{0}
	}
	program, err := sweep.New(backend, sweep.Config{
		Model: noisySaddle(), Data: data, BatchSize: 1, DType: dtypes.Float64, StepsPerCall: 4,
		Optimizer: sweep.Together(optimizers...), Watch: sweep.WatchParams,
	})
	if err != nil {
		return err
	}
	defer program.Finalize()
	var starts [][]float64
	var seeds []int64
	for _, offset := range append(append([]float64(nil), c.Offsets...), 0) {
		starts, seeds = append(starts, []float64{1, offset, 0}), append(seeds, c.Seeds[0])
	}
	for _, seed := range c.Seeds {
		starts, seeds = append(starts, []float64{1, 0, c.Noise}), append(seeds, seed)
	}
	run := sweep.Run{Task: "leaving x² − y²", Steps: c.Steps + 1}
	for range optimizers {
		for i, start := range starts {
			run.Replicas, run.Start = append(run.Replicas, sweep.Replica{Rate: c.Rate, Seed: seeds[i]}), append(run.Start, start)
		}
	}
	trace, err := program.Run(ctx, run)
	if err != nil {
		return err
	}
	for o := range optimizers {
		left := make([]int, len(starts))
		for i := range starts {
			left[i] = firstStep(trace.Watched, func(replicas [][]float64) bool { return math.Abs(replicas[o*len(starts)+i][1]) > 1 })
		}
		n := len(c.Offsets)
		f.Steps, f.Stuck = append(f.Steps, left[:n]), append(f.Stuck, left[n])
		shaken := make([]float64, len(c.Seeds))
		for i, steps := range left[n+1:] {
			shaken[i] = float64(steps)
		}
		f.Shaken = append(f.Shaken, shaken)
	}
	return nil
}

// firstStep is the first of the steps at which the test holds, 0 for none.
func firstStep[T any](steps []T, test func(T) bool) int {
	for i, s := range steps {
		if test(s) {
			return i
		}
	}
	return 0
}

// paths descends a surface by every optimizer.
func (c PlaneConfig) paths(ctx context.Context, backend compute.Backend, s sweep.Surface, optimizers []nn.Optimizer) (SurfacePaths, error) {
	const columns, rows = 60, 60
	paths := SurfacePaths{Surface: s.Name}
	ground, err := s.Ground(backend, columns, rows)
	if err != nil {
		return paths, err
	}
	if len(claim.Finite(ground.Values)) == len(ground.Values) {
		paths.Ground = ground
	}
	all, err := s.Descend(ctx, backend, sweep.Together(optimizers...), repeated(c.Rate, len(optimizers)), c.Start, c.PathSteps)
	paths.Paths = all
	return paths, err
}
