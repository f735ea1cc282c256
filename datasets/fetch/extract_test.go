package fetch

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
)

type entry struct {
	name string
	kind byte // 0: a regular file
	data []byte
}

// pack returns a .tar.gz of the entries.
func pack(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	w := tar.NewWriter(zipped)
	for _, e := range entries {
		header := &tar.Header{Name: e.name, Typeflag: e.kind, Mode: 0o6777, Size: int64(len(e.data))}
		if e.kind == tar.TypeSymlink || e.kind == tar.TypeLink {
			header.Linkname = "/etc/passwd"
		}
		require.NoError(t, w.WriteHeader(header))
		_, err := w.Write(e.data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, zipped.Close())
	return packed.Bytes()
}

// archive writes an archive that may hold set/a.bin and set/b.bin.
func archive(t *testing.T, entries ...entry) Archive {
	t.Helper()
	return archiveOf(t, pack(t, entries...))
}

func archiveOf(t *testing.T, packed []byte) Archive {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "set.tar.gz")
	require.NoError(t, os.WriteFile(file, packed, 0o644))
	return Archive{Path: file, Dest: filepath.Join(dir, "out", "set"), Files: []string{"set/a.bin", "set/b.bin"}, MaxBytes: 2 << 20}
}

func requireNothingUnpacked(t *testing.T, a Archive, err error, says ...string) {
	t.Helper()
	require.ErrorIs(t, err, badinput.Err)
	require.NotContains(t, err.Error(), "\n")
	for _, text := range says {
		require.Contains(t, err.Error(), text)
	}
	left, readErr := os.ReadDir(filepath.Dir(a.Dest))
	require.NoError(t, readErr)
	require.Empty(t, left, "something is left over")
}

func TestExtractMakesTheFolder(t *testing.T) {
	a := archive(t, entry{"./set/", tar.TypeDir, nil}, entry{"set/a.bin", 0, content}, entry{"./set/b.bin", 0, []byte("b")})
	require.NoError(t, os.MkdirAll(filepath.Join(a.Dest, "of an older version"), 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(a.Dest+".tmp", "of a killed process"), 0o755))
	a.Check = func(folder string) error {
		return os.WriteFile(filepath.Join(folder, "added"), nil, 0o644)
	}
	require.NoError(t, Extract(t.Context(), a))

	got, err := os.ReadFile(filepath.Join(a.Dest, "set", "a.bin"))
	require.NoError(t, err)
	assert.True(t, bytes.Equal(content, got))
	info, err := os.Stat(filepath.Join(a.Dest, "set", "b.bin"))
	require.NoError(t, err)
	assert.Zero(t, info.Mode()&^0o644, "modes of the archive do not count")
	assert.FileExists(t, filepath.Join(a.Dest, "added"))
	assert.NoDirExists(t, filepath.Join(a.Dest, "of an older version"))
	assert.NoDirExists(t, a.Dest+".tmp")
}

func TestExtractRefuses(t *testing.T) {
	tests := map[string]struct {
		entries []entry
		says    string
	}{
		"absolute names":    {[]entry{{"/tmp/a.bin", 0, nil}}, `"/tmp/a.bin" is not expected in it: use the URL of the archive of this data set`},
		"names that escape": {[]entry{{"set/../../a.bin", 0, nil}}, `"set/../../a.bin" is not expected`},
		"folders outside":   {[]entry{{"../x/", tar.TypeDir, nil}}, `"../x/" is not expected`},
		"unexpected names":  {[]entry{{"set/c.bin", 0, nil}}, `"set/c.bin" is not expected`},
		"a name twice":      {[]entry{{"set/a.bin", 0, nil}, {"set/./a.bin", 0, nil}}, "twice"},
		"symbolic links":    {[]entry{{"set/a.bin", tar.TypeSymlink, nil}}, "link"},
		"hard links":        {[]entry{{"set/a.bin", tar.TypeLink, nil}}, "link"},
		"devices":           {[]entry{{"set/a.bin", tar.TypeChar, nil}}, "special file"},
		"too many bytes":    {[]entry{{"set/a.bin", 0, make([]byte, 3<<20)}}, "more than the bound of 2097152 bytes: delete it, and use the URL of the archive of this data set"},
		"too many in all":   {[]entry{{"set/a.bin", 0, content}, {"set/b.bin", 0, content}}, "more than the bound"},
		"folders no end":    {folders(5000), "more than the bound"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := archive(t, append([]entry{}, test.entries...)...)
			requireNothingUnpacked(t, a, Extract(t.Context(), a), a.Path, test.says)
		})
	}
}

// folders repeats a harmless entry of 512 bytes.
func folders(n int) []entry {
	entries := make([]entry, n)
	for i := range entries {
		entries[i] = entry{"set/", tar.TypeDir, nil}
	}
	return entries
}

func TestExtractRefusesDamagedArchives(t *testing.T) {
	good := pack(t, entry{"set/a.bin", 0, content})
	flipped := bytes.Clone(good)
	flipped[len(flipped)-5] ^= 1 // in gzip's checksum
	tests := map[string]struct {
		packed []byte
		says   string // the reason, then what to do
	}{
		"empty":       {nil, "it is an empty file in place of a gzip archive (.tar.gz): delete it and fetch again"},
		"not gzip":    {[]byte("<html>log in first</html>"), "it is a web page in place of a gzip archive (.tar.gz): delete it and fetch again"},
		"cut":         {good[:len(good)/2], "it ends early, so it is damaged: delete it and fetch again"},
		"flipped":     {flipped, "gzip: invalid checksum, so it is damaged: delete it and fetch again"},
		"padded":      {append(bytes.Clone(good), zipBomb(t)...), "more than the bound of 2097152 bytes: delete it"},
		"not tar":     {zipBomb(t), "invalid tar header, so it is damaged: delete it and fetch again"},
		"sparse bomb": {sparseBomb(t), "more than the bound of 2097152 bytes: delete it"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := archiveOf(t, test.packed)
			requireNothingUnpacked(t, a, Extract(t.Context(), a), a.Path, test.says)
		})
	}
}

// zipBomb returns 8 MiB of ones in 8 kB.
func zipBomb(t testing.TB) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write(bytes.Repeat([]byte{1}, 8<<20))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return packed.Bytes()
}

// sparseBomb declares a file that is one hole of 1 TiB (the PAX 0.1 form of
// GNU sparse files), which takes no space in the archive. archive/tar cannot
// write such a file, so the test builds the extended header by hand.
func sparseBomb(t testing.TB) []byte {
	t.Helper()
	records := "22 GNU.sparse.major=0\n22 GNU.sparse.minor=1\n29 GNU.sparse.name=set/a.bin\n33 GNU.sparse.size=1099511627776\n26 GNU.sparse.numblocks=1\n34 GNU.sparse.map=1099511627776,0\n"
	var plain bytes.Buffer
	w := tar.NewWriter(&plain)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: "PaxHeaders/a", Typeflag: tar.TypeReg, Size: int64(len(records)), Format: tar.FormatUSTAR}))
	_, err := io.WriteString(w, records)
	require.NoError(t, err)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: "set/a.bin", Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}))
	require.NoError(t, w.Close())
	raw := plain.Bytes()
	raw[156] = tar.TypeXHeader
	fixChecksum(raw[:512])
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	_, err = zipped.Write(raw)
	require.NoError(t, err)
	require.NoError(t, zipped.Close())
	return packed.Bytes()
}

// fixChecksum writes the checksum of a header block, with its own field
// counted as spaces.
func fixChecksum(block []byte) {
	copy(block[148:156], "        ")
	sum := 0
	for _, b := range block {
		sum += int(b)
	}
	for i := 153; i >= 148; i-- {
		block[i], sum = byte('0'+sum&7), sum>>3
	}
	block[154] = 0
}

func TestExtractLeavesTheOldFolderWhenTheCheckFails(t *testing.T) {
	a := archive(t, entry{"set/a.bin", 0, content})
	require.NoError(t, os.MkdirAll(a.Dest, 0o755))
	broken := errors.New("broken")
	a.Check = func(string) error { return broken }
	require.ErrorIs(t, Extract(t.Context(), a), broken)
	assert.DirExists(t, a.Dest)
	assert.NoDirExists(t, a.Dest+".tmp")
}

func TestExtractStopsWithTheContext(t *testing.T) {
	a := archive(t, entry{"set/a.bin", 0, content})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, Extract(ctx, a), context.Canceled)
	assert.NoDirExists(t, a.Dest)
	assert.NoDirExists(t, a.Dest+".tmp")
}
