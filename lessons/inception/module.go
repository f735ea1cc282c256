package inception

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"evident/kit/arch"
	"evident/kit/nn"
	"evident/kit/probe"
	"evident/kit/report"
)

// Cost is what the module takes at a number of pixels, for one picture: six
// convolutions, with the reductions in front of the 3×3 and the 5×5.
func (m Module) Cost(inputs, pixels int) nn.Cost {
	return nn.Conv2DCost(1, inputs, m.F1x1, pixels).
		Plus(nn.Conv2DCost(1, inputs, m.F3x3Reduce, pixels)).
		Plus(nn.Conv2DCost(3, m.F3x3Reduce, m.F3x3, pixels)).
		Plus(nn.Conv2DCost(1, inputs, m.F5x5Reduce, pixels)).
		Plus(nn.Conv2DCost(5, m.F5x5Reduce, m.F5x5, pixels)).
		Plus(nn.Conv2DCost(1, inputs, m.PoolProj, pixels))
}

// NaiveCost is the same without the reductions.
func (m Module) NaiveCost(inputs, pixels int) nn.Cost {
	return nn.Conv2DCost(1, inputs, m.F1x1, pixels).
		Plus(nn.Conv2DCost(3, inputs, m.F3x3, pixels)).
		Plus(nn.Conv2DCost(5, inputs, m.F5x5, pixels)).
		Plus(nn.Conv2DCost(1, inputs, m.PoolProj, pixels))
}

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

// ModuleFacts are what a built module turns out to be, beside the formula.
type ModuleFacts struct {
	Name             string
	Height, Channels int
	Module           Module
	Output           []int   // shape that GoMLX reports
	Built            int     // trained values that GoMLX created
	Formula          nn.Cost // by hand
	PublishedK       int     // from the paper, in units of 1,024; 0 when there is none
}

// Matches reports whether the built module has the shape and the parameters
// that the arguments say.
func (f ModuleFacts) Matches() bool {
	want := []int{1, f.Height, f.Height, f.Module.Filters()}
	return f.Built == f.Formula.Parameters && fmt.Sprint(f.Output) == fmt.Sprint(want)
}

// BuildModules builds the nine modules of GoogLeNet and some of unusual sizes,
// without running them.
func BuildModules(backend compute.Backend) ([]ModuleFacts, error) {
	var facts []ModuleFacts
	for _, g := range GoogLeNet {
		facts = append(facts, ModuleFacts{Name: "GoogLeNet " + g.Name, Height: g.Height, Channels: g.Channels, Module: g.Module, PublishedK: g.PublishedK})
	}
	facts = append(facts,
		ModuleFacts{Name: "ones", Height: 1, Channels: 1, Module: Module{1, 1, 1, 1, 1, 1}},
		ModuleFacts{Name: "primes", Height: 5, Channels: 3, Module: Module{2, 3, 5, 7, 11, 13}},
		ModuleFacts{Name: "wide reduction", Height: 9, Channels: 2, Module: Module{1, 40, 2, 30, 3, 4}})
	for i := range facts {
		if err := facts[i].build(backend); err != nil {
			return nil, err
		}
	}
	return facts, nil
}

// build fills in what GoMLX makes of the module.
func (f *ModuleFacts) build(backend compute.Backend) error {
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

// towerNames are the parts of a module, in the order of its output channels.
var towerNames = []string{"1×1", "1×1 → 3×3", "1×1 → 5×5", "3×3 pool → 1×1"}

// ReceptiveFields measures, for each of the four towers, the side of the
// square of input pixels that one output depends on.
func ReceptiveFields(backend compute.Backend) ([]int, error) {
	const side = 9 // wider than any tower sees
	probes := make([]probe.Probe, len(towerNames))
	for tower := range probes {
		probes[tower] = probe.Probe{Input: arch.Shape{side, side, 1}, Graph: func(scope *model.Scope, x *Node) *Node {
			module := nn.Inception(scope, x, 1, 1, 1, 1, 1, 1) // one channel a tower
			return SliceAxis(module, -1, AxisElem(tower))
		}}
	}
	influences, err := probe.Measure(backend, probes...)
	if err != nil {
		return nil, err
	}
	fields := make([]int, len(probes))
	for tower, influence := range influences {
		fields[tower] = influence.ReceptiveField(side/2, side/2).Size(1)
	}
	return fields, nil
}

// ModuleTable shows built modules beside the formula and the paper.
func ModuleTable(facts []ModuleFacts) report.Table {
	table := report.Table{
		ID: "modules", Title: "Inception modules, built and counted",
		Columns: []string{"module", "input", "f1×1, f3×3 reduce, f3×3, f5×5 reduce, f5×5, pool", "output", "parameters (GoMLX)", "formula", "paper"},
	}
	for _, f := range facts {
		paper := "–"
		if f.PublishedK > 0 {
			paper = fmt.Sprintf("%dK", f.PublishedK)
		}
		table.Rows = append(table.Rows, []string{
			f.Name, fmt.Sprintf("%d×%d×%d", f.Height, f.Height, f.Channels),
			strings.Trim(fmt.Sprint(f.Module.list()), "[]"), fmt.Sprintf("%d×%d×%d", f.Output[1], f.Output[2], f.Output[3]),
			fmt.Sprint(f.Built), fmt.Sprint(f.Formula.Parameters), paper,
		})
	}
	return table
}
