package pointwise

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"evident/datasets"
	"evident/datasets/texture"
	"evident/kit/arch"
	"evident/kit/fit"
)

// MapFacts are the maps of one trained net that has 1×1, 3×3 and 5×5 filters
// side by side on the same picture.
type MapFacts struct {
	Net      arch.Model
	Filters  int     // of each kernel
	Accuracy float64 // on the test pictures
	// Moved is how far the 1×1 weights went in the training, as a share of their
	// norm at the start.
	Moved    float64
	Pictures datasets.Images // one of each class
	Maps     []KernelMaps    // in the order of fieldKernels
}

// KernelMaps are the maps of one kernel size for some pictures.
type KernelMaps struct {
	Kernel int
	Values [][][]float32 // [picture][filter][pixel]
}

// sideFilters is the number of filters of each kernel.
const sideFilters = 8

// SideBySide puts filters of all kernel sizes on one input.
func SideBySide() arch.Model {
	m := arch.Model{Name: "side by side"}
	x := m.Add("", arch.Input{Shape: arch.Shape{texture.Side, texture.Side, 3}})
	var towers []arch.Ref
	for _, kernel := range fieldKernels {
		towers = append(towers, m.Add(fmt.Sprintf("%dx%d", kernel, kernel), conv(sideFilters, kernel, "relu"), x))
	}
	m.Add("", arch.GlobalPool{Pooling: arch.Average, Axes: 2}, m.Add("concat", arch.Concatenate{Axis: -1}, towers...))
	return m
}

// concatNode is the index of the joined maps in SideBySide.
var concatNode = 1 + len(fieldKernels)

// MeasureMaps trains the net from the first seed.
func MeasureMaps(ctx context.Context, backend compute.Backend, c OrderConfig) (MapFacts, error) {
	facts := MapFacts{Net: SideBySide(), Filters: sideFilters}
	if err := c.check(); err != nil {
		return facts, err
	}
	train, err := texture.Generate(c.Train, c.DataSeed)
	if err != nil {
		return facts, err
	}
	test, err := texture.Generate(c.Test, c.DataSeed+forTestPictures)
	if err != nil {
		return facts, err
	}
	facts.Pictures = oneOfEach(test)
	net, err := fit.NewClassifier(backend, classifier(features(facts.Net), textureClasses), fit.ImageData(train), c.BatchSize, optimizer.Adam().LearningRate(c.LearningRate).Done())
	if err != nil {
		return facts, err
	}
	defer net.Finalize()
	if err := net.Reset(c.Seeds[0]); err != nil {
		return facts, err
	}
	before, err := pointwiseWeights(net)
	if err != nil {
		return facts, err
	}
	if _, err := net.Train(ctx, fit.ImageData(train), fit.Training{Task: "kernels side by side", Seed: c.Seeds[0], Epochs: c.Epochs}); err != nil {
		return facts, err
	}
	after, err := pointwiseWeights(net)
	if err != nil {
		return facts, err
	}
	facts.Moved = floats.Distance(after, before, 2) / floats.Norm(before, 2)
	return facts, facts.look(ctx, net, test)
}

// look scores the net and keeps its maps of the shown pictures.
func (f *MapFacts) look(ctx context.Context, net *fit.Classifier, test datasets.Images) error {
	score, err := net.Evaluate(ctx, fit.ImageData(test))
	if err != nil {
		return err
	}
	f.Accuracy = score.Accuracy
	program, err := net.Program(features(upTo(f.Net, concatNode)))
	if err != nil {
		return err
	}
	defer program.Finalize()
	maps, err := program.Run(ctx, fit.ImageData(f.Pictures))
	if err != nil {
		return err
	}
	for i, kernel := range fieldKernels {
		own := KernelMaps{Kernel: kernel}
		for _, values := range maps {
			own.Values = append(own.Values, mapsOf(values, i*sideFilters, sideFilters, sideFilters*len(fieldKernels)))
		}
		f.Maps = append(f.Maps, own)
	}
	return nil
}

// mapsOf cuts count maps out of values [pixel·channels]: [filter][pixel].
func mapsOf(values []float32, first, count, channels int) [][]float32 {
	maps := make([][]float32, count)
	for k := range maps {
		for at := first + k; at < len(values); at += channels {
			maps[k] = append(maps[k], values[at])
		}
	}
	return maps
}

// pointwiseWeights are those of the 1×1 filters.
func pointwiseWeights(net *fit.Classifier) ([]float64, error) {
	var weights []float64
	for v := range net.Store().IterVariables() {
		if !v.Trainable || !strings.Contains(v.Scope(), "1x1") || v.Shape().Rank() < 2 {
			continue
		}
		value, err := v.Value()
		if err != nil {
			return nil, err
		}
		for _, w := range tensors.MustCopyFlatData[float32](value) {
			weights = append(weights, float64(w))
		}
	}
	if len(weights) == 0 {
		return nil, fmt.Errorf("the net has no 1×1 weights")
	}
	return weights, nil
}

// oneOfEach is the first picture of every class, in the order of the classes.
func oneOfEach(set datasets.Images) datasets.Images {
	one := set
	one.Pixels, one.Labels = nil, nil
	for class := range set.Classes {
		if i := slices.Index(set.Labels, uint8(class)); i >= 0 {
			one.Pixels = append(one.Pixels, set.Pixels[i*set.PictureSize():(i+1)*set.PictureSize()]...)
			one.Labels = append(one.Labels, uint8(class))
		}
	}
	return one
}

// liveliest are the indices of so many filters whose maps vary most within the
// pictures: some filters are dead.
func (m KernelMaps) liveliest(count int) []int {
	order := make([]int, len(m.Values[0]))
	variation := make([]float64, len(order))
	for k := range order {
		order[k] = k
		for _, maps := range m.Values {
			variation[k] += deviation(maps[k])
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(math.Copysign(1, variation[b]-variation[a])) })
	return order[:min(count, len(order))]
}

// deviation is the standard deviation of the values over their largest value,
// so that it says how much is to be seen and not how large the numbers are.
func deviation(values []float32) float64 {
	wide := make([]float64, len(values))
	for i, v := range values {
		wide[i] = float64(v)
	}
	return stat.StdDev(wide, nil) / max(floats.Max(wide), 1e-9)
}
