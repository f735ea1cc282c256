package learningrate

import (
	"context"
	"fmt"
	"math"
	"slices"
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
	Seeds    []int64   `role:"averaged" help:"of data and initial weights"`
	Depths   []int     `role:"compared" range:"[1, inf)" list:"2" help:"hidden layers"`
	Width    int       `role:"fixed" range:"[1, inf)" help:"units of each hidden layer"`
	Examples int       `role:"fixed" range:"[1, inf)" help:"training examples"`
	TinyRate float64   `role:"fixed" range:"(0, inf)" help:"rate at which the gradient is followed"`
	Steps    int       `role:"fixed" range:"[1, inf)" help:"steps of the trainings"`
}

// VanishingMeasurement say what the size of the gradient depends on.
type VanishingMeasurement struct {
	Rates     []float64
	TinyRate  float64
	HighRate  float64         // the highest of the rates, for comparison
	Along     []AlongTraining // in the shallowest and in the deepest net
	Depths    []int
	Variants  []string      // activation, initialisation
	FirstNorm [][][]float64 // [variant][depth][seed]: norm of the gradient of the first layer's weights before training
	ByLayer   [][]float64   // [variant][layer]: … of every layer of the deepest net, mean over the seeds
}

// AlongTraining are norms of the gradient of one net.
type AlongTraining struct {
	Depth   int
	AtStart [][]float64 // [rate][seed]: at step 0
	Tiny    [][]float64 // [seed][step]: along the training at the tiny rate
	High    [][]float64 // [seed][step]: … and at the highest rate
}

// measureVanishing varies first the rate, then depth, activation and initial
// weights.
func measureVanishing(ctx context.Context, backend compute.Backend, c VanishingConfig) (VanishingMeasurement, error) {
	facts := VanishingMeasurement{Rates: c.Rates, TinyRate: c.TinyRate, HighRate: c.Rates[len(c.Rates)-1], Depths: c.Depths}
	for _, depth := range []int{c.Depths[0], c.Depths[len(c.Depths)-1]} {
		along, err := c.alongTraining(ctx, backend, depth)
		if err != nil {
			return facts, err
		}
		facts.Along = append(facts.Along, along)
	}
	for _, a := range activations {
		for _, g := range gains {
			facts.Variants = append(facts.Variants, a.name+", "+g.name)
			facts.FirstNorm = append(facts.FirstNorm, nil)
		}
		facts.ByLayer = append(facts.ByLayer, make([][]float64, len(gains))...)
	}
	for _, depth := range c.Depths {
		norms, err := c.layerNorms(ctx, backend, depth)
		if err != nil {
			return facts, err
		}
		for variant, own := range norms {
			facts.FirstNorm[variant] = append(facts.FirstNorm[variant], column(own, 0))
			facts.ByLayer[variant] = layerMeans(own) // the deepest net is the last
		}
	}
	return facts, nil
}

// alongTraining trains a net at all rates and at the tiny one.
func (c VanishingConfig) alongTraining(ctx context.Context, backend compute.Backend, depth int) (AlongTraining, error) {
	along := AlongTraining{Depth: depth}
	program, err := sweep.New(backend, sweep.Config{Model: c.net(depth, Tanh).Model(), Draw: c.draw, StepsPerCall: 2})
	if err != nil {
		return along, err
	}
	defer program.Finalize()
	trace, err := program.Run(ctx, sweep.Run{
		Task: "gradients along training", Replicas: sweep.Grid(append(slices.Clone(c.Rates), c.TinyRate), c.Seeds), Steps: c.Steps,
	})
	if err != nil {
		return along, err
	}
	n := len(c.Seeds)
	along.AtStart = sweep.ByRate(trace.GradientNorms[0], n)
	for seed := range n {
		along.High = append(along.High, column(trace.GradientNorms, (len(c.Rates)-1)*n+seed))
		along.Tiny = append(along.Tiny, column(trace.GradientNorms, len(c.Rates)*n+seed))
	}
	return along, nil
}

func (c VanishingConfig) draw(seed int64) sweep.Data { return toy.Quadrants(c.Examples, seed, 0) }

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

// eachItsOwn applies the activations to equal groups of replicas, in order.
func eachItsOwn(x *Node) *Node {
	share := x.Shape().Dim(0) / len(activations)
	groups := make([]*Node, len(activations))
	for i, activation := range activations {
		groups[i] = activation.apply(Slice(x, AxisRange(i*share, (i+1)*share)))
	}
	return Concatenate(groups, 0)
}

// layerNorms is the norm of the gradient of every layer's weights before
// training: [variant][seed][layer]. All variants are replicas of one program.
func (c VanishingConfig) layerNorms(ctx context.Context, backend compute.Backend, depth int) ([][][]float64, error) {
	m := c.net(depth, eachItsOwn).Model()
	program, err := sweep.New(backend, sweep.Config{Model: m, Draw: c.draw, Watch: watchLayers})
	if err != nil {
		return nil, err
	}
	defer program.Finalize()
	var start [][]float64
	var replicas []sweep.Replica
	for range activations {
		for _, gain := range gains {
			for _, seed := range c.Seeds {
				replicas, start = append(replicas, sweep.Replica{Rate: 1, Seed: seed}), append(start, sweep.Draw(m, seed, gain.value))
			}
		}
	}
	trace, err := program.Run(ctx, sweep.Run{Task: "gradients of deep nets", Replicas: replicas, Start: start, Steps: 1})
	if err != nil {
		return nil, err
	}
	return sweep.ByRate(trace.Watched[0], len(c.Seeds)), nil
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
func (a AlongTraining) SameAtStart() int {
	same := 0
	for seed := range a.Tiny {
		equal := true
		for rate := range a.AtStart {
			equal = equal && a.AtStart[rate][seed] == a.AtStart[0][seed]
		}
		if equal {
			same++
		}
	}
	return same
}

// falls is, for every seed, by how many powers of ten a norm has fallen at the
// end of its course.
func falls(courses [][]float64) []float64 {
	all := make([]float64, len(courses))
	for seed, norms := range courses {
		all[seed] = math.Log10(norms[0] / norms[len(norms)-1])
	}
	return all
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

const vanishes = 1.0 // powers of ten: a gradient that shrinks by less costs less than one step of a grid of rates

func judgeVanishing(v VanishingMeasurement) claim.Finding {
	shallow := v.Along[0]
	fall := claim.EstimateMean(falls(shallow.Tiny))
	return claim.Finding{
		Decision: fall.Above(vanishes),
		Evidence: fmt.Sprintf("In a net of %d layers the norm of the gradient falls by %s powers of ten along the training at η = %g, and by %s in as many steps at %g. The gradient at step 0 is the same to the bit at all of %d rates from %d of %d seeds.",
			shallow.Depth, fall, v.TinyRate, claim.EstimateMean(falls(shallow.High)), v.HighRate, len(shallow.AtStart), shallow.SameAtStart(), fall.N),
		Samples: fall.N,
	}
}

func judgeVanishingDeep(v VanishingMeasurement) claim.Finding {
	shallow, deep := v.Along[0], v.Along[len(v.Along)-1]
	more := claim.EstimateDifference(falls(deep.Tiny), falls(shallow.Tiny))
	var byDepth []string
	for i, name := range v.Variants {
		byDepth = append(byDepth, fmt.Sprintf("%s %.1f", name, claim.EstimateMean(v.FallWithDepth(i)).Mean))
	}
	return claim.Finding{
		Decision: more.Above(vanishes),
		Evidence: fmt.Sprintf("With %d layers the norm falls by %s powers of ten along the training at η = %g; that is %s more than with %d. For comparison, before any training the first layer's gradient falls from %d to %d layers by (powers of ten) %s.",
			deep.Depth, claim.EstimateMean(falls(deep.Tiny)), v.TinyRate, more, shallow.Depth, shallow.Depth, deep.Depth, strings.Join(byDepth, "; ")),
		Samples: more.N,
	}
}

func vanishingRules() []claim.Rule[VanishingMeasurement] {
	const source = "Q1 (b) 3"
	return []claim.Rule[VanishingMeasurement]{
		claim.Whole("q1b.3", source,
			"A very low rate makes the gradients vanish, in deep nets above all.",
			claim.SampledRule("q1b.3a", source, "A very low rate makes the gradients vanish.",
				fmt.Sprintf("at a tiny rate the norm of the gradient falls by a factor above %g along the training (95 %% interval)", math.Pow(10, vanishes)),
				claim.Refuted, judgeVanishing).Revised(revised, "it asked besides that the gradient at step 0 depend on the rate, which no measurement could show"),
			claim.SampledRule("q1b.3b", source, "It does so in deep nets above all.",
				fmt.Sprintf("the factor is over %g times larger in the deepest net than in the shallowest (95 %% interval)", math.Pow(10, vanishes)),
				claim.Refuted, judgeVanishingDeep).Revised(revised, "the deep net was not measured")),
	}
}

// historyChart shows the norm of the gradient along the trainings.
func (f VanishingMeasurement) historyChart() report.Chart {
	drawn := report.Chart{
		ID: "tiny", Title: "The gradient at a tiny rate and at a high one", Mark: report.Line, XLabel: "training step", YLabel: "norm of the gradient", LogY: true,
		Alt: "The norm of the gradient against the training step on a logarithmic axis, as the mean over the seeds, at the tiny rate and at the highest, for the shallowest and the deepest net: a gradient that vanishes falls towards 0.",
	}
	for _, a := range f.Along {
		for _, of := range []struct {
			rate    float64
			courses [][]float64
		}{{f.TinyRate, a.Tiny}, {f.HighRate, a.High}} {
			curve := report.Curve{Name: fmt.Sprintf("%d layers, η = %g", a.Depth, of.rate)}
			for step := 0; step < len(of.courses[0]); step += 4 { // closer ones would not be told apart
				curve.Add(float64(step), stat.Mean(column(of.courses, step), nil))
			}
			drawn.Curves = append(drawn.Curves, curve)
		}
	}
	return drawn
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
