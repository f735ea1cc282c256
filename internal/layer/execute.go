package layer

import (
	"encoding/json"
	"regexp"
	"sync"
	"sync/atomic"
)

// executeContent is of an execute_request.
type executeContent struct {
	Code         string         `json:"code"`
	Silent       bool           `json:"silent"`
	StoreHistory bool           `json:"store_history"`
	Expressions  map[string]any `json:"user_expressions"`
	AllowStdin   bool           `json:"allow_stdin"`
	StopOnError  bool           `json:"stop_on_error"`
}

func readExecute(m message) executeContent {
	// What the protocol has where a client says nothing.
	asked := executeContent{StoreHistory: true, AllowStdin: true, StopOnError: true}
	_ = json.Unmarshal(m.content, &asked)
	asked.StoreHistory = asked.StoreHistory && !asked.Silent
	return asked
}

// run is one execution of a cell.
type run struct {
	request message
	cell    *cell
	out     *output

	once struct{ replied, idle sync.Once }
	// replied and idle are closed when GoNB has said so, finished when Jupyter was told.
	replied, idle, finished chan struct{}

	mu          sync.Mutex
	fault       *fault // what the layer knows to be wrong, rather than GoNB
	reply       message
	gonbError   *fault
	interrupted atomic.Bool
	ending      atomic.Bool // by itself, after an interrupt
	stop        func()      // ends what the layer does for the run
	spilled     []spilled
}

func newRun(request message, out *output) *run {
	return &run{
		request: request, out: out,
		replied: make(chan struct{}), idle: make(chan struct{}), finished: make(chan struct{}),
	}
}

// wait returns false where GoNB ends before it answers.
func (r *run) wait(ended chan struct{}) bool {
	for _, said := range []chan struct{}{r.replied, r.idle} {
		select {
		case <-said:
		case <-ended:
			return false
		}
	}
	return true
}

func (r *run) interrupt() {
	r.interrupted.Store(true)
	r.ending.Store(false)
	r.mu.Lock()
	stop := r.stop
	r.mu.Unlock()
	if stop != nil {
		stop()
	}
}

// fail keeps the first fault.
func (r *run) fail(f *fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fault == nil {
		r.fault = f
	}
}

func (r *run) failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fault != nil
}

// runCells runs one cell after the other.
func (k *Kernel) runCells() {
	count := 0
	for {
		request := k.waiting.next()
		asked := readExecute(request)
		if asked.StoreHistory {
			count++
		}
		k.execute(request, asked, count)
	}
}

func (k *Kernel) execute(request message, asked executeContent, count int) {
	k.publish(request.answer("status", status{"busy"}))
	if !asked.Silent {
		k.publish(request.answer("execute_input", dict{"code": asked.Code, "execution_count": count}))
	}
	r := newRun(request, newOutput(func(name, text string) {
		k.publish(request.answer("stream", dict{"name": name, "text": k.notes.placed(text)}))
	}))
	r.cell = k.notes.read(asked.Code, count)
	k.mu.Lock()
	k.current = r
	k.mu.Unlock()
	code, wrong := r.cell.forGoNB(asked.AllowStdin)
	if wrong != nil {
		// GoNB gets an empty cell: it has nothing to do, and its answer becomes the error.
		r.fail(wrong)
		code = ""
	} else {
		k.notes.forget(r.cell)
		for _, name := range k.notes.replacedBy(r.cell) {
			k.runHidden("%rm " + name)
		}
	}
	if r.interrupted.Load() {
		r.fail(interrupted)
		code = ""
	}
	asked.Code = code
	forwarded := request
	forwarded.content, _ = json.Marshal(asked)
	if err := k.engine.send(k.engine.shell, forwarded); err != nil {
		return
	}
	if !r.wait(k.engine.ended) {
		return
	}
	k.mu.Lock()
	k.current = nil
	k.mu.Unlock()
	k.finish(r, asked, count)
}

// finish tells Jupyter how a cell has ended.
func (k *Kernel) finish(r *run, asked executeContent, count int) {
	r.out.close(r.spilled)
	if r.interrupted.Load() {
		k.clearGoFolder()
	}
	reply := dict{"status": "ok", "execution_count": count, "user_expressions": dict{}, "payload": []string{}}
	f := r.outcome()
	if f != nil {
		k.publish(r.request.answer("error", f))
		reply = dict{"status": "error", "execution_count": count, "ename": f.Name, "evalue": f.Value, "traceback": f.Traceback}
	}
	var waiting []message
	if f != nil && asked.StopOnError {
		waiting = k.waiting.clear() // and none that comes when the reply was read
	}
	k.send(k.shell, r.request.answer("execute_reply", reply))
	k.publish(r.request.answer("status", status{"idle"}))
	close(r.finished)
	k.abort(waiting)
}

var interrupted = newFault("interrupted", "interrupted")

// outcome is nil where the cell did well.
func (r *run) outcome() *fault {
	r.mu.Lock()
	defer r.mu.Unlock()
	var reply struct{ Status string }
	_ = json.Unmarshal(r.reply.content, &reply)
	switch {
	case r.interrupted.Load() && (reply.Status == "error" || r.fault != nil):
		return interrupted
	case r.fault != nil:
		return r.fault
	case reply.Status == "error" && r.gonbError != nil:
		return r.gonbError
	}
	return nil
}

// onReply takes GoNB's answers to requests.
func (k *Kernel) onReply(m message) {
	r := k.runOf(m)
	if r == nil {
		k.send(k.shell, m)
		return
	}
	r.mu.Lock()
	r.reply = m
	r.mu.Unlock()
	r.once.replied.Do(func() { close(r.replied) })
}

func (k *Kernel) runOf(m message) *run {
	parent := m.parentID()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, r := range []*run{k.current, k.hidden} {
		if r != nil && r.request.header.ID == parent {
			return r
		}
	}
	return nil
}

// statusLine is what GoNB prints when a program has failed; the error says so.
var statusLine = regexp.MustCompile(`^(?:\^C\n)?(?:exit status \d+|signal: .+)\n$`)

// onOutput takes what GoNB publishes.
func (k *Kernel) onOutput(m message) {
	r := k.runOf(m)
	if r == nil {
		if !k.ofHidden(m) {
			k.send(k.iopub, m)
		}
		return
	}
	switch m.header.Type {
	case "status":
		var said status
		_ = json.Unmarshal(m.content, &said)
		if said.State == "idle" {
			r.once.idle.Do(func() { close(r.idle) })
		}
	case "execute_input":
	case "stream":
		var said struct{ Name, Text string }
		_ = json.Unmarshal(m.content, &said)
		if r.out != nil && (said.Name != "stderr" || !statusLine.MatchString(said.Text)) {
			r.out.add(said.Name, said.Text)
		}
	case "error":
		var said fault
		_ = json.Unmarshal(m.content, &said)
		r.mu.Lock()
		r.gonbError = said.ofGoNB()
		r.mu.Unlock()
	default:
		if r.out != nil {
			r.out.flush()
			k.send(k.iopub, m)
		}
	}
}

// ofHidden: a late word on what the layer has asked for.
func (k *Kernel) ofHidden(m message) bool {
	var parent header
	_ = json.Unmarshal(m.parent, &parent)
	return parent.Session == ""
}
