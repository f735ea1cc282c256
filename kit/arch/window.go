package arch

import (
	"fmt"

	"evident/kit/nn"
)

// Padding says how a window treats the edge of its input.
type Padding string

// The paddings of Keras. Valid uses only windows that lie inside the input. Same
// pads so that stride 1 keeps the size. Causal pads only in front, so that no
// output reads later positions. An empty padding means Valid.
const (
	Valid  Padding = "valid"
	Same   Padding = "same"
	Causal Padding = "causal"
)

// windows holds the sizes of a window along each axis. Strides and dilations
// with one value apply to all axes; nil means 1.
type windows struct {
	size, strides, dilations []int
	padding                  Padding
}

// perAxis expands the sizes to all axes.
func perAxis(sizes []int, axes int) []int {
	all := make([]int, axes)
	for i := range all {
		switch len(sizes) {
		case 0:
			all[i] = 1
		case 1:
			all[i] = sizes[0]
		default:
			all[i] = sizes[i]
		}
	}
	return all
}

// check returns an error for impossible arguments.
func (w windows) check(axes int) error {
	for _, named := range []struct {
		name  string
		sizes []int
	}{{"the window", w.size}, {"stride", w.strides}, {"dilation", w.dilations}} {
		if n := len(named.sizes); n > 1 && n != axes {
			return fmt.Errorf("%s is given for %d axes; it has %d", named.name, n, axes)
		}
		if err := atLeast1(named.name, named.sizes...); err != nil {
			return err
		}
	}
	switch w.padding {
	case "", Valid, Same, Causal:
		return nil
	}
	return fmt.Errorf("unknown padding %q", w.padding)
}

// slide moves the window over the input. It returns the output's spatial sizes
// and its receptive field.
func (w windows) slide(x Value) (Shape, Field, error) {
	spatial := x.Shape.Spatial()
	if err := w.check(len(spatial)); err != nil {
		return nil, Field{}, err
	}
	out, seen := make(Shape, len(spatial)), make([]window, len(spatial))
	for i, size := range spatial {
		reach := w.reach(i, len(spatial))
		stride := perAxis(w.strides, len(spatial))[i]
		seen[i] = window{size: reach, stride: stride}
		if out[i] = w.positions(size, reach, stride); out[i] == 0 {
			return nil, Field{}, fmt.Errorf("its window of %d does not fit into the %d positions of its input %s", reach, size, x.Shape)
		}
	}
	return out, x.Field.through(seen), nil
}

// reach returns how many positions a window spans, including its dilation.
func (w windows) reach(axis, axes int) int {
	return product(perAxis(w.size, axes)[axis]-1, perAxis(w.dilations, axes)[axis]) + 1
}

func (w windows) positions(size, reach, stride int) int {
	switch {
	case size == Unknown:
		return Unknown
	case w.padding == "" || w.padding == Valid:
		return nn.OutputSize(size, reach, stride, nn.Valid)
	}
	return nn.OutputSize(size, reach, stride, nn.Same)
}
