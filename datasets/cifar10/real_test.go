package cifar10

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// realData converts the JPEG pictures beside the project to the official
// layout, which takes some seconds.
func realData(t *testing.T) (dir string) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: the test on the real pictures is left out")
	}
	shared, err := filepath.Abs(filepath.Join("..", "..", "..", "shared", "data"))
	require.NoError(t, err)
	if _, err := os.Stat(filepath.Join(shared, "cifar10-jpeg.tar.gz")); err != nil {
		t.Skipf("\n*** SKIPPED: THE REAL CIFAR-10 WAS NOT TESTED ***\n%v", err)
	}
	out := t.TempDir()
	convert := exec.CommandContext(t.Context(), "go", "run", "./cifar10bin/main.go", "-o", out)
	convert.Dir = shared
	message, err := convert.CombinedOutput()
	require.NoError(t, err, string(message))
	return out
}

// The expected numbers come from https://www.cs.toronto.edu/~kriz/cifar.html:
// the test batch holds 1,000 pictures of each class, and the other batches
// together 5,000.
func TestRealDataSetHasItsPublishedNumbers(t *testing.T) {
	train, test, err := Load(realData(t))
	require.NoError(t, err)
	assert.Equal(t, TrainPictures, train.Len())
	assert.Equal(t, TestPictures, test.Len())
	for class := range Classes() {
		assert.Equal(t, 5000, classCounts(train)[class])
		assert.Equal(t, 1000, classCounts(test)[class])
	}
	// The published means of the training pixels are .4914, .4822, .4465.
	// JPEG changes them only after the third digit.
	var sums [3]float64
	for i, value := range train.Pixels {
		sums[i%3] += float64(value)
	}
	for c, want := range []float64{.4914, .4822, .4465} {
		assert.InDelta(t, want, sums[c]/255/TrainPictures/plane, .001)
	}
}
