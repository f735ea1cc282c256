package byhand

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute"

	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/report"
)

// ImageConfig works out one step of the convolutional net. The verdicts rest on
// both paddings, whichever is shown.
type ImageConfig struct {
	Seed         int64      `role:"fixed" help:"of the problem that is worked out line by line: another seed, other numbers"`
	Padding      nn.Padding `role:"fixed" help:"of the problem that is worked out: nn.Valid or nn.Same"`
	LearningRate float64    `role:"fixed" range:"[0.001, 10]" help:"learning rate η of the step"`
	Seeds        []int64    `role:"averaged" help:"of the problems that the verdicts rest on, one of each padding a seed"`
	Rates        []float64  `role:"compared" range:"(0, inf)" list:"2 rising" help:"learning rates of the chart"`
}

// Validate checks the padding.
func (c ImageConfig) Validate() error {
	if c.Padding != nn.Valid && c.Padding != nn.Same {
		return badinput.Errorf("Padding is %v: use nn.Valid or nn.Same", c.Padding)
	}
	return nil
}

// Problem is the convolutional net that is worked out.
func (c ImageConfig) Problem() Image { return DrawImage(c.Seed, c.Padding, c.LearningRate) }

// Chart is the loss after one step of that net, by rate.
func (c ImageConfig) Chart() report.Chart {
	return ratesChart("image-rates", "Convolutional net: the loss after one step", c.Rates, func(rate float64) problem {
		p := c.Problem()
		p.LearningRate = rate
		return p
	})
}

// The sizes of the image, the kernel and a pooling window, in pixels.
const (
	imageSide  = 4
	kernelSide = 3
	poolSide   = 2
)

// Image is a 4×4 image that goes through a 3×3 convolution with stride 1, ReLU,
// 2×2 max pooling and a dense sigmoid unit, with the cross-entropy loss.
type Image struct {
	X            [][]float64 // the image: 4×4
	K            [][]float64 // the kernel: 3×3
	B            float64     // bias of the convolution
	V            [][]float64 // weights of the dense unit, one for every pooled number
	C            float64     // bias of the dense unit
	Y            float64     // the target, 0 or 1
	LearningRate float64
	Padding      nn.Padding // Valid: 2×2 sums and one pooled number. Same: 4×4 sums and 2×2 pooled numbers
}

// DrawImage draws round numbers: pixels of 0, ½ and 1, a kernel of halves from
// −1 to 1, weights and biases in tenths. It draws all of them again until one
// sum is the largest in every pooling window, and at least one window is open.
// With these numbers no sum is exactly 0, so nothing lies on an edge of ReLU.
func DrawImage(seed int64, padding nn.Padding, rate float64) Image {
	random := fit.Rand(seed, forImage)
	for {
		p := drawImage(random, padding, rate)
		if p.decisive() {
			return p
		}
	}
}

func drawImage(random *rand.Rand, padding nn.Padding, rate float64) Image {
	halves := func(side, from, to int) [][]float64 {
		return filledWith(side, func() float64 { return float64(from+random.IntN(to-from+1)) / 2 })
	}
	p := Image{LearningRate: rate, Padding: padding, X: halves(imageSide, 0, 2), K: halves(kernelSide, -2, 2)}
	p.V = filledWith(p.sumSide()/poolSide, func() float64 { return tenths(random, 2, 10) })
	// A sum is a multiple of ¼ plus B, so it is never 0.
	p.B, p.C, p.Y = tenths(random, 1, 3), tenths(random, 1, 5), float64(random.IntN(2))
	return p
}

func filledWith(side int, draw func() float64) [][]float64 {
	rows := make([][]float64, side)
	for i := range rows {
		for range side {
			rows[i] = append(rows[i], draw())
		}
	}
	return rows
}

// sumSide is the height and width of the convolution's result.
func (p Image) sumSide() int { return nn.OutputSize(imageSide, kernelSide, 1, p.Padding) }

// border is the number of zeros before the image.
func (p Image) border() int {
	if p.Padding == nn.Same {
		return kernelSide / 2
	}
	return 0
}

// Closed is the problem with a bias so low that ReLU shuts every sum out.
func (p Image) Closed() Image {
	p.B = -kernelSide*kernelSide - 1 // below any sum of nine products from −1 to 1
	return p
}

// decisive reports whether every window has one largest sum, and one of these is
// above 0.
func (p Image) decisive() bool {
	sums := p.sums()
	open := false
	for i := 0; i < len(sums); i += poolSide {
		for j := 0; j < len(sums); j += poolSide {
			first, second := topTwo(sums[i][j], sums[i][j+1], sums[i+1][j], sums[i+1][j+1])
			if first == second {
				return false
			}
			open = open || first > 0
		}
	}
	return open
}

// sums are the results of the convolution, on a sheet that is thrown away.
func (p Image) sums() [][]float64 {
	w := newWorksheet("", "")
	w.step(stepForward, "")
	return p.terms().convolve(w, "").values()
}

func topTwo(values ...float64) (first, second float64) {
	first, second = max(values[0], values[1]), min(values[0], values[1])
	for _, v := range values[2:] {
		if v > first {
			first, second = v, first
		} else {
			second = max(second, v)
		}
	}
	return first, second
}

// Work does one step of training by hand.
func (p Image) Work() report.Derivation { return p.work().paper }

func (p Image) work() *worksheet {
	w := newWorksheet("image", fmt.Sprintf("One step of a small convolutional net, padding %s", p.Padding))
	t := p.terms()
	w.step(stepGiven, "The image X, the kernel K with its bias b, the weights v and bias c of the dense unit, the target y and the learning rate η.")
	rate := t.given(w, p.LearningRate)
	w.step(stepForward, "The kernel slides over the image: at each place nine products are added up. ReLU cuts off below 0, and the largest number of each 2×2 window goes on. The loss is the cross-entropy −(y ln ŷ + (1 − y) ln(1 − ŷ)); with y = 0 or 1 one of its terms is left.")
	pass := t.forward(w, "")
	w.step(stepBackward, "Max pooling passes the gradient to the largest number alone, and ReLU only where the sum was above 0. A bracket is 1 where what it says is true, and 0 elsewhere.")
	parameters := t.backward(w, pass)
	w.step(stepUpdate, "Each parameter moves against its gradient, all of them at once.")
	moved := w.update(parameters, rate)
	w.step(stepAfter, "The forward pass again, with the new numbers.")
	after := t.with(moved).forward(w, "'")
	w.gain(parameters, rate, pass.loss, after.loss)
	return w
}

// measureImages works out a convolutional net of every seed, for both paddings.
func measureImages(ctx context.Context, backend compute.Backend, c ImageConfig) ([]Comparison, error) {
	var all []Comparison
	for _, padding := range []nn.Padding{nn.Valid, nn.Same} {
		layout := imageLayout(DrawImage(c.Seed, padding, c.LearningRate))
		own, err := compared(ctx, backend, padding.String(), layout, c.LearningRate, c.Seeds, func(own *Comparison, m *machine, seed int64) error {
			p := DrawImage(seed, padding, c.LearningRate)
			machine, err := own.compare(m, p, DrawImage(seed, padding, c.LearningRate/100))
			if err != nil {
				return err
			}
			own.Routing.count(p, machine)
			shut, err := m.step(inputs(p.Closed().Work()))
			for _, name := range append(cellNames("dL/dk", kernelSide), "dL/db") {
				own.Routing.Closed = max(own.Routing.Closed, math.Abs(shut[name]))
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		all = append(all, own)
	}
	return all, nil
}

// count looks at every pooling window, at the machine's numbers alone.
func (r *Routing) count(p Image, machine map[string]float64) {
	side := p.sumSide()
	for i := 0; i < side; i += poolSide {
		for j := 0; j < side; j += poolSide {
			best, reached := "", []string(nil)
			for _, name := range []string{cellName("s", i, j), cellName("s", i, j+1), cellName("s", i+1, j), cellName("s", i+1, j+1)} {
				if best == "" || machine[name] > machine[best] {
					best = name
				}
				if machine["dL/d"+name] != 0 {
					reached = append(reached, name)
				}
			}
			open := machine[best] > 0
			r.Windows++
			if open {
				r.Open++
			}
			if (open && len(reached) == 1 && reached[0] == best) || (!open && len(reached) == 0) {
				r.Routed++
			}
		}
	}
}

func judgeImageBackward(cases []Comparison) claim.Finding {
	finding := judgeAgreement(cases, func(c Comparison) Agreement { return c.Backward })
	var all Routing
	for _, c := range cases {
		all.Windows += c.Routing.Windows
		all.Open += c.Routing.Open
		all.Routed += c.Routing.Routed
		all.Closed = max(all.Closed, c.Routing.Closed)
	}
	finding.Decision = claim.All(finding.Decision, claim.Holds(all.Routed == all.Windows), claim.Holds(all.Closed == 0))
	finding.Evidence += fmt.Sprintf(" In %d of %d pooling windows (%d of them open) GoMLX's gradient goes where the rule says. With every window shut, the largest gradient of the convolution is %g.",
		all.Routed, all.Windows, all.Open, all.Closed)
	return finding
}

func imageRules() []claim.Rule[[]Comparison] {
	return []claim.Rule[[]Comparison]{
		claim.ExactRule("q2.4", source,
			"A convolution is a sum of products at each place; with ReLU, max pooling and a dense unit the whole forward pass can be worked out on paper.",
			"all numbers of the forward pass of every problem "+sameRule, claim.Supported, judgeForward).Revised(revised, reason),
		claim.ExactRule("q2.5", source,
			"Max pooling sends the gradient to the largest number alone, ReLU lets it pass only where the sum was above 0, and the kernel's gradient is the correlation of the image with the gradients that are left.",
			"all gradients of every problem "+sameRule+"; in every pooling window GoMLX's gradient reaches the largest sum alone, or none where ReLU is shut; and with all windows shut, no number of the convolution has a gradient",
			claim.Supported, judgeImageBackward).Revised(revised, reason),
		claim.ExactRule("q2.6", source,
			"The same step of gradient descent trains kernel, bias and dense unit together, and the loss falls, by nearly η‖g‖² when the rate is small.",
			stepRule, claim.Supported, judgeStep).Revised(revised, reason),
	}
}

// ImageStep is the experiment.
var ImageStep = experiment.Experiment[ImageConfig, []Comparison]{
	Name: "Image", Title: "One step of a small convolutional net",
	Measure: measureImages, Rules: imageRules(),
	Figures: func(c ImageConfig, cases []Comparison) (report.Figures, error) {
		return report.Figures{
			Derivations: []report.Derivation{c.Problem().Work()}, Charts: []report.Chart{c.Chart()},
			Tables: []report.Table{table("image-agreement", "Convolutional net", cases)},
		}, nil
	},
}
