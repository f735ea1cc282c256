// Package bench holds benchmarks, which `make bench` runs. They compare
// alternatives side by side in one run. They are never tests.
package bench

import (
	"math/rand/v2"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"

	"evident/datasets/cifar10"
	"evident/datasets/phantom"
	"evident/datasets/text"
	"evident/kit/fit"
	"evident/lessons/imageclass"
	"evident/lessons/inception"
	"evident/lessons/textcnn"
)

// BatchSize is that of question 7.
const BatchSize = 32

// WithoutAllocator is an environment without the settings of our allocator, for
// others to be measured as they are.
func WithoutAllocator(environment []string) []string {
	return slices.DeleteFunc(slices.Clone(environment), func(setting string) bool {
		return strings.HasPrefix(setting, "MALLOC_") || strings.HasPrefix(setting, "GLIBC_TUNABLES=")
	})
}

// Median of some values.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return stat.Quantile(0.5, stat.Empirical, sorted, nil)
}

// Net is the network of a lesson, with random data of the form and size of the
// lesson's own.
type Net struct {
	Name      string // that of its file in bench/peers/nets
	Title     string
	Network   fit.Network
	Noise     func(n int) fit.Data
	BatchSize int
	Examples  int // of an epoch
	Steps     int // that take some seconds
}

// Nets are the networks that are measured beside other frameworks.
func Nets() []Net { return []Net{ofInception(), ofImageclass(), ofTextCNN()} }

func ofInception() Net {
	return Net{
		Name: "inception", Title: "Inception net (question 7)", Network: inception.Full().Train.Net.Network(),
		Noise: Noise, BatchSize: BatchSize, Examples: cifar10.TrainPictures, Steps: 40,
	}
}

func ofImageclass() Net {
	c := imageclass.Default()
	return Net{
		Name: "imageclass", Title: "Image classifier (question 4)", Network: c.Train.Net.Network(),
		Noise:     func(n int) fit.Data { return pictures(n, phantom.Side, 1, len(phantom.Classes())) },
		BatchSize: c.Train.BatchSize, Examples: c.Data.Train, Steps: 400,
	}
}

func ofTextCNN() Net {
	c := textcnn.Full()
	const classes = 2
	return Net{
		Name: "textcnn", Title: "Text CNN (question 5)", Network: c.Classify.Net.Network(c.Data.Words, classes),
		Noise:     func(n int) fit.Data { return texts(n, c.Data.Length, c.Data.Words, classes) },
		BatchSize: c.Classify.BatchSize, Examples: 9_600, Steps: 40, // texts of nine folds of the polarity set
	}
}

// Noise is n pictures of random pixels with random labels, of the size of
// CIFAR-10's.
func Noise(n int) fit.Data { return pictures(n, 32, 3, 10) }

func pictures(n, side, channels, classes int) fit.Data {
	random := rand.New(rand.NewPCG(1, 1))
	pixels := make([]uint8, n*side*side*channels)
	for i := range pixels {
		pixels[i] = uint8(random.IntN(256))
	}
	return fit.NewData(pixels, []int{side, side, channels}, labels(random, n, classes))
}

// texts have words at all of their places, and no padding.
func texts(n, length, words, classes int) fit.Data {
	random := rand.New(rand.NewPCG(1, 1))
	numbers := make([]int32, n*length)
	for i := range numbers {
		numbers[i] = text.Unknown + random.Int32N(int32(words)+1)
	}
	return fit.NewData(numbers, []int{length}, labels(random, n, classes))
}

func labels(random *rand.Rand, n, classes int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = random.Int32N(int32(classes))
	}
	return all
}
