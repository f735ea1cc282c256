package solution

// KernelGradient returns the slope of the loss with respect to every number of
// the kernel. It takes the image and the slopes with respect to the sums of the
// convolution.
func KernelGradient(image, slopes [][]float64) [][]float64 {
	gradient := make([][]float64, len(image)-len(slopes)+1)
	for u := range gradient {
		gradient[u] = make([]float64, len(image[0])-len(slopes[0])+1)
		for v := range gradient[u] {
			for i, row := range slopes {
				for j, slope := range row {
					gradient[u][v] += slope * image[i+u][j+v]
				}
			}
		}
	}
	return gradient
}
