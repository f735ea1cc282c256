package cifar10_test

import (
	"context"
	"fmt"

	"evident/datasets/cifar10"
	"evident/datasets/fetch"
)

// Fetch downloads the data set (170 MB) only if it is not there yet.
func Example() {
	dir, found, err := cifar10.Find("")
	if err == nil && !found {
		dir, err = cifar10.Fetch(context.Background(), fetch.Source{})
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
