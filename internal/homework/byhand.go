package homework

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/floats/scalar"

	"evident/kit/exercise"
	"evident/kit/nn"
	"evident/kit/report"
	"evident/lessons/byhand"

	"evident/internal/homework/solution"
)

// byhandQuestions are the exercises on question 2: one step of training by hand.
func byhandQuestions() []template {
	return []template{
		{"forward", byhandForward},
		{"backward", byhandBackward},
		{"convolution", byhandConvolution},
		{"pooling", byhandPooling},
		{"kernel", byhandKernel},
		{"gradient", byhandFunction},
	}
}

// drawnNet is a net like the lesson's, with numbers of its own. On the sheet they
// are those of the notebook's last exercise.
func drawnNet(d Draw) byhand.Net {
	const sheet = 12
	c := byhand.Default()
	return byhand.DrawNet(d.Seed(sheet), c.Net.Activation, c.Net.LearningRate)
}

// drawnImage is an image like the lesson's, with numbers of its own.
func drawnImage(d Draw) byhand.Image {
	c := byhand.Default()
	return byhand.DrawImage(d.Seed(c.Seed), nn.Valid, c.Image.LearningRate)
}

// pmatrix is a matrix in LaTeX.
func pmatrix(values [][]float64) string {
	rows := make([]string, len(values))
	for i, row := range values {
		cells := make([]string, len(row))
		for j, value := range row {
			cells[j] = report.Decimal(value)
		}
		rows[i] = strings.Join(cells, " & ")
	}
	return `\begin{pmatrix} ` + strings.Join(rows, ` \\ `) + ` \end{pmatrix}`
}

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

func byhandForward(d Draw) exercise.Question {
	net := drawnNet(d)
	n := byhand.Results(net.Work())
	unbiased, swapped := net, net
	unbiased.B, unbiased.C = [2]float64{}, 0
	swapped.W[0][1], swapped.W[1][0] = net.W[1][0], net.W[0][1]
	return exercise.Question{
		Title: "Forward",
		Text: fmt.Sprintf("A net has two inputs, two hidden units with $z_i = w_{i1} x_1 + w_{i2} x_2 + b_i$ and $a_i = \\sigma(z_i)$, and the output $\\hat y = \\sigma(v_1 a_1 + v_2 a_2 + c)$, where $\\sigma(z) = 1/(1 + e^{-z})$. Its numbers: $x_1 = %g$, $x_2 = %g$; $w_{11} = %g$, $w_{12} = %g$, $b_1 = %g$; $w_{21} = %g$, $w_{22} = %g$, $b_2 = %g$; $v_1 = %g$, $v_2 = %g$, $c = %g$. How large is $\\hat y$? Round to four decimals.",
			net.X[0], net.X[1], net.W[0][0], net.W[0][1], net.B[0], net.W[1][0], net.W[1][1], net.B[1], net.V[0], net.V[1], net.C),
		Form: exercise.Form{Kind: exercise.Number, Step: 0.0001}, Points: 2, Effort: 12,
		Right: scalar.Round(n["yhat"], 4),
		Why:   fmt.Sprintf("$z_1 = %s$ and $z_2 = %s$, so $a_1 = %s$ and $a_2 = %s$; the output unit adds up $z_3 = %s$.", report.Decimal(n["z1"]), report.Decimal(n["z2"]), report.Decimal(n["a1"]), report.Decimal(n["a2"]), report.Decimal(n["z3"])),
		Mistakes: []exercise.Mistake{
			{Answer: byhand.Results(unbiased.Work())["yhat"], Hint: "the biases are missing"},
			{Answer: logistic(net.V[0]*n["z1"] + net.V[1]*n["z2"] + net.C), Hint: "the hidden units are not bent: σ is missing there"},
			{Answer: n["z3"], Hint: "the σ of the output is missing"},
			{Answer: byhand.Results(swapped.Work())["yhat"], Hint: "two weights are swapped: the first index is that of the hidden unit, the second that of the input"},
		},
	}
}

func byhandBackward(d Draw) exercise.Question {
	net := drawnNet(d)
	n := byhand.Results(net.Work())
	unit, input := d.Between(1, 1, 2), d.Between(1, 1, 2)
	name := fmt.Sprintf("dL/dw%d%d", unit, input)
	a, v, x := n[fmt.Sprintf("a%d", unit)], net.V[unit-1], net.X[input-1]
	right := n[name]
	return exercise.Question{
		Title: "Backward",
		Text: fmt.Sprintf("A net has two inputs $x_j$, two hidden units $a_i = \\sigma(\\sum_j w_{ij} x_j + b_i)$ and the output $\\hat y = \\sigma(v_1 a_1 + v_2 a_2 + c)$; its loss is $L = \\tfrac12 (\\hat y - y)^2$. With $x_1 = %g$, $x_2 = %g$, $v_1 = %g$ and $v_2 = %g$ the forward pass gave $a_1 = %.4f$, $a_2 = %.4f$ and $\\hat y = %.4f$; the target is $y = %g$. How large is $\\partial L/\\partial w_{%d%d}$? Round to four decimals.",
			net.X[0], net.X[1], net.V[0], net.V[1], n["a1"], n["a2"], n["yhat"], net.Y, unit, input),
		Form: exercise.Form{Kind: exercise.Number, Step: 0.0001}, Points: 2, Effort: 9,
		Right: scalar.Round(right, 4),
		Why: fmt.Sprintf("$\\partial L/\\partial z_3 = (\\hat y - y)\\,\\hat y\\,(1 - \\hat y) = %s$; times $v_%d$ and $a_%d (1 - a_%d)$ it is the slope of the hidden unit, and times $x_%d$ that of its weight.",
			report.Decimal(n["dL/dz3"]), unit, unit, unit, input),
		Mistakes: []exercise.Mistake{
			{Answer: right / (n["yhat"] * (1 - n["yhat"])), Hint: "the slope of the output's σ is missing"},
			{Answer: right / (a * (1 - a)), Hint: "the slope of the hidden unit's σ is missing"},
			{Answer: right / v, Hint: "the weight from the hidden unit to the output is missing"},
			{Answer: right / x * net.X[2-input], Hint: "this is for the other input: the second index of a weight is that of its input"},
			{Answer: -right, Hint: "the sign is wrong: the loss rises with ŷ where ŷ is above y"},
		},
	}
}

// flippedSum is the sum at a place, counted from 0, with the kernel flipped in both
// directions: the convolution of mathematics.
func flippedSum(p byhand.Image, row, column int) float64 {
	sum, last := p.B, len(p.K)-1
	for u := range p.K {
		for v := range p.K[u] {
			sum += p.K[last-u][last-v] * p.X[row+u][column+v]
		}
	}
	return sum
}

func byhandConvolution(d Draw) exercise.Question {
	p := drawnImage(d)
	row, column := d.Between(1, 1, 2), d.Between(2, 1, 2)
	n := byhand.Results(p.Work())
	right := n[fmt.Sprintf("s%d%d", row, column)]
	return exercise.Question{
		Title: "A convolution",
		Text: fmt.Sprintf("The image $X = %s$ goes through a convolution layer with the kernel $K = %s$, the bias $b = %g$, stride 1 and padding *valid*, as Keras computes it. Its sums $s_{ij}$ are a 2×2 matrix. How large is $s_{%d%d}$ (row %d, column %d), before any activation? Round to two decimals.",
			pmatrix(p.X), pmatrix(p.K), p.B, row, column, row, column),
		Form: exercise.Form{Kind: exercise.Number, Step: 0.01}, Points: 1, Effort: 18,
		Right: scalar.Round(right, 2),
		Why:   fmt.Sprintf("The kernel lies on the rows %d to %d and the columns %d to %d of the image: nine products, and the bias.", row, row+2, column, column+2),
		Mistakes: []exercise.Mistake{
			{Answer: right - p.B, Hint: "the bias is missing"},
			{Answer: right + float64(len(p.K)*len(p.K)-1)*p.B, Hint: "the bias comes once to a sum, not to each of its products"},
			{Answer: flippedSum(p, row-1, column-1), Hint: "the kernel is flipped, as in mathematics; a convolution layer puts it down as it is"},
			{Answer: n[fmt.Sprintf("s%d%d", 3-row, 3-column)], Hint: "this is the sum at another place: the first index counts rows from the top, the second columns from the left"},
		},
	}
}

// poolWindow is what stands in one 2×2 window, row by row, and the slope of the
// loss along what max pooling makes of it.
type poolWindow struct {
	values [4]int
	slope  int
}

// drawOpen draws a window whose largest number is above 0, and one more.
func drawOpen(d Draw) poolWindow {
	w := poolWindow{slope: d.Between(3, 2, 9)}
	largest := d.Between(1, 0, 3)
	for i := range w.values {
		w.values[i] = d.Int(-4, -5, -4, -3, -2, -1, 1, 2, 3, 4)
	}
	w.values[(largest+1)%4] = d.Between(2, 1, 5)
	w.values[largest] = d.Between(6, 6, 9)
	return w
}

// drawClosed draws a window without a number above 0.
func drawClosed(d Draw) poolWindow {
	w := poolWindow{slope: d.Between(5, 2, 9)}
	for i := range w.values {
		w.values[i] = d.Between(-6, -9, -3)
	}
	w.values[d.Between(2, 0, 3)] = d.Between(-1, -2, -1)
	return w
}

// route is the slope along one number of a window, from the largest of them and
// the slope along what pooling makes of the window.
type route func(value, largest, slope int) int

// throughPooling is the slope behind ReLU and max pooling: the largest number gets
// all of it, and only where it is above 0.
func throughPooling(value, largest, slope int) int {
	if value == largest && value > 0 {
		return slope
	}
	return 0
}

// slopes along the four numbers of a window.
func (w poolWindow) slopes(r route) [4]int {
	largest := max(w.values[0], w.values[1], w.values[2], w.values[3])
	var slopes [4]int
	for i, value := range w.values {
		slopes[i] = r(value, largest, w.slope)
	}
	return slopes
}

// sideBySide are two windows as a 2×4 matrix, row by row.
func sideBySide(left, right [4]int) []int {
	return []int{left[0], left[1], right[0], right[1], left[2], left[3], right[2], right[3]}
}

// poolingMistakes are usual ones on a pair of windows.
func poolingMistakes(both func(route) []int) []exercise.Mistake {
	return []exercise.Mistake{
		{Answer: both(func(value, largest, slope int) int {
			if value == largest {
				return slope
			}
			return 0
		}), Hint: "ReLU is forgotten: it stops the slope where the sum is below 0"},
		{Answer: both(func(value, _, slope int) int {
			if value > 0 {
				return slope
			}
			return 0
		}), Hint: "max pooling is forgotten: only the largest number of a window gets the slope"},
		{Answer: both(func(_, _, slope int) int { return slope }), Hint: "this is how a sum goes back: a maximum and ReLU stop most of the slopes"},
		{Answer: both(func(value, largest, slope int) int {
			if throughPooling(value, largest, slope) == 0 {
				return 0
			}
			return value
		}), Hint: "what goes back is the slope, not the number that was the largest"},
	}
}

func byhandPooling(d Draw) exercise.Question {
	left, right := drawOpen(d), drawClosed(d)
	if d.Int(0, 0, 1) == 1 {
		left, right = right, left
	}
	both := func(r route) []int { return sideBySide(left.slopes(r), right.slopes(r)) }
	s := sideBySide(left.values, right.values)
	return exercise.Question{
		Title: "Back through pooling",
		Text: fmt.Sprintf("The sums $S = \\begin{pmatrix} %d & %d & %d & %d \\\\ %d & %d & %d & %d \\end{pmatrix}$ go through ReLU and then through 2×2 max pooling with stride 2, which makes two numbers of them: $m_1$ of the two columns on the left, $m_2$ of the two on the right. The slopes of the loss are $\\partial L/\\partial m_1 = %d$ and $\\partial L/\\partial m_2 = %d$. What are the eight slopes $\\partial L/\\partial s_{ij}$? Write them row by row, the upper row first.",
			s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], left.slope, right.slope),
		Form: exercise.Form{Kind: exercise.Shape}, Points: 2, Effort: 8,
		Right:    both(throughPooling),
		Why:      "Max pooling passes the slope to the largest number of its window alone, and ReLU only where the sum was above 0. In one of the windows there is no such sum, so nothing goes back.",
		Mistakes: poolingMistakes(both),
	}
}

func byhandKernel(d Draw) exercise.Question {
	const rises, falls, stays = "rises", "falls", "stays"
	p := drawnImage(d)
	u, v := d.Between(2, 1, 3), d.Between(3, 1, 3)
	n := byhand.Results(p.Work())
	var sums [2][]float64
	for i := range sums {
		sums[i] = []float64{n[fmt.Sprintf("s%d1", i+1)], n[fmt.Sprintf("s%d2", i+1)]}
	}
	slope := n[fmt.Sprintf("dL/dk%d%d", u, v)]
	right := stays
	switch {
	case slope < 0:
		right = rises
	case slope > 0:
		right = falls
	}
	return exercise.Question{
		Title: "Predict: how does the kernel move?",
		Text: fmt.Sprintf("The image $X = %s$ went through a convolution with a 3×3 kernel $K$ (stride 1, padding *valid*, not flipped), which gave the sums $S = %s$. Then came ReLU, 2×2 max pooling to one number $m$, the output $\\hat y = \\sigma(v m + c)$ with $v = %g$, and the cross-entropy loss with the target $y = %g$. Gradient descent makes one step on this example. Does $k_{%d%d}$ (row %d, column %d of the kernel) rise, fall or stay? No calculation is needed.",
			pmatrix(p.X), pmatrix(sums[:]), p.V[0][0], p.Y, u, v, u, v),
		Form: exercise.Form{Kind: exercise.Choice, Options: []string{rises, falls, stays}}, Points: 1,
		Right: right,
		Why:   "Its slope is $(\\hat y - y) \\cdot v$ times the pixel that it lay on where the sum was the largest. The sign of $\\hat y - y$ follows from $y$ alone, and a step goes against the slope; a pixel of 0 leaves the number as it is.",
	}
}

// kernelSlopes add up, for every place of the kernel, the patch of the image under
// it times the slope of its sum.
func kernelSlopes(image, slopes [][]float64) [][]float64 {
	height, width := len(image)-len(slopes)+1, len(image[0])-len(slopes[0])+1
	gradient := make([][]float64, height)
	for u := range gradient {
		gradient[u] = make([]float64, width)
		for i, row := range slopes {
			for j, slope := range row {
				floats.AddScaled(gradient[u], slope, image[i+u][j:j+width])
			}
		}
	}
	return gradient
}

func byhandFunction(d Draw) exercise.Question {
	type gradient = func(image, slopes [][]float64) [][]float64
	// general changes the slopes before they are used.
	general := func(change func(slopes [][]float64, i, j int) float64) gradient {
		return func(image, slopes [][]float64) [][]float64 {
			changed := make([][]float64, len(slopes))
			for i, row := range slopes {
				for j := range row {
					changed[i] = append(changed[i], change(slopes, i, j))
				}
			}
			return kernelSlopes(image, changed)
		}
	}
	return exercise.Question{
		Title: "Write the kernel's gradient",
		Text:  "A convolution with stride 1, padding *valid* and one kernel made the sums $s_{ij} = \\sum_{u,v} k_{uv}\\, x_{i+u-1,\\,j+v-1} + b$ of an `image` $X$. The `slopes` are $\\partial L/\\partial s_{ij}$. Write a function that returns $\\partial L/\\partial k_{uv}$, as a matrix of the kernel's size: all three are lists of rows, and need not be square. The height of the kernel is that of the image less that of the slopes, plus 1; the width likewise.",
		Form:  exercise.Form{Kind: exercise.Code}, Points: 3,
		Why: "The kernel was used at every place, so its slope is a sum over the places: the correlation of the image with the slopes.",
		Function: &exercise.Function{
			Name: "kernelGradient", Solution: solution.Source("kernelGradient"), Solved: solution.KernelGradient,
			Reference: kernelSlopes,
			Wrong: []exercise.Slip{
				{Function: general(func(slopes [][]float64, i, j int) float64 {
					return slopes[len(slopes)-1-i][len(slopes[0])-1-j]
				}), Hint: "the slopes are flipped: the kernel was put down as it is, so they meet the image in its own order"},
				{Function: general(func(slopes [][]float64, i, j int) float64 {
					return slopes[i][j] / float64(len(slopes)*len(slopes[0]))
				}), Hint: "the kernel was used at every place: its slope is the sum over them, not the mean"},
				{Function: general(func(slopes [][]float64, i, j int) float64 {
					if i+j > 0 {
						return 0
					}
					return slopes[0][0]
				}), Hint: "the kernel was used at every place, not only in the upper left"},
			},
			Inputs: convolutionInputs,
		},
	}
}

// convolutionInputs are no squares, so that rows and columns cannot be mixed up.
func convolutionInputs(random *rand.Rand) []any {
	matrix := func(height, width int) [][]float64 {
		rows := make([][]float64, height)
		for i := range rows {
			for range width {
				rows[i] = append(rows[i], float64(random.IntN(41)-20)/10)
			}
		}
		return rows
	}
	slopes := matrix(2, 3)
	slopes[0][0] = 3 // larger than the others, so that they are not the same when flipped
	return []any{matrix(4, 5+random.IntN(2)), slopes}
}
