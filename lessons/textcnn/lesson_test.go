package textcnn

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/datasets/text"
	"evident/internal/badinput"
	"evident/kit/experiment"
	"evident/kit/lessontest"
	"evident/kit/report"
)

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson) }

func TestMissingDataIsBadInput(t *testing.T) {
	_, err := Lesson.Run(t.Context(), lessontest.PureGo(t), Lesson.Config(experiment.Options{Preset: experiment.Smoke, Data: t.TempDir()}))
	require.ErrorIs(t, err, badinput.Err)
}

func TestCheckNamesTheKnob(t *testing.T) {
	lessontest.RequireKnobs(t, Smoke, map[string]func(*Config){
		"Data.Words is 0: it must be at least 1":                            func(c *Config) { c.Data.Words = 0 },
		"Data.Length is 0":                                                  func(c *Config) { c.Data.Length = 0 },
		"Classify.Folds is 1: give at least 2, or 0":                        func(c *Config) { c.Classify.Folds = 1 },
		"Classify.Folds is -1: it must be at least 0":                       func(c *Config) { c.Classify.Folds = -1 },
		"Classify.ValidationFraction is 1: it must be above 0 and below 1":  func(c *Config) { c.Classify.ValidationFraction = 1 },
		"Classify.Net.Dropout is 1: it must be at least 0 and below 1":      func(c *Config) { c.Classify.Net.Dropout = 1 },
		"Ngrams.Net.Windows is empty: give at least 1 value":                func(c *Config) { c.Ngrams.Net.Windows = nil },
		"Ngrams.Net.Windows has 0":                                          func(c *Config) { c.Ngrams.Net.Windows = []int{2, 0} },
		"Ngrams.Net.Maps is 0":                                              func(c *Config) { c.Ngrams.Net.Maps = 0 },
		"Ngrams.Train is 15: it must be at least BatchSize, 16":             func(c *Config) { c.Ngrams.Train = c.Ngrams.BatchSize - 1 },
		"Ngrams.LearningRate is 0: it must be above 0":                      func(c *Config) { c.Ngrams.LearningRate = 0 },
		"Shift.Length is 5: it must be at least 10":                         func(c *Config) { c.Shift.Length = 5 },
		"Shift.Phrases is 0":                                                func(c *Config) { c.Shift.Phrases = 0 },
		"Shift.Seeds is empty: give at least one seed":                      func(c *Config) { c.Shift.Seeds = nil },
		"Maps.Counts has 2 after 3":                                         func(c *Config) { c.Maps.Counts = []int{3, 2} },
		"Maps.Counts has 1 value: give at least 2":                          func(c *Config) { c.Maps.Counts = []int{3} },
		"Maps.Windows is empty":                                             func(c *Config) { c.Maps.Windows = nil },
		"Robust.Seeds has 4 twice":                                          func(c *Config) { c.Robust.Seeds = []int64{4, 4} },
		"Robust.Epochs is 0":                                                func(c *Config) { c.Robust.Epochs = 0 },
		"Order.Gap is 0 words and the widest window 3":                      func(c *Config) { c.Order.Gap = 0 },
		"Order.Units is 0":                                                  func(c *Config) { c.Order.Units = 0 },
		"Order.Gap is 20 words and the widest window 9: windows of at most": func(c *Config) { c.Order.Net.Windows, c.Order.Gap = []int{9}, 20 },
		"Tabular.Filters is 0":                                              func(c *Config) { c.Tabular.Filters = 0 },
		"Tabular.Test is 0":                                                 func(c *Config) { c.Tabular.Test = 0 },
		"Cost.Rounds is 0":                                                  func(c *Config) { c.Cost.Rounds = 0 },
		"Cost.Timed.Words is 0":                                             func(c *Config) { c.Cost.Timed.Words = 0 },
		"Cost.Published.Length is 0":                                        func(c *Config) { c.Cost.Published.Length = 0 },
		"Curve.Steps is 0":                                                  func(c *Config) { c.Curve.Steps = 0 },
		"Curve.Sizes begin with 1: they must be at least BatchSize, 16":     func(c *Config) { c.Curve.Sizes = []int{1, 64} },
		"Faithful.Net.Width is 0":                                           func(c *Config) { c.Faithful.Net.Width = 0 },
	})
}

func TestDataNamesATableOrTheFolderOfTheRealSet(t *testing.T) {
	for _, scale := range []experiment.Preset{experiment.Smoke, experiment.Full} {
		data := Lesson.Config(experiment.Options{Preset: scale, Data: "mails.CSV"}).Data
		require.Equal(t, "mails.CSV", data.Own)
		require.False(t, data.Polarity)
		require.Greater(t, data.Words, 1000, "the vocabulary of real texts is large")
	}
	require.True(t, Lesson.Config(experiment.Options{Preset: experiment.Full}).Data.Polarity)
	require.False(t, Lesson.Config(experiment.Options{}).Data.Polarity)

	folder := t.TempDir()
	load := func() error {
		_, err := OwnTexts(folder).load(t.Context())
		require.ErrorIs(t, err, badinput.Err)
		return err
	}
	require.ErrorContains(t, load(), "no texts", "any other folder holds own texts")
	for _, name := range []string{"rt-polarity.neg", "rt-polarity.pos"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), nil, 0o644))
	}
	require.ErrorContains(t, load(), "rt-polarity.neg has")
	for _, data := range []DataConfig{OwnTexts("mails.csv"), OwnTexts(folder), Full().Data} {
		require.True(t, data.OwnData(), "the record is of generated texts")
	}
	require.False(t, Default().Data.OwnData())
}

// The sizes of Kim (2014, section 3.1): windows of 3, 4 and 5 with 100 maps each,
// dropout of ½, vectors of 300 values.
func TestFullScaleIsTheNetOfThePaper(t *testing.T) {
	c := Full().Classify
	require.Equal(t, Net{Width: 300, Windows: []int{3, 4, 5}, Maps: 100, Dropout: 0.5}, c.Net)
	require.Equal(t, 50, c.BatchSize)
	require.Equal(t, 10, c.Folds)
}

// Where texts are scarce, each seed draws the split too, and no test text is in
// its training.
func TestEachSeedSplitsRealTextsAnew(t *testing.T) {
	whole := text.Set{Name: "real", Classes: []string{"a", "b"}}
	for i := range 200 {
		whole.Add(fmt.Sprint("text ", i), int32(i%2))
	}
	texts := corpus{whole: whole}
	held := map[string]int{}
	for seed := range int64(20) {
		train, test, err := texts.sets(seed, 200, 40)
		require.NoError(t, err)
		require.Equal(t, []int{160, 40}, []int{train.Len(), test.Len()})
		for _, sentence := range test.Texts {
			require.NotContains(t, train.Texts, sentence)
			held[sentence]++
		}
	}
	// A text is held out by a fifth of the seeds: by none of 20 with a probability of 0.8²⁰.
	require.Greater(t, len(held), 180)
}

// The repository's runs at full scale can be drawn: Kim's model, and the verdicts that
// depend on the texts.
func TestFullRunIsInTheRepository(t *testing.T) {
	full, err := FullRun()
	require.NoError(t, err)
	require.NoError(t, full.Validate())
	require.Len(t, full.Charts, 1)
	var ids []string
	for _, row := range full.Tables[1].Rows {
		ids = append(ids, row[0])
		require.NotEmpty(t, row[2])
	}
	require.Equal(t, []string{"q5.p3a", "q5.p3b", "q5.p3c", "q5.c4a", "q5.c5"}, ids)

	t.Setenv("EVIDENT_HOME", t.TempDir())
	_, err = FullRun()
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, kimRecord)
}

// The diagram shows as many parameters as the net has.
func TestDiagramIsOfTheNet(t *testing.T) {
	diagram, err := Net{Width: 4, Windows: []int{2, 3}, Maps: 5}.Diagram(10, 6)
	require.NoError(t, err)
	require.NoError(t, report.Figures{Diagrams: []report.Diagram{diagram}}.Validate())
	var details []string
	for _, box := range diagram.Boxes {
		if box.Strong {
			details = append(details, box.Detail)
		}
	}
	require.Equal(t, []string{"6×4 · 48 parameters", "7×5 · 45 parameters", "8×5 · 65 parameters", "2 · 22 parameters"}, details)
}
