package saddle

import (
	"math"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"evident/datasets/toy"
	"evident/internal/badinput"
	"evident/kit/fit"
	"evident/kit/sweep"
)

// TaskConfig is one task of the comparison.
type TaskConfig struct {
	Train     int   `role:"fixed" range:"[1, inf)" help:"training examples"`
	Test      int   `role:"fixed" range:"[1, inf)" help:"test examples"`
	Hidden    []int `role:"fixed" range:"[1, inf)" help:"units of the hidden layers"`
	BatchSize int   `role:"fixed" range:"[1, inf)" help:"examples of a batch"`
	Steps     int   `role:"fixed" range:"[1, inf)" help:"of each training"`
}

// TeacherConfig is the task whose labels are another net's.
type TeacherConfig struct {
	TaskConfig
	Features   int     `role:"fixed" range:"[1, inf)" help:"of the inputs"`
	LabelNoise float64 `role:"fixed" range:"[0, 0.5)" help:"fraction of wrong training labels"`
}

// RegressionConfig is a linear regression without noise, in coordinates that are
// a random rotation away from the axes of its Hessian.
type RegressionConfig struct {
	Train     int     `role:"fixed" range:"[1, inf)" help:"training examples"`
	Test      int     `role:"fixed" range:"[1, inf)" help:"test examples"`
	BatchSize int     `role:"fixed" range:"[1, inf)" help:"examples of a batch"`
	Steps     int     `role:"fixed" range:"[1, inf)" help:"of each training"`
	Tuning    []int64 `role:"averaged" help:"seeds of its own for the grid, since it is cheap and the effects are small"`
	Seeds     []int64 `role:"averaged" help:"seeds of its own at the best rates"`
	Features  int     `role:"fixed" range:"[2, inf)" help:"of the inputs"`
	Condition float64 `role:"fixed" range:"[1, inf)" help:"of the features' covariance: its largest eigenvalue over its smallest"`
	Fall      float64 `role:"fixed" range:"(0, 1)" help:"training loss to reach, as a fraction of that of θ = 0"`
}

// Validate checks that there is a batch of examples.
func (c RegressionConfig) Validate() error { return c.sizes().Validate() }

// Validate checks that there is a batch of examples.
func (c TaskConfig) Validate() error {
	if c.Train < c.BatchSize {
		return badinput.Errorf("Train is %d: it must be at least BatchSize, %d", c.Train, c.BatchSize)
	}
	return nil
}

// The tasks of the comparison.
const (
	spirals    = "two spirals"
	teacher    = "noisy teacher"
	regression = "rotated regression"
)

// netTasks and allTasks are the tasks on which a claim is tried.
var (
	netTasks = []string{spirals, teacher}
	allTasks = []string{spirals, teacher, regression}
)

// task is one task, whose examples each seed draws anew.
type task struct {
	TaskConfig
	name        string
	model       sweep.Model
	target      float64 // training loss to reach
	train, test func(seed int64) sweep.Data
	gradient    float64                    // see [TaskMeasurement]
	start       func(seed int64) []float64 // the initial parameters; nil for those of [sweep.Drawn]
	schedule    func(step int) float64     // see [sweep.Run]
}

// The draws of a seed. Each is independent of the others, and of those of other seeds.
const (
	trainingDraw = iota
	testDraw
	teacherDraw
	noiseDraw
	differentDraws
)

// drawOf is the seed of one of a seed's draws.
func drawOf(seed, what int64) int64 { return differentDraws*seed + what }

// drawn draws the examples of every seed.
func drawn(what int64, draw func(seed int64) sweep.Data) func(seed int64) sweep.Data {
	return func(seed int64) sweep.Data { return draw(drawOf(seed, what)) }
}

// inPlane is the number of features of the spirals.
const inPlane = 2

func (c TaskConfig) net(inputs int, loss func(outputs, y *Node) *Node) sweep.Net {
	return sweep.Net{Widths: slices.Concat([]int{inputs}, c.Hidden, []int{2}), Activation: Tanh, Loss: loss}
}

// ofNet is a task of a net, without its examples.
func (c TaskConfig) ofNet(name string, net sweep.Net, target float64) task {
	return task{TaskConfig: c, name: name, model: net.Model(), target: target, gradient: gradientOperations(net.Widths, c.BatchSize)}
}

// spirals are two arms of a spiral of one turn, without wrong labels.
func (c TaskConfig) spirals(loss func(outputs, y *Node) *Node, target float64) task {
	const turns, width = 1, 0.02
	t := c.ofNet(spirals, c.net(inPlane, loss), target)
	t.train = drawn(trainingDraw, func(seed int64) sweep.Data { return toy.Spirals(c.Train, seed, turns, width) })
	t.test = drawn(testDraw, func(seed int64) sweep.Data { return toy.Spirals(c.Test, seed, turns, width) })
	return t
}

// task are points that another net labelled, some of the training labels wrongly.
func (c TeacherConfig) task(loss func(outputs, y *Node) *Node, target float64) task {
	t := c.ofNet(teacher, c.net(c.Features, loss), target)
	t.train = func(seed int64) sweep.Data {
		return toy.Teacher(c.Train, c.Features, drawOf(seed, teacherDraw), drawOf(seed, trainingDraw), c.LabelNoise)
	}
	t.test = func(seed int64) sweep.Data {
		return toy.Teacher(c.Test, c.Features, drawOf(seed, teacherDraw), drawOf(seed, testDraw), 0)
	}
	return t
}

func (c RegressionConfig) sizes() TaskConfig {
	return TaskConfig{Train: c.Train, Test: c.Test, BatchSize: c.BatchSize, Steps: c.Steps}
}

func (c RegressionConfig) net() sweep.Net {
	return sweep.Net{Widths: []int{c.Features, 1}, Loss: sweep.SquaredError}
}

// variances are the eigenvalues of the features' covariance, from 1 down.
func (c RegressionConfig) variances() []float64 {
	all := make([]float64, c.Features)
	for i := range all {
		all[i] = math.Pow(c.Condition, -float64(i)/float64(c.Features-1))
	}
	return all
}

// task is the regression. At θ = 0 the expected loss is half the variance of the
// targets. Its accuracy means nothing.
func (c RegressionConfig) task() task {
	half := 0.0
	for _, v := range c.variances() {
		half += v / 2
	}
	t := c.sizes().ofNet(regression, c.net(), c.Fall*half)
	t.train = func(seed int64) sweep.Data { return c.draw(c.Train, seed, trainingDraw) }
	t.test = func(seed int64) sweep.Data { return c.draw(c.Test, seed, testDraw) }
	return t
}

// draw returns n examples. Their features are Q·(√v₁·z₁, √v₂·z₂, …) with z normal
// and Q orthogonal, drawn from the seed, and their target is Σ √vᵢ·zᵢ: the weights
// are Q·(1, 1, …).
func (c RegressionConfig) draw(n int, seed, what int64) sweep.Data {
	const forRotation = 33
	random := fit.Rand(seed, forRotation)
	square := mat.NewDense(c.Features, c.Features, nil)
	square.Apply(func(int, int, float64) float64 { return random.NormFloat64() }, square)
	var qr mat.QR
	qr.Factorize(square)
	var rotation mat.Dense
	qr.QTo(&rotation)
	variances := c.variances()
	random = fit.Rand(drawOf(seed, what), forRotation)
	var data sweep.Data
	for range n {
		z, target := mat.NewVecDense(c.Features, nil), 0.0
		for i, v := range variances {
			z.SetVec(i, math.Sqrt(v)*random.NormFloat64())
			target += z.AtVec(i)
		}
		var x mat.VecDense
		x.MulVec(&rotation, z)
		data.Add(x.RawVector().Data, []float64{target})
	}
	return data
}

// gradientOperations is the number of additions and multiplications of the matrix
// products of dense layers for the gradient of a batch: two for each weight and
// example forward, two for the gradient of the weight, and, above the first layer,
// two for that of its input.
func gradientOperations(widths []int, batch int) float64 {
	total := 0.0
	for i := 1; i < len(widths); i++ {
		products := 3.0
		if i == 1 {
			products = 2
		}
		total += 2 * products * float64(batch*widths[i-1]*widths[i])
	}
	return total
}
