package sweep

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
)

// tensorOf stores the numbers in the type of the parameters.
func tensorOf(numbers []float64, dtype dtypes.DType, dims ...int) *tensors.Tensor {
	if dtype == dtypes.Float64 {
		return tensors.FromFlatDataAndDimensions(numbers, dims...)
	}
	single := make([]float32, len(numbers))
	for i, v := range numbers {
		single[i] = float32(v)
	}
	return tensors.FromFlatDataAndDimensions(single, dims...)
}

// values reads a tensor of either type.
func values(t *tensors.Tensor) []float64 {
	if t.DType() == dtypes.Float64 {
		return tensors.MustCopyFlatData[float64](t)
	}
	single := tensors.MustCopyFlatData[float32](t)
	numbers := make([]float64, len(single))
	for i, v := range single {
		numbers[i] = float64(v)
	}
	return numbers
}

// rows returns rows of equal width as [leading..., width].
func rows(of [][]float64, dtype dtypes.DType, leading ...int) *tensors.Tensor {
	var flat []float64
	for _, row := range of {
		flat = append(flat, row...)
	}
	return tensorOf(flat, dtype, append(leading, len(of[0]))...)
}

// stack combines the vectors of all replicas into one tensor per parameter,
// with the replicas as its first axis.
func stack(vectors [][]float64, shapes [][]int, dtype dtypes.DType) []*tensors.Tensor {
	stacked := make([]*tensors.Tensor, len(shapes))
	start := 0
	for i, shape := range shapes {
		end := start + size(shape)
		flat := make([]float64, 0, len(vectors)*(end-start))
		for _, vector := range vectors {
			flat = append(flat, vector[start:end]...)
		}
		stacked[i] = tensorOf(flat, dtype, append([]int{len(vectors)}, shape...)...)
		start = end
	}
	return stacked
}

// unstack is the inverse of stack.
func unstack(stacked []*tensors.Tensor, replicas int) [][]float64 {
	vectors := make([][]float64, replicas)
	for _, t := range stacked {
		flat := values(t)
		width := len(flat) / replicas
		for i := range vectors {
			vectors[i] = append(vectors[i], flat[i*width:(i+1)*width]...)
		}
	}
	return vectors
}

func anys(of []*tensors.Tensor) []any {
	all := make([]any, len(of))
	for i, t := range of {
		all[i] = t
	}
	return all
}
