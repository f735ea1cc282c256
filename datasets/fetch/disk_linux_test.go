package fetch

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/internal/filelimit"
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
	filelimit.Test(t, func(limit func(bytes uint64)) {
		a := archive(t, entry{name: "set/a.bin", data: content})
		limit(64 << 10)
		requireNothingUnpacked(t, a, Extract(t.Context(), a), "a.bin", "file too large", "free disk space")
	})
}
