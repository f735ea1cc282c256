package nn

// Cost is what a layer takes: trained values, and multiplications (each with
// its addition) for one example.
type Cost struct {
	Parameters   int
	MultiplyAdds int
}

// Plus adds two costs.
func (c Cost) Plus(other Cost) Cost {
	return Cost{c.Parameters + other.Parameters, c.MultiplyAdds + other.MultiplyAdds}
}

// Conv2DCost is the cost of a kernel×kernel convolution with bias from in to
// filters channels, evaluated at the given number of positions:
//
//	parameters    kernel² · in · filters + filters
//	multiply-adds positions · kernel² · in · filters
func Conv2DCost(kernel, in, filters, positions int) Cost {
	weights := kernel * kernel * in * filters
	return Cost{Parameters: weights + filters, MultiplyAdds: positions * weights}
}

// DenseCost is the cost of a fully connected layer with bias.
func DenseCost(inputs, units int) Cost { return Conv2DCost(1, inputs, units, 1) }
