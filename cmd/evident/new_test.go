package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
)

func TestNewFilesAreSavedAllOrNone(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "lessons", "fresh")
	files := []file{{filepath.Join(folder, "doc.go"), nil}, {filepath.Join(dir, "notebooks", "01-fresh.ipynb"), nil}}
	neighbour := filepath.Join(dir, "notebooks", "00-old.ipynb")
	require.NoError(t, saveFile(neighbour, []byte("old")))
	blocked := filepath.Join(neighbour, "catalog.go") // below a file there is no folder
	require.ErrorIs(t, saveNew(folder, files, file{blocked, nil}), badinput.Err)
	require.NoDirExists(t, folder)
	left, err := os.ReadDir(filepath.Join(dir, "notebooks"))
	require.NoError(t, err)
	require.Len(t, left, 1)

	require.NoError(t, saveNew(folder, files, file{neighbour, []byte("new")}))
	require.FileExists(t, files[0].path)
	content, err := os.ReadFile(neighbour)
	require.NoError(t, err)
	require.Equal(t, "new", string(content))
}

func TestEachBlockOfGoIsACell(t *testing.T) {
	content, err := notebookOf("# Title\n\nText.\n\n```go\nvar a = 1\nvar b = 2\n```\n\n```go knobs\nvar c = 3\n```\n\nThe end.\n")
	require.NoError(t, err)
	n, err := parseNotebook(content)
	require.NoError(t, err)
	var kinds, sources []string
	for _, cell := range n.Cells {
		kinds, sources = append(kinds, cell.Kind), append(sources, string(cell.Source))
	}
	require.Equal(t, []string{"markdown", "code", "code", "markdown"}, kinds)
	require.Equal(t, []string{"# Title\n\nText.", "var a = 1\nvar b = 2", "var c = 3", "The end."}, sources)
	require.Equal(t, 1, strings.Count(string(content), `"tags"`))
	require.Equal(t, 2, strings.Count(string(content), `"execution_count": null`), "text is not run")
}
