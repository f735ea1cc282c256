package minibatch

import (
	"context"
	"slices"

	"github.com/gomlx/compute"

	"evident/kit/sweep"
)

// PictureFacts are a classifier of loss curves and the curves that it was tried
// on.
type PictureFacts struct {
	Classifier Classifier
	Learned    []Picture // the curves of which its threshold was learned
	Unseen     []Picture // other seeds, another task, other rates and batch sizes
	Oscillates []Picture // full batches at a rate that is too high
	NearlyFull []Picture // batches of nearly all examples
}

// Picture is a loss curve and what it is of.
type Picture struct {
	Mini  bool // whether the batches were smaller than all examples
	Size  int  // of the batches
	Rate  float64
	Seed  int64
	Marks [2]float64 // in the order of features: share of rising steps, wander
}

// Marks are the two features of a loss curve that the classifier sees.
func marks(losses []float64) [2]float64 { return [2]float64{RisingShare(losses), Wander(losses)} }

// markNames are those of [Picture].Marks.
var markNames = [2]string{"share of rising steps", "wander"}

// Classifier calls a curve mini-batch when one of its marks is above a
// threshold.
type Classifier struct {
	Mark      int // index of the mark
	Threshold float64
}

// IsMini tells from the curve alone.
func (c Classifier) IsMini(losses []float64) bool { return c.callsMini(marks(losses)) }

func (c Classifier) callsMini(marks [2]float64) bool { return marks[c.Mark] > c.Threshold }

// Name of the mark that it looks at.
func (c Classifier) Name() string { return markNames[c.Mark] }

// learn takes the mark and the threshold with the highest balanced accuracy on
// the pictures. A threshold lies in the middle between two neighbouring values;
// of equals the widest gap, relative to the range, wins.
func learn(pictures []Picture) Classifier {
	var best Classifier
	bestAccuracy, bestGap := -1.0, 0.0
	for mark := range markNames {
		values := make([]float64, len(pictures))
		for i, p := range pictures {
			values[i] = p.Marks[mark]
		}
		slices.Sort(values)
		span := values[len(values)-1] - values[0]
		for i := 1; i < len(values); i++ {
			tried := Classifier{Mark: mark, Threshold: (values[i-1] + values[i]) / 2}
			accuracy, gap := tried.accuracy(pictures), (values[i]-values[i-1])/span
			if accuracy > bestAccuracy || accuracy == bestAccuracy && gap > bestGap {
				best, bestAccuracy, bestGap = tried, accuracy, gap
			}
		}
	}
	return best
}

// accuracy is the mean of two shares of right answers, that among mini-batches
// and that among full batches: guessing reaches ½.
func (c Classifier) accuracy(pictures []Picture) float64 {
	var right, all [2]float64
	for _, p := range pictures {
		kind := 0
		if p.Mini {
			kind = 1
		}
		all[kind]++
		if c.callsMini(p.Marks) == p.Mini {
			right[kind]++
		}
	}
	return (right[0]/max(all[0], 1) + right[1]/max(all[1], 1)) / 2
}

// calledMini is the share of the pictures that the classifier calls mini-batch.
func (c Classifier) calledMini(pictures []Picture) float64 {
	called := 0.0
	for _, p := range pictures {
		if c.callsMini(p.Marks) {
			called += 1 / float64(len(pictures))
		}
	}
	return called
}

// Accuracies are, for every seed, the balanced accuracy on its unseen curves.
func (f PictureFacts) Accuracies() []float64 {
	var seeds []int64
	bySeed := map[int64][]Picture{}
	for _, p := range f.Unseen {
		if bySeed[p.Seed] == nil {
			seeds = append(seeds, p.Seed)
		}
		bySeed[p.Seed] = append(bySeed[p.Seed], p)
	}
	accuracies := make([]float64, len(seeds))
	for i, seed := range seeds {
		accuracies[i] = f.Classifier.accuracy(bySeed[seed])
	}
	return accuracies
}

// MeasurePictures trains both sets of curves, learns from the one and leaves the
// other to be judged.
func MeasurePictures(ctx context.Context, backend compute.Backend, c PictureConfig) (facts PictureFacts, err error) {
	if err := c.check(); err != nil {
		return facts, err
	}
	if facts.Learned, _, err = c.pictures(ctx, backend, c.Learn); err != nil {
		return facts, err
	}
	facts.Classifier = learn(facts.Learned)
	if facts.Unseen, facts.Oscillates, err = c.pictures(ctx, backend, c.Unseen); err != nil {
		return facts, err
	}
	t := c.training("nearly full batches", c.Unseen.Task)
	facts.NearlyFull, err = t.pictures(ctx, backend, c.NearlyFull, sweep.Grid(c.Unseen.Rates, c.Unseen.Seeds))
	return facts, err
}

func (c PictureConfig) training(name string, task Task) training {
	return training{name: name, task: task, examples: c.Examples, hidden: c.Hidden, steps: c.Steps}
}

// pictures are the curves of a set, full batches last, and apart from them those
// of full batches at the rate that is too high.
func (c PictureConfig) pictures(ctx context.Context, backend compute.Backend, set CurveSet) (all, high []Picture, err error) {
	t := c.training("curves on "+string(set.Task), set.Task)
	for _, size := range set.BatchSizes {
		own, err := t.pictures(ctx, backend, size, sweep.Grid(set.Rates, set.Seeds))
		if err != nil {
			return nil, nil, err
		}
		all = append(all, own...)
	}
	rates := append(slices.Clone(set.Rates), c.HighRate)
	full, err := t.pictures(ctx, backend, c.Examples, sweep.Grid(rates, set.Seeds))
	if err != nil {
		return nil, nil, err
	}
	judged := len(full) - len(set.Seeds) // the high rate is the last
	return append(all, full[:judged]...), full[judged:], nil
}

func (t training) pictures(ctx context.Context, backend compute.Backend, size int, replicas []sweep.Replica) ([]Picture, error) {
	losses, err := t.curves(ctx, backend, size, replicas)
	if err != nil {
		return nil, err
	}
	pictures := make([]Picture, len(replicas))
	for i, r := range replicas {
		pictures[i] = Picture{Mini: size < t.examples, Size: size, Rate: r.Rate, Seed: r.Seed, Marks: marks(losses[i])}
	}
	return pictures, nil
}
