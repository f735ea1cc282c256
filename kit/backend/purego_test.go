package backend

import (
	"testing"
	"time"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"
)

// The products are independent, so they run at once.
func TestManyMatrixProductsAtOnceEnd(t *testing.T) {
	backend, err := PureGo()
	require.NoError(t, err)
	const products, size = 16, 384
	exec, err := NewExec(backend, func(g *Graph) *Node {
		ones := Ones(g, shapes.Make(dtypes.Float32, size, size))
		var sums []*Node
		for i := range products {
			sums = append(sums, ReduceAllSum(MatMul(AddScalar(ones, float64(i)), ones)))
		}
		return Stack(sums, 0)
	})
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() {
		var err error
		for range 4 {
			if err == nil {
				_, err = exec.Call()
			}
		}
		done <- err
	}()
	select {
	case err := <-done:
		require.NoError(t, err)
	case <-time.After(2 * time.Minute):
		t.Fatal("the products wait for one another")
	}
}
