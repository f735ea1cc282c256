package layer

import "sync"

// queue holds the cells that wait.
type queue struct {
	mu    sync.Mutex
	cells []message
	more  chan struct{}
}

func (q *queue) add(m message) {
	q.mu.Lock()
	q.cells = append(q.cells, m)
	q.mu.Unlock()
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// next waits for a cell.
func (q *queue) next() message {
	for {
		q.mu.Lock()
		if len(q.cells) > 0 {
			first := q.cells[0]
			q.cells = q.cells[1:]
			q.mu.Unlock()
			return first
		}
		q.mu.Unlock()
		<-q.more
	}
}

// clear takes all that wait.
func (q *queue) clear() []message {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.cells
	q.cells = nil
	return all
}

// abort answers cells that have waited: they do not run, as one before them has failed.
func (k *Kernel) abort(cells []message) {
	for _, m := range cells {
		k.busy(m, func() { k.send(k.shell, m.answer("execute_reply", dict{"status": "aborted"})) })
	}
}
