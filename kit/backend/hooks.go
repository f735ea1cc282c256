package backend

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/go-xla/compute/xla"

	"evident/datasets"
	"evident/internal/pjrthook"
)

// hook asks the plugin for what go-xla has no options for: for settings of its
// compiler (see xlaFlags), to keep programs, and, if it is one for CPUs, for a
// size; it says whether the plugin has that. Without programs kept and a size all
// works the same, and slower: the plugin's own size is four devices with a thread
// each, and on two processors a training step of the net of question 4 takes a
// seventh longer with them.
func (c choice) hook(cpu pjrthook.Size) (sized bool) {
	plugin, isXLA := strings.CutPrefix(c.config, xla.BackendName+":")
	if !isXLA || !filepath.IsAbs(plugin) {
		return false
	}
	kind := filepath.Base(plugin)
	set := os.Getenv(flagsVariable)
	flags := xlaFlags(kind, set)
	if flags != set {
		_ = os.Setenv(flagsVariable, flags) // the plugin reads it when it first compiles
	}
	if cache, err := datasets.CacheDir(); err == nil {
		_ = pjrthook.KeepPrograms(plugin, filepath.Join(cache, "programs"), flags)
	}
	return strings.Contains(kind, "cpu") && pjrthook.SetSize(plugin, cpu) == nil
}

// flagsVariable is where XLA looks for settings of its compiler.
const flagsVariable = "XLA_FLAGS"

// tritonFlag is whether XLA fuses what stands around a matrix product into it, on
// a GPU.
const tritonFlag = "--xla_gpu_enable_triton_gemm"

// xlaFlags are the settings for a plugin, by the name of its file: those that are
// set, and for CUDA no fusions by Triton unless they are asked for. On the
// products of gathered windows (convdims) the fusion ended the process: "Check
// failed" in triton_tiling_propagation.cc, of the plugin of JAX 0.11.2.
func xlaFlags(plugin, set string) string {
	if !strings.Contains(plugin, "cuda") || strings.Contains(set, tritonFlag) {
		return set
	}
	return strings.TrimSpace(set + " " + tritonFlag + "=false")
}
