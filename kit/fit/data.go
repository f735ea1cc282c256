package fit

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"evident/datasets"
	"evident/internal/badinput"
)

// Data is n examples that a model can be trained on or tested with: each has its
// inputs, and a label or targets, or neither where they are only predicted for.
// Data that cannot be used are refused by the first call that is to use them.
type Data struct {
	shape       []int // of one example
	n           int
	labels      []int32
	targets     []float32
	targetShape []int // of one example; nil for labels
	pixels      bool  // the inputs are whole numbers from 0 to 255
	gather      func(indices []int) *tensors.Tensor
	err         error
}

// Number is what inputs may be made of. A network gets them as they are, but
// float64 as float32.
type Number interface {
	uint8 | int32 | float32 | float64
}

// NewData takes the values of n examples of the given shape, [n, shape...] in one
// slice, and their n labels, which count from 0; nil for data without. It keeps
// the slices.
func NewData[T Number](values []T, shape []int, labels []int32) Data {
	d := inputs(values, shape)
	d.labels = labels
	if labels != nil {
		d.fill(len(values), len(labels), "labels")
	}
	if i := slices.IndexFunc(labels, func(label int32) bool { return label < 0 }); i >= 0 && d.err == nil {
		d.err = badinput.Errorf("example %d has the label %d: labels count from 0", i, labels[i])
	}
	return d
}

// NewTargetData takes the values of n examples, [n, shape...] in one slice, and
// what a network is to make of each, [n, targetShape...]: a regression to one
// number has the target shape [1]. It keeps the slices.
func NewTargetData[T Number](values []T, shape []int, targets []float32, targetShape []int) Data {
	d := inputs(values, shape)
	d.targets, d.targetShape = targets, targetShape
	size := sizeOf(targetShape)
	switch {
	case d.err != nil:
	case size < 1:
		d.err = badinput.Errorf("the target shape %v: every size is 1 or more, as in [1] for one number", targetShape)
	case len(targets)%size != 0:
		d.err = badinput.Errorf("%d targets do not fill examples of the target shape %v, %d each: mend the targets or the shape", len(targets), targetShape, size)
	default:
		d.fill(len(values), len(targets)/size, "targets")
		d.err = cmp.Or(d.err, checkFinite(targets, size, "target"))
	}
	return d
}

// inputs are data without labels and targets.
func inputs[T Number](values []T, shape []int) Data {
	size := sizeOf(shape)
	d := Data{shape: shape}
	switch values := any(values).(type) {
	case []float64:
		single := make([]float32, len(values))
		for i, v := range values {
			single[i] = float32(v)
		}
		return inputs(single, shape)
	case []float32:
		d.err = checkFinite(values, size, "input")
		d.pixels = arePixels(values)
	case []int32:
		d.pixels = arePixels(values)
	case []uint8:
		d.pixels = slices.ContainsFunc(values, func(v uint8) bool { return v >= bright })
	}
	switch {
	case size < 1:
		d.err = badinput.Errorf("the shape %v of an example: every size is 1 or more", shape)
		return d
	case len(values)%size != 0:
		d.err = badinput.Errorf("%d values do not fill examples of the shape %v, %d each: mend the values or the shape", len(values), shape, size)
	}
	d.n = len(values) / size
	d.gather = func(indices []int) *tensors.Tensor {
		batch := make([]T, 0, len(indices)*size)
		for _, i := range indices {
			batch = append(batch, values[i*size:(i+1)*size]...)
		}
		return tensors.FromFlatDataAndDimensions(batch, append([]int{len(indices)}, shape...)...)
	}
	return d
}

func sizeOf(shape []int) int {
	size := 1
	for _, dim := range shape {
		size *= max(dim, 0)
	}
	return size
}

// fill says how many examples there are by their labels or targets.
func (d *Data) fill(values, n int, what string) {
	if d.err == nil && d.n != n {
		d.err = badinput.Errorf("%d values are %d examples of the shape %v, and there are %s of %d: give each example its %s",
			values, d.n, d.shape, what, n, what)
	}
	d.n = n
}

func checkFinite(values []float32, size int, what string) error {
	for i, v := range values {
		if v-v != 0 { // NaN, or infinite
			return badinput.Errorf("example %d has the %s %v, at place %d: leave such examples out, or put a number in its place", i/max(size, 1), what, v, i%max(size, 1))
		}
	}
	return nil
}

// bright is a value that pixels from 0 to 255 have and that few others reach.
const bright = 128

// arePixels says whether numbers are whole, from 0 to 255, and not all dark.
func arePixels[T int32 | float32](values []T) bool {
	lightest := T(0)
	for _, v := range values {
		if v != T(uint8(v)) {
			return false
		}
		lightest = max(lightest, v)
	}
	return lightest >= bright
}

// check refuses data that nothing can be learned from.
func (d Data) check() error {
	if d.err == nil && d.n == 0 {
		return badinput.Errorf("the data hold no examples: give at least one")
	}
	return d.err
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
func (d Data) Len() int { return d.n }

// Labels are the labels of all examples; not to be changed.
func (d Data) Labels() []int32 { return d.labels }

// Targets are the targets of all examples, in one slice; not to be changed.
func (d Data) Targets() []float32 { return d.targets }

// batch is the inputs [len(indices), shape...], and the targets
// [len(indices), targetShape...] or the labels [len(indices), 1], which are 0
// where there are none.
func (d Data) batch(indices []int) (x, y *tensors.Tensor) {
	if d.targetShape != nil {
		size := sizeOf(d.targetShape)
		targets := make([]float32, 0, len(indices)*size)
		for _, i := range indices {
			targets = append(targets, d.targets[i*size:(i+1)*size]...)
		}
		return d.gather(indices), tensors.FromFlatDataAndDimensions(targets, append([]int{len(indices)}, d.targetShape...)...)
	}
	labels := make([]int32, len(indices))
	for i, index := range indices {
		if d.labels != nil {
			labels[i] = d.labels[index]
		}
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
