package fit

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/go-xla/compute/xla"

	"evident/datasets"
	"evident/internal/pjrthook"
)

// hook asks the plugin for what go-xla has no options for: to keep programs, and,
// if it is one for CPUs, for a size; it says whether the plugin has that. Without
// them all works the same, and slower: the plugin's own size is four devices with
// a thread each, and on two processors a training step of the net of question 4
// takes a seventh longer with them.
func (c choice) hook(cpu pjrthook.Size) (sized bool) {
	plugin, isXLA := strings.CutPrefix(c.config, xla.BackendName+":")
	if !isXLA || !filepath.IsAbs(plugin) {
		return false
	}
	if cache, err := datasets.CacheDir(); err == nil {
		_ = pjrthook.KeepPrograms(plugin, filepath.Join(cache, "programs"), os.Getenv("XLA_FLAGS"))
	}
	return strings.Contains(filepath.Base(plugin), "cpu") && pjrthook.SetSize(plugin, cpu) == nil
}
