package keras_test

import (
	"fmt"
	"strings"

	"evident/kit/keras"
)

func ExampleSummarize() {
	const model = `{"class_name": "Sequential", "config": {"name": "digits", "layers": [
		{"class_name": "InputLayer", "config": {"name": "picture", "batch_shape": [null, 28, 28, 1]}},
		{"class_name": "Conv2D", "config": {"name": "conv", "filters": 32, "kernel_size": [3, 3]}},
		{"class_name": "GlobalAveragePooling2D", "config": {"name": "mean"}},
		{"class_name": "Dense", "config": {"name": "classes", "units": 10}}]}}`
	summary, err := keras.Summarize(strings.NewReader(model))
	if err != nil {
		fmt.Println(err)
	}
	for _, row := range summary.Rows {
		fmt.Printf("%-8s %-20s %s = %d\n", row.Name, row.Shapes(), row.Formula, row.Parameters)
	}
	fmt.Println(summary.Totals()[0])
	// Output:
	// conv     (None, 26, 26, 32)   3·3·1·32 + 32 = 320
	// mean     (None, 32)            = 0
	// classes  (None, 10)           32·10 + 10 = 330
	// Total params: 650 (2.54 KB)
}
