package saddle

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/stat"

	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/report"
	"evident/kit/sweep"
)

// PlaneConfig leaves the saddle of x² − y², and descends surfaces.
type PlaneConfig struct {
	Optimizers []nn.Optimizer  `role:"compared" help:"SGD, momentum, RMSProp and Adam, which the claims need; others may join; momentum gets Beta"`
	Surfaces   []sweep.Surface `role:"compared" help:"to draw paths on"`
	Rate       float64         `role:"fixed" range:"(0, inf)" help:"learning rate η of all optimizers"`
	Beta       float64         `role:"fixed" range:"[0, 1)" help:"β of the optimizer named momentum, and of its formula"`
	Start      []float64       `role:"fixed" range:"(-inf, inf)" help:"x and y of the paths over the surfaces"`
	PathSteps  int             `role:"fixed" range:"[1, inf)" help:"steps of the paths"`
	Offsets    []float64       `role:"compared" range:"(0, 1)" list:"2 rising" help:"ε of the starts (1, ε)"`
	Steps      int             `role:"fixed" range:"[1, inf)" help:"steps of the escapes at most"`
	Noise      float64         `role:"fixed" range:"(0, inf)" help:"standard deviation of what is added to the gradient at (1, 0)"`
	Seeds      []int64         `role:"averaged" help:"of that noise"`
}

// Validate checks that there is a place to start from, that the optimizers of
// the claims are there, and that the sweep fits into memory.
func (c PlaneConfig) Validate() error {
	if len(c.Start) != 2 {
		return badinput.Errorf("Start has %d values: give x and y", len(c.Start))
	}
	if err := checkOptimizers(c.optimizers()); err != nil {
		return err
	}
	if err := checkSurfaces(c.Surfaces); err != nil {
		return err
	}
	replicas := len(c.optimizers()) * (len(c.Offsets) + 1 + len(c.Seeds))
	return sweep.CheckFits("Optimizers × Seeds", replicas, sweep.Config{Model: noisySaddle(), BatchSize: 1, Optimizer: sweep.Together(c.optimizers()...)})
}

// optimizers are those of the knobs, with momentum's β from Beta, so that its
// formula is about what runs; and momentum once more at the rate η(1−β). The sum of
// equal gradients in its memory grows to g/(1−β), so that its effective rate is
// η/(1−β), and only there that of SGD.
func (c PlaneConfig) optimizers() []nn.Optimizer {
	own := slices.Clone(c.Optimizers)
	for i := range own {
		if own[i].Name == momentum {
			own[i] = nn.Momentum(c.Beta)
		}
	}
	slow := nn.Momentum(c.Beta)
	direction := slow.Direction
	slow.Name = slowMomentum
	slow.Direction = func(g *Node, slots []*Node, step *Node) (*Node, []*Node) {
		d, next := direction(g, slots, step)
		return MulScalar(d, 1-c.Beta), next
	}
	return append(own, slow)
}

// slowMomentum has the effective rate η.
const slowMomentum = "momentum at η(1−β)"

// PlaneMeasurement holds descents in the plane.
type PlaneMeasurement struct {
	Names     []string // of the optimizers
	Rate      float64
	Beta      float64 // of the momentum
	Offsets   []float64
	Steps     [][]int     // [optimizer][offset]: from (1, ε) on x² − y² until |y| > 1; 0 when it never is
	Budget    int         // the most steps
	Stuck     []int       // [optimizer]: steps from exactly (1, 0); 0 when it stays
	Noisy     [][]float64 // [optimizer][seed]: … with noise on the gradient; 0 when it stays
	Noise     float64     // its standard deviation
	Paths     []SurfacePaths
	PathStart []float64
}

// SurfacePaths are the descents of one surface from one point.
type SurfacePaths struct {
	Surface string
	Heatmap *report.Heatmap // nil where the surface is not finite everywhere
	Paths   [][][]float64   // [optimizer][step] of (x, y), the start first
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

// perDecade is the steps by which the escape takes longer for each factor of
// ten in ε: the slope of a line through the steps against −log10 ε, over the
// offsets of at least the smallest. It is NaN when an escape is missing.
func (f PlaneMeasurement) perDecade(optimizer int, smallest float64) float64 {
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

// measurePlane leaves the saddle from many points, and follows every optimizer
// over every surface.
func measurePlane(ctx context.Context, backend compute.Backend, c PlaneConfig) (PlaneMeasurement, error) {
	facts := PlaneMeasurement{
		Names: names(c.optimizers()), Rate: c.Rate, Beta: c.Beta, Offsets: c.Offsets, Budget: c.Steps, Noise: c.Noise, PathStart: c.Start,
	}
	if err := facts.escape(ctx, backend, c); err != nil {
		return facts, err
	}
	for _, s := range c.Surfaces {
		paths, err := c.paths(ctx, backend, s)
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

// normalRows are n rows of normally distributed numbers of the standard
// deviation, in pairs of opposite sign, so that their mean is 0.
func normalRows(n, width int, deviation float64, seed int64) [][]float64 {
	random := fit.Rand(seed, forNoise)
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
func (f *PlaneMeasurement) escape(ctx context.Context, backend compute.Backend, c PlaneConfig) error {
	const vectors = 1024
	data := sweep.Data{X: normalRows(vectors, 2, 1, c.Seeds[0]), Y: make([][]float64, vectors)}
	for i := range data.Y {
		data.Y[i] = []float64{0}
	}
	program, err := sweep.New(backend, sweep.Config{
		Model: noisySaddle(), Data: data, BatchSize: 1, DType: dtypes.Float64, StepsPerCall: 4,
		Optimizer: sweep.Together(c.optimizers()...), Watch: sweep.WatchParams,
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
	for range f.Names {
		for i, start := range starts {
			run.Replicas, run.Start = append(run.Replicas, sweep.Replica{Rate: c.Rate, Seed: seeds[i]}), append(run.Start, start)
		}
	}
	trace, err := program.Run(ctx, run)
	if err != nil {
		return err
	}
	for o := range f.Names {
		left := make([]int, len(starts))
		for i := range starts {
			left[i] = max(0, slices.IndexFunc(trace.Watched, func(replicas [][]float64) bool { return math.Abs(replicas[o*len(starts)+i][1]) > 1 }))
		}
		n := len(c.Offsets)
		f.Steps, f.Stuck = append(f.Steps, left[:n]), append(f.Stuck, left[n])
		noisy := make([]float64, len(c.Seeds))
		for i, steps := range left[n+1:] {
			noisy[i] = float64(steps)
		}
		f.Noisy = append(f.Noisy, noisy)
	}
	return nil
}

// paths descends a surface by every optimizer.
func (c PlaneConfig) paths(ctx context.Context, backend compute.Backend, s sweep.Surface) (SurfacePaths, error) {
	const columns, rows = 60, 60
	paths := SurfacePaths{Surface: s.Name}
	heatmap, err := s.Heatmap(backend, columns, rows)
	if err != nil {
		return paths, err
	}
	if len(claim.Finite(heatmap.Values)) == len(heatmap.Values) {
		paths.Heatmap = heatmap
	}
	all, err := s.Descend(ctx, backend, sweep.Together(c.optimizers()...), slices.Repeat([]float64{c.Rate}, len(c.optimizers())), c.Start, c.PathSteps)
	paths.Paths = all
	return paths, err
}

// pathChart shows the descents of one surface over its values.
func (f PlaneMeasurement) pathChart(place int) report.Chart {
	paths := f.Paths[place]
	drawn := report.Chart{
		ID: "paths", Title: fmt.Sprintf("Descents of %s from (%g, %g) at η = %g", paths.Surface, f.PathStart[0], f.PathStart[1], f.Rate),
		Mark: report.Path, XLabel: "x", YLabel: "y",
		Alt: "The path of every optimizer over the plane, one point a step, all from the same start, with the objective as shades where it is finite. The wider the points lie apart, the faster it moves.",
	}
	if place > 0 {
		drawn.ID = fmt.Sprintf("paths-%d", place+1)
	}
	drawn.Heatmap = paths.Heatmap
	for o, path := range paths.Paths {
		drawn.Curves = append(drawn.Curves, sweep.PathCurve(f.Names[o], within(path, paths.Heatmap)))
	}
	return drawn
}

// within cuts a path behind its first point beyond the picture.
func within(path [][]float64, heatmap *report.Heatmap) [][]float64 {
	if heatmap == nil {
		return path
	}
	for i, at := range path {
		if at[0] < heatmap.Left || at[0] > heatmap.Right || at[1] < heatmap.Bottom || at[1] > heatmap.Top {
			return path[:i]
		}
	}
	return path
}

// escapeChart shows the steps to leave x² − y² against the offset.
func (f PlaneMeasurement) escapeChart() report.Chart {
	drawn := report.Chart{
		ID: "escape", Title: fmt.Sprintf("Steps from (1, ε) on x² − y² until |y| > 1, η = %g", f.Rate), Mark: report.Line, LogX: true,
		XLabel: "ε, the distance from the line that ends in the saddle", YLabel: "steps",
		Alt: "The steps against ε on a logarithmic axis, one line for each optimizer: lower is faster, and the flatter a line, the less the optimizer is slowed down by a start close to the line into the saddle.",
	}
	for o, name := range f.Names {
		curve := report.Curve{Name: name}
		for i, offset := range f.Offsets {
			if f.Steps[o][i] > 0 {
				curve.Add(offset, float64(f.Steps[o][i]))
			}
		}
		drawn.Curves = append(drawn.Curves, curve)
	}
	return drawn
}

// table says how the steps rise, and what becomes of the start on the line.
func (f PlaneMeasurement) table() report.Table {
	rows := report.Table{
		ID: "escapes", Title: "Leaving x² − y²",
		Columns: []string{"optimizer", "steps per power of ten in ε", fmt.Sprintf("… from ε = %g on", farFromTiny), "formula", "from exactly (1, 0)", fmt.Sprintf("… with noise of %g on the gradient", f.Noise)},
	}
	for o, name := range f.Names {
		formula := "–"
		switch name {
		case sgd:
			formula = fmt.Sprintf("%.2f", math.Ln10/math.Log(Growth(f.Rate)))
		case momentum:
			formula = fmt.Sprintf("%.2f", math.Ln10/math.Log(MomentumGrowth(f.Rate, f.Beta)))
		case slowMomentum:
			formula = fmt.Sprintf("%.2f", math.Ln10/math.Log(MomentumGrowth(f.Rate*(1-f.Beta), f.Beta)))
		}
		noisy := "stays"
		if n := arrivals(f.Noisy[o]); n > 0 {
			noisy = fmt.Sprintf("%d of %d leave, after %.0f steps", n, len(f.Noisy[o]), geometric(slices.DeleteFunc(slices.Clone(f.Noisy[o]), func(s float64) bool { return s == 0 })))
		}
		stuck := fmt.Sprintf("stays for %d steps", f.Budget)
		if f.Stuck[o] > 0 {
			stuck = fmt.Sprintf("leaves after %d", f.Stuck[o])
		}
		rows.Rows = append(rows.Rows, []string{name, orDash("%.2f", f.perDecade(o, 0)), orDash("%.2f", f.perDecade(o, farFromTiny)), formula, stuck, noisy})
	}
	return rows
}

// SaddleInThePlane is the experiment. [WaysPast] judges it.
var SaddleInThePlane = experiment.Experiment[PlaneConfig, PlaneMeasurement]{
	Name: "Plane", Title: "Leaving x² − y², and descents of surfaces",
	Measure: measurePlane,
	Figures: func(_ PlaneConfig, f PlaneMeasurement) (report.Figures, error) {
		charts := []report.Chart{f.escapeChart()}
		for place := range f.Paths {
			charts = append(charts, f.pathChart(place))
		}
		return report.Figures{Charts: charts, Tables: []report.Table{f.table()}}, nil
	},
}
