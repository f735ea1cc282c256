// Package fetch brings data sets onto this machine: it downloads a file whose
// checksum is known, and unpacks an archive whose names are known.
//
// Nothing unchecked is ever used. [File] writes to a ".part" file beside its
// destination, resumes there after an interruption, and moves it into place
// only when its SHA-256 is the one asked for. Where no checksum is known (see
// [Request]), whoever unpacks the archive checks what is inside. [Extract]
// unpacks into a folder beside its destination and moves it into place only when
// it is whole.
//
// What the user can mend (a wrong URL, no network, a full disk, a damaged
// archive) is a lesson.ErrBadInput of one line. A cancelled context is not: it
// comes back as context.Canceled or context.DeadlineExceeded, wrapped.
package fetch

import (
	"context"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lockPoll is how often a waiting process looks whether the lock is free.
const lockPoll = 50 * time.Millisecond

// Lock waits until no other process or goroutine holds the lock on path, and
// takes it. The lock is the file path+".lock", which stays behind, empty: to
// remove it would open a race. Its folder is created.
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
	return func() { _ = lock.Unlock() }, nil // closing the file releases it in any case
}
