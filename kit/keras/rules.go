package keras

import (
	"encoding/json"
	"math"
	"slices"
	"strings"

	"evident/kit/arch"
)

// reductions are the operations that make one value of all along some axes.
var reductions = strings.Fields("mean sum max min prod any all std var argmax argmin median amax amin countnonzero logsumexp")

// rule derives the outputs of an operation from its arguments, as Keras 3 writes
// them; nil where there is none. Axes are counted with the batch, which an
// operation has to leave alone.
func rule(name string, args *arguments) func([]arch.Shape) []arch.Shape {
	if slices.Contains(reductions, name) {
		name = "reduce"
	}
	derive, ok := map[string]func(*arguments, []arch.Shape) []arch.Shape{
		"reduce": reduced, "split": split, "expanddims": expanded, "squeeze": squeezed, "transpose": transposedAxes,
		"reshape": reshaped, "concatenate": joined, "matmul": multiplied,
	}[name]
	if !ok {
		return nil
	}
	return func(inputs []arch.Shape) []arch.Shape {
		a := &arguments{values: args.values} // its errors are those of this call
		if shapes := derive(a, inputs); a.err == nil {
			return shapes
		}
		return nil
	}
}

// places are the axes of a shape, without its batch, that an argument names;
// false where it names none, or the batch, or one that is not there.
func (a *arguments) places(key string, rank int) ([]int, bool) {
	all := slices.Clone(a.numbers(key))
	for i, axis := range all {
		if axis < 0 {
			axis += rank + 1
		}
		if all[i] = axis - 1; axis < 1 || axis > rank {
			return nil, false
		}
	}
	return all, len(all) > 0 && a.err == nil
}

func reduced(a *arguments, inputs []arch.Shape) []arch.Shape {
	axes, ok := a.places("axis", len(inputs[0]))
	if !ok {
		return nil
	}
	out := arch.Shape{}
	for i, size := range inputs[0] {
		switch {
		case !slices.Contains(axes, i):
			out = append(out, size)
		case a.bool("keepdims", false):
			out = append(out, 1)
		}
	}
	return []arch.Shape{out}
}

// split parts an axis in equal sections, or behind some of its places.
func split(a *arguments, inputs []arch.Shape) []arch.Shape {
	axes, ok := a.places("axis", len(inputs[0]))
	if !ok || len(axes) != 1 {
		return nil
	}
	var outputs []arch.Shape
	for _, part := range parts(a.values["indices_or_sections"], inputs[0][axes[0]]) {
		out := slices.Clone(inputs[0])
		out[axes[0]] = part
		outputs = append(outputs, out)
	}
	return outputs
}

// parts are the sizes of the parts of an axis; nil where it cannot be parted so.
func parts(how json.RawMessage, size int) []int {
	if sections, ok := integer(how); ok && sections > 0 && sections <= maxOutputs {
		switch {
		case size == arch.Unknown:
			return slices.Repeat([]int{arch.Unknown}, sections)
		case size%sections == 0:
			return slices.Repeat([]int{size / sections}, sections)
		}
		return nil
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

func expanded(a *arguments, inputs []arch.Shape) []arch.Shape {
	axes, ok := a.places("axis", len(inputs[0])+1)
	if !ok || len(axes) != 1 {
		return nil
	}
	return []arch.Shape{slices.Insert(slices.Clone(inputs[0]), axes[0], 1)}
}

func squeezed(a *arguments, inputs []arch.Shape) []arch.Shape {
	axes, ok := a.places("axis", len(inputs[0]))
	if !ok || slices.ContainsFunc(axes, func(axis int) bool { return inputs[0][axis] != 1 }) {
		return nil
	}
	out := arch.Shape{}
	for i, size := range inputs[0] {
		if !slices.Contains(axes, i) {
			out = append(out, size)
		}
	}
	return []arch.Shape{out}
}

func transposedAxes(a *arguments, inputs []arch.Shape) []arch.Shape {
	order := a.numbers("axes")
	if len(order) != len(inputs[0])+1 || order[0] != 0 {
		return nil
	}
	facts, err := arch.Permute{Order: order[1:]}.Infer(valuesOf(inputs[:1]))
	return outputsOf(facts, err)
}

func reshaped(a *arguments, inputs []arch.Shape) []arch.Shape {
	to := a.numbers("newshape")
	if len(to) == 0 || to[0] != -1 || slices.Contains(to[1:], -1) || arch.Shape(to[1:]).Size() != inputs[0].Size() {
		return nil
	}
	return []arch.Shape{to[1:]}
}

func joined(a *arguments, inputs []arch.Shape) []arch.Shape {
	axes, ok := a.places("axis", len(inputs[0]))
	if !ok || len(axes) != 1 {
		return nil
	}
	facts, err := arch.Concatenate{Axis: axes[0]}.Infer(valuesOf(inputs))
	return outputsOf(facts, err)
}

// sliced derives what x[key] has, where the key leaves the batch alone.
func sliced(key any) func([]arch.Shape) []arch.Shape {
	keys, ok := key.([]any)
	if !ok {
		keys = []any{key}
	}
	return func(inputs []arch.Shape) []arch.Shape {
		if len(inputs) != 1 {
			return nil
		}
		from, out := append(arch.Shape{arch.Unknown}, inputs[0]...), arch.Shape{}
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
		out = append(out, from...)
		if len(out) == 0 || out[0] != arch.Unknown || !keepsBatch(keys[0]) {
			return nil
		}
		return []arch.Shape{out[1:]}
	}
}

// consumed is how many axes the keys take.
func consumed(keys []any) int {
	n := 0
	for _, k := range keys {
		if k != nil {
			n++
		}
	}
	return n
}

// keepsBatch reports whether the first key takes all examples.
func keepsBatch(key any) bool {
	object, _ := key.(map[string]any)
	config, _ := object["config"].(map[string]any)
	return object["class_name"] == "__ellipsis__" ||
		object["class_name"] == "__slice__" && config["start"] == nil && config["stop"] == nil && config["step"] == nil
}

// sliceSize is how many of some values start:stop:step takes, as in Python.
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

// multiplied are matrices of the last two axes.
func multiplied(_ *arguments, inputs []arch.Shape) []arch.Shape {
	if len(inputs) != 2 || len(inputs[0]) < 2 || len(inputs[0]) != len(inputs[1]) {
		return nil
	}
	last := len(inputs[0]) - 1
	if !slices.Equal(inputs[0][:last-1], inputs[1][:last-1]) || inputs[0][last] != inputs[1][last-1] {
		return nil
	}
	out := slices.Clone(inputs[0])
	out[last] = inputs[1][last]
	return []arch.Shape{out}
}

func valuesOf(shapes []arch.Shape) []arch.Value {
	values := make([]arch.Value, len(shapes))
	for i, shape := range shapes {
		values[i].Shape = shape
	}
	return values
}

func outputsOf(facts arch.Facts, err error) []arch.Shape {
	if err != nil {
		return nil
	}
	shapes := make([]arch.Shape, len(facts.Outputs))
	for i, out := range facts.Outputs {
		shapes[i] = out.Shape
	}
	return shapes
}
