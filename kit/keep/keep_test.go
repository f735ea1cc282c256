package keep

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"evident/internal/files"
)

type value struct {
	Name    string
	Numbers []float64
	None    *int
}

// counted makes a value, and counts how often.
func counted(n *int) func() (value, error) {
	return func() (value, error) {
		*n++
		return value{Name: "v", Numbers: []float64{1, math.Inf(1), -0.5}}, nil
	}
}

func TestAValueIsMadeOnce(t *testing.T) {
	s, made := At(t.TempDir(), time.Time{}), 0
	first, origin, err := Value(t.Context(), s, "key", "abc", counted(&made))
	require.NoError(t, err)
	require.False(t, origin.WasKept)
	again, kept, err := Value(t.Context(), s, "key", "def", counted(&made))
	require.NoError(t, err)
	require.Equal(t, 1, made)
	require.Equal(t, first, again)
	require.True(t, kept.WasKept)
	require.Equal(t, "abc", kept.Commit, "of the code that made it")
	require.Equal(t, origin.Took, kept.Took)
	_, _, err = Value(t.Context(), s, "another key", "", counted(&made))
	require.NoError(t, err)
	require.Equal(t, 2, made)
	left, err := filepath.Glob(filepath.Join(s.dir, "*.lock"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestWithoutAStoreNothingIsKept(t *testing.T) {
	made := 0
	for range 2 {
		_, origin, err := Value(t.Context(), nil, "key", "", counted(&made))
		require.NoError(t, err)
		require.False(t, origin.WasKept)
	}
	require.Equal(t, 2, made)
}

func TestADamagedFileIsNotBelieved(t *testing.T) {
	for name, spoil := range map[string]func([]byte) []byte{
		"empty":   func([]byte) []byte { return nil },
		"cut":     func(b []byte) []byte { return b[:len(b)/2] },
		"one bit": func(b []byte) []byte { b[len(b)-3] ^= 1; return b },
		"foreign": func([]byte) []byte { return []byte(strings.Repeat("thesis ", 100)) },
	} {
		t.Run(name, func(t *testing.T) {
			s, made := At(t.TempDir(), time.Time{}), 0
			_, _, err := Value(t.Context(), s, "key", "", counted(&made))
			require.NoError(t, err)
			content, err := os.ReadFile(s.path("key"))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(s.path("key"), spoil(content), 0o644))
			for range 2 {
				_, _, err = Value(t.Context(), s, "key", "", counted(&made))
				require.NoError(t, err)
			}
			require.Equal(t, 2, made, "made again, and then kept")
		})
	}
}

func TestAFileOfAnotherKeyIsNotBelieved(t *testing.T) {
	s, made := At(t.TempDir(), time.Time{}), 0
	_, _, err := Value(t.Context(), s, "key", "", counted(&made))
	require.NoError(t, err)
	require.NoError(t, os.Rename(s.path("key"), s.path("other")))
	_, origin, err := Value(t.Context(), s, "other", "", counted(&made))
	require.NoError(t, err)
	require.False(t, origin.WasKept)
	require.Equal(t, 2, made)
}

func TestWhatFailsIsNotKept(t *testing.T) {
	s := At(t.TempDir(), time.Time{})
	broken := errors.New("broken")
	_, _, err := Value(t.Context(), s, "key", "", func() (value, error) { return value{}, broken })
	require.ErrorIs(t, err, broken)
	made := 0
	_, _, err = Value(t.Context(), s, "key", "", counted(&made))
	require.NoError(t, err)
	require.Equal(t, 1, made)
}

func TestAFreshStoreMakesAgainWhatIsOlder(t *testing.T) {
	dir, made := t.TempDir(), 0
	_, _, err := Value(t.Context(), At(dir, time.Time{}), "key", "", counted(&made))
	require.NoError(t, err)
	fresh := At(dir, time.Now())
	for range 2 {
		_, _, err = Value(t.Context(), fresh, "key", "", counted(&made))
		require.NoError(t, err)
	}
	require.Equal(t, 2, made, "once more, and then it is kept")
}

// What cannot be written, such as a function, is made every time.
func TestWhatCannotBeWrittenIsMade(t *testing.T) {
	s := At(t.TempDir(), time.Time{})
	for range 2 {
		_, origin, err := Value(t.Context(), s, "key", "", func() (chan int, error) { return make(chan int), nil })
		require.NoError(t, err)
		require.False(t, origin.WasKept)
	}
}

func TestTwoAskAtOnceAndOneMakes(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	made := 0
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			_, _, _ = Value(t.Context(), At(dir, time.Time{}), "key", "", func() (int, error) {
				mu.Lock()
				made++
				mu.Unlock()
				time.Sleep(20 * time.Millisecond)
				return 1, nil
			})
		})
	}
	group.Wait()
	require.Equal(t, 1, made)
}

func TestWhoWaitsForAnotherCanBeInterrupted(t *testing.T) {
	dir := t.TempDir()
	begun, end := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		_, _, _ = Value(context.Background(), At(dir, time.Time{}), "key", "", func() (int, error) { close(begun); <-end; return 1, nil })
	})
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := Value(ctx, At(dir, time.Time{}), "key", "", func() (int, error) { return 2, nil })
	require.ErrorIs(t, err, context.Canceled)
	close(end)
	group.Wait()
}

func TestTheOldestGoFirst(t *testing.T) {
	s := At(t.TempDir(), time.Time{})
	for i, key := range []string{"old", "used", "new"} {
		_, _, err := Value(t.Context(), s, key, "", func() (string, error) { return strings.Repeat("x", 1000), nil })
		require.NoError(t, err)
		at := time.Now().Add(time.Duration(i-10) * time.Hour)
		require.NoError(t, os.Chtimes(s.path(key), at, at))
	}
	_, _, err := Value(t.Context(), s, "old", "", func() (string, error) { return "", errors.New("it is there") })
	require.NoError(t, err, "reading makes it young")
	require.NoError(t, s.prune(2500))
	require.NoFileExists(t, s.path("used"))
	require.FileExists(t, s.path("old"))
	require.FileExists(t, s.path("new"))
}

// tree is a small module of this name.
func tree(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range map[string]string{
		"go.mod": "module evident\n", "go.sum": "a v1 h1:x\n",
		"lessons/one/one.go":       "package one\n\nimport _ \"evident/kit/engine\"\n",
		"lessons/one/one_test.go":  "package one\n",
		"lessons/one/questions.md": "Why?\n",
		"lessons/two/two.go":       "package two\n\nimport _ \"evident/kit/engine\"\n",
		"kit/engine/engine.go":     "package engine\n\nimport _ \"fmt\"\n",
		"kit/other/other.go":       "package other\n",
	} {
		require.NoError(t, files.Save(filepath.Join(root, name), []byte(content)))
	}
	return root
}

func TestCodeIsWhatAPackageDependsOn(t *testing.T) {
	sum := func(root string) string {
		sums.Clear()
		s, err := codeBefore(root, "evident/lessons/one", time.Now().Add(time.Hour))
		require.NoError(t, err)
		return s
	}
	root := tree(t)
	before := sum(root)
	require.Equal(t, before, sum(root))
	for name, changes := range map[string]bool{
		"lessons/one/one.go": true, "kit/engine/engine.go": true, "go.sum": true, "lessons/one/questions.md": true,
		"lessons/one/one_test.go": false, "lessons/two/two.go": false, "kit/other/other.go": false, "go.mod": false,
	} {
		t.Run(name, func(t *testing.T) {
			root := tree(t)
			f, err := os.OpenFile(filepath.Join(root, name), os.O_APPEND|os.O_WRONLY, 0o644)
			require.NoError(t, err)
			_, err = f.WriteString("// changed\n")
			require.NoError(t, err)
			require.NoError(t, f.Close())
			require.Equal(t, changes, before != sum(root))
		})
	}
}

func TestSourcesThatAreNewerThanTheProgramDoNotCount(t *testing.T) {
	sums.Clear()
	_, err := codeBefore(tree(t), "evident/lessons/one", time.Now().Add(-time.Hour))
	require.ErrorIs(t, err, ErrStale)
}

func TestCodeOfAnotherModuleIsUnknown(t *testing.T) {
	_, err := codeBefore(tree(t), "example.com/lessons/one", time.Now())
	require.Error(t, err)
}
