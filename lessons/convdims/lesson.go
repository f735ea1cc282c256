package convdims

import (
	"context"
	"fmt"

	"evident/kit/experiment"
	"evident/kit/knob"
)

// Lesson is the lesson on question 3 (b).
var Lesson = experiment.Lesson[Config]{
	Name: "convdims", Title: "Convolutions in two and three dimensions", Question: "Q3 b", Notebook: "06-conv-dimensions.ipynb",
	Smoke: Smoke, Default: Default, Full: Full,
	Data: func(_ context.Context, c Config) (name, hash string, err error) {
		return fmt.Sprintf("generated: %s; tubes, %s; vessels, %s", c.Motion.scene(0, 0), c.Tubes.scene(0), c.Vessels.scene(0)), "", nil
	},
	Experiments: []experiment.Part[Config]{
		experiment.Of(BuiltLayers, func(c Config) GridConfig { return c.Grid }),
		experiment.Of(KernelWindows, func(c Config) GridConfig { return c.Grid }),
		experiment.Of(FrameOrders, func(c Config) OrderConfig { return c.Order }),
		experiment.Of(MovingBar, func(c Config) MotionConfig { return c.Motion }),
		experiment.Of(FrameByFrame, func(c Config) FramesKnobs { return FramesKnobs{c.Order, c.Motion} }),
		experiment.Of(MotionAtAnotherTime, func(c Config) MotionConfig { return c.Motion }),
		experiment.Of(CutTubes, func(c Config) TubesConfig { return c.Tubes }),
		experiment.Of(VesselVoxels, func(c Config) VolumeConfig { return c.Vessels }),
		experiment.Of(Volumes, func(c Config) VolumesKnobs { return VolumesKnobs{c.Tubes, c.Vessels} }),
	},
}

// Config holds the knobs of the lesson.
type Config struct {
	Grid    GridConfig
	Order   OrderConfig
	Motion  MotionConfig
	Tubes   TubesConfig
	Vessels VolumeConfig // which voxels are of the vessel?
}

// Default fits a laptop's CPU in under two minutes.
func Default() Config {
	seeds := knob.Seeds(8)
	return Config{
		Grid:  GridConfig{Kernels: []int{1, 2, 3}, Strides: []int{1, 2}, Channels: []int{1, 3}},
		Order: OrderConfig{Frames: 5, Seeds: knob.Seeds(5)},
		Motion: MotionConfig{
			Training: Training{Kernel: 3, Filters: 10, Train: 512, Test: 1600, Epochs: 10, BatchSize: 32, LearningRate: 1e-2, Seeds: seeds},
			Frames:   8, Side: 12, Speeds: []int{1, 2, 3}, Noises: []float64{0.3, 0.6, 0.9}, Control: 0.3, ControlSeeds: seeds,
		},
		Tubes: TubesConfig{VolumeConfig: VolumeConfig{
			Training: Training{Kernel: 3, Filters: 10, Train: 512, Test: 1600, Epochs: 20, BatchSize: 32, LearningRate: 1e-2, Seeds: knob.Seeds(11)},
			Depth:    8, Side: 12, Noises: []float64{0.2, 0.4},
		}, Control: 0.2, ControlSeeds: seeds},
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
	c.Motion.ControlSeeds, c.Tubes.ControlSeeds = knob.Seeds(2), knob.Seeds(2)
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

// The thresholds of the sampled claims, as accuracies where a guess has 0.5.
const (
	blind   = 0.6  // who has fewer sees next to nothing
	sees    = 0.8  // who has more sees what is asked for
	better  = 0.2  // a difference between seeing and not seeing
	matters = 0.05 // between two nets that both see: one clip in twenty, for which one would change the layer

	mostSeeds = 0.5 // fraction of seeds: above it, a layer does better more often than not
)

// seedsCounted is why a rule on gains was changed.
const seedsCounted = "counts seeds, since in a mean one net that never learned outweighed seven that did"
