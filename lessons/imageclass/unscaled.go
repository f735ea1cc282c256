package imageclass

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/compute"

	"evident/lessons/fit"
)

// Unscaled is the same net on the same pictures with pixels from 0 to 1 and with
// pixels from 0 to 255, for two nets.
type Unscaled struct {
	DataSet string
	Nets    []Scales // the lesson's, and the other
}

// Scales are the trainings of one net.
type Scales struct {
	Net         Net
	Parameters  int
	Scaled, Raw []Start // by seed
}

// Start is how a training begins.
type Start struct {
	InitialLoss  float64   // of the untrained net on the validation pictures, in nats
	InitialScale float64   // mean size of the difference of its two logits
	FirstEpoch   float64   // mean loss of the steps of the first epoch
	Losses       []float64 // of every step of the first epoch
	Last         float64   // validation accuracy after the last epoch
}

// measureUnscaled trains with either scale from the same weights, in the same
// order.
func measureUnscaled(ctx context.Context, backend compute.Backend, c Config, from *source) (Unscaled, error) {
	var u Unscaled
	first, err := from.of(c.Unscaled.Seeds[0])
	if err != nil {
		return u, err
	}
	u.DataSet = first.name()
	for _, n := range []Net{c.Train.Net, c.Unscaled.Other} {
		summary, err := n.Model(first.Train.Height, first.Train.Width, first.Train.Channels).Summarize()
		if err != nil {
			return u, err
		}
		scales := Scales{Net: n, Parameters: summary.Total()}
		for _, r := range []struct {
			recipe recipe
			into   *[]Start
		}{{plain, &scales.Scaled}, {raw, &scales.Raw}} {
			open := func(backend compute.Backend) (*fit.Classifier, error) {
				return c.Train.classifier(backend, n.network(r.recipe), first.Train)
			}
			*r.into, err = fit.BySeed(ctx, backend, c.Unscaled.Seeds, open, func(ctx context.Context, net *fit.Classifier, seed int64) (Start, error) {
				return startOf(ctx, net, from, fmt.Sprintf("%s, %s, seed %d", n.name(), r.recipe.name, seed), seed, c.Unscaled.Epochs)
			})
			if err != nil {
				return u, err
			}
		}
		u.Nets = append(u.Nets, scales)
	}
	return u, nil
}

func startOf(ctx context.Context, net *fit.Classifier, from *source, task string, seed int64, epochs int) (Start, error) {
	pictures, err := from.of(seed)
	if err != nil {
		return Start{}, err
	}
	data, validation := fit.ImageData(pictures.Train), fit.ImageData(pictures.Validation)
	if err := net.Reset(seed); err != nil {
		return Start{}, err
	}
	logits, err := net.Logits(ctx, validation)
	if err != nil {
		return Start{}, err
	}
	start := Start{InitialLoss: fit.ScoreLogits(logits, validation.Labels()).Loss}
	for _, l := range logits {
		start.InitialScale += math.Abs(float64(l[1])-float64(l[0])) / float64(len(logits))
	}
	history, err := net.Train(ctx, data, fit.Training{Task: task, Seed: seed, Epochs: epochs, Validation: &validation})
	if err != nil {
		return start, err
	}
	if len(history.Epochs) < epochs { // it diverged, and has no mean
		start.FirstEpoch, start.Losses = math.Inf(1), history.Losses
		return start, nil
	}
	start.FirstEpoch, start.Losses = history.Epochs[0].Loss, history.Losses[:history.Epochs[0].Steps]
	start.Last = history.Epochs[epochs-1].Validation.Accuracy
	return start, nil
}

// each is one number a seed.
func each(starts []Start, of func(Start) float64) []float64 {
	all := make([]float64, len(starts))
	for i, s := range starts {
		all[i] = of(s)
	}
	return all
}

func firstEpoch(s Start) float64   { return s.FirstEpoch }
func initialLoss(s Start) float64  { return s.InitialLoss }
func initialScale(s Start) float64 { return s.InitialScale }
func lastAccuracy(s Start) float64 { return s.Last }
