package params

import (
	"slices"

	"evident/internal/badinput"
	"evident/kit/arch"
	"evident/kit/knob"
)

// Check returns an error that names the first knob out of its range.
func (c Config) Check() error {
	return knob.FirstOf(c.Lengths.check(c.Net), c.Layers.check())
}

func (n Net) check() error {
	if len(n.Kernels) != len(n.Filters) {
		return badinput.Errorf("Net.Kernels has %d values and Net.Filters %d: each convolution has one of both", len(n.Kernels), len(n.Filters))
	}
	return knob.FirstOf(
		knob.CheckList("Net.Filters", n.Filters), knob.CheckList("Net.Kernels", n.Kernels),
		knob.CheckAtLeast(1, map[string]int{"Net.Features": n.Features, "Net.Pool": n.Pool, "Net.Units": n.Units, "Net.Classes": n.Classes}),
	)
}

// check asks the net itself whether it fits an input, and says how long one has
// to be where it does not.
func (c LengthConfig) check(n Net) error {
	if err := knob.FirstOf(n.check(), knob.CheckList("Lengths.Steps", c.Steps), checkPaddings("Lengths.Paddings", c.Paddings)); err != nil {
		return err
	}
	for _, padding := range c.Paddings {
		for _, steps := range c.Steps {
			if _, err := n.Model(steps, padding).Summarize(); err != nil {
				return badinput.Errorf("Lengths.Steps has %d, which is too short with padding %s: %w", steps, padding, err)
			}
		}
	}
	return nil
}

func (c VariantConfig) check() error {
	if err := knob.FirstOf(
		knob.CheckAtLeast(1, map[string]int{"Layers.Channels": c.Channels, "Layers.Filters": c.Filters, "Layers.Kernel": c.Kernel, "Layers.Size": c.Size}),
		knob.CheckList("Layers.Strides", c.Strides), knob.CheckList("Layers.Dilations", c.Dilations),
		knob.CheckList("Layers.Groups", c.Groups), checkPaddings("Layers.Paddings", c.Paddings),
	); err != nil {
		return err
	}
	if reach := (c.Kernel-1)*slices.Max(c.Dilations) + 1; reach > c.Size {
		return badinput.Errorf("Layers.Size is %d: a kernel of %d with dilation %d spans %d", c.Size, c.Kernel, slices.Max(c.Dilations), reach)
	}
	for _, groups := range c.Groups {
		if c.Channels%groups != 0 || c.Filters%groups != 0 {
			return badinput.Errorf("Layers.Groups has %d, which does not divide %d channels and %d filters", groups, c.Channels, c.Filters)
		}
	}
	return nil
}

func checkPaddings(knob string, paddings []arch.Padding) error {
	if len(paddings) == 0 {
		return badinput.Errorf("%s is empty: give arch.Valid, arch.Same or arch.Causal", knob)
	}
	for _, p := range paddings {
		if p != arch.Valid && p != arch.Same && p != arch.Causal {
			return badinput.Errorf("%s has %q: give arch.Valid, arch.Same or arch.Causal", knob, p)
		}
	}
	return nil
}
