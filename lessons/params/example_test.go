package params_test

import (
	"fmt"

	"evident/kit/arch"
	"evident/lessons/params"
)

// The net of question 3 (a) on 100 steps: the hidden dense layer has most of
// the parameters.
func ExampleNet_Model() {
	summary, err := params.Default().Lengths.Net.Model(100, arch.Valid).Summarize()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range summary.Rows {
		if row.Formula != "" {
			fmt.Println(row.Name, row.Outputs[0], row.Formula, "=", row.Parameters)
		}
	}
	fmt.Println(summary.Totals()[0])
	// Output:
	// conv1d (None, 98, 16) 3·7·16 + 16 = 352
	// conv1d_1 (None, 45, 32) 5·16·32 + 32 = 2592
	// conv1d_2 (None, 18, 64) 5·32·64 + 64 = 10304
	// dense (None, 128) 576·128 + 128 = 73856
	// dense_1 (None, 5) 128·5 + 5 = 645
	// Total params: 87,749 (342.77 KB)
}
