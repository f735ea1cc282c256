package datasets

import (
	"os"
	"path/filepath"

	"evident/lessons/lesson"
)

// CacheDir is the folder that keeps what was fetched or trained: "evident" in
// the cache folder of the user. It need not exist yet. The error is a
// lesson.ErrBadInput.
func CacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", lesson.BadInputf("no cache folder (%w): set HOME or XDG_CACHE_HOME, or name a folder yourself", err)
	}
	return filepath.Join(dir, "evident"), nil
}
