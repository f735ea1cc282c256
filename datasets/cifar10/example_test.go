package cifar10_test

import (
	"context"
	"fmt"

	"evident/datasets/cifar10"
)

// The data set is fetched when it is not there yet: 170 MB, once.
func Example() {
	dir, found, err := cifar10.Find("")
	if err == nil && !found {
		dir, err = cifar10.Fetch(context.Background(), cifar10.Source{})
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	train, test, err := cifar10.Load(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(train.Len(), test.Len(), train.Classes[train.Labels[0]])
}
