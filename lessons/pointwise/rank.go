package pointwise

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"evident/datasets"
	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/report"
	"evident/kit/sweep"
)

// RankConfig reduces pixels of many channels that were mixed from few sources.
type RankConfig struct {
	Channels     int     `role:"fixed" range:"[2, inf)" help:"channels of the pixels"`
	Sources      int     `role:"fixed" range:"[2, inf)" help:"sources that were mixed; the label depends on the two weakest"`
	Noise        float64 `role:"fixed" range:"(0, inf)" help:"standard deviation in every channel; the weakest source has 1, the strongest 4"`
	Filters      []int   `role:"compared" range:"[1, inf)" list:"2 rising" help:"filters of the 1×1 convolution"`
	Train        int     `role:"fixed" range:"[1, inf)" help:"training pixels"`
	Test         int     `role:"fixed" range:"[1, inf)" help:"test pixels"`
	Steps        int     `role:"fixed" range:"[1, inf)" help:"each on all training pixels"`
	LearningRate float64 `role:"fixed" range:"(0, inf)" help:"at the start, from where it falls to 0"`
	Seeds        []int64 `role:"averaged" help:"of the mixture, its pixels and the weights"`
}

// Validate checks that there are fewer sources than channels, fewer channels than pixels, and
// something to reduce.
func (c RankConfig) Validate() error {
	switch last := c.Filters[len(c.Filters)-1]; {
	case c.Channels < c.Sources:
		return badinput.Errorf("Channels is %d: it must be at least Sources, %d", c.Channels, c.Sources)
	case c.Train < c.Channels:
		return badinput.Errorf("Train is %d: it must be at least Channels, %d", c.Train, c.Channels)
	case c.Test < c.Channels:
		return badinput.Errorf("Test is %d: it must be at least Channels, %d", c.Test, c.Channels)
	case last > c.Channels:
		return badinput.Errorf("Filters has %d: more than the %d channels reduce nothing", last, c.Channels)
	}
	return nil
}

// RankMeasurement says what is left of pixels behind a 1×1 convolution of so many
// filters. The pixels have many channels, mixed from few sources; every seed has
// a mixture and pixels of its own. All values are of the test pixels:
// [filters][seed].
type RankMeasurement struct {
	Channels, Sources int
	Test              int // pixels of a seed
	Filters           []int
	// Lost is the mean squared error of a 1×1 convolution down to so many filters
	// and another one up again, trained to give the pixels back, as a fraction of
	// their variance. Bound is the least error that any linear map of that rank can
	// have on the same pixels.
	Lost, Bound [][]float64
	// Labelled is the accuracy of the 1×1 convolution trained on the label, with a
	// linear classifier behind it, and Principal that of a classifier behind the
	// principal components of the training pixels. Whole is that of a classifier on
	// all channels.
	Labelled, Principal [][]float64
	Whole               []float64
}

// labelSources is the number of sources that decide the label: the weakest.
const labelSources = 2

// labels are the quadrants that the two sources make.
const labels = 1 << labelSources

// mixture draws pixels x = A·s + noise. The columns of A are orthonormal; the
// sources s are normal with standard deviations that fall from 4 to 1 in equal
// ratios. The label is the signs of the two weakest sources.
type mixture struct {
	columns *mat.Dense // A: [channels, sources]
	noise   float64
}

const (
	forMixing = iota + 62
	forTrainPixels
	forTestPixels
)

func newMixture(c RankConfig, seed int64) mixture {
	random := fit.Rand(seed, forMixing)
	normal := mat.NewDense(c.Channels, c.Sources, nil)
	normal.Apply(func(_, _ int, _ float64) float64 { return random.NormFloat64() }, normal)
	var qr mat.QR
	qr.Factorize(normal)
	var q mat.Dense
	qr.QTo(&q)
	return mixture{columns: mat.DenseCopyOf(q.Slice(0, c.Channels, 0, c.Sources)), noise: c.Noise}
}

func (m mixture) draw(n int, random *rand.Rand) datasets.Rows {
	channels, sources := m.columns.Dims()
	var rows datasets.Rows
	for range n {
		s := mat.NewVecDense(sources, nil)
		for i := range sources {
			s.SetVec(i, math.Pow(4, 1-float64(i)/float64(sources-1))*random.NormFloat64())
		}
		label := 0
		for i := range labelSources {
			if s.AtVec(sources-1-i) > 0 {
				label |= 1 << i
			}
		}
		x := mat.NewVecDense(channels, nil)
		x.MulVec(m.columns, s)
		for i := range channels {
			x.SetVec(i, x.AtVec(i)+m.noise*random.NormFloat64())
		}
		target := make([]float64, labels)
		target[label] = 1
		rows.Add(x.RawVector().Data, target)
	}
	return rows
}

// measureRank trains every number of filters from every seed. A 1×1 convolution
// sees one pixel at a time (see [ChannelMixing]), so the pixels come one by one
// and the convolution is a dense layer.
func measureRank(ctx context.Context, backend compute.Backend, c RankConfig) (facts RankMeasurement, err error) {
	facts = RankMeasurement{Channels: c.Channels, Sources: c.Sources, Test: c.Test, Filters: c.Filters, Bound: make([][]float64, len(c.Filters))}
	most := c.Filters[len(c.Filters)-1]
	r := ranker{RankConfig: c, backend: backend, drawn: map[int64]drawnPixels{}}
	for _, seed := range c.Seeds {
		drawn, bound, err := c.drawPixels(seed, most)
		if err != nil {
			return facts, err
		}
		r.drawn[seed] = drawn
		for i, filters := range c.Filters {
			facts.Bound[i] = append(facts.Bound[i], bound[filters])
		}
	}
	if facts.Lost, err = r.reconstruct(ctx, most); err != nil {
		return facts, err
	}
	label := linearNet(sweep.CrossEntropy, c.Channels, most, labels)
	if facts.Labelled, err = r.accuracies(ctx, "reduced for the label", r.limited(label, c.Filters, 1), asDrawn); err != nil {
		return facts, err
	}
	behind := linearNet(sweep.CrossEntropy, most, labels)
	if facts.Principal, err = r.accuracies(ctx, "reduced to principal components", r.limited(behind, c.Filters, 0), projected); err != nil {
		return facts, err
	}
	whole, err := r.accuracies(ctx, "all channels", unlimited(linearNet(sweep.CrossEntropy, c.Channels, labels)), asDrawn)
	if err == nil {
		facts.Whole = whole[0]
	}
	return facts, err
}

// sets are pixels to train on and to test with.
type sets struct{ train, test datasets.Rows }

// drawnPixels are those of one seed, as they are and as so many principal
// components of the training pixels.
type drawnPixels struct{ whole, projected sets }

func asDrawn(p drawnPixels) sets   { return p.whole }
func projected(p drawnPixels) sets { return p.projected }

// toRestore has the pixels themselves as targets.
func toRestore(p drawnPixels) sets {
	train, test := p.whole.train.X, p.whole.test.X
	return sets{datasets.Rows{X: train, Y: train}, datasets.Rows{X: test, Y: test}}
}

// drawPixels draws the mixture and the pixels of a seed. The bound is that of
// [principal] on the test pixels.
func (c RankConfig) drawPixels(seed int64, components int) (p drawnPixels, bound []float64, err error) {
	m := newMixture(c, seed)
	p.whole = sets{m.draw(c.Train, fit.Rand(seed, forTrainPixels)), m.draw(c.Test, fit.Rand(seed, forTestPixels))}
	if _, bound, err = principal(p.whole.test.X); err != nil {
		return p, nil, err
	}
	onto, _, err := principal(p.whole.train.X)
	if err == nil {
		p.projected = sets{project(p.whole.train, onto, components), project(p.whole.test, onto, components)}
	}
	return p, bound, err
}

// ranker trains the nets of one measurement, all widths and seeds at once.
type ranker struct {
	RankConfig
	backend compute.Backend
	drawn   map[int64]drawnPixels // by seed
}

// limitedNet is a model whose replicas come in so many widths, the seeds of the
// first width first.
type limitedNet struct {
	sweep.Model
	widths int
	// zeroed sets the weights that a replica does not have to zero, as Model does,
	// in the parameters of all replicas; nil if each has all of them. Thus scored,
	// a replica does not depend on its place.
	zeroed func(params [][]float64)
	whole  sweep.Model // without a limit
}

// unlimited is a model of one width.
func unlimited(m sweep.Model) limitedNet { return limitedNet{Model: m, widths: 1, whole: m} }

// limited leaves each replica the first filters of its width and sets the
// weights of the others to zero. They are those along an axis, 0 or 1, of the
// first weight matrix. So one program trains all widths.
func (r ranker) limited(m sweep.Model, filters []int, axis int) limitedNet {
	rows, columns := m.Shapes[0][0], m.Shapes[0][1]
	mask := make([][]float32, 0, len(filters)*len(r.Seeds))
	for _, n := range filters {
		for range r.Seeds {
			own := make([]float32, m.Shapes[0][axis])
			for i := range n {
				own[i] = 1
			}
			mask = append(mask, own)
		}
	}
	limit := func(of sweep.Objective) sweep.Objective {
		return func(params []*Node, x, y *Node) *Node {
			own := InsertAxes(Const(x.Graph(), mask), 2-axis) // [replicas, most, 1] or [replicas, 1, most]
			return of(append([]*Node{Mul(params[0], own)}, params[1:]...), x, y)
		}
	}
	net := limitedNet{Model: m, widths: len(filters), whole: m}
	net.Loss, net.Accuracy = limit(m.Loss), limit(m.Accuracy)
	net.zeroed = func(params [][]float64) {
		for replica, own := range params {
			for i := range rows * columns {
				place := [2]int{i / columns, i % columns}[axis]
				own[i] *= float64(mask[replica][place])
			}
		}
	}
	return net
}

// reconstruct is the error on the test pixels after training, as a fraction of
// their variance: [filters][seed].
func (r ranker) reconstruct(ctx context.Context, most int) ([][]float64, error) {
	net := r.limited(linearNet(sweep.SquaredError, r.Channels, most, r.Channels), r.Filters, 1)
	scores, err := r.train(ctx, "reduced for the pixels", net, toRestore)
	if err != nil {
		return nil, err
	}
	lost := sweep.ByRate(scores.Loss, len(r.Seeds))
	for i, seed := range r.Seeds {
		of := variance(r.drawn[seed].whole.test.X)
		for _, seeds := range lost {
			seeds[i] *= 2 / of // the loss is half the squared error
		}
	}
	return lost, nil
}

// accuracies are those on the test pixels: [filters][seed].
func (r ranker) accuracies(ctx context.Context, task string, net limitedNet, of func(drawnPixels) sets) ([][]float64, error) {
	scores, err := r.train(ctx, task, net, of)
	return sweep.ByRate(scores.Accuracy, len(r.Seeds)), err
}

// train trains on all pixels of the seed at every step, by Adam with a rate that
// falls to 0 in a straight line, and scores on its test pixels.
func (r ranker) train(ctx context.Context, task string, net limitedNet, of func(drawnPixels) sets) (sweep.Scores, error) {
	program, err := sweep.New(r.backend, sweep.Config{
		Model: net.Model, Optimizer: nn.Adam(0.9, 0.999, 1e-8),
		Draw: func(seed int64) sweep.Data { return of(r.drawn[seed]).train },
	})
	if err != nil {
		return sweep.Scores{}, err
	}
	defer program.Finalize()
	replicas := sweep.Grid(slices.Repeat([]float64{r.LearningRate}, net.widths), r.Seeds)
	trace, err := program.Run(ctx, sweep.Run{
		Task: task, Replicas: replicas, Steps: r.Steps,
		Schedule: func(step int) float64 { return 1 - float64(step)/float64(r.Steps) },
	})
	if err != nil {
		return sweep.Scores{}, err
	}
	if net.zeroed != nil {
		net.zeroed(trace.Final)
	}
	meter, err := sweep.NewMeter(r.backend, net.whole, func(seed int64) sweep.Data { return of(r.drawn[seed]).test })
	if err != nil {
		return sweep.Scores{}, err
	}
	defer meter.Finalize()
	return meter.Score(trace.Final, replicas...)
}

func linearNet(loss func(outputs, y *Node) *Node, widths ...int) sweep.Model {
	return sweep.Net{Widths: widths, Activation: linear, Loss: loss}.Model()
}

// linear stands for no activation; GoMLX's Identity has no gradient.
func linear(x *Node) *Node { return x }

// matrixOf has a pixel in every row.
func matrixOf(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		m.SetRow(i, row)
	}
	return m
}

// variance is the sum of the channels' variances, about their means.
func variance(rows [][]float64) float64 {
	total, m := 0.0, matrixOf(rows)
	for c := range len(rows[0]) {
		total += stat.PopVariance(mat.Col(nil, c, m), nil)
	}
	return total
}

// principal are the principal components of the pixels, [channels, components],
// and the fraction of the variance that the first k of them leave, for k from 0 to
// all: no linear map of rank k leaves less (Eckart and Young 1936).
func principal(rows [][]float64) (components mat.Matrix, left []float64, err error) {
	var covariances mat.SymDense
	stat.CovarianceMatrix(&covariances, matrixOf(rows), nil)
	var eigen mat.EigenSym
	if !eigen.Factorize(&covariances, true) {
		return nil, nil, fmt.Errorf("the principal components of %d pixels were not found", len(rows))
	}
	var rising mat.Dense
	eigen.VectorsTo(&rising)
	variances := eigen.Values(nil)
	slices.Reverse(variances)
	channels := len(variances)
	vectors := mat.NewDense(channels, channels, nil)
	left = []float64{1}
	for k, v := range variances {
		vectors.SetCol(k, mat.Col(nil, channels-1-k, &rising))
		left = append(left, left[k]-v/mat.Trace(&covariances))
	}
	return vectors, left, nil
}

// project gives the pixels their first k components as channels.
func project(rows datasets.Rows, components mat.Matrix, k int) datasets.Rows {
	var projected mat.Dense
	channels, _ := components.Dims()
	projected.Mul(matrixOf(rows.X), mat.DenseCopyOf(components).Slice(0, channels, 0, k))
	reduced := datasets.Rows{Y: rows.Y}
	for i := range rows.X {
		reduced.X = append(reduced.X, mat.Row(nil, i, &projected))
	}
	return reduced
}

const (
	// lostVariance is the fraction of the pixels' variance that may be lost: less
	// than half of what the weakest of eight sources has.
	lostVariance = 0.01
	// sameAccuracy is the accuracy by which a reduction may lie below all channels:
	// one pixel in fifty, for a sixteenth of the channels.
	sameAccuracy = 0.02
)

func judgeVarianceKept(m RankMeasurement) claim.Finding {
	at := slices.Index(m.Filters, m.Sources)
	if at < 0 {
		return claim.Finding{Decision: claim.Missing(), Evidence: fmt.Sprintf("No layer has %d filters, as many as there are sources.", m.Sources)}
	}
	lost := claim.EstimateMean(m.Lost[at])
	shown := fmt.Sprintf("%d channels mixed from %d sources: %d trained filters lose %s of the variance of new pixels; the least that is possible is %.2g",
		m.Channels, m.Sources, m.Sources, lost, stat.Mean(m.Bound[at], nil))
	if at > 0 {
		shown += fmt.Sprintf(". %d filters lose %s", m.Filters[at-1], claim.EstimateMean(m.Lost[at-1]))
	}
	return claim.Finding{Decision: lost.Below(lostVariance), Evidence: shown + ".", Samples: lost.N}
}

func judgeLabelKept(m RankMeasurement) claim.Finding {
	at := slices.Index(m.Filters, labelSources)
	if at < 0 {
		return claim.Finding{Decision: claim.Missing(), Evidence: fmt.Sprintf("No layer has %d filters, as many as the label depends on sources.", labelSources)}
	}
	gain := claim.EstimateDifference(m.Labelled[at], m.Whole)
	return claim.Finding{
		Decision: gain.Above(-sameAccuracy),
		Evidence: fmt.Sprintf("Test accuracy of %d filters trained on the label: %s, minus that of all channels: %s. A classifier behind the %d largest principal components: %s (chance %.2f).",
			labelSources, m.accuracy(m.Labelled[at]), gain, labelSources, m.accuracy(m.Principal[at]), 1.0/labels),
		Samples: gain.N,
	}
}

// accuracy estimates one from those of the seeds.
func (f RankMeasurement) accuracy(seeds []float64) claim.Estimate {
	return claim.EstimateFraction(seeds, f.Test)
}

func rankRules() []claim.Rule[RankMeasurement] {
	return []claim.Rule[RankMeasurement]{
		claim.Whole("q6b.2", "Q6 (a), the example of 256 channels",
			"The important features can be kept in the reduction, since the filters learn which ones are useful.",
			claim.SampledRule("q6b.2a", "",
				"With as many filters as the pixels have sources, what there is in the pixels can be kept.",
				fmt.Sprintf("with as many filters as sources, the reduction that is trained to give the pixels back loses less than %g of the variance of new pixels (95 %% interval)", lostVariance),
				claim.Supported, judgeVarianceKept).Revised(revised, "a part of its own, on new pixels, a mixture for each seed; half as many steps again: some trainings were not at their end, which left it undecided under one base seed"),
			claim.SampledRule("q6b.2b", "",
				"With as many filters as a task depends on sources, what the task needs can be kept.",
				fmt.Sprintf("with as many filters as the label depends on sources, a reduction that is trained on the label has a test accuracy at most %g below that of all channels (95 %% interval of paired differences)", sameAccuracy),
				claim.Supported, judgeLabelKept).Revised(revised, "a part of its own, a mixture for each seed, four times the test pixels, and half as many seeds and steps again: q6b.2 was undecided under one base seed")),
	}
}

// errorChart shows what the reduction loses.
func (f RankMeasurement) errorChart() report.Chart {
	trained, bound := report.Curve{Name: "trained 1×1, down and up"}, report.Curve{Name: "least possible"}
	for i, k := range f.Filters {
		trained.AddGeometric(float64(k), f.Lost[i])
		bound.AddGeometric(float64(k), f.Bound[i])
	}
	return report.Chart{
		ID: "rank-error", Title: fmt.Sprintf("%d channels mixed from %d sources: what a reduction loses", f.Channels, f.Sources), Mark: report.Line, LogY: true,
		XLabel: "1×1 filters", YLabel: "fraction of the variance that is lost", Curves: []report.Curve{trained, bound},
		Alt: "The fraction of the variance that is lost against the number of 1×1 filters, on a logarithmic axis, for the trained reduction and for the least that is possible: lower is better.",
	}
}

// accuracyChart shows what is left of the label.
func (f RankMeasurement) accuracyChart() report.Chart {
	labelled, principal := report.Curve{Name: "1×1 trained on the label"}, report.Curve{Name: "principal components"}
	for i, k := range f.Filters {
		labelled.AddFraction(float64(k), f.Labelled[i], f.Test)
		principal.AddFraction(float64(k), f.Principal[i], f.Test)
	}
	return report.Chart{
		ID: "rank-accuracy", Title: "A label that depends on the two weakest sources", Mark: report.Line,
		XLabel: "1×1 filters", YLabel: "test accuracy", Curves: []report.Curve{labelled, principal},
		Rules: []report.Reference{{Name: "all channels", Y: stat.Mean(f.Whole, nil)}, {Name: "chance", Y: 1.0 / labels}},
		Alt:   "Test accuracy against the number of 1×1 filters, for filters trained on the label and for principal components: higher is better; rules mark all channels and chance.",
	}
}

// MixedSources is the experiment.
var MixedSources = experiment.Experiment[RankConfig, RankMeasurement]{
	Name: "Rank", Title: "What a reduction keeps of mixed sources",
	Measure: measureRank, Rules: rankRules(),
	Figures: func(_ RankConfig, f RankMeasurement) (report.Figures, error) {
		return report.Figures{Charts: []report.Chart{f.errorChart(), f.accuracyChart()}}, nil
	},
}
