package fit

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/backend"
	"evident/kit/nn"
)

// about is what a test saves beside the weights.
type about struct{ Classes []string }

func savedXOR(t *testing.T) (folder string, logits [][]float32, data Data) {
	t.Helper()
	c, data := newXOR(t, 0.02)
	_, err := c.Train(t.Context(), data, Training{Seed: 3, Epochs: 2})
	require.NoError(t, err)
	folder = filepath.Join(t.TempDir(), "models", "xor")
	require.NoError(t, c.Save(folder, about{[]string{"same", "differ"}}))
	require.NoError(t, c.Save(folder, about{[]string{"equal", "différent"}}), "an older model is replaced")
	logits, err = c.Logits(t.Context(), data)
	require.NoError(t, err)
	return folder, logits, data
}

func TestRestoredNetworkAnswersLikeTheSavedOne(t *testing.T) {
	folder, want, data := savedXOR(t)
	var read about
	require.NoError(t, ReadAbout(folder, &read))
	require.Equal(t, []string{"equal", "différent"}, read.Classes)
	selected, err := backend.Select(t.Context())
	require.NoError(t, err)
	restored, err := Restore(selected.Backend, folder, mlp, data)
	require.NoError(t, err)
	defer restored.Finalize()
	got, err := restored.Predict(t.Context(), xor(512, 1))
	require.NoError(t, err)
	for i := range want {
		require.InDeltaSlice(t, want[i], got[i], 1e-5)
	}
	leftovers, err := os.ReadDir(filepath.Dir(folder))
	require.NoError(t, err)
	require.Len(t, leftovers, 1, "nothing but the model stays")
}

func TestTrainingGoesOnAfterSaving(t *testing.T) {
	c, data := newXOR(t, 0.02)
	train := func() []float64 {
		history, err := c.Train(t.Context(), data, Training{Seed: 3, Epochs: 1})
		require.NoError(t, err)
		return history.Losses
	}
	first := train()
	require.NoError(t, c.Save(filepath.Join(t.TempDir(), "xor"), nil))
	require.Equal(t, first, train())
}

func TestRestoreRefusesAnotherNetworkAndBrokenFiles(t *testing.T) {
	selected, err := backend.Select(t.Context())
	require.NoError(t, err)
	other := func(scope *model.Scope, x *Node) *Node { return nn.Dense(scope.In("out"), x, 2) }
	wider := func(scope *model.Scope, x *Node) *Node {
		return nn.Dense(scope.In("out"), nn.Dense(scope.In("hidden"), x, 17), 2)
	}
	more := func(scope *model.Scope, x *Node) *Node { return nn.Dense(scope.In("more"), mlp(scope, x), 2) }
	for name, c := range map[string]struct {
		network Network
		spoil   func(t *testing.T, folder string)
	}{
		"fewer layers": {network: other},
		"more layers":  {network: more},
		"other sizes":  {network: wider},
		"cut": {mlp, func(t *testing.T, folder string) {
			change(t, folder, "*.bin*", func(b []byte) []byte { return b[:len(b)/2] })
		}},
		"altered": {mlp, func(t *testing.T, folder string) {
			change(t, folder, "*.bin*", func(b []byte) []byte { b[len(b)/2] ^= 0x55; return b })
		}},
		"no weights": {mlp, func(t *testing.T, folder string) {
			change(t, folder, "*.json", func([]byte) []byte { return []byte("{") })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			folder, _, data := savedXOR(t)
			if c.spoil != nil {
				c.spoil(t, folder)
			}
			_, err := Restore(selected.Backend, folder, c.network, data)
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, folder)
			require.NotContains(t, err.Error(), "\n")
		})
	}
	require.ErrorIs(t, ReadAbout(t.TempDir(), &about{}), badinput.Err)
	_, err = Restore(selected.Backend, t.TempDir(), mlp, xor(1, 1))
	require.ErrorIs(t, err, badinput.Err)
}

// change rewrites the files of a pattern.
func change(t *testing.T, folder, pattern string, edit func([]byte) []byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, pattern))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, edit(content), 0o644))
	}
}

func TestSaveRefusesAFolderWithOtherFiles(t *testing.T) {
	c, _ := newXOR(t, 0.02)
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "thesis.txt"), nil, 0o644))
	err := c.Save(folder, nil)
	require.ErrorIs(t, err, badinput.Err)
	require.FileExists(t, filepath.Join(folder, "thesis.txt"))
}

// What cannot be written as JSON leaves the older model as it was.
func TestFailedSaveLeavesTheOlderModel(t *testing.T) {
	folder, _, _ := savedXOR(t)
	c, _ := newXOR(t, 0.02)
	require.ErrorIs(t, c.Save(folder, func() {}), badinput.Err)
	var read about
	require.NoError(t, ReadAbout(folder, &read))
	require.Equal(t, []string{"equal", "différent"}, read.Classes)
}

func TestProbabilitiesAddUp(t *testing.T) {
	require.InDeltaSlice(t, []float64{0.25, 0.75}, Probabilities([]float32{1000, 1000 + 1.0986123}), 1e-5)
}

// Tables of vectors start within ±0.25, whatever their size.
func TestEmbeddingsStartInTheirRange(t *testing.T) {
	c, err := NewClassifier(pureGo(t), func(scope *model.Scope, x *Node) *Node {
		return nn.Dense(scope.In("out"), ReduceSum(nn.Embedding(scope, x, 500, 4), 1), 2)
	}, NewData([]int32{1, 2, 3, 4}, []int{2}, []int32{0, 1}), 2, nn.SGD().GoMLX(0.1))
	require.NoError(t, err)
	defer c.Finalize()
	for v := range c.Store().IterVariables() {
		if v.Name() != embeddings {
			continue
		}
		largest := float32(0)
		for _, value := range v.MustValue().Value().([][]float32) {
			largest = max(largest, value[0], -value[0])
		}
		require.InDelta(t, 0.25, largest, 0.01)
	}
}

func pureGo(t *testing.T) compute.Backend {
	t.Helper()
	pure, err := backend.PureGo()
	require.NoError(t, err)
	return pure
}
