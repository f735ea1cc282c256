package imageclass

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"

	"evident/kit/fit"
)

// stretches is how many parts of equal length a training is looked at in: as
// many as the sheet has epochs.
const stretches = 10

// half is the stretch from which on the sheet's net memorises, its fifth epoch.
const half = stretches / 2

// Course is a training in stretches of equal numbers of steps.
type Course struct {
	Loss       []float64 // mean over the steps of the stretch
	Validation []float64 // loss after the stretch
	Accuracy   []float64 // on the validation pictures, after the stretch
	Steps      int       // in all
}

// courseOf puts the epochs of a training into stretches, or each into one of its
// own where they are fewer.
func courseOf(h fit.History) Course {
	var c Course
	ends := stretchEnds(len(h.Epochs))
	from := 0
	for _, to := range ends {
		loss := 0.0
		for _, epoch := range h.Epochs[from:to] {
			loss += epoch.Loss / float64(to-from)
			c.Steps += epoch.Steps
		}
		from = to
		last := h.Epochs[to-1].Validation
		c.Loss = append(c.Loss, loss)
		c.Validation = append(c.Validation, last.Loss)
		c.Accuracy = append(c.Accuracy, last.Accuracy)
	}
	return c
}

// stretchEnds are the numbers of epochs that are done at the end of each stretch.
func stretchEnds(epochs int) []int {
	ends := make([]int, min(stretches, epochs))
	for i := range ends {
		ends[i] = (i + 1) * epochs / len(ends)
	}
	return ends
}

// Fall is by how many powers of ten the training loss falls from the middle of
// the training to its end.
func (c Course) Fall() float64 {
	if len(c.Loss) < stretches {
		return math.NaN()
	}
	return math.Log10(c.Loss[half-1] / c.Loss[stretches-1])
}

// Rise is by how much the validation loss is higher at the end than in the
// middle, in nats.
func (c Course) Rise() float64 {
	if len(c.Loss) < stretches {
		return math.NaN()
	}
	return c.Validation[stretches-1] - c.Validation[half-1]
}

// Condition is how a net was trained, and what came of it from each seed.
type Condition struct {
	Name     string
	Pictures int
	Courses  []Course // by seed
}

func (c Condition) each(of func(Course) float64) []float64 {
	all := make([]float64, len(c.Courses))
	for i, course := range c.Courses {
		all[i] = of(course)
	}
	return all
}

func lastValidation(c Course) float64 { return c.Validation[len(c.Validation)-1] }
func lastCorrect(c Course) float64    { return c.Accuracy[len(c.Accuracy)-1] }

// Memory is the training on all pictures beside those on a few.
type Memory struct {
	All Condition
	Few []Condition // as it is, with dropout, with augmentation
	// Early is, by seed, what the net that is trained on few pictures as they are
	// makes of all validation pictures after LeakConfig.Epochs.
	Early map[int64]Outcome
}

// recipes are the ways to train on few pictures.
var fewRecipes = []recipe{plain, dropping, augmented}

// measureMemory trains on few pictures: as they are, with dropout and with
// augmentation. What came of all pictures is taken from the trainings at hand.
func measureMemory(ctx context.Context, backend compute.Backend, c Config, from *source, t Trained) (Memory, error) {
	m := Memory{All: t.condition()}
	for _, r := range fewRecipes {
		seeds := c.Memory.RemedySeeds
		if r == plain {
			seeds = c.Memory.Seeds
		}
		condition, early, err := trainOnFew(ctx, backend, c, from, r, seeds)
		if err != nil {
			return m, fmt.Errorf("%s: %w", r.name, err)
		}
		m.Few = append(m.Few, condition)
		if r == plain {
			m.Early = early
		}
	}
	return m, nil
}

func (t Trained) condition() Condition {
	all := Condition{Name: "all pictures", Pictures: t.Train}
	for _, run := range t.Runs {
		all.Courses = append(all.Courses, courseOf(run.History))
	}
	return all
}

func trainOnFew(ctx context.Context, backend compute.Backend, c Config, from *source, r recipe, seeds []int64) (Condition, map[int64]Outcome, error) {
	condition := Condition{Name: r.name}
	pictures, err := from.of(seeds[0])
	if err != nil {
		return condition, nil, err
	}
	condition.Pictures = pictures.Train.Take(c.Memory.Few).Len()
	open := c.Train.open(c.Train.Net, r, pictures.Train)
	trainings, err := fit.BySeed(ctx, backend, seeds, open, func(ctx context.Context, net *fit.Classifier, seed int64) (fewTraining, error) {
		return c.onFew(ctx, net, from, r, seed)
	})
	early := map[int64]Outcome{}
	for i, t := range trainings {
		condition.Courses = append(condition.Courses, t.course)
		early[seeds[i]] = t.early
	}
	return condition, early, err
}

// fewTraining is what one training on few pictures came to.
type fewTraining struct {
	course Course
	early  Outcome // after Leak.Epochs, on all validation pictures
}

// onFew trains on few pictures from one seed.
func (c Config) onFew(ctx context.Context, net *fit.Classifier, from *source, r recipe, seed int64) (t fewTraining, err error) {
	pictures, err := from.of(seed)
	if err != nil {
		return t, err
	}
	few, validation := fit.ImageData(pictures.Train.Take(c.Memory.Few)), fit.ImageData(pictures.Validation.Take(c.Memory.Validation))
	ends := stretchEnds(c.Memory.Epochs)
	history, err := net.Train(ctx, few, fit.Training{
		Task: fmt.Sprintf("%d pictures, %s, seed %d", few.Len(), r.name, seed), Seed: seed,
		Epochs: c.Memory.Epochs, Validation: &validation,
		Validate: func(done int) bool { return slices.Contains(ends, done) },
		AfterEpoch: func(done int) error {
			if done != c.Leak.Epochs {
				return nil
			}
			t.early, err = outcomeOf(ctx, net, pictures)
			return err
		},
	})
	t.course = courseOf(history)
	return t, err
}
