package fit

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gomlx/go-xla/compute/xla"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"evident/kit/backend"
	"evident/kit/nn"
)

// trainAgain compiles and trains as a new process would.
func trainAgain(t *testing.T) History {
	t.Helper()
	c, data := newXOR(t, 0.02)
	history, err := c.Train(context.Background(), data, Training{Seed: 7, Epochs: 2})
	require.NoError(t, err)
	for i := range history.Epochs {
		history.Epochs[i].Seconds = 0
	}
	return history
}

// programs are the files of the compiled programs.
func programs(t *testing.T, cache string) map[string]os.FileInfo {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(cache, "evident", "programs", "*"))
	require.NoError(t, err)
	files := map[string]os.FileInfo{}
	for _, path := range paths {
		if files[path], err = os.Stat(path); err != nil {
			require.NoError(t, err)
		}
	}
	return files
}

func TestProgramIsCompiledOnceAndComputesTheSame(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	selected, err := backend.Select(context.Background())
	require.NoError(t, err)
	if selected.Backend.Name() != xla.BackendName {
		t.Skip("the pure-Go backend compiles nothing")
	}
	compiled := trainAgain(t)
	first := programs(t, cache)
	require.NotEmpty(t, first)
	yesterday := time.Now().Add(-24 * time.Hour)
	for path := range first {
		require.NoError(t, os.Chtimes(path, yesterday, yesterday))
	}

	require.Equal(t, compiled, trainAgain(t))
	second := programs(t, cache)
	require.Len(t, second, len(first))
	for path, file := range second {
		require.True(t, os.SameFile(first[path], file), "it was not compiled and written again")
		require.Greater(t, time.Since(yesterday), time.Since(file.ModTime()), "it was used")
	}

	for path := range first { // as a copy that was interrupted
		require.NoError(t, os.Truncate(path, 1000))
	}
	require.Equal(t, compiled, trainAgain(t))
	third := programs(t, cache)
	require.Len(t, third, len(second))
	// Sizes differ by some bytes, since names within count the programs of a process. That each file is whole
	// shows when it is used once more.
	require.Equal(t, compiled, trainAgain(t))
	for path, file := range programs(t, cache) {
		require.Greater(t, third[path].Size(), int64(1000), "it was written again")
		require.True(t, os.SameFile(third[path], file), "it is whole: it was not written a third time")
	}
}

// With all inputs zero every logit is zero whatever the weights, and the
// gradient of the weights, an outer product with the inputs, is zero too. With
// inputs of one it is softmax − label, here ±1/2, for each of the two inputs.
func TestInitialGradientsOfALinearModel(t *testing.T) {
	selected, err := backend.Select(context.Background())
	require.NoError(t, err)
	linear := func(scope *model.Scope, x *Node) *Node {
		// A constant under the weights keeps the logits at zero.
		weights := nn.Dense(scope, x, 2)
		return Sub(weights, StopGradient(weights))
	}
	for input, want := range map[float32]float64{0: 0, 1: math.Sqrt(4 * 0.25)} {
		data := NewData([]float32{input, input}, []int{2}, []int32{0})
		norms, err := InitialGradients(context.Background(), selected.Backend, linear, data, 1, []int64{1, 2})
		require.NoError(t, err)
		require.Len(t, norms, 2)
		for _, perSeed := range norms {
			require.Len(t, perSeed, 1, "biases are left out")
			require.InDelta(t, want, perSeed[0], 1e-5)
		}
	}
}
