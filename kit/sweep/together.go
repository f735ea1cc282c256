package sweep

import (
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"

	"evident/kit/nn"
)

// Together combines several optimizers into one. It splits the replicas, in
// order, into equal groups and moves each group by its own optimizer. A
// comparison of optimizers is then one program, which is compiled once.
func Together(optimizers ...nn.Optimizer) nn.Optimizer {
	joint := nn.Optimizer{}
	names := make([]string, len(optimizers))
	for i, o := range optimizers {
		names[i], joint.Slots = o.Name, max(joint.Slots, o.Slots)
	}
	joint.Name = strings.Join(names, " + ")
	joint.Direction = func(gradient *Node, slots []*Node, step *Node) (*Node, []*Node) {
		share := gradient.Shape().Dim(0) / len(optimizers)
		if share*len(optimizers) != gradient.Shape().Dim(0) {
			exceptions.Panicf("%d replicas cannot be shared equally among %d optimizers", gradient.Shape().Dim(0), len(optimizers))
		}
		directions, next := make([]*Node, len(optimizers)), make([][]*Node, len(slots))
		for i, o := range optimizers {
			of := func(x *Node) *Node { return Slice(x, AxisRange(i*share, (i+1)*share)) }
			own := make([]*Node, len(slots))
			for j := range slots {
				own[j] = of(slots[j])
			}
			direction, after := o.Direction(of(gradient), own[:o.Slots], step)
			if len(after) != o.Slots {
				exceptions.Panicf("optimizer %q returns %d slots: it has %d", o.Name, len(after), o.Slots)
			}
			directions[i] = direction
			for j := range slots {
				if j < o.Slots {
					own[j] = after[j]
				}
				next[j] = append(next[j], own[j])
			}
		}
		joined := make([]*Node, len(slots))
		for j := range joined {
			joined[j] = Concatenate(next[j], 0)
		}
		return Concatenate(directions, 0), joined
	}
	return joint
}
