package text_test

import (
	"fmt"

	"evident/datasets/text"
)

func ExampleEncoder() {
	encoder, err := text.NewEncoder([]string{"Good, not great.", "It isn't good."}, 6, 1, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(text.Tokenize("It isn't THAT good!"))
	fmt.Println(encoder.Encode("It isn't THAT good!")) // "that" and "!" are unknown
	// Output:
	// [it is n't that good !]
	// [7 6 8 1 3 1]
}
