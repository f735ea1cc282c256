package nn

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"

	"evident/internal/badinput"
)

// Program is the text of the graph that a function builds. Functions with the same text compute the same, whatever
// their closures hold. The error is that of the function, or says that the text would leave a large constant out.
func Program(backend compute.Backend, build func(g *Graph) []*Node) (text string, err error) {
	failed := exceptions.TryCatch[error](func() {
		g := NewGraph(backend, "program")
		defer g.Finalize()
		outputs := build(g)
		isLarge := func(n *Node) bool { return n.Type() == NodeTypeConstant && n.ConstantValue() == nil }
		if slices.ContainsFunc(g.Nodes(), isLarge) {
			err = errors.New("a large constant is not in the text of its graph")
			return
		}
		_, nodes, _ := strings.Cut(g.String(), "\n") // the first line has a number that counts up
		ids := make([]int, len(outputs))
		for i, output := range outputs {
			ids[i] = int(output.Id())
		}
		text = fmt.Sprint(nodes, ids)
	})
	if failed != nil {
		return "", errors.New(badinput.FirstLine(failed))
	}
	return text, err
}

// Program is the text of the optimizer's arithmetic, see [Program].
func (o Optimizer) Program(backend compute.Backend) (string, error) {
	return Program(backend, func(g *Graph) []*Node {
		like := shapes.Make(dtypes.Float32, 2, 3)
		slots := make([]*Node, o.Slots)
		for i := range slots {
			slots[i] = Parameter(g, fmt.Sprintf("slot%d", i), like)
		}
		direction, next := o.Direction(Parameter(g, "gradient", like), slots, Parameter(g, "step", shapes.Make(dtypes.Float32)))
		return append([]*Node{direction}, next...)
	})
}
