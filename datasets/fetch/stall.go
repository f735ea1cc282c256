package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// errStalled is the cause of a request that impatient abandoned.
var errStalled = errors.New("the connection stalled")

// impatient is a transport that abandons an answer if its header takes longer
// than window, or if its body brings fewer than minBytes in any window. A
// limit on the total time would not work, because 170 MB may take long on a
// healthy connection.
type impatient struct {
	http.RoundTripper
	window   time.Duration
	minBytes int64
}

func (t impatient) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(request.Context())
	timer := time.AfterFunc(t.window, func() { cancel(errStalled) })
	response, err := t.RoundTripper.RoundTrip(request.WithContext(ctx))
	timer.Stop()
	if err != nil {
		cancel(nil)
		return nil, t.cause(ctx, err)
	}
	body := &watched{ReadCloser: response.Body, ctx: ctx, stop: make(chan struct{}), transport: t}
	go body.watch(cancel)
	response.Body = body
	return response, nil
}

// cause tells a stalled request from a cancelled one.
func (t impatient) cause(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errStalled) {
		return fmt.Errorf("%w: fewer than %d bytes in %v", errStalled, t.minBytes, t.window)
	}
	return err
}

// watched is a body that counts its bytes.
type watched struct {
	io.ReadCloser
	ctx       context.Context // of this request
	received  atomic.Int64    // since watch last looked
	stop      chan struct{}   // closed by Close
	closed    atomic.Bool
	transport impatient
}

// watch checks the count once per window, until the body is closed.
func (w *watched) watch(cancel context.CancelCauseFunc) {
	defer cancel(nil)
	ticker := time.NewTicker(w.transport.window)
	defer ticker.Stop()
	for {
		select {
		case <-w.stop:
			return
		case <-ticker.C:
			if w.received.Swap(0) < w.transport.minBytes {
				cancel(errStalled)
				<-w.stop
				return
			}
		}
	}
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	w.received.Add(int64(n))
	if err != nil && !errors.Is(err, io.EOF) {
		err = w.transport.cause(w.ctx, err)
	}
	return n, err
}

func (w *watched) Close() error {
	if w.closed.CompareAndSwap(false, true) {
		close(w.stop)
	}
	return w.ReadCloser.Close()
}
