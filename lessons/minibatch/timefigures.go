package minibatch

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"evident/kit/claim"
	"evident/kit/report"
)

// Chart shows the unseen curves as points in the plane of the two marks.
func (f PictureFacts) Chart() report.Chart {
	full := func(p Picture) bool { return !p.Mini }
	mini := func(p Picture) bool { return p.Mini }
	chart := f.plane("plane", "Unseen curves, by two marks",
		"Two clouds of points: full batches at no rising steps and a wander of 1, mini-batches at about half the steps rising and a larger wander.")
	chart.Curves = []report.Curve{cloud("full batch", f.Unseen, full), cloud("mini-batch", f.Unseen, mini)}
	return chart
}

// ConfounderChart shows the curves that mislead beside the others.
func (f PictureFacts) ConfounderChart() report.Chart {
	all := func(Picture) bool { return true }
	chart := f.plane("confounders", "Curves that mislead, by the same marks",
		"Full batches at too high a rate have many rising steps, as mini-batches have; batches of nearly all examples lie near the full ones.")
	chart.Curves = []report.Curve{
		cloud("full batch", f.Unseen, func(p Picture) bool { return !p.Mini }),
		cloud("full batch, rate too high", f.Oscillates, all),
		cloud(fmt.Sprintf("B = %d, nearly full", f.nearlyFull()), f.NearlyFull, all),
	}
	return chart
}

func (f PictureFacts) plane(id, title, alt string) report.Chart {
	chart := report.Chart{ID: id, Title: title, Mark: report.Points, XLabel: markNames[0], YLabel: markNames[1], LogY: true, Alt: alt}
	if f.Classifier.Mark == 0 && f.Classifier.Threshold > 0 {
		chart.Zones = []report.Zone{{Name: "called full batch", From: 0, To: f.Classifier.Threshold}}
	}
	if f.Classifier.Mark == 1 {
		chart.Rules = []report.Reference{{Name: "called mini-batch above", Y: f.Classifier.Threshold}}
	}
	return chart
}

func cloud(name string, pictures []Picture, of func(Picture) bool) report.Curve {
	curve := report.Curve{Name: name}
	for _, p := range pictures {
		if of(p) {
			curve.Add(p.Marks[0], p.Marks[1])
		}
	}
	return curve
}

// Table says what the classifier calls the curves.
func (f PictureFacts) Table() report.Table {
	table := report.Table{
		ID: "pictures", Title: fmt.Sprintf("What the classifier says (%s above %.3g)", f.Classifier.Name(), f.Classifier.Threshold),
		Columns: []string{"the curve is of", "curves", "called full batch", "called mini-batch"},
	}
	add := func(name string, pictures []Picture) {
		mini := 0
		for _, p := range pictures {
			if f.Classifier.callsMini(p.Marks) {
				mini++
			}
		}
		table.Rows = append(table.Rows, []string{name, fmt.Sprint(len(pictures)), fmt.Sprint(len(pictures) - mini), fmt.Sprint(mini)})
	}
	bySize := map[int][]Picture{}
	var sizes []int
	for _, p := range f.Unseen {
		if bySize[p.Size] == nil {
			sizes = append(sizes, p.Size)
		}
		bySize[p.Size] = append(bySize[p.Size], p)
	}
	for _, size := range sizes {
		name := fmt.Sprintf("mini-batches of %d", size)
		if !bySize[size][0].Mini {
			name = "full batches"
		}
		add(name, bySize[size])
	}
	add(fmt.Sprintf("nearly full batches of %d", f.nearlyFull()), f.NearlyFull)
	add("full batches, rate too high", f.Oscillates)
	return table
}

// StepsChart shows the steps to the target against the batch size, beside
// perfect scaling.
func (f TimeFacts) StepsChart() report.Chart {
	steps, perfect := report.Curve{Name: "at the best rate"}, report.Curve{Name: "perfect scaling: 1/B"}
	for size, b := range f.BatchSizes {
		if f.Best(size) < 0 {
			continue
		}
		steps.AddGeometric(float64(b), f.AtBest(size))
	}
	if len(steps.X) > 0 {
		least := slices.Min(steps.Y)
		for _, b := range steps.X {
			if ideal := steps.Y[0] * steps.X[0] / b; ideal >= least/4 { // below, it only stretches the axis
				perfect.Add(b, ideal)
			}
		}
	}
	return report.Chart{
		ID: "steps", Title: fmt.Sprintf("Steps to a loss of %g", f.Target), Mark: report.Line, XLabel: "batch size B", YLabel: "steps", LogX: true, LogY: true,
		Alt:    "The steps fall with the batch size, first along the line of perfect scaling and then less and less until they hardly fall.",
		Curves: []report.Curve{steps, perfect}, Zones: f.zones(),
	}
}

// ExamplesChart shows the examples that are processed until the target.
func (f TimeFacts) ExamplesChart() report.Chart {
	examples := report.Curve{Name: "at the best rate"}
	for size, b := range f.BatchSizes {
		if f.Best(size) < 0 {
			continue
		}
		all := make([]float64, len(f.AtBest(size)))
		for seed, steps := range f.AtBest(size) {
			all[seed] = steps * float64(b)
		}
		examples.AddGeometric(float64(b), all)
	}
	return report.Chart{
		ID: "examples", Title: fmt.Sprintf("Examples processed to a loss of %g", f.Target), Mark: report.Line,
		XLabel: "batch size B", YLabel: "examples: steps × B", LogX: true, LogY: true,
		Alt:    "The examples that are needed hardly rise with small batches and rise in proportion to the batch size with large ones.",
		Curves: []report.Curve{examples}, Zones: f.zones(),
	}
}

// zones are the batch sizes up to the critical one.
func (f TimeFacts) zones() []report.Zone {
	critical := claim.Finite(claim.Logs(f.Critical()))
	if len(critical) == 0 {
		return nil
	}
	knee, first := math.Pow(10, stat.Mean(critical, nil)), float64(f.BatchSizes[0])
	if !(knee > first) {
		return nil
	}
	return []report.Zone{{Name: "below the critical batch size", From: first, To: knee}}
}

// Table lists the batch sizes, each at its best rate.
func (f TimeFacts) Table() report.Table {
	table := report.Table{
		ID: "time", Title: fmt.Sprintf("To a loss of %g, by batch size", f.Target),
		Columns: []string{"B", "best η", "steps (geometric mean)", "examples", "edge of the grid?"},
	}
	for size, b := range f.BatchSizes {
		best := f.Best(size)
		if best < 0 {
			table.Rows = append(table.Rows, []string{fmt.Sprint(b), "–", "–", "–", "–"})
			continue
		}
		steps := math.Pow(10, stat.Mean(claim.Logs(f.AtBest(size)), nil))
		edge := "no"
		if f.AtEdge(size) {
			edge = "yes"
		}
		table.Rows = append(table.Rows, []string{
			fmt.Sprint(b), fmt.Sprintf("%.3g", f.Rates[best]), fmt.Sprintf("%.1f", steps), fmt.Sprintf("%.0f", steps*float64(b)), edge,
		})
	}
	return table
}
