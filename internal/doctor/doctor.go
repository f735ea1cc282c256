// Package doctor checks a machine for everything that the lessons need, and reports
// what is missing and how to fix it.
package doctor

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sys/unix"

	"evident/datasets"
	"evident/internal/archive"
	"evident/internal/exit"
	"evident/internal/files"
	"evident/kit/backend"
)

// state is the result of a check.
type state string

const (
	good    state = "ok"
	warning state = "warn" // something works worse, or not at all, without it
	missing state = "fail" // the lessons do not run without it
)

// Check is one line of the report.
type Check struct {
	name   string
	state  state
	found  string
	remedy string // empty if all is well
}

// Diagnose prints the checks, one per line. It returns an error with status 1 if
// something necessary is missing.
func Diagnose(w io.Writer, checks []Check) error {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	outcome := exit.Status(0)
	for _, c := range checks {
		line := c.found
		if c.remedy != "" {
			line += ": " + c.remedy
		}
		if _, err := fmt.Fprintf(columns, "%s\t%s\t%s\n", c.state, c.name, line); err != nil {
			return err
		}
		if c.state == missing {
			outcome = exit.Failed
		}
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	return outcome
}

// Machine is everything that the checks look at, so that tests can simulate a
// machine.
type Machine struct {
	root  string                 // of the checkout
	cache func() (string, error) // folder of the data sets
	gpu   string                 // device file that exists if there is an NVIDIA GPU
	// intact returns what is wrong with a plugin's file.
	intact func(path string) error
	free   func(dir string) (bytes uint64, err error)        // space on disk
	run    func(name string, args ...string) (string, error) // output of a program
	dial   func(address string) error
	// cached reports whether a data set is in the cache.
	cached func(dataSet string) bool
}

// This returns the machine on which the program runs.
func This(ctx context.Context, root string) Machine {
	return Machine{
		root:   root,
		cache:  datasets.CacheDir,
		gpu:    "/dev/nvidia0",
		free:   freeSpace,
		intact: backend.CheckPlugin,
		cached: archive.Cached,
		run: func(name string, args ...string) (string, error) {
			ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, name, args...)
			cmd.Dir = root
			output, err := cmd.Output()
			return strings.TrimSpace(string(output)), err
		},
		dial: func(address string) error {
			connection, err := (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, "tcp", address)
			if err != nil {
				return err
			}
			return connection.Close()
		},
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Checks returns the checks in the order of the set-up.
func (m Machine) Checks() []Check {
	return []Check{
		m.goTool(),
		m.compiler(),
		m.python(),
		m.inVenv("Jupyter", "bin/jupyter", missing),
		m.kernel(),
		m.inVenv("kernel's program", "bin/evident-kernel", missing),
		m.inVenv("GoNB", "bin/gonb", missing),
		m.inVenv("goimports", "bin/goimports", missing),
		m.inVenv("gopls", "bin/gopls", warning),
		m.plugin(),
		m.graphics(),
		m.cacheFolder(),
		m.disk(),
		m.dataSets(),
		m.network(),
	}
}

// setUp is the remedy for everything that the set-up installs.
const setUp = "run `make lab` or `make lessons`, which install it"

func (m Machine) goTool() Check {
	version, err := m.run("go", "version")
	if err != nil {
		return Check{"Go", missing, "not found", "install it from https://go.dev/dl and put it on the PATH"}
	}
	return Check{"Go", good, strings.TrimPrefix(version, "go version "), ""}
}

// compiler checks for a C compiler, because go-xla is linked through cgo.
func (m Machine) compiler() Check {
	const remedy = "install a C compiler, as in the package gcc, which XLA needs"
	if enabled, err := m.run("go", "env", "CGO_ENABLED"); err == nil && enabled != "1" {
		return Check{"C compiler", missing, "cgo is off", remedy + ", and leave CGO_ENABLED unset"}
	}
	version, err := m.run("cc", "--version")
	if err != nil {
		return Check{"C compiler", missing, "not found", remedy}
	}
	first, _, _ := strings.Cut(version, "\n")
	return Check{"C compiler", good, first, ""}
}

func (m Machine) python() Check {
	const probe = "import sys, ensurepip, venv; print(sys.version.split()[0]); sys.exit(sys.version_info < (3, 10))"
	version, err := m.run("python3", "-c", probe)
	switch {
	case err == nil:
		return Check{"Python", good, version + " with venv", ""}
	case version != "":
		return Check{"Python", missing, version, "install Python 3.10 or newer"}
	}
	return Check{"Python", missing, "python3 with the venv module not found", "install the packages python3 and python3-venv"}
}

func (m Machine) venv(path string) string { return filepath.Join(m.root, ".venv", path) }

// inVenv checks for a program that the set-up installs.
func (m Machine) inVenv(name, path string, absent state) Check {
	if exists(m.venv(path)) {
		return Check{name, good, filepath.Join(".venv", path), ""}
	}
	return Check{name, absent, "not in .venv", setUp}
}

// kernel checks the kernelspec. It holds absolute paths, so moving the
// checkout breaks it.
func (m Machine) kernel() Check {
	specification, err := os.ReadFile(m.venv("share/jupyter/kernels/evident/kernel.json"))
	switch {
	case err != nil:
		return Check{"kernel", missing, "not in .venv", setUp}
	case !strings.Contains(string(specification), `"-go_work=`+m.root+`,`):
		return Check{"kernel", missing, "made for another folder", "remove .venv and " + setUp}
	}
	return Check{"kernel", good, "evident", ""}
}

// plugin checks the place where the wheel xla-cpu-pjrt puts its library.
func (m Machine) plugin() Check {
	if path := m.first("lib/python3.*/site-packages/xla_plugins/xla_cpu_pjrt/*.so"); path != "" {
		if err := m.intact(path); err != nil {
			return Check{"XLA plugin", missing, filepath.Base(path) + ": " + err.Error(), "remove .venv and " + setUp}
		}
		return Check{"XLA plugin", good, filepath.Base(path), ""}
	}
	return Check{"XLA plugin", warning, "not in .venv, so lessons run in pure Go, many times slower", setUp}
}

func (m Machine) graphics() Check {
	_, err := m.run("nvidia-smi", "-L")
	if !exists(m.gpu) && err != nil {
		return Check{"GPU", good, "none, the CPU is used", ""}
	}
	if path := m.first("lib/python3.*/site-packages/*_plugins/xla_cuda*/*.so"); path != "" {
		return Check{"GPU", good, "NVIDIA, with " + filepath.Base(path), ""}
	}
	return Check{"GPU", warning, "NVIDIA, but no CUDA plugin in .venv", "run `.venv/bin/pip install 'jax-cuda13-plugin[with-cuda]'`"}
}

// first returns the first file in .venv that matches.
func (m Machine) first(pattern string) string {
	paths, err := filepath.Glob(m.venv(pattern))
	if err != nil || len(paths) == 0 {
		return ""
	}
	return paths[0]
}

func (m Machine) cacheFolder() Check {
	dir, err := m.cache()
	if err == nil {
		err = files.CheckFolder(dir)
	}
	if err != nil {
		return Check{"cache", missing, err.Error(), "make it writable, or set XDG_CACHE_HOME to a folder that is"}
	}
	return Check{"cache", good, dir, ""}
}

// wantedSpace is enough for .venv, the build cache, and CIFAR-10 with its
// archive.
const wantedSpace = 3 << 30

func (m Machine) disk() Check {
	free, err := m.free(m.root)
	if err != nil {
		return Check{"disk", warning, "free space is not known: " + err.Error(), ""}
	}
	found := fmt.Sprintf("%.1f GB free", float64(free)/1e9)
	if free < wantedSpace {
		return Check{"disk", warning, found, fmt.Sprintf("make room: set-up, builds and data sets take about %d GB", wantedSpace>>30)}
	}
	return Check{"disk", good, found, ""}
}

func freeSpace(dir string) (uint64, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return 0, err
	}
	return stat.Bavail * uint64(stat.Bsize), nil
}

// dataSets checks the cache. No lesson needs a download, because generated
// data sets are built in.
func (m Machine) dataSets() Check {
	var cached, absent []string
	for _, name := range archive.Names() {
		if m.cached(name) {
			cached = append(cached, name)
		} else {
			absent = append(absent, "`go run ./cmd/evident fetch "+name+"`")
		}
	}
	found := strings.Join(append([]string{"generated ones (built in)"}, cached...), ", ")
	if len(absent) > 0 {
		found += "; for the real ones run " + strings.Join(absent, ", ")
	}
	return Check{"data sets", good, found, ""}
}

// network checks access to Go's module registry. Only the first set-up and
// fetch need it.
func (m Machine) network() Check {
	const remedy = "only the first set-up and fetch need it; behind a proxy this is no fault"
	setting, err := m.run("go", "env", "GOPROXY")
	address := registryAddress(setting)
	if err != nil || address == "" {
		return Check{"network", warning, "Go is set to use no module registry", remedy}
	}
	if err := m.dial(address); err != nil {
		return Check{"network", warning, "Go's module registry cannot be reached directly", remedy}
	}
	return Check{"network", good, "Go's module registry answers", ""}
}

// registryAddress returns the host and port of the first registry in a list
// such as $GOPROXY, or "".
func registryAddress(list string) string {
	for _, entry := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '|' }) {
		registry, err := url.Parse(entry)
		if err != nil || registry.Host == "" {
			continue
		}
		port := cmp.Or(registry.Port(), map[string]string{"http": "80", "https": "443"}[registry.Scheme])
		return net.JoinHostPort(registry.Hostname(), port)
	}
	return ""
}
