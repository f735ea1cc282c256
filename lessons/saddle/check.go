package saddle

import (
	"math"
	"slices"

	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/knob"
	"evident/kit/sweep"
)

// The optimizers that the claims speak of.
const (
	sgd      = "SGD"
	momentum = "momentum"
	rmsprop  = "RMSProp"
	adam     = "Adam"
)

// Check returns an error that names the first knob out of its range.
func (c Config) Check() error {
	return knob.FirstOf(
		c.checkDefinition(), c.checkPlane(), c.checkDeep(), c.checkRace(), c.checkNoise(), c.Theory.check(), c.checkCost())
}

// checkOptimizers wants each of the claims' optimizers once, and no name twice.
func (c Config) checkOptimizers() error {
	own := names(c.Optimizers)
	for i, o := range c.Optimizers {
		switch {
		case o.Name == "" || o.Direction == nil || o.Slots < 0:
			return badinput.Errorf("Optimizers has %q at place %d with no name, no direction or slots below 0: set Name, Direction and Slots", o.Name, i+1)
		case slices.Contains(own[:i], o.Name):
			return badinput.Errorf("Optimizers has %q twice: give each a name of its own", o.Name)
		}
	}
	for _, name := range []string{sgd, momentum, rmsprop, adam} {
		if !slices.Contains(own, name) {
			return badinput.Errorf("Optimizers has no %q: the claims are about it, append to saddle.Optimizers()", name)
		}
	}
	return nil
}

func (c Config) checkSurfaces() error {
	seen := map[string]bool{}
	for _, s := range c.Surfaces {
		if s.Height == nil || !(s.Left < s.Right && s.Bottom < s.Top) {
			return badinput.Errorf("Surfaces has %q with no height or no area: set Height, and Left < Right, Bottom < Top", s.Name)
		}
		if s.Name == "" || seen[s.Name] {
			return badinput.Errorf("Surfaces has %q twice or without a name: give each a name of its own", s.Name)
		}
		seen[s.Name] = true
	}
	for _, s := range Surfaces() {
		if !seen[s.Name] {
			return badinput.Errorf("Surfaces has no %q: the claims are about it, append to saddle.Surfaces()", s.Name)
		}
	}
	return nil
}

func (c Config) checkDefinition() error {
	return knob.FirstOf(
		c.checkSurfaces(), knob.CheckRates("Definition.Radii", c.Definition.Radii),
		knob.CheckAtLeast(8, map[string]int{"Definition.Points": c.Definition.Points}))
}

func (c Config) checkPlane() error {
	p := c.Plane
	if len(p.Start) != 2 || len(claim.Finite(p.Start)) != 2 {
		return badinput.Errorf("Plane.Start is %v: give x and y", p.Start)
	}
	if !(p.Beta >= 0 && p.Beta < 1) {
		return badinput.Errorf("Plane.Beta is %g: it must be from 0 to below 1", p.Beta)
	}
	if n := len(p.Offsets); n > 0 && p.Offsets[n-1] >= 1 {
		return badinput.Errorf("Plane.Offsets has %g: every start must be within 1 of the saddle", p.Offsets[n-1])
	}
	replicas := len(c.Optimizers) * (len(p.Offsets) + 1 + len(p.Seeds))
	return knob.FirstOf(
		c.checkOptimizers(), c.checkSurfaces(), knob.CheckRates("Plane.Offsets", p.Offsets), knob.CheckSeeds("Plane.Seeds", p.Seeds),
		knob.CheckAtLeast(1, map[string]int{"Plane.PathSteps": p.PathSteps, "Plane.Steps": p.Steps}),
		knob.CheckPositive(map[string]float64{"Plane.Rate": p.Rate, "Plane.Noise": p.Noise}),
		sweep.CheckFits("Optimizers × Plane.Seeds", replicas, sweep.Config{Model: noisySaddle(), BatchSize: 1, Optimizer: sweep.Together(c.Optimizers...)}))
}

func (c Config) checkDeep() error {
	d := c.Deep
	if err := knob.FirstOf(
		c.checkOptimizers(), knob.CheckRates("Deep.Rates", d.Rates), knob.CheckRates("Deep.Scales", d.Scales), knob.CheckSeeds("Deep.Seeds", d.Seeds),
		knob.CheckAtLeast(2, map[string]int{"Deep.Layers": d.Layers}),
		knob.CheckAtLeast(1, map[string]int{"Deep.Features": d.Features, "Deep.BatchSize": d.BatchSize, "Deep.Steps": d.Steps}),
		knob.CheckAtLeast(max(d.BatchSize, 1), map[string]int{"Deep.Examples": d.Examples}),
	); err != nil {
		return err
	}
	for _, noise := range d.Noises {
		if !(noise > 0) || math.IsInf(noise, 1) {
			return badinput.Errorf("Deep.Noises has %g: every deviation must be above 0 and finite", noise)
		}
	}
	replicas := len(c.Optimizers) * len(d.Rates) * len(d.Seeds) * (len(d.Scales) + 1) * (len(d.Noises) + 1)
	return sweep.CheckFits("Optimizers × Deep.Rates × Seeds × Scales × Noises", replicas,
		sweep.Config{Model: d.model(), BatchSize: d.BatchSize, Optimizer: sweep.Together(c.Optimizers...)})
}

func (c Config) checkRace() error {
	r := c.Race
	if !(r.Target > 0 && r.Target < 1) {
		return badinput.Errorf("Race.Target is %g: it must be above 0 and below 1", r.Target)
	}
	if r.Spirals.Features != 0 || r.Spirals.Flipped != 0 {
		return badinput.Errorf("Race.Spirals.Features is %d and Race.Spirals.Flipped is %g: spirals lie in the plane and have no wrong labels, leave both 0", r.Spirals.Features, r.Spirals.Flipped)
	}
	if err := knob.FirstOf(
		c.checkOptimizers(), knob.CheckRates("Race.Rates", r.Rates), knob.CheckSeeds("Race.Tuning", r.Tuning), knob.CheckSeeds("Race.Seeds", r.Seeds),
		knob.CheckPositive(map[string]float64{"Race.Perturbation": r.Perturbation}),
		knob.CheckAtLeast(1, map[string]int{"Race.Every": r.Every, "Race.Shakes": r.Shakes, "Race.Teacher.Features": r.Teacher.Features}),
		r.Spirals.check("Race.Spirals", 4*r.Every), r.Teacher.check("Race.Teacher", 4*r.Every),
	); err != nil {
		return err
	}
	replicas := len(c.Optimizers) * max(len(r.Rates)*len(r.Tuning), 2*len(r.Seeds))
	for name, t := range map[string]TaskConfig{"Spirals": r.Spirals, "Teacher": r.Teacher} {
		if err := sweep.CheckFits("Optimizers × Race.Rates × Race.Seeds of "+name, replicas,
			sweep.Config{Model: t.net().Model(), BatchSize: max(t.Train, t.Test), Optimizer: sweep.Together(c.Optimizers...)}); err != nil {
			return err
		}
	}
	return nil
}

func (t TaskConfig) check(name string, steps int) error {
	if !(t.Flipped >= 0 && t.Flipped < 0.5) {
		return badinput.Errorf("%s.Flipped is %g: it must be from 0 to below 0.5", name, t.Flipped)
	}
	return knob.FirstOf(
		knob.CheckAtLeast(1, map[string]int{name + ".Test": t.Test, name + ".BatchSize": t.BatchSize}),
		knob.CheckAtLeast(steps, map[string]int{name + ".Steps": t.Steps}),
		knob.CheckAtLeast(t.BatchSize, map[string]int{name + ".Train": t.Train}),
		checkHidden(name+".Hidden", t.Hidden))
}

func checkHidden(name string, hidden []int) error {
	for _, units := range hidden {
		if err := knob.CheckAtLeast(1, map[string]int{name: units}); err != nil {
			return err
		}
	}
	return nil
}

func (c Config) checkNoise() error {
	n := c.Noise
	if err := knob.FirstOf(
		c.checkOptimizers(), knob.CheckSeeds("Noise.Seeds", n.Seeds), checkHidden("Noise.Hidden", n.Hidden),
		knob.CheckAtLeast(1, map[string]int{"Noise.BatchSize": n.BatchSize, "Noise.Steps": n.Steps}),
		knob.CheckAtLeast(0, map[string]int{"Noise.Warmup": n.Warmup}),
		knob.CheckAtLeast(4, map[string]int{"Noise.Watched": n.Watched}),
		knob.CheckAtLeast(n.BatchSize, map[string]int{"Noise.Train": n.Train}),
		knob.CheckPositive(map[string]float64{"Noise.Rate": n.Rate}),
	); err != nil {
		return err
	}
	// What is watched is kept for all steps.
	steps := max(n.Steps, n.Warmup+n.Watched)
	return sweep.CheckFits("Optimizers × Noise.Seeds × Watched", len(c.Optimizers)*len(n.Seeds)*steps, sweep.Config{Model: sweep.Model{Shapes: n.net().Model().Shapes}})
}

func (c TheoryConfig) check() error {
	if !(c.Gradient > 2) || math.IsInf(c.Gradient, 1) {
		return badinput.Errorf("Theory.Gradient is %g: the theorem is about C above 2", c.Gradient)
	}
	return knob.FirstOf(
		knob.CheckRates("Theory.Rates", c.Rates), knob.CheckPositive(map[string]float64{"Theory.Alpha": c.Alpha}),
		knob.CheckAtLeast(1, map[string]int{"Theory.Steps": c.Steps, "Theory.Features": c.Features, "Theory.Follows": c.Follows}),
		knob.CheckAtLeast(3, map[string]int{"Theory.Rounds": c.Rounds}),
		knob.CheckAtLeast(c.Features+2, map[string]int{"Theory.Examples": c.Examples}))
}

func (c Config) checkCost() error {
	for _, width := range c.Cost.Widths {
		if err := knob.CheckAtLeast(1, map[string]int{"Cost.Widths": width}); err != nil {
			return err
		}
	}
	return knob.FirstOf(
		c.checkOptimizers(), knob.CheckAtLeast(2, map[string]int{"Cost.Widths (how many)": len(c.Cost.Widths)}),
		knob.CheckAtLeast(1, map[string]int{"Cost.BatchSize": c.Cost.BatchSize, "Cost.Rounds": c.Cost.Rounds, "Cost.Steps": c.Cost.Steps}))
}
