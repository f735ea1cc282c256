package texture_test

import (
	"fmt"

	"evident/datasets/texture"
)

func ExampleGenerate() {
	set, err := texture.Generate(600, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.Name, set.Len(), set.Height, set.Width, set.Channels)
	fmt.Println(set.Classes)
	// Output:
	// texture (seed 1) 600 16 16 3
	// [edge across edge down rows columns checkers scattered]
}
