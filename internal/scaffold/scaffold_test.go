package scaffold

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/internal/files"
)

func TestNewFilesAreSavedAllOrNone(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "lessons", "fresh")
	doc := filepath.Join(folder, "doc.go")
	with := func(last string, content []byte) []files.File {
		return []files.File{{Path: doc}, {Path: filepath.Join(dir, "notebooks", "01-fresh.ipynb")}, {Path: last, Content: content}}
	}
	neighbour := filepath.Join(dir, "notebooks", "00-old.ipynb")
	require.NoError(t, files.Save(neighbour, []byte("old")))
	blocked := filepath.Join(neighbour, "catalog.go") // there is no folder below a file
	require.ErrorIs(t, saveNew(folder, with(blocked, nil)), badinput.Err)
	require.NoDirExists(t, folder)
	left, err := os.ReadDir(filepath.Join(dir, "notebooks"))
	require.NoError(t, err)
	require.Len(t, left, 1)

	require.NoError(t, saveNew(folder, with(neighbour, []byte("new"))))
	require.FileExists(t, doc)
	content, err := os.ReadFile(neighbour)
	require.NoError(t, err)
	require.Equal(t, "new", string(content))
}
