package imageclass

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute"

	"evident/datasets"
	"evident/datasets/audit"
	"evident/kit/fit"
)

// Leaks is what becomes of the score when copies of validation pictures stand
// among the training pictures.
type Leaks struct {
	DataSet string
	Share   float64 // of the validation pictures
	Runs    []Leak  // by seed
}

// Leak is what one seed came to.
type Leak struct {
	Before        Twins // what the audit finds before the leak
	Planted       Twins
	Found         Twins
	OnLeaked      float64 // accuracy on the leaked validation pictures
	OnClean       float64 // accuracy on the others
	LeakedWithout float64 // on the leaked ones, of a net that was trained without the leak
	CleanWithout  float64
	Score         float64 // on all of them, the score that would be reported
}

// Twins count validation pictures with a twin among the training pictures.
type Twins struct{ Exact, Near int }

// copies is how many of the validation pictures are copied.
func (c LeakConfig) copies(validation int) int { return int(math.Round(c.Share * float64(validation))) }

// measureLeak plants a leak from every seed, looks for it with the audit, and
// trains with it. The nets without it are given by what they make of the
// validation pictures, by seed; they had equally many pictures and epochs.
func measureLeak(ctx context.Context, backend compute.Backend, c Config, from *source, without map[int64]Outcome) (Leaks, error) {
	leaks := Leaks{Share: c.Leak.Share}
	pictures, err := from.of(c.Memory.Seeds[0])
	if err != nil {
		return leaks, err
	}
	leaks.DataSet = pictures.name()
	open := c.Train.open(c.Train.Net, plain, pictures.Train)
	leaks.Runs, err = fit.BySeed(ctx, backend, c.Memory.Seeds, open, func(ctx context.Context, net *fit.Classifier, seed int64) (Leak, error) {
		pictures, err := from.of(seed)
		if err != nil {
			return Leak{}, err
		}
		return c.leak(ctx, net, pictures, seed, without[seed])
	})
	return leaks, err
}

func (c Config) leak(ctx context.Context, net *fit.Classifier, p Pictures, seed int64, without Outcome) (Leak, error) {
	var l Leak
	clean := p.Train.Take(c.Memory.Few)
	spoilt, leaked := plant(clean, p.Validation, c.Leak.copies(p.Validation.Len()), fit.Rand(seed, forLeak))
	l.Planted = Twins{(len(leaked) + 1) / 2, len(leaked) / 2}
	l.Before.Exact, l.Before.Near = audit.Crossing(clean, p.Validation)
	l.Found.Exact, l.Found.Near = audit.Crossing(spoilt, p.Validation)
	_, err := net.Train(ctx, fit.ImageData(spoilt), fit.Training{
		Task: fmt.Sprintf("with the leak, seed %d", seed), Seed: seed, Epochs: c.Leak.Epochs,
	})
	if err != nil {
		return l, err
	}
	with, err := outcomeOf(ctx, net, p)
	if err != nil {
		return l, err
	}
	l.OnLeaked, l.OnClean = with.shares(leaked)
	l.LeakedWithout, l.CleanWithout = without.shares(leaked)
	l.Score = with.Confusion().Accuracy().Value
	return l, nil
}

// shares are the shares of right answers on the chosen pictures and on the
// others.
func (o Outcome) shares(chosen []int) (inside, outside float64) {
	right := [2]int{}
	for i := range o.Scores {
		if o.right(i) {
			if slices.Contains(chosen, i) {
				right[0]++
			} else {
				right[1]++
			}
		}
	}
	return float64(right[0]) / float64(max(len(chosen), 1)), float64(right[1]) / float64(max(len(o.Scores)-len(chosen), 1))
}

// forLeak is the purpose for which a leak's random numbers are drawn.
const forLeak = 0x6c65616b // "leak"

// plant puts copies of so many validation pictures in the place of the last
// training pictures. Every second copy is a little changed, as a picture is that
// was saved once more. It returns which validation pictures were copied.
func plant(train, validation datasets.Images, copies int, random *rand.Rand) (spoilt datasets.Images, leaked []int) {
	size := train.PictureSize()
	copies = min(copies, train.Len(), validation.Len())
	leaked = random.Perm(validation.Len())[:copies]
	spoilt = train
	spoilt.Pixels, spoilt.Labels = slices.Clone(train.Pixels), slices.Clone(train.Labels)
	for k, from := range leaked {
		at := train.Len() - copies + k
		into := spoilt.Pixels[at*size:][:size]
		copy(into, validation.Pixels[from*size:][:size])
		spoilt.Labels[at] = validation.Labels[from]
		if k%2 == 1 {
			change(into, random)
		}
	}
	return spoilt, leaked
}

// change makes a picture a little brighter or darker, and noisier.
func change(pixels []uint8, random *rand.Rand) {
	const most, deviation = 0.1, 3.0 // of the brightness; of the noise, in grey levels
	factor := 1 + most*(2*random.Float64()-1)
	for i, v := range pixels {
		pixels[i] = uint8(math.Round(min(max(factor*float64(v)+deviation*random.NormFloat64(), 0), 255)))
	}
}
