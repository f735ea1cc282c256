package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"evident/lessons/lesson"
)

// refused is an answer other than the file.
type refused struct{ status string }

func (r refused) Error() string { return "HTTP status " + r.status }

// statusError is permanent for all statuses but those of a server that is
// busy or broken for the moment.
func statusError(response *http.Response) error {
	err := refused{response.Status}
	switch code := response.StatusCode; {
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests:
		return err
	case code >= 500 && code != http.StatusNotImplemented:
		return err
	}
	return permanent{err}
}

// checkRetry decides after each try. It is called before receive as well, with
// a nil error.
func (d *download) checkRetry(ctx context.Context, response *http.Response, err error) (bool, error) {
	if err == nil {
		return false, nil
	}
	if ctx.Err() != nil || isPermanent(err) {
		return false, err
	}
	if again, policyErr := retryablehttp.ErrorPropagatedRetryPolicy(ctx, nil, err); !again {
		return false, policyErr // certificates, redirects without end, …
	}
	d.count()
	return d.fruitless < d.Tries, err
}

// count judges the try that just ended by what it brought.
func (d *download) count() {
	if d.offset >= d.best+d.MinBytes {
		d.best, d.fruitless = d.offset, 0
		return
	}
	d.fruitless++
}

// backoff doubles the pause with each fruitless try. A server's Retry-After
// counts, up to WaitMax.
func (d *download) backoff(lowest, highest time.Duration, _ int, response *http.Response) time.Duration {
	return min(highest, retryablehttp.DefaultBackoff(lowest, highest, max(0, d.fruitless-1), response))
}

// explain turns the last error of a download into the one line that File
// returns.
func (d *download) explain(ctx context.Context, err error) error {
	var status refused
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("fetching %s: %w; what is here of it stays for the next call", redacted(d.URL), ctx.Err())
	case errors.Is(err, lesson.ErrBadInput):
		return err
	case errors.As(err, &status) && isPermanent(err):
		return lesson.BadInputf("cannot fetch %s: %w: check the URL, or use another", redacted(d.URL), status)
	case isPermanent(err) || d.fruitless == 0:
		return lesson.BadInputf("cannot fetch %s: %w: check the URL, or use another", redacted(d.URL), withoutURL(err))
	}
	return lesson.BadInputf("cannot fetch %s: %w (%d tries): check the network, or try again later", redacted(d.URL), withoutURL(err), d.fruitless)
}
