package fit

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"

	"evident/datasets"
)

// Data is n labelled examples that a model can be trained on or tested with.
type Data struct {
	shape  []int // of one example
	labels []int32
	gather func(indices []int) *tensors.Tensor
}

// NewData takes the values of n examples of the given shape,
// [n, shape...] in one slice, and their n labels. It keeps the slices.
func NewData[T uint8 | int32 | float32](values []T, shape []int, labels []int32) Data {
	size := 1
	for _, dim := range shape {
		size *= dim
	}
	return Data{shape: shape, labels: labels, gather: func(indices []int) *tensors.Tensor {
		batch := make([]T, 0, len(indices)*size)
		for _, i := range indices {
			batch = append(batch, values[i*size:(i+1)*size]...)
		}
		return tensors.FromFlatDataAndDimensions(batch, append([]int{len(indices)}, shape...)...)
	}}
}

// ImageData is a set of pictures as Data: uint8 [height, width, channels].
func ImageData(set datasets.Images) Data {
	labels := make([]int32, set.Len())
	for i, label := range set.Labels {
		labels[i] = int32(label)
	}
	return NewData(set.Pixels, []int{set.Height, set.Width, set.Channels}, labels)
}

// Len is the number of examples.
func (d Data) Len() int { return len(d.labels) }

// Labels are the labels of all examples; not to be changed.
func (d Data) Labels() []int32 { return d.labels }

// batch is the inputs [len(indices), shape...] and labels [len(indices), 1].
func (d Data) batch(indices []int) (x, y *tensors.Tensor) {
	labels := make([]int32, len(indices))
	for i, index := range indices {
		labels[i] = d.labels[index]
	}
	return d.gather(indices), tensors.FromFlatDataAndDimensions(labels, len(indices), 1)
}

// epoch cuts a fresh permutation of the examples into whole batches. The few
// examples that do not fill the last batch wait for another epoch: a batch of
// another size would be another program to compile.
func (d Data) epoch(random *rand.Rand, batchSize int) [][]int {
	order := random.Perm(d.Len())
	batches := make([][]int, d.Len()/batchSize)
	for i := range batches {
		batches[i] = order[i*batchSize : (i+1)*batchSize]
	}
	return batches
}

// inOrder cuts 0…n−1 into batches of one size; the last is filled up by
// repeating the last example.
func inOrder(n, batchSize int) [][]int {
	var batches [][]int
	for start := 0; start < n; start += batchSize {
		batch := make([]int, batchSize)
		for i := range batch {
			batch[i] = min(start+i, n-1)
		}
		batches = append(batches, batch)
	}
	return batches
}

// summed is how many examples go into a checksum at once.
const summed = 1024

// sum is a checksum of all examples with their labels, in their order.
func (d Data) sum() (string, error) {
	hash := sha256.New()
	_, _ = fmt.Fprintln(hash, d.Len(), d.shape)
	for start := 0; start < d.Len(); start += summed {
		indices := make([]int, min(summed, d.Len()-start))
		for i := range indices {
			indices[i] = start + i
		}
		x, y := d.batch(indices)
		for _, values := range []*tensors.Tensor{x, y} {
			if err := values.ConstBytes(func(data []byte) { _, _ = hash.Write(data) }); err != nil {
				return "", err
			}
		}
	}
	return fmt.Sprintf("%x", hash.Sum(nil)), nil
}
