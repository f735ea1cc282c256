package solution

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
