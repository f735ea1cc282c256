package sweep

import (
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"evident/kit/fit"
)

// Course is a sweep under way. It goes on call by call, so that its rates, its batches and its optimizer may change in
// between.
type Course struct {
	program  *Program
	replicas []Replica
	state    []*tensors.Tensor // the parameters, and the optimizer's slots
	data     sample
	order    *order
	step     int // of the optimizer
}

// Begin starts a sweep from the parameters of each replica; nil for [Drawn].
func (p *Program) Begin(replicas []Replica, start [][]float64) (*Course, error) {
	data, err := p.data.of(len(replicas), replicas)
	if err != nil {
		return nil, err
	}
	if start == nil {
		start = Drawn(p.config.Model, replicas)
	}
	c := &Course{program: p, replicas: slices.Clone(replicas), data: data, order: newOrder(replicas, p.config, data)}
	c.state = append(stack(start, p.config.Model.Shapes, p.config.DType), p.config.emptySlots(len(replicas))...)
	return c, nil
}

// Next makes the steps of one call, all replicas at one rate.
func (c *Course) Next(rate float64) (Trace, error) {
	for i := range c.replicas {
		c.replicas[i].Rate = rate
	}
	var trace Trace
	records, err := c.call(func(int) float64 { return 1 })
	if err == nil {
		trace.add(records, len(c.replicas), c.program.config.StepsPerCall)
	}
	return trace, err
}

// Params returns the parameters of every replica: [replica][parameter].
func (c *Course) Params() [][]float64 {
	return unstack(c.state[:len(c.program.config.Model.Shapes)], len(c.replicas))
}

// Use goes on with another program of the same model, whose batches may have another size. The optimizer keeps its
// memory if the program's has the same name; another one starts with none.
func (c *Course) Use(p *Program) error {
	if p == c.program {
		return nil
	}
	data, err := p.data.of(len(c.replicas), c.replicas)
	if err != nil {
		return err
	}
	if was := c.program.config.Optimizer; was.Name != p.config.Optimizer.Name || was.Slots != p.config.Optimizer.Slots {
		c.state = append(c.state[:len(p.config.Model.Shapes):len(p.config.Model.Shapes)], p.config.emptySlots(len(c.replicas))...)
		c.step = 0
	}
	c.program, c.data, c.order.data, c.order.size = p, data, data, p.config.BatchSize
	return nil
}

// call makes the steps of one call and returns its records. All rates of a step, which counts from 0, are multiplied by
// a factor.
func (c *Course) call(factor func(step int) float64) ([]*tensors.Tensor, error) {
	config := c.program.config
	n := len(c.replicas)
	rates, numbers := make([]float64, 0, config.StepsPerCall*n), []float64(nil)
	for step := c.step; step < c.step+config.StepsPerCall; step++ {
		for _, replica := range c.replicas {
			rates = append(rates, factor(step)*replica.Rate)
		}
		numbers = append(numbers, float64(step+1))
	}
	// In the order of [Config.graph].
	inputs := append([]*tensors.Tensor{}, c.state...)
	inputs = append(inputs, tensorOf(rates, config.DType, config.StepsPerCall, n), tensorOf(numbers, config.DType, config.StepsPerCall))
	inputs = append(inputs, c.data.inputs...)
	if config.BatchSize > 0 {
		inputs = append(inputs, c.order.next(config.StepsPerCall))
	}
	outputs, err := c.program.exec.Call(anys(inputs)...)
	if err != nil {
		return nil, fit.Unrun("sweep", err)
	}
	c.state, c.step = outputs[:len(c.state)], c.step+config.StepsPerCall
	return outputs[len(c.state):], nil
}
