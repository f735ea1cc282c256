package fit

import (
	"sync"

	"github.com/gomlx/compute"

	"evident/internal/pjrthook"
)

// crew are backends of one thread each, like a backend for CPUs. They are opened
// when they are needed and kept for the next who asks.
type crew struct {
	like choice
	mu   sync.Mutex
	idle []compute.Backend
}

// crews are those of the backends that [Backend] has opened and that can have
// one.
var crews sync.Map // *crew by compute.Backend

// oneThread is the size of a backend of a crew.
var oneThread = pjrthook.Size{Devices: 1, Threads: 1}

// lend gives a backend of one thread, until it is given back.
func (c *crew) lend() (compute.Backend, error) {
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

func (c *crew) giveBack(backend compute.Backend) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, backend)
}
