package backend

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/go-xla/compute/xla"

	"evident/datasets"
	"evident/internal/pjrthook"
)

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
