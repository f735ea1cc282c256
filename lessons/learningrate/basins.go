package learningrate

import (
	"context"
	"math"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"

	"evident/kit/fit"
	"evident/kit/sweep"
)

// Landscape is a function of one or two variables with two basins: a deep one
// at −2 and a shallow one at +2, on a wide bowl.
//
//	f(θ) = 0.02·‖θ‖² − 1.0·exp(−(θ₁+2)²/2s²) − 0.6·exp(−(θ₁−2)²/2w²) (+ ½θ₂²)
type Landscape struct {
	Name          string
	Deep, Shallow float64 // widths s and w
	Dimensions    int
}

const (
	deepAt, shallowAt       = -2.0, 2.0
	deepDepth, shallowDepth = 1.0, 0.6
	bowl                    = 0.02
)

// The landscapes. The deep basin of the first is the sharper one.
const (
	sharpDeep = "sharp deep basin"
	wideDeep  = "wide deep basin"
	twoD      = "sharp deep basin, 2-D"
)

func landscapes() []Landscape {
	return []Landscape{{sharpDeep, 0.4, 1, 1}, {wideDeep, 1, 0.4, 1}, {twoD, 0.4, 1, 2}}
}

// Value is f on the axis θ₂ = 0.
func (l Landscape) Value(theta float64) float64 {
	well := func(at, depth, width float64) float64 {
		return depth * math.Exp(-(theta-at)*(theta-at)/(2*width*width))
	}
	return bowl*theta*theta - well(deepAt, deepDepth, l.Deep) - well(shallowAt, shallowDepth, l.Shallow)
}

// barrier is the place of the highest point between the basins.
func (l Landscape) barrier() float64 {
	highest := deepAt
	for theta := deepAt; theta < shallowAt; theta += 1e-3 {
		if l.Value(theta) > l.Value(highest) {
			highest = theta
		}
	}
	return highest
}

// model adds the mean of a batch of noise vectors times θ: the gradient then is
// ∇f plus noise, as that of a mini-batch is.
func (l Landscape) model() sweep.Model {
	return sweep.Model{Shapes: [][]int{{l.Dimensions}}, Units: l.Dimensions, Loss: func(params []*Node, x, _ *Node) *Node {
		theta := params[0] // [replicas, dimensions]
		first := Reshape(Slice(theta, AxisRange(), AxisElem(0)), -1)
		well := func(at, depth, width float64) *Node {
			return MulScalar(Exp(MulScalar(Square(AddScalar(first, -at)), -1/(2*width*width))), depth)
		}
		loss := MulScalar(sweep.SquaredNorm(theta), bowl)
		loss = Sub(loss, Add(well(deepAt, deepDepth, l.Deep), well(shallowAt, shallowDepth, l.Shallow)))
		if l.Dimensions > 1 {
			second := Reshape(Slice(theta, AxisRange(), AxisElem(1)), -1)
			loss = Add(loss, MulScalar(Square(second), 0.5))
		}
		return Add(loss, ReduceSum(Mul(ReduceMean(x, 1), theta), -1))
	}}
}

// BasinFacts are shares of runs, one sample a seed.
type BasinFacts struct {
	Rates     []float64
	Landscape []LandscapeFacts
	Plateau   []PlateauFact
}

// LandscapeFacts are the shares on one landscape.
type LandscapeFacts struct {
	Landscape
	Unstable  float64     // the rate above which the deep basin's minimum is unstable, 2/f″
	Shallow   [][]float64 // [rate][seed]: share that started in the deep basin and ended in the shallow one
	Returned  []float64   // [seed]: of all runs that ended in the shallow one, the share that a small rate took back; NaN when none ended there
	StayedLow [][]float64 // [rate][seed]: share that started in the shallow basin and stayed
}

// PlateauFact is one descent of ½σ(θ)² from far up, where σ is flat.
type PlateauFact struct {
	Rate float64
	Left float64 // loss at the end over that of the start
}

// Of finds a landscape's facts by its name.
func (b BasinFacts) Of(name string) LandscapeFacts {
	for _, l := range b.Landscape {
		if l.Name == name {
			return l
		}
	}
	return LandscapeFacts{}
}

// MeasureBasins makes all runs on all landscapes, and those on the plateau.
func MeasureBasins(ctx context.Context, backend compute.Backend, c BasinConfig) (BasinFacts, error) {
	facts := BasinFacts{Rates: c.Rates}
	if err := c.check(); err != nil {
		return facts, err
	}
	for _, l := range landscapes() {
		own, err := c.measure(ctx, backend, l)
		if err != nil {
			return facts, err
		}
		facts.Landscape = append(facts.Landscape, own)
	}
	var err error
	facts.Plateau, err = c.plateau(ctx, backend)
	return facts, err
}

// forNoise keeps these draws apart from others of the same seed.
const forNoise = 21

// gradientNoise is vectors of mean zero, one row an example.
func (c BasinConfig) gradientNoise(dimensions int) sweep.Data {
	const examples = 512
	random := fit.Rand(noiseDraw, forNoise)
	data := sweep.Data{X: make([][]float64, examples), Y: make([][]float64, examples)}
	for i := 0; i < examples; i += 2 { // in pairs of opposite sign, so that the mean is zero
		data.X[i], data.X[i+1] = make([]float64, dimensions), make([]float64, dimensions)
		data.Y[i], data.Y[i+1] = []float64{0}, []float64{0}
		for j := range dimensions {
			data.X[i][j] = c.Noise * random.NormFloat64()
			data.X[i+1][j] = -data.X[i][j]
		}
	}
	return data
}

// noiseBatch is the size of the batches of noise.
const noiseBatch = 8

func (c BasinConfig) measure(ctx context.Context, backend compute.Backend, l Landscape) (LandscapeFacts, error) {
	facts := LandscapeFacts{Landscape: l, Unstable: 2 / (deepDepth/(l.Deep*l.Deep) + 2*bowl)}
	program, err := sweep.New(backend, sweep.Config{Model: l.model(), Data: c.gradientNoise(l.Dimensions), BatchSize: noiseBatch, StepsPerCall: 4})
	if err != nil {
		return facts, err
	}
	defer program.Finalize()
	replicas := sweep.Grid(c.Rates, c.runSeeds())
	finish := func(start [][]float64, replicas []sweep.Replica, steps int) ([][]float64, error) {
		trace, err := program.Run(ctx, sweep.Run{Task: l.Name, Replicas: replicas, Start: start, Steps: steps})
		return trace.Final, err
	}
	fromDeep, err := finish(starts(len(replicas), l.Dimensions, deepAt), replicas, c.Steps)
	if err != nil {
		return facts, err
	}
	fromShallow, err := finish(starts(len(replicas), l.Dimensions, shallowAt), replicas, c.Steps)
	if err != nil {
		return facts, err
	}
	slow := append([]sweep.Replica(nil), replicas...)
	for i := range slow {
		slow[i].Rate = c.ReturnRate
	}
	after, err := finish(fromDeep, slow, c.ReturnSteps)
	if err != nil {
		return facts, err
	}
	barrier := l.barrier()
	inShallow := func(theta []float64) bool { return theta[0] > barrier }
	facts.Shallow = c.shares(fromDeep, inShallow)
	facts.StayedLow = c.shares(fromShallow, inShallow)
	facts.Returned = c.returned(fromDeep, after, inShallow)
	return facts, nil
}

// runSeeds gives every run of every seed a seed of its own, so that they see
// other noise.
func (c BasinConfig) runSeeds() []int64 {
	const apart = 1_000_003
	var all []int64
	for _, seed := range c.Seeds {
		for run := range c.Runs {
			all = append(all, seed*apart+int64(run))
		}
	}
	return all
}

func starts(replicas, dimensions int, at float64) [][]float64 {
	all := make([][]float64, replicas)
	for i := range all {
		all[i] = make([]float64, dimensions)
		all[i][0] = at
	}
	return all
}

// shares is the share of a seed's runs that end at such a place: [rate][seed].
func (c BasinConfig) shares(ends [][]float64, is func(theta []float64) bool) [][]float64 {
	held := make([]float64, len(ends)/c.Runs)
	for i, theta := range ends {
		if is(theta) {
			held[i/c.Runs] += 1 / float64(c.Runs)
		}
	}
	return sweep.ByRate(held, len(c.Seeds))
}

// returned is, by seed, the share of the runs in the shallow basin that end in
// the deep one.
func (c BasinConfig) returned(before, after [][]float64, inShallow func([]float64) bool) []float64 {
	were, back := make([]float64, len(c.Seeds)), make([]float64, len(c.Seeds))
	for i := range before {
		seed := i / c.Runs % len(c.Seeds)
		if inShallow(before[i]) {
			were[seed]++
			if !inShallow(after[i]) {
				back[seed]++
			}
		}
	}
	for seed := range back {
		back[seed] /= were[seed]
	}
	return back
}

// plateau descends ½σ(θ)² from a θ at which σ is all but 1 and its slope all
// but 0.
func (c BasinConfig) plateau(ctx context.Context, backend compute.Backend) ([]PlateauFact, error) {
	saturated := sweep.Model{Shapes: [][]int{{1}}, Loss: func(params []*Node, _, _ *Node) *Node {
		return MulScalar(sweep.SquaredNorm(Sigmoid(params[0])), 0.5)
	}}
	trace, err := descend(ctx, backend, saturated, c.PlateauRates, []float64{c.PlateauHeight}, c.PlateauSteps)
	if err != nil {
		return nil, err
	}
	facts := make([]PlateauFact, len(c.PlateauRates))
	for i, rate := range c.PlateauRates {
		facts[i] = PlateauFact{Rate: rate, Left: trace.Losses[len(trace.Losses)-1][i] / trace.Losses[0][i]}
	}
	return facts, nil
}
