package backend

import (
	"reflect"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
)

// PureGo starts GoMLX's backend in pure Go with an unlimited number of workers.
// The default limit (v0.1.2) is two per processor. Large matrix products that
// run at once keep their workers while they wait for more, so under this limit
// they can deadlock.
func PureGo() (compute.Backend, error) {
	backend, err := gobackend.New("")
	if err != nil {
		return nil, err
	}
	// GoMLX's option "parallelism" does the same but prints a message.
	const unlimited = -1
	workers := reflect.ValueOf(backend).Elem().FieldByName("Workers").Interface()
	workers.(interface{ SetMaxParallelism(int) }).SetMaxParallelism(unlimited)
	return backend, nil
}
