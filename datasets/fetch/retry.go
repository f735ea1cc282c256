package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"evident/internal/badinput"
)

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
