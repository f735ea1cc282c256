package backend

import (
	"reflect"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
)

// PureGo starts GoMLX's backend in pure Go with as many workers as it asks for.
// It allows itself two for every processor (v0.1.2), and large matrix products
// that run at once keep theirs while they wait for more: then all wait for ever.
func PureGo() (compute.Backend, error) {
	backend, err := gobackend.New("")
	if err != nil {
		return nil, err
	}
	// Its option "parallelism" does the same and prints that it did.
	const unlimited = -1
	workers := reflect.ValueOf(backend).Elem().FieldByName("Workers").Interface()
	workers.(interface{ SetMaxParallelism(int) }).SetMaxParallelism(unlimited)
	return backend, nil
}
