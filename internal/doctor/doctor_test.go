package doctor

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/internal/exit"
	"evident/internal/files"
)

// healthy returns a machine on which all is well. Its set-up is in a
// temporary folder that tests may damage.
func healthy(t *testing.T) Machine {
	root := t.TempDir()
	for path, content := range map[string]string{
		"bin/jupyter": "", "bin/evident-kernel": "", "bin/gonb": "", "bin/goimports": "", "bin/gopls": "",
		"lib/python3.12/site-packages/xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so": "",
		"share/jupyter/kernels/evident/kernel.json":                             `{"argv": ["gonb", "-go_work=` + root + `,more"]}`,
	} {
		require.NoError(t, files.Save(filepath.Join(root, ".venv", path), []byte(content)))
	}
	return Machine{
		root:   root,
		cache:  func() (string, error) { return filepath.Join(root, "cache"), nil },
		gpu:    filepath.Join(root, "nvidia0"),
		free:   func(string) (uint64, error) { return 50e9, nil },
		dial:   func(string) error { return nil },
		intact: func(string) error { return nil },
		cached: func(string) bool { return true },
		run:    programs{"go version": "go version go1.26.8 linux/amd64", "go env CGO_ENABLED": "1", "go env GOPROXY": "https://modules.example,direct", "cc --version": "cc 14\nlicence", "python3 -c": "3.12.1"}.run,
	}
}

// programs maps a program's name and first argument, or all arguments, to its
// output. Other programs are not installed.
type programs map[string]string

func (p programs) run(name string, args ...string) (string, error) {
	for _, call := range []string{name + " " + args[0], name + " " + strings.Join(args, " ")} {
		if output, found := p[call]; found {
			return output, nil
		}
	}
	return "", errors.New("not found")
}

func TestRegistryAddress(t *testing.T) {
	for list, want := range map[string]string{
		"https://modules.example,direct":    "modules.example:443",
		"http://10.0.0.7:3000/go|https://b": "10.0.0.7:3000",
		"direct":                            "",
		"off":                               "",
		"file:///var/modules":               "",
		"":                                  "",
	} {
		require.Equal(t, want, registryAddress(list), list)
	}
}

func TestHealthyMachinePasses(t *testing.T) {
	var out bytes.Buffer
	assert.Equal(t, exit.Status(0), Diagnose(&out, healthy(t).Checks()))
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		assert.Regexp(t, `^ok  `, line)
	}
	assert.Equal(t, 15, strings.Count(out.String(), "\n"), "one line each")
}

func TestDoctorNamesTheRemedy(t *testing.T) {
	nothing := func(string, ...string) (string, error) { return "", errors.New("not found") }
	remove := func(path string) func(*testing.T, *Machine) {
		return func(t *testing.T, m *Machine) { require.NoError(t, os.RemoveAll(filepath.Join(m.root, path))) }
	}
	for _, c := range []struct {
		name   string
		damage func(*testing.T, *Machine)
		state  state
		line   string // after the name
	}{
		{"Go", func(_ *testing.T, m *Machine) { m.run = nothing }, missing, "install it from https://go.dev/dl"},
		{"C compiler", func(_ *testing.T, m *Machine) { m.run = nothing }, missing, "gcc"},
		{"Python", func(_ *testing.T, m *Machine) { m.run = nothing }, missing, "python3-venv"},
		{"Jupyter", remove(".venv"), missing, "make lab"},
		{"kernel", remove(".venv/share"), missing, "make lab"},
		{"kernel", func(_ *testing.T, m *Machine) {
			moved := m.root + "-moved"
			_ = os.Rename(m.root, moved)
			m.root = moved
		}, missing, "made for another folder: remove .venv"},
		{"kernel's program", remove(".venv/bin/evident-kernel"), missing, "make lab"},
		{"GoNB", remove(".venv/bin/gonb"), missing, "make lab"},
		{"gopls", remove(".venv/bin/gopls"), warning, "make lab"},
		{"XLA plugin", remove(".venv/lib"), warning, "pure Go, many times slower"},
		{"XLA plugin", func(_ *testing.T, m *Machine) { m.intact = func(string) error { return errors.New("it is cut short") } }, missing, "cut short: remove .venv"},
		{"GPU", func(t *testing.T, m *Machine) { require.NoError(t, os.WriteFile(m.gpu, nil, 0o644)) }, warning, "no CUDA plugin in .venv: run"},
		{"cache", func(t *testing.T, m *Machine) {
			require.NoError(t, os.WriteFile(filepath.Join(m.root, "cache"), nil, 0o644))
		}, missing, "XDG_CACHE_HOME"},
		{"disk", func(_ *testing.T, m *Machine) { m.free = func(string) (uint64, error) { return 2e8, nil } }, warning, "0.2 GB free: make room"},
		{"data sets", func(_ *testing.T, m *Machine) { m.cached = func(name string) bool { return name == "cifar10" } }, good, "cifar10; .*run `go run ./cmd/evident fetch polarity`$"},
		{"network", func(_ *testing.T, m *Machine) { m.dial = func(string) error { return errors.New("no route") } }, warning, "only the first set-up and fetch need it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := healthy(t)
			c.damage(t, &m)
			t.Cleanup(func() { _ = os.RemoveAll(m.root) })
			var out bytes.Buffer
			outcome := Diagnose(&out, m.Checks())
			assert.Equal(t, c.state == missing, outcome == exit.Status(exit.Failed), "only what is needed sets the status")
			assert.Regexp(t, `(?m)^`+string(c.state)+` +`+c.name+` .*`+c.line, out.String())
		})
	}
}

func TestGPUWithItsPluginIsUsed(t *testing.T) {
	m := healthy(t)
	require.NoError(t, os.WriteFile(m.gpu, nil, 0o644))
	require.NoError(t, files.Save(m.venv("lib/python3.12/site-packages/jax_plugins/xla_cuda13/xla_cuda_plugin.so"), nil))
	assert.Equal(t, Check{"GPU", good, "NVIDIA, with xla_cuda_plugin.so", ""}, m.graphics())
}
