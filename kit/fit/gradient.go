package fit

import (
	"context"
	"fmt"

	"evident/internal/badinput"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// InitialGradients is the norm of the gradient of the loss with respect to
// every weight matrix or kernel of the network, before any training:
// [seed][weights in the order of their paths]. Biases are left out. The loss is
// the mean cross-entropy over the first examples of the data.
func InitialGradients(ctx context.Context, backend compute.Backend, network Network, data Data, examples int, seeds []int64) ([][]float64, error) {
	store := model.NewStore()
	defer store.Finalize()
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, x, y *Node) *Node {
		loss := ReduceAllMean(crossEntropy(located(network)(scope, x), y))
		var weights []*Node
		for _, v := range sorted(store) {
			if v.Trainable && v.Shape().Rank() >= 2 {
				weights = append(weights, v.NodeValue(x.Graph()))
			}
		}
		norms := Gradient(loss, weights...)
		for i, gradient := range norms {
			norms[i] = Sqrt(ReduceAllSum(Square(gradient)))
		}
		return Stack(norms, 0)
	})
	if err != nil {
		return nil, unbuilt("gradients", err)
	}
	defer exec.Finalize()
	x, y := data.batch(inOrder(data.Len(), examples)[0])
	if _, err := exec.Compile(x.Shape(), y.Shape()); err != nil {
		return nil, unbuilt("gradients", err)
	}
	norms := make([][]float64, len(seeds))
	for i, seed := range seeds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := drawWeights(store, seed, nil); err != nil {
			return nil, err
		}
		outputs, err := exec.Call(x, y)
		if err != nil {
			return nil, fmt.Errorf("running the gradients: %s", badinput.FirstLine(err))
		}
		for _, norm := range tensors.MustCopyFlatData[float32](outputs[0]) {
			norms[i] = append(norms[i], float64(norm))
		}
	}
	return norms, nil
}
