package fit

import (
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// lockFolder waits until no other process or goroutine writes models into the
// folder, and keeps them from it until unlock is called. The folder itself is
// locked, so no file is left behind. On a disk that cannot lock folders, as on
// some networks, there is no lock: that is no reason to lose a trained model.
func lockFolder(folder string) (unlock func()) {
	lock := flock.New(folder, flock.SetFlag(os.O_RDONLY))
	_ = lock.Lock()
	return func() { _ = lock.Unlock() }
}

// shareFolder waits until nobody writes models into the folder, and keeps
// writers, but not other readers, from it until unlock is called.
func shareFolder(folder string) (unlock func()) {
	lock := flock.New(folder, flock.SetFlag(os.O_RDONLY))
	_ = lock.RLock()
	return func() { _ = lock.Unlock() }
}

// syncFolder puts a folder and the files in it on the disk.
func syncFolder(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := syncPath(filepath.Join(folder, entry.Name())); err != nil {
			return err
		}
	}
	return syncPath(folder)
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return f.Sync()
}
