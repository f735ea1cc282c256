package pointwise

import (
	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"evident/kit/arch"
	"evident/kit/probe"
)

// Support says which values of a net's input act on which of its output. Both are
// [height, width, channels].
type Support struct {
	Name string
	probe.Influence
}

// measureSupports raises every value of each net's input, one after the other.
func measureSupports(backend compute.Backend, nets ...arch.Model) ([]Support, error) {
	probes := make([]probe.Probe, len(nets))
	for i, m := range nets {
		summary, err := m.Summarize()
		if err != nil {
			return nil, err
		}
		probes[i] = probe.Probe{
			Input: summary.Rows[0].Outputs[0],
			Graph: func(scope *model.Scope, x *Node) *Node { return m.Graph(scope, x)[0] },
		}
	}
	influences, err := probe.Measure(backend, probes...)
	supports := make([]Support, len(influences))
	for i, influence := range influences {
		supports[i] = Support{nets[i].Name, influence}
	}
	return supports, err
}

// pairs counts the pairs of an input channel and an output channel, and those
// that act on each other at every pixel.
func (s Support) pairs() (acting, all int) {
	in, out := s.Input.Channels(), s.Output.Channels()
	for a := range in {
		for b := range out {
			if s.actsEverywhere(a, b) {
				acting++
			}
		}
	}
	return acting, in * out
}

func (s Support) actsEverywhere(in, out int) bool {
	for pixel := range s.Input.Spatial().Size() {
		if !s.Acts[pixel*s.Input.Channels()+in][pixel*s.Output.Channels()+out] {
			return false
		}
	}
	return true
}

// across counts the pairs of an input and an output at two pixels that are not
// the same, and those of them that act.
func (s Support) across() (acting, all int) {
	for i, outputs := range s.Acts {
		for j, acts := range outputs {
			if i/s.Input.Channels() == j/s.Output.Channels() {
				continue
			}
			all++
			if acts {
				acting++
			}
		}
	}
	return acting, all
}

// field is the height of the box of pixels that act on the pixel in the middle
// of the output.
func (s Support) field() int { return s.ReceptiveField(s.Output[0]/2, s.Output[1]/2).Size(0) }
