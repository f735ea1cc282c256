package byhand

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/gomlx/compute"

	"evident/kit/claim"
	"evident/kit/progress"
	"evident/kit/report"
)

// Comparison says how far the calculations by hand of one kind of problem agree
// with GoMLX.
type Comparison struct {
	Name     string // as in "tanh"
	Problems int
	Forward  Agreement
	Backward Agreement
	Update   Agreement
	Steps    []StepGain // one a problem
	Routing  Routing
}

// Agreement is how far the numbers of a step lie from those of GoMLX.
type Agreement struct {
	Numbers int     // that were compared
	Largest float64 // absolute difference
	// Worst is the largest ratio of a difference to what rounding allows: twice
	// the bound of the number's rounding error, since both sides round.
	Worst float64
}

// add compares one number.
func (a *Agreement) add(difference, bound float64) {
	a.Numbers++
	a.Largest = max(a.Largest, difference)
	switch {
	case difference == 0:
	case bound == 0:
		a.Worst = math.MaxFloat64 // both must be exact, as gradients of 0 are
	default:
		a.Worst = max(a.Worst, difference/(2*bound))
	}
}

// StepGain is what one step brought.
type StepGain struct {
	Change  float64 // of the loss
	Promise float64 // −η‖g‖²: what a straight line predicts
	// SmallRatio is change over promise at a hundredth of the rate.
	SmallRatio float64
}

// Routing counts where GoMLX sends the gradient of the loss through max pooling
// and ReLU.
type Routing struct {
	Windows int // pooling windows of all problems
	Open    int // of them, those whose largest sum is above 0
	// Routed are the windows where the gradient reaches the largest sum alone, or
	// where it reaches none since ReLU shut all of them out.
	Routed int
	// Closed is the largest gradient of a kernel's number or a convolution's bias in
	// the same problems with a bias so low that every window is shut.
	Closed float64
}

// problem is a [Net] or an [Image].
type problem interface {
	Work() report.Derivation
	work() *worksheet
}

// compared works out a problem of every seed, by hand and by GoMLX; one does it
// for one seed.
func compared(ctx context.Context, backend compute.Backend, name string, l layout, rate float64, seeds []int64, one func(c *Comparison, m *machine, seed int64) error) (Comparison, error) {
	c := Comparison{Name: name}
	m, err := newMachine(backend, l, rate)
	if err != nil {
		return c, err
	}
	defer m.finalize()
	for i, seed := range seeds {
		progress.ReportTask(ctx, "by hand, "+name, i, len(seeds))
		if err := ctx.Err(); err != nil {
			return c, err
		}
		if err := one(&c, m, seed); err != nil {
			return c, err
		}
	}
	return c, nil
}

// compare works out a problem and compares it with the machine, whose numbers
// it returns; small is the same problem at a hundredth of the rate.
func (c *Comparison) compare(m *machine, p, small problem) (map[string]float64, error) {
	worked := p.work()
	machine, err := m.step(inputs(worked.paper))
	if err != nil {
		return nil, err
	}
	hand := Results(worked.paper)
	for name, value := range machine {
		agreement := &c.Forward
		switch {
		case strings.HasPrefix(name, "dL/"):
			agreement = &c.Backward
		case strings.HasSuffix(name, "'"):
			agreement = &c.Update
		}
		agreement.add(math.Abs(hand[name]-value), worked.bounds[name])
	}
	gentle := Results(small.Work())
	c.Problems++
	c.Steps = append(c.Steps, StepGain{Change: hand["dL"], Promise: hand["promise"], SmallRatio: gentle["dL"] / gentle["promise"]})
	return machine, nil
}

// Results are the numbers of a derivation by the names of their lines.
func Results(worked report.Derivation) map[string]float64 {
	numbers := map[string]float64{}
	for _, line := range worked.Lines() {
		if v, ok := line.Number(); ok && line.Name != "" {
			numbers[line.Name] = v
		}
	}
	return numbers
}

// inputs are what a machine needs of a problem: the input row by row, the
// target, and the numbers that are given by their names.
func inputs(worked report.Derivation) (x []float64, y float64, given map[string]float64) {
	given = map[string]float64{}
	for _, line := range worked.Steps[0].Lines {
		name := strings.ToLower(line.Name)
		if v, ok := line.Number(); ok {
			given[name] = v
			continue
		}
		for i, row := range line.Values {
			for j, v := range row {
				given[cellName(name, i, j)] = v
			}
		}
	}
	if _, isImage := given["x11"]; !isImage {
		return []float64{given["x1"], given["x2"]}, given["y"], given
	}
	for _, name := range cellNames("x", imageSide) {
		x = append(x, given[name])
	}
	return x, given["y"], given
}

// nearlyLinear is how far the change of the loss at a hundredth of the rate may be
// from −η‖g‖², as a fraction of it.
const nearlyLinear = 0.01

// All rules were changed alike.
const (
	revised = "2026-11-30"
	reason  = "the tolerance was 1e-12 for every number, which some numbers exceed by their condition; it follows from the operations now"
)

// judgeAgreement holds the numbers by hand against GoMLX's.
func judgeAgreement(cases []Comparison, step func(Comparison) Agreement) claim.Finding {
	all := overall(cases, step)
	return claim.Finding{
		Decision: same(all),
		Evidence: fmt.Sprintf("In %s, %d numbers by hand differ from GoMLX's by at most %.2g, and by at most %.2g of what rounding allows.", listed(cases), all.Numbers, all.Largest, all.Worst),
		Samples:  1,
	}
}

// overall is the largest difference of several kinds of problems in one step.
func overall(cases []Comparison, step func(Comparison) Agreement) Agreement {
	var all Agreement
	for _, c := range cases {
		all.Numbers += step(c).Numbers
		all.Largest, all.Worst = max(all.Largest, step(c).Largest), max(all.Worst, step(c).Worst)
	}
	return all
}

// same decides whether all differences are due to rounding.
func same(a Agreement) claim.Decision {
	if a.Numbers == 0 {
		return claim.Missing()
	}
	return claim.Holds(a.Worst <= 1)
}

func judgeStep(cases []Comparison) claim.Finding {
	finding := judgeAgreement(cases, func(c Comparison) Agreement { return c.Update })
	var steps []StepGain
	farthest := 0.0
	for _, c := range cases {
		steps = append(steps, c.Steps...)
	}
	for _, s := range steps {
		farthest = max(farthest, math.Abs(s.SmallRatio-1))
	}
	falls, kept := gains(steps)
	finding.Decision = claim.All(finding.Decision, claim.Holds(falls == len(steps)), claim.Holds(farthest <= nearlyLinear))
	finding.Evidence += fmt.Sprintf(" The loss falls in %d of %d problems, by %.2f of η‖g‖² on average; at a hundredth of the rate, by η‖g‖² within %.2g %%.",
		falls, len(steps), kept, 100*farthest)
	return finding
}

// gains counts the steps that lower the loss, and takes the mean of what they
// bring, as a fraction of what a straight line promises.
func gains(steps []StepGain) (falls int, kept float64) {
	fractions := make([]float64, len(steps))
	for i, s := range steps {
		fractions[i] = s.Change / s.Promise
		if s.Change < 0 {
			falls++
		}
	}
	return falls, claim.EstimateMean(fractions).Mean
}

// listed counts the problems, as in "100 sigmoid and 100 tanh problems".
func listed(cases []Comparison) string {
	text := ""
	for i, c := range cases {
		if i > 0 {
			text += " and "
		}
		text += fmt.Sprintf("%d %s", c.Problems, c.Name)
	}
	return text + " problems"
}

// The rules of both experiments, made of the thresholds.
var (
	sameRule = "differ from GoMLX's by at most twice the bound of the number's rounding error in float64, to which each operation adds its own"
	stepRule = fmt.Sprintf("all moved parameters and the new loss of every problem %s, after one step of its SGD; the loss falls in every problem; and at a hundredth of the rate it falls by η‖g‖², within %.0f %%", sameRule, 100*nearlyLinear)
)

// table lists the comparisons with GoMLX.
func table(id, title string, cases []Comparison) report.Table {
	t := report.Table{
		ID: id, Title: title + " by hand and by GoMLX: the largest difference",
		Columns: []string{"problem", "drawn", "forward", "backward", "update", "the loss falls in", "by, of η‖g‖²"},
	}
	for _, c := range cases {
		falls, kept := gains(c.Steps)
		t.Rows = append(t.Rows, []string{
			c.Name, fmt.Sprint(c.Problems), difference(c.Forward), difference(c.Backward), difference(c.Update),
			fmt.Sprintf("%d of %d", falls, len(c.Steps)), fmt.Sprintf("%.2f", kept),
		})
	}
	return t
}

func difference(a Agreement) string {
	return fmt.Sprintf("%.2g in %d numbers, %.2g of what rounding allows", a.Largest, a.Numbers, a.Worst)
}

// ratesChart is the loss after one step of a problem, by rate.
func ratesChart(id, title string, rates []float64, at func(rate float64) problem) report.Chart {
	measured, straight := report.Curve{Name: "measured"}, report.Curve{Name: "straight line, L − η‖g‖²"}
	before := 0.0
	for _, rate := range rates {
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
		Alt: fmt.Sprintf("The loss after the step against the learning rate on a logarithmic axis, beside the straight line L − η‖g‖² and a rule at the loss before the step, %.3g: lower is better. Of the rates drawn it is lowest, %.3g, at %.2g.",
			before, measured.Y[lowest], measured.X[lowest]),
		Curves: []report.Curve{measured, straight}, Rules: []report.Reference{{Name: "before the step", Y: before}},
	}
}
