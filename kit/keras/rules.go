package keras

import (
	"encoding/json"
	"math"
	"slices"
	"strings"

	"evident/kit/arch"
)

// reductions lists the operations that reduce some axes to one value.
var reductions = strings.Fields(`mean average sum max min prod any all std var ptp argmax argmin median amax amin countnonzero logsumexp norm trapezoid
	nanargmax nanargmin nanmax nanmean nanmedian nanmin nanprod nanstd nansum nanvar`)

// derivations maps operations to functions that derive the outputs from the operands
// and arguments. It excludes elementwise operations. All shapes include the batch.
var derivations = map[string]func(*arguments, []arch.Shape) []arch.Shape{
	"quantile": quantiles, "percentile": quantiles, "nanquantile": quantiles, "nanpercentile": quantiles, "moments": moments,
	"split": split, "arraysplit": split, "vsplit": splitAlong(0), "hsplit": splitAlong(1), "dsplit": splitAlong(2),
	"stack": stacked, "unstack": unstacked, "concatenate": concatenated, "append": concatenated,
	"vstack": concatenatedAlong(0), "hstack": concatenatedAlong(1), "dstack": concatenatedAlong(2),
	"expanddims": expanded, "squeeze": squeezed, "reshape": reshaped, "ravel": flattened, "transpose": transposedAxes,
	"swapaxes": swapped, "moveaxis": movedAxes, "rot90": rotated, "broadcastto": given("shape"), "slice": given("shape"),
	"tile": tiled, "repeat": repeated, "pad": padded, "diff": differences, "glu": halved, "onehot": oneHot, "multihot": multiHot,
	"cumsum": along, "cumprod": along, "nancumsum": along, "nancumprod": along,
	"take": taken, "takealongaxis": takenAlong, "topk": topK, "meshgrid": meshgrid, "linspace": linspace,
	"matmul": multiplied, "dot": dotted, "inner": inner, "outer": outer, "tensordot": tensordot, "einsum": einsummed, "cross": crossed,
	"diagonal": diagonal, "trace": trace, "det": withoutLast(2), "logdet": withoutLast(2), "matrixrank": withoutLast(2),
	"size": number, "ndim": number, "vdot": number,
	"categoricalcrossentropy": withoutLast(1), "sparsecategoricalcrossentropy": first, "intopk": first,
	"layernorm": first, "rmsnorm": first, "batchnorm": first, "dotproductattention": first, "fulllike": first, "digitize": first, "isin": first,
	"affinetransform": first, "perspectivetransform": first, "elastictransform": first,
	"inv": first, "cholesky": first, "choleskyinverse": first, "searchsorted": second, "solve": second, "solvetriangular": second,
	"fft": all, "fft2": all, "ifft2": all,
	"segmentsum": segments, "segmentmax": segments, "segmentmin": segments, "segmentprod": segments,
	"maxpool": pooled("pool_size"), "averagepool": pooled("pool_size"), "extractpatches": patches,
	"resize": resized, "rgbtograyscale": gray, "padimages": enlarged("padding", 1), "cropimages": enlarged("cropping", -1),
	"depthtospace": blocks(true), "spacetodepth": blocks(false),
}

// rule derives the outputs of an operation in a call from its arguments, as Keras 3
// writes them. It returns nil if there is no rule.
func rule(d described, c call) func([]arch.Shape) []arch.Shape {
	written := argumentsOf(d.Config)
	name := operationName(d, written)
	if name == "getitem" && len(c.args) > 1 {
		return sliced(c.args[1])
	}
	if slices.Contains(plainOperations, name) {
		return withOperands(c, broadcast)
	}
	derive := derivations[name]
	if slices.Contains(reductions, name) {
		derive = reduced
	}
	if derive == nil || written.err != nil {
		return nil
	}
	return withOperands(c, func(operands []arch.Shape) []arch.Shape {
		a := &arguments{values: written.values} // collects the errors of this call
		if len(operands) == 0 {
			return nil
		}
		if shapes := derive(a, operands); a.err == nil {
			return shapes
		}
		return nil
	})
}

// from returns the axes of a shape that an argument names, in the argument's order,
// or all axes if the argument is null.
func (a *arguments) from(key string, rank int) []int {
	if !a.has(key) {
		axes := make([]int, rank)
		for i := range axes {
			axes[i] = i
		}
		return axes
	}
	axes := slices.Clone(a.numbers(key))
	for i, axis := range axes {
		if axis < 0 {
			axes[i] += rank
		}
		if axes[i] < 0 || axes[i] >= rank || slices.Contains(axes[:i], axes[i]) {
			a.refuse(key, "axes of the input, each once")
			return nil
		}
	}
	return axes
}

// fromOne is from for exactly one axis.
func (a *arguments) fromOne(key string, rank int) (int, bool) {
	axes := a.from(key, rank)
	if !a.has(key) || len(axes) != 1 {
		return 0, false
	}
	return axes[0], true
}

// with returns the shape with another size along an axis.
func with(shape arch.Shape, axis, size int) arch.Shape {
	out := slices.Clone(shape)
	out[axis] = size
	return out
}

func first(_ *arguments, in []arch.Shape) []arch.Shape  { return in[:1] }
func all(_ *arguments, in []arch.Shape) []arch.Shape    { return in }
func number(*arguments, []arch.Shape) []arch.Shape      { return []arch.Shape{{}} }
func second(_ *arguments, in []arch.Shape) []arch.Shape { return in[min(1, len(in)):min(2, len(in))] }

// broadcast returns the shape of several values combined.
func broadcast(in []arch.Shape) []arch.Shape {
	out := arch.Shape{}
	for _, shape := range in {
		wider, ok := arch.Broadcast(out, shape, true)
		if !ok {
			return nil
		}
		out = wider
	}
	return []arch.Shape{out}
}

// without returns the shape without some axes, or with size 1 there.
func without(shape arch.Shape, axes []int, keep bool) arch.Shape {
	out := arch.Shape{}
	for i, size := range shape {
		switch {
		case !slices.Contains(axes, i):
			out = append(out, size)
		case keep:
			out = append(out, 1)
		}
	}
	return out
}

func reduced(a *arguments, in []arch.Shape) []arch.Shape {
	return []arch.Shape{without(in[0], a.from("axis", len(in[0])), a.bool("keepdims", false))}
}

// quantiles has an additional first axis if several quantiles are requested.
func quantiles(a *arguments, in []arch.Shape) []arch.Shape {
	out := reduced(a, in)[0]
	if len(in) == 2 && len(in[1]) > 0 {
		out = slices.Insert(out, 0, in[1][0])
	}
	return []arch.Shape{out}
}

func moments(a *arguments, in []arch.Shape) []arch.Shape {
	out := without(in[0], a.from("axes", len(in[0])), a.bool("keepdims", false))
	return []arch.Shape{out, out}
}

// withoutLast returns the shape without its last n axes.
func withoutLast(n int) func(*arguments, []arch.Shape) []arch.Shape {
	return func(_ *arguments, in []arch.Shape) []arch.Shape {
		if len(in[0]) < n {
			return nil
		}
		return []arch.Shape{in[0][:len(in[0])-n]}
	}
}

// split splits an axis into sections, or after some of its places.
func split(a *arguments, in []arch.Shape) []arch.Shape {
	axis, ok := a.fromOne("axis", len(in[0]))
	if !ok {
		return nil
	}
	return a.parted(in[0], axis)
}

// splitAlong splits along an axis; a shape with one axis is split along that.
func splitAlong(axis int) func(*arguments, []arch.Shape) []arch.Shape {
	return func(a *arguments, in []arch.Shape) []arch.Shape {
		if axis = min(axis, len(in[0])-1); axis < 0 {
			return nil
		}
		return a.parted(in[0], axis)
	}
}

func (a *arguments) parted(shape arch.Shape, axis int) []arch.Shape {
	var outputs []arch.Shape
	for _, part := range parts(a.values["indices_or_sections"], shape[axis]) {
		outputs = append(outputs, with(shape, axis, part))
	}
	return outputs
}

// parts returns the sizes of the parts of an axis, of which the first ones may be
// larger by one, or nil if the split is impossible.
func parts(how json.RawMessage, size int) []int {
	if sections, ok := integer(how); ok {
		if sections < 1 || sections > maxOutputs {
			return nil
		}
		all := slices.Repeat([]int{arch.Unknown}, sections)
		if size != arch.Unknown {
			for i := range all {
				all[i] = (size + sections - 1 - i) / sections
			}
		}
		return all
	}
	ends, ok := integers(how)
	if !ok || len(ends) > maxOutputs {
		return nil
	}
	var all []int
	begin := 0
	for _, end := range ends {
		if end < begin || size != arch.Unknown && end > size {
			return nil
		}
		all, begin = append(all, end-begin), end
	}
	if size == arch.Unknown {
		return append(all, arch.Unknown)
	}
	return append(all, size-begin)
}

// withNew returns the shape with one more axis of the given size where the argument
// says.
func (a *arguments) withNew(shape arch.Shape, size int) []arch.Shape {
	axis, ok := a.fromOne("axis", len(shape)+1)
	if !ok {
		return nil
	}
	return []arch.Shape{slices.Insert(slices.Clone(shape), axis, size)}
}

// stacked stacks shapes of equal size along a new axis.
func stacked(a *arguments, in []arch.Shape) []arch.Shape {
	if broadcast(in) == nil || slices.ContainsFunc(in, func(s arch.Shape) bool { return len(s) != len(in[0]) }) {
		return nil
	}
	return a.withNew(in[0], len(in))
}

func unstacked(a *arguments, in []arch.Shape) []arch.Shape {
	axis, ok := a.fromOne("axis", len(in[0]))
	if !ok {
		return nil
	}
	n := in[0][axis]
	if a.has("num") {
		n = a.int("num")
	}
	if n < 1 || n > maxOutputs {
		return nil
	}
	return slices.Repeat([]arch.Shape{slices.Delete(slices.Clone(in[0]), axis, axis+1)}, n)
}

// concatenated joins shapes along an axis, or flattens and joins all values if there
// is none.
func concatenated(a *arguments, in []arch.Shape) []arch.Shape {
	if !a.has("axis") {
		flat := make([]arch.Shape, len(in))
		for i, shape := range in {
			flat[i] = arch.Shape{shape.Size()}
		}
		return behind(flat, 0)
	}
	axis, ok := a.fromOne("axis", len(in[0]))
	if !ok {
		return nil
	}
	return behind(in, axis)
}

// concatenatedAlong joins along an axis; shapes with one axis are joined along that.
// It adds a missing third axis.
func concatenatedAlong(axis int) func(*arguments, []arch.Shape) []arch.Shape {
	return func(_ *arguments, in []arch.Shape) []arch.Shape {
		grown := make([]arch.Shape, len(in))
		for i, shape := range in {
			switch grown[i] = shape; {
			case axis == 2 && len(shape) == 1:
				grown[i] = arch.Shape{1, shape[0], 1}
			case axis == 2 && len(shape) == 2:
				grown[i] = arch.Shape{shape[0], shape[1], 1}
			case axis == 0 && len(shape) == 1:
				grown[i] = arch.Shape{1, shape[0]}
			}
		}
		if axis == 1 && len(grown[0]) == 1 {
			return behind(grown, 0)
		}
		return behind(grown, axis)
	}
}

func behind(in []arch.Shape, axis int) []arch.Shape {
	if axis >= len(in[0]) {
		return nil
	}
	out := slices.Clone(in[0])
	for _, shape := range in[1:] {
		if len(shape) != len(out) {
			return nil
		}
		if out[axis] == arch.Unknown || shape[axis] == arch.Unknown {
			out[axis] = arch.Unknown
		} else {
			out[axis] += shape[axis]
		}
	}
	return []arch.Shape{out}
}

func expanded(a *arguments, in []arch.Shape) []arch.Shape {
	if !a.has("axis") {
		return nil
	}
	rank := len(in[0]) + len(a.numbers("axis"))
	axes, rest, out := a.from("axis", rank), in[0], arch.Shape{}
	for i := range rank {
		if slices.Contains(axes, i) {
			out = append(out, 1)
		} else if len(rest) > 0 {
			out, rest = append(out, rest[0]), rest[1:]
		}
	}
	return []arch.Shape{out}
}

func squeezed(a *arguments, in []arch.Shape) []arch.Shape {
	axes := a.from("axis", len(in[0]))
	if !a.has("axis") {
		axes = slices.DeleteFunc(axes, func(axis int) bool { return in[0][axis] != 1 })
	}
	if slices.ContainsFunc(axes, func(axis int) bool { return in[0][axis] > 1 }) {
		return nil
	}
	return []arch.Shape{without(in[0], axes, false)}
}

// reshaped computes the one open size if the others are known.
func reshaped(a *arguments, in []arch.Shape) []arch.Shape {
	out, known, open := arch.Shape(slices.Clone(a.numbers("newshape"))), 1, -1
	for i, size := range out {
		if size == -1 {
			open = i
		} else {
			known = arch.Shape{known, size}.Size()
		}
	}
	if open >= 0 && known > 0 {
		if size := in[0].Size(); size != arch.Unknown {
			out[open] = size / known
		}
	}
	return []arch.Shape{out}
}

func flattened(_ *arguments, in []arch.Shape) []arch.Shape { return []arch.Shape{{in[0].Size()}} }

// along keeps the shape if there is an axis, and flattens it otherwise.
func along(a *arguments, in []arch.Shape) []arch.Shape {
	if !a.has("axis") {
		return flattened(a, in)
	}
	return in[:1]
}

func transposedAxes(a *arguments, in []arch.Shape) []arch.Shape {
	axes := a.from("axes", len(in[0]))
	if !a.has("axes") {
		slices.Reverse(axes)
	}
	if len(axes) != len(in[0]) {
		return nil
	}
	out := make(arch.Shape, len(axes))
	for i, axis := range axes {
		out[i] = in[0][axis]
	}
	return []arch.Shape{out}
}

// exchanged returns the shape with two axes swapped.
func exchanged(shape arch.Shape, i, k int) []arch.Shape {
	out := slices.Clone(shape)
	out[i], out[k] = out[k], out[i]
	return []arch.Shape{out}
}

func swapped(a *arguments, in []arch.Shape) []arch.Shape {
	i, ok1 := a.fromOne("axis1", len(in[0]))
	k, ok2 := a.fromOne("axis2", len(in[0]))
	if !ok1 || !ok2 {
		return nil
	}
	return exchanged(in[0], i, k)
}

// rotated swaps two axes for one or three rotations by 90 degrees.
func rotated(a *arguments, in []arch.Shape) []arch.Shape {
	axes := a.from("axes", len(in[0]))
	if len(axes) != 2 || a.int("k")%2 == 0 {
		return in[:1]
	}
	return exchanged(in[0], axes[0], axes[1])
}

func movedAxes(a *arguments, in []arch.Shape) []arch.Shape {
	rank := len(in[0])
	from, to := a.from("source", rank), a.from("destination", rank)
	if !a.has("source") || len(from) != len(to) {
		return nil
	}
	rest, out := without(in[0], from, false), make(arch.Shape, rank)
	for i := range out {
		if at := slices.Index(to, i); at >= 0 {
			out[i] = in[0][from[at]]
		} else {
			out[i], rest = rest[0], rest[1:]
		}
	}
	return []arch.Shape{out}
}

// given returns a shape that is an argument.
func given(key string) func(*arguments, []arch.Shape) []arch.Shape {
	return func(a *arguments, _ []arch.Shape) []arch.Shape {
		if out, ok := shape(a.values[key]); ok {
			return []arch.Shape{out}
		}
		return nil
	}
}

func tiled(a *arguments, in []arch.Shape) []arch.Shape {
	times, out := a.numbers("repeats"), slices.Clone(in[0])
	if missing := len(times) - len(out); missing > 0 {
		out = append(slices.Repeat(arch.Shape{1}, missing), out...)
	}
	for i, n := range times {
		at := &out[len(out)-len(times)+i]
		if n < 0 {
			return nil
		}
		*at = arch.Shape{*at, n}.Size()
	}
	return []arch.Shape{out}
}

func repeated(a *arguments, in []arch.Shape) []arch.Shape {
	times, from := a.numbers("repeats"), in[0]
	if !a.has("axis") {
		from = flattened(a, in)[0]
	}
	axis, ok := a.fromOne("axis", len(from))
	if len(times) == 0 || !ok && a.has("axis") || slices.ContainsFunc(times, func(n int) bool { return n < 0 }) {
		return nil
	}
	size := 0
	for _, n := range times {
		size += n
	}
	if len(times) == 1 {
		size = arch.Shape{from[axis], size}.Size()
	}
	return []arch.Shape{with(from, axis, size)}
}

func padded(a *arguments, in []arch.Shape) []arch.Shape {
	rank, raw := len(in[0]), a.values["pad_width"]
	around, ok := pairs(raw, rank)
	if one, single := pairs(raw, 1); single {
		around, ok = slices.Repeat(one, rank), true
	}
	if width, flat := integers(raw); flat && len(width) == 2 {
		around, ok = slices.Repeat([][2]int{[2]int(width)}, rank), true
	}
	if n, number := integer(raw); number {
		around, ok = slices.Repeat([][2]int{{n, n}}, rank), true
	}
	if !ok {
		return nil
	}
	out := slices.Clone(in[0])
	for i := range out {
		if out[i] != arch.Unknown {
			out[i] += around[i][0] + around[i][1]
		}
	}
	return []arch.Shape{out}
}

func differences(a *arguments, in []arch.Shape) []arch.Shape {
	axis, ok := a.fromOne("axis", len(in[0]))
	if !ok {
		return nil
	}
	if in[0][axis] == arch.Unknown {
		return in[:1]
	}
	return []arch.Shape{with(in[0], axis, max(in[0][axis]-a.int("n"), 0))}
}

func halved(a *arguments, in []arch.Shape) []arch.Shape {
	axis, ok := a.fromOne("axis", len(in[0]))
	if !ok || in[0][axis] == arch.Unknown {
		return in[:1]
	}
	return []arch.Shape{with(in[0], axis, in[0][axis]/2)}
}

func oneHot(a *arguments, in []arch.Shape) []arch.Shape {
	return a.withNew(in[0], a.int("num_classes"))
}

// multiHot combines the one-hot vectors along the second axis.
func multiHot(a *arguments, in []arch.Shape) []arch.Shape {
	hot := oneHot(a, in)
	switch {
	case hot == nil:
		return nil
	case len(hot[0]) <= 2:
		return []arch.Shape{hot[0][len(hot[0])-1:]}
	}
	return []arch.Shape{slices.Delete(hot[0], 1, 2)}
}

// taken replaces one axis by the axes of the indices.
func taken(a *arguments, in []arch.Shape) []arch.Shape {
	switch axis, ok := a.fromOne("axis", len(in[0])); {
	case len(in) != 2:
		return nil
	case !a.has("axis"):
		return in[1:]
	case ok:
		return []arch.Shape{slices.Concat(in[0][:axis], in[1], in[0][axis+1:])}
	}
	return nil
}

func takenAlong(a *arguments, in []arch.Shape) []arch.Shape {
	from, axis, ok := in[0], 0, true
	if !a.has("axis") {
		from = flattened(a, in)[0]
	} else {
		axis, ok = a.fromOne("axis", len(from))
	}
	if len(in) != 2 || !ok || len(in[1]) != len(from) {
		return nil
	}
	return broadcast([]arch.Shape{with(from, axis, in[1][axis]), in[1]})
}

func topK(a *arguments, in []arch.Shape) []arch.Shape {
	if len(in[0]) == 0 {
		return nil
	}
	out := with(in[0], len(in[0])-1, a.int("k"))
	return []arch.Shape{out, out}
}

func meshgrid(a *arguments, in []arch.Shape) []arch.Shape {
	if len(in) > maxAxes {
		return nil
	}
	out := make(arch.Shape, len(in))
	for i, shape := range in {
		out[i] = shape.Size()
	}
	if a.text("indexing", "xy") == "xy" && len(out) > 1 {
		out[0], out[1] = out[1], out[0]
	}
	return slices.Repeat([]arch.Shape{out}, len(in))
}

func linspace(a *arguments, in []arch.Shape) []arch.Shape {
	ends := broadcast(in)
	if ends == nil {
		return nil
	}
	return a.withNew(ends[0], a.int("num"))
}

// multiplied multiplies matrices in the last two axes. A vector counts as one row or
// column, which the product drops.
func multiplied(_ *arguments, in []arch.Shape) []arch.Shape {
	if len(in) != 2 || len(in[0]) == 0 || len(in[1]) == 0 {
		return nil
	}
	left, right := in[0], in[1]
	if len(in[0]) == 1 {
		left = arch.Shape{1, left[0]}
	}
	if len(in[1]) == 1 {
		right = arch.Shape{right[0], 1}
	}
	l, r := len(left), len(right)
	front := broadcast([]arch.Shape{left[:l-2], right[:r-2]})
	if front == nil || !fits(left[l-1], right[r-2]) {
		return nil
	}
	out := front[0]
	if len(in[0]) > 1 {
		out = append(out, left[l-2])
	}
	if len(in[1]) > 1 {
		out = append(out, right[r-1])
	}
	return []arch.Shape{out}
}

// fits reports whether two sizes can be equal.
func fits(a, b int) bool { return a == b || a == arch.Unknown || b == arch.Unknown }

// dotted multiplies the last axis of one operand by the last but one of the other.
func dotted(_ *arguments, in []arch.Shape) []arch.Shape {
	if len(in) != 2 || len(in[0]) == 0 || len(in[1]) == 0 {
		return broadcast(in)
	}
	return contracted(in[0], in[1], []int{len(in[0]) - 1}, []int{max(len(in[1])-2, 0)})
}

func inner(_ *arguments, in []arch.Shape) []arch.Shape {
	if len(in) != 2 || len(in[0]) == 0 || len(in[1]) == 0 {
		return broadcast(in)
	}
	return contracted(in[0], in[1], []int{len(in[0]) - 1}, []int{len(in[1]) - 1})
}

// contracted returns the remaining axes of both shapes, one after the other.
func contracted(left, right arch.Shape, l, r []int) []arch.Shape {
	for i := range l {
		if !fits(left[l[i]], right[r[i]]) {
			return nil
		}
	}
	return []arch.Shape{append(without(left, l, false), without(right, r, false)...)}
}

func outer(_ *arguments, in []arch.Shape) []arch.Shape {
	if len(in) != 2 {
		return nil
	}
	return []arch.Shape{{in[0].Size(), in[1].Size()}}
}

func tensordot(a *arguments, in []arch.Shape) []arch.Shape {
	if len(in) != 2 {
		return nil
	}
	left, right := len(in[0]), len(in[1])
	var l, r []int
	if n, ok := integer(a.values["axes"]); ok {
		if n < 0 || n > min(left, right) {
			return nil
		}
		for i := range n {
			l, r = append(l, left-n+i), append(r, i)
		}
		return contracted(in[0], in[1], l, r)
	}
	var both []json.RawMessage
	if json.Unmarshal(a.values["axes"], &both) != nil || len(both) != 2 {
		return nil
	}
	sides := &arguments{values: map[string]json.RawMessage{"left": both[0], "right": both[1]}}
	if l, r = sides.from("left", left), sides.from("right", right); sides.err != nil || len(l) != len(r) {
		return nil
	}
	return contracted(in[0], in[1], l, r)
}

// einsummed multiplies along the axes that an equation names. In "bij,bjk->bik" the
// output names the remaining axes; in "bij,bjk" the axes that occur once remain, in
// alphabetical order. "..." stands for further axes.
func einsummed(a *arguments, in []arch.Shape) []arch.Shape {
	equation := strings.ReplaceAll(strings.ReplaceAll(a.text("subscripts", ""), " ", ""), "...", ".")
	sides, output, written := strings.Cut(equation, "->")
	names := strings.Split(sides, ",")
	if len(names) != len(in) {
		return nil
	}
	sizes, further := map[rune]arch.Shape{}, []arch.Shape{}
	for i, axes := range names {
		rest := in[i]
		for at, axis := range axes {
			n := 1
			if axis == '.' {
				n = len(in[i]) - len(axes) + 1
			}
			if n < 0 || n > len(rest) {
				return nil
			}
			if axis == '.' {
				further = append(further, rest[:n])
			} else if one := broadcast([]arch.Shape{sizes[axis], rest[:1]}); one != nil {
				sizes[axis] = one[0]
			} else {
				return nil
			}
			if rest = rest[n:]; at == len(axes)-1 && len(rest) > 0 {
				return nil
			}
		}
	}
	if !written {
		output = "." + lonely(sides)
	}
	var out arch.Shape
	for _, axis := range output {
		size := sizes[axis]
		if axis == '.' {
			together := broadcast(further)
			if together == nil {
				return nil
			}
			size = together[0]
		} else if size == nil {
			return nil
		}
		out = append(out, size...)
	}
	return []arch.Shape{append(arch.Shape{}, out...)}
}

// lonely returns the letters that occur once in a text, in order.
func lonely(text string) string {
	letters := []rune(strings.NewReplacer(",", "", ".", "").Replace(text))
	slices.Sort(letters)
	once := slices.DeleteFunc(slices.Clone(letters), func(letter rune) bool { return strings.Count(text, string(letter)) > 1 })
	return string(once)
}

func crossed(a *arguments, in []arch.Shape) []arch.Shape {
	if len(in) != 2 {
		return nil
	}
	keys, fronts, size := []string{"axisa", "axisb"}, make([]arch.Shape, 2), arch.Shape{}
	for i, shape := range in {
		key := keys[i]
		if a.has("axis") {
			key = "axis"
		}
		axis, ok := a.fromOne(key, len(shape))
		if !ok {
			return nil
		}
		if shape[axis] == 3 {
			size = arch.Shape{3}
		}
		fronts[i] = without(shape, []int{axis}, false)
	}
	front := broadcast(fronts)
	if front == nil {
		return nil
	}
	axis, ok := a.fromOne("axisc", len(front[0])+1)
	if a.has("axis") {
		axis, ok = a.fromOne("axis", len(front[0])+1)
	}
	if !ok {
		return nil
	}
	return []arch.Shape{slices.Insert(front[0], min(axis, len(front[0])), size...)}
}

func diagonal(a *arguments, in []arch.Shape) []arch.Shape {
	i, ok1 := a.fromOne("axis1", len(in[0]))
	k, ok2 := a.fromOne("axis2", len(in[0]))
	if !ok1 || !ok2 || i == k {
		return nil
	}
	rows, columns, size := in[0][i], in[0][k], arch.Unknown
	if rows != arch.Unknown && columns != arch.Unknown {
		offset := a.intOr("offset", 0)
		size = max(min(rows+min(offset, 0), columns-max(offset, 0)), 0)
	}
	return []arch.Shape{append(without(in[0], []int{i, k}, false), size)}
}

func trace(a *arguments, in []arch.Shape) []arch.Shape {
	return withoutLast(1)(a, append(diagonal(a, in), arch.Shape{}))
}

func segments(a *arguments, in []arch.Shape) []arch.Shape {
	if len(in[0]) == 0 {
		return nil
	}
	return []arch.Shape{with(in[0], 0, a.intOr("num_segments", arch.Unknown))}
}

// spatial applies a layer to the first operand, whose first axis passes through
// unchanged, because the layer processes examples one by one. The channels may come
// first.
func (a *arguments) spatial(in []arch.Shape, layer func(axes int) arch.Layer) []arch.Shape {
	x := in[0]
	if len(x) < 3 {
		return nil
	}
	run := layer(len(x) - 2)
	if a.channelsFirst() {
		run = arch.ChannelsFirst{Layer: run}
	}
	facts, err := run.Infer([]arch.Value{{Shape: x[1:]}})
	if err != nil || a.err != nil {
		return nil
	}
	return []arch.Shape{slices.Insert(slices.Clone(facts.Outputs[0].Shape), 0, x[0])}
}

func pooled(size string) func(*arguments, []arch.Shape) []arch.Shape {
	return func(a *arguments, in []arch.Shape) []arch.Shape {
		return a.spatial(in, func(axes int) arch.Layer {
			return arch.Pool{Size: a.window(size, axes), Strides: a.sizes("strides", axes), Padding: a.padding()}
		})
	}
}

// patches puts the values of patches into the channels.
func patches(a *arguments, in []arch.Shape) []arch.Shape {
	return a.spatial(in, func(axes int) arch.Layer {
		size, strides := a.window("size", axes), a.sizes("strides", axes)
		if strides == nil {
			strides = size
		}
		channels := in[0][len(in[0])-1]
		if a.channelsFirst() {
			channels = in[0][1]
		}
		return arch.Conv{
			Filters: arch.Shape(append(slices.Clone(size), channels)).Size(), Kernel: size, Strides: strides,
			Dilation: a.sizes("dilation_rate", axes), Padding: a.padding(),
		}
	})
}

func resized(a *arguments, in []arch.Shape) []arch.Shape {
	if len(in[0]) != 4 {
		return nil
	}
	return a.spatial(in, func(axes int) arch.Layer { return arch.Resize{To: a.window("size", axes)} })
}

func (a *arguments) channelsFirst() bool {
	return a.text("data_format", "channels_last") == "channels_first"
}

// gray has one channel.
func gray(a *arguments, in []arch.Shape) []arch.Shape {
	axis := len(in[0]) - 1
	if a.channelsFirst() {
		axis -= 2
	}
	if axis < 0 {
		return nil
	}
	return []arch.Shape{with(in[0], axis, 1)}
}

// enlarged adds a margin to pictures, or removes it if the sign is −1.
func enlarged(margin string, sign int) func(*arguments, []arch.Shape) []arch.Shape {
	return func(a *arguments, in []arch.Shape) []arch.Shape {
		rows := len(in[0]) - 3
		if a.channelsFirst() {
			rows++
		}
		if len(in[0]) < 3 {
			return nil
		}
		out := slices.Clone(in[0])
		for i, keys := range [][3]string{{"target_height", "top_", "bottom_"}, {"target_width", "left_", "right_"}} {
			at := &out[rows+i]
			switch {
			case a.has(keys[0]):
				*at = a.int(keys[0])
			case *at != arch.Unknown:
				*at += sign * (a.intOr(keys[1]+margin, 0) + a.intOr(keys[2]+margin, 0))
			}
		}
		return []arch.Shape{out}
	}
}

// blocks moves blocks of channels to space, or back.
func blocks(toSpace bool) func(*arguments, []arch.Shape) []arch.Shape {
	return func(a *arguments, in []arch.Shape) []arch.Shape {
		size := a.positive("block_size")
		if a.err != nil || len(in[0]) != 4 || size > 1<<15 {
			return nil
		}
		rows, channels := 1, 3
		if a.channelsFirst() {
			rows, channels = 2, 1
		}
		out := slices.Clone(in[0])
		scale := func(axis, factor int, times bool) {
			switch {
			case out[axis] == arch.Unknown:
			case times:
				out[axis] = arch.Shape{out[axis], factor}.Size()
			default:
				out[axis] /= factor
			}
		}
		scale(rows, size, toSpace)
		scale(rows+1, size, toSpace)
		scale(channels, size*size, !toSpace)
		return []arch.Shape{out}
	}
}

// sliced derives the shape of x[key].
func sliced(key any) func([]arch.Shape) []arch.Shape {
	keys, ok := key.([]any)
	if !ok {
		keys = []any{key}
	}
	return func(inputs []arch.Shape) []arch.Shape {
		if len(inputs) != 1 {
			return nil
		}
		from, out := inputs[0], arch.Shape{}
		for i, k := range keys {
			object, _ := k.(map[string]any)
			index, isIndex := k.(float64)
			switch {
			case k == nil:
				out = append(out, 1)
				continue
			case object["class_name"] == "__ellipsis__":
				rest := max(len(from)-consumed(keys[i+1:]), 0)
				out, from = append(out, from[:rest]...), from[rest:]
				continue
			case len(from) == 0:
				return nil
			case isIndex && (from[0] == arch.Unknown || index >= -float64(from[0]) && index < float64(from[0])):
			case object["class_name"] == "__slice__":
				config, _ := object["config"].(map[string]any)
				size, ok := sliceSize(from[0], config)
				if !ok {
					return nil
				}
				out = append(out, size)
			default:
				return nil
			}
			from = from[1:]
		}
		return []arch.Shape{append(out, from...)}
	}
}

// consumed returns how many axes the keys use.
func consumed(keys []any) int {
	n := 0
	for _, k := range keys {
		if k != nil {
			n++
		}
	}
	return n
}

// sliceSize returns how many of the values start:stop:step selects, as in Python.
func sliceSize(size int, slice map[string]any) (int, bool) {
	number := func(key string, otherwise int) (int, bool) {
		x, isNumber := slice[key].(float64)
		if isNumber && math.Abs(x) <= largest && x == math.Trunc(x) {
			return int(x), true
		}
		return otherwise, slice[key] == nil
	}
	step, ok := number("step", 1)
	if !ok || step == 0 {
		return 0, false
	}
	if size == arch.Unknown {
		return arch.Unknown, true
	}
	first, end, low, high := 0, size, 0, size
	if step < 0 {
		first, end, low, high = size-1, -1, -1, size-1
	}
	bound := func(key string, otherwise int) (int, bool) {
		n, ok := number(key, otherwise)
		if n < 0 && slice[key] != nil {
			n += size
		}
		return min(max(n, low), high), ok
	}
	start, ok1 := bound("start", first)
	stop, ok2 := bound("stop", end)
	if step < 0 {
		start, stop, step = -start, -stop, -step
	}
	taken := (stop - start + step - 1) / step
	return taken, ok1 && ok2 && taken > 0
}
