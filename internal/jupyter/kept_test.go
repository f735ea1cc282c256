package jupyter

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"evident/internal/durations"
	"evident/internal/exit"
	"evident/internal/files"
	"evident/kit/keep"
)

const small = `{"cells": [{"cell_type": "code", "id": "a", "metadata": {}, "execution_count": null, "outputs": [],
	"source": "import \"evident/kit/show\"\n\n%%\nshow.Table(params.Table(\"own.csv\", \"net.bin\"))"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}`

// tree is a small checkout with one notebook.
func tree(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", filepath.Join(root, ".cache"))
	for name, content := range map[string]string{
		"go.mod": "module evident\n", "go.sum": "a v1 h1:x\n",
		"cmd/evident-kernel/main.go":              "package main\n\nimport _ \"evident/internal/layer\"\n",
		"internal/layer/layer.go":                 "package layer\n",
		"internal/jupyter/jupyter.go":             "package jupyter\n",
		"internal/homework/homework.go":           "package homework\n",
		"kit/show/show.go":                        "package show\n\nimport _ \"evident/kit/claim\"\n",
		"kit/claim/claim.go":                      "package claim\n",
		"lessons/params/params.go":                "package params\n",
		"lessons/saddle/saddle.go":                "package saddle\n",
		"kernel/kernel.json":                      "{}\n",
		"notebooks/05-small.ipynb":                small,
		"notebooks/own.csv":                       "1,2\n",
		".cache/evident/cifar10/data_batch_1.bin": "pixels",
	} {
		require.NoError(t, files.Save(filepath.Join(root, name), []byte(content)))
	}
	return root
}

func keyOf(root, notebook string) (string, error) {
	d, err := dependenciesOf(root, notebook)
	return d.key(), err
}

func TestANotebookIsExecutedAgainWhenWhatItDependsOnChanges(t *testing.T) {
	for name, changes := range map[string]bool{
		"kit/show/show.go": true, "kit/claim/claim.go": true, "lessons/params/params.go": true, "go.sum": true,
		"internal/layer/layer.go": true, "internal/jupyter/jupyter.go": true, "kernel/kernel.json": true,
		"notebooks/own.csv": true, "bench/results/x.json": true, ".cache/evident/cifar10/data_batch_1.bin": true,
		"lessons/saddle/saddle.go": false, "internal/homework/homework.go": false, "README.md": false,
		"notebooks/06-other.ipynb": false, "notebooks/another.csv": false, ".cache/evident/kept/x": false,
	} {
		t.Run(name, func(t *testing.T) {
			root := tree(t)
			notebook, path := filepath.Join(root, "notebooks", "05-small.ipynb"), filepath.Join(root, name)
			before, err := keyOf(root, notebook)
			require.NoError(t, err)
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
			require.NoError(t, err)
			_, err = file.WriteString("// changed\n")
			require.NoError(t, err)
			require.NoError(t, file.Close())
			after, err := keyOf(root, notebook)
			require.NoError(t, err)
			require.Equal(t, changes, before != after)
		})
	}
}

func TestANotebookIsExecutedAgainWhenItsCellsOrTheEnvironmentChange(t *testing.T) {
	root := tree(t)
	notebook := filepath.Join(root, "notebooks", "05-small.ipynb")
	before, err := keyOf(root, notebook)
	require.NoError(t, err)
	for change, changes := range map[[2]string]bool{
		{`"outputs": []`, `"outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}]`}: false,
		{`"execution_count": null`, `"execution_count": 3`}:                                        false,
		{`"metadata": {}, "exec`, `"metadata": {"jupyter": {"outputs_hidden": true}}, "exec`}:      false,
		{`"metadata": {}, "nbformat"`, `"metadata": {"evident_executed": "ab"}, "nbformat"`}:       false,
		{`"metadata": {}, "exec`, `"metadata": {"tags": ["raises-exception"]}, "exec`}:             true,
		{`params.Table(`, `params.Table( `}:                                                        true,
	} {
		changed := strings.Replace(small, change[0], change[1], 1)
		require.NotEqual(t, small, changed, change)
		require.NoError(t, os.WriteFile(notebook, []byte(changed), 0o644))
		after, err := keyOf(root, notebook)
		require.NoError(t, err)
		require.Equal(t, changes, before != after, change)
	}
	require.NoError(t, os.WriteFile(notebook, []byte(small), 0o644))
	for setting, changes := range map[string]bool{"GOMLX_BACKEND": true, "EVIDENT_HELP": true, "XLA_FLAGS": true, keep.Variable: false, "EDITOR": false} {
		t.Run(setting, func(t *testing.T) {
			t.Setenv(setting, "go")
			after, err := keyOf(root, notebook)
			require.NoError(t, err)
			require.Equal(t, changes, before != after)
		})
	}
}

// A package counts by whatever name cells import it, and below another one too.
func TestPackagesOfTheCells(t *testing.T) {
	root := tree(t)
	require.NoError(t, files.Save(filepath.Join(root, "kit/exercise/nodes/nodes.go"), []byte("package nodes\n")))
	always := []string{"evident/cmd/evident-kernel", "evident/internal/jupyter", "evident/kit/show"}
	for code, want := range map[string][]string{
		"":                                  nil,
		`import "evident/lessons/saddle"`:   {"evident/lessons/saddle"},
		`import s "evident/lessons/saddle"`: {"evident/lessons/saddle"},
		`import . "evident/lessons/saddle"`: {"evident/lessons/saddle"},
		"%%\nsaddle.Default()":              {"evident/lessons/saddle"},
		"%%\nnodes.Sum(x)":                  {"evident/kit/exercise/nodes"},
		"// a saddle":                       nil,
	} {
		found, err := packagesOf(root, code)
		require.NoError(t, err)
		require.ElementsMatch(t, append(want, always...), found, code)
	}
}

func TestANotebookThatCanChangeUnseenIsNotKept(t *testing.T) {
	root := tree(t)
	for source, why := range map[string]string{
		`!date`:                                 "a cell runs a command of the shell",
		`!*date`:                                "a cell runs a command of the shell",
		`os.ReadFile(\"../README.md\")`:         "a cell names " + filepath.Join(root, "README.md"),
		"os.ReadFile(`" + root + "/README.md`)": "a cell names " + filepath.Join(root, "README.md"),
		`os.ReadFile(\"own.csv\")`:              "",
		`if !known { os.ReadFile(\"../missing.md\")}`: "",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(root, "README.md"), nil, 0o644))
		notebook := filepath.Join(root, "notebooks", "05-small.ipynb")
		require.NoError(t, os.WriteFile(notebook, []byte(strings.Replace(small, `import`, source+`\nimport`, 1)), 0o644))
		_, err := keyOf(root, notebook)
		if why == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, why)
	}
}

func TestOnlyWhatIsWholeIsKept(t *testing.T) {
	const failed = `{"cells": [{"cell_type": "code", "source": "", "outputs": [{"output_type": "error", "ename": "E", "evalue": "broken", "traceback": []}]}]}`
	for name, c := range map[string]struct {
		notebook string
		meddle   func(root string) error
		times    int
	}{
		"whole":               {small, nil, 1},
		"a failed cell":       {failed, nil, 2},
		"the code is changed": {small, func(root string) error { return os.Remove(filepath.Join(root, "lessons/params/params.go")) }, 2},
		"a file is changed": {small, func(root string) error {
			return os.WriteFile(filepath.Join(root, "notebooks/own.csv"), []byte("3\n"), 0o644)
		}, 2},
		"a file is left": {small, func(root string) error {
			return os.WriteFile(filepath.Join(root, "notebooks/net.bin"), []byte("w"), 0o644)
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			root, times := tree(t), 0
			r := runner{Jupyter: Jupyter{bin: filepath.Join(root, ".venv", "bin")}}
			for range 2 {
				made, err := r.execute(t.Context(), filepath.Join(root, "notebooks", "05-small.ipynb"), func() (executed, error) {
					times++
					if c.meddle != nil && times == 1 {
						require.NoError(t, c.meddle(root))
					}
					return executed{Notebook: []byte(c.notebook), Page: []byte("page")}, nil
				})
				require.NoError(t, err)
				require.Equal(t, c.notebook, string(made.Notebook))
				require.Equal(t, "page", string(made.Page))
			}
			require.Equal(t, c.times, times)
		})
	}
}

func TestBoardSaysWhatWasKept(t *testing.T) {
	var said strings.Builder
	b, stop := newBoard(Request{Paths: []string{filepath.Join(tree(t), "notebooks", "05-small.ipynb")}, Jobs: 1}, durations.Open(), exit.Teller{W: &said})
	defer stop()
	b.kept(0, "30 Nov 2026, 14:02", 70*time.Second)
	require.Equal(t, "evident: 05-small: executed 30 Nov 2026, 14:02 (1 m 10 s), kept\n", said.String())
}
