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
)

// MapFacts say what more maps bring, on the pipeline's texts.
type MapFacts struct {
	DataSet string
	Counts  []int
	Nets    []Scores // one for each count
	// Features is the number of different features that the pooled maps are worth,
	// on held-out texts (see effectiveRank): [count][seed].
	Features [][]float64
}

// MeasureMaps trains a net for every number of maps.
func MeasureMaps(ctx context.Context, backend compute.Backend, c MapsConfig, d DataConfig) (MapFacts, error) {
	if err := d.check(); err != nil {
		return MapFacts{}, err
	}
	texts, err := d.load(ctx)
	if err != nil {
		return MapFacts{}, err
	}
	return measureMaps(ctx, backend, c, texts)
}

func measureMaps(ctx context.Context, backend compute.Backend, c MapsConfig, texts corpus) (facts MapFacts, err error) {
	if err := c.check(); err != nil {
		return facts, err
	}
	if c.Training, err = texts.fitted(c.Training); err != nil {
		return facts, err
	}
	facts.Counts, facts.DataSet = c.Counts, texts.name()
	draw := func(seed int64) (task, error) { return texts.task(seed, c.Train, c.Test) }
	for _, count := range c.Counts {
		n := c.Net
		n.Maps = count
		l := learned(texts.Words, n.Width)
		e := trial{
			name: fmt.Sprintf("%d maps", count), network: n.network(l, len(texts.classes())), training: c.Training, draw: numbersOnly(draw),
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
