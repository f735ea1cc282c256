package cifar10

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// few is the number of records per batch in tests that do not need the full
// size.
const few = 100

// batchBytes returns a batch of n random records with the labels 0, 1, …, 9,
// 0, ….
func batchBytes(seed byte, n int) []byte {
	data := make([]byte, n*recordSize)
	rng := rand.NewChaCha8([32]byte{seed})
	_, _ = rng.Read(data) // never fails
	for i := range n {
		data[i*recordSize] = byte(i % 10)
	}
	return data
}

// writeSet writes a complete data set with n records per batch into a new
// folder.
func writeSet(t testing.TB, n int) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), folderName)
	require.NoError(t, os.MkdirAll(dir, 0o755))
	for i, name := range batches() {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), batchBytes(byte(i), n), 0o644))
	}
	return dir
}
