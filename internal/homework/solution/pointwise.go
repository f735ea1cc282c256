package solution

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
