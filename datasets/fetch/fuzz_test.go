package fetch

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/readertest"
)

// FuzzExtract unpacks arbitrary bytes as a .tar.gz, once as they are and once
// after compressing them. Either the folder holds only listed files, within the
// limit, and nothing is written elsewhere, or there is no folder and the error
// takes one line.
func FuzzExtract(f *testing.F) {
	for _, packed := range hostile(f) {
		f.Add(packed)
		f.Add(unzipped(f, packed))
	}
	f.Add([]byte("<html>log in first</html>"))
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, packed := range [][]byte{content, zipped(t, content)} {
			requireConfined(t, packed)
		}
	})
}

// requireConfined extracts into a folder two levels below a watched one.
func requireConfined(t *testing.T, packed []byte) {
	t.Helper()
	place := t.TempDir()
	file := filepath.Join(place, "set.tar.gz")
	require.NoError(t, os.WriteFile(file, packed, 0o644))
	const most = 1 << 14
	a := Archive{Path: file, Dest: filepath.Join(place, "in", "set"), Files: []string{"set/a.bin", "set/b.bin"}, MaxBytes: most}
	var err error
	readertest.Within(t, 4*readertest.MiB, func() { err = Extract(t.Context(), a) })
	if err != nil {
		readertest.BadInput(t, err)
	}
	total := int64(0)
	for _, path := range filesBelow(t, place) {
		info, statErr := os.Lstat(filepath.Join(place, path))
		require.NoError(t, statErr)
		require.True(t, info.Mode().IsRegular(), "%s is %v", path, info.Mode())
		if path == "set.tar.gz" {
			continue
		}
		require.NoError(t, err, "%s is left over", path)
		require.True(t, slices.Contains([]string{"in/set/set/a.bin", "in/set/set/b.bin"}, filepath.ToSlash(path)), path)
		require.Zero(t, info.Mode().Perm()&^0o644, path)
		total += info.Size()
	}
	require.LessOrEqual(t, total, int64(most))
}

// filesBelow returns everything except folders.
func filesBelow(t *testing.T, folder string) (files []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		below, err := filepath.Rel(folder, path)
		files = append(files, below)
		return err
	}))
	return files
}

// hostile returns archives that try to write elsewhere, to write too much, or to
// hold something other than a file. The first one is harmless.
func hostile(t testing.TB) map[string][]byte {
	t.Helper()
	link := func(kind byte, name, target string) tar.Header {
		return tar.Header{Typeflag: kind, Name: name, Linkname: target, Mode: 0o777}
	}
	return map[string][]byte{
		"good":                     packed(t, tar.Header{Name: "set/", Typeflag: tar.TypeDir}, tar.Header{Name: "set/a.bin", Size: 3}),
		"folder that is a link":    packed(t, link(tar.TypeSymlink, "set", "/tmp"), tar.Header{Name: "set/a.bin", Size: 3}),
		"link that leads up":       packed(t, link(tar.TypeSymlink, "set/a.bin", "../../../escaped"), tar.Header{Name: "set/a.bin", Size: 3}),
		"hard link to a file":      packed(t, link(tar.TypeLink, "set/a.bin", "/etc/passwd")),
		"hard link inside":         packed(t, tar.Header{Name: "set/a.bin", Size: 3}, link(tar.TypeLink, "set/b.bin", "set/a.bin")),
		"absolute":                 packed(t, tar.Header{Name: "/tmp/escaped", Size: 3}),
		"up":                       packed(t, tar.Header{Name: "../set/a.bin", Size: 3}),
		"up inside":                packed(t, tar.Header{Name: "set/x/../../../a.bin", Size: 3}),
		"back slashes":             packed(t, tar.Header{Name: `set\..\..\a.bin`, Size: 3}),
		"drive":                    packed(t, tar.Header{Name: `C:\set\a.bin`, Size: 3}),
		"zero byte in the name":    packed(t, tar.Header{Name: "set/a.bin\u200b", Size: 3}),
		"escapes for the terminal": packed(t, tar.Header{Name: "set/\x1b[2J\n", Size: 3}),
		"character device":         packed(t, tar.Header{Name: "set/a.bin", Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 5}),
		"block device":             packed(t, tar.Header{Name: "set/a.bin", Typeflag: tar.TypeBlock, Devmajor: 8}),
		"pipe":                     packed(t, tar.Header{Name: "set/a.bin", Typeflag: tar.TypeFifo}),
		"file that is a folder":    packed(t, tar.Header{Name: "set/a.bin/", Typeflag: tar.TypeDir}, tar.Header{Name: "set/a.bin", Size: 3}),
		"file above a file":        packed(t, tar.Header{Name: "set", Size: 3}, tar.Header{Name: "set/a.bin", Size: 3}),
		"larger than the bound":    packed(t, tar.Header{Name: "set/a.bin", Size: 3 << 20}),
		"a hole of 1 TiB":          sparseBomb(t),
		"ones without end":         zipBomb(t),
		"size beyond the archive":  sized(t, 1<<33-1),
		"size below 0":             sized(t, -1),
	}
}

// packed returns a .tar.gz whose entries hold as many zeros as their headers
// say.
func packed(t testing.TB, headers ...tar.Header) []byte {
	t.Helper()
	var plain bytes.Buffer
	w := tar.NewWriter(&plain)
	for _, header := range headers {
		require.NoError(t, w.WriteHeader(&header))
		_, err := w.Write(make([]byte, header.Size))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return zipped(t, plain.Bytes())
}

// sized returns an archive of a short file whose header declares another size,
// in the binary form that negative numbers take.
func sized(t testing.TB, size int64) []byte {
	t.Helper()
	raw := unzipped(t, packed(t, tar.Header{Name: "set/a.bin", Size: 3}))
	field := raw[124:136]
	for i := range field {
		field[len(field)-1-i], size = byte(size), size>>8
	}
	field[0] |= 0x80
	fixChecksum(raw[:512])
	return zipped(t, raw)
}

func zipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	require.NoError(t, err)
	_, err = w.Write(content)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

// unzipped returns the content of an archive without gzip, at most 64 kB, as a
// seed.
func unzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(content))
	require.NoError(t, err)
	plain := make([]byte, 1<<16)
	n, _ := r.Read(plain)
	return plain[:n]
}

func TestHostileArchivesWriteNothingAnywhere(t *testing.T) {
	for name, content := range hostile(t) {
		t.Run(name, func(t *testing.T) {
			requireConfined(t, content)
			if name == "good" {
				return
			}
			a := archiveOf(t, content)
			requireNothingUnpacked(t, a, Extract(t.Context(), a))
		})
	}
}

// Extract replaces a link at the destination by a new folder, and does not write
// through it.
func TestFolderThatIsALinkIsReplacedAndNotFollowed(t *testing.T) {
	a := archive(t, entry{"set/a.bin", 0, content})
	outside := t.TempDir()
	for _, place := range []string{a.Dest, a.Dest + ".tmp"} {
		require.NoError(t, os.MkdirAll(filepath.Dir(place), 0o755))
		require.NoError(t, os.Symlink(outside, place))
	}
	require.NoError(t, Extract(t.Context(), a))
	require.Empty(t, filesBelow(t, outside))
	require.FileExists(t, filepath.Join(a.Dest, "set", "a.bin"))
	info, err := os.Lstat(a.Dest)
	require.NoError(t, err)
	require.True(t, info.IsDir())
}
