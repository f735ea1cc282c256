package textcnn

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"evident/datasets/polarity"
	"evident/internal/badinput"
	"evident/kit/knob"
	"evident/kit/lessontest"
	"evident/kit/report"
)

// saved trains a little classifier, and opens it again.
func saved(t *testing.T, backend compute.Backend, c ClassifyConfig, d DataConfig) (*Model, ClassifyMeasurement) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "models", "text")
	result, err := TrainAndSave(t.Context(), backend, c, d, folder)
	require.NoError(t, err)
	m, err := Open(backend, folder)
	require.NoError(t, err)
	t.Cleanup(m.Finalize)
	return m, result
}

// The opened model gives the test texts, as words, the accuracy that training
// had on them as numbers: nothing of the preprocessing is lost.
func TestOpenedModelHasTheAccuracyOfTheTrainedOne(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		c := Smoke().Classify
		c.Train, c.Test, c.Epochs = 256, 64, 3
		m, result := saved(t, backend, c, Default().Data)
		require.Equal(t, result.Folds[0].Accuracy, m.Accuracy)
		texts, err := Default().Data.load(t.Context())
		require.NoError(t, err)
		_, test, err := texts.sets(c.Seed, c.Train, c.Test)
		require.NoError(t, err)
		right := 0
		for i, sentence := range test.Texts {
			p, err := m.Predict(t.Context(), sentence)
			require.NoError(t, err)
			if p.Class == test.Classes[test.Labels[i]] {
				right++
			}
		}
		require.InDelta(t, result.Folds[0].Accuracy, float64(right)/float64(test.Len()), 1e-9)
	})
}

func TestPredictTakesAnyText(t *testing.T) {
	m, _ := saved(t, lessontest.Backend(t), Smoke().Classify, Smoke().Data)
	for _, sentence := range []string{"", " ", "good", "טוב", "😀👍🏽", "cafe\u0301", "\xff\xfe", strings.Repeat("not good ", 5_000)} {
		p, err := m.Predict(t.Context(), sentence)
		require.NoError(t, err)
		require.Contains(t, m.Classes, p.Class)
		require.InDelta(t, 1, p.Probabilities[0]+p.Probabilities[1], 1e-6)
		require.LessOrEqual(t, p.Read, m.Encoder.Length)
	}
	p, err := m.Predict(t.Context(), "Not Good xylophone")
	require.NoError(t, err)
	require.Equal(t, []string{"not", "good", "xylophone"}, p.Tokens)
	require.Equal(t, []string{"xylophone"}, p.Unknown)
	require.Len(t, p.Table(m.Classes).Rows, 2)

	tokens, drops, err := m.occlusion(t.Context(), "the film was good")
	require.NoError(t, err)
	require.Len(t, drops, len(tokens))
	chart, err := m.OcclusionChart(t.Context(), "good and good")
	require.NoError(t, err)
	require.Equal(t, []string{"good", "and", "good (2)"}, chart.Categories)
	require.NoError(t, report.Figures{Charts: []report.Chart{chart}}.Validate())
}

func TestOpenRefusesWhatIsNoModel(t *testing.T) {
	backend := lessontest.PureGo(t)
	_, err := Open(backend, t.TempDir())
	require.ErrorIs(t, err, badinput.Err)
	folder := filepath.Join(t.TempDir(), "model")
	_, err = TrainAndSave(t.Context(), backend, Smoke().Classify, Smoke().Data, folder)
	require.NoError(t, err)
	for name, change := range map[string]func(string) string{
		"another format":   func(s string) string { return strings.Replace(s, `"format": 1`, `"format": 2`, 1) },
		"a word twice":     func(s string) string { return strings.Replace(s, `"not"`, `"good"`, 1) },
		"no preprocessing": func(s string) string { return strings.Replace(s, `"encoder"`, `"other"`, 1) },
		"another net":      func(s string) string { return strings.Replace(s, `"Maps": 2`, `"Maps": 3`, 1) },
		"cut":              func(s string) string { return s[:len(s)/2] },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(folder, "about.json")
			whole, err := os.ReadFile(path)
			require.NoError(t, err)
			spoilt := change(string(whole))
			require.NotEqual(t, string(whole), spoilt)
			require.NoError(t, os.WriteFile(path, []byte(spoilt), 0o644))
			defer func() { require.NoError(t, os.WriteFile(path, whole, 0o644)) }()
			_, err = Open(backend, folder)
			require.ErrorIs(t, err, badinput.Err)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestOwnTextsTrainTheSamePipeline(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mails.csv")
	var table strings.Builder
	for i := range 60 { // texts with two words of their own are no twins
		fmt.Fprintf(&table, "a%d b%d win a prize now,spam\n\"c%d d%d lunch at noon, as ever?\",fine\ne%d f%d the minutes of the meeting,work\n", i, i, i, i, i, i)
	}
	require.NoError(t, os.WriteFile(path, []byte(table.String()), 0o644))
	c := Smoke().Classify
	c.Epochs, c.LearningRate = 10, 0.05
	c.Net.Maps, c.Net.Dropout = 8, 0
	m, result := saved(t, lessontest.PureGo(t), c, OwnTexts(path))
	require.Equal(t, []string{"fine", "spam", "work"}, m.Classes)
	require.Equal(t, "texts in mails.csv", result.DataSet)
	p, err := m.Predict(t.Context(), "Win a prize now")
	require.NoError(t, err)
	require.Equal(t, "spam", p.Class)
}

func TestFoldsTestEveryTextOnce(t *testing.T) {
	c := Smoke().Classify
	c.Folds = 4
	texts := corpus{DataConfig: Smoke().Data}
	for _, sentence := range []string{"a", "b", "c"} {
		for range 40 {
			texts.whole.Add(sentence, 0)
			texts.whole.Add(sentence+" x", 1)
		}
	}
	texts.whole.Classes = []string{"0", "1"}
	_, splits, err := c.splits(texts)
	require.NoError(t, err)
	total := 0
	for _, split := range splits {
		require.Equal(t, texts.whole.Len(), split[0].Len()+split[1].Len())
		require.Equal(t, 0.5, split[1].Majority())
		total += split[1].Len()
	}
	require.Equal(t, texts.whole.Len(), total)
	c.Folds = 1000
	_, _, err = c.splits(texts)
	require.ErrorIs(t, err, badinput.Err)
}

// The whole path on a part of the real set, which lies beside the project.
func TestRealSentencesAreClassified(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "data", "rt-polarity")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("\n*** SKIPPED: THE CLASSIFIER WAS NOT TRIED ON THE REAL SENTENCE POLARITY SET ***\n%v", err)
	}
	if testing.Short() {
		t.Skip("-short: the training on real sentences is left out")
	}
	texts, err := DataConfig{Own: dir, Words: 5000, Length: 40}.load(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2*polarity.PerClass, texts.whole.Len())
	net := Net{Width: 16, Windows: []int{1, 2}, Maps: 8}
	c := Training{Train: 6000, Test: 1000, Epochs: 3, BatchSize: 50, LearningRate: 5e-3}
	scores, err := trial{
		name: "real sentences", network: net.Network(5000, 2), seeds: knob.Seeds(1), training: c,
		draw: func(seed int64) (task, error) { return texts.task(seed, c.Train, c.Test) },
	}.run(t.Context(), lessontest.Backend(t))
	require.NoError(t, err)
	require.Greater(t, scores.Test[0], 0.65)
}
