package convdims

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"evident/datasets/tubes"
	"evident/kit/fit"
)

// VesselFacts are the outcomes of the question which voxels are of the vessel.
// Layers are in the order of Nets.
type VesselFacts struct {
	Nets   Nets
	Noises []float64
	Told   [][][]float64 // [layer][noise][seed]; see voxelScore
	Dice   [][][]float64 // [layer][noise][seed]
	// Sample is a volume, and Found what each layer's net, from the first seed at
	// the first noise, takes for the vessel in it: [layer][voxel].
	Sample tubes.Vessels
	Found  [][]uint8
}

// MeasureVessels trains two segmenters on patches, slice by slice and Conv3D,
// and scores them on whole volumes, at every noise.
func MeasureVessels(ctx context.Context, backend compute.Backend, c VolumeConfig) (VesselFacts, error) {
	facts := VesselFacts{Noises: c.Noises}
	if err := c.check("Vessels"); err != nil {
		return facts, err
	}
	var err error
	if facts.Sample, err = tubes.GenerateVessels(1, c.scene(0), c.Seeds[0]+farAway); err != nil {
		return facts, err
	}
	for _, rival := range contenders(c.shape(), c.Training, perFrame, throughTime) {
		if err := facts.train(ctx, backend, c, rival); err != nil {
			return facts, fmt.Errorf("segmenting, %s: %w", rival.name, err)
		}
	}
	return facts, nil
}

// segmenting is a segmenter on patches, with its program on whole volumes.
type segmenting struct {
	*fit.Classifier
	volumes *fit.Program
}

func (c VolumeConfig) segmenting(backend compute.Backend, rival contender) (segmenting, error) {
	example, err := tubes.GenerateVessels(c.BatchSize, c.scene(0), 1) // of which only the shape counts
	if err != nil {
		return segmenting{}, err
	}
	net, err := fit.NewClassifier(backend, ofCentre(rival.segmenter), patchData(example, rival.kernel, 1), c.BatchSize, c.adam())
	if err != nil {
		return segmenting{}, err
	}
	program, err := net.Program(rival.segmenter)
	return segmenting{net, program}, err
}

// run returns the logits of every voxel: [n][voxels·classes].
func (s segmenting) run(ctx context.Context, v tubes.Vessels) ([][]float32, error) {
	return s.volumes.Run(ctx, fit.NewData(v.Values, v.Shape(), make([]int32, v.Len())))
}

// train adds a layer's outcomes.
func (f *VesselFacts) train(ctx context.Context, backend compute.Backend, c VolumeConfig, rival contender) error {
	net, err := c.segmenting(backend, rival)
	if err != nil {
		return err
	}
	defer net.Finalize()
	defer net.volumes.Finalize()
	told, dice := make([][]float64, len(c.Noises)), make([][]float64, len(c.Noises))
	for noise := range c.Noises {
		for i, seed := range c.Seeds {
			task := fmt.Sprintf("segmenting, %s, noise %g, seed %d", rival.name, c.Noises[noise], seed)
			score, err := c.trainOnce(ctx, net, noise, fit.Training{Task: task, Seed: seed, Epochs: c.Epochs})
			if err != nil {
				return err
			}
			told[noise], dice[noise] = append(told[noise], score.Told), append(dice[noise], score.Dice)
			if noise == 0 && i == 0 {
				logits, err := net.run(ctx, f.Sample)
				if err != nil {
					return err
				}
				f.Found = append(f.Found, guesses(logits[0]))
			}
		}
	}
	f.Nets = append(f.Nets, NetFacts{Layer: rival.name, Filters: rival.filters, Parameters: net.Parameters()})
	f.Told, f.Dice = append(f.Told, told), append(f.Dice, dice)
	return nil
}

// trainOnce trains from one seed and scores on volumes that were not trained on.
func (c VolumeConfig) trainOnce(ctx context.Context, net segmenting, noise int, t fit.Training) (voxelScore, error) {
	train, err := tubes.GenerateVessels(c.Train, c.scene(noise), t.Seed)
	if err != nil {
		return voxelScore{}, err
	}
	test, err := tubes.GenerateVessels(c.Test, c.scene(noise), t.Seed+farAway)
	if err != nil {
		return voxelScore{}, err
	}
	if _, err := net.Train(ctx, patchData(train, c.Kernel, t.Seed), t); err != nil {
		return voxelScore{}, err
	}
	logits, err := net.run(ctx, test)
	if err != nil {
		return voxelScore{}, err
	}
	return scoreVoxels(logits, test), nil
}

// guesses are the classes that the logits [voxels·classes] are for.
func guesses(logits []float32) []uint8 {
	found := make([]uint8, len(logits)/classes)
	for i := range found {
		found[i] = uint8(fit.Argmax(logits[i*classes : (i+1)*classes]))
	}
	return found
}

// voxelScore is how well a segmentation agrees with the truth.
type voxelScore struct {
	// Told is the share of right answers on the voxels of either the vessel or a
	// spot, but not of both: 0.5 is chance.
	Told float64
	// Dice is 2·|A∩B| / (|A|+|B|) of the voxels found and those of the vessel
	// (Dice 1945). Who marks vessel and spots alike has at most 2/3.
	Dice float64
}

// scoreVoxels compares logits [n][voxels·classes] with the masks.
func scoreVoxels(logits [][]float32, v tubes.Vessels) voxelScore {
	var told, asked, both, found, vessel float64
	for i, own := range logits {
		start := i * len(own) / classes
		for j, guess := range guesses(own) {
			truth, spot := v.Vessel[start+j], v.Spot[start+j]
			if truth != spot {
				asked++
				if guess == truth {
					told++
				}
			}
			both += float64(guess * truth)
			found += float64(guess)
			vessel += float64(truth)
		}
	}
	return voxelScore{Told: told / asked, Dice: 2 * both / (found + vessel)}
}
