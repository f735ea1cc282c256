// Package fetch downloads data sets: [Client.File] downloads a file with a known
// checksum, and [Extract] unpacks an archive with known names.
//
// Nothing unchecked is ever used. File writes to a ".part" file beside its
// destination, resumes there after an interruption, and moves it into place only
// if its SHA-256 is right. If no checksum is known (see [Request]), the caller
// checks the content when unpacking. Extract unpacks into a folder beside its
// destination and moves it into place only when it is complete.
//
// An error that the user can fix (a wrong URL, no network, a full disk, a
// damaged archive) is a [badinput.Err] of one line. A cancelled context gives
// context.Canceled or context.DeadlineExceeded, wrapped.
package fetch

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"evident/datasets/recognise"
	"evident/internal/badinput"
)

// lockPoll is the interval at which a waiting process checks the lock.
const lockPoll = 50 * time.Millisecond

// Lock waits until no other process or goroutine holds the lock on path, and
// takes it. It creates the folder of the lock file, which is path+".lock". This
// empty file stays behind, because removing it would cause a race.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	if err := makeFolder(filepath.Dir(path)); err != nil {
		return nil, err
	}
	lock := flock.New(path + ".lock")
	if _, err := lock.TryLockContext(ctx, lockPoll); err != nil {
		if ctx.Err() != nil {
			return nil, interrupted(ctx, path)
		}
		return nil, unwritable(path+".lock", err)
	}
	return func() { _ = lock.Unlock() }, nil // closing the file releases the lock in any case
}

// DefaultMaxBytes limits a download whose [Request] sets no limit: 1 GiB.
const DefaultMaxBytes int64 = 1 << 30

// Request says what to download, and where.
type Request struct {
	URL      string // http or https
	SHA256   string // of the whole file, 64 hexadecimal digits; required, unless Unchecked
	Dest     string // path of the file; its folder is created
	MaxBytes int64  // a larger file is refused; 0 means DefaultMaxBytes

	// Unchecked is for an archive without a known checksum, whose content the
	// caller checks. Such an archive is downloaded from the start each time.
	Unchecked bool

	// Progress, if not nil, is called after every read with the number of bytes
	// so far (including resumed ones) and the expected number, or -1 if unknown.
	Progress func(done, total int64)
}

// File downloads r.URL to r.Dest, unless a file with the right checksum is there
// already. After a pause, a dropped connection or a server error (5xx, 429) it
// tries again from where the last try ended. Other refusals, such as 404, fail
// at once. Processes that fetch the same file wait for each other.
//
// If File fails, r.Dest does not change. A ".part" file stays for the next call,
// unless its checksum or its size is wrong.
func (c Client) File(ctx context.Context, r Request) error {
	r, err := r.normalized()
	if err != nil {
		return err
	}
	unlock, err := Lock(ctx, r.Dest)
	if err != nil {
		return err
	}
	defer unlock()
	if r.Unchecked {
		_ = os.Remove(r.Dest + ".part") // it may come from another version
	} else if sum, err := fileSum(ctx, r.Dest); err == nil && sum == r.SHA256 {
		return nil
	}
	return c.withDefaults().fetch(ctx, r)
}

var sha256Form = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (r Request) normalized() (Request, error) {
	r.SHA256 = strings.ToLower(r.SHA256)
	if r.MaxBytes == 0 {
		r.MaxBytes = DefaultMaxBytes
	}
	u, err := url.Parse(r.URL)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return r, badinput.Errorf("cannot fetch %q: give a URL that starts with http:// or https://", r.URL)
	case !r.Unchecked && !sha256Form.MatchString(r.SHA256):
		return r, badinput.Errorf("cannot fetch %s: %q is no SHA-256 checksum: give its 64 hexadecimal digits", redacted(r.URL), r.SHA256)
	case r.Dest == "":
		return r, badinput.Errorf("cannot fetch %s: no destination: give the path of a file", redacted(r.URL))
	}
	return r, nil
}

// fetch downloads to the .part file, checks it and moves it into place. A file
// from several tries may mix two versions. If its checksum is wrong, the
// download starts over once.
func (c Client) fetch(ctx context.Context, r Request) error {
	err := c.fetchOnce(ctx, r)
	if errors.As(err, new(pieced)) {
		err = c.fetchOnce(ctx, r)
	}
	return err
}

func (c Client) fetchOnce(ctx context.Context, r Request) error {
	part := r.Dest + ".part"
	d, err := c.download(ctx, r, part)
	if errors.Is(err, errTooLarge) || err != nil && d != nil && d.offset == 0 {
		_ = os.Remove(part) // ignore this error: err is the one that matters
	}
	if err != nil {
		return err
	}
	kind, head, err := recognise.File(part)
	if err != nil {
		return unreadable(part, err)
	}
	if r.Unchecked && kind == recognise.Gzip {
		return moveInto(part, r.Dest)
	}
	sum, err := fileSum(ctx, part)
	if err != nil {
		return whyUnread(ctx, part, err)
	}
	if sum == r.SHA256 {
		return moveInto(part, r.Dest)
	}
	err = d.notTheFile(kind, head, sum)
	if err := os.Remove(part); err != nil {
		return unwritable(part, err)
	}
	if d.pieced {
		return pieced{err}
	}
	return err
}

func moveInto(part, dest string) error {
	if err := os.Rename(part, dest); err != nil {
		return unwritable(dest, err)
	}
	return nil
}

func whyUnread(ctx context.Context, path string, err error) error {
	if ctx.Err() != nil {
		return interrupted(ctx, path)
	}
	return unreadable(path, err)
}

// fileSum returns the SHA-256 of a file in hexadecimal.
func fileSum(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // only read
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no regular file", path)
	}
	h := sha256.New()
	if _, err := io.Copy(h, readerUntil(ctx, f)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// readerUntil reads from r until ctx is done.
func readerUntil(ctx context.Context, r io.Reader) io.Reader {
	return contextReader{ctx, r}
}

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// Source says from where and how a data set is downloaded. The zero value means
// the data set's own archive.
type Source struct {
	URL    string // of the archive, or of a mirror
	SHA256 string // of the archive
	Client Client // patience of the download

	// Progress, if not nil, is called during the download with the number of
	// bytes so far and the expected number, or -1 if unknown.
	Progress func(done, total int64)
}

// Into downloads the archive of a data set to the path Dest of the request and
// unpacks it, unless the data set is intact in the folder. Processes that fetch the
// same data set wait for each other. The request holds what the source leaves open.
func (s Source) Into(ctx context.Context, folder string, r Request, intact func() bool, unpack func() error) error {
	if intact() { // works even in a read-only cache
		return nil
	}
	unlock, err := Lock(ctx, folder)
	if err != nil {
		return err
	}
	defer unlock()
	if intact() { // another process fetched it while this one waited
		return nil
	}
	r.URL, r.SHA256, r.Progress = cmp.Or(s.URL, r.URL), cmp.Or(s.SHA256, r.SHA256), s.Progress
	r.Unchecked = r.SHA256 == ""
	err = s.Client.File(ctx, r)
	if errors.Is(err, badinput.Err) {
		return badinput.Errorf("%w; --url names a mirror, and `evident run --data FOLDER` takes a copy that you have", err)
	}
	if err != nil {
		return err
	}
	return unpack()
}
