package sweep

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"evident/kit/fit"
)

// Curvature multiplies vectors by the Hessian H of a model's loss on all its
// data, for many replicas at once. GoMLX must be able to differentiate the
// model twice: this holds for dense layers but not for convolutions.
type Curvature struct {
	model Model
	dtype dtypes.DType
	exec  *Exec
	data  *source
}

// NewCurvature prepares the product H·v as the gradient of ⟨∇f, v⟩ (after
// Pearlmutter 1994, but by automatic differentiation instead of his operator).
func NewCurvature[E Examples](backend compute.Backend, m Model, examples E, dtype dtypes.DType) (*Curvature, error) {
	c := &Curvature{model: m, dtype: dtype, data: newSource(m, examples, dtype)}
	var err error
	if c.exec, err = NewExec(backend, c.graph); err != nil {
		return nil, fmt.Errorf("building the Hessian product: %w", err)
	}
	return c, nil
}

// Finalize frees the compiled program.
func (c *Curvature) Finalize() { c.exec.Finalize() }

func (c *Curvature) graph(inputs []*Node) []*Node {
	n := len(c.model.Shapes)
	params, vectors := inputs[:n], inputs[n:2*n]
	var x, y *Node
	if len(inputs) > 2*n {
		x, y = inputs[2*n], inputs[2*n+1]
	}
	gradients := Gradient(ReduceAllSum(c.model.loss(params, x, y)), params...)
	inner := ScalarZero(params[0].Graph(), params[0].DType())
	for i, g := range gradients {
		inner = Add(inner, ReduceAllSum(Mul(g, StopGradient(vectors[i]))))
	}
	return Gradient(inner, params...)
}

// Times returns H·v of every replica: [replica][parameter]. If the examples are
// drawn by seed, the replicas say the seed of each vector; else they are not
// needed.
func (c *Curvature) Times(params, vectors [][]float64, replicas ...Replica) ([][]float64, error) {
	data, err := c.data.of(len(params), replicas)
	if err != nil {
		return nil, err
	}
	return c.times(stack(params, c.model.Shapes, c.dtype), data, vectors)
}

func (c *Curvature) times(params []*tensors.Tensor, data sample, vectors [][]float64) ([][]float64, error) {
	inputs := append([]*tensors.Tensor{}, params...)
	inputs = append(inputs, stack(vectors, c.model.Shapes, c.dtype)...)
	inputs = append(inputs, data.inputs...)
	products, err := c.exec.Call(anys(inputs)...)
	if err != nil {
		return nil, fit.Unrun("Hessian product", err)
	}
	return unstack(products, len(vectors)), nil
}

// Eigen is the largest eigenvalue of a Hessian, with its unit vector. The value
// is NaN if the parameters are not finite.
type Eigen struct {
	Value  float64
	Vector []float64
	// Residual is ‖H·v − λ·v‖ / |λ|, which measures the convergence.
	Residual float64
}

// Power sets when the power iteration stops.
type Power struct {
	Iterations int     // maximum number
	Tolerance  float64 // of the residual
}

// Top finds the largest eigenvalue of every replica's Hessian by power
// iteration from the given vectors. The vectors of an earlier call at nearby
// parameters save most of the work. Top draws a random vector in place of nil.
//
// Power iteration finds the eigenvalue with the largest absolute value. If that
// is negative, a second pass on H + |λ|·1, which has no negative eigenvalues,
// finds the largest. The replicas have the same meaning as in [Curvature.Times].
func (c *Curvature) Top(ctx context.Context, params, vectors [][]float64, power Power, replicas ...Replica) ([]Eigen, error) {
	data, err := c.data.of(len(params), replicas)
	if err != nil {
		return nil, err
	}
	stacked := stack(params, c.model.Shapes, c.dtype)
	shifts := make([]float64, len(params))
	found, err := c.iterate(ctx, stacked, data, started(vectors, len(params), c.model.Size()), shifts, power)
	if err != nil {
		return nil, err
	}
	again := false
	vectors = make([][]float64, len(found))
	for i, e := range found {
		vectors[i] = e.Vector
		if e.Value < 0 {
			shifts[i], vectors[i], again = -e.Value, nil, true
		}
	}
	if !again {
		return found, nil
	}
	return c.iterate(ctx, stacked, data, started(vectors, len(params), c.model.Size()), shifts, power)
}

// iterate repeats v ← (H + s)·v / ‖…‖ with one shift s per replica.
func (c *Curvature) iterate(ctx context.Context, params []*tensors.Tensor, data sample, vectors [][]float64, shifts []float64, power Power) ([]Eigen, error) {
	found := make([]Eigen, len(vectors))
	for range max(power.Iterations, 1) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		products, err := c.times(params, data, vectors)
		if err != nil {
			return nil, err
		}
		settled := true
		for i, product := range products {
			found[i] = rayleigh(vectors[i], product)
			settled = settled && !(found[i].Residual > power.Tolerance)
			floats.AddScaled(product, shifts[i], vectors[i])
			vectors[i] = unit(product, vectors[i])
		}
		if settled {
			break
		}
	}
	return found, nil
}

// rayleigh returns λ = ⟨v, H·v⟩ for a unit vector v.
func rayleigh(v, product []float64) Eigen {
	value := floats.Dot(v, product)
	residual := 0.0
	for i := range v {
		residual += (product[i] - value*v[i]) * (product[i] - value*v[i])
	}
	return Eigen{Value: value, Vector: append([]float64(nil), v...), Residual: math.Sqrt(residual) / math.Abs(value)}
}

// unit scales v to norm 1, or returns before if that is impossible.
func unit(v, before []float64) []float64 {
	norm := floats.Norm(v, 2)
	if !(norm > 0) || math.IsInf(norm, 1) {
		return before
	}
	floats.Scale(1/norm, v)
	return v
}

// started copies the vectors, or draws one for every replica. It also replaces
// a vector that is not finite, which comes from a diverged replica.
func started(vectors [][]float64, replicas, size int) [][]float64 {
	all := make([][]float64, replicas)
	for i := range all {
		if vectors != nil && len(vectors[i]) == size && !math.IsNaN(floats.Sum(vectors[i])) {
			all[i] = append([]float64(nil), vectors[i]...)
			continue
		}
		const forVectors = 4
		random := fit.Rand(int64(i), forVectors)
		drawn := make([]float64, size)
		for j := range drawn {
			drawn[j] = random.NormFloat64()
		}
		all[i] = unit(drawn, drawn)
	}
	return all
}

// MeanVector returns the mean of vectors of equal length, such as the gradients
// of many batches.
func MeanVector(vectors [][]float64) []float64 {
	sum := make([]float64, len(vectors[0]))
	for _, v := range vectors {
		floats.Add(sum, v)
	}
	floats.Scale(1/float64(len(vectors)), sum)
	return sum
}

// MeanSquare returns the mean of ‖v − from‖² over the vectors.
func MeanSquare(vectors [][]float64, from []float64) float64 {
	total := 0.0
	for _, v := range vectors {
		distance := floats.Distance(v, from, 2)
		total += distance * distance
	}
	return total / float64(len(vectors))
}

// Eigenvalues returns the eigenvalues of a symmetric matrix in rising order, or
// nil if a value is not finite.
func Eigenvalues(rows [][]float64) []float64 {
	symmetric := mat.NewSymDense(len(rows), nil)
	for i, row := range rows {
		for j, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil
			}
			symmetric.SetSym(i, j, v)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(symmetric, false) {
		return nil
	}
	return eigen.Values(nil)
}
