package pjrthook

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func newStore(t *testing.T, most int64) store {
	t.Helper()
	return store{filepath.Join(t.TempDir(), "programs"), most}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	s := newStore(t, 1<<20)
	require.Nil(t, s.read("a"), "nothing was written yet")
	s.write("a", []byte("first"))
	s.write("b", []byte("second"))
	require.Equal(t, "first", string(s.read("a")))
	require.Equal(t, "second", string(s.read("b")))
	s.write("a", []byte("third"))
	require.Equal(t, "third", string(s.read("a")))
}

func TestBrokenFilesAreNotRead(t *testing.T) {
	s := newStore(t, 1<<20)
	s.write("a", []byte("a program of some length"))
	path := filepath.Join(s.folder, "a")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for length := range len(whole) {
		require.NoError(t, os.WriteFile(path, whole[:length], 0o600))
		require.Nil(t, s.read("a"), "cut after %d bytes", length)
	}
	for at := range whole {
		broken := append([]byte{}, whole...)
		broken[at] ^= 1
		require.NoError(t, os.WriteFile(path, broken, 0o600))
		require.Nil(t, s.read("a"), "byte %d changed", at)
	}
}

func TestWhatWasNotUsedForLongestGoes(t *testing.T) {
	s := newStore(t, 3*(32+10)) // three files
	old := time.Now().Add(-time.Hour)
	for i := range 3 {
		name := fmt.Sprint(i)
		s.write(name, make([]byte, 10))
		used := old.Add(time.Duration(i) * time.Minute)
		require.NoError(t, os.Chtimes(filepath.Join(s.folder, name), used, used))
	}
	require.NotNil(t, s.read("0"), "now it is the last one used")
	s.write("3", make([]byte, 10))
	require.Nil(t, s.read("1"))
	for _, name := range []string{"0", "2", "3"} {
		require.NotNil(t, s.read(name), name)
	}
}

func TestManyWritersLeaveWholeFiles(t *testing.T) {
	s := newStore(t, 1<<30)
	blob := make([]byte, 1<<16)
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for range 20 {
				s.write("a", blob)
				require.Len(t, s.read("a"), len(blob))
			}
		})
	}
	writers.Wait()
	entries, err := os.ReadDir(s.folder)
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing half-written stays behind")
}

func TestFolderThatCannotBeMadeKeepsNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	s := store{filepath.Join(file, "programs"), 1 << 20}
	s.write("a", []byte("first"))
	require.Nil(t, s.read("a"))
}
