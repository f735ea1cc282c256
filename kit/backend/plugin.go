//go:build !js

package backend

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"

	"evident/datasets"
	"evident/internal/pjrthook"
)

// CheckPlugin checks the file of an XLA plugin without loading it, because
// loading a truncated plugin aborts the process. It knows only the format of
// Linux; on other systems it checks only that the file exists.
func CheckPlugin(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return datasets.WithoutPath(err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	switch {
	case err != nil:
		return datasets.WithoutPath(err)
	case !info.Mode().IsRegular():
		return errors.New("it is not a file")
	case runtime.GOOS != "linux":
		return nil
	}
	library, err := elf.NewFile(f)
	if err != nil {
		return fmt.Errorf("it is no library, or cut short, at %d bytes", info.Size())
	}
	return checkLibrary(library, info.Size())
}

// machines maps Go's names of architectures to those in an ELF header.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

func checkLibrary(library *elf.File, size int64) error {
	if wanted, known := machines[runtime.GOARCH]; known && library.Machine != wanted {
		return fmt.Errorf("it is for another processor, %s", library.Machine)
	}
	for _, segment := range library.Progs {
		if end := segment.Off + segment.Filesz; end > uint64(size) {
			return fmt.Errorf("it is cut short: %d bytes of %d", size, end)
		}
	}
	symbols, err := library.DynamicSymbols()
	isEntry := func(s elf.Symbol) bool { return s.Name == "GetPjrtApi" && s.Section != elf.SHN_UNDEF }
	if err != nil || !slices.ContainsFunc(symbols, isEntry) {
		return errors.New("it is no plugin of XLA: it has no GetPjrtApi")
	}
	return nil
}

// pool lends backends with one thread each, configured like a given CPU backend. It opens them on demand and
// keeps them for reuse.
type pool struct {
	like choice
	mu   sync.Mutex
	idle []compute.Backend
}

// pools maps each backend that [Select] opened to its pool, if it can have one.
var pools sync.Map // *pool by compute.Backend

// oneThread is the size of a backend in a pool.
var oneThread = pjrthook.Size{Devices: 1, Threads: 1}

// lend returns a backend with one thread for the caller to use and give back.
func (c *pool) lend() (compute.Backend, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if last := len(c.idle) - 1; last >= 0 {
		backend := c.idle[last]
		c.idle = c.idle[:last]
		return backend, nil
	}
	backend, _, err := c.like.open(oneThread)
	return backend, err
}

func (c *pool) giveBack(backend compute.Backend) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, backend)
}

// Pool lends backends with one thread each, if [Select] opened the given backend for a CPU. Otherwise ok is
// false.
func Pool(like compute.Backend) (lend func() (compute.Backend, error), giveBack func(compute.Backend), ok bool) {
	found, ok := pools.Load(like)
	if !ok {
		return nil, nil, false
	}
	own := found.(*pool)
	return own.lend, own.giveBack, true
}

// hook configures what go-xla has no options for: the plugin's compiler settings
// (see xlaFlags), the cache of compiled programs and, for a CPU plugin, the size.
// It reports whether the plugin supports a size. Without cache and size
// everything still works, but slower. A CPU plugin's default size is four devices
// with one thread each; on two processors a training step of the net of question
// 4 then takes a seventh longer.
func (c choice) hook(cpu pjrthook.Size) (sized bool) {
	plugin, isXLA := strings.CutPrefix(c.config, xla.BackendName+":")
	if !isXLA || !filepath.IsAbs(plugin) {
		return false
	}
	kind := filepath.Base(plugin)
	set := os.Getenv(flagsVariable)
	flags := xlaFlags(kind, set)
	if flags != set {
		_ = os.Setenv(flagsVariable, flags) // the plugin reads it at its first compilation
	}
	if cache, err := datasets.CacheDir(); err == nil {
		_ = pjrthook.KeepPrograms(plugin, filepath.Join(cache, "programs"), flags)
	}
	return strings.Contains(kind, "cpu") && pjrthook.SetSize(plugin, cpu) == nil
}

// flagsVariable is the environment variable with XLA's compiler settings.
const flagsVariable = "XLA_FLAGS"

// tritonFlag decides whether XLA fuses a matrix product with its neighbouring
// operations on a GPU.
const tritonFlag = "--xla_gpu_enable_triton_gemm"

// xlaFlags returns the compiler settings for a plugin file: the user's, and for
// CUDA no Triton fusion unless the user asks for it. With the plugin of JAX
// 0.11.2, this fusion aborted the process on the products of gathered windows
// (convdims): "Check failed" in triton_tiling_propagation.cc.
func xlaFlags(plugin, set string) string {
	if !strings.Contains(plugin, "cuda") || strings.Contains(set, tritonFlag) {
		return set
	}
	return strings.TrimSpace(set + " " + tritonFlag + "=false")
}
