package fit

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"golang.org/x/sync/errgroup"

	"evident/kit/backend"
	"evident/kit/progress"
)

// Rand is a generator for one purpose of one seed: two purposes of the same
// seed, as in the initial weights and the order of the data, are independent.
func Rand(seed int64, purpose uint64) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(seed), purpose))
}

// The purposes that a training draws random numbers for.
const (
	forWeights uint64 = iota + 1
	forOrder
)

// keepInitial remembers the start of what the optimizer counts and sets, such
// as its step and rate. What has no value yet starts at zero.
func (m *Model) keepInitial() error {
	m.initial = map[string]*tensors.Tensor{}
	for v := range m.store.IterVariables() {
		if v.Trainable || !v.HasValue() {
			continue
		}
		value, err := v.Value()
		if err != nil {
			return err
		}
		if m.initial[v.Path()], err = value.LocalClone(); err != nil {
			return err
		}
	}
	return nil
}

// Reset gives all variables the values with which a training from this seed
// starts.
func (m *Model) Reset(seed int64) error {
	if err := drawWeights(m.store, seed, m.Initializer); err != nil {
		return err
	}
	for v := range m.store.IterVariables() {
		if v.Trainable {
			continue
		}
		value, err := m.startOf(v, seed)
		if err != nil {
			return err
		}
		if err := v.SetValue(value); err != nil {
			return err
		}
	}
	return nil
}

func (m *Model) startOf(v *model.Variable, seed int64) (*tensors.Tensor, error) {
	switch initial := m.initial[v.Path()]; {
	case v.Name() == model.RNGStateVariableName:
		return graph.RNGStateFromSeed(seed)
	case initial != nil:
		return initial.LocalClone()
	}
	return tensors.FromShape(v.Shape()), nil
}

// embeddings is the name of variables that are tables of vectors, see
// nn.Embedding, and embeddingRange bounds the values that they start with. Their
// size says nothing about what a neuron adds up, so Glorot's rule is not for
// them; ±0.25 is Kim's (2014, section 3.1).
const (
	embeddings     = "embeddings"
	embeddingRange = 0.25
)

// drawWeights sets what is trained to values of the seed: embeddings uniformly
// from ±0.25, and all else by the initializer, or [GlorotUniform] if it is nil.
// They are drawn here and not by the
// backend, so they are the same on every backend.
func drawWeights(store *model.Store, seed int64, draw Initializer) error {
	if draw == nil {
		draw = GlorotUniform
	}
	random := Rand(seed, forWeights)
	for _, v := range sorted(store) {
		if !v.Trainable {
			continue
		}
		values := draw(random, v.Shape())
		if v.Name() == embeddings {
			values = uniform(random, v.Shape(), embeddingRange)
		}
		if err := v.SetValue(values); err != nil {
			return err
		}
	}
	return nil
}

// sorted lists the variables by path: the order of drawing must not depend on
// the order in which a map is walked.
func sorted(store *model.Store) []*model.Variable {
	variables := slices.Collect(store.IterVariables())
	slices.SortFunc(variables, func(a, b *model.Variable) int { return strings.Compare(a.Path(), b.Path()) })
	return variables
}

// Initializer draws the first values of a variable, such as [GlorotUniform].
type Initializer func(random *rand.Rand, shape shapes.Shape) *tensors.Tensor

// GlorotUniform draws weights of the shape [..., in, out] uniformly from ±√(6 / (fan_in + fan_out))
// (Glorot and Bengio 2010, equation 16), the initialisation of Keras; a
// kernel's fans count its spatial positions. Shapes of rank below 2, the
// biases, are zero.
func GlorotUniform(random *rand.Rand, shape shapes.Shape) *tensors.Tensor {
	in, out := fans(shape)
	return uniform(random, shape, math.Sqrt(6/(in+out)))
}

// HeUniform draws weights as [GlorotUniform] does, but from ±√(6 / fan_in): their variance, 2/fan_in, makes up for
// the half of the values that ReLU sets to zero (He et al. 2015, equation 10).
func HeUniform(random *rand.Rand, shape shapes.Shape) *tensors.Tensor {
	in, _ := fans(shape)
	return uniform(random, shape, math.Sqrt(6/in))
}

// fans are the numbers of inputs and outputs of a neuron; infinite for biases, which are zero.
func fans(shape shapes.Shape) (in, out float64) {
	rank := shape.Rank()
	if rank < 2 {
		return math.Inf(1), math.Inf(1)
	}
	channels, filters := shape.Dim(rank-2), shape.Dim(rank-1)
	positions := shape.Size() / (channels * filters)
	return float64(positions * channels), float64(positions * filters)
}

// uniform draws float32 values from ±limit, and nothing where that is 0.
func uniform(random *rand.Rand, shape shapes.Shape, limit float64) *tensors.Tensor {
	if limit == 0 {
		return tensors.FromShape(shape)
	}
	values := make([]float32, shape.Size())
	for i := range values {
		values[i] = float32((2*random.Float64() - 1) * limit)
	}
	return tensors.FromFlatDataAndDimensions(values, shape.Dimensions...)
}

// Finalizer frees what was compiled: a [Classifier], or several.
type Finalizer interface{ Finalize() }

// BySeed measures the same from every seed and returns the results in the order
// of the seeds. Several measurements run at once, each with what open has
// compiled for it on the backend that it is given. Measure must get all that is
// random from the seed and change nothing that others use: then the results are
// those of one after the other. The first of those that run at once reports its
// progress, for all. The first error cancels the others.
//
// On a CPU there is a measurement for each processor, on an XLA of its own with
// one thread. A training step of a small network is a chain of many small
// operations; divided among threads it takes more work in all, since they wait
// for each other. And how a sum is divided decides its last digits, which are so
// the same on a machine of any size. Elsewhere all share the backend, one
// measurement for every two processors.
func BySeed[C Finalizer, T any](ctx context.Context, backend compute.Backend, seeds []int64, open func(compute.Backend) (C, error), measure func(ctx context.Context, compiled C, seed int64) (T, error)) ([]T, error) {
	return bySeed(ctx, sharingOf(backend), seeds, open, measure)
}

// sharing is how many measurements run at once, and where each gets its backend.
type sharing struct {
	workers  int
	lend     func() (compute.Backend, error)
	giveBack func(compute.Backend)
}

func sharingOf(b compute.Backend) sharing {
	processors := runtime.GOMAXPROCS(0)
	if lend, giveBack, pooled := backend.Pool(b); pooled {
		return sharing{processors, lend, giveBack}
	}
	return sharing{max(1, processors/2), func() (compute.Backend, error) { return b, nil }, func(compute.Backend) {}}
}

func bySeed[C Finalizer, T any](ctx context.Context, s sharing, seeds []int64, open func(compute.Backend) (C, error), measure func(context.Context, C, int64) (T, error)) ([]T, error) {
	results := make([]T, len(seeds))
	next := make(chan int, len(seeds))
	for i := range seeds {
		next <- i
	}
	close(next)
	var opening sync.Mutex // what the first compiles, the next one finds in the cache
	group, ctx := errgroup.WithContext(ctx)
	for worker := range min(s.workers, len(seeds)) {
		group.Go(func() error {
			ctx := ctx
			if worker > 0 {
				ctx = progress.With(ctx, func(progress.Update) {})
			}
			backend, err := s.lend()
			if err != nil {
				return err
			}
			defer s.giveBack(backend)
			opening.Lock()
			compiled, err := open(backend)
			opening.Unlock()
			if err != nil {
				return err
			}
			defer compiled.Finalize()
			for i := range next {
				if err := ctx.Err(); err != nil {
					return err
				}
				if results[i], err = measure(ctx, compiled, seeds[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return results, group.Wait()
}
