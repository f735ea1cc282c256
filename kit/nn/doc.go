// Package nn holds layers that GoMLX lacks, or that run faster when they are
// written another way, with the formulas for their shapes, parameters and
// costs.
//
// Every layer here computes the same function as its plain counterpart in
// GoMLX; tests hold values and gradients equal. Inputs are channels-last:
// [batch, height, width, channels], with a depth before the height in three
// dimensions. Like all of GoMLX's graph functions, layers panic on impossible
// shapes; package fit turns that into an error.
package nn
