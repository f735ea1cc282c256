package pointwise

import (
	"context"
	"fmt"
	"strings"

	"github.com/gomlx/compute"

	"evident/kit/arch"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
)

// PublishedBlock is a published block, built and counted.
type PublishedBlock struct {
	Counted
	Net, Paper string
	Published  int // parameters by the paper, in its unit
	Unit       int // 1, or 1,024 for "K"
	// Pointwise is the number of its 1×1 convolutions, and Parameters1x1 what
	// they hold.
	Pointwise, Parameters1x1 int
	Plain                    arch.Summary // a 3×3 convolution between the same numbers of channels
}

// matches reports whether the block is built as described, and has the
// parameters that the paper gives, as far as its digits go.
func (f PublishedBlock) matches() bool {
	return f.agrees() && f.Summary.Total()/f.Unit == f.Published
}

// BlocksMeasurement holds the published blocks, and what tells Fire from
// squeeze-and-excitation.
type BlocksMeasurement struct {
	Blocks []PublishedBlock
	Gate   Counted // squeeze-and-excitation on 256 channels
	// What SENet adds to ResNet-50: one block for each of its bottlenecks.
	AddedToResNet50 int

	FireSupport, GateSupport Support
}

// inception3a is the first module of GoogLeNet (Szegedy et al. 2015, figure 2b
// and table 1): 159K parameters in units of 1,024, and 128 million
// multiply-adds.
func inception3a() arch.Model {
	m := arch.Model{Name: "inception 3a"}
	x := m.Add("", arch.Input{Shape: arch.Shape{28, 28, 192}})
	one := m.Add("1x1", conv(64, 1, "relu"), x)
	three := m.Add("3x3", conv(128, 3, "relu"), m.Add("3x3_reduce", conv(96, 1, "relu"), x))
	five := m.Add("5x5", conv(32, 5, "relu"), m.Add("5x5_reduce", conv(16, 1, "relu"), x))
	pool := m.Add("pool", arch.Pool{Pooling: arch.Max, Size: []int{3, 3}, Strides: []int{1}, Padding: arch.Same}, x)
	m.Add("concat", arch.Concatenate{Axis: -1}, one, three, five, m.Add("pool_proj", conv(32, 1, "relu"), pool))
	return m
}

// bottleneck is the block of ResNet-50 on 256 channels (He et al. 2016, figure
// 5 right): 1×1 down to 64, 3×3, 1×1 up to 256, and the input added. The
// convolutions have no biases; the batch normalisation behind each of them,
// which the paper does not count either, is left out.
func bottleneck() arch.Model {
	m := arch.Model{Name: "bottleneck"}
	x := m.Add("", arch.Input{Shape: arch.Shape{56, 56, 256}})
	down := m.Add("reduce", unbiased(64, 1, "relu"), x)
	middle := m.Add("3x3", unbiased(64, 3, "relu"), down)
	up := m.Add("restore", unbiased(256, 1, ""), middle)
	m.Add("", arch.Activation{Function: "relu"}, m.Add("add", arch.Merge{Operation: "Add"}, x, up))
	return m
}

func unbiased(filters, kernel int, activation string) arch.Conv {
	c := conv(filters, kernel, activation)
	c.NoBias = true
	return c
}

// Fire is a module of SqueezeNet (Iandola et al. 2016, section 3.2): a 1×1
// layer squeezes the channels, then 1×1 and 3×3 filters side by side expand
// them.
func Fire(side, channels, squeeze, expand1x1, expand3x3 int) arch.Model {
	m := arch.Model{Name: "fire"}
	x := m.Add("", arch.Input{Shape: arch.Shape{side, side, channels}})
	squeezed := m.Add("squeeze", conv(squeeze, 1, "relu"), x)
	one := m.Add("expand1x1", conv(expand1x1, 1, "relu"), squeezed)
	three := m.Add("expand3x3", conv(expand3x3, 3, "relu"), squeezed)
	m.Add("concat", arch.Concatenate{Axis: -1}, one, three)
	return m
}

// fire2 is the first of them, on 55×55×96: 11,920 parameters (table 1).
func fire2() arch.Model {
	m := Fire(55, 96, 16, 64, 64)
	m.Name = "fire2"
	return m
}

// squeezeExcitation is the block of SENet (Hu et al. 2018, section 3, figures 2
// and 3): the mean of every map, two dense layers, and a factor from 0 to 1 for
// every map. Without biases it has 2·channels²/reduction parameters (section
// 4).
func squeezeExcitation(side, channels, reduction int) arch.Model {
	m := arch.Model{Name: "squeeze-and-excitation"}
	x := m.Add("", arch.Input{Shape: arch.Shape{side, side, channels}})
	mean := m.Add("squeeze", arch.GlobalPool{Pooling: arch.Average, Axes: 2, KeepAxes: true}, x)
	hidden := m.Add("reduce", arch.Dense{Units: channels / reduction, NoBias: true, Activation: "relu"}, mean)
	gate := m.Add("excite", arch.Dense{Units: channels, NoBias: true, Activation: "sigmoid"}, hidden)
	m.Add("scale", arch.Merge{Operation: "Multiply"}, x, gate)
	return m
}

// measureBlocks builds and counts the blocks.
func measureBlocks(_ context.Context, backend compute.Backend, _ struct{}) (facts BlocksMeasurement, err error) {
	facts.Blocks = []PublishedBlock{
		{Counted: Counted{Model: inception3a()}, Net: "GoogLeNet", Paper: "Szegedy et al. 2015, table 1", Published: 159, Unit: 1024},
		// The paper draws the block and does not count it: 256·64 + 9·64·64 + 64·256.
		{Counted: Counted{Model: bottleneck()}, Net: "ResNet-50", Paper: "He et al. 2016, figure 5, counted by hand", Published: 69_632, Unit: 1},
		{Counted: Counted{Model: fire2()}, Net: "SqueezeNet", Paper: "Iandola et al. 2016, table 1", Published: 11_920, Unit: 1},
	}
	for i := range facts.Blocks {
		if err := facts.Blocks[i].measure(backend); err != nil {
			return facts, err
		}
	}
	if facts.Gate, err = count(backend, squeezeExcitation(56, 256, 16)); err != nil {
		return facts, err
	}
	if facts.AddedToResNet50, err = addedToResNet50(); err != nil {
		return facts, err
	}
	supports, err := measureSupports(backend, Fire(7, 8, 2, 4, 4), squeezeExcitation(7, 8, 4))
	if err != nil {
		return facts, err
	}
	facts.FireSupport, facts.GateSupport = supports[0], supports[1]
	return facts, nil
}

func (f *PublishedBlock) measure(backend compute.Backend) error {
	var err error
	if f.Counted, err = count(backend, f.Model); err != nil {
		return err
	}
	for i, node := range f.Model.Nodes {
		if c, ok := node.Layer.(arch.Conv); ok && c.Kernel[0] == 1 {
			f.Pointwise++
			f.Parameters1x1 += f.Summary.Rows[i].Parameters
		}
	}
	input := f.Summary.Rows[0].Outputs[0]
	f.Plain, err = arch.Sequential("plain", arch.Input{Shape: input}, conv(f.output().Channels(), 3, "relu")).Summarize()
	return err
}

// addedToResNet50 is the number of parameters of the squeeze-and-excitation
// blocks of SE-ResNet-50: [3, 4, 6, 3] of them on 256, 512, 1,024 and 2,048
// channels. The paper says about 2.5 million (Hu et al. 2018, section 4).
func addedToResNet50() (int, error) {
	total := 0
	for _, stage := range []struct{ blocks, channels int }{{3, 256}, {4, 512}, {6, 1024}, {3, 2048}} {
		s, err := squeezeExcitation(7, stage.channels, 16).Summarize()
		if err != nil {
			return 0, err
		}
		total += stage.blocks * s.Total()
	}
	return total, nil
}

func judgeBlocks(m BlocksMeasurement) claim.Finding {
	holds := len(m.Blocks) > 0
	var texts []string
	for _, b := range m.Blocks {
		cheaper := b.Summary.Total() < b.Plain.Total() && b.Summary.FLOPs() < b.Plain.FLOPs()
		holds = holds && b.matches() && b.Pointwise > 0 && cheaper
		texts = append(texts, fmt.Sprintf("%s's %s has %s parameters, %.0f %% of them in %d 1×1 convolutions, and takes 1/%.1f of the multiply-adds of a 3×3 convolution",
			b.Net, b.Model.Name, comma(b.Summary.Total()), 100*float64(b.Parameters1x1)/float64(b.Summary.Total()), b.Pointwise, float64(b.Plain.FLOPs())/float64(b.Summary.FLOPs())))
	}
	return exact(holds, "%s.", strings.Join(texts, "; "))
}

func judgeFire(b BlocksMeasurement) claim.Finding {
	fire, all := b.FireSupport.across()
	gate, _ := b.GateSupport.across()
	finding := exact(fire == all,
		"SqueezeNet's module is the Fire module: an output depends on %d×%d pixels, and fire2 has the 11,920 parameters of the paper. Squeeze-and-excitation is SENet's (Hu et al. 2018): an output depends on all %d×%d pixels of the picture; on 256 channels it has 2·256²/16 = %s parameters, and adds %.2f million to ResNet-50.",
		b.FireSupport.field(), b.FireSupport.field(), b.GateSupport.field(), b.GateSupport.field(), comma(b.Gate.Summary.Total()), float64(b.AddedToResNet50)/1e6)
	if gate != all { // then the block is not what the claim is about
		finding.Decision = claim.Open()
	}
	return finding
}

func blocksRules() []claim.Rule[BlocksMeasurement] {
	return []claim.Rule[BlocksMeasurement]{
		claim.ExactRule("q6d.1", "Q6 (d)",
			"GoogLeNet, ResNet and SqueezeNet use 1×1 convolutions.",
			"each published block, built, has the parameters of its paper, has 1×1 convolutions, and takes fewer parameters and multiply-adds than a 3×3 convolution between the same numbers of channels",
			claim.Supported, judgeBlocks).From(made),
		claim.ExactRule("q6d.2", "Q6 (d)",
			"SqueezeNet uses a squeeze-and-excitation block.",
			"supported if each output of SqueezeNet's module depends on all pixels, as each of a squeeze-and-excitation block does",
			claim.Refuted, judgeFire).From(made),
	}
}

// table lists the published blocks.
func (f BlocksMeasurement) table() report.Table {
	table := report.Table{
		ID: "blocks", Title: "Published blocks, built and counted",
		Columns: []string{"net", "block", "input", "output", "parameters (GoMLX)", "paper", "in 1×1", "multiply-adds", "plain 3×3: parameters", "multiply-adds"},
	}
	for _, b := range f.Blocks {
		published := comma(b.Published)
		if b.Unit == 1024 {
			published += "K"
		}
		table.Rows = append(table.Rows, []string{
			b.Net, b.Model.Name, b.Summary.Rows[0].Outputs[0].Times(), b.output().Times(), comma(b.Built.Total()), published + ": " + b.Paper,
			fmt.Sprintf("%.0f %%", 100*float64(b.Parameters1x1)/float64(b.Summary.Total())), comma(b.multiplyAdds()), comma(b.Plain.Total()), comma(b.Plain.FLOPs() / 2),
		})
	}
	g := f.Gate
	table.Rows = append(table.Rows, []string{
		"SENet", g.Model.Name, g.Summary.Rows[0].Outputs[0].Times(), g.output().Times(), comma(g.Built.Total()), "2C²/r: Hu et al. 2018, section 4", "–", comma(g.multiplyAdds()), "–", "–",
	})
	return table
}

// blockDiagrams are drawn from the models that are built and counted.
func blockDiagrams() ([]report.Diagram, error) {
	var diagrams []report.Diagram
	for _, d := range []struct {
		id, title string
		model     arch.Model
	}{
		{"inception3a", "GoogLeNet: inception module 3a", inception3a()},
		{"bottleneck", "ResNet-50: bottleneck block on 256 channels", bottleneck()},
		{"fire2", "SqueezeNet: fire2", fire2()},
		{"senet", "SENet: squeeze-and-excitation on 256 channels", squeezeExcitation(56, 256, 16)},
	} {
		diagram, err := d.model.Diagram(d.id, d.title)
		if err != nil {
			return nil, err
		}
		diagrams = append(diagrams, diagram)
	}
	return diagrams, nil
}

// PublishedBlocks is the experiment.
var PublishedBlocks = experiment.Experiment[struct{}, BlocksMeasurement]{
	Name: "Blocks", Title: "Blocks of well-known nets, built and counted",
	Measure: measureBlocks, PureGo: true, Rules: blocksRules(),
	Figures: func(_ struct{}, f BlocksMeasurement) (report.Figures, error) {
		diagrams, err := blockDiagrams()
		return report.Figures{Tables: []report.Table{f.table()}, Diagrams: diagrams}, err
	},
}
