package learningrate

import (
	"context"
	"fmt"
	"math"
	"strings"

	"evident/datasets/toy"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/nn"
	"evident/kit/report"
	"evident/kit/sweep"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/stat"
)

// VanishingConfig looks at the gradients of deep nets.
type VanishingConfig struct {
	Rates    []float64 `role:"compared" range:"(0, inf)" list:"2 rising" help:"learning rates η"`
	Seeds    []int64   `role:"averaged" help:"of initial weights"`
	Depths   []int     `role:"compared" range:"[1, inf)" list:"2" help:"hidden layers"`
	Width    int       `role:"fixed" range:"[1, inf)" help:"units of each hidden layer"`
	Examples int       `role:"fixed" range:"[1, inf)" help:"training examples"`
	TinyRate float64   `role:"fixed" range:"(0, inf)" help:"rate at which the gradient is followed"`
	Steps    int       `role:"fixed" range:"[1, inf)" help:"steps at TinyRate"`
}

// VanishingMeasurement say what the size of the gradient depends on.
type VanishingMeasurement struct {
	Rates     []float64
	AtStart   [][]float64 // [rate][seed]: norm of the gradient at step 0
	TinyRate  float64
	Course    [][]float64 // [seed][step]: norm along the training at the tiny rate
	HighRate  float64     // the highest of the rates, for comparison
	HighEnd   []float64   // [seed]: norm at the end of as many steps at that rate
	Depths    []int
	Variants  []string      // activation, initialisation
	FirstNorm [][][]float64 // [variant][depth][seed]: norm of the gradient of the first layer's weights before training
	ByLayer   [][]float64   // [variant][layer]: … of every layer of the deepest net, mean over the seeds
}

// measureVanishing varies first the rate, then depth, activation and initial
// weights.
func measureVanishing(ctx context.Context, backend compute.Backend, c VanishingConfig) (VanishingMeasurement, error) {
	facts := VanishingMeasurement{Rates: c.Rates, TinyRate: c.TinyRate, HighRate: c.Rates[len(c.Rates)-1], Depths: c.Depths}
	if err := facts.alongTraining(ctx, backend, c); err != nil {
		return facts, err
	}
	for _, a := range activations {
		for _, g := range gains {
			facts.Variants = append(facts.Variants, a.name+", "+g.name)
			facts.FirstNorm = append(facts.FirstNorm, nil)
		}
		facts.ByLayer = append(facts.ByLayer, make([][]float64, len(gains))...)
	}
	for a, activation := range activations {
		for _, depth := range c.Depths {
			norms, err := c.layerNorms(ctx, backend, c.net(depth, activation.apply))
			if err != nil {
				return facts, err
			}
			for g := range gains {
				variant := a*len(gains) + g
				own := norms[g*len(c.Seeds) : (g+1)*len(c.Seeds)]
				facts.FirstNorm[variant] = append(facts.FirstNorm[variant], column(own, 0))
				facts.ByLayer[variant] = layerMeans(own) // the deepest net is the last
			}
		}
	}
	return facts, nil
}

// alongTraining trains at all rates and at the tiny one.
func (f *VanishingMeasurement) alongTraining(ctx context.Context, backend compute.Backend, c VanishingConfig) error {
	m := c.net(c.Depths[0], Tanh).Model()
	program, err := sweep.New(backend, sweep.Config{Model: m, Data: toy.Quadrants(c.Examples, trainingDraw, 0), StepsPerCall: 2})
	if err != nil {
		return err
	}
	defer program.Finalize()
	replicas := sweep.Grid(append(append([]float64(nil), c.Rates...), c.TinyRate), c.Seeds)
	trace, err := program.Run(ctx, sweep.Run{
		Task: "gradients along training", Replicas: replicas, Steps: c.Steps,
	})
	if err != nil {
		return err
	}
	n := len(c.Seeds)
	f.AtStart = sweep.ByRate(trace.GradientNorms[0], n)
	f.HighEnd = trace.GradientNorms[c.Steps-1][(len(c.Rates)-1)*n : len(c.Rates)*n]
	f.Course = make([][]float64, n)
	for seed := range f.Course {
		f.Course[seed] = column(trace.GradientNorms, len(c.Rates)*n+seed)
	}
	return nil
}

func (c VanishingConfig) net(depth int, activation func(*Node) *Node) sweep.Net {
	widths := []int{2}
	for range depth {
		widths = append(widths, c.Width)
	}
	return sweep.Net{Widths: append(widths, 2), Activation: activation, Loss: sweep.CrossEntropy}
}

var (
	activations = []struct {
		name  string
		apply func(*Node) *Node
	}{{"sigmoid", Sigmoid}, {"tanh", Tanh}, {"ReLU", nn.ReLU}}
	gains = []struct {
		name  string
		value float64
	}{{"Glorot", 1}, {"He", math.Sqrt2}, {"0.1·Glorot", 0.1}}
)

// layerNorms is the norm of the gradient of every layer's weights before
// training: [gain·seeds + seed][layer]. The initial weights of all gains are
// replicas of one program.
func (c VanishingConfig) layerNorms(ctx context.Context, backend compute.Backend, net sweep.Net) ([][]float64, error) {
	m := net.Model()
	program, err := sweep.New(backend, sweep.Config{Model: m, Data: toy.Quadrants(c.Examples, trainingDraw, 0), Watch: watchLayers})
	if err != nil {
		return nil, err
	}
	defer program.Finalize()
	var start [][]float64
	var replicas []sweep.Replica
	for _, gain := range gains {
		for _, seed := range c.Seeds {
			replicas, start = append(replicas, sweep.Replica{Rate: 1, Seed: seed}), append(start, sweep.Draw(m, seed, gain.value))
		}
	}
	trace, err := program.Run(ctx, sweep.Run{Task: "gradients of deep nets", Replicas: replicas, Start: start, Steps: 1})
	if err != nil {
		return nil, err
	}
	return trace.Watched[0], nil
}

// watchLayers is the norm of the gradient of every weight matrix:
// [replicas, layers].
func watchLayers(s sweep.Step) *Node {
	var norms []*Node
	for i := 0; i < len(s.Gradients); i += 2 { // biases follow weights
		norms = append(norms, Sqrt(sweep.SquaredNorm(s.Gradients[i])))
	}
	return Stack(norms, -1)
}

// column is rows[…][i].
func column(rows [][]float64, i int) []float64 {
	values := make([]float64, len(rows))
	for row := range rows {
		values[row] = rows[row][i]
	}
	return values
}

// layerMeans averages [seed][layer] over the seeds.
func layerMeans(norms [][]float64) []float64 {
	means := make([]float64, len(norms[0]))
	for layer := range means {
		means[layer] = stat.Mean(column(norms, layer), nil)
	}
	return means
}

// SameAtStart is the number of seeds whose gradient at step 0 is equal at all
// rates, to the last bit.
func (f VanishingMeasurement) SameAtStart() int {
	same := 0
	for seed := range f.AtStart[0] {
		equal := true
		for rate := range f.AtStart {
			equal = equal && f.AtStart[rate][seed] == f.AtStart[0][seed]
		}
		if equal {
			same++
		}
	}
	return same
}

// FallAtTinyRate is, for every seed, by how many powers of ten the norm has
// fallen at the end of the training at the tiny rate.
func (f VanishingMeasurement) FallAtTinyRate() []float64 {
	falls := make([]float64, len(f.Course))
	for seed, norms := range f.Course {
		falls[seed] = math.Log10(norms[0] / norms[len(norms)-1])
	}
	return falls
}

// FallWithDepth is, for every seed, by how many powers of ten the gradient of
// the first layer is smaller in the deepest net than in the shallowest. Where it
// underflows to 0, the smallest float32 stands for it: the fall is a lower bound.
func (f VanishingMeasurement) FallWithDepth(variant int) []float64 {
	falls := make([]float64, len(f.FirstNorm[variant][0]))
	for seed := range falls {
		shallow, deep := f.FirstNorm[variant][0][seed], f.FirstNorm[variant][len(f.Depths)-1][seed]
		falls[seed] = math.Log10(shallow / max(deep, math.SmallestNonzeroFloat32))
	}
	return falls
}

const vanishes = 1.0 // powers of ten by which a gradient shrinks when it vanishes

func judgeVanishing(v VanishingMeasurement) claim.Finding {
	same, seeds := v.SameAtStart(), len(v.Course)
	falls := claim.EstimateMean(v.FallAtTinyRate())
	var byDepth []string
	for i, name := range v.Variants {
		byDepth = append(byDepth, fmt.Sprintf("%s %.1f", name, claim.EstimateMean(v.FallWithDepth(i)).Mean))
	}
	return claim.Finding{
		Decision: claim.All(claim.Holds(same < seeds), falls.Above(vanishes)),
		Evidence: fmt.Sprintf("The gradient at step 0 is the same to the bit at %d rates from %d of %d seeds; along the training at η = %g it falls by %s powers of ten. What makes it vanish is the net: from %d to %d layers the first layer's falls by (powers of ten) %s.",
			len(v.Rates), same, seeds, v.TinyRate, falls, v.Depths[0], v.Depths[len(v.Depths)-1], strings.Join(byDepth, "; ")),
		Samples: seeds,
	}
}

func vanishingRules() []claim.Rule[VanishingMeasurement] {
	return []claim.Rule[VanishingMeasurement]{
		claim.SampledRule("q1b.3", "Q1 (b) 3",
			"A very low rate makes the gradients vanish, in deep nets above all.",
			fmt.Sprintf("the gradient at step 0 depends on the rate, and at a tiny rate its norm falls by a factor above %g along the training (95 %% interval)", math.Pow(10, vanishes)),
			claim.Refuted, judgeVanishing),
	}
}

// historyChart shows the norm of the gradient along the training at the tiny
// rate, as the mean over the seeds.
func (f VanishingMeasurement) historyChart() report.Chart {
	curve := report.Curve{Name: fmt.Sprintf("η = %g", f.TinyRate)}
	for step := range f.Course[0] {
		curve.Add(float64(step), stat.Mean(column(f.Course, step), nil))
	}
	return report.Chart{
		ID: "tiny", Title: "The gradient at a tiny rate", Mark: report.Line, XLabel: "training step", YLabel: "norm of the gradient",
		Alt:    "The norm of the gradient against the training step at the tiny rate, as the mean over the seeds, with a rule where it ends at the high rate: a gradient that vanishes falls to 0.",
		Curves: []report.Curve{curve}, Rules: []report.Reference{{Name: fmt.Sprintf("end at η = %g", f.HighRate), Y: stat.Mean(f.HighEnd, nil)}},
	}
}

// layerChart shows the norm of the gradient of every layer of the deepest net.
func (f VanishingMeasurement) layerChart() report.Chart {
	drawn := report.Chart{
		ID: "layers", Title: fmt.Sprintf("Gradient before training, %d hidden layers", f.Depths[len(f.Depths)-1]), Mark: report.Line,
		XLabel: "layer, counted from the input", YLabel: "norm of the gradient", LogY: true,
		Alt: "The norm of the gradient by layer on a logarithmic axis, for three activations from Glorot's and He's initial weights.",
	}
	for i, name := range f.Variants {
		if !shown(name) {
			continue
		}
		curve := report.Curve{Name: name}
		for layer, norm := range f.ByLayer[i] {
			if norm > 0 {
				curve.Add(float64(layer+1), norm)
			}
		}
		drawn.Curves = append(drawn.Curves, curve)
	}
	return drawn
}

// depthChart shows the gradient of the first layer against the depth.
func (f VanishingMeasurement) depthChart() report.Chart {
	drawn := report.Chart{
		ID: "depth", Title: "Gradient of the first layer before training", Mark: report.Line, XLabel: "hidden layers", YLabel: "norm of the gradient", LogX: true, LogY: true,
		Alt: "The norm of the gradient of the first layer against the number of hidden layers on logarithmic axes, one line for each activation with its initial weights: a line that falls is a gradient that vanishes with depth.",
	}
	for i, name := range f.Variants {
		if !shown(name) {
			continue
		}
		curve := report.Curve{Name: name}
		for d, depth := range f.Depths {
			curve.AddGeometric(float64(depth), f.FirstNorm[i][d])
		}
		drawn.Curves = append(drawn.Curves, curve)
	}
	return drawn
}

// shown leaves the variants out whose gradients fall below all others, and
// below what float32 holds.
func shown(variant string) bool { return !strings.Contains(variant, gains[2].name) }

// VanishingGradients is the experiment.
var VanishingGradients = experiment.Experiment[VanishingConfig, VanishingMeasurement]{
	Name: "Vanishing", Title: "What makes a gradient vanish",
	Measure: measureVanishing, Rules: vanishingRules(),
	Figures: func(_ VanishingConfig, f VanishingMeasurement) (report.Figures, error) {
		return report.Figures{Charts: []report.Chart{f.historyChart(), f.layerChart(), f.depthChart()}}, nil
	},
}
