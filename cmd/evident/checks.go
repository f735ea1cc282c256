package main

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// checks are in the order in which a set-up meets their objects.
func (m machine) checks() []check {
	return []check{
		m.goTool(),
		m.compiler(),
		m.python(),
		m.inVenv("Jupyter", "bin/jupyter", missing),
		m.kernel(),
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

// setUp is the remedy for whatever the set-up installs.
const setUp = "run `make lab` or `make lessons`, which install it"

func (m machine) goTool() check {
	version, err := m.run("go", "version")
	if err != nil {
		return check{"Go", missing, "not found", "install it from https://go.dev/dl and put it on the PATH"}
	}
	return check{"Go", good, strings.TrimPrefix(version, "go version "), ""}
}

// compiler: go-xla is linked through cgo.
func (m machine) compiler() check {
	const remedy = "install a C compiler, as in the package gcc, which XLA needs"
	if enabled, err := m.run("go", "env", "CGO_ENABLED"); err == nil && enabled != "1" {
		return check{"C compiler", missing, "cgo is off", remedy + ", and leave CGO_ENABLED unset"}
	}
	version, err := m.run("cc", "--version")
	if err != nil {
		return check{"C compiler", missing, "not found", remedy}
	}
	first, _, _ := strings.Cut(version, "\n")
	return check{"C compiler", good, first, ""}
}

func (m machine) python() check {
	const probe = "import sys, ensurepip, venv; print(sys.version.split()[0]); sys.exit(sys.version_info < (3, 10))"
	version, err := m.run("python3", "-c", probe)
	switch {
	case err == nil:
		return check{"Python", good, version + " with venv", ""}
	case version != "":
		return check{"Python", missing, version, "install Python 3.10 or newer"}
	}
	return check{"Python", missing, "python3 with the venv module not found", "install the packages python3 and python3-venv"}
}

func (m machine) venv(path string) string { return filepath.Join(m.root, ".venv", path) }

// inVenv checks a program that the set-up installs.
func (m machine) inVenv(name, path string, absent state) check {
	if exists(m.venv(path)) {
		return check{name, good, filepath.Join(".venv", path), ""}
	}
	return check{name, absent, "not in .venv", setUp}
}

// kernel: a kernelspec holds absolute paths, so a moved checkout breaks it.
func (m machine) kernel() check {
	specification, err := os.ReadFile(m.venv("share/jupyter/kernels/evident/kernel.json"))
	switch {
	case err != nil:
		return check{"kernel", missing, "not in .venv", setUp}
	case !strings.Contains(string(specification), `"-go_work=`+m.root+`,`):
		return check{"kernel", missing, "made for another folder", "remove .venv and " + setUp}
	}
	return check{"kernel", good, "evident", ""}
}

// plugin looks where the wheel xla-cpu-pjrt puts its library.
func (m machine) plugin() check {
	if path := m.first("lib/python3.*/site-packages/xla_plugins/xla_cpu_pjrt/*.so"); path != "" {
		if err := m.intact(path); err != nil {
			return check{"XLA plugin", missing, filepath.Base(path) + ": " + err.Error(), "remove .venv and " + setUp}
		}
		return check{"XLA plugin", good, filepath.Base(path), ""}
	}
	return check{"XLA plugin", warning, "not in .venv, so lessons run in pure Go, many times slower", setUp}
}

func (m machine) graphics() check {
	_, err := m.run("nvidia-smi", "-L")
	if !exists(m.gpu) && err != nil {
		return check{"GPU", good, "none, the CPU is used", ""}
	}
	if path := m.first("lib/python3.*/site-packages/*_plugins/xla_cuda*/*.so"); path != "" {
		return check{"GPU", good, "NVIDIA, with " + filepath.Base(path), ""}
	}
	return check{"GPU", warning, "NVIDIA, but no CUDA plugin in .venv", "run `.venv/bin/pip install 'jax-cuda13-plugin[with-cuda]'`"}
}

// first is the first file in .venv that matches.
func (m machine) first(pattern string) string {
	paths, err := filepath.Glob(m.venv(pattern))
	if err != nil || len(paths) == 0 {
		return ""
	}
	return paths[0]
}

func (m machine) cacheFolder() check {
	dir, err := m.cache()
	if err == nil {
		err = checkWritable(dir)
	}
	if err != nil {
		return check{"cache", missing, err.Error(), "make it writable, or set XDG_CACHE_HOME to a folder that is"}
	}
	return check{"cache", good, dir, ""}
}

// wantedSpace holds .venv, the build cache and CIFAR-10 with its archive.
const wantedSpace = 3 << 30

func (m machine) disk() check {
	free, err := m.free(m.root)
	if err != nil {
		return check{"disk", warning, "free space is not known: " + err.Error(), ""}
	}
	found := fmt.Sprintf("%.1f GB free", float64(free)/1e9)
	if free < wantedSpace {
		return check{"disk", warning, found, fmt.Sprintf("make room: set-up, builds and data sets take about %d GB", wantedSpace>>30)}
	}
	return check{"disk", good, found, ""}
}

func freeSpace(dir string) (uint64, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return 0, err
	}
	return stat.Bavail * uint64(stat.Bsize), nil
}

// dataSets: no lesson needs a download, since generated sets are built in.
func (m machine) dataSets() check {
	var cached, absent []string
	for _, name := range fetchableNames() {
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
	return check{"data sets", good, found, ""}
}

// network asks for the module registry that Go is set to use. Nothing but the
// first set-up and fetch need it.
func (m machine) network() check {
	const remedy = "only the first set-up and fetch need it; behind a proxy this is no fault"
	setting, err := m.run("go", "env", "GOPROXY")
	address := registryAddress(setting)
	if err != nil || address == "" {
		return check{"network", warning, "Go is set to use no module registry", remedy}
	}
	if err := m.dial(address); err != nil {
		return check{"network", warning, "Go's module registry cannot be reached directly", remedy}
	}
	return check{"network", good, "Go's module registry answers", ""}
}

// registryAddress is the host and port of the first registry in a list like
// that of $GOPROXY, or "".
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
