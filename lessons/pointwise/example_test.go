package pointwise_test

import (
	"fmt"

	"evident/lessons/pointwise"
)

// The net of the sheet, summarised from its description alone.
func ExampleSheetNet() {
	summary, err := pointwise.SheetNet().Summarize()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range summary.Rows {
		fmt.Println(row.Class, row.Outputs[0], row.Parameters)
	}
	fmt.Println(summary.Totals()[0])
	// Output:
	// InputLayer (None, 256, 256, 3) 0
	// Conv2D (None, 256, 256, 8) 32
	// Conv2D (None, 256, 256, 16) 144
	// Flatten (None, 1048576) 0
	// Dense (None, 2) 2097154
	// Total params: 2,097,330 (8.00 MB)
}

// In front of a 3×3 convolution on 256 channels, a 1×1 convolution saves
// computation up to 230 filters.
func ExampleBreakEven() {
	fmt.Printf("%.1f\n", pointwise.BreakEven(256, 256))
	// Output: 230.4
}
