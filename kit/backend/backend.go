// Package backend chooses where graphs run, and explains the choice: on XLA with a GPU or the CPU, or in pure
// Go. In a browser there is pure Go alone. No other package reads the environment.
package backend

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/gomlx/compute"
)

// Selected is the backend that [Select] chose.
type Selected struct {
	Backend compute.Backend
	Why     string // one line that states the choice and the reason
	Slow    bool   // pure Go was chosen because no faster backend is available
}

// HomeVariable names the environment variable with the project's folder. The Jupyter kernel sets it, because a
// cell runs in another folder.
const HomeVariable = "EVIDENT_HOME"

// ProjectRoot returns $EVIDENT_HOME, or else the root of the module that contains the working folder, or "".
func ProjectRoot() string {
	if home := os.Getenv(HomeVariable); home != "" {
		return home
	}
	folder, err := os.Getwd()
	if err != nil {
		return ""
	}
	for !exists(filepath.Join(folder, "go.mod")) {
		parent := filepath.Dir(folder)
		if parent == folder {
			return ""
		}
		folder = parent
	}
	return folder
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Description returns a backend's description without the folder of its plugin. A report names the plugin, not
// its place on somebody's disk.
func Description(b compute.Backend) string { return folders.ReplaceAllString(b.Description(), "") }

var folders = regexp.MustCompile(`/(?:[^\s()/]+/)+`)

// Kind is a backend's [Description] without the size of its machine: backends of one kind compute the same.
func Kind(b compute.Backend) string { return KindOf(Description(b)) }

// KindOf is the kind of a backend with the description.
func KindOf(description string) string {
	return strings.TrimSpace(machineSize.ReplaceAllString(description, ""))
}

// machineSize is the part of a backend's description that counts processors.
var machineSize = regexp.MustCompile(`\(parallelism=-?\d+\)|\[\d+ device\(s\)\]`)
