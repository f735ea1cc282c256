package clips_test

import (
	"fmt"

	"evident/datasets/clips"
)

// The example prints the third row of every frame of a clip without noise.
func ExampleGenerate() {
	set, err := clips.Generate(1, clips.Scene{Frames: 4, Side: 6, Speed: 1}, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("moves left:", set.Direction[0] == clips.Left, "tall:", set.Height[0] == clips.Tall)
	for t := range set.Scene.Frames {
		row := ""
		for _, value := range set.Frame(0, t)[2*6 : 3*6] {
			row += map[bool]string{false: ".", true: "#"}[value == 1]
		}
		fmt.Println(row)
	}
	// Output:
	// moves left: true tall: true
	// ....#.
	// ...#..
	// ..#...
	// .#....
}
