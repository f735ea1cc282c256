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
	// Features is the number of different features that the pooled maps are worth,
	// on held-out texts (see effectiveRank): [count][seed].
	Features [][]float64
}

// measureMaps trains a net for every number of maps.
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
	for _, count := range c.Counts {
		n := c.net(count)
		l := learned(texts.Words, n.Width)
		e := trial{
			name: fmt.Sprintf("%d maps", count), network: n.network(l, len(texts.classes())), seeds: c.Seeds, training: c.Training, draw: numbersOnly(draw),
			inside: func(scope *model.Scope, x *Node) *Node { return n.pooled(scope, x, l) },
		}
		scores, ranks, err := lookInto(ctx, backend, e, func(ctx context.Context, net trained, seed int64) (float64, error) {
			t, err := draw(seed)
			if err != nil {
				return 0, err
			}
			features, err := net.inside.Run(ctx, t.test)
			if err != nil {
				return 0, err
			}
			return effectiveRank(features), nil
		})
		if err != nil {
			return facts, err
		}
		facts.Nets, facts.Features = append(facts.Nets, scores), append(facts.Features, ranks)
	}
	return facts, nil
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
	mapsMatter      = 0.05 // accuracy that more maps are worth
	severalFeatures = 2    // effective number of features that is more than one
)

func judgeMaps(f MapsMeasurement) claim.Finding {
	last := len(f.Counts) - 1
	gain := claim.EstimateDifference(f.Nets[last].Test, f.Nets[0].Test)
	features := claim.EstimateMean(f.Features[last])
	return claim.Finding{
		Decision: claim.All(gain.Above(mapsMatter), features.Above(severalFeatures)),
		Evidence: fmt.Sprintf("From %d to %d maps the test accuracy on %s rises by %s, to %.3f; the %d maps are worth %s uncorrelated features.",
			f.Counts[0], f.Counts[last], f.DataSet, gain, claim.EstimateMean(f.Nets[last].Test).Mean, f.Counts[last], features),
		Samples: gain.N,
	}
}

func mapsRules() []claim.Rule[MapsMeasurement] {
	return []claim.Rule[MapsMeasurement]{
		claim.SampledRule("q5.p3", "Q5, advantages 3",
			"Several feature maps learn several features of the text.",
			fmt.Sprintf("with the most maps the accuracy is over %g above that with the fewest, and the pooled features are worth more than %d uncorrelated ones (95 %% intervals)", mapsMatter, severalFeatures),
			claim.Supported, judgeMaps),
	}
}

// chart shows the accuracy by the number of maps.
func (f MapsMeasurement) chart() report.Chart {
	train, test := report.Curve{Name: "training"}, report.Curve{Name: "test"}
	for i, count := range f.Counts {
		train.AddEstimate(float64(count), f.Nets[i].Train)
		test.AddEstimate(float64(count), f.Nets[i].Test)
	}
	return report.Chart{
		ID: "maps", Title: "More maps, on " + f.DataSet, Mark: report.Line, LogX: true, XLabel: "maps", YLabel: "accuracy",
		Curves: []report.Curve{train, test}, Alt: "Training and test accuracy against the number of maps on a logarithmic axis: higher is better.",
	}
}

// featureChart shows how many different features the maps are.
func (f MapsMeasurement) featureChart() report.Chart {
	worth, own := report.Curve{Name: "effective number"}, report.Curve{Name: "all different"}
	for i, count := range f.Counts {
		worth.AddEstimate(float64(count), f.Features[i])
		own.Add(float64(count), float64(count))
	}
	return report.Chart{
		ID: "features", Title: "How many different features are the maps worth?", Mark: report.Line, LogX: true, LogY: true, XLabel: "maps", YLabel: "features",
		Curves: []report.Curve{worth, own}, Alt: "The effective number of features against the number of maps on logarithmic axes, beside the line on which all maps are different: the further below it, the more the maps repeat each other.",
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
