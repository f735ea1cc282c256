package sweep_test

import (
	"context"
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"evident/kit/sweep"
)

// hessian assembles H from its products with the unit vectors.
func hessian(t *testing.T, c *sweep.Curvature, params []float64) *mat.Dense {
	t.Helper()
	n := len(params)
	copies, units := make([][]float64, n), make([][]float64, n)
	for i := range units {
		copies[i], units[i] = params, make([]float64, n)
		units[i][i] = 1
	}
	columns, err := c.Times(copies, units)
	require.NoError(t, err)
	h := mat.NewDense(n, n, nil)
	for j, column := range columns {
		h.SetCol(j, column)
	}
	return h
}

// gradient returns ∇f at each of the places: one step at rate 1 moves by −∇f.
func gradient(t *testing.T, backend compute.Backend, m sweep.Model, data sweep.Data, places ...[]float64) [][]float64 {
	t.Helper()
	replicas := make([]sweep.Replica, len(places))
	for i := range replicas {
		replicas[i] = sweep.Replica{Rate: 1, Seed: 1}
	}
	trace := run(t, backend, sweep.Config{Model: m, Data: data, DType: dtypes.Float64}, sweep.Run{Replicas: replicas, Start: places, Steps: 1})
	for i := range places {
		floats.SubTo(trace.Final[i], places[i], trace.Final[i])
	}
	return trace.Final
}

func TestHessianProductEqualsFiniteDifferences(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		m, data := small.Model(), rings(10)
		c, err := sweep.NewCurvature(backend, m, data, dtypes.Float64)
		require.NoError(t, err)
		defer c.Finalize()
		params, v := sweep.Draw(m, 1, 1), sweep.Draw(m, 2, 1)
		product, err := c.Times([][]float64{params}, [][]float64{v})
		require.NoError(t, err)
		const h = 1e-5
		ahead, behind := append([]float64{}, params...), append([]float64{}, params...)
		floats.AddScaled(ahead, h, v)
		floats.AddScaled(behind, -h, v)
		gradients := gradient(t, backend, m, data, ahead, behind)
		for i := range v {
			require.InDelta(t, (gradients[0][i]-gradients[1][i])/(2*h), product[0][i], 1e-7)
		}
	})
}

func TestTopEigenvalueEqualsTheFullHessian(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		m, data := small.Model(), rings(10)
		c, err := sweep.NewCurvature(backend, m, data, dtypes.Float64)
		require.NoError(t, err)
		defer c.Finalize()
		places := [][]float64{sweep.Draw(m, 1, 1), sweep.Draw(m, 2, 1), sweep.Draw(m, 3, 2)}
		found, err := c.Top(context.Background(), places, nil, sweep.Power{Iterations: 5000, Tolerance: 1e-7})
		require.NoError(t, err)
		for i, place := range places {
			h := hessian(t, c, place)
			var eigen mat.EigenSym
			symmetric := mat.NewSymDense(len(place), nil)
			for row := range place {
				for column := row; column < len(place); column++ {
					require.InDelta(t, h.At(row, column), h.At(column, row), 1e-12, "a Hessian is symmetric")
					symmetric.SetSym(row, column, h.At(row, column))
				}
			}
			require.True(t, eigen.Factorize(symmetric, false))
			require.InDelta(t, eigen.Values(nil)[len(place)-1], found[i].Value, 1e-6)
		}
	})
}

// The eigenvalues of ½(a·x² + b·y²) are a and b. The largest must be found even
// if a negative one has the largest absolute value, and a diverged replica must
// not affect the others.
func TestTopEigenvalueOfQuadratics(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		saddle := sweep.Model{Shapes: [][]int{{2}}, Loss: func(params []*Node, _, _ *Node) *Node {
			curvatures := Const(params[0].Graph(), [][]float64{{0.5, -3}})
			return MulScalar(ReduceSum(Mul(Square(params[0]), curvatures), -1), 0.5)
		}}
		c, err := sweep.NewCurvature(backend, saddle, sweep.Data{}, dtypes.Float64)
		require.NoError(t, err)
		defer c.Finalize()
		found, err := c.Top(context.Background(), [][]float64{{1, 1}, {4, -2}}, nil, sweep.Power{Iterations: 500, Tolerance: 1e-10})
		require.NoError(t, err)
		for _, e := range found {
			require.InDelta(t, 0.5, e.Value, 1e-9)
		}
	})
}

func TestVectorsByHand(t *testing.T) {
	vectors := [][]float64{{0, 0}, {2, 0}, {1, 3}}
	require.Equal(t, []float64{1, 1}, sweep.MeanVector(vectors))
	require.InDelta(t, (2+2+4)/3.0, sweep.MeanSquare(vectors, []float64{1, 1}), 1e-12)
	require.Equal(t, [][]float64{{0, 0}, {2, 0}, {1, 3}}, vectors, "the vectors stay")
}

// [[2, 1], [1, 2]] has the eigenvectors (1, −1) and (1, 1).
func TestEigenvaluesRise(t *testing.T) {
	require.InDeltaSlice(t, []float64{1, 3}, sweep.Eigenvalues([][]float64{{2, 1}, {1, 2}}), 1e-12)
	require.Nil(t, sweep.Eigenvalues([][]float64{{math.NaN(), 0}, {0, 1}}))
}
