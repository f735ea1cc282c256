package fetch

import (
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// /dev/full answers every write with "no space left on device".
func TestFullDiskEndsTheDownload(t *testing.T) {
	url, count := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { whole(w, r) })
	r := request(t, url)
	require.NoError(t, os.MkdirAll(filepath.Dir(r.Dest), 0o755))
	require.NoError(t, os.Symlink("/dev/full", r.Dest+".part"))
	requireBadInput(t, r, quick.File(t.Context(), r), "set.bin.part", "no space left on device", "free disk space")
	assert.EqualValues(t, 1, count.Load(), "another try would not help")
}

func TestFullDiskLeavesNothingOfAnArchive(t *testing.T) {
	a := archive(t, entry{name: "set/a.bin", data: content})
	limitFileSize(t, 64<<10)
	requireNothingUnpacked(t, a, Extract(t.Context(), a), "a.bin", "file too large", "free disk space")
}

// limitFileSize makes writes beyond so many bytes of a file fail, as a full
// disk does.
func limitFileSize(t *testing.T, bytes uint64) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	var old syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old))
	limited := syscall.Rlimit{Cur: bytes, Max: old.Max}
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limited))
	t.Cleanup(func() { assert.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old)) })
}
