package pointwise

import (
	"fmt"
	"slices"

	"github.com/dustin/go-humanize"
	"github.com/gomlx/compute"

	"evident/kit/arch"
	"evident/kit/claim"
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

// agrees reports whether GoMLX created as many trained values, and outputs of
// the same shape, as the description says: layer by layer.
func (c Counted) agrees() bool {
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

// multiplyAdds is the number of multiplications by a weight for one picture.
func (c Counted) multiplyAdds() int { return c.Summary.FLOPs() / 2 }

// output is the shape of the last layer.
func (c Counted) output() arch.Shape {
	last := c.Summary.Rows[len(c.Summary.Rows)-1]
	return last.Outputs[0]
}

// conv is a square convolution that keeps the size of the picture.
func conv(filters, kernel int, activation string) arch.Conv {
	return arch.Conv{Filters: filters, Kernel: []int{kernel, kernel}, Padding: arch.Same, Activation: activation}
}

// exact is the finding of a check that needs one run.
func exact(holds bool, format string, args ...any) claim.Finding {
	return claim.Finding{Decision: claim.Holds(holds), Evidence: fmt.Sprintf(format, args...), Samples: 1}
}

func comma(n int) string { return humanize.Comma(int64(n)) }
