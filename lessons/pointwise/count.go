package pointwise

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"evident/kit/arch"
)

// Counted is a net with what was derived from its description, and what GoMLX
// made of it.
type Counted struct {
	Model   arch.Model
	Summary arch.Summary
	Built   arch.Built
}

func count(backend compute.Backend, m arch.Model) (Counted, error) {
	c := Counted{Model: m}
	var err error
	if c.Summary, err = m.Summarize(); err != nil {
		return c, err
	}
	c.Built, err = m.Build(backend)
	return c, err
}

// Agrees reports whether GoMLX created as many trained values, and outputs of
// the same shape, as the description says: layer by layer.
func (c Counted) Agrees() bool {
	if len(c.Built.Parameters) != len(c.Summary.Rows) {
		return false
	}
	for i, row := range c.Summary.Rows {
		if row.Trainable != c.Built.Parameters[i] || !slices.Equal(row.Outputs[0], c.Built.Outputs[i]) {
			return false
		}
	}
	return true
}

// MultiplyAdds is the number of multiplications by a weight for one picture.
func (c Counted) MultiplyAdds() int { return c.Summary.FLOPs() / 2 }

// Output is the shape of the last layer.
func (c Counted) Output() arch.Shape {
	last := c.Summary.Rows[len(c.Summary.Rows)-1]
	return last.Outputs[0]
}

// conv is a square convolution that keeps the size of the picture.
func conv(filters, kernel int, activation string) arch.Conv {
	return arch.Conv{Filters: filters, Kernel: []int{kernel, kernel}, Padding: arch.Same, Activation: activation}
}

// ReductionFacts are the costs of a 3×3 convolution from 256 to 256 channels on
// 28×28 pixels, alone and behind a 1×1 convolution.
type ReductionFacts struct {
	Alone, Behind Counted
	// Filters are all numbers of 1×1 filters from 1 to the channels, with the
	// multiply-adds of the pair.
	Filters, MultiplyAdds []int
}

// The sizes of the sheet's example: 256 channels become 64.
const (
	reductionSide     = 28
	reductionChannels = 256
	reducedTo         = 64
)

// reduced is the 3×3 convolution behind so many 1×1 filters; alone with 0.
func reduced(filters int) arch.Model {
	input := arch.Input{Shape: arch.Shape{reductionSide, reductionSide, reductionChannels}}
	if filters == 0 {
		return arch.Sequential("3×3 alone", input, conv(reductionChannels, 3, "relu"))
	}
	return arch.Sequential("1×1 in front", input, conv(filters, 1, "relu"), conv(reductionChannels, 3, "relu"))
}

// MeasureReduction builds and counts both, and derives the cost for every
// number of 1×1 filters.
func MeasureReduction(backend compute.Backend) (facts ReductionFacts, err error) {
	if facts.Alone, err = count(backend, reduced(0)); err != nil {
		return facts, err
	}
	if facts.Behind, err = count(backend, reduced(reducedTo)); err != nil {
		return facts, err
	}
	for filters := 1; filters <= reductionChannels; filters++ {
		s, err := reduced(filters).Summarize()
		if err != nil {
			return facts, err
		}
		facts.Filters, facts.MultiplyAdds = append(facts.Filters, filters), append(facts.MultiplyAdds, s.FLOPs()/2)
	}
	return facts, nil
}

// BreakEven is the number of 1×1 filters k at which the pair costs as much as
// the 3×3 convolution alone, from C to F channels: C·k + 9·k·F = 9·C·F.
func BreakEven(channels, filters int) float64 {
	c, f := float64(channels), float64(filters)
	return 9 * c * f / (c + 9*f)
}

// PrintedFacts are the sheet's net as it prints it, the same with global
// pooling, and the shapes of many 1×1 convolutions.
type PrintedFacts struct {
	Net, Pooled Counted
	Channels    []ChannelFact
}

// ChannelFact is what GoMLX made of a 1×1 convolution.
type ChannelFact struct {
	In, Filters     int
	Out, Parameters int
}

// SheetNet is the net that the sheet prints.
func SheetNet() arch.Model {
	return arch.Sequential("sequential_1",
		arch.Input{Shape: arch.Shape{256, 256, 3}}, conv(8, 1, "relu"), conv(16, 1, "relu"),
		arch.Flatten{}, arch.Dense{Units: 2, Activation: "sigmoid"})
}

// PooledNet is the sheet's net with the mean of every map in the place of all
// its pixels.
func PooledNet() arch.Model {
	return arch.Sequential("pooled",
		arch.Input{Shape: arch.Shape{256, 256, 3}}, conv(8, 1, "relu"), conv(16, 1, "relu"),
		arch.GlobalPool{Pooling: arch.Average, Axes: 2}, arch.Dense{Units: 2, Activation: "sigmoid"})
}

// MeasurePrinted builds and counts them.
func MeasurePrinted(backend compute.Backend) (facts PrintedFacts, err error) {
	if facts.Net, err = count(backend, SheetNet()); err != nil {
		return facts, err
	}
	if facts.Pooled, err = count(backend, PooledNet()); err != nil {
		return facts, err
	}
	for _, in := range []int{1, 3, 8} {
		for _, filters := range []int{1, 3, 16} {
			m := arch.Sequential(fmt.Sprintf("%d→%d", in, filters), arch.Input{Shape: arch.Shape{4, 4, in}}, conv(filters, 1, ""))
			built, err := m.Build(backend)
			if err != nil {
				return facts, err
			}
			facts.Channels = append(facts.Channels, ChannelFact{In: in, Filters: filters, Out: built.Outputs[1].Channels(), Parameters: built.Total()})
		}
	}
	return facts, nil
}

// DenseShare is the part of the printed net's parameters in its last layer.
func (f PrintedFacts) DenseShare() float64 {
	rows := f.Net.Summary.Rows
	return float64(rows[len(rows)-1].Parameters) / float64(f.Net.Summary.Total())
}
