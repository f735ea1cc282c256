package nn

// Cost counts the trained values of a layer, and its multiplications (each
// with its addition) for one example.
type Cost struct {
	Parameters   int
	MultiplyAdds int
}

// Plus adds two costs.
func (c Cost) Plus(other Cost) Cost {
	return Cost{c.Parameters + other.Parameters, c.MultiplyAdds + other.MultiplyAdds}
}

// Conv2DCost returns the cost of a kernel×kernel convolution with bias from
// in to filters channels, evaluated at the given number of positions:
//
//	parameters    kernel² · in · filters + filters
//	multiply-adds positions · kernel² · in · filters
func Conv2DCost(kernel, in, filters, positions int) Cost {
	weights := kernel * kernel * in * filters
	return Cost{Parameters: weights + filters, MultiplyAdds: positions * weights}
}

// DenseCost returns the cost of a fully connected layer with bias.
func DenseCost(inputs, units int) Cost { return Conv2DCost(1, inputs, units, 1) }
