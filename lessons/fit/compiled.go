package fit

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/go-xla/compute/xla"

	"evident/datasets/fetch"
	"evident/internal/compilecache"
)

// keepPrograms makes XLA keep what it compiles in the cache folder of the user.
// Without it all works the same, and every process compiles for itself.
func (c choice) keepPrograms() {
	plugin, isXLA := strings.CutPrefix(c.config, xla.BackendName+":")
	cache, err := fetch.CacheDir()
	if isXLA && err == nil && filepath.IsAbs(plugin) {
		_ = compilecache.Enable(plugin, filepath.Join(cache, "programs"), os.Getenv("XLA_FLAGS"))
	}
}
