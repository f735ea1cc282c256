package solution

// Descend runs gradient descent on ½ Σ λᵢθᵢ², and returns the losses before the
// first step and after each.
func Descend(curvatures, start []float64, rate float64, steps int) []float64 {
	theta := make([]float64, len(start))
	copy(theta, start)
	losses := make([]float64, steps+1)
	for step := range losses {
		for i, curvature := range curvatures {
			losses[step] += curvature * theta[i] * theta[i] / 2
			theta[i] -= rate * curvature * theta[i]
		}
	}
	return losses
}

// MomentumStep makes one step with momentum, and returns the new weights and the
// new velocity.
func MomentumStep(weights, velocity, gradient []float64, rate, momentum float64) (newWeights, newVelocity []float64) {
	newWeights, newVelocity = make([]float64, len(weights)), make([]float64, len(weights))
	for i := range weights {
		newVelocity[i] = momentum*velocity[i] + gradient[i]
		newWeights[i] = weights[i] - rate*newVelocity[i]
	}
	return newWeights, newVelocity
}

// Epoch returns the weight after one epoch of mini-batch descent.
func Epoch(weight, rate float64, inputs, targets []float64, order []int, size int) float64 {
	for start := 0; start < len(order); start += size {
		batch := order[start:min(start+size, len(order))]
		gradient := 0.0
		for _, i := range batch {
			gradient += (weight*inputs[i] - targets[i]) * inputs[i]
		}
		weight -= rate * gradient / float64(len(batch))
	}
	return weight
}

// KernelGradient returns the gradient of every number of the kernel. It takes the
// image and the upstream gradient, that of the sums of the convolution.
func KernelGradient(image, upstream [][]float64) [][]float64 {
	gradient := make([][]float64, len(image)-len(upstream)+1)
	for u := range gradient {
		gradient[u] = make([]float64, len(image[0])-len(upstream[0])+1)
		for v := range gradient[u] {
			for i, row := range upstream {
				for j, above := range row {
					gradient[u][v] += above * image[i+u][j+v]
				}
			}
		}
	}
	return gradient
}

// Conv1DParameters counts the weights and biases of a Conv1D.
func Conv1DParameters(kernel, channels, filters, groups int, bias bool) int {
	count := kernel * channels / groups * filters
	if bias {
		count += filters
	}
	return count
}

// Conv3D moves a kernel over a clip, both [frame][row][column], by the stride along
// all three axes and without padding. Every output is the sum of the products of
// the kernel and the window under it.
func Conv3D(clip, kernel [][][]float64, stride int) [][][]float64 {
	var output [][][]float64
	for t := 0; t+len(kernel) <= len(clip); t += stride {
		var frame [][]float64
		for i := 0; i+len(kernel[0]) <= len(clip[0]); i += stride {
			var row []float64
			for j := 0; j+len(kernel[0][0]) <= len(clip[0][0]); j += stride {
				sum := 0.0
				for s := range kernel {
					for u := range kernel[s] {
						for v, weight := range kernel[s][u] {
							sum += weight * clip[t+s][i+u][j+v]
						}
					}
				}
				row = append(row, sum)
			}
			frame = append(frame, row)
		}
		output = append(output, frame)
	}
	return output
}

// AUC returns the area under the ROC curve: the fraction of pairs of a positive
// and a negative picture in which the positive one has the higher score. A tie
// counts as half a pair.
func AUC(scores []float64, positive []bool) float64 {
	pairs, won := 0.0, 0.0
	for i, above := range scores {
		for j, below := range scores {
			if !positive[i] || positive[j] {
				continue
			}
			pairs++
			if above > below {
				won++
			} else if above == below {
				won += 0.5
			}
		}
	}
	return won / pairs
}

// MaxOverTime returns the features that filters find in a text: for each filter
// the largest value of ReLU(bias + the sum of the products of filter and window),
// over all windows in the text. The text is [word][value], and a filter is [word
// of the window][value].
func MaxOverTime(text [][]float64, filters [][][]float64, biases []float64) []float64 {
	features := make([]float64, len(filters)) // ReLU gives no values below 0
	for f, filter := range filters {
		for t := 0; t+len(filter) <= len(text); t++ {
			sum := biases[f]
			for place, weights := range filter {
				for i, weight := range weights {
					sum += weight * text[t+place][i]
				}
			}
			features[f] = max(features[f], sum)
		}
	}
	return features
}

// Pointwise applies a 1×1 convolution. In every pixel, each filter sums the
// products of its weights and the pixel's channels, and adds its bias. The image is
// [row][column][channel], and the weights are [channel][filter].
func Pointwise(image [][][]float64, weights [][]float64, biases []float64) [][][]float64 {
	output := make([][][]float64, len(image))
	for i, row := range image {
		output[i] = make([][]float64, len(row))
		for j, pixel := range row {
			values := make([]float64, len(biases))
			for f := range values {
				values[f] = biases[f]
				for c, value := range pixel {
					values[f] += value * weights[c][f]
				}
			}
			output[i][j] = values
		}
	}
	return output
}

// Inception applies the module to an image [row][column][channel] without negative
// values: four towers, joined along the channels in the order 1×1, 3×3, 5×5, pooling.
// Kernels are [row][column][channel][filter]. Height and width stay the same.
func Inception(image [][][]float64, one, reduce3, three, reduce5, five, project [][][][]float64) [][][]float64 {
	height, width := len(image), len(image[0])
	// For every pixel, visit gets the places (u, v) of the window that lie in the
	// image.
	windows := func(side, channels int, visit func(out []float64, row, column, u, v int)) [][][]float64 {
		y := make([][][]float64, height)
		for pixel := range height * width {
			out := make([]float64, channels)
			for place := range side * side {
				u, v := place/side, place%side
				row, column := pixel/width+u-side/2, pixel%width+v-side/2
				if row >= 0 && row < height && column >= 0 && column < width {
					visit(out, row, column, u, v)
				}
			}
			y[pixel/width] = append(y[pixel/width], out)
		}
		return y
	}
	convolve := func(x [][][]float64, kernel [][][][]float64) [][][]float64 {
		sums := windows(len(kernel), len(kernel[0][0][0]), func(out []float64, row, column, u, v int) {
			for c, value := range x[row][column] {
				for f, weight := range kernel[u][v][c] {
					out[f] += value * weight
				}
			}
		})
		return windows(1, len(kernel[0][0][0]), func(out []float64, row, column, _, _ int) {
			for f, sum := range sums[row][column] {
				out[f] = max(sum, 0) // ReLU
			}
		})
	}
	pooled := windows(3, len(image[0][0]), func(out []float64, row, column, _, _ int) {
		for c, value := range image[row][column] {
			out[c] = max(out[c], value)
		}
	})
	towers := [][][][]float64{convolve(convolve(image, reduce3), three), convolve(convolve(image, reduce5), five), convolve(pooled, project)}
	y := convolve(image, one)
	for _, tower := range towers {
		for i := range y {
			for j := range y[i] {
				y[i][j] = append(y[i][j], tower[i][j]...)
			}
		}
	}
	return y
}
