package textcnn

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// MapsConfig varies the number of maps.
type MapsConfig struct {
	Counts  []int   `role:"compared" range:"[1, inf)" list:"2 rising" help:"maps of each window"`
	Width   int     `role:"fixed" range:"[1, inf)" help:"values of a word vector"`
	Windows []int   `role:"fixed" range:"[1, inf)" list:"1" help:"sizes of the windows, in words"`
	Dropout float64 `role:"fixed" range:"[0, 1)" help:"fraction of the pooled features that is left out in training"`
	Seeds   []int64 `role:"averaged" help:"of the texts, the initial weights and the order of the training"`
	Training
}

// MapsKnobs are the knobs with those of the texts.
type MapsKnobs struct {
	MapsConfig
	Data DataConfig
}

func (c MapsConfig) net(maps int) Net {
	return Net{Width: c.Width, Windows: c.Windows, Maps: maps, Dropout: c.Dropout}
}

// MapsMeasurement says what more maps bring, on the pipeline's texts.
type MapsMeasurement struct {
	DataSet string
	Counts  []int
	Nets    []Scores // one for each count
	// Untrained is the net with the most maps, of which the dense layer alone is
	// trained.
	Untrained Scores
	// Features is the number of different features that the pooled maps are worth,
	// on held-out texts (see effectiveRank): [count][seed].
	Features          [][]float64
	UntrainedFeatures []float64 // [seed]
}

// readOutRate is the learning rate of a dense layer on untrained filters. Their
// features vary less than trained ones do, so that its weights have further to go
// than at a small rate they would.
const readOutRate = 0.01

// measureMaps trains a net for every number of maps, and the most of them with
// their filters left as they were drawn.
func measureMaps(ctx context.Context, backend compute.Backend, c MapsKnobs) (facts MapsMeasurement, err error) {
	texts, err := c.Data.load(ctx)
	if err != nil {
		return facts, err
	}
	if c.Training, err = texts.fitted(c.Training, c.Seeds); err != nil {
		return facts, err
	}
	facts.Counts, facts.DataSet = c.Counts, texts.name()
	draw := func(seed int64) (task, error) { return texts.task(seed, c.Train, c.Test) }
	measure := func(count int, name string, training Training, network func(n Net, l lookup, classes int) fit.Network) (Scores, []float64, error) {
		n := c.net(count)
		l := learned(texts.Words, n.Width)
		e := trial{
			name: name, network: network(n, l, len(texts.classes())), seeds: c.Seeds, training: training, draw: draw,
			inside: func(scope *model.Scope, x *Node) *Node { return n.pooled(scope, x, l) },
		}
		return lookInto(ctx, backend, e, func(ctx context.Context, net trained, t task, _ int64) (float64, error) {
			features, err := net.inside.Run(ctx, t.test)
			if err != nil {
				return 0, err
			}
			return effectiveRank(features), nil
		})
	}
	for _, count := range c.Counts {
		scores, ranks, err := measure(count, fmt.Sprintf("%d maps", count), c.Training, Net.network)
		if err != nil {
			return facts, err
		}
		facts.Nets, facts.Features = append(facts.Nets, scores), append(facts.Features, ranks)
	}
	most, readOut := c.Counts[len(c.Counts)-1], c.Training
	readOut.LearningRate = readOutRate
	facts.Untrained, facts.UntrainedFeatures, err = measure(most, fmt.Sprintf("%d maps, untrained", most), readOut, Net.untrained)
	return facts, err
}

// effectiveRank is exp(−Σ p·log p) of the eigenvalues of the correlation matrix,
// made to add up to 1 (Roy and Vetterli 2007): k for k uncorrelated features,
// and 1 where all say the same. Features that never change count for nothing.
func effectiveRank(rows [][]float32) float64 {
	var columns [][]float64
	for j := range rows[0] {
		column := make([]float64, len(rows))
		for i := range rows {
			column[i] = float64(rows[i][j])
		}
		if stat.Variance(column, nil) > 0 {
			columns = append(columns, column)
		}
	}
	k := len(columns)
	if k == 0 {
		return 0
	}
	correlation := mat.NewSymDense(k, nil)
	for a := range k {
		for b := a; b < k; b++ {
			correlation.SetSym(a, b, stat.Correlation(columns[a], columns[b], nil))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(correlation, false) {
		return 0
	}
	entropy := 0.0
	for _, value := range eigen.Values(nil) {
		if p := value / float64(k); p > 1e-12 { // the trace is k
			entropy -= p * math.Log(p)
		}
	}
	return math.Exp(entropy)
}

const (
	mapsMatter = 0.05 // accuracy: 1 text in 20, for which a larger net is worth its price
	oneMore    = 1    // effective number of features: one more
)

// last is the number of the net with the most maps.
func (f MapsMeasurement) last() int { return len(f.Counts) - 1 }

func judgeMoreMaps(f MapsMeasurement) claim.Finding {
	gain := claim.EstimateDifference(f.Nets[f.last()].Test, f.Nets[0].Test)
	return claim.Finding{
		Decision: gain.Above(mapsMatter),
		Evidence: fmt.Sprintf("From %d to %d maps the test accuracy on %s rises by %s, to %s.", f.Counts[0], f.Counts[f.last()], f.DataSet, gain, f.Nets[f.last()].test()),
		Samples:  gain.N,
	}
}

func judgeLearnedMaps(f MapsMeasurement) claim.Finding {
	gain := claim.EstimateDifference(f.Nets[f.last()].Test, f.Untrained.Test)
	return claim.Finding{
		Decision: gain.Above(mapsMatter),
		Evidence: fmt.Sprintf("With %d maps the test accuracy is %s if they are trained and %s if the dense layer alone is: a difference of %s.", f.Counts[f.last()], f.Nets[f.last()].test(), f.Untrained.test(), gain),
		Samples:  gain.N,
	}
}

func judgeDifferentMaps(f MapsMeasurement) claim.Finding {
	more := claim.EstimateDifference(f.Features[f.last()], f.UntrainedFeatures)
	return claim.Finding{
		Decision: more.Above(oneMore),
		Evidence: fmt.Sprintf("The %d trained maps are worth %s uncorrelated features, untrained ones %s: a difference of %s.",
			f.Counts[f.last()], estimate(f.Features[f.last()]), estimate(f.UntrainedFeatures), more),
		Samples: more.N,
	}
}

func mapsRules() []claim.Rule[MapsMeasurement] {
	const source = "Q5, advantages 3"
	return []claim.Rule[MapsMeasurement]{
		claim.Whole("q5.p3", source, "Several feature maps learn several features of the text.",
			claim.SampledRule("q5.p3a", source, "More maps tell more.",
				fmt.Sprintf("with the most maps the accuracy is over %g above that with the fewest (95 %% interval)", mapsMatter),
				claim.Supported, judgeMoreMaps).From(firstRules),
			claim.SampledRule("q5.p3b", source, "What they tell is learned.",
				fmt.Sprintf("with the most maps the accuracy is over %g above that of as many untrained maps under a trained dense layer (95 %% interval)", mapsMatter),
				claim.Supported, judgeLearnedMaps).Revised(revised, "untrained filters were missing as a control"),
			claim.SampledRule("q5.p3c", source, "Learning makes them differ from each other.",
				fmt.Sprintf("the pooled maps are worth over %d uncorrelated feature more than those of as many untrained maps (95 %% interval)", oneMore),
				claim.Refuted, judgeDifferentMaps).Revised(revised, "more than 2 uncorrelated features was the first form, without a control")),
	}
}

// chart shows the accuracy by the number of maps.
func (f MapsMeasurement) chart() report.Chart {
	train, test := report.Curve{Name: "training"}, report.Curve{Name: "test"}
	untrained := report.Curve{Name: "test, untrained maps"}
	for i, count := range f.Counts {
		train.AddFraction(float64(count), f.Nets[i].Train, f.Nets[i].TrainTexts)
		test.AddFraction(float64(count), f.Nets[i].Test, f.Nets[i].TestTexts)
	}
	untrained.AddFraction(float64(f.Counts[f.last()]), f.Untrained.Test, f.Untrained.TestTexts)
	return report.Chart{
		ID: "maps", Title: "More maps, on " + f.DataSet, Mark: report.Line, LogX: true, XLabel: "maps", YLabel: "accuracy",
		Curves: []report.Curve{train, test, untrained}, Alt: "Training and test accuracy against the number of maps on a logarithmic axis, and the test accuracy of the most maps when the dense layer alone is trained: higher is better.",
	}
}

// featureChart shows how many different features the maps are.
func (f MapsMeasurement) featureChart() report.Chart {
	worth, own, untrained := report.Curve{Name: "effective number"}, report.Curve{Name: "all different"}, report.Curve{Name: "untrained maps"}
	for i, count := range f.Counts {
		worth.AddEstimate(float64(count), f.Features[i])
		own.Add(float64(count), float64(count))
	}
	untrained.AddEstimate(float64(f.Counts[f.last()]), f.UntrainedFeatures)
	return report.Chart{
		ID: "features", Title: "How many different features are the maps worth?", Mark: report.Line, LogX: true, LogY: true, XLabel: "maps", YLabel: "features",
		Curves: []report.Curve{worth, own, untrained}, Alt: "The effective number of features against the number of maps on logarithmic axes, for trained maps and for the most maps untrained, beside the line on which all maps are different: the further below it, the more the maps repeat each other.",
	}
}

// FeatureMaps is the experiment.
var FeatureMaps = experiment.Experiment[MapsKnobs, MapsMeasurement]{
	Name: "Maps", Title: "From one feature map to many",
	Measure: measureMaps, Rules: mapsRules(),
	Figures: func(_ MapsKnobs, f MapsMeasurement) (report.Figures, error) {
		return report.Figures{Charts: []report.Chart{f.chart(), f.featureChart()}}, nil
	},
}
