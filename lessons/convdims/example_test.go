package convdims

import "fmt"

// On clips of 8 frames of 12×12, 302 parameters are 10 filters through time, 25
// on single frames, or 4 on all frames at once.
func Example() {
	for _, c := range contenders(Default().Motion.shape(), Default().Motion.Training, layers...) {
		fmt.Println(c.name, c.window(8, c.kernel), c.filters, c.cost([]int{8, 12, 12, 1}))
	}
	// Output:
	// Conv2D, frame by frame [1 3 3] 25 {302 180050}
	// Conv2D, frames as channels [8 3 3] 4 {302 28808}
	// Conv3D [3 3 3] 10 {302 162020}
}
