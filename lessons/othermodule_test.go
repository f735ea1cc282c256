package lessons_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A lesson is a package like any other: the module in testdata imports one by a
// replace in its go.mod. The go command completes that file, so it gets a copy;
// with the checksums of evident it needs no network. The paths are (1 − ηλ)ᵏ.
func TestALessonCanBeUsedFromAnotherModule(t *testing.T) {
	module := t.TempDir()
	require.NoError(t, os.CopyFS(module, os.DirFS(filepath.Join("testdata", "othermodule"))))
	sums, err := os.ReadFile(filepath.Join("..", "go.sum"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(module, "go.sum"), sums, 0o644))
	evident, err := filepath.Abs("..")
	require.NoError(t, err)
	goCommand := func(arguments ...string) string {
		cmd := exec.Command("go", arguments...)
		cmd.Dir = module
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false", "GOPROXY=off")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out)
	}
	goCommand("mod", "edit", "-replace=evident="+evident)
	require.Equal(t, "ηλ = 0.5 [1 0.5 0.25 0.125]\nηλ = 1.5 [1 -0.5 0.25 -0.125]\nq1a.1 supported\nq1a.2 supported\nq1b.1 supported\n", goCommand("run", "-mod=mod", "."))
}
