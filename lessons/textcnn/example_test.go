package textcnn_test

import (
	"fmt"

	"evident/lessons/textcnn"
)

// Kim's net has three sizes of window with 100 maps each.
func ExampleFull() {
	net := textcnn.Full().Classify.Net
	fmt.Println(net.Windows, net.Maps, net.Dropout)
	// Output:
	// [3 4 5] 100 0.5
}
