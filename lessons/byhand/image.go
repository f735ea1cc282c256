package byhand

import (
	"fmt"
	"math/rand/v2"

	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/report"
)

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
	w := &worksheet{}
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
func (p Image) Work() report.Derivation {
	w := &worksheet{report.Derivation{ID: "image", Title: fmt.Sprintf("One step of a small convolutional net, padding %s", p.Padding)}}
	t := p.terms()
	w.step(stepGiven, "The image X, the kernel K with its bias b, the weights v and bias c of the dense unit, the target y and the learning rate η.")
	rate := t.given(w, p.LearningRate)
	w.step(stepForward, "The kernel slides over the image: at each place nine products are added up. ReLU cuts off below 0, and the largest number of each 2×2 window goes on. The loss is the cross-entropy −(y ln ŷ + (1 − y) ln(1 − ŷ)); with y = 0 or 1 one of its terms is left.")
	pass := t.forward(w, "")
	w.step(stepBackward, "Max pooling passes the slope to the largest number alone, and ReLU only where the sum was above 0. A bracket is 1 where what it says is true, and 0 elsewhere.")
	parameters := t.backward(w, pass)
	w.step(stepUpdate, "Each parameter moves against its slope, all of them at once.")
	moved := w.update(parameters, rate)
	w.step(stepAfter, "The forward pass again, with the new numbers.")
	after := t.with(moved).forward(w, "'")
	w.gain(parameters, rate, pass.loss, after.loss)
	return w.paper
}
