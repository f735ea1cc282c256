package byhand

import (
	"context"
	"math"
	"strings"

	"github.com/gomlx/compute"

	"evident/kit/nn"
	"evident/kit/progress"
	"evident/kit/report"
)

// Measurements are all that the verdicts rest on: each kind of problem, drawn
// from every seed.
type Measurements struct {
	Nets   []CaseFacts // by activation
	Images []CaseFacts // by padding
}

// CaseFacts compare the calculations by hand of one kind of problem with GoMLX.
type CaseFacts struct {
	Name     string // as in "tanh"
	Problems int
	Forward  Agreement
	Backward Agreement
	Update   Agreement
	Steps    []StepFact // one a problem
	Routing  RoutingFact
}

// Agreement is how far the numbers of a step lie from those of GoMLX.
type Agreement struct {
	Numbers int     // that were compared
	Largest float64 // absolute difference
}

// StepFact is what one step brought.
type StepFact struct {
	Change  float64 // of the loss
	Promise float64 // −η‖g‖²: what a straight line predicts
	// SmallRatio is change over promise at a hundredth of the rate.
	SmallRatio float64
}

// RoutingFact counts where GoMLX sends the slope of the loss through max pooling
// and ReLU.
type RoutingFact struct {
	Windows int // pooling windows of all problems
	Open    int // of them, those whose largest sum is above 0
	// Routed are the windows where the slope reaches the largest sum alone, or
	// where it reaches none since ReLU shut all of them out.
	Routed int
	// Closed is the largest slope of a kernel's number or a convolution's bias in
	// the same problems with a bias so low that every window is shut.
	Closed float64
}

// overall is the largest difference of several kinds of problems in one step.
func overall(cases []CaseFacts, step func(CaseFacts) Agreement) Agreement {
	var all Agreement
	for _, c := range cases {
		all.Numbers += step(c).Numbers
		all.Largest = max(all.Largest, step(c).Largest)
	}
	return all
}

// problem is a [Net] or an [Image].
type problem interface{ Work() report.Derivation }

// MeasureNets works out a net of every seed, for both activations.
func MeasureNets(ctx context.Context, backend compute.Backend, c Config) ([]CaseFacts, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	var all []CaseFacts
	for _, activation := range []Activation{SigmoidUnits, TanhUnits} {
		facts, err := c.measureNets(ctx, backend, activation)
		if err != nil {
			return nil, err
		}
		all = append(all, facts)
	}
	return all, nil
}

func (c Config) measureNets(ctx context.Context, backend compute.Backend, activation Activation) (CaseFacts, error) {
	facts, rate := CaseFacts{Name: string(activation)}, c.Net.LearningRate
	m, err := newMachine(backend, netLayout(activation), rate)
	if err != nil {
		return facts, err
	}
	defer m.finalize()
	for i, seed := range c.Seeds {
		if err := next(ctx, facts.Name, i, len(c.Seeds)); err != nil {
			return facts, err
		}
		if _, err := facts.compare(m, DrawNet(seed, activation, rate), DrawNet(seed, activation, rate/100)); err != nil {
			return facts, err
		}
	}
	return facts, nil
}

// MeasureImages works out a convolutional net of every seed, for both paddings.
func MeasureImages(ctx context.Context, backend compute.Backend, c Config) ([]CaseFacts, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	var all []CaseFacts
	for _, padding := range []nn.Padding{nn.Valid, nn.Same} {
		facts, err := c.measureImages(ctx, backend, padding)
		if err != nil {
			return nil, err
		}
		all = append(all, facts)
	}
	return all, nil
}

func (c Config) measureImages(ctx context.Context, backend compute.Backend, padding nn.Padding) (CaseFacts, error) {
	facts, rate := CaseFacts{Name: padding.String()}, c.Image.LearningRate
	m, err := newMachine(backend, imageLayout(DrawImage(c.Seed, padding, rate)), rate)
	if err != nil {
		return facts, err
	}
	defer m.finalize()
	for i, seed := range c.Seeds {
		if err := next(ctx, facts.Name, i, len(c.Seeds)); err != nil {
			return facts, err
		}
		p := DrawImage(seed, padding, rate)
		machine, err := facts.compare(m, p, DrawImage(seed, padding, rate/100))
		if err != nil {
			return facts, err
		}
		facts.Routing.count(p, machine)
		shut, err := m.step(inputs(p.Closed().Work()))
		if err != nil {
			return facts, err
		}
		for _, name := range append(cellNames("dL/dk", kernelSide), "dL/db") {
			facts.Routing.Closed = max(facts.Routing.Closed, math.Abs(shut[name]))
		}
	}
	return facts, nil
}

// next reports progress and stops when the run was cancelled.
func next(ctx context.Context, name string, done, total int) error {
	progress.ReportTask(ctx, "by hand, "+name, done, total)
	return ctx.Err()
}

// compare works out a problem and compares it with the machine, whose numbers
// it returns; small is the same problem at a hundredth of the rate.
func (f *CaseFacts) compare(m *machine, p, small problem) (map[string]float64, error) {
	worked := p.Work()
	machine, err := m.step(inputs(worked))
	if err != nil {
		return nil, err
	}
	hand := Results(worked)
	for name, value := range machine {
		agreement := &f.Forward
		switch {
		case strings.HasPrefix(name, "dL/"):
			agreement = &f.Backward
		case strings.HasSuffix(name, "'"):
			agreement = &f.Update
		}
		agreement.Numbers++
		agreement.Largest = max(agreement.Largest, math.Abs(hand[name]-value))
	}
	gentle := Results(small.Work())
	f.Problems++
	f.Steps = append(f.Steps, StepFact{Change: hand["dL"], Promise: hand["promise"], SmallRatio: gentle["dL"] / gentle["promise"]})
	return machine, nil
}

// count looks at every pooling window, at the machine's numbers alone.
func (r *RoutingFact) count(p Image, machine map[string]float64) {
	side := p.sumSide()
	for i := 0; i < side; i += poolSide {
		for j := 0; j < side; j += poolSide {
			best, reached := "", []string(nil)
			for _, name := range []string{cellName("s", i, j), cellName("s", i, j+1), cellName("s", i+1, j), cellName("s", i+1, j+1)} {
				if best == "" || machine[name] > machine[best] {
					best = name
				}
				if machine["dL/d"+name] != 0 {
					reached = append(reached, name)
				}
			}
			open := machine[best] > 0
			r.Windows++
			if open {
				r.Open++
			}
			if (open && len(reached) == 1 && reached[0] == best) || (!open && len(reached) == 0) {
				r.Routed++
			}
		}
	}
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
