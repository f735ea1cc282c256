package byhand

import "fmt"

// imageTerms are the numbers of an [Image] on paper.
type imageTerms struct {
	x, k, v grid
	b, c, y expression
	border  int // zeros before the image
	sums    int // height and width of the convolution's result
}

// imagePass is what the forward pass leaves for the backward pass.
type imagePass struct {
	s, r, m      grid // the sums, after ReLU, after pooling
	output, loss expression
}

func (p Image) terms() imageTerms {
	return imageTerms{
		x: named("x", p.X), k: named("k", p.K), v: pooledNames("v", p.V),
		b: quantity("b", p.B), c: quantity("c", p.C), y: quantity("y", p.Y),
		border: p.border(), sums: p.sumSide(),
	}
}

// pooledNames is [named], without indices where there is one number alone.
func pooledNames(symbol string, values [][]float64) grid {
	if len(values) == 1 {
		return grid{{quantity(symbol, values[0][0])}}
	}
	return named(symbol, values)
}

// indices tells the numbers after pooling apart, where there are several.
func (t imageTerms) indices(i, j int) (name, symbol string) {
	if len(t.v) == 1 {
		return "", ""
	}
	return fmt.Sprintf("%d%d", i+1, j+1), fmt.Sprintf("_{%d%d}", i+1, j+1)
}

// given writes down what is given.
func (t imageTerms) given(w *worksheet, learningRate float64) (rate expression) {
	w.matrix("X", "X", t.x)
	w.matrix("K", "K", t.k)
	w.matrix("v", "v", t.v)
	w.given("b", "b", t.b.value)
	w.given("c", "c", t.c.value)
	w.given("y", "y", t.y.value)
	return w.given("eta", `\eta`, learningRate)
}

// convolve is s_ij = Σ k_uv x_(i+u−1)(j+v−1) + b. Pixels beyond the edge are 0
// and left out.
func (t imageTerms) convolve(w *worksheet, prime string) grid {
	return gridOf(t.sums, t.sums, func(i, j int) expression {
		var products []expression
		for u := range kernelSide {
			for v := range kernelSide {
				if pixel, inside := t.pixel(i+u, j+v); inside {
					products = append(products, times(t.k[u][v], pixel))
				}
			}
		}
		return w.line(cellName("s", i, j)+prime, cell("s", i, j)+prime, plus(append(products, t.b)...))
	})
}

// pixel is x at a place of the image with its border.
func (t imageTerms) pixel(row, column int) (pixel expression, inside bool) {
	row, column = row-t.border, column-t.border
	if row < 0 || column < 0 || row >= imageSide || column >= imageSide {
		return expression{}, false
	}
	return t.x[row][column], true
}

// forward calculates the loss −(y ln ŷ + (1 − y) ln(1 − ŷ)); the prime tells a
// second pass from the first.
func (t imageTerms) forward(w *worksheet, prime string) (pass imagePass) {
	pass.s = t.convolve(w, prime)
	w.matrix("S"+prime, "S"+prime, pass.s)
	pass.r = gridOf(t.sums, t.sums, func(i, j int) expression {
		return w.line(cellName("r", i, j)+prime, cell("r", i, j)+prime, largest(constant(0), pass.s[i][j]))
	})
	w.matrix("R"+prime, "R"+prime, pass.r)
	pass.m = gridOf(len(t.v), len(t.v), func(i, j int) expression {
		name, symbol := t.indices(i, j)
		return w.line("m"+name+prime, "m"+symbol+prime, largest(window(pass.r, i, j)...))
	})
	var products []expression
	for i, weight := range t.v.all() {
		products = append(products, times(weight, pass.m.all()[i]))
	}
	z := w.line("z"+prime, "z"+prime, plus(append(products, t.c)...))
	pass.output = w.line("yhat"+prime, `\hat y`+prime, sigmoid(z))
	// With a target of 0 or 1 one term of the cross-entropy is left.
	likely := pass.output
	if t.y.value == 0 {
		likely = minus(constant(1), pass.output)
	}
	pass.loss = w.line("L"+prime, "L"+prime, negative(logarithm(likely)))
	return pass
}

// window is what a pooling window looks at, row by row.
func window(of grid, i, j int) []expression {
	var seen []expression
	for row := range poolSide {
		seen = append(seen, of[i*poolSide+row][j*poolSide:(j+1)*poolSide]...)
	}
	return seen
}

// backward calculates the gradient of the loss along every parameter.
func (t imageTerms) backward(w *worksheet, pass imagePass) []parameter {
	// For cross-entropy of a sigmoid, σ′ cancels: ∂L/∂z = ŷ − y.
	delta := w.line("dL/dz", slope("z"), minus(pass.output, t.y))
	var dense []parameter
	pooled := gridOf(len(t.v), len(t.v), func(i, j int) expression {
		name, symbol := t.indices(i, j)
		dense = append(dense, w.slopeOf(t.v[i][j], "v"+name, times(delta, pass.m[i][j])))
		return w.line("dL/dm"+name, slope("m"+symbol), times(delta, t.v[i][j]))
	})
	dense = append(dense, w.slopeOf(t.c, "c", delta))
	slopes := t.throughPooling(w, pass, pooled)
	return append(t.kernelSlopes(w, slopes), dense...)
}

// throughPooling is ∂L/∂S: max pooling and ReLU let a gradient through or stop it.
func (t imageTerms) throughPooling(w *worksheet, pass imagePass, pooled grid) grid {
	slopes := gridOf(t.sums, t.sums, func(i, j int) expression {
		r, m := pass.r[i][j], pass.m[i/poolSide][j/poolSide]
		chosen := w.line(cellName("dL/dr", i, j), slope(cell("r", i, j)), times(pooled[i/poolSide][j/poolSide], whether(r, "=", m)))
		return w.line(cellName("dL/ds", i, j), slope(cell("s", i, j)), times(chosen, whether(pass.s[i][j], ">", constant(0))))
	})
	w.matrix("dL/dS", slope("S"), slopes)
	return slopes
}

// kernelSlopes are ∂L/∂K, the correlation of the image with ∂L/∂S, and ∂L/∂b.
func (t imageTerms) kernelSlopes(w *worksheet, slopes grid) []parameter {
	shift := t.border + 1
	w.rule(slope("k_{uv}"), fmt.Sprintf(`\sum_{i,j} %s \, x_{i+u-%d,\,j+v-%d} \quad (\text{terms with gradient 0 are left out})`, slope("s_{ij}"), shift, shift))
	var kernel []parameter
	gradients := gridOf(kernelSide, kernelSide, func(u, v int) expression {
		var products []expression
		for i, row := range slopes {
			for j, reached := range row {
				if pixel, inside := t.pixel(i+u, j+v); inside && reached.value != 0 {
					products = append(products, times(reached, pixel))
				}
			}
		}
		own := w.slopeOf(t.k[u][v], cellName("k", u, v), plus(products...))
		kernel = append(kernel, own)
		return own.gradient
	})
	w.matrix("dL/dK", slope("K"), gradients)
	var reached []expression
	for _, s := range slopes.all() {
		if s.value != 0 {
			reached = append(reached, s)
		}
	}
	return append(kernel, w.slopeOf(t.b, "b", plus(reached...)))
}

// with are the terms after the parameters moved, in the order of backward.
func (t imageTerms) with(moved []expression) imageTerms {
	const kernel = kernelSide * kernelSide
	t.k = gridOf(kernelSide, kernelSide, func(u, v int) expression { return moved[u*kernelSide+v] })
	t.b = moved[kernel]
	t.v = gridOf(len(t.v), len(t.v), func(i, j int) expression { return moved[kernel+1+i*len(t.v)+j] })
	t.c = moved[len(moved)-1]
	return t
}
