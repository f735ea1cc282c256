package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
)

// quick gives up in milliseconds instead of seconds.
var quick = Client{Tries: 3, WaitMin: time.Millisecond, WaitMax: 4 * time.Millisecond, StallAfter: 200 * time.Millisecond, MinBytes: 1024}

// content is the file that the test servers serve: 1 MiB of noise.
var content = noise(1 << 20)

func noise(n int) []byte {
	data := make([]byte, n)
	rng := rand.NewChaCha8([32]byte{7})
	_, _ = rng.Read(data) // never fails
	return data
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// serve runs a real HTTP server; handle gets the number of the request, counted
// from 1.
func serve(t *testing.T, handle func(w http.ResponseWriter, r *http.Request, number int)) (url string, count *atomic.Int64) {
	t.Helper()
	count = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handle(w, r, int(count.Add(1)))
	}))
	t.Cleanup(server.Close)
	return server.URL + "/set.bin", count
}

// whole serves content as net/http does, including Range.
func whole(w http.ResponseWriter, r *http.Request) {
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// half announces the rest of content from offset, sends half of it and closes
// the connection.
func half(w http.ResponseWriter, offset int) {
	rest := content[offset:]
	w.Header().Set("Content-Length", fmt.Sprint(len(rest)))
	if offset > 0 {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", offset, len(content)-1, len(content)))
		w.WriteHeader(http.StatusPartialContent)
	}
	_, _ = w.Write(rest[:len(rest)/2])
	panic(http.ErrAbortHandler)
}

func request(t *testing.T, url string) Request {
	return Request{URL: url, SHA256: sumOf(content), Dest: filepath.Join(t.TempDir(), "cache", "set.bin")}
}

func requireFetched(t *testing.T, r Request) {
	t.Helper()
	got, err := os.ReadFile(r.Dest)
	require.NoError(t, err)
	require.True(t, bytes.Equal(content, got), "the file differs from what the server has")
	require.NoFileExists(t, r.Dest+".part")
}

// requireBadInput checks the error, and that the destination was not created.
func requireBadInput(t *testing.T, r Request, err error, says ...string) {
	t.Helper()
	require.ErrorIs(t, err, badinput.Err)
	require.NotContains(t, err.Error(), "\n")
	for _, text := range says {
		require.Contains(t, err.Error(), text)
	}
	require.NoFileExists(t, r.Dest)
}

func TestFileIsDownloadedOnceAndThenKept(t *testing.T) {
	url, count := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { whole(w, r) })
	r := request(t, url)
	var done, total int64
	r.Progress = func(d, n int64) { done, total = d, n }
	require.NoError(t, quick.File(t.Context(), r))
	requireFetched(t, r)
	assert.EqualValues(t, len(content), done)
	assert.EqualValues(t, len(content), total)

	require.NoError(t, quick.File(t.Context(), r))
	assert.EqualValues(t, 1, count.Load(), "the second call needs no network")
}

func TestBrokenFileInPlaceIsReplaced(t *testing.T) {
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { whole(w, r) })
	r := request(t, url)
	require.NoError(t, os.MkdirAll(filepath.Dir(r.Dest), 0o755))
	require.NoError(t, os.WriteFile(r.Dest, content[:100], 0o644))
	require.NoError(t, quick.File(t.Context(), r))
	requireFetched(t, r)
}

// These servers misbehave for a while; the file must still arrive.
func TestFileSurvives(t *testing.T) {
	tests := map[string]struct {
		handle   func(w http.ResponseWriter, r *http.Request, number int)
		requests int64
	}{
		"a server error, twice": {func(w http.ResponseWriter, r *http.Request, number int) {
			if number <= 2 {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			whole(w, r)
		}, 3},
		"a hang-up half way, and resumes": {func(w http.ResponseWriter, r *http.Request, number int) {
			if number == 1 {
				half(w, 0)
			}
			if got, want := r.Header.Get("Range"), fmt.Sprintf("bytes=%d-", len(content)/2); got != want {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			whole(w, r)
		}, 2},
		"more hang-ups than tries, when each brings something": {func(w http.ResponseWriter, r *http.Request, number int) {
			var offset int
			_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &offset)
			if number <= 6 {
				half(w, offset)
			}
			whole(w, r)
		}, 7},
		"a hang-up, and a server that ignores Range": {func(w http.ResponseWriter, r *http.Request, number int) {
			if number == 1 {
				half(w, 0)
			}
			r.Header.Del("Range")
			whole(w, r)
		}, 2},
		"a hang-up, and the wrong part after it": {func(w http.ResponseWriter, r *http.Request, number int) {
			switch number {
			case 1:
				half(w, 0)
			case 2:
				w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-99/%d", len(content)))
				w.WriteHeader(http.StatusPartialContent)
				_, _ = w.Write(content[:100])
			default:
				whole(w, r)
			}
		}, 3},
		"a stall before the header": {func(w http.ResponseWriter, r *http.Request, number int) {
			if number == 1 {
				<-r.Context().Done()
				return
			}
			whole(w, r)
		}, 2},
		"a stall half way": {func(w http.ResponseWriter, r *http.Request, number int) {
			if number == 1 {
				_, _ = w.Write(content[:len(content)/2])
				w.(http.Flusher).Flush()
				<-r.Context().Done()
				return
			}
			whole(w, r)
		}, 2},
		"a trickle of another file": {func(w http.ResponseWriter, r *http.Request, number int) {
			if number == 1 {
				trickle(w, r)
				return
			}
			whole(w, r)
		}, 3},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, count := serve(t, test.handle)
			r := request(t, url)
			require.NoError(t, quick.File(t.Context(), r))
			requireFetched(t, r)
			assert.Equal(t, test.requests, count.Load())
		})
	}
}

// trickle sends a byte now and then, without end.
func trickle(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		_, _ = w.Write(content[:1])
		w.(http.Flusher).Flush()
		time.Sleep(5 * time.Millisecond)
	}
}

// These servers always misbehave; the error must be one clear line.
func TestFileFails(t *testing.T) {
	status := func(code int) func(http.ResponseWriter, *http.Request, int) {
		return func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(code) }
	}
	tests := map[string]struct {
		handle   func(w http.ResponseWriter, r *http.Request, number int)
		requests int64
		says     []string
	}{
		"at once when it is not there":    {status(404), 1, []string{"/set.bin", "404 Not Found", "check the URL"}},
		"at once when it is forbidden":    {status(403), 1, []string{"/set.bin", "403 Forbidden"}},
		"after tries on a server error":   {status(500), 3, []string{"/set.bin", "500 Internal Server Error", "3 tries"}},
		"after tries on a busy server":    {status(429), 3, []string{"/set.bin", "429 Too Many Requests"}},
		"after tries on a stalled server": {func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() }, 3, []string{"/set.bin", "stalled", "3 tries"}},
		"after tries on a trickle":        {func(w http.ResponseWriter, r *http.Request, _ int) { trickle(w, r) }, 3, []string{"stalled: fewer than 1024 bytes in 200ms"}},
		"on endless redirects":            {func(w http.ResponseWriter, r *http.Request, _ int) { http.Redirect(w, r, "/set.bin", http.StatusFound) }, 10, []string{"stopped after 10 redirects"}},
		"on another file": {func(w http.ResponseWriter, _ *http.Request, _ int) { _, _ = w.Write(content[1:]) }, 1,
			[]string{"/set.bin has 1048575 bytes", sumOf(content[1:]), sumOf(content), "another"}},
		"on an announced length beyond the bound": {func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Content-Length", fmt.Sprint(3<<20))
		}, 1, []string{"larger than the bound of 2097152 bytes"}},
		"on a body without end": {func(w http.ResponseWriter, _ *http.Request, _ int) {
			for {
				if _, err := w.Write(content); err != nil {
					return
				}
			}
		}, 1, []string{"larger than the bound of 2097152 bytes"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, count := serve(t, test.handle)
			r := request(t, url)
			r.MaxBytes = 2 << 20
			err := quick.File(t.Context(), r)
			requireBadInput(t, r, err, test.says...)
			assert.Equal(t, test.requests, count.Load())
			if strings.Contains(name, "another file") || strings.Contains(name, "bound") {
				assert.NoFileExists(t, r.Dest+".part", "what cannot be used is not kept")
			}
		})
	}
}

func TestFileFailsWhereNobodyListens(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	r := request(t, server.URL)
	requireBadInput(t, r, quick.File(t.Context(), r), server.URL, "connection refused", "check the network")
}

func TestFileRefusesBadRequests(t *testing.T) {
	good := Request{URL: "http://example.org/a", SHA256: sumOf(nil), Dest: filepath.Join(t.TempDir(), "a")}
	tests := map[string]struct {
		spoil func(*Request)
		says  string
	}{
		"no URL":            {func(r *Request) { r.URL = "" }, `""`},
		"a local URL":       {func(r *Request) { r.URL = "file:///etc/passwd" }, "http"},
		"no checksum":       {func(r *Request) { r.SHA256 = "" }, "64 hexadecimal digits"},
		"half a checksum":   {func(r *Request) { r.SHA256 = "abc" }, `"abc"`},
		"no destination":    {func(r *Request) { r.Dest = "" }, "no destination"},
		"hidden passwords":  {func(r *Request) { r.URL, r.SHA256 = "http://me:secret@example.org", "x" }, "me:xxxxx@"},
		"a file for folder": {func(r *Request) { r.Dest = fileAsFolder(t) }, "cannot write"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := good
			test.spoil(&r)
			requireBadInput(t, r, quick.File(t.Context(), r), test.says)
		})
	}
}

// fileAsFolder returns a path below a regular file, where even root cannot
// write.
func fileAsFolder(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	return filepath.Join(file, "cache", "set.bin")
}

func TestResumeAfterCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	url, count := serve(t, func(w http.ResponseWriter, r *http.Request, number int) {
		if number > 1 {
			whole(w, r)
			return
		}
		_, _ = w.Write(content[:len(content)/2])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	r := request(t, url)
	r.Progress = func(done, _ int64) {
		if done == int64(len(content)/2) {
			cancel()
		}
	}
	started := time.Now()
	err := Client{}.File(ctx, r) // would wait 30 s for a stalled server
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, badinput.Err)
	assert.Less(t, time.Since(started), 5*time.Second)
	info, err := os.Stat(r.Dest + ".part")
	require.NoError(t, err, "what came is kept")
	assert.EqualValues(t, len(content)/2, info.Size())

	first := int64(-1)
	r.Progress = func(done, _ int64) {
		if first < 0 {
			first = done
		}
	}
	require.NoError(t, quick.File(t.Context(), r))
	requireFetched(t, r)
	assert.Greater(t, first, int64(len(content)/2), "the second call resumes")
	assert.EqualValues(t, 2, count.Load())
}

// A .part file may come from another file, or may already be complete.
func TestPartFileOfAnEarlierCall(t *testing.T) {
	tests := map[string]struct {
		part     []byte
		requests int64
	}{
		"the first half": {content[:len(content)/2], 1},
		"complete":       {content, 1},
		"too long":       {append(content[:len(content):len(content)], 1, 2, 3), 2},
		"other bytes":    {bytes.Repeat([]byte{1}, 1000), 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			url, count := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { whole(w, r) })
			r := request(t, url)
			require.NoError(t, os.MkdirAll(filepath.Dir(r.Dest), 0o755))
			require.NoError(t, os.WriteFile(r.Dest+".part", test.part, 0o644))
			require.NoError(t, quick.File(t.Context(), r))
			requireFetched(t, r)
			assert.Equal(t, test.requests, count.Load())
		})
	}
}

func TestConcurrentFetchesShareOneDownload(t *testing.T) {
	url, count := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		time.Sleep(20 * time.Millisecond)
		whole(w, r)
	})
	r := request(t, url)
	var group sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		group.Go(func() { errs[i] = quick.File(t.Context(), r) })
	}
	group.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	requireFetched(t, r)
	assert.EqualValues(t, 1, count.Load())
}

func TestWaitingForTheLockEndsWithTheContext(t *testing.T) {
	r := request(t, "http://example.org")
	unlock, err := Lock(t.Context(), r.Dest)
	require.NoError(t, err)
	defer unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, quick.File(ctx, r), context.DeadlineExceeded)
}
