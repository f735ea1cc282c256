package textcnn

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"evident/kit/fit"
)

// forward is a network that is built and run but not trained, with weights at
// random.
type forward struct {
	store *model.Store
	exec  *model.Exec
}

func newForward(backend compute.Backend, network fit.Network) (*forward, error) {
	store := model.NewStore()
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, x *Node) *Node { return network(scope, x) })
	if err != nil {
		return nil, buildError(err)
	}
	return &forward{store, exec}, nil
}

// buildError leaves out the stack that GoMLX's errors print below their first
// line.
func buildError(err error) error {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("building the network: %s", first)
}

// call runs the network on numbers of words [batch, length].
func (f *forward) call(numbers [][]int32) error {
	outputs, err := f.exec.Call(tensors.FromValue(numbers))
	if err != nil {
		return buildError(err)
	}
	outputs[0].MustFinalizeAll()
	return nil
}

// parameters is the number of values in the network's variables.
func (f *forward) parameters() int {
	total := 0
	for v := range f.store.IterVariables() {
		if v.Trainable {
			total += v.Shape().Size()
		}
	}
	return total
}

func (f *forward) finalize() {
	f.exec.Finalize()
	f.store.Finalize()
}
