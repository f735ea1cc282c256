package byhand

import (
	"fmt"

	"evident/kit/claim"
	"evident/kit/report"
)

// illustrate adds the two calculations, what a step brings at every rate, and
// the table of all comparisons.
func illustrate(out *report.Report, c Config, m Measurements) error {
	out.Derivations = []report.Derivation{c.NetProblem().Work(), c.ImageProblem().Work()}
	out.Charts = []report.Chart{c.NetChart(), c.ImageChart()}
	out.Tables = []report.Table{Table(append(append([]CaseFacts(nil), m.Nets...), m.Images...))}
	out.Provenance.DataSet = "round numbers drawn from seeds"
	out.Provenance.Seeds = c.Seeds
	return nil
}

// NetChart is the loss after one step of the net that is worked out, by rate.
func (c Config) NetChart() report.Chart {
	return c.chart("net-rates", "2-2-1 net: the loss after one step", func(rate float64) problem {
		p := c.NetProblem()
		p.LearningRate = rate
		return p
	})
}

// ImageChart is the same for the convolutional net.
func (c Config) ImageChart() report.Chart {
	return c.chart("image-rates", "Convolutional net: the loss after one step", func(rate float64) problem {
		p := c.ImageProblem()
		p.LearningRate = rate
		return p
	})
}

func (c Config) chart(id, title string, at func(rate float64) problem) report.Chart {
	measured, straight := report.Curve{Name: "measured"}, report.Curve{Name: "straight line, L − η‖g‖²"}
	before := 0.0
	for _, rate := range c.Rates {
		numbers := Results(at(rate).Work())
		before = numbers["L"]
		measured.Add(rate, numbers["L'"])
		if promised := before + numbers["promise"]; promised >= 0 { // below 0 no loss can be
			straight.Add(rate, promised)
		}
	}
	lowest := 0
	for i, loss := range measured.Y {
		if loss < measured.Y[lowest] {
			lowest = i
		}
	}
	return report.Chart{
		ID: id, Title: title, Mark: report.Line, XLabel: "learning rate η", YLabel: "loss after the step", LogX: true,
		Alt: fmt.Sprintf("From %.3g before the step, the loss follows the straight line at low rates; it is lowest, %.3g, at a rate of %.2g.",
			before, measured.Y[lowest], measured.X[lowest]),
		Curves: []report.Curve{measured, straight}, Rules: []report.Reference{{Name: "before the step", Y: before}},
	}
}

// Table lists the comparisons with GoMLX.
func Table(cases []CaseFacts) report.Table {
	t := report.Table{
		ID: "agreement", Title: "By hand and by GoMLX: the largest difference",
		Columns: []string{"problem", "drawn", "forward", "backward", "update", "the loss falls in", "by, of η‖g‖²"},
	}
	for _, c := range cases {
		falls := 0
		var shares []float64
		for _, s := range c.Steps {
			if s.Change < 0 {
				falls++
			}
			shares = append(shares, s.Change/s.Promise)
		}
		t.Rows = append(t.Rows, []string{
			c.Name, fmt.Sprint(c.Problems), difference(c.Forward), difference(c.Backward), difference(c.Update),
			fmt.Sprintf("%d of %d", falls, len(c.Steps)), fmt.Sprintf("%.2f", claim.EstimateMean(shares).Mean),
		})
	}
	return t
}

func difference(a Agreement) string { return fmt.Sprintf("%.2g in %d numbers", a.Largest, a.Numbers) }
