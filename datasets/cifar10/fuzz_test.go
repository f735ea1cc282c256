package cifar10

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/readertest"
)

// FuzzLoad reads a data set with one record per file, of which one file and the
// checksums are arbitrary bytes. Either the set is valid and its checksums
// match, or the error names the fault in one line.
func FuzzLoad(f *testing.F) {
	record := batchBytes(5, 1)
	dir := writeSet(f, 1)
	require.NoError(f, seal(dir, 1))
	sealed, err := os.ReadFile(filepath.Join(dir, sumsName))
	require.NoError(f, err)
	f.Add(record, "")
	f.Add(record, string(sealed))
	f.Add(record[:recordSize-1], "")
	f.Add(append([]byte{10}, record[1:]...), "")
	f.Add(record, "0\n\x1b[2J")
	f.Fuzz(func(t *testing.T, record []byte, sums string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, testBatch), record, 0o644))
		require.NoError(t, os.RemoveAll(filepath.Join(dir, sumsName)))
		if sums != "" {
			require.NoError(t, os.WriteFile(filepath.Join(dir, sumsName), []byte(sums), 0o644))
		}
		readertest.Within(t, 4*readertest.MiB+64*uint64(len(sums)), func() { _, _, err = loadChecked(dir, 1) })
		if err != nil {
			readertest.BadInput(t, err)
			return
		}
		require.NoError(t, seal(dir, 1))
		_, test, err := loadChecked(dir, 1)
		require.NoError(t, err)
		require.Equal(t, naive(record).pixels, test.Pixels)
		require.Less(t, test.Labels[0], uint8(len(test.Classes)))
	})
}
