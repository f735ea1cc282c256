package byhand

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/compute"

	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// Activation is the function of the hidden units.
type Activation string

// The activations that the lesson calculates with.
const (
	SigmoidUnits Activation = "sigmoid"
	TanhUnits    Activation = "tanh"
)

// NetConfig works out one step of the 2-2-1 net. The verdicts rest on both
// activations, whichever is shown.
type NetConfig struct {
	Seed         int64      `role:"fixed" help:"of the problem that is worked out line by line: another seed, other numbers"`
	Activation   Activation `role:"fixed" help:"of the problem that is worked out: sigmoid or tanh"`
	LearningRate float64    `role:"fixed" range:"[0.001, 10]" help:"learning rate η of the step"`
	Seeds        []int64    `role:"averaged" help:"of the problems that the verdicts rest on, one of each activation a seed"`
	Rates        []float64  `role:"compared" range:"(0, inf)" list:"2 rising" help:"learning rates of the chart"`
}

// Validate checks the activation.
func (c NetConfig) Validate() error {
	if c.Activation != SigmoidUnits && c.Activation != TanhUnits {
		return badinput.Errorf("Activation is %q: use %q or %q", c.Activation, SigmoidUnits, TanhUnits)
	}
	return nil
}

// Problem is the net that is worked out.
func (c NetConfig) Problem() Net { return DrawNet(c.Seed, c.Activation, c.LearningRate) }

// Chart is the loss after one step of that net, by rate.
func (c NetConfig) Chart() report.Chart {
	return ratesChart("net-rates", "2-2-1 net: the loss after one step", c.Rates, func(rate float64) problem {
		p := c.Problem()
		p.LearningRate = rate
		return p
	})
}

// Net is a net of two inputs, two hidden units and one sigmoid output, with one
// example and the loss ½(ŷ − y)².
type Net struct {
	X            [2]float64    // the input
	W            [2][2]float64 // [hidden unit][input]
	B            [2]float64    // biases of the hidden units
	V            [2]float64    // weights of the output
	C            float64       // bias of the output
	Y            float64       // the target, 0 or 1
	LearningRate float64
	Activation   Activation // of the hidden units
}

// What a seed's numbers are drawn for.
const (
	forNet uint64 = iota + 61
	forImage
)

// DrawNet draws round numbers: inputs, weights and biases from ±0.1 to ±1 in
// tenths, and a target of 0 or 1.
func DrawNet(seed int64, activation Activation, rate float64) Net {
	random := fit.Rand(seed, forNet)
	draw := func() float64 { return tenths(random, 1, 10) }
	p := Net{Activation: activation, LearningRate: rate, C: draw(), Y: float64(random.IntN(2))}
	for i := range 2 {
		p.X[i], p.B[i], p.V[i] = draw(), draw(), draw()
		p.W[i] = [2]float64{draw(), draw()}
	}
	return p
}

// netTerms are the numbers of a [Net] on paper.
type netTerms struct {
	x, b, v    [2]expression
	w          [2][2]expression
	c, y       expression
	activation Activation
}

// netPass is what the forward pass leaves for the backward pass.
type netPass struct {
	a            [2]expression
	output, loss expression
}

// Work does one step of training by hand.
func (p Net) Work() report.Derivation { return p.work().paper }

func (p Net) work() *worksheet {
	w := newWorksheet("net", fmt.Sprintf("One step of a 2-2-1 net with %s units", p.Activation))
	w.step(stepGiven, "The input x, the target y, the learning rate η, the weights w and biases b of the hidden units, and v and c of the output.")
	terms, rate := p.terms(w)
	w.step(stepForward, "Each unit adds up its weighted inputs and its bias, and bends the sum.")
	pass := terms.forward(w, "")
	w.step(stepBackward, "From the loss back to the inputs: each line multiplies a gradient that is already known by one more derivative.")
	parameters := terms.backward(w, pass)
	w.step(stepUpdate, "Each parameter moves against its gradient, all of them at once.")
	moved := w.update(parameters, rate)
	w.step(stepAfter, "The forward pass again, with the new numbers.")
	after := terms.with(moved).forward(w, "'")
	w.gain(parameters, rate, pass.loss, after.loss)
	return w
}

// terms writes down what is given.
func (p Net) terms(w *worksheet) (t netTerms, rate expression) {
	t.activation = p.Activation
	for i, x := range p.X {
		t.x[i] = w.given(fmt.Sprintf("x%d", i+1), fmt.Sprintf("x_%d", i+1), x)
	}
	t.y = w.given("y", "y", p.Y)
	rate = w.given("eta", `\eta`, p.LearningRate)
	for i, weights := range p.W {
		for j, weight := range weights {
			t.w[i][j] = w.given(cellName("w", i, j), cell("w", i, j), weight)
		}
	}
	for i, bias := range p.B {
		t.b[i] = w.given(fmt.Sprintf("b%d", i+1), fmt.Sprintf("b_%d", i+1), bias)
	}
	for i, weight := range p.V {
		t.v[i] = w.given(fmt.Sprintf("v%d", i+1), fmt.Sprintf("v_%d", i+1), weight)
	}
	t.c = w.given("c", "c", p.C)
	return t, rate
}

// forward calculates the loss; the prime tells a second pass from the first.
func (t netTerms) forward(w *worksheet, prime string) (pass netPass) {
	var z [2]expression
	for i := range z {
		z[i] = w.line(fmt.Sprintf("z%d%s", i+1, prime), fmt.Sprintf("z_%d%s", i+1, prime),
			plus(times(t.w[i][0], t.x[0]), times(t.w[i][1], t.x[1]), t.b[i]))
	}
	for i := range z {
		pass.a[i] = w.line(fmt.Sprintf("a%d%s", i+1, prime), fmt.Sprintf("a_%d%s", i+1, prime), t.activation.of(z[i]))
	}
	z3 := w.line("z3"+prime, "z_3"+prime, plus(times(t.v[0], pass.a[0]), times(t.v[1], pass.a[1]), t.c))
	pass.output = w.line("yhat"+prime, `\hat y`+prime, sigmoid(z3))
	pass.loss = w.line("L"+prime, "L"+prime, times(half(), squared(minus(pass.output, t.y))))
	return pass
}

// backward calculates the gradient of the loss along every parameter.
func (t netTerms) backward(w *worksheet, pass netPass) []parameter {
	output := pass.output
	slopeOutput := w.line("dL/dyhat", slope(`\hat y`), minus(output, t.y))
	// σ′(z) = σ(z)(1 − σ(z))
	delta3 := w.line("dL/dz3", slope("z_3"), times(slopeOutput, output, minus(constant(1), output)))
	var hidden, outer []parameter
	for i := range 2 {
		outer = append(outer, w.slopeOf(t.v[i], fmt.Sprintf("v%d", i+1), times(delta3, pass.a[i])))
	}
	outer = append(outer, w.slopeOf(t.c, "c", delta3))
	for i := range 2 {
		unit := fmt.Sprint(i + 1)
		slopeA := w.line("dL/da"+unit, slope("a_"+unit), times(delta3, t.v[i]))
		delta := w.line("dL/dz"+unit, slope("z_"+unit), times(slopeA, t.activation.slope(pass.a[i])))
		for j := range 2 {
			hidden = append(hidden, w.slopeOf(t.w[i][j], cellName("w", i, j), times(delta, t.x[j])))
		}
		hidden = append(hidden, w.slopeOf(t.b[i], "b"+unit, delta))
	}
	return append(hidden, outer...)
}

// with are the terms after the parameters moved, in the order of backward.
func (t netTerms) with(moved []expression) netTerms {
	for i := range 2 {
		t.w[i] = [2]expression{moved[3*i], moved[3*i+1]}
		t.b[i] = moved[3*i+2]
		t.v[i] = moved[6+i]
	}
	t.c = moved[8]
	return t
}

func (a Activation) of(z expression) expression {
	if a == TanhUnits {
		return tanh(z)
	}
	return sigmoid(z)
}

// slope is the derivative of the activation, from its result a: σ′ = a(1 − a),
// and tanh′ = 1 − a².
func (a Activation) slope(result expression) expression {
	if a == TanhUnits {
		return minus(constant(1), squared(result))
	}
	return times(result, minus(constant(1), result))
}

// measureNets works out a net of every seed, for both activations.
func measureNets(ctx context.Context, backend compute.Backend, c NetConfig) ([]Comparison, error) {
	var all []Comparison
	for _, activation := range []Activation{SigmoidUnits, TanhUnits} {
		own, err := compared(ctx, backend, string(activation), netLayout(activation), c.LearningRate, c.Seeds, func(own *Comparison, m *machine, seed int64) error {
			_, err := own.compare(m, DrawNet(seed, activation, c.LearningRate), DrawNet(seed, activation, c.LearningRate/100))
			return err
		})
		if err != nil {
			return nil, err
		}
		all = append(all, own)
	}
	return all, nil
}

func judgeForward(cases []Comparison) claim.Finding {
	return judgeAgreement(cases, func(c Comparison) Agreement { return c.Forward })
}

func judgeNetBackward(cases []Comparison) claim.Finding {
	return judgeAgreement(cases, func(c Comparison) Agreement { return c.Backward })
}

func netRules() []claim.Rule[[]Comparison] {
	return []claim.Rule[[]Comparison]{
		claim.ExactRule("q2.1", source,
			"The output and the loss of a 2-2-1 net can be worked out on paper: weighted sums, each bent by its unit's function.",
			"all numbers of the forward pass of every problem "+sameRule, claim.Supported, judgeForward).Revised(revised, reason),
		claim.ExactRule("q2.2", source,
			"The chain rule, applied line by line from the loss backwards, gives the gradient that automatic differentiation gives.",
			"all gradients of the loss, by inner results and by parameters, of every problem "+sameRule, claim.Supported, judgeNetBackward).Revised(revised, reason),
		claim.ExactRule("q2.3", source,
			"One step of gradient descent moves each parameter by −η times its gradient, and the loss falls, by nearly η‖g‖² when the rate is small.",
			stepRule, claim.Supported, judgeStep).Revised(revised, reason),
	}
}

// NetStep is the experiment.
var NetStep = experiment.Experiment[NetConfig, []Comparison]{
	Name: "Net", Title: "One step of a 2-2-1 net",
	Measure: measureNets, Rules: netRules(),
	Figures: func(c NetConfig, cases []Comparison) (report.Figures, error) {
		return report.Figures{
			Derivations: []report.Derivation{c.Problem().Work()}, Charts: []report.Chart{c.Chart()},
			Tables: []report.Table{table("net-agreement", "2-2-1 net", cases)},
		}, nil
	},
}

// tenths draws a multiple of 0.1, not 0: from to most tenths, of either sign.
func tenths(random *rand.Rand, from, most int) float64 {
	n := from + random.IntN(most-from+1)
	if random.IntN(2) == 0 {
		n = -n
	}
	return float64(n) / 10
}
