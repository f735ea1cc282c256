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
