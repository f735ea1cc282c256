package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"

	"evident/datasets"
	"evident/internal/badinput"
)

// permanent marks an error of a download that another try would meet again.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// pieced marks the error of a file that is the work of several tries: another may
// mend it.
type pieced struct{ error }

func (p pieced) Unwrap() error { return p.error }

var (
	errTooLarge = errors.New("is larger than the bound")
	errCut      = errors.New("the transfer was cut")
)

func isPermanent(err error) bool {
	return errors.As(err, new(permanent))
}

// makeFolder creates a folder and those above it.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return unwritable(dir, err)
	}
	return nil
}

// unwritable says that path could not be written. The path is named once.
func unwritable(path string, err error) error {
	return badinput.Errorf("cannot write %s (%w): free disk space or make its folder writable", path, datasets.WithoutPath(err))
}

// unreadable says that path could not be read.
func unreadable(path string, err error) error {
	return badinput.Errorf("cannot read %s (%w): make it readable, or delete it and fetch again", path, datasets.WithoutPath(err))
}

// interrupted says that ctx ended the work on path.
func interrupted(ctx context.Context, path string) error {
	return fmt.Errorf("fetching %s: %w", path, ctx.Err())
}

// withoutURL takes the method and the URL off an error of net/http.
func withoutURL(err error) error {
	var inner *url.Error
	if errors.As(err, &inner) {
		return inner.Err
	}
	return err
}

// redacted is the URL without its password, for messages.
func redacted(raw string) string {
	if u, err := url.Parse(raw); err == nil {
		return u.Redacted()
	}
	return raw
}
