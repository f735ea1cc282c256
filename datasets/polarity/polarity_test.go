package polarity

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"

	"evident/datasets/fetch"
	"evident/internal/badinput"
)

// small holds the texts of a small set, with characters that Windows-1252 and
// UTF-8 encode differently.
var small = []string{"a dull clich\u00e9 \u2013 no more\n it fails . \n", "charming \u2026 and witty\na delight\n"}

// smallFiles returns the files of the small set.
func smallFiles() []file {
	files := official()
	for i := range files {
		files[i].sha256, files[i].lines = sumOf(small[i]), 2
	}
	return files
}

// writeSmall writes the small set to a new folder, in an encoding.
func writeSmall(t *testing.T, encode func(string) string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), folderName)
	require.NoError(t, os.MkdirAll(dir, 0o755))
	for i, f := range official() {
		require.NoError(t, os.WriteFile(filepath.Join(dir, f.name), []byte(encode(small[i])), 0o644))
	}
	return dir
}

func inUnicode(s string) string { return s }

func inWindows1252(s string) string {
	encoded, err := charmap.Windows1252.NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return encoded
}

func TestLoadReadsBothEncodings(t *testing.T) {
	for name, encode := range map[string]func(string) string{"UTF-8": inUnicode, "Windows-1252": inWindows1252} {
		t.Run(name, func(t *testing.T) {
			set, err := load(writeSmall(t, encode), smallFiles())
			require.NoError(t, err)
			require.Equal(t, []string{"a dull clich\u00e9 \u2013 no more", "it fails .", "charming \u2026 and witty", "a delight"}, set.Texts)
			require.Equal(t, []int32{0, 0, 1, 1}, set.Labels)
		})
	}
}

func TestBrokenFilesAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(path string) error
		says  string
	}{
		"missing":   {os.Remove, "no file rt-polarity.pos"},
		"cut":       {func(path string) error { return os.WriteFile(path, []byte("charming\n"), 0o644) }, "rt-polarity.pos has 1 lines, expected 2"},
		"altered":   {func(path string) error { return os.WriteFile(path, []byte("charming\na delight\n"), 0o644) }, "rt-polarity.pos was altered"},
		"too large": {func(path string) error { return os.WriteFile(path, make([]byte, maxBytes+1), 0o644) }, "rt-polarity.pos: larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeSmall(t, inUnicode)
			require.NoError(t, c.spoil(filepath.Join(dir, "rt-polarity.pos")))
			_, err := load(dir, smallFiles())
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, "evident fetch polarity")
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// packed returns an archive with the layout of the official one.
func packed(t *testing.T, contents map[string]string) []byte {
	t.Helper()
	var archive bytes.Buffer
	zipped := gzip.NewWriter(&archive)
	w := tar.NewWriter(zipped)
	for name, content := range contents {
		require.NoError(t, w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))}))
		_, err := w.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, zipped.Close())
	return archive.Bytes()
}

// mirror serves an archive; count is the number of requests.
func mirror(t *testing.T, archive []byte) (source fetch.Source, count *int) {
	t.Helper()
	count = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*count++
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(archive))
	}))
	t.Cleanup(server.Close)
	return fetch.Source{URL: server.URL, Client: fetch.Client{Tries: 1, WaitMin: time.Millisecond}}, count
}

func officialLayout() map[string]string {
	return map[string]string{
		readme: "read me", folderName + "/rt-polarity.neg": inWindows1252(small[0]), folderName + "/rt-polarity.pos": inWindows1252(small[1]),
	}
}

func TestFetchUnpacksOnce(t *testing.T) {
	source, count := mirror(t, packed(t, officialLayout()))
	folder := filepath.Join(t.TempDir(), "cache", "polarity")
	for range 2 {
		dir, err := into(t.Context(), source, folder, smallFiles())
		require.NoError(t, err)
		set, err := load(dir, smallFiles())
		require.NoError(t, err)
		require.Equal(t, 4, set.Len())
	}
	require.Equal(t, 1, *count, "the second call needs no network")
	require.NoFileExists(t, folder+".tar.gz")
}

func TestFetchMendsABrokenCache(t *testing.T) {
	source, count := mirror(t, packed(t, officialLayout()))
	folder := filepath.Join(t.TempDir(), "polarity")
	dir, err := into(t.Context(), source, folder, smallFiles())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "rt-polarity.neg"), []byte("other\ntext\n"), 0o644))
	_, err = into(t.Context(), source, folder, smallFiles())
	require.NoError(t, err)
	_, err = load(dir, smallFiles())
	require.NoError(t, err)
	require.Equal(t, 2, *count)
}

func TestFetchRefusesAnotherArchive(t *testing.T) {
	for name, c := range map[string]struct {
		change func(map[string]string)
		says   string
	}{
		"altered text":   {func(m map[string]string) { m[folderName+"/rt-polarity.pos"] = "x\ny\n" }, "does not hold the data set: rt-polarity.pos was altered: the SHA-256"},
		"a file missing": {func(m map[string]string) { delete(m, folderName+"/rt-polarity.neg") }, "does not hold the data set: rt-polarity.neg: no such file or directory: use the URL of another archive"},
		"a program":      {func(m map[string]string) { m["x.sh"] = "" }, "x.sh"},
	} {
		t.Run(name, func(t *testing.T) {
			contents := officialLayout()
			c.change(contents)
			source, _ := mirror(t, packed(t, contents))
			folder := filepath.Join(t.TempDir(), "polarity")
			_, err := into(t.Context(), source, folder, smallFiles())
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, c.says)
			require.Regexp(t, ": use the URL of [a-z ]+$", err.Error(), "what to do stands at the end")
			require.NoDirExists(t, folder)
			require.NoFileExists(t, folder+".tar.gz", "a bad archive must not be taken for a good one")
		})
	}
}

func TestFetchWithoutNetworkPointsAtData(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := Fetch(t.Context(), fetch.Source{URL: server.URL, Client: fetch.Client{Tries: 1, WaitMin: time.Millisecond}})
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, "--data")
	_, found, err := Find("")
	require.NoError(t, err)
	require.False(t, found)
}

// The real set lies beside the project, and is never committed.
func TestRealDataSetHasItsPublishedNumbers(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "data", "rt-polarity")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("\n*** SKIPPED: THE REAL SENTENCE POLARITY SET WAS NOT TESTED ***\n%v", err)
	}
	set, err := Load(dir)
	require.NoError(t, err)
	require.Equal(t, 2*PerClass, set.Len())
	require.Equal(t, 0.5, set.Majority())
	require.Contains(t, set.Texts, "effective but too-tepid biopic")
	found, ok, err := Find(filepath.Dir(dir))
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, dir, found)
	// The official files use one byte for each of these characters
	// (Windows-1252).
	for i, f := range official() {
		content, err := os.ReadFile(filepath.Join(dir, f.name))
		require.NoError(t, err)
		require.Equal(t, []int{612_290, 626_168}[i], len(inWindows1252(string(content))))
	}
}
