package fetch

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"evident/datasets"
	"evident/datasets/recognise"
	"evident/internal/badinput"
)

// permanent marks a download error that another try cannot fix.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// pieced marks the error of a file that comes from several tries; a fresh
// download may fix it.
type pieced struct{ error }

func (p pieced) Unwrap() error { return p.error }

var (
	errTooLarge = errors.New("is larger than the bound")
	errCut      = errors.New("the transfer was cut")
)

func isPermanent(err error) bool {
	return errors.As(err, new(permanent))
}

// makeFolder creates a folder and its parents.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return unwritable(dir, err)
	}
	return nil
}

// unwritable returns the error for a path that could not be written. It names the
// path once.
func unwritable(path string, err error) error {
	return badinput.Errorf("cannot write %s (%w): free disk space or make its folder writable", path, datasets.WithoutPath(err))
}

// unreadable returns the error for a path that could not be read.
func unreadable(path string, err error) error {
	return badinput.Errorf("cannot read %s (%w): make it readable, or delete it and fetch again", path, datasets.WithoutPath(err))
}

// interrupted returns the error for work on path that ctx ended.
func interrupted(ctx context.Context, path string) error {
	return fmt.Errorf("fetching %s: %w", path, ctx.Err())
}

// withoutURL removes the method and the URL from an error of net/http.
func withoutURL(err error) error {
	var inner *url.Error
	if errors.As(err, &inner) {
		return inner.Err
	}
	return err
}

// redacted returns the URL without its password, for messages.
func redacted(raw string) string {
	if u, err := url.Parse(raw); err == nil {
		return u.Redacted()
	}
	return raw
}

// refused is an answer that does not contain the file.
type refused struct {
	status string
	code   int
}

func (r refused) Error() string { return "HTTP status " + r.status }

// remedy says what to do about it.
func (r refused) remedy() string {
	switch r.code {
	case http.StatusUnauthorized:
		return "the server wants a login: use another URL, or put the login into it, as in https://USER:PASSWORD@HOST/"
	case http.StatusProxyAuthRequired:
		return "the proxy wants a login: put it into HTTPS_PROXY and HTTP_PROXY, as in http://USER:PASSWORD@HOST:PORT"
	case http.StatusNetworkAuthenticationRequired:
		return "log in to the network with a browser, and try again"
	case http.StatusForbidden, http.StatusUnavailableForLegalReasons:
		return "the server, or a network that wants a login, refuses it: open the URL in a browser, or use another"
	case http.StatusTooManyRequests:
		return "the server has too much to do: try again later, or use another URL"
	}
	if r.code >= http.StatusInternalServerError {
		return "the server or a proxy on the way is out of order: try again later, or use another URL"
	}
	return "check the URL, or use another"
}

// statusError makes all statuses permanent except those of a temporarily busy
// or broken server.
func statusError(response *http.Response) error {
	err := refused{response.Status, response.StatusCode}
	switch code := response.StatusCode; {
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests:
		return err
	case code >= 500 && code != http.StatusNotImplemented && code != http.StatusNetworkAuthenticationRequired:
		return err
	}
	return permanent{err}
}

// checkRetry decides after each try. retryablehttp also calls it before
// receive, with a nil error.
func (d *download) checkRetry(ctx context.Context, response *http.Response, err error) (bool, error) {
	if err == nil {
		return false, nil
	}
	if ctx.Err() != nil || isPermanent(err) {
		return false, err
	}
	if again, policyErr := retryablehttp.ErrorPropagatedRetryPolicy(ctx, nil, err); !again {
		return false, policyErr // certificates, endless redirects, …
	}
	d.count()
	return d.fruitless < d.Tries, err
}

// count judges the last try by the number of bytes that it brought.
func (d *download) count() {
	if d.offset >= d.best+d.MinBytes {
		d.best, d.fruitless = d.offset, 0
		return
	}
	d.fruitless++
}

// backoff doubles the pause after each fruitless try. It respects a server's
// Retry-After, up to WaitMax.
func (d *download) backoff(lowest, highest time.Duration, _ int, response *http.Response) time.Duration {
	return min(highest, retryablehttp.DefaultBackoff(lowest, highest, max(0, d.fruitless-1), response))
}

// explain turns the last error of a download into the one line that File
// returns.
func (d *download) explain(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("fetching %s: %w; what is here of it stays for the next call", redacted(d.URL), ctx.Err())
	case errors.Is(err, badinput.Err):
		return err
	}
	notes := []string{}
	if !isPermanent(err) && d.fruitless > 0 {
		notes = append(notes, fmt.Sprintf("%d tries", d.fruitless))
	}
	if d.offset > 0 && !d.Unchecked {
		notes = append(notes, fmt.Sprintf("%d bytes are kept for the next call", d.offset))
	}
	told := ""
	if len(notes) > 0 {
		told = " (" + strings.Join(notes, "; ") + ")"
	}
	return badinput.Errorf("cannot fetch %s: %w%s: %s", redacted(d.URL), withoutURL(err), told, remedy(err))
}

// remedy says what to do about the error of a download.
func remedy(err error) string {
	var (
		status      refused
		name        *net.DNSError
		certificate *tls.CertificateVerificationError
		network     *net.OpError
		invalid     x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &status):
		return status.remedy()
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "check the clock of this machine, or use another URL"
	case errors.As(err, &certificate):
		return "somebody answers in the server's place, as a network does that wants a login: log in to it with a browser, or use another URL"
	case strings.Contains(err.Error(), "gave HTTP response to HTTPS client"):
		return "log in to the network with a browser, or give the URL with http://"
	case errors.As(err, &network) && network.Op == "proxyconnect":
		return "check the proxy that HTTPS_PROXY or HTTP_PROXY names, or unset it"
	case errors.As(err, &name):
		return "check the network and the name of the host, or use another URL"
	case isPermanent(err), errors.As(err, new(*url.Error)) && !errors.As(err, &network) && !errors.Is(err, errStalled):
		return "check the URL, or use another"
	}
	return "check the network, try again later, or use another URL"
}

// endsEarly reports whether a gzip file is truncated even though the server
// sent all the bytes that it announced.
func endsEarly(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // only read
	unpacked, err := gzip.NewReader(f)
	if err == nil {
		_, err = io.Copy(io.Discard, io.LimitReader(unpacked, DefaultMaxBytes))
	}
	return errors.Is(err, io.ErrUnexpectedEOF)
}

// notTheFile says what the server sent instead of the file, and what to do. sum
// is the checksum of the received bytes.
func (d *download) notTheFile(kind string, head []byte, sum string) error {
	what := fmt.Sprintf("%s came in place of the file", kind)
	if sum != "" { // the .part file holds all of it
		what += fmt.Sprintf(" (%d bytes)", d.offset)
	}
	if d.from != "" {
		what += " from " + d.from
	}
	switch kind {
	case recognise.WebPage, recognise.JSON, recognise.XML, recognise.Text:
		if words := recognise.Words(head); words != "" {
			what += fmt.Sprintf(", %q", words)
		}
	}
	todo := "use the URL of the file itself"
	switch {
	case kind == recognise.WebPage:
		todo = "open the URL in a browser and log in to the network if the page asks for it, then try again; or use another URL"
	case kind == recognise.Tar || kind == recognise.Twice:
		todo = "the server or a proxy on the way packs or unpacks what it passes on: use another URL or another network"
	case !d.Unchecked && (kind == recognise.Gzip || kind == recognise.Binary):
		return d.wrongSum(sum)
	}
	return badinput.Errorf("cannot fetch %s: %s: %s", redacted(d.URL), what, todo)
}

// wrongSum returns the error for a file of the right kind with a wrong
// checksum.
func (d *download) wrongSum(sum string) error {
	how := "downloaded in one piece"
	switch {
	case endsEarly(d.part.Name()):
		how = "an archive that ends early"
	case d.pieced:
		how = "downloaded in pieces"
	}
	return badinput.Errorf("%s has %d bytes with SHA-256 %s, expected %s (%s): the file there is another or was damaged on the way; try again, or use another URL",
		redacted(d.URL), d.offset, sum, d.SHA256, how)
}
