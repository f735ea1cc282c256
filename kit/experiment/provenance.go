package experiment

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/gomlx/compute"

	"evident/kit/backend"
	"evident/kit/report"
)

// ProvenanceOf records what produces the numbers of a run that starts now. The
// lesson adds the data set, the seeds and the duration.
func ProvenanceOf(b compute.Backend) report.Provenance {
	return report.Provenance{
		Backend: backend.Description(b),
		Go:      runtime.Version(),
		GoMLX:   moduleVersion("github.com/gomlx/gomlx"),
		Commit:  Commit(),
		Machine: fmt.Sprintf("%s/%s, %d processors", runtime.GOOS, runtime.GOARCH, runtime.NumCPU()),
		Started: time.Now().UTC(),
	}
}

func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, dependency := range info.Deps {
		if dependency.Path == path {
			return dependency.Version
		}
	}
	return ""
}

// Commit returns the project's commit, with "+dirty" if files differ from it, or
// "" if git cannot tell. The stamp of Go's build would do, but a notebook cell has
// none. git is asked once, at the first measurement: the code of a program does
// not change while it runs.
var Commit = sync.OnceValue(func() string {
	root := backend.ProjectRoot()
	head, err := git(root, "rev-parse", "--short=12", "HEAD")
	if root == "" || err != nil {
		return ""
	}
	if changes, err := git(root, "status", "--porcelain", "--untracked-files=no"); err != nil || changes != "" {
		head += "+dirty"
	}
	return head
})

func git(root string, args ...string) (string, error) {
	output, err := exec.Command("git", append([]string{"-C", root}, args...)...).Output()
	return strings.TrimSpace(string(output)), err
}

// Machine tells machines apart whose times cannot be compared: the processor, and the name of the machine.
func Machine() (string, error) {
	host, err := os.Hostname()
	return fmt.Sprintf("%s %s/%s, %d processors", host, runtime.GOOS, runtime.GOARCH, runtime.NumCPU()), err
}
