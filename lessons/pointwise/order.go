package pointwise

import (
	"context"
	"fmt"
	"math"
	"sort"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"gonum.org/v1/gonum/integrate"
	"gonum.org/v1/gonum/stat"

	"evident/datasets"
	"evident/datasets/texture"
	"evident/kit/arch"
	"evident/kit/fit"
	"evident/kit/nn"
)

// textureClasses is the number of classes of package texture; the last of them
// has no pattern to detect.
const textureClasses = 6

// OrderFacts say what a net of 1×1 convolutions, and one with a 3×3
// convolution in front, make of pictures whose classes differ in nothing but
// the places of the pixels.
type OrderFacts struct {
	Pictures, Shuffled datasets.Images // of the test, and the same with the pixels of each in a random order
	// On pixels both layers are 1×1; behind, the first is 3×3.
	Pixels, Behind OrderFact
	Chance         float64
}

// OrderFact is the outcome of one net, one value a seed.
type OrderFact struct {
	Name              string
	Net               arch.Model
	Parameters        int
	Train, Test       []float64 // accuracy
	OnShuffled        []float64 // accuracy on the shuffled test pictures
	LargestDifference float64   // of a logit, between a picture and its shuffled copy, over all seeds
	// MapDifference is the largest difference between the maps of a shuffled
	// picture and the shuffled maps of the picture, in the 1×1 layer.
	MapDifference float64
	// Detects is how well the best 1×1 filter for a pattern tells its pictures
	// from all others by the mean of its map, averaged over the five patterns: the
	// area under the ROC curve, ½ for chance and 1 for always. The filter is chosen
	// on the training pictures and judged on the test pictures.
	Detects []float64
}

// orderNet is a layer with the given kernel, a 1×1 layer, and the mean of every
// map.
func orderNet(kernel, filters int) arch.Model {
	return arch.Sequential(fmt.Sprintf("%d×%d, then 1×1", kernel, kernel),
		arch.Input{Shape: arch.Shape{texture.Side, texture.Side, 3}},
		conv(filters, kernel, "relu"), conv(filters, 1, "relu"),
		arch.GlobalPool{Pooling: arch.Average, Axes: 2})
}

// pointwiseNode is the index of the 1×1 layer in orderNet.
const pointwiseNode = 2

// features feeds pictures of bytes to a net, as numbers from −½ to ½.
func features(m arch.Model) fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		x = AddScalar(MulScalar(ConvertDType(x, dtypes.Float32), 1.0/255), -0.5)
		return m.Graph(scope, x)[0]
	}
}

// classifier puts a dense layer behind the features.
func classifier(features fit.Network, classes int) fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		return nn.Dense(scope.In("logits"), features(scope, x), classes)
	}
}

// upTo is the net that ends with the node.
func upTo(m arch.Model, node int) arch.Model {
	m.Outputs = []arch.Ref{{Node: node}}
	return m
}

const (
	forTestPictures = 1_000_000 // seeds of test pictures lie far from those counted up from 1
	forShuffle      = 65
)

// MeasureOrder trains both nets from every seed.
func MeasureOrder(ctx context.Context, backend compute.Backend, c OrderConfig) (OrderFacts, error) {
	facts := OrderFacts{
		Chance: 1.0 / textureClasses,
		Pixels: OrderFact{Name: "1×1 on pixels", Net: orderNet(1, c.PixelFilters)},
		Behind: OrderFact{Name: "1×1 behind 3×3", Net: orderNet(3, c.Filters)},
	}
	if err := c.check(); err != nil {
		return facts, err
	}
	train, err := texture.Generate(c.Train, c.DataSeed)
	if err != nil {
		return facts, err
	}
	if facts.Pictures, err = texture.Generate(c.Test, c.DataSeed+forTestPictures); err != nil {
		return facts, err
	}
	var order []int
	facts.Shuffled, order = shuffled(facts.Pictures, c.DataSeed)
	for _, f := range []*OrderFact{&facts.Pixels, &facts.Behind} {
		if err := f.measure(ctx, backend, c, train, facts.Pictures, facts.Shuffled, order); err != nil {
			return facts, err
		}
	}
	return facts, nil
}

// shuffled moves the pixels of every picture in one random order: order[i] is
// where the pixel at i comes from.
func shuffled(set datasets.Images, seed int64) (datasets.Images, []int) {
	order := fit.Rand(seed, forShuffle).Perm(set.Height * set.Width)
	moved := make([]uint8, 0, len(set.Pixels))
	for start := 0; start < len(set.Pixels); start += set.PictureSize() {
		for _, from := range order {
			at := start + from*set.Channels
			moved = append(moved, set.Pixels[at:at+set.Channels]...)
		}
	}
	set.Pixels = moved
	return set, order
}

func (f *OrderFact) measure(ctx context.Context, backend compute.Backend, c OrderConfig, train, test, moved datasets.Images, order []int) error {
	data := fit.ImageData(train)
	net, err := fit.NewClassifier(backend, classifier(features(f.Net), textureClasses), data, c.BatchSize, optimizer.Adam().LearningRate(c.LearningRate).Done())
	if err != nil {
		return err
	}
	defer net.Finalize()
	f.Parameters = net.Parameters()
	maps, err := net.Program(features(upTo(f.Net, pointwiseNode)))
	if err != nil {
		return err
	}
	defer maps.Finalize()
	for _, seed := range c.Seeds {
		task := fmt.Sprintf("%s, seed %d", f.Name, seed)
		if _, err := net.Train(ctx, data, fit.Training{Task: task, Seed: seed, Epochs: c.Epochs}); err != nil {
			return err
		}
		if err := f.score(ctx, net, data, fit.ImageData(test), fit.ImageData(moved)); err != nil {
			return err
		}
		if err := f.detect(ctx, maps, data, fit.ImageData(test), fit.ImageData(moved), order); err != nil {
			return err
		}
	}
	return nil
}

// score evaluates the net as it is now.
func (f *OrderFact) score(ctx context.Context, net *fit.Classifier, train, test, moved fit.Data) error {
	onTrain, err := net.Evaluate(ctx, train)
	if err != nil {
		return err
	}
	logits, err := net.Logits(ctx, test)
	if err != nil {
		return err
	}
	onMoved, err := net.Logits(ctx, moved)
	if err != nil {
		return err
	}
	f.Train = append(f.Train, onTrain.Accuracy)
	f.Test = append(f.Test, fit.ScoreLogits(logits, test.Labels()).Accuracy)
	f.OnShuffled = append(f.OnShuffled, fit.ScoreLogits(onMoved, test.Labels()).Accuracy)
	for i := range logits {
		for class := range logits[i] {
			f.LargestDifference = max(f.LargestDifference, math.Abs(float64(logits[i][class]-onMoved[i][class])))
		}
	}
	return nil
}

// detect looks at the maps of the 1×1 layer, [n][pixel·filters].
func (f *OrderFact) detect(ctx context.Context, maps *fit.Program, train, test, moved fit.Data, order []int) error {
	var all [3][][]float32
	for i, data := range []fit.Data{train, test, moved} {
		var err error
		if all[i], err = maps.Run(ctx, data); err != nil {
			return err
		}
	}
	f.MapDifference = max(f.MapDifference, mapDifference(all[1], all[2], order))
	detects := bestDetectors(means(all[0], len(order)), train.Labels(), means(all[1], len(order)), test.Labels())
	f.Detects = append(f.Detects, stat.Mean(detects, nil))
	return nil
}

// mapDifference compares the maps of moved pictures with the moved maps.
func mapDifference(maps, ofMoved [][]float32, order []int) float64 {
	largest := 0.0
	for i := range maps {
		filters := len(maps[i]) / len(order)
		for pixel, from := range order {
			for k := range filters {
				largest = max(largest, math.Abs(float64(ofMoved[i][pixel*filters+k]-maps[i][from*filters+k])))
			}
		}
	}
	return largest
}

// means are those of every map: [filter][picture].
func means(maps [][]float32, pixels int) [][]float64 {
	filters := len(maps[0]) / pixels
	all := make([][]float64, filters)
	for k := range all {
		all[k] = make([]float64, len(maps))
		for i, values := range maps {
			for pixel := range pixels {
				all[k][i] += float64(values[pixel*filters+k]) / float64(pixels)
			}
		}
	}
	return all
}

// bestDetectors are, for every class but the last, the area under the ROC curve
// on the test pictures of the filter with the largest one on the training
// pictures. A filter may answer by a high or by a low mean.
func bestDetectors(train [][]float64, trainLabels []int32, test [][]float64, testLabels []int32) []float64 {
	areas := make([]float64, textureClasses-1)
	for class := range areas {
		best := -1.0
		for k := range train {
			onTrain := areaUnderROC(train[k], trainLabels, class)
			onTest := areaUnderROC(test[k], testLabels, class)
			if onTrain < 0.5 {
				onTrain, onTest = 1-onTrain, 1-onTest
			}
			if onTrain > best {
				best, areas[class] = onTrain, onTest
			}
		}
	}
	return areas
}

// areaUnderROC is the probability that a picture of the class has a higher value
// than another one, equal values counted half.
func areaUnderROC(values []float64, labels []int32, class int) float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(a, b int) bool { return values[order[a]] < values[order[b]] })
	sorted, of := make([]float64, len(values)), make([]bool, len(values))
	for i, at := range order {
		sorted[i], of[i] = values[at], int(labels[at]) == class
	}
	tpr, fpr, _ := stat.ROC(nil, sorted, of, nil)
	return integrate.Trapezoidal(fpr, tpr)
}
