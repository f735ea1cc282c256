package imageclass

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"

	"evident/kit/fit"
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

// Untrained is what the untrained net makes of the validation pictures.
type Untrained struct {
	InitialLoss  float64 // in nats
	InitialScale float64 // mean size of the difference of its two logits
}

// Start is how a training begins.
type Start struct {
	Untrained
	FirstEpoch float64   // mean loss of the steps of the first epoch
	Losses     []float64 // of every step of the first epoch
	Last       float64   // validation accuracy after the last epoch
}

// measureUnscaled trains with either scale from the same weights, in the same
// order. With pixels from 0 to 1 the lesson's net has been trained already.
func measureUnscaled(ctx context.Context, backend compute.Backend, c Config, from *source, t Trained) (Unscaled, error) {
	first, err := from.of(c.Unscaled.Seeds[0])
	if err != nil {
		return Unscaled{}, err
	}
	own, other := Scales{Net: c.Train.Net, Scaled: c.Unscaled.startsOf(t)}, Scales{Net: c.Unscaled.Other}
	for _, training := range []struct {
		net    Net
		recipe recipe
		into   *[]Start
	}{{own.Net, raw, &own.Raw}, {other.Net, plain, &other.Scaled}, {other.Net, raw, &other.Raw}} {
		open := c.Train.open(training.net, training.recipe, first.Train)
		task := training.net.name() + ", " + training.recipe.name
		*training.into, err = fit.BySeed(ctx, backend, c.Unscaled.Seeds, open, func(ctx context.Context, net *fit.Classifier, seed int64) (Start, error) {
			return c.Unscaled.start(ctx, net, from, task, seed)
		})
		if err != nil {
			return Unscaled{}, err
		}
	}
	u := Unscaled{DataSet: first.name(), Nets: []Scales{own, other}}
	for i, scales := range u.Nets {
		summary, err := scales.Net.Model(first.Train.Height, first.Train.Width, first.Train.Channels).Summarize()
		if err != nil {
			return u, err
		}
		u.Nets[i].Parameters = summary.Total()
	}
	return u, nil
}

// startsOf are the beginnings of those trainings whose seeds are ours.
func (c UnscaledConfig) startsOf(t Trained) []Start {
	var starts []Start
	for _, seed := range c.Seeds {
		at := slices.IndexFunc(t.Runs, func(run SeedFacts) bool { return run.History.Seed == seed })
		starts = append(starts, startOf(t.Runs[at].Untrained, t.Runs[at].History, c.Epochs))
	}
	return starts
}

// start trains from one seed.
func (c UnscaledConfig) start(ctx context.Context, net *fit.Classifier, from *source, task string, seed int64) (Start, error) {
	pictures, err := from.of(seed)
	if err != nil {
		return Start{}, err
	}
	data, validation := fit.ImageData(pictures.Train), fit.ImageData(pictures.Validation)
	before, err := untrained(ctx, net, seed, validation)
	if err != nil {
		return Start{}, err
	}
	history, err := net.Train(ctx, data, fit.Training{Task: fmt.Sprintf("%s, seed %d", task, seed), Seed: seed, Epochs: c.Epochs, Validation: &validation})
	return startOf(before, history, c.Epochs), err
}

// untrained gives the net the weights that a training from the seed begins with.
func untrained(ctx context.Context, net *fit.Classifier, seed int64, validation fit.Data) (Untrained, error) {
	if err := net.Reset(seed); err != nil {
		return Untrained{}, err
	}
	logits, err := net.Logits(ctx, validation)
	if err != nil {
		return Untrained{}, err
	}
	u := Untrained{InitialLoss: fit.ScoreLogits(logits, validation.Labels()).Loss}
	for _, l := range logits {
		u.InitialScale += math.Abs(float64(l[1])-float64(l[0])) / float64(len(logits))
	}
	return u, nil
}

// startOf looks at the first of so many epochs, and at what came after them. A
// training that diverged before has no mean.
func startOf(before Untrained, h fit.History, epochs int) Start {
	if len(h.Epochs) < epochs {
		return Start{Untrained: before, FirstEpoch: math.Inf(1), Losses: h.Losses}
	}
	return Start{before, h.Epochs[0].Loss, h.Losses[:h.Epochs[0].Steps], h.Epochs[epochs-1].Validation.Accuracy}
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
