package inception

import (
	"context"
	"fmt"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"evident/kit/arch"
	"evident/kit/backend"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/nn"
	"evident/kit/report"
)

// GoogLeNet lists its nine modules with their inputs, and the parameters in
// units of 1,024 that the paper gives for them (Szegedy et al. 2015, table 1).
var GoogLeNet = []struct {
	Name             string
	Height, Channels int // of the input
	Module           Module
	PublishedK       int
}{
	{"3a", 28, 192, inception3a, 159},
	{"3b", 28, 256, inception3b, 380},
	{"4a", 14, 480, Module{192, 96, 208, 16, 48, 64}, 364},
	{"4b", 14, 512, Module{160, 112, 224, 24, 64, 64}, 437},
	{"4c", 14, 512, Module{128, 128, 256, 24, 64, 64}, 463},
	{"4d", 14, 512, Module{112, 144, 288, 32, 64, 64}, 580},
	{"4e", 14, 528, Module{256, 160, 320, 32, 128, 128}, 840},
	{"5a", 7, 832, Module{256, 160, 320, 32, 128, 128}, 1072},
	{"5b", 7, 832, Module{384, 192, 384, 48, 128, 128}, 1388},
}

// Model describes the module on an input of side×side×channels, layer by layer.
func (m Module) Model(side, channels int) arch.Model {
	net := arch.Model{Name: "inception"}
	input := net.Add("", arch.Input{Shape: arch.Shape{side, side, channels}})
	conv := func(name string, kernel, filters int, from arch.Ref) arch.Ref {
		return net.Add(name, arch.Conv{Filters: filters, Kernel: []int{kernel, kernel}, Padding: arch.Same, Activation: "relu"}, from)
	}
	one := conv("1x1", 1, m.F1x1, input)
	three := conv("3x3", 3, m.F3x3, conv("3x3_reduce", 1, m.F3x3Reduce, input))
	five := conv("5x5", 5, m.F5x5, conv("5x5_reduce", 1, m.F5x5Reduce, input))
	pool := net.Add("", arch.Pool{Pooling: arch.Max, Size: []int{3, 3}, Strides: []int{1}, Padding: arch.Same}, input)
	joined := net.Add("", arch.Concatenate{Axis: -1}, one, three, five, conv("pool_proj", 1, m.PoolProj, pool))
	net.Inputs, net.Outputs = []arch.Ref{input}, []arch.Ref{joined}
	return net
}

// ModulesMeasurement is what the built modules turn out to be.
type ModulesMeasurement []BuiltModule

// BuiltModule is what a built module turns out to be, beside the formula.
type BuiltModule struct {
	Name             string
	Height, Channels int
	Module           Module
	Output           []int   // shape that GoMLX reports
	Built            int     // trained values that GoMLX created
	Formula          nn.Cost // by hand
	PublishedK       int     // from the paper, in units of 1,024; 0 when there is none
}

// matches reports whether the built module has the shape and the parameters
// that the arguments say.
func (f BuiltModule) matches() bool {
	want := []int{1, f.Height, f.Height, f.Module.Filters()}
	return f.Built == f.Formula.Parameters && fmt.Sprint(f.Output) == fmt.Sprint(want)
}

// counting is the backend of what is exact and small: shapes, variables, and convolutions
// of a few values. Pure Go has nothing to compile, which on XLA takes most of the time.
func counting() (compute.Backend, error) { return backend.PureGo() }

// buildModules builds the nine modules of GoogLeNet and some of unusual sizes,
// without running them.
func buildModules(context.Context, compute.Backend, struct{}) (ModulesMeasurement, error) {
	var facts ModulesMeasurement
	own, err := counting()
	if err != nil {
		return nil, err
	}
	defer own.Finalize()
	for _, g := range GoogLeNet {
		facts = append(facts, BuiltModule{Name: "GoogLeNet " + g.Name, Height: g.Height, Channels: g.Channels, Module: g.Module, PublishedK: g.PublishedK})
	}
	facts = append(facts,
		BuiltModule{Name: "ones", Height: 1, Channels: 1, Module: Module{1, 1, 1, 1, 1, 1}},
		BuiltModule{Name: "primes", Height: 5, Channels: 3, Module: Module{2, 3, 5, 7, 11, 13}},
		BuiltModule{Name: "wide reduction", Height: 9, Channels: 2, Module: Module{1, 40, 2, 30, 3, 4}})
	for i := range facts {
		if err := facts[i].build(own); err != nil {
			return nil, err
		}
	}
	return facts, nil
}

// build fills in what GoMLX makes of the module.
func (f *BuiltModule) build(backend compute.Backend) error {
	f.Formula = f.Module.Cost(f.Channels, f.Height*f.Height)
	store := model.NewStore()
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, x *Node) *Node {
		m := f.Module
		y := nn.Inception(scope, x, m.F1x1, m.F3x3Reduce, m.F3x3, m.F5x5Reduce, m.F5x5, m.PoolProj)
		f.Output = y.Shape().Dimensions
		// The sum of a corner is enough to run: only the shapes matter here.
		return ReduceAllSum(Slice(y, AxisElem(0), AxisElem(0), AxisElem(0), AxisElem(0)))
	})
	if err != nil {
		return fmt.Errorf("module %s: %w", f.Name, err)
	}
	defer exec.Finalize()
	if _, err := exec.Compile(shapes.Make(dtypes.Float32, 1, f.Height, f.Height, f.Channels)); err != nil {
		return fmt.Errorf("module %s: %w", f.Name, err)
	}
	f.Built = store.NumParameters()
	return nil
}

func judgeModules(built ModulesMeasurement) claim.Finding {
	matching := 0
	for _, f := range built {
		if f.matches() {
			matching++
		}
	}
	evidence := fmt.Sprintf("%d of %d built modules match, GoogLeNet's nine among them", matching, len(built))
	if len(built) > 0 {
		first := built[0]
		evidence += fmt.Sprintf("; %s has %d parameters = %.1fK (paper: %dK).", first.Name, first.Built, float64(first.Built)/1024, first.PublishedK)
	}
	return claim.Finding{Decision: claim.Holds(matching == len(built)), Evidence: evidence, Samples: 1}
}

func modulesRules() []claim.Rule[ModulesMeasurement] {
	return []claim.Rule[ModulesMeasurement]{
		claim.ExactRule("q7a.0", "Q7 (a) structure",
			"A module takes an input and six numbers of filters; four towers read the input side by side and are joined along the channels.",
			"every built module has the shape and the parameters of the formula",
			claim.Supported, judgeModules).From("2026-11-23"),
	}
}

// table shows built modules beside the formula and the paper.
func (built ModulesMeasurement) table() report.Table {
	rows := report.Table{
		ID: "modules", Title: "Inception modules, built and counted",
		Columns: []string{"module", "input", "f1×1, f3×3 reduce, f3×3, f5×5 reduce, f5×5, pool", "output", "parameters (GoMLX)", "formula", "paper"},
	}
	for _, f := range built {
		paper := "–"
		if f.PublishedK > 0 {
			paper = fmt.Sprintf("%dK", f.PublishedK)
		}
		rows.Rows = append(rows.Rows, []string{
			f.Name, fmt.Sprintf("%d×%d×%d", f.Height, f.Height, f.Channels),
			strings.Trim(fmt.Sprint(f.Module.list()), "[]"), fmt.Sprintf("%d×%d×%d", f.Output[1], f.Output[2], f.Output[3]),
			fmt.Sprint(f.Built), fmt.Sprint(f.Formula.Parameters), paper,
		})
	}
	return rows
}

// ModuleFormula is the experiment. It has no knobs: the modules are those of the
// paper and three of unusual sizes.
var ModuleFormula = experiment.Experiment[struct{}, ModulesMeasurement]{
	Name: "Modules", Title: "Inception modules, built and counted",
	Measure: buildModules, Rules: modulesRules(),
	Figures: func(_ struct{}, built ModulesMeasurement) (report.Figures, error) {
		first := GoogLeNet[0]
		diagram, err := first.Module.Model(first.Height, first.Channels).Diagram("module", "GoogLeNet's first module")
		return report.Figures{Diagrams: []report.Diagram{diagram}, Tables: []report.Table{built.table()}}, err
	},
}
