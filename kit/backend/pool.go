package backend

import (
	"sync"

	"github.com/gomlx/compute"

	"evident/internal/pjrthook"
)

// pool are backends of one thread each, like a backend for CPUs. They are opened
// when they are needed and kept for the next who asks.
type pool struct {
	like choice
	mu   sync.Mutex
	idle []compute.Backend
}

// pools are those of the backends that [Select] has opened and that can have
// one.
var pools sync.Map // *pool by compute.Backend

// oneThread is the size of a backend of a pool.
var oneThread = pjrthook.Size{Devices: 1, Threads: 1}

// lend gives a backend of one thread, until it is given back.
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

// Pool lends backends of one thread each, like a backend that [Select] opened for a CPU. Elsewhere there is none.
func Pool(like compute.Backend) (lend func() (compute.Backend, error), giveBack func(compute.Backend), ok bool) {
	found, ok := pools.Load(like)
	if !ok {
		return nil, nil, false
	}
	own := found.(*pool)
	return own.lend, own.giveBack, true
}
