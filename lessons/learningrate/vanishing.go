package learningrate

import (
	"context"
	"math"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/stat"

	"evident/datasets/toy"
	"evident/kit/nn"
	"evident/kit/sweep"
)

// VanishingFacts say what the size of the gradient depends on.
type VanishingFacts struct {
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

// SameAtStart is the number of seeds whose gradient at step 0 is equal at all
// rates, to the last bit.
func (f VanishingFacts) SameAtStart() int {
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
func (f VanishingFacts) FallAtTinyRate() []float64 {
	falls := make([]float64, len(f.Course))
	for seed, norms := range f.Course {
		falls[seed] = math.Log10(norms[0] / norms[len(norms)-1])
	}
	return falls
}

// FallWithDepth is, for every seed, by how many powers of ten the gradient of
// the first layer is smaller in the deepest net than in the shallowest. Where it
// underflows to 0, the smallest float32 stands for it: the fall is a lower bound.
func (f VanishingFacts) FallWithDepth(variant int) []float64 {
	falls := make([]float64, len(f.FirstNorm[variant][0]))
	for seed := range falls {
		shallow, deep := f.FirstNorm[variant][0][seed], f.FirstNorm[variant][len(f.Depths)-1][seed]
		falls[seed] = math.Log10(shallow / max(deep, math.SmallestNonzeroFloat32))
	}
	return falls
}

// activations and gains are what is varied besides the depth. The gain
// multiplies weights drawn as Glorot and Bengio (2010) do; between layers of
// equal width √2 makes them those of He et al. (2015).
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

func (c VanishingConfig) net(depth int, activation func(*Node) *Node) sweep.Net {
	widths := []int{2}
	for range depth {
		widths = append(widths, c.Width)
	}
	return sweep.Net{Widths: append(widths, 2), Activation: activation, Loss: sweep.CrossEntropy}
}

// MeasureVanishing varies first the rate, then depth, activation and initial
// weights.
func MeasureVanishing(ctx context.Context, backend compute.Backend, c VanishingConfig) (VanishingFacts, error) {
	if err := c.check(); err != nil {
		return VanishingFacts{}, err
	}
	facts := VanishingFacts{Rates: c.Rates, TinyRate: c.TinyRate, HighRate: c.Rates[len(c.Rates)-1], Depths: c.Depths}
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
func (f *VanishingFacts) alongTraining(ctx context.Context, backend compute.Backend, c VanishingConfig) error {
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
