package cifar10

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/datasets/fetch"
	"evident/internal/badinput"
)

// packSet packs the data set in dir as an archive with the official layout.
func packSet(t *testing.T, dir string) []byte {
	t.Helper()
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	w := tar.NewWriter(zipped)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: folderName + "/", Typeflag: tar.TypeDir, Mode: 0o755}))
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join(dir, file.Name()))
		require.NoError(t, err)
		require.NoError(t, w.WriteHeader(&tar.Header{Name: folderName + "/" + file.Name(), Mode: 0o644, Size: int64(len(data))}))
		_, err = w.Write(data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, zipped.Close())
	return packed.Bytes()
}

// mirror serves an archive; count is the number of requests.
func mirror(t *testing.T, packed []byte) (source fetch.Source, count *int) {
	t.Helper()
	count = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*count++
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(packed))
	}))
	t.Cleanup(server.Close)
	sum := sha256.Sum256(packed)
	return fetch.Source{URL: server.URL, SHA256: hex.EncodeToString(sum[:]), Client: fetch.Client{Tries: 1, WaitMin: time.Millisecond}}, count
}

func TestFetchUnpacksAndSealsOnce(t *testing.T) {
	original := writeSet(t, few)
	require.NoError(t, os.WriteFile(filepath.Join(original, "batches.meta.txt"), []byte("airplane\n"), 0o644))
	source, count := mirror(t, packSet(t, original))
	folder := filepath.Join(t.TempDir(), "cache", "cifar10")
	for range 2 {
		dir, err := into(t.Context(), source, folder, few)
		require.NoError(t, err)
		_, test, err := loadChecked(dir, few)
		require.NoError(t, err)
		_, want, err := loadChecked(original, few)
		require.NoError(t, err)
		assert.Equal(t, want.Hash(), test.Hash())
		assert.FileExists(t, filepath.Join(dir, sumsName))
	}
	assert.Equal(t, 1, *count, "the second call needs no network")
	assert.NoFileExists(t, folder+".tar.gz")
}

func TestFetchMendsABrokenCache(t *testing.T) {
	source, count := mirror(t, packSet(t, writeSet(t, few)))
	folder := filepath.Join(t.TempDir(), "cifar10")
	dir, err := into(t.Context(), source, folder, few)
	require.NoError(t, err)
	change(t, filepath.Join(dir, testBatch), func(data []byte) []byte { data[77]++; return data })
	_, _, err = loadChecked(dir, few)
	require.ErrorIs(t, err, badinput.Err)

	_, err = into(t.Context(), source, folder, few)
	require.NoError(t, err)
	_, _, err = loadChecked(dir, few)
	require.NoError(t, err)
	assert.Equal(t, 2, *count)
}

func TestFetchRefusesArchivesWithoutTheDataSet(t *testing.T) {
	tests := map[string]struct {
		spoil func(t *testing.T, dir string)
		says  string
	}{
		"a batch missing":   {func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, testBatch))) }, "test_batch.bin is missing"},
		"a batch cut short": {func(t *testing.T, dir string) { require.NoError(t, os.Truncate(filepath.Join(dir, testBatch), 9)) }, "test_batch.bin is cut short"},
		"another file": {func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "x.sh"), nil, 0o755))
		}, "x.sh"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			original := writeSet(t, few)
			test.spoil(t, original)
			source, _ := mirror(t, packSet(t, original))
			folder := filepath.Join(t.TempDir(), "cifar10")
			_, err := into(t.Context(), source, folder, few)
			require.ErrorIs(t, err, badinput.Err)
			assert.Contains(t, err.Error(), test.says)
			assert.Regexp(t, ": use the URL of [a-z ]+$", err.Error(), "what to do stands at the end")
			assert.NotContains(t, err.Error(), "\n")
			assert.NoDirExists(t, folder)
			assert.NoDirExists(t, folder+".tmp")
		})
	}
}

func TestFetchWithoutNetworkPointsAtData(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := Fetch(t.Context(), fetch.Source{URL: server.URL, Client: fetch.Client{Tries: 2, WaitMin: time.Millisecond}})
	require.ErrorIs(t, err, badinput.Err)
	assert.Contains(t, err.Error(), server.URL)
	assert.Contains(t, err.Error(), "--data")
	_, found, err := Find("")
	require.NoError(t, err)
	assert.False(t, found)
}

func TestFetchIsCancelled(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Fetch(ctx, fetch.Source{})
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, badinput.Err)
}
