package files

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
)

func TestReplacedFilesKeepTheirPermissionsAndLeaveNothingBeside(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	require.NoError(t, Replace(path, 0o600, []byte("one, "), []byte("two")))
	requireFile(t, path, "one, two", 0o600)
	require.NoError(t, Replace(path, 0o644, nil))
	requireFile(t, path, "", 0o600)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

// A folder in place of the file prevents writing it.
func TestWhatCannotBeReplacedIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	require.NoError(t, os.MkdirAll(filepath.Join(path, "below"), 0o755))
	require.Error(t, Replace(path, 0o644, []byte("new")))
	require.DirExists(t, filepath.Join(path, "below"))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "no temporary file stays behind")
}

func TestSaveMakesTheFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "er", "a")
	require.NoError(t, Save(path, []byte("content")))
	requireFile(t, path, "content", 0o644)
}

func TestFilesInThePlaceOfFoldersAreNamed(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("file", nil, 0o644))
	const after = "is a file, not a folder: name another folder with --out"
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"the folder itself":    {WantFolder("file"), "cannot write into file: it is a file, not a folder: name a folder with --out"},
		"above the folder":     {WantFolder("file/a/b"), "cannot write file/a/b: file " + after},
		"the folder of a file": {Save("file/a", nil), "cannot write file/a: file " + after},
		"above a file":         {Save("file/a/b", nil), "cannot write file/a/b: file " + after},
	} {
		require.ErrorIs(t, c.err, badinput.Err, name)
		require.EqualError(t, c.err, c.want, name)
	}
	require.NoError(t, os.Mkdir("folder", 0o755))
	require.ErrorContains(t, Save("folder", nil), "or make room", "a file is wanted there")
}

func TestReadSaysWhatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	_, err := Read(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, badinput.Err)
	require.EqualError(t, err, "cannot read "+filepath.Join(dir, "none")+": no such file or directory")
	large := filepath.Join(dir, "large")
	require.NoError(t, os.WriteFile(large, nil, 0o644))
	require.NoError(t, os.Truncate(large, most+1))
	_, err = Read(large)
	require.ErrorContains(t, err, "it has more than 256 MB")
}

func requireFile(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	read, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, content, string(read))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, mode, info.Mode().Perm())
}
