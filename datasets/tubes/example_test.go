package tubes_test

import (
	"fmt"

	"evident/datasets/tubes"
)

// The example prints the column in which a tube without noise begins, slice by
// slice. The column jumps where the tube is cut.
func ExampleGeneratePairs() {
	set, err := tubes.GeneratePairs(2, tubes.Scene{Depth: 5, Side: 8}, 10)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, label := range set.Labels {
		var columns []int
		for at, previous := 0, -1; at < len(set.Volume(i)); at++ {
			if slice := at / 64; set.Volume(i)[at] == 1 && slice != previous {
				columns, previous = append(columns, at%8), slice
			}
		}
		fmt.Println("connected:", label == tubes.Connected, columns)
	}
	// Output:
	// connected: true [5 4 3 2 1]
	// connected: false [3 4 5 1 2]
}
