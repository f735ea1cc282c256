package pointwise

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"evident/datasets"
	"evident/datasets/texture"
	"evident/kit/arch"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// MapsConfig trains one net that has filters of several sizes side by side.
type MapsConfig struct {
	TextureTraining
	Seed int64 `role:"fixed" help:"of the pictures, their order and the weights"`
}

// MapsMeasurement holds the maps of one trained net that has 1×1, 3×3 and 5×5 filters
// side by side on the same picture.
type MapsMeasurement struct {
	Net      arch.Model
	Filters  int     // of each kernel
	Accuracy float64 // on the test pictures
	// Moved is how far the 1×1 weights went in the training, as a fraction of their
	// norm at the start.
	Moved    float64
	Pictures datasets.Images // one of each class
	Maps     []KernelMaps    // in the order of fieldKernels

	Mixing MixingMeasurement // what acts on what in nets without training
}

// KernelMaps are the maps of one kernel size for some pictures.
type KernelMaps struct {
	Kernel int
	Values [][][]float32 // [picture][filter][pixel]
}

// sideFilters is the number of filters of each kernel.
const sideFilters = 8

// sideBySide puts filters of all kernel sizes on one input.
func sideBySide() arch.Model {
	m := arch.Model{Name: "side by side"}
	x := m.Add("", arch.Input{Shape: arch.Shape{texture.Side, texture.Side, 3}})
	var towers []arch.Ref
	for _, kernel := range fieldKernels {
		towers = append(towers, m.Add(fmt.Sprintf("%dx%d", kernel, kernel), conv(sideFilters, kernel, "relu"), x))
	}
	m.Add("", arch.GlobalPool{Pooling: arch.Average, Axes: 2}, m.Add("concat", arch.Concatenate{Axis: -1}, towers...))
	return m
}

// concatNode is the index of the joined maps in sideBySide.
var concatNode = 1 + len(fieldKernels)

// measureMaps trains the net.
func measureMaps(ctx context.Context, backend compute.Backend, c MapsConfig) (MapsMeasurement, error) {
	facts := MapsMeasurement{Net: sideBySide(), Filters: sideFilters}
	var err error
	if facts.Mixing, err = ChannelMixing.Measured(ctx, backend, struct{}{}); err != nil {
		return facts, err
	}
	net, err := c.classifier(backend, facts.Net)
	if err != nil {
		return facts, err
	}
	defer net.Finalize()
	if err := net.Reset(c.Seed); err != nil {
		return facts, err
	}
	before, err := pointwiseWeights(net)
	if err != nil {
		return facts, err
	}
	drawn, err := c.run(ctx, net, "kernels side by side", c.Seed)
	if err != nil {
		return facts, err
	}
	facts.Pictures = oneOfEach(drawn.test)
	after, err := pointwiseWeights(net)
	if err != nil {
		return facts, err
	}
	facts.Moved = floats.Distance(after, before, 2) / floats.Norm(before, 2)
	return facts, facts.look(ctx, net, drawn.test)
}

// look scores the net and keeps its maps of the shown pictures.
func (f *MapsMeasurement) look(ctx context.Context, net *fit.Classifier, test datasets.Images) error {
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

const learns = 0.01 // fraction of their norm by which weights move that are trained; rounding moves them by 1e-7

func judgeImageDiffers(m MapsMeasurement) claim.Finding {
	holds := m.Filters != 3 && m.Mixing.Linear.NotAdditiveWithReLU > 0 && m.Moved > learns
	return exact(holds,
		"The image has 3 channels, the map %d; with ReLU, %d outputs break additivity; training moved the 1×1 weights by %.2f of their norm, in a net that reads %.2f of the pictures right.",
		m.Filters, m.Mixing.Linear.NotAdditiveWithReLU, m.Moved, m.Accuracy)
}

func judgeKernelsDiffer(m MapsMeasurement) claim.Finding {
	var fields []int
	for _, s := range m.Mixing.Fields {
		fields = append(fields, s.field())
	}
	return exact(slices.Equal(fields, fieldKernels), "Kernels of %v pixels have receptive fields of %v pixels.", fieldKernels, fields)
}

// shownMaps is how many maps of each kernel are drawn.
const shownMaps = 4

func mapsRules() []claim.Rule[MapsMeasurement] {
	const split = "in two parts, since depth, activation and learning tell a map from the image, but not from those of larger kernels"
	return []claim.Rule[MapsMeasurement]{
		claim.Whole("q6c.1", "Q6 (c)",
			"The map of a 1×1 convolution differs from the image and from the maps of larger kernels.",
			claim.ExactRule("q6c.1a", "",
				"It differs from the image: in depth, by the activation, and by being learned.",
				fmt.Sprintf("in built nets the depth is that of the filters, not 3; with ReLU the map is not additive; training moves the 1×1 weights by over %g of their norm", learns),
				claim.Supported, judgeImageDiffers).Revised(revised, split),
			claim.ExactRule("q6c.1b", "",
				"It differs from the maps of larger kernels: it looks at no neighbours.",
				"the receptive fields of kernels of 1, 3 and 5 pixels are 1, 3 and 5 pixels",
				claim.Supported, judgeKernelsDiffer).Revised(revised, split)),
	}
}

// picture shows one picture of each class with its channels and some maps of
// each kernel size.
func (f MapsMeasurement) picture() (report.Picture, error) {
	p := report.Picture{
		ID: "maps", Title: "One trained net. From left: the picture; its red, green and blue channel; four maps each of 1×1, 3×3 and 5×5 filters",
		Alt: "A row of small pictures for each class: the picture, its channels, and maps of each kernel size. A 1×1 filter sees one pixel at a time, so that its maps are the picture in other shades; larger filters can light up along edges.",
	}
	groups := []group{{"picture", 1}, {"red, green, blue", f.Pictures.Channels}}
	for _, m := range f.Maps {
		groups = append(groups, group{fmt.Sprintf("%d×%[1]d", m.Kernel), shownMaps})
	}
	var rows []string
	for _, label := range f.Pictures.Labels {
		rows = append(rows, f.Pictures.Classes[label])
	}
	c := newCanvas(rows, groups...)
	for i := range f.Pictures.Len() {
		c.addPicture(f.Pictures, i)
		c.nextGroup()
		for channel := range f.Pictures.Channels {
			c.addChannel(f.Pictures, i, channel)
		}
		for _, kernel := range f.Maps {
			c.nextGroup()
			for _, k := range kernel.liveliest(shownMaps) {
				c.addMap(f.Pictures.Width, kernel.Values[i][k])
			}
		}
		c.nextRow()
	}
	var err error
	p.PNG, err = c.encode()
	return p, err
}

// MapsSideBySide is the experiment.
var MapsSideBySide = experiment.Experiment[MapsConfig, MapsMeasurement]{
	Name: "Maps", Title: "Maps of 1×1, 3×3 and 5×5 filters side by side",
	Measure: measureMaps, Rules: mapsRules(),
	Figures: func(_ MapsConfig, f MapsMeasurement) (report.Figures, error) {
		picture, err := f.picture()
		return report.Figures{Pictures: []report.Picture{picture}}, err
	},
}
