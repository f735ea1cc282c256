package convdims

import (
	"context"
	"fmt"
	"image/color"

	"github.com/gomlx/compute"

	"evident/datasets/tubes"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// VesselsMeasurement holds the outcomes of the question which voxels are of the vessel.
// Layers are in the order of Nets.
type VesselsMeasurement struct {
	Nets   Nets
	Trials int // slices behind an accuracy: the voxels of one hang together
	Noises []float64
	Told   [][][]float64 // [layer][noise][seed]; see voxelScore
	Dice   [][][]float64 // [layer][noise][seed]
	// Sample is a volume, and Found what each layer's net, from the first seed at
	// the first noise, takes for the vessel in it: [layer][voxel].
	Sample tubes.Vessels
	Found  [][]uint8
}

// measureVessels trains segmenters on patches, and scores them on whole volumes, at
// every noise.
func measureVessels(ctx context.Context, backend compute.Backend, c VolumeConfig) (VesselsMeasurement, error) {
	facts := VesselsMeasurement{Trials: c.Test * c.Depth, Noises: c.Noises}
	var err error
	if facts.Sample, err = tubes.GenerateVessels(1, c.scene(0), c.Seeds[0]+farAway); err != nil {
		return facts, err
	}
	for _, rival := range contenders(c.shape(), c.Training, perFrame, throughTime, overPixels) {
		if err := facts.train(ctx, backend, c, rival); err != nil {
			return facts, fmt.Errorf("segmenting, %s: %w", rival.name, err)
		}
	}
	return facts, nil
}

// estimate is that of a fraction over the seeds.
func (f VesselsMeasurement) estimate(fractions []float64) claim.Estimate {
	return claim.EstimateFraction(fractions, f.Trials)
}

// segmenting is a segmenter on patches, with its program on whole volumes.
type segmenting struct {
	*fit.Classifier
	volumes *fit.Program
}

// Finalize frees both.
func (s segmenting) Finalize() {
	s.volumes.Finalize()
	s.Classifier.Finalize()
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
func (f *VesselsMeasurement) train(ctx context.Context, backend compute.Backend, c VolumeConfig, rival contender) error {
	jobs := jobsOf(0, c.Seeds)
	for noise := 1; noise < len(c.Noises); noise++ {
		jobs = append(jobs, jobsOf(noise, shown(c.Seeds))...)
	}
	net, found := SizedNet{Layer: rival.name, Filters: rival.filters}, []uint8(nil)
	open := func(backend compute.Backend) (segmenting, error) {
		s, err := c.segmenting(backend, rival)
		if err == nil {
			_, err = s.run(ctx, f.Sample) // compiles
		}
		return s, err
	}
	scores, err := sideBySide(ctx, backend, jobs, open, func(ctx context.Context, s segmenting, j job) (voxelScore, error) {
		task := fmt.Sprintf("segmenting, %s, noise %g, seed %d", rival.name, c.Noises[j.condition], j.seed)
		score, err := c.trainOnce(ctx, s, j.condition, fit.Training{Task: task, Seed: j.seed, Epochs: c.Epochs})
		if err != nil || j != jobs[0] {
			return score, err
		}
		logits, err := s.run(ctx, f.Sample)
		if err == nil {
			net.Parameters, found = s.Parameters(), guesses(logits[0])
		}
		return score, err
	})
	told, dice := make([][]float64, len(c.Noises)), make([][]float64, len(c.Noises))
	for i, score := range scores {
		noise := jobs[i].condition
		told[noise], dice[noise] = append(told[noise], score.Told), append(dice[noise], score.Dice)
	}
	f.Nets, f.Found, f.Told, f.Dice = append(f.Nets, net), append(f.Found, found), append(f.Told, told), append(f.Dice, dice)
	return err
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
	// Told is the accuracy on the voxels of either the vessel or a
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

// The colours of what is marked in a volume (Okabe and Ito 2008).
var (
	vesselTone = color.NRGBA{0x00, 0x9E, 0x73, 255}
	spotTone   = color.NRGBA{0xD5, 0x5E, 0x00, 255}
)

// picture shows the slices of a volume, above the truth and what either net found.
func (f VesselsMeasurement) picture() (report.Picture, error) {
	v := f.Sample
	plain := volumePanel("volume", v.Volumes, 0)
	marked := func(name string, vessel, spot []uint8) panel {
		return panel{name, plain.side, func(slice, row, column int) color.NRGBA {
			shade, at := plain.colour(slice, row, column), (slice*plain.side+row)*plain.side+column
			switch {
			case vessel[at] == 1:
				return tinted(shade, vesselTone)
			case spot != nil && spot[at] == 1:
				return tinted(shade, spotTone)
			}
			return shade
		}}
	}
	drawn, err := strip("slice", v.Scene.Depth, plain, marked("truth", v.Vessel, v.Spot),
		marked("slice by slice", f.Found[f.Nets.of(perFrame)], nil), marked("Conv3D", f.Found[f.Nets.of(throughTime)], nil))
	return report.Picture{
		ID: "vessels", Title: "The slices of a volume; the truth (vessel green, spots orange); what Conv2D marks slice by slice; what Conv3D marks",
		Alt: "Four rows show the slices of one volume: the volume, the same with the vessel in green and the spots in orange, and the same with what Conv2D and what Conv3D mark in green. A net is right where its green is that of the truth.",
		PNG: drawn,
	}, err
}

// table lists what the nets make of the voxels.
func (f VesselsMeasurement) table() report.Table {
	table := report.Table{
		ID: "voxels", Title: "Which voxels are of the vessel?", Columns: []string{"layer", "filters", "parameters", "noise", "vessel or spot: right", "Dice"},
	}
	for i, net := range f.Nets {
		for k, noise := range f.Noises {
			table.Rows = append(table.Rows, []string{
				ofSlices(net), fmt.Sprint(net.Filters), fmt.Sprint(net.Parameters), fmt.Sprint(noise),
				f.estimate(f.Told[i][k]).String(), f.estimate(f.Dice[i][k]).String(),
			})
		}
	}
	return table
}

// VesselVoxels is the experiment. Its measurement is judged by [Volumes].
var VesselVoxels = experiment.Experiment[VolumeConfig, VesselsMeasurement]{
	Name: "Vessels", Title: "Which voxels are of the vessel?",
	Measure: measureVessels,
	Figures: func(_ VolumeConfig, f VesselsMeasurement) (report.Figures, error) {
		picture, err := f.picture()
		return report.Figures{Tables: []report.Table{f.table()}, Pictures: []report.Picture{picture}}, err
	},
}
