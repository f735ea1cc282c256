package phantom_test

import (
	"fmt"

	"evident/datasets/phantom"
)

func ExampleGenerate() {
	heads, err := phantom.Generate(600, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(heads.Len(), "pictures of", heads.Height, "×", heads.Width, "pixels:", heads.Classes)
	// Output: 600 pictures of 48 × 48 pixels: [healthy lesion]
}
