package fit

import (
	"math/rand/v2"
)

// Course is a training that its caller drives step by step, so that the learning rate may follow what happens.
type Course struct {
	model   *Model
	data    Data
	rates   *rates
	order   *rand.Rand
	batches [][]int // that are left of the epoch
}

// Begin starts a training as [Model.Train] does: from the initial weights of the seed, in the same order.
func (m *Model) Begin(data Data, seed int64) (*Course, error) {
	if err := m.checkBatch(data); err != nil {
		return nil, err
	}
	rates, err := m.rates(Constant(0), 0)
	if err != nil {
		return nil, err
	}
	return &Course{model: m, data: data, rates: rates, order: Rand(seed, forOrder)}, m.Reset(seed)
}

// Step makes one step at a learning rate. It returns the loss of its batch before the weights move, which is not finite
// after a divergence.
func (c *Course) Step(rate float64) (loss float64, err error) {
	if err := c.rates.move(rate); err != nil {
		return 0, err
	}
	if len(c.batches) == 0 {
		c.batches = c.data.epoch(c.order, c.model.batchSize)
	}
	batch := c.batches[0]
	c.batches = c.batches[1:]
	loss, _, err = c.model.trainStep(c.data, batch)
	return loss, err
}
