package convdims

import (
	"evident/datasets/clips"
	"evident/datasets/tubes"
	"evident/kit/experiment"
	"evident/kit/knob"
)

// Config holds the knobs of the lesson.
type Config struct {
	Grid    GridConfig
	Order   OrderConfig
	Motion  MotionConfig
	Tubes   VolumeConfig // is the tube connected?
	Vessels VolumeConfig // which voxels are of the vessel?
}

// GridConfig is the grid on which shapes, parameters and multiply-adds of built
// layers are checked. Compared.
type GridConfig struct {
	Kernels  []int // side of the kernel
	Strides  []int
	Channels []int // of the input
}

// OrderConfig permutes the frames of a clip in all ways.
type OrderConfig struct {
	Frames int     // of the clip, at most 6: there are Frames! orders; fixed
	Seeds  []int64 // of the clip and the weights; averaged over
}

// Training is how each of the nets is trained, each seed on data of its own.
type Training struct {
	Kernel       int     // side of the kernels, an odd number; fixed
	Filters      int     // of Conv3D; the others get at least as many parameters; fixed
	Train, Test  int     // clips or volumes; fixed
	Epochs       int     // fixed
	BatchSize    int     // fixed
	LearningRate float64 // of Adam; fixed
	Seeds        []int64 // of data, weights and order; averaged over, a verdict needs at least 5
}

// MotionConfig asks for the direction in which a bar moves.
type MotionConfig struct {
	Training
	Frames int       // fixed
	Side   int       // height and width of a frame in pixels; fixed
	Speeds []int     // pixels a frame; compared, the verdicts are of the first
	Noises []float64 // of every pixel; compared, the verdicts are of the first
}

// scene is what the clips show at the speed and noise of the given places in
// their lists.
func (c MotionConfig) scene(speed, noise int) clips.Scene {
	return clips.Scene{Frames: c.Frames, Side: c.Side, Speed: c.Speeds[speed], Noise: c.Noises[noise]}
}

// VolumeConfig asks whether a tube is connected, or of every voxel whether it is
// of the vessel.
type VolumeConfig struct {
	Training
	Depth  int       // slices; fixed
	Side   int       // height and width of a slice in voxels; fixed
	Noises []float64 // of every voxel; compared, the verdicts are of the first
}

// scene is what the volumes show at the noise of the given place in the list.
func (c VolumeConfig) scene(noise int) tubes.Scene {
	return tubes.Scene{Depth: c.Depth, Side: c.Side, Noise: c.Noises[noise]}
}

// Default fits a laptop's CPU in under a minute.
func Default() Config {
	seeds := knob.Seeds(8)
	return Config{
		Grid:  GridConfig{Kernels: []int{1, 2, 3}, Strides: []int{1, 2}, Channels: []int{1, 3}},
		Order: OrderConfig{Frames: 5, Seeds: knob.Seeds(5)},
		Motion: MotionConfig{
			Training: Training{Kernel: 3, Filters: 10, Train: 512, Test: 400, Epochs: 5, BatchSize: 32, LearningRate: 1e-2, Seeds: seeds},
			Frames:   8, Side: 12, Speeds: []int{1, 2, 3}, Noises: []float64{0.3, 0.6, 0.9},
		},
		Tubes: VolumeConfig{
			Training: Training{Kernel: 3, Filters: 10, Train: 512, Test: 400, Epochs: 10, BatchSize: 32, LearningRate: 1e-2, Seeds: seeds},
			Depth:    8, Side: 12, Noises: []float64{0.2, 0.4},
		},
		Vessels: VolumeConfig{
			Training: Training{Kernel: 3, Filters: 10, Train: 64, Test: 64, Epochs: 6, BatchSize: 32, LearningRate: 1e-2, Seeds: seeds},
			Depth:    8, Side: 16, Noises: []float64{0.2, 0.4},
		},
	}
}

// Smoke runs the same code in seconds; sampled claims stay inconclusive.
func Smoke() Config {
	c := Default()
	small := func(t *Training) {
		t.Seeds, t.Train, t.Test, t.Epochs = knob.Seeds(2), min(t.Train, 64), min(t.Test, 64), 1
	}
	small(&c.Motion.Training)
	small(&c.Tubes.Training)
	small(&c.Vessels.Training)
	c.Vessels.Train, c.Vessels.Test = 4, 4
	c.Grid.Kernels = []int{1, 3}
	c.Order = OrderConfig{Frames: 4, Seeds: knob.Seeds(2)}
	c.Motion.Speeds, c.Motion.Noises = []int{1, 3}, []float64{0.3, 0.6}
	return c
}

// Full has more data, seeds and conditions; the sheet gives no scale of its own.
func Full() Config {
	c := Default()
	for _, t := range []*Training{&c.Motion.Training, &c.Tubes.Training, &c.Vessels.Training} {
		t.Train, t.Test, t.Seeds = 4*t.Train, 4*t.Test, knob.Seeds(16)
	}
	c.Motion.Speeds = []int{1, 2, 3, 4}
	c.Motion.Noises = []float64{0.3, 0.15, 0.6, 0.9, 1.2}
	c.Tubes.Noises = []float64{0.2, 0.1, 0.4, 0.6}
	c.Vessels.Noises = c.Tubes.Noises
	return c
}

// For is the configuration of a scale with the caller's options.
func For(o experiment.Options) Config {
	c := experiment.At(o.Preset, Smoke, Default, Full)
	knob.ShiftSeeds(o.Seed, &c.Order.Seeds, &c.Motion.Seeds, &c.Tubes.Seeds, &c.Vessels.Seeds)
	return c
}
