package backend

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
)

// venvWith creates a .venv whose plugin is written by the function write.
func venvWith(t *testing.T, write func(t *testing.T, path string)) (venv, plugin string) {
	t.Helper()
	venv = t.TempDir()
	plugin = filepath.Join(venv, "lib", "python3.12", "site-packages", "xla_plugins", "xla_cpu_pjrt", "xla_cpu_pjrt.so")
	require.NoError(t, os.MkdirAll(filepath.Dir(plugin), 0o755))
	write(t, plugin)
	return venv, plugin
}

// content returns a function that writes bytes as the plugin.
func content(bytes []byte) func(*testing.T, string) {
	return func(t *testing.T, path string) { require.NoError(t, os.WriteFile(path, bytes, 0o644)) }
}

// realPlugin returns the plugin of the project's .venv.
func realPlugin(t *testing.T) string {
	t.Helper()
	plugin := pluginIn(projectVenv(), cpuPlugin)
	if plugin == "" {
		t.Skip("no plugin in .venv: run `make lab`")
	}
	return plugin
}

// cut writes only the first part of the real plugin, as a full disk does. If
// sized, it fills the rest with zeros, as a power failure does.
func cut(share float64, sized bool) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		whole, err := os.ReadFile(realPlugin(t))
		require.NoError(t, err)
		kept := int(float64(len(whole)) * share)
		content(whole[:kept])(t, path)
		if sized {
			require.NoError(t, os.Truncate(path, int64(len(whole))))
		}
	}
}

func TestBrokenPluginIsNamedWithItsRemedy(t *testing.T) {
	library := func(t *testing.T, path string) { // this test's own binary, which is not a library
		self, err := os.ReadFile("/proc/self/exe")
		require.NoError(t, err)
		content(self)(t, path)
	}
	other := func(t *testing.T, path string) {
		cut(1, false)(t, path)
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		require.NoError(t, err)
		defer f.Close()
		_, err = f.WriteAt([]byte{8}, 18) // e_machine: MIPS
		require.NoError(t, err)
	}
	for name, c := range map[string]struct {
		write func(*testing.T, string)
		says  string
	}{
		"an empty file":                {content(nil), "it is no library, or cut short, at 0 bytes"},
		"a page of a proxy":            {content([]byte("<html>Please log in</html>")), "it is no library, or cut short, at 26 bytes"},
		"its first half":               {cut(0.5, false), "cut short"},
		"all but its end":              {cut(0.999, false), "cut short"},
		"its first half, then zeros":   {cut(0.5, true), "it is no"},
		"a program":                    {library, "it is no plugin of XLA: it has no GetPjrtApi"},
		"for another processor":        {other, "it is for another processor, EM_MIPS"},
		"a folder":                     {func(t *testing.T, path string) { require.NoError(t, os.Mkdir(path, 0o755)) }, "it is not a file"},
		"a link to a file that is not": {func(t *testing.T, path string) { require.NoError(t, os.Symlink("gone.so", path)) }, "no such file or directory"},
	} {
		t.Run(name, func(t *testing.T) {
			venv, plugin := venvWith(t, c.write)
			_, err := choose(surroundings{venv: venv, addresses: addressLimit()}).start()
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, plugin)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, "remove .venv and run `make lab`, or set "+compute.ConfigEnvVar+"=go")
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestPluginOfTheProjectIsWhole(t *testing.T) {
	require.NoError(t, CheckPlugin(realPlugin(t)))
}
