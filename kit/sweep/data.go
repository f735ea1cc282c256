package sweep

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"evident/internal/badinput"
)

// Examples are either [Data] that all replicas share, or a function that draws
// the data of a seed. Replicas with the same seed then have the same data. The
// data of all seeds have the same shape.
type Examples interface {
	Data | func(seed int64) Data
}

// source gives the replicas of a program their examples.
type source struct {
	config Config
	seeds  []int64 // of the replicas that last had drawn
	last   sample  // shared, or drawn for the seeds
	most   int     // values that the outputs of all units may hold in one call; 0 for no limit
}

// part returns the number of replicas of one call. It divides their number, since
// another number of replicas would be another program.
func (s *source) part(replicas, examples int) int {
	fit := max(s.most/max(examples*s.config.Model.Units, 1), 1)
	if s.most == 0 || fit >= replicas {
		return replicas
	}
	for size := fit; 4*size >= fit; size-- {
		if replicas%size == 0 {
			return size
		}
	}
	return replicas
}

// sample holds the examples of some replicas.
type sample struct {
	inputs []*tensors.Tensor // x and y; empty without data
	// parts are x and y of equal parts of the replicas, see [source.part]; inputs are
	// the first. There are none for batches, nor for shared data.
	parts [][]*tensors.Tensor
	n     int // examples of one replica
	// first is the row at which the data of a seed begin, if the batches are
	// gathered from the rows of all seeds. It is empty for shared data.
	first map[int64]int
}

// part returns the inputs of a part of the replicas.
func (s sample) part(i int) []*tensors.Tensor {
	if len(s.parts) > 0 {
		return s.parts[i]
	}
	return s.inputs
}

// newSource prepares the data of a program that needs no more of its
// configuration than the model and the type of its parameters.
func newSource[E Examples](m Model, examples E, dtype dtypes.DType) *source {
	config := Config{Model: m, DType: dtype}
	switch examples := any(examples).(type) {
	case Data:
		config.Data = examples
	case func(seed int64) Data:
		config.Draw = examples
	}
	return config.source()
}

func (c Config) source() *source {
	s := &source{config: c}
	if n := c.Data.Len(); n > 0 {
		s.last = sample{inputs: c.tensors(c.Data, n), n: n}
	}
	return s
}

// tensors returns x and y as [leading..., values].
func (c Config) tensors(data Data, leading ...int) []*tensors.Tensor {
	return []*tensors.Tensor{rows(data.X, c.DType, leading...), rows(data.Y, c.DType, leading...)}
}

// of returns the examples of the replicas that have the parameters. It draws
// those of each distinct seed once: as [seeds·n, …] to gather batches from, or
// as [replicas, n, …] for full batches.
func (s *source) of(params int, replicas []Replica) (sample, error) {
	c := s.config
	if c.Draw == nil {
		return s.last, nil
	}
	if len(replicas) != params || params == 0 {
		return sample{}, fmt.Errorf("%d replicas for %d parameter vectors: data that are drawn by seed need one replica per vector", len(replicas), params)
	}
	seeds := make([]int64, len(replicas))
	for i, r := range replicas {
		seeds[i] = r.Seed
	}
	if slices.Equal(seeds, s.seeds) {
		return s.last, nil
	}
	drawn := map[int64]Data{}
	found := sample{first: map[int64]int{}}
	var all Data
	for _, seed := range seeds {
		data, known := drawn[seed]
		if !known {
			data = c.Draw(seed)
			if len(drawn) == 0 {
				found.n = data.Len()
				if err := c.checkDrawn(seed, data, len(replicas)); err != nil {
					return sample{}, err
				}
			} else if has, want := shapeOf(data), shapeOf(drawn[seeds[0]]); has != want {
				return sample{}, fmt.Errorf("seed %d draws %v: seed %d draws %v, and all must be alike", seed, has, seeds[0], want)
			}
			drawn[seed], found.first[seed] = data, all.Len()
		}
		if !known || c.BatchSize == 0 {
			all.X, all.Y = append(all.X, data.X...), append(all.Y, data.Y...)
		}
	}
	if c.BatchSize > 0 {
		found.inputs = c.tensors(all, all.Len())
	} else {
		size := s.part(len(replicas), found.n)
		for rows := size * found.n; len(all.X) > 0; all = (Data{X: all.X[rows:], Y: all.Y[rows:]}) {
			found.parts = append(found.parts, c.tensors(Data{X: all.X[:rows], Y: all.Y[:rows]}, size, found.n))
		}
		found.inputs = found.parts[0]
	}
	s.seeds, s.last = seeds, found
	return found, nil
}

// checkDrawn checks that the replicas fit into memory if each has data such as
// those of the first seed.
func (c Config) checkDrawn(seed int64, data Data, replicas int) error {
	if data.Len() == 0 {
		return fmt.Errorf("seed %d draws no examples: draw at least 1", seed)
	}
	if err := checkBatch(c.BatchSize, data.Len()); err != nil {
		return err
	}
	return checkFits("rates × seeds", replicas, c.values(data))
}

func checkBatch(size, examples int) error {
	if size < 0 || size > examples {
		return badinput.Errorf("a batch of %d from %d examples: use 0 (all) to %d", size, examples, examples)
	}
	return nil
}

// dataShape is what the data of all seeds have in common: the numbers of inputs
// and targets, and of their values.
type dataShape struct{ x, y, xValues, yValues int }

func shapeOf(data Data) dataShape {
	count := func(rows [][]float64) int {
		total := 0
		for _, row := range rows {
			total += len(row)
		}
		return total
	}
	return dataShape{len(data.X), len(data.Y), count(data.X), count(data.Y)}
}

func (s dataShape) String() string {
	return fmt.Sprintf("%d inputs of %d values in all and %d targets of %d", s.x, s.xValues, s.y, s.yValues)
}
