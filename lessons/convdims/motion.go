package convdims

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"evident/datasets/clips"
	"evident/kit/fit"
)

// MotionFacts are the outcomes of the task with the moving bar. Shares of right
// answers, 0–1; 0.5 is chance. Layers are in the order of Nets.
type MotionFacts struct {
	Nets     Nets
	Forward  [][]float64 // [layer][seed]: on the direction
	Backward [][]float64 // [layer][seed]: on the same clips played backwards
	Longer   [][]float64 // [layer][seed]: on clips of twice as many frames; nil where the layer cannot read them
	Height   []float64   // [seed]: frame by frame, on the height of the bar

	Speeds  []int
	BySpeed [][][]float64 // [layer][speed][seed], at the first noise
	Noises  []float64
	ByNoise [][][]float64 // [layer][noise][seed], at the first speed

	Kernels []Kernel // of the Conv3D net from the first seed
}

// shape is that of one clip.
func (c MotionConfig) shape() []int { return []int{c.Frames, c.Side, c.Side, 1} }

// directions are clips of the scene, labelled with the direction.
func directions(s clips.Scene) source {
	return func(n int, seed int64) (fit.Data, error) {
		set, err := clips.Generate(n, s, seed)
		return fit.NewData(set.Values, set.Shape(), set.Direction), err
	}
}

// backwards are the same clips, played backwards.
func backwards(s clips.Scene) source {
	return func(n int, seed int64) (fit.Data, error) {
		set, err := clips.Generate(n, s, seed)
		set = set.Reversed()
		return fit.NewData(set.Values, set.Shape(), set.Direction), err
	}
}

// heights are the same clips, labelled with what every frame shows.
func heights(s clips.Scene) source {
	return func(n int, seed int64) (fit.Data, error) {
		set, err := clips.Generate(n, s, seed)
		return fit.NewData(set.Values, set.Shape(), set.Height), err
	}
}

// MeasureMotion trains the three nets to tell the direction, at every speed and
// every noise, and the one that looks frame by frame to tell the height too.
func MeasureMotion(ctx context.Context, backend compute.Backend, c MotionConfig) (MotionFacts, error) {
	facts := MotionFacts{Speeds: c.Speeds, Noises: c.Noises}
	if err := c.check("Motion"); err != nil {
		return facts, err
	}
	for _, rival := range contenders(c.shape(), c.Training, layers...) {
		net, shares, err := c.run(ctx, backend, rival, c.shape(), c.experiments(rival.layer, &facts))
		if err != nil {
			return facts, err
		}
		facts.add(rival.layer, net, shares)
	}
	return facts, nil
}

// conditions are an experiment at every speed, and then one at every other noise.
func (c MotionConfig) conditions() []trial {
	var all []trial
	add := func(speed, noise int) {
		s := c.scene(speed, noise)
		name := fmt.Sprintf("speed %d, noise %g", s.Speed, s.Noise)
		all = append(all, trial{name: name, train: directions(s), tests: []source{directions(s)}})
	}
	for speed := range c.Speeds {
		add(speed, 0)
	}
	for noise := 1; noise < len(c.Noises); noise++ {
		add(0, noise)
	}
	return all
}

// experiments are the conditions, the first with more tests, and the control.
func (c MotionConfig) experiments(l layer, facts *MotionFacts) []trial {
	all, s := c.conditions(), c.scene(0, 0)
	first := &all[0]
	first.tests = append(first.tests, backwards(s))
	if l.name != stacked.name {
		longer := s
		longer.Frames *= 2
		first.tests = append(first.tests, directions(longer))
	}
	switch l.name {
	case throughTime.name:
		first.keep = func(net *fit.Classifier) (err error) {
			facts.Kernels, err = kernelsOf(net, c.Kernel)
			return err
		}
	case perFrame.name:
		all = append(all, trial{name: "height of the bar", train: heights(s), tests: []source{heights(s)}})
	}
	return all
}

// add sorts the shares of a layer's experiments into the facts.
func (f *MotionFacts) add(l layer, net NetFacts, shares [][][]float64) {
	f.Nets = append(f.Nets, net)
	first := shares[0]
	f.Forward, f.Backward = append(f.Forward, first[0]), append(f.Backward, first[1])
	var longer []float64
	if len(first) > 2 {
		longer = first[2]
	}
	f.Longer = append(f.Longer, longer)
	var bySpeed [][]float64
	for speed := range f.Speeds {
		bySpeed = append(bySpeed, shares[speed][0])
	}
	byNoise := [][]float64{first[0]}
	for noise := 1; noise < len(f.Noises); noise++ {
		byNoise = append(byNoise, shares[len(f.Speeds)+noise-1][0])
	}
	f.BySpeed, f.ByNoise = append(f.BySpeed, bySpeed), append(f.ByNoise, byNoise)
	if l.name == perFrame.name {
		f.Height = shares[len(shares)-1][0]
	}
}

// Kernel is one filter of a trained Conv3D and what it speaks for.
type Kernel struct {
	Side   int       // frames, rows and columns
	Values []float32 // [frame][row][column], Side³ of them
	Left   float64   // its weight for "left" minus that for "right"
}

// kernelsOf reads the filters of a Conv3D classifier.
func kernelsOf(net *fit.Classifier, side int) ([]Kernel, error) {
	weights, err := valuesOf(net, "/conv/weights") // [kernel, kernel, kernel, 1, filters]
	if err != nil {
		return nil, err
	}
	dense, err := valuesOf(net, "/logits/weights") // [filters, classes]
	if err != nil {
		return nil, err
	}
	kernels := make([]Kernel, len(dense)/classes)
	for i := range kernels {
		kernels[i].Side = side
		kernels[i].Left = float64(dense[i*classes+clips.Left] - dense[i*classes+clips.Right])
		for at := i; at < len(weights); at += len(kernels) {
			kernels[i].Values = append(kernels[i].Values, weights[at])
		}
	}
	return kernels, nil
}

func valuesOf(net *fit.Classifier, path string) ([]float32, error) {
	value, err := net.Store().GetVariable(path).Value()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return tensors.MustCopyFlatData[float32](value), nil
}
