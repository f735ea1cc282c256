package backend

import (
	"sync"

	"github.com/gomlx/compute"

	"evident/internal/pjrthook"
)

// pool lends backends with one thread each, configured like a given CPU backend. It opens them on demand and
// keeps them for reuse.
type pool struct {
	like choice
	mu   sync.Mutex
	idle []compute.Backend
}

// pools maps each backend that [Select] opened to its pool, if it can have one.
var pools sync.Map // *pool by compute.Backend

// oneThread is the size of a backend in a pool.
var oneThread = pjrthook.Size{Devices: 1, Threads: 1}

// lend returns a backend with one thread for the caller to use and give back.
func (c *pool) lend() (compute.Backend, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if last := len(c.idle) - 1; last >= 0 {
		backend := c.idle[last]
		c.idle = c.idle[:last]
		return backend, nil
	}
	backend, _, err := c.like.open(oneThread)
	return backend, err
}

func (c *pool) giveBack(backend compute.Backend) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, backend)
}

// Pool lends backends with one thread each, if [Select] opened the given backend for a CPU. Otherwise ok is
// false.
func Pool(like compute.Backend) (lend func() (compute.Backend, error), giveBack func(compute.Backend), ok bool) {
	found, ok := pools.Load(like)
	if !ok {
		return nil, nil, false
	}
	own := found.(*pool)
	return own.lend, own.giveBack, true
}
