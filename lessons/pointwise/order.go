package pointwise

import (
	"context"
	"fmt"
	"math"
	"sort"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/floats"
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
	Seeds []int64 `role:"averaged" help:"of the pictures, their order and the weights"`
}

// OrderMeasurement says what a net of 1×1 convolutions, and one with a 3×3
// convolution in front, make of pictures whose classes differ in nothing but
// the places of the pixels.
type OrderMeasurement struct {
	Pictures, Shuffled datasets.Images // of the first seed's test, and the same with the pixels of each in a random order
	Tests              int             // test pictures of a seed
	// On pixels both layers are 1×1; behind, the first is 3×3.
	Pixels, Behind OrderOutcome
	Chance         float64
}

// OrderOutcome is the outcome of one net, one value a seed.
type OrderOutcome struct {
	Name        string
	Net         arch.Model
	Parameters  int
	Train, Test []float64 // accuracy
	OnShuffled  []float64 // accuracy on the shuffled test pictures
	// Difference is the largest of a logit between a picture and its shuffled copy,
	// and Rounding bounds what rounding alone can make of it.
	Difference, Rounding []float64
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

// measureOrder trains both nets from every seed, each on pictures of its own.
func measureOrder(ctx context.Context, backend compute.Backend, c OrderConfig) (OrderMeasurement, error) {
	facts := OrderMeasurement{
		Chance: 1.0 / textureClasses, Tests: c.Test,
		Pixels: OrderOutcome{Name: "1×1 on pixels", Net: orderNet(1, c.PixelFilters)},
		Behind: OrderOutcome{Name: "1×1 behind 3×3", Net: orderNet(3, c.Filters)},
	}
	shown, err := c.draw(c.Seeds[0])
	if err != nil {
		return facts, err
	}
	facts.Pictures = shown.test
	facts.Shuffled, _ = shuffled(facts.Pictures, c.Seeds[0])
	for _, f := range []*OrderOutcome{&facts.Pixels, &facts.Behind} {
		if err := f.measure(ctx, backend, c); err != nil {
			return facts, err
		}
	}
	return facts, nil
}

// shuffled moves the pixels of every picture in one random order: order[i] is
// where the pixel at i comes from.
func shuffled(set datasets.Images, seed int64) (moved datasets.Images, order []int) {
	order = fit.Rand(seed, forShuffle).Perm(set.Height * set.Width)
	moved = set
	moved.Pixels = make([]uint8, 0, len(set.Pixels))
	for start := 0; start < len(set.Pixels); start += set.PictureSize() {
		for _, from := range order {
			at := start + from*set.Channels
			moved.Pixels = append(moved.Pixels, set.Pixels[at:at+set.Channels]...)
		}
	}
	return moved, order
}

// orderRun is a net that is trained, and what it is found to do.
type orderRun struct {
	*fit.Classifier
	maps *fit.Program // of the 1×1 layer: [n][pixel·filters]
}

func (r orderRun) Finalize() {
	r.maps.Finalize()
	r.Classifier.Finalize()
}

func (f *OrderOutcome) measure(ctx context.Context, backend compute.Backend, c OrderConfig) error {
	open := func(backend compute.Backend) (r orderRun, err error) {
		if r.Classifier, err = c.compiled(ctx, backend, f.Net); err != nil {
			return r, err
		}
		r.maps, err = r.Program(features(upTo(f.Net, pointwiseNode)))
		return r, err
	}
	outcomes, err := fit.BySeed(ctx, backend, c.Seeds, open, func(ctx context.Context, r orderRun, seed int64) (o OrderOutcome, err error) {
		drawn, err := c.run(ctx, r.Classifier, f.Name, seed)
		if err != nil {
			return o, err
		}
		train, test := fit.ImageData(drawn.train), fit.ImageData(drawn.test)
		moved, _ := shuffled(drawn.test, seed)
		if err := o.score(ctx, r.Classifier, train, test, fit.ImageData(moved)); err != nil {
			return o, err
		}
		return o, o.detect(ctx, r.maps, train, test)
	})
	for _, o := range outcomes {
		f.Parameters = o.Parameters
		f.Train, f.Test, f.OnShuffled = append(f.Train, o.Train...), append(f.Test, o.Test...), append(f.OnShuffled, o.OnShuffled...)
		f.Difference, f.Rounding, f.Detects = append(f.Difference, o.Difference...), append(f.Rounding, o.Rounding...), append(f.Detects, o.Detects...)
	}
	return err
}

// score evaluates the net as it is now.
func (f *OrderOutcome) score(ctx context.Context, net *fit.Classifier, train, test, moved fit.Data) error {
	f.Parameters = net.Parameters()
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
	largest := 0.0
	for i := range logits {
		for class := range logits[i] {
			largest = max(largest, math.Abs(float64(logits[i][class]-onMoved[i][class])))
		}
	}
	rounding, err := roundingOfLogits(net.Store(), texture.Side*texture.Side)
	f.Difference, f.Rounding = append(f.Difference, largest), append(f.Rounding, rounding)
	return err
}

// roundingOfLogits bounds what the logits of a net of layers, a mean over so many
// pixels and a dense layer change by when the sums are taken in another order:
// 2γₙ·m with γₙ = n·u/(1 − n·u) and u = 2⁻²⁴ (Higham 2002, sections 3.1 and 4.2).
// The sums are over all inputs and biases of the layers and the pixels, n terms
// in all. m bounds what is summed: pixels of at most ½ and the biases, times the
// largest sum of absolute weights of a unit in each layer where it is above 1.
func roundingOfLogits(store *model.Store, pixels int) (float64, error) {
	const u = 0x1p-24
	n, summed, gain := float64(pixels), 0.5, 1.0
	for v := range store.IterVariables() {
		if !v.Trainable {
			continue
		}
		value, err := v.Value()
		if err != nil {
			return 0, err
		}
		weights := tensors.MustCopyFlatData[float32](value)
		units := v.Shape().Dim(-1)
		sums := make([]float64, units)
		for i, w := range weights {
			sums[i%units] += math.Abs(float64(w))
		}
		n += float64(len(weights) / units)
		if v.Shape().Rank() == 1 {
			summed += floats.Max(sums)
		} else {
			gain *= max(floats.Max(sums), 1)
		}
	}
	return 2 * n * u / (1 - n*u) * summed * gain, nil
}

// detect looks at the maps of the 1×1 layer, [n][pixel·filters].
func (f *OrderOutcome) detect(ctx context.Context, maps *fit.Program, train, test fit.Data) error {
	onTrain, err := maps.Run(ctx, train)
	if err != nil {
		return err
	}
	onTest, err := maps.Run(ctx, test)
	if err != nil {
		return err
	}
	const pixels = texture.Side * texture.Side
	f.Detects = append(f.Detects, stat.Mean(bestDetectors(means(onTrain, pixels), train.Labels(), means(onTest, pixels), test.Labels()), nil))
	return nil
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

// detects is the area under the ROC curve of a filter that detects a pattern: of
// a picture with it and one without, four pairs in five are told apart.
const detects = 0.8

// detection estimates the area under the ROC curve. A picture of the pattern
// counts as one trial, which is fewer than there are pairs.
func (f OrderMeasurement) detection(o OrderOutcome) claim.Estimate {
	return claim.EstimateFraction(o.Detects, max(f.Tests/textureClasses, 1))
}

// accuracy estimates one from those of the seeds.
func (f OrderMeasurement) accuracy(seeds []float64) claim.Estimate {
	return claim.EstimateFraction(seeds, f.Tests)
}

func judgeDetectors(of func(OrderMeasurement) OrderOutcome) func(OrderMeasurement) claim.Finding {
	return func(m OrderMeasurement) claim.Finding {
		o := of(m)
		area := m.detection(o)
		return claim.Finding{
			Decision: area.Above(detects),
			Evidence: fmt.Sprintf("%s: the best filter for a pattern tells it from others with an area under the ROC curve of %s (½ is chance).", o.Name, area),
			Samples:  area.N,
		}
	}
}

const (
	// nearChance is the accuracy above chance that is of no use to anyone.
	nearChance = 0.05
	// readsBetter is the accuracy by which a net that can read patterns is better:
	// nearly two classes of six.
	readsBetter = 0.3
)

func judgeShuffled(m OrderMeasurement) claim.Finding {
	o := m.Pixels
	within, largest, rounding := 0, 0.0, math.Inf(1)
	for i, difference := range o.Difference {
		if difference <= o.Rounding[i] {
			within++
		}
		largest, rounding = max(largest, difference), min(rounding, o.Rounding[i])
	}
	return exact(within == len(o.Difference) && within > 0,
		"Shuffling the pixels changes a logit of the 1×1 net by at most %.1g over all pictures and seeds, where rounding may change it by %.1g; with a 3×3 layer in front by up to %.1g.",
		largest, rounding, floats.Max(m.Behind.Difference))
}

func judgeEdges(m OrderMeasurement) claim.Finding {
	pixels := m.accuracy(m.Pixels.Test)
	better := claim.EstimateDifference(m.Behind.Test, m.Pixels.Test)
	return claim.Finding{
		Decision: claim.All(pixels.Below(m.Chance+nearChance), better.Above(readsBetter)),
		Evidence: fmt.Sprintf("Accuracy on new pictures of edges and textures (chance %.3f): 1×1 net %s; with a 3×3 layer in front %s, the difference %s, and on shuffled pictures %s.",
			m.Chance, pixels, m.accuracy(m.Behind.Test), better, m.accuracy(m.Behind.OnShuffled)),
		Samples: pixels.N,
	}
}

func orderRules() []claim.Rule[OrderMeasurement] {
	detector := fmt.Sprintf("the best trained filter for each pattern tells its pictures from others with an area under the ROC curve above %g, averaged over the patterns (95 %% interval)", detects)
	return []claim.Rule[OrderMeasurement]{
		claim.Whole("q6b.4", "Q6 (b)",
			"Each 1×1 filter learns to detect a kind of feature, such as edges or textures.",
			claim.SampledRule("q6b.4a", "", "A filter on pixels does.", detector,
				claim.Refuted, judgeDetectors(func(m OrderMeasurement) OrderOutcome { return m.Pixels })).
				Revised(revised, "a condition of its own, on pictures drawn for each seed"),
			claim.SampledRule("q6b.4b", "", "A filter on the maps of a 3×3 layer does.", detector,
				claim.Supported, judgeDetectors(func(m OrderMeasurement) OrderOutcome { return m.Behind })).
				Revised(revised, "a condition of its own: before, its figure stood beside the verdict and was not judged")),
		claim.Whole("q6e.1", "Q6 (e) 1",
			"1×1 convolutions are not suited to local spatial patterns, since they look at no neighbours.",
			claim.ExactRule("q6e.1a", "", "With 1×1 layers and global pooling, the places of the pixels make no difference.",
				"shuffling the pixels changes no logit of a trained net by more than rounding can, 2γₙ·m for n terms whose absolute values add up to at most m",
				claim.Supported, judgeShuffled).Revised(revised, "the tolerance follows from the number of operations and the weights, and was 1e-4"),
			claim.SampledRule("q6e.1b", "", "Edges and textures are not read, while with a 3×3 layer they are.",
				fmt.Sprintf("the test accuracy of the 1×1 net is less than %g above chance, and with a 3×3 layer in front it is over %g higher (95 %% intervals)", nearChance, readsBetter),
				claim.Supported, judgeEdges).Revised(revised, "a part of its own, on pictures drawn for each seed")),
	}
}

// table compares the two nets.
func (f OrderMeasurement) table() report.Table {
	table := report.Table{
		ID: "order", Title: "Edges and textures", Columns: []string{
			"net", "parameters", "training accuracy", "test accuracy", "on shuffled pixels", "largest change of a logit", "rounding may change it by", "best filter: area under ROC",
		},
	}
	for _, o := range []OrderOutcome{f.Pixels, f.Behind} {
		table.Rows = append(table.Rows, []string{
			o.Name, comma(o.Parameters), claim.EstimateMean(o.Train).String(), f.accuracy(o.Test).String(), f.accuracy(o.OnShuffled).String(),
			fmt.Sprintf("%.1g", floats.Max(o.Difference)), fmt.Sprintf("%.1g", floats.Min(o.Rounding)), f.detection(o).String(),
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
		ordered.AddFraction(float64(i), o.Test, f.Tests)
		moved.AddFraction(float64(i), o.OnShuffled, f.Tests)
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
	var groups []group
	var shown [][]int
	for class, name := range f.Pictures.Classes {
		own := ofClass(f.Pictures, class, copies)
		shown, groups = append(shown, own), append(groups, group{name, len(own)})
	}
	c := newCanvas([]string{"as drawn", "shuffled"}, groups...)
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
