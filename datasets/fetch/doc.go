// Package fetch downloads data sets: [File] downloads a file with a known
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
	"context"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
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
