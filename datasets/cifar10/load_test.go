package cifar10

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/datasets"
	"evident/internal/badinput"
)

// naive reads a batch one byte at a time, exactly as the format is described.
func naive(data []byte) records {
	n := len(data) / recordSize
	r := newRecords(n)
	for i := range n {
		r.labels[i] = data[i*recordSize]
		for y := range 32 {
			for x := range 32 {
				for c := range 3 {
					r.pixels[((i*32+y)*32+x)*3+c] = data[i*recordSize+1+c*1024+y*32+x]
				}
			}
		}
	}
	return r
}

func TestLoadInterleavesTheColours(t *testing.T) {
	dir := writeSet(t, few)
	var want records
	for i := range batches() {
		batch := naive(batchBytes(byte(i), few))
		want.pixels, want.labels = append(want.pixels, batch.pixels...), append(want.labels, batch.labels...)
	}
	train, test, err := loadChecked(dir, few)
	require.NoError(t, err)
	require.Equal(t, 5*few, train.Len())
	require.Equal(t, few, test.Len())
	assert.Equal(t, want.labels, append(train.Labels, test.Labels...))
	assert.True(t, bytes.Equal(want.pixels, append(train.Pixels, test.Pixels...)))
	assert.Equal(t, 32*32*3, test.PictureSize())
	assert.Equal(t, "cifar10 (train)", train.Name)
	assert.Equal(t, "cifar10 (test)", test.Name)
}

func TestLoadTakesTheFolderAboveToo(t *testing.T) {
	dir := writeSet(t, few)
	_, test, err := loadChecked(dir, few)
	require.NoError(t, err)
	_, above, err := loadChecked(filepath.Dir(dir), few)
	require.NoError(t, err)
	assert.Equal(t, test.Hash(), above.Hash())
}

func TestLoadWantsBatchesOfOfficialSize(t *testing.T) {
	_, _, err := Load(writeSet(t, few))
	require.ErrorIs(t, err, badinput.Err)
	assert.Contains(t, err.Error(), "307300 bytes, expected 30730000 (10000 records of 3073)")
}

// change applies f to a file's content.
func change(t *testing.T, file string, f func([]byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, f(data), 0o644))
}

func TestLoadNamesTheBrokenFile(t *testing.T) {
	third := func(dir string) string { return filepath.Join(dir, "data_batch_3.bin") }
	tests := map[string]struct {
		spoil func(t *testing.T, dir string)
		says  []string
	}{
		"missing": {func(t *testing.T, dir string) { require.NoError(t, os.Remove(third(dir))) }, []string{"is missing"}},
		"a folder": {func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(third(dir)))
			require.NoError(t, os.Mkdir(third(dir), 0o755))
		}, []string{"no regular file"}},
		"empty":           {func(t *testing.T, dir string) { require.NoError(t, os.Truncate(third(dir), 0)) }, []string{"cut short: 0 bytes, expected 307300"}},
		"a byte short":    {func(t *testing.T, dir string) { require.NoError(t, os.Truncate(third(dir), few*recordSize-1)) }, []string{"cut short"}},
		"a record short":  {func(t *testing.T, dir string) { require.NoError(t, os.Truncate(third(dir), (few-1)*recordSize)) }, []string{"cut short"}},
		"a byte too long": {func(t *testing.T, dir string) { require.NoError(t, os.Truncate(third(dir), few*recordSize+1)) }, []string{"too long"}},
		"endless":         {func(t *testing.T, dir string) { require.NoError(t, os.Truncate(third(dir), 1<<40)) }, []string{"too long"}},
		"of bad label": {func(t *testing.T, dir string) {
			change(t, third(dir), func(data []byte) []byte { data[70*recordSize] = 10; return data })
		}, []string{"record 70", "label 10, expected 0 to 9"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := writeSet(t, few)
			test.spoil(t, dir)
			_, _, err := loadChecked(dir, few)
			require.ErrorIs(t, err, badinput.Err)
			assert.NotContains(t, err.Error(), "\n")
			for _, text := range append(test.says, third(dir), "evident fetch") {
				assert.Contains(t, err.Error(), text)
			}
		})
	}
}

func TestChecksumsFindAFlippedBit(t *testing.T) {
	dir := writeSet(t, few)
	require.NoError(t, seal(dir, few))
	_, _, err := loadChecked(dir, few)
	require.NoError(t, err)

	file := filepath.Join(dir, "data_batch_2.bin")
	change(t, file, func(data []byte) []byte { data[5*recordSize+9] ^= 4; return data })
	_, _, err = loadChecked(dir, few)
	require.ErrorIs(t, err, badinput.Err)
	assert.Contains(t, err.Error(), file+" was altered")

	require.NoError(t, os.Remove(filepath.Join(dir, sumsName)))
	_, _, err = loadChecked(dir, few)
	require.NoError(t, err, "without checksums only the structure is checked")
}

func TestBrokenChecksumFiles(t *testing.T) {
	tests := map[string]struct {
		edit func(string) string
		says string
	}{
		"binary mark of sha256sum -b": {func(s string) string { return strings.ReplaceAll(s, "  ", " *") }, ""},
		"upper case, Windows lines":   {func(s string) string { return strings.ReplaceAll(strings.Replace(s, "a", "A", 3), "\n", "\r\n") }, ""},
		"more files":                  {func(s string) string { return strings.Repeat("0", 64) + "  other.bin\n" + s }, ""},
		"a file unlisted":             {func(s string) string { return s[strings.Index(s, "\n")+1:] }, "does not list data_batch_1.bin"},
		"no checksums":                {func(string) string { return "hello\n" }, "line 1 is no checksum"},
		"empty":                       {func(string) string { return "" }, "line 1 is no checksum"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := writeSet(t, few)
			require.NoError(t, seal(dir, few))
			change(t, filepath.Join(dir, sumsName), func(data []byte) []byte { return []byte(test.edit(string(data))) })
			_, _, err := loadChecked(dir, few)
			if test.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, badinput.Err)
			assert.Contains(t, err.Error(), test.says)
		})
	}
}

func TestFind(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	_, found, err := Find("")
	require.NoError(t, err)
	assert.False(t, found, "the cache is empty")

	dir := writeSet(t, few)
	got, found, err := Find(filepath.Dir(dir))
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, dir, got)

	for _, data := range []string{t.TempDir(), filepath.Join(dir, "nowhere"), filepath.Join(dir, testBatch)} {
		_, found, err = Find(data)
		require.ErrorIs(t, err, badinput.Err, "named, but without the data set")
		assert.False(t, found)
		assert.Contains(t, err.Error(), data)
	}
}

// Find names another data set that it meets, and says what to do.
func TestFindNamesWhatIsSomethingElse(t *testing.T) {
	for name, says := range map[string]string{
		"cifar-10-batches-py/data_batch_1": "the Python version of CIFAR-10",
		"train.bin":                        "other files",
		"cifar-10-binary.tar.gz":           "tar -xf",
		"rt-polarity.pos":                  "data_batch_1.bin",
	} {
		folder := t.TempDir()
		file := filepath.Join(folder, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, nil, 0o644))
		_, _, err := Find(folder)
		require.ErrorIs(t, err, badinput.Err)
		assert.Contains(t, err.Error(), says)
		assert.Contains(t, err.Error(), folder)
		_, _, err = Find(file)
		require.ErrorIs(t, err, badinput.Err, "a file in place of the folder")
	}
}

// FuzzDecode compares decode with naive on arbitrary bytes. Both agree, or
// decode rejects a short file or a label above 9.
func FuzzDecode(f *testing.F) {
	f.Add(batchBytes(1, 1))
	f.Add(batchBytes(2, chunk+1))
	f.Add([]byte{})
	f.Add(batchBytes(3, 2)[:recordSize+1])
	f.Add(bytes.Repeat([]byte{10}, recordSize))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := (len(data) + recordSize - 1) / recordSize
		got := newRecords(n)
		err := decode(bytes.NewReader(data), got)
		whole := len(data)%recordSize == 0
		want := naive(data)
		valid := whole && !slices.ContainsFunc(want.labels, func(label uint8) bool { return label > 9 })
		if (err == nil) != valid {
			t.Fatalf("%d bytes, valid %v: %v", len(data), valid, err)
		}
		if valid && (!bytes.Equal(got.pixels, want.pixels) || !bytes.Equal(got.labels, want.labels)) {
			t.Fatal("decode differs from the naive loop")
		}
	})
}

func classCounts(s datasets.Images) [10]int {
	var counts [10]int
	for _, label := range s.Labels {
		counts[label]++
	}
	return counts
}

func BenchmarkLoad(b *testing.B) {
	for name, sealed := range map[string]bool{"plain": false, "checksums": true} {
		b.Run(name, func(b *testing.B) {
			dir := writeSet(b, perBatch)
			if sealed {
				require.NoError(b, seal(dir, perBatch))
			}
			b.SetBytes(int64(len(batches()) * perBatch * recordSize))
			for b.Loop() {
				_, _, err := Load(dir)
				require.NoError(b, err)
			}
		})
	}
}
