package solution

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
