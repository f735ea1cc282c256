package pointwise

import (
	"github.com/gomlx/compute"

	"evident/kit/arch"
)

// Inception3a is the first module of GoogLeNet (Szegedy et al. 2015, figure 2b
// and table 1): 159K parameters in units of 1,024, and 128 million
// multiply-adds.
func Inception3a() arch.Model {
	m := arch.Model{Name: "inception 3a"}
	x := m.Add("", arch.Input{Shape: arch.Shape{28, 28, 192}})
	one := m.Add("1x1", conv(64, 1, "relu"), x)
	three := m.Add("3x3", conv(128, 3, "relu"), m.Add("3x3_reduce", conv(96, 1, "relu"), x))
	five := m.Add("5x5", conv(32, 5, "relu"), m.Add("5x5_reduce", conv(16, 1, "relu"), x))
	pool := m.Add("pool", arch.Pool{Pooling: arch.Max, Size: []int{3, 3}, Strides: []int{1}, Padding: arch.Same}, x)
	m.Add("concat", arch.Concatenate{Axis: -1}, one, three, five, m.Add("pool_proj", conv(32, 1, "relu"), pool))
	return m
}

// Bottleneck is the block of ResNet-50 on 256 channels (He et al. 2016, figure
// 5 right): 1×1 down to 64, 3×3, 1×1 up to 256, and the input added. The
// convolutions have no biases; the batch normalisation behind each of them,
// which the paper does not count either, is left out.
func Bottleneck() arch.Model {
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

// Fire2 is the first of them, on 55×55×96: 11,920 parameters (table 1).
func Fire2() arch.Model {
	m := Fire(55, 96, 16, 64, 64)
	m.Name = "fire2"
	return m
}

// SqueezeExcitation is the block of SENet (Hu et al. 2018, section 3, figures 2
// and 3): the mean of every map, two dense layers, and a factor from 0 to 1 for
// every map. Without biases it has 2·channels²/reduction parameters (section
// 4).
func SqueezeExcitation(side, channels, reduction int) arch.Model {
	m := arch.Model{Name: "squeeze-and-excitation"}
	x := m.Add("", arch.Input{Shape: arch.Shape{side, side, channels}})
	mean := m.Add("squeeze", arch.GlobalPool{Pooling: arch.Average, Axes: 2, KeepAxes: true}, x)
	hidden := m.Add("reduce", arch.Dense{Units: channels / reduction, NoBias: true, Activation: "relu"}, mean)
	gate := m.Add("excite", arch.Dense{Units: channels, NoBias: true, Activation: "sigmoid"}, hidden)
	m.Add("scale", arch.Merge{Operation: "Multiply"}, x, gate)
	return m
}

// BlockFact is a published block, built and counted.
type BlockFact struct {
	Counted
	Net, Paper string
	Published  int // parameters by the paper, in its unit
	Unit       int // 1, or 1,024 for "K"
	// Pointwise is the number of its 1×1 convolutions, and Parameters1x1 what
	// they hold.
	Pointwise, Parameters1x1 int
	Plain                    arch.Summary // a 3×3 convolution between the same numbers of channels
}

// Matches reports whether the block is built as described, and has the
// parameters that the paper gives, as far as its digits go.
func (f BlockFact) Matches() bool {
	return f.Agrees() && f.Summary.Total()/f.Unit == f.Published
}

// BlockFacts are the published blocks, and what tells Fire from
// squeeze-and-excitation.
type BlockFacts struct {
	Blocks []BlockFact
	Gate   Counted // squeeze-and-excitation on 256 channels
	// What SENet adds to ResNet-50: one block for each of its bottlenecks.
	AddedToResNet50 int

	FireSupport, GateSupport Support
}

// MeasureBlocks builds and counts the blocks.
func MeasureBlocks(backend compute.Backend) (facts BlockFacts, err error) {
	facts.Blocks = []BlockFact{
		{Counted: Counted{Model: Inception3a()}, Net: "GoogLeNet", Paper: "Szegedy et al. 2015, table 1", Published: 159, Unit: 1024},
		// The paper draws the block and does not count it: 256·64 + 9·64·64 + 64·256.
		{Counted: Counted{Model: Bottleneck()}, Net: "ResNet-50", Paper: "He et al. 2016, figure 5, counted by hand", Published: 69_632, Unit: 1},
		{Counted: Counted{Model: Fire2()}, Net: "SqueezeNet", Paper: "Iandola et al. 2016, table 1", Published: 11_920, Unit: 1},
	}
	for i := range facts.Blocks {
		if err := facts.Blocks[i].measure(backend); err != nil {
			return facts, err
		}
	}
	if facts.Gate, err = count(backend, SqueezeExcitation(56, 256, 16)); err != nil {
		return facts, err
	}
	if facts.AddedToResNet50, err = addedToResNet50(); err != nil {
		return facts, err
	}
	if facts.FireSupport, err = MeasureSupport(backend, Fire(7, 8, 2, 4, 4)); err != nil {
		return facts, err
	}
	facts.GateSupport, err = MeasureSupport(backend, SqueezeExcitation(7, 8, 4))
	return facts, err
}

func (f *BlockFact) measure(backend compute.Backend) error {
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
	f.Plain, err = arch.Sequential("plain", arch.Input{Shape: input}, conv(f.Output().Channels(), 3, "relu")).Summarize()
	return err
}

// addedToResNet50 is the number of parameters of the squeeze-and-excitation
// blocks of SE-ResNet-50: [3, 4, 6, 3] of them on 256, 512, 1,024 and 2,048
// channels. The paper says about 2.5 million (Hu et al. 2018, section 4).
func addedToResNet50() (int, error) {
	total := 0
	for _, stage := range []struct{ blocks, channels int }{{3, 256}, {4, 512}, {6, 1024}, {3, 2048}} {
		s, err := SqueezeExcitation(7, stage.channels, 16).Summarize()
		if err != nil {
			return 0, err
		}
		total += stage.blocks * s.Total()
	}
	return total, nil
}
