package datasets

import (
	"os"
	"path/filepath"

	"evident/internal/badinput"
)

// CacheDir returns the folder for downloads and trained models: "evident" in
// the user's cache folder. It may not exist yet. The error is a badinput.Err.
func CacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", badinput.Errorf("no cache folder (%w): set HOME or XDG_CACHE_HOME, or name a folder yourself", err)
	}
	return filepath.Join(dir, "evident"), nil
}
