package shapes_test

import (
	"fmt"

	"evident/datasets/shapes"
)

func ExampleGenerate() {
	train, err := shapes.Generate(3000, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(train.Name, train.Len(), train.Height, train.Width, train.Channels)
	fmt.Println(train.Classes)

	_, err = shapes.Generate(0, 1)
	fmt.Println(err)
	// Output:
	// shapes (seed 1) 3000 32 32 3
	// [disc ring square frame triangle plus cross rows columns checkers]
	// cannot generate 0 pictures of shapes: ask for 1 to 1000000
}
