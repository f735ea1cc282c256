package fetch

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"

	"evident/datasets/recognise"
	"evident/internal/badinput"
)

// Client sets the patience of a download. The zero value suits a data set on the
// internet; tests use shorter times.
type Client struct {
	// Tries is the number of consecutive fruitless tries after which the download
	// ends; 0 means 5. A try that brings more than MinBytes restarts the count.
	Tries int
	// WaitMin and WaitMax limit the pause between tries, which doubles each time;
	// 0 means 500 ms and 10 s.
	WaitMin, WaitMax time.Duration
	// A connection that brings fewer than MinBytes in StallAfter is abandoned; 0
	// means 30 s and 64 KiB, about 2 kB/s.
	StallAfter time.Duration
	MinBytes   int64
}

func (c Client) withDefaults() Client {
	return Client{
		Tries:      cmp.Or(c.Tries, 5),
		WaitMin:    cmp.Or(c.WaitMin, 500*time.Millisecond),
		WaitMax:    cmp.Or(c.WaitMax, 10*time.Second),
		StallAfter: cmp.Or(c.StallAfter, 30*time.Second),
		MinBytes:   cmp.Or(c.MinBytes, 64<<10),
	}
}

// download is one call of Client.download: the .part file and the counters.
type download struct {
	Client
	Request
	part      *os.File
	offset    int64  // bytes in part, where the next try resumes
	best      int64  // largest offset so far, to judge whether a try was fruitful
	fruitless int    // consecutive tries that brought fewer than MinBytes
	pieced    bool   // part comes from several tries
	from      string // where the last answer came from, if a redirect led elsewhere
}

// download completes the .part file in as many tries as it takes. It may resume
// where earlier calls ended.
func (c Client) download(ctx context.Context, r Request, path string) (d *download, err error) {
	part, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, unwritable(path, err)
	}
	defer func() {
		if closeErr := part.Close(); err == nil && closeErr != nil {
			err = unwritable(path, closeErr)
		}
	}()
	d = &download{Client: c, Request: r, part: part}
	if d.offset, err = part.Seek(0, io.SeekEnd); err != nil {
		return nil, unwritable(path, err)
	}
	d.best = d.offset
	if err := d.transfer(ctx); err != nil {
		return d, d.explain(ctx, err)
	}
	return d, syncFile(part)
}

// syncFile writes the file to the disk before it is renamed to its final name.
func syncFile(f *os.File) error {
	if err := f.Sync(); err != nil {
		return unwritable(f.Name(), err)
	}
	return nil
}

// transfer lets retryablehttp repeat the request; receive handles the answers.
func (d *download) transfer(ctx context.Context) error {
	request, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, d.URL, nil)
	if err != nil {
		return permanent{err}
	}
	request.Header.Set("Accept-Encoding", "identity") // the checksum and the offsets refer to the uncompressed transfer
	if err := d.askForRest(request.Request); err != nil {
		return err
	}
	request.SetResponseHandler(d.receive)
	transport := cleanhttp.DefaultTransport()
	transport.OnProxyConnectResponse = refusedByProxy
	defer transport.CloseIdleConnections()
	client := &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: impatient{transport, d.StallAfter, d.MinBytes}},
		RetryWaitMin: d.WaitMin,
		RetryWaitMax: d.WaitMax,
		RetryMax:     math.MaxInt, // checkRetry counts instead
		CheckRetry:   d.checkRetry,
		Backoff:      d.backoff,
		PrepareRetry: d.askForRest,
		ErrorHandler: func(_ *http.Response, err error, _ int) (*http.Response, error) { return nil, err },
	}
	_, err = client.Do(request) // receive closes the body
	return err
}

// askForRest requests the bytes after the end of the .part file.
func (d *download) askForRest(request *http.Request) error {
	request.Header.Del("Range")
	if d.offset > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", d.offset))
	}
	return nil
}

// refusedByProxy returns the error for a proxy that refuses https.
func refusedByProxy(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return statusError(answer)
}

// receive handles one answer of the server.
func (d *download) receive(response *http.Response) error {
	defer func() { _ = response.Body.Close() }()
	if from := response.Request.URL; from.String() != d.URL {
		d.from = from.Redacted()
	}
	body := bufio.NewReaderSize(response.Body, recognise.HeadSize)
	switch response.StatusCode {
	case http.StatusOK: // servers that ignore Range also answer so
		if err := d.restart(body); err != nil {
			return err
		}
		return d.save(body, response.ContentLength)
	case http.StatusPartialContent:
		first, total := contentRange(response)
		if first != d.offset {
			return d.startOver(fmt.Errorf("the server answered with Content-Range %q", response.Header.Get("Content-Range")))
		}
		d.pieced = d.offset > 0
		if total < 0 && response.ContentLength >= 0 {
			total = d.offset + response.ContentLength
		}
		return d.save(body, total)
	case http.StatusRequestedRangeNotSatisfiable:
		return d.pastTheEnd(response)
	}
	return statusError(response)
}

// contentRange returns the start of a partial answer and the length of the file,
// or -1 if unknown.
func contentRange(response *http.Response) (first, total int64) {
	first, total = -1, -1
	var last int64
	_, _ = fmt.Sscanf(response.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &total)
	return first, total
}

// pastTheEnd handles a server that has no bytes after the .part file. Either the
// file is complete, or the part belongs to another file and the download starts
// over.
func (d *download) pastTheEnd(response *http.Response) error {
	if d.offset == 0 {
		return statusError(response)
	}
	sum, err := fileSum(response.Request.Context(), d.part.Name())
	if err == nil && sum == d.SHA256 {
		return nil
	}
	return d.startOver(errors.New("the server has no more than what is here, and that is not the file"))
}

// startOver empties the .part file and returns why as the reason for the next
// try.
func (d *download) startOver(why error) error {
	if err := d.empty(); err != nil {
		return err
	}
	return why
}

// restart empties the .part file for an answer that brings the whole file. It
// keeps the part if the answer is a web page or empty, as networks without a
// login send for any address.
func (d *download) restart(body *bufio.Reader) error {
	if d.offset == 0 {
		return nil
	}
	head, _ := body.Peek(recognise.HeadSize) // the rest returns the error again
	if kind := recognise.Content(head); kind == recognise.WebPage || kind == recognise.Empty {
		return permanent{d.notTheFile(kind, head, "")}
	}
	return d.empty()
}

func (d *download) empty() error {
	if err := d.part.Truncate(0); err != nil {
		return permanent{unwritable(d.part.Name(), err)}
	}
	if _, err := d.part.Seek(0, io.SeekStart); err != nil {
		return permanent{unwritable(d.part.Name(), err)}
	}
	d.offset, d.pieced = 0, false
	return nil
}

// save appends the body to the .part file, up to MaxBytes. total is the length of
// the file, or -1 if unknown.
func (d *download) save(body io.Reader, total int64) error {
	if total > d.MaxBytes {
		return d.tooLarge()
	}
	buffer := make([]byte, 128<<10)
	for {
		n, readErr := body.Read(buffer)
		if d.offset+int64(n) > d.MaxBytes {
			return d.tooLarge()
		}
		if err := d.append(buffer[:n], total); err != nil {
			return err
		}
		if readErr != nil {
			return d.ended(readErr, total)
		}
	}
}

func (d *download) append(data []byte, total int64) error {
	written, err := d.part.Write(data)
	d.offset += int64(written)
	if err != nil {
		return permanent{unwritable(d.part.Name(), err)}
	}
	if d.Progress != nil {
		d.Progress(d.offset, total)
	}
	return nil
}

// ended says how much of a transfer arrived, unless it is complete.
func (d *download) ended(err error, total int64) error {
	switch {
	case errors.Is(err, io.EOF) && d.offset >= total:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		err = errCut
	}
	if total < 0 {
		return fmt.Errorf("%w after %d bytes", err, d.offset)
	}
	return fmt.Errorf("%w at %d of %d bytes", err, d.offset, total)
}

// tooLarge returns the error for a download beyond the limit.
func (d *download) tooLarge() error {
	return permanent{badinput.Errorf("%s %w of %d bytes: it is not the expected file; use another URL", redacted(d.URL), errTooLarge, d.MaxBytes)}
}

// errStalled is the cause of a request that impatient abandoned.
var errStalled = errors.New("the connection stalled")

// impatient is a transport that abandons an answer if its header takes longer
// than window, or if its body needs longer for any minBytes. A
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
	end := func() {
		timer.Stop()
		cancel(nil)
	}
	response, err := t.RoundTripper.RoundTrip(request.WithContext(ctx))
	if err != nil {
		end()
		return nil, t.cause(ctx, err)
	}
	timer.Reset(t.window)
	response.Body = &watched{ReadCloser: response.Body, transport: t, ctx: ctx, timer: timer, end: end}
	return response, nil
}

// cause tells a stalled request from a cancelled one.
func (t impatient) cause(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errStalled) {
		return fmt.Errorf("%w: fewer than %d bytes in %v", errStalled, t.minBytes, t.window)
	}
	return err
}

// watched is a body that gets another window for every minBytes that it brings.
type watched struct {
	io.ReadCloser
	transport impatient
	ctx       context.Context // of this request
	timer     *time.Timer     // ends the request
	received  int64           // in this window
	end       func()
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if w.received += int64(n); w.received >= w.transport.minBytes {
		w.received = 0
		w.timer.Reset(w.transport.window)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = w.transport.cause(w.ctx, err)
	}
	return n, err
}

func (w *watched) Close() error {
	w.end()
	return w.ReadCloser.Close()
}
