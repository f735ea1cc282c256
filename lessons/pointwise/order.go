package pointwise

import (
	"context"
	"fmt"
	"math"
	"sort"

	"github.com/gomlx/compute"
	"gonum.org/v1/gonum/integrate"
	"gonum.org/v1/gonum/stat"

	"evident/datasets"
	"evident/datasets/texture"
	"evident/kit/arch"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// OrderConfig trains nets with and without a 3×3 layer on pictures whose
// classes differ in nothing but the places of the pixels.
type OrderConfig struct {
	PixelFilters int `role:"fixed" range:"[1, inf)" help:"filters of each layer of the net of 1×1 layers"`
	Filters      int `role:"fixed" range:"[1, inf)" help:"filters of each layer of the net with a 3×3 layer"`
	TextureTraining
	Seeds []int64 `role:"averaged" help:"of the weights and the order of the pictures"`
}

// OrderMeasurement says what a net of 1×1 convolutions, and one with a 3×3
// convolution in front, make of pictures whose classes differ in nothing but
// the places of the pixels.
type OrderMeasurement struct {
	Pictures, Shuffled datasets.Images // of the test, and the same with the pixels of each in a random order
	// On pixels both layers are 1×1; behind, the first is 3×3.
	Pixels, Behind OrderOutcome
	Chance         float64
}

// OrderOutcome is the outcome of one net, one value a seed.
type OrderOutcome struct {
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

const forShuffle = 65

// measureOrder trains both nets from every seed.
func measureOrder(ctx context.Context, backend compute.Backend, c OrderConfig) (OrderMeasurement, error) {
	facts := OrderMeasurement{
		Chance: 1.0 / textureClasses,
		Pixels: OrderOutcome{Name: "1×1 on pixels", Net: orderNet(1, c.PixelFilters)},
		Behind: OrderOutcome{Name: "1×1 behind 3×3", Net: orderNet(3, c.Filters)},
	}
	train, test, err := c.draw()
	if err != nil {
		return facts, err
	}
	facts.Pictures = test
	var order []int
	facts.Shuffled, order = shuffled(facts.Pictures, c.DataSeed)
	for _, f := range []*OrderOutcome{&facts.Pixels, &facts.Behind} {
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

func (f *OrderOutcome) measure(ctx context.Context, backend compute.Backend, c OrderConfig, train, test, moved datasets.Images, order []int) error {
	data := fit.ImageData(train)
	net, err := c.classifier(backend, f.Net, data)
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
		if err := c.run(ctx, net, fmt.Sprintf("%s, seed %d", f.Name, seed), seed, data); err != nil {
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
func (f *OrderOutcome) score(ctx context.Context, net *fit.Classifier, train, test, moved fit.Data) error {
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
func (f *OrderOutcome) detect(ctx context.Context, maps *fit.Program, train, test, moved fit.Data, order []int) error {
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

const detects = 0.8 // area under the ROC curve of a filter that detects a pattern

// rounding is the difference of two logits or maps of order 1 that adding up in
// another order can make in float32.
const rounding = 1e-4

func judgeDetectors(m OrderMeasurement) claim.Finding {
	pixels, behind := claim.EstimateMean(m.Pixels.Detects), claim.EstimateMean(m.Behind.Detects)
	moves := m.Pixels.MapDifference > rounding
	return claim.Finding{
		Decision: claim.All(claim.Holds(moves), pixels.Above(detects)),
		Evidence: fmt.Sprintf("On pixels, the best 1×1 filter for a pattern tells it from others with an area under the ROC curve of %s (½ is chance), and the map of a shuffled picture is the shuffled map to within %.1g. Behind a trained 3×3 layer the best 1×1 filters reach %s: they pick from what that layer found.",
			pixels, m.Pixels.MapDifference, behind),
		Samples: pixels.N,
	}
}

const (
	nearChance  = 0.05 // accuracy above chance that is next to nothing
	readsBetter = 0.3  // accuracy that shows that a task can be learned
)

func judgeOrder(f OrderMeasurement) claim.Finding {
	pixels := claim.EstimateMean(f.Pixels.Test)
	better := claim.EstimateDifference(f.Behind.Test, f.Pixels.Test)
	same := f.Pixels.LargestDifference <= rounding
	return claim.Finding{
		Decision: claim.All(claim.Holds(same), pixels.Below(f.Chance+nearChance), better.Above(readsBetter)),
		Evidence: fmt.Sprintf("Shuffling the pixels of %d pictures changes no logit of the 1×1 net by more than %.1g; it reads edges and textures at %s (chance %.3f). With a 3×3 layer in front the accuracy is %s higher, and back at %.2f on shuffled pictures.",
			f.Pictures.Len(), f.Pixels.LargestDifference, pixels, f.Chance, better, claim.EstimateMean(f.Behind.OnShuffled).Mean),
		Samples: pixels.N,
	}
}

func orderRules() []claim.Rule[OrderMeasurement] {
	return []claim.Rule[OrderMeasurement]{
		claim.SampledRule("q6b.4", "Q6 (b)",
			"Each 1×1 filter learns to detect a kind of feature, such as edges or textures.",
			fmt.Sprintf("the best trained filter on pixels for each pattern tells its pictures from others with an area under the ROC curve above %g, averaged over the patterns (95 %% interval), and its map of a shuffled picture is not just the shuffled map", detects),
			claim.Refuted, judgeDetectors),
		claim.SampledRule("q6e.1", "Q6 (e) 1",
			"1×1 convolutions are not suited to local spatial patterns, since they look at no neighbours.",
			fmt.Sprintf("with 1×1 layers and global pooling, shuffling the pixels changes no logit by more than %g and the accuracy on edges and textures is less than %g above chance, while with a 3×3 layer in front it is over %g higher (95 %% intervals)", rounding, nearChance, readsBetter),
			claim.Supported, judgeOrder),
	}
}

// table compares the two nets.
func (f OrderMeasurement) table() report.Table {
	table := report.Table{
		ID: "order", Title: "Edges and textures", Columns: []string{
			"net", "parameters", "training accuracy", "test accuracy", "on shuffled pixels", "largest change of a logit", "best filter: area under ROC",
		},
	}
	for _, o := range []OrderOutcome{f.Pixels, f.Behind} {
		table.Rows = append(table.Rows, []string{
			o.Name, comma(o.Parameters), claim.EstimateMean(o.Train).String(), claim.EstimateMean(o.Test).String(), claim.EstimateMean(o.OnShuffled).String(),
			fmt.Sprintf("%.1g", o.LargestDifference), claim.EstimateMean(o.Detects).String(),
		})
	}
	return table
}

// chart compares the two nets on the pictures and on shuffled ones.
func (f OrderMeasurement) chart() report.Chart {
	chart := report.Chart{
		ID: "order", Title: "Edges and textures, and the same pixels in a random order", Mark: report.Bars, XLabel: "net", YLabel: "test accuracy",
		Rules: []report.Reference{{Name: "chance", Y: f.Chance}},
		Alt:   "Test accuracy of the net of 1×1 layers and of the net with a 3×3 layer, on the pictures and on the same pixels in a random order: higher is better; a rule marks chance.",
	}
	ordered, moved := report.Curve{Name: "as they are"}, report.Curve{Name: "pixels shuffled"}
	for i, o := range []OrderOutcome{f.Pixels, f.Behind} {
		chart.Categories = append(chart.Categories, o.Name)
		ordered.AddEstimate(float64(i), o.Test)
		moved.AddEstimate(float64(i), o.OnShuffled)
	}
	chart.Curves = []report.Curve{ordered, moved}
	return chart
}

// picture shows pictures of each class, and below them the same pixels in a
// random order.
func (f OrderMeasurement) picture() (report.Picture, error) {
	p := report.Picture{
		ID: "shuffled", Title: "Two pictures of each class, and the same pixels in a random order",
		Alt: fmt.Sprintf("Above, pictures of the classes %v in two colours. Below each, its pixels in a random order.", f.Pictures.Classes),
	}
	const copies = 2
	var groups []int
	var shown [][]int
	for class := range f.Pictures.Classes {
		own := ofClass(f.Pictures, class, copies)
		shown, groups = append(shown, own), append(groups, len(own))
	}
	c := newCanvas(2, groups...)
	for _, set := range []datasets.Images{f.Pictures, f.Shuffled} {
		for _, own := range shown {
			for _, i := range own {
				c.addPicture(set, i)
			}
			c.nextGroup()
		}
		c.nextRow()
	}
	var err error
	p.PNG, err = c.encode()
	return p, err
}

// ofClass are the indices of the first pictures of a class.
func ofClass(set datasets.Images, class, count int) []int {
	var found []int
	for i, label := range set.Labels {
		if int(label) == class && len(found) < count {
			found = append(found, i)
		}
	}
	return found
}

// ShuffledPixels is the experiment.
var ShuffledPixels = experiment.Experiment[OrderConfig, OrderMeasurement]{
	Name: "Order", Title: "Edges and textures, and the same pixels in a random order",
	Measure: measureOrder, Rules: orderRules(),
	Figures: func(_ OrderConfig, f OrderMeasurement) (report.Figures, error) {
		picture, err := f.picture()
		return report.Figures{Tables: []report.Table{f.table()}, Charts: []report.Chart{f.chart()}, Pictures: []report.Picture{picture}}, err
	},
}
