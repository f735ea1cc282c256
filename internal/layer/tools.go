package layer

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// tools are what cells are built with.
type tools struct{ goTool string }

// Where Go lies when the PATH does not say so.
var usualPlaces = []string{"/usr/local/go/bin", "/usr/lib/go/bin", "/opt/homebrew/bin", "/snap/bin"}

// findTools finds Go, and sees to it that Go finds its caches.
func findTools(folder string) (tools, error) {
	var t tools
	var err error
	if t.goTool, err = exec.LookPath("go"); err != nil {
		for _, place := range usualPlaces {
			if t.goTool, err = exec.LookPath(filepath.Join(place, "go")); err == nil {
				break
			}
		}
	}
	if err != nil {
		return t, errors.New("go is not on the PATH: install Go, or start Jupyter where `go version` works")
	}
	if os.Getenv("HOME") == "" {
		home := folder
		if u, err := user.Current(); err == nil && u.HomeDir != "" {
			home = u.HomeDir
		}
		if err := os.Setenv("HOME", home); err != nil {
			return t, err
		}
	}
	return t, cacheWhere(folder)
}

// cacheWhere gives Go and gopls a cache in the kernel's folder where the home cannot have one.
// What Go has built before is read in any case.
func cacheWhere(folder string) error {
	cache, err := os.UserCacheDir()
	if err == nil && (unix.Access(cache, unix.W_OK) == nil || os.MkdirAll(cache, 0o700) == nil) {
		return nil
	}
	built := os.Getenv("GOCACHE")
	if built == "" {
		built = filepath.Join(cache, "go-build")
	}
	if _, err := os.Stat(built); err != nil {
		built = filepath.Join(folder, "go-build")
	}
	if err := os.Setenv("GOCACHE", built); err != nil {
		return err
	}
	return os.Setenv("XDG_CACHE_HOME", folder)
}
