package fetch

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A test sets these variables to start itself as another process.
const (
	childURL  = "FETCH_TEST_URL"
	childDest = "FETCH_TEST_DEST"
)

// TestInAnotherProcess is the code of the other process.
func TestInAnotherProcess(t *testing.T) {
	url := os.Getenv(childURL)
	if url == "" {
		t.Skip("the tests that follow start it")
	}
	r := Request{URL: url, SHA256: sumOf(content), Dest: os.Getenv(childDest)}
	require.NoError(t, Client{WaitMin: time.Millisecond, WaitMax: 4 * time.Millisecond}.File(t.Context(), r))
}

// elsewhere prepares a fetch in another process.
func elsewhere(r Request) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-test.run=^TestInAnotherProcess$")
	cmd.Env = append(os.Environ(), childURL+"="+r.URL, childDest+"="+r.Dest)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd
}

func TestProcessesShareOneDownload(t *testing.T) {
	url, count := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		time.Sleep(50 * time.Millisecond)
		whole(w, r)
	})
	r := request(t, url)
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() { assert.NoError(t, elsewhere(r).Run()) })
	}
	group.Wait()
	requireFetched(t, r)
	assert.EqualValues(t, 1, count.Load())
}

// A killed process releases its lock, and its partial download is reused.
func TestFetchOfAKilledProcessIsTakenOver(t *testing.T) {
	halfSent := make(chan struct{})
	url, count := serve(t, func(w http.ResponseWriter, r *http.Request, number int) {
		if number > 1 {
			whole(w, r)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		_, _ = w.Write(content[:len(content)/2])
		w.(http.Flusher).Flush()
		close(halfSent)
		<-r.Context().Done()
	})
	r := request(t, url)
	killed := elsewhere(r)
	require.NoError(t, killed.Start())
	<-halfSent
	require.Eventually(t, func() bool {
		info, err := os.Stat(r.Dest + ".part")
		return err == nil && info.Size() == int64(len(content)/2)
	}, 10*time.Second, time.Millisecond)

	waiting := make(chan error)
	go func() { waiting <- Client{}.File(t.Context(), r) }()
	require.Never(t, func() bool { return count.Load() > 1 }, 200*time.Millisecond, 10*time.Millisecond, "it waits for the lock")
	require.NoError(t, killed.Process.Kill())
	require.ErrorContains(t, killed.Wait(), "killed")
	require.NoError(t, <-waiting)
	requireFetched(t, r)
	assert.EqualValues(t, 2, count.Load())
}

// Unpackers take turns with the lock, so readers always find a complete
// folder.
func TestArchiveIsUnpackedByTwoAtOnce(t *testing.T) {
	a := archive(t, entry{name: "set/a.bin", data: content})
	unpack := func(ctx context.Context) error {
		unlock, err := Lock(ctx, a.Dest)
		if err != nil {
			return err
		}
		defer unlock()
		return Extract(ctx, a)
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() { assert.NoError(t, unpack(t.Context())) })
	}
	group.Wait()
	got, err := os.ReadFile(filepath.Join(a.Dest, "set", "a.bin"))
	require.NoError(t, err)
	require.Equal(t, content, got)
	require.NoDirExists(t, a.Dest+".tmp")
}
