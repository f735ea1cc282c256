package backend

import (
	"cmp"
	"context"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/internal/pjrthook"
)

// touch creates an empty file and its parent folders, and returns its path.
func touch(t *testing.T, parts ...string) string {
	t.Helper()
	path := filepath.Join(parts...)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, nil, 0o644))
	return path
}

func TestBackendIsChosenInOrder(t *testing.T) {
	venv, gpu := t.TempDir(), touch(t, t.TempDir(), "nvidia0")
	site := filepath.Join(venv, "lib", "python3.11", "site-packages")
	cpu := touch(t, site, "xla_plugins", "xla_cpu_pjrt", "xla_cpu_pjrt.so")
	both := t.TempDir()
	bothSite := filepath.Join(both, "lib", "python3.12", "site-packages")
	touch(t, bothSite, "xla_plugins", "xla_cpu_pjrt", "xla_cpu_pjrt.so")
	cuda := touch(t, bothSite, "jax_plugins", "xla_cuda13", "xla_cuda_plugin.so")
	none := func() []string { return nil }
	some := func() []string { return []string{"cpu_v1"} }

	for name, c := range map[string]struct {
		around surroundings
		config string
		slow   bool
	}{
		"the variable comes first":          {surroundings{variable: "go", venv: both, gpu: gpu, installed: some}, "go", false},
		"a GPU with its plugin":             {surroundings{venv: both, gpu: gpu, installed: some}, "xla:" + cuda, false},
		"a GPU without its plugin":          {surroundings{venv: venv, gpu: gpu, installed: some}, "xla:" + cpu, false},
		"the CUDA plugin without a GPU":     {surroundings{venv: both, gpu: gpu + "-gone", installed: none}, "xla:" + filepath.Join(bothSite, "xla_plugins", "xla_cpu_pjrt", "xla_cpu_pjrt.so"), false},
		"the plugin in .venv":               {surroundings{venv: venv, installed: some}, "xla:" + cpu, false},
		"a plugin installed for go-xla":     {surroundings{installed: some}, "xla:cpu_v1", false},
		"an empty .venv, nothing installed": {surroundings{venv: t.TempDir(), installed: none}, "go", true},
		"nothing at all":                    {surroundings{installed: none}, "go", true},
		"too little memory for XLA":         {surroundings{venv: both, gpu: gpu, installed: some, addresses: 2 << 30}, "go", true},
		"the variable, in little memory":    {surroundings{variable: "xla:x", venv: both, addresses: 2 << 30}, "xla:x", false},
	} {
		t.Run(name, func(t *testing.T) {
			c.around.addresses = cmp.Or(c.around.addresses, math.MaxUint64)
			chosen := choose(c.around)
			require.Equal(t, c.config, chosen.config)
			require.Equal(t, c.slow, chosen.slow)
			require.NotContains(t, chosen.why, "\n")
		})
	}
}

func TestPureGoBackendSaysThatItIsSlower(t *testing.T) {
	selected, err := choose(surroundings{installed: func() []string { return nil }, addresses: math.MaxUint64}).start()
	require.NoError(t, err)
	require.True(t, selected.Slow)
	require.Contains(t, selected.Why, "slower")
	require.Equal(t, "go", selected.Backend.String())
}

func TestBackendThatDoesNotStart(t *testing.T) {
	for name, c := range map[string]struct{ variable, says string }{
		"a missing plugin":   {"xla:/no/such/plugin.so", "no such file or directory"},
		"an unknown plugin":  {"xla:abacus", "abacus"},
		"an unknown backend": {"abacus", "abacus"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(compute.ConfigEnvVar, c.variable)
			_, err := Select(context.Background())
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, c.variable)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, "unset "+compute.ConfigEnvVar)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// The project's plugin is found from a folder below the project, and from
// anywhere if the kernel names the project.
func TestProjectIsFound(t *testing.T) {
	home := t.TempDir()
	touch(t, home, "go.mod")
	touch(t, home, ".venv", "pyvenv.cfg")
	below := filepath.Join(home, "lessons", "deep")
	require.NoError(t, os.MkdirAll(below, 0o755))
	t.Setenv(HomeVariable, "")
	t.Chdir(below)
	require.Equal(t, filepath.Join(home, ".venv"), projectVenv())
	t.Chdir(t.TempDir())
	require.Empty(t, projectVenv())
	t.Setenv(HomeVariable, home)
	require.Equal(t, filepath.Join(home, ".venv"), projectVenv())
}

func TestDescriptionNamesPluginsWithoutTheirFolders(t *testing.T) {
	require.Equal(t, "xla:xla_cpu_pjrt.so - PJRT plugin (xla_cpu_pjrt.so) v0.81 [StableHLO]",
		folders.ReplaceAllString("xla:/home/ada/.venv/lib/xla_cpu_pjrt.so - PJRT plugin (/home/ada/.venv/lib/xla_cpu_pjrt.so) v0.81 [StableHLO]", ""))
}

func TestCPUHasADeviceForEachProcessor(t *testing.T) {
	chosen := choose(here())
	if filepath.Base(chosen.config) != filepath.Base(cpuPlugin) {
		t.Skipf("%s is no CPU plugin of .venv", chosen.config)
	}
	for _, devices := range []int{1, 3} {
		backend, sized, err := chosen.open(pjrthook.Size{Devices: devices})
		require.NoError(t, err)
		require.True(t, sized)
		require.Equal(t, devices, backend.NumDevices())
	}
	selected, err := chosen.start()
	require.NoError(t, err)
	require.Equal(t, runtime.NumCPU(), selected.Backend.NumDevices())
}

func TestBackendsOfOneKindOnMachinesOfAnySize(t *testing.T) {
	require.Equal(t, KindOf("Go Portable Compute Backend (parallelism=4)"), KindOf("Go Portable Compute Backend (parallelism=64)"))
	xla := "xla:xla_cpu_pjrt.so - PJRT plugin (xla_cpu_pjrt.so) v0.81 [StableHLO] [4 device(s)]"
	require.Equal(t, "xla:xla_cpu_pjrt.so - PJRT plugin (xla_cpu_pjrt.so) v0.81 [StableHLO]", KindOf(xla))
	require.NotEqual(t, KindOf(xla), KindOf("xla:xla_cpu_pjrt.so - PJRT plugin (xla_cpu_pjrt.so) v0.82 [StableHLO] [4 device(s)]"))
}
