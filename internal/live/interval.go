package live

import (
	"fmt"
	"math"
	"slices"

	"evident/kit/claim"
	"evident/kit/report"
)

// intervals follow the estimates behind the sampled claims over the number of seeds.
type intervals struct {
	order []string // ids of claims
	of    map[string]*claimIntervals
}

// claimIntervals are those of one claim: a curve for each of its estimates, and the thresholds.
type claimIntervals struct {
	curves     []report.Curve
	thresholds []report.Reference
}

// mostCurves limits a chart: with more, nothing can be told apart.
const mostCurves = 6

// add notes the claims' estimates. An estimate without an interval, as of one seed, has no point.
func (all *intervals) add(claims []claim.Claim) {
	if all.of == nil {
		all.of = map[string]*claimIntervals{}
	}
	claim.Each(claims, func(c *claim.Claim) {
		if c.Kind != claim.Sampled || len(c.Parts) > 0 {
			return
		}
		if all.of[c.ID] == nil {
			all.order, all.of[c.ID] = append(all.order, c.ID), &claimIntervals{}
		}
		all.of[c.ID].add(c.Bounds)
	})
}

func (one *claimIntervals) add(bounds []claim.Bound) {
	var estimates []claim.Estimate
	for _, b := range bounds {
		if threshold := (report.Reference{Name: fmt.Sprintf("threshold %.4g", b.Threshold), Y: b.Threshold}); !slices.Contains(one.thresholds, threshold) {
			one.thresholds = append(one.thresholds, threshold)
		}
		// An estimate between two bounds is there twice.
		isSame := func(e claim.Estimate) bool {
			return e.Mean == b.Estimate.Mean && e.Low == b.Estimate.Low && e.High == b.Estimate.High
		}
		if !slices.ContainsFunc(estimates, isSame) {
			estimates = append(estimates, b.Estimate)
		}
	}
	for i, e := range estimates[:min(len(estimates), mostCurves)] {
		if i == len(one.curves) {
			one.curves = append(one.curves, report.Curve{})
		}
		if curve := &one.curves[i]; e.N >= 2 && e.High < math.MaxFloat64 {
			curve.Add(float64(e.N), e.Mean)
			curve.Low, curve.High = append(curve.Low, e.Low), append(curve.High, e.High)
		}
	}
}

// charts draw, for each claim, what there is of at least two numbers of seeds.
func (all intervals) charts() (charts []report.Chart) {
	for _, id := range all.order {
		one := all.of[id]
		chart := report.Chart{
			ID: "interval-" + id, Title: id + ": mean and 95 % interval", Mark: report.Line, XLabel: "seeds", YLabel: "estimate",
			Alt: fmt.Sprintf("For claim %s, the mean over the seeds with its 95 %% interval against the number of seeds: the band becomes narrower as seeds come. Lines mark the thresholds that decide.", id),
		}
		for _, curve := range one.curves {
			if len(curve.X) < 2 {
				continue
			}
			curve.Name = fmt.Sprintf("estimate %d of %d", len(chart.Curves)+1, len(one.curves))
			if len(one.curves) == 1 {
				curve.Name = "estimate"
			}
			chart.Curves = append(chart.Curves, curve)
		}
		if len(chart.Curves) > 0 {
			chart.Rules = one.thresholds
			charts = append(charts, chart)
		}
	}
	return charts
}
