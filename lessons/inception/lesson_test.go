package inception

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/experiment"
	"evident/kit/lessontest"
	"evident/kit/report"
)

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson) }

func TestProvenanceNamesTheData(t *testing.T) {
	c := Smoke()
	train, _, err := c.Data.read()
	require.NoError(t, err)
	name, hash, err := Lesson.Data(context.Background(), c)
	require.NoError(t, err)
	require.Equal(t, []string{train.Name, train.Hash()}, []string{name, hash})
}

// A training that was interrupted shows its epochs, and one that never began an
// empty chart.
func TestUnfinishedTrainingIsShown(t *testing.T) {
	for _, trained := range []TrainMeasurement{{}, {DataSet: "shapes", Pictures: 64, BatchSize: 32, History: ending(1, 2, .3)}} {
		drawn, err := MainNet.Figures(Smoke().TrainKnobs(), trained)
		require.NoError(t, err)
		require.NoError(t, drawn.Validate())
		require.Empty(t, drawn.Pictures)
	}
}

func TestTableSaysWhichPicturesSitOut(t *testing.T) {
	const keras = 1563 // steps an epoch: 50,000 / 32 = 1,562.5, rounded up
	full := TrainMeasurement{DataSet: "CIFAR-10 (train)", CIFAR10: true, Pictures: Full().Data.Train, BatchSize: Full().Train.BatchSize}
	require.Equal(t, keras, sheetSteps)
	require.Equal(t, "Training on CIFAR-10 (train), beside the sheet. An epoch has 1,562 steps of 32 pictures each, in a new order every time; what is left over (16 of 50,000) is not trained on. "+
		"Keras, and so the sheet, uses it for a last, smaller batch, so that an epoch has 1,563 steps", full.table().Title)
	few := TrainMeasurement{DataSet: "shapes (seed 1)", Pictures: 100, BatchSize: 32}
	require.Equal(t, "Training on shapes (seed 1). An epoch has 3 steps of 32 pictures each, in a new order every time; what is left over (4 of 100) is not trained on. "+
		"Keras uses it for a last, smaller batch, so that an epoch has 4 steps", few.table().Title)
	one := TrainMeasurement{DataSet: "shapes (seed 1)", Pictures: 40, BatchSize: 32}
	require.Contains(t, one.table().Title, "An epoch has 1 step of 32 pictures each")
	whole := TrainMeasurement{DataSet: "shapes (seed 1)", Pictures: Default().Data.Train, BatchSize: Default().Train.BatchSize}
	require.Equal(t, "Training on shapes (seed 1)", whole.table().Title)
}

func TestMissingDataIsBadInput(t *testing.T) {
	_, err := Lesson.Run(context.Background(), lessontest.Backend(t), Lesson.Config(experiment.Options{Preset: experiment.Smoke, Data: t.TempDir()}))
	require.ErrorIs(t, err, badinput.Err)
}

func TestOwnPicturesAreSentToTheLessonThatReadsThem(t *testing.T) {
	for name, file := range map[string]string{
		"classes": "cat/1.png", "train and test": "train/cat/1.jpg", "in an archive": "mine/test/cat/1.webp", "no classes": "1.png", "not read": "cat/1.heic",
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, filepath.FromSlash(file))
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.NoError(t, os.WriteFile(path, nil, 0o644))
			_, err := Lesson.Run(context.Background(), lessontest.Backend(t), Lesson.Config(experiment.Options{Preset: experiment.Smoke, Data: folder}))
			require.ErrorIs(t, err, badinput.Err)
			require.EqualError(t, err, fmt.Sprintf("cifar10: %s holds pictures (%s) and not CIFAR-10: `evident run imageclass --data %s` trains on pictures of your own", folder, file, folder))
		})
	}
	// What belongs to CIFAR-10 is named as that, whatever lies beside it.
	folder := t.TempDir()
	for _, name := range []string{"data_batch_1.bin", "1.png"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), nil, 0o644))
	}
	_, _, err := DataConfig{CIFAR10: true, Folder: folder}.read()
	require.ErrorContains(t, err, "data_batch_2.bin is missing")
}

func TestCheckNamesTheKnob(t *testing.T) {
	lessontest.RequireKnobs(t, Smoke, map[string]func(c *Config){
		"Train.Epochs is 0: it must be at least 1":               func(c *Config) { c.Train.Epochs = 0 },
		"Compare.Epochs is -3: it must be at least 1":            func(c *Config) { c.Compare.Epochs = -3 },
		"Train.BatchSize is 0":                                   func(c *Config) { c.Train.BatchSize = 0 },
		"Data.Train is 31: it must be at least 32":               func(c *Config) { c.Data.Train = 31 },
		"Compare.Train is 15: it must be at least BatchSize, 16": func(c *Config) { c.Compare.Train = 15 },
		"Scales.Train is 8: it must be at least BatchSize, 16":   func(c *Config) { c.Scales.Train = 8 },
		"Data.Test is 0": func(c *Config) { c.Data.Test = 0 },
		"Train.LearningRate is 0: it must be above 0":                          func(c *Config) { c.Train.LearningRate = 0 },
		"Train.LearningRate is NaN":                                            func(c *Config) { c.Train.LearningRate = math.NaN() },
		"Compare.Side is 3: it must be":                                        func(c *Config) { c.Compare.Side = 3 },
		"Compare.Side is 12: it must be 4, 8, 16 or 32":                        func(c *Config) { c.Compare.Side = 12 },
		"Budget.Side is 64: it must be":                                        func(c *Config) { c.Budget.Side = 64 },
		"Budget.Train is 15: it must be at least BatchSize, 16":                func(c *Config) { c.Budget.Train = 15 },
		"Budget.Widths is empty":                                               func(c *Config) { c.Budget.Widths = nil },
		"Budget.Rates has 0.5 after 1":                                         func(c *Config) { c.Budget.Rates = []float64{1, .5} },
		"Budget.TuningSeeds is empty":                                          func(c *Config) { c.Budget.TuningSeeds = nil },
		"Compare.LearningRate is -1":                                           func(c *Config) { c.Compare.LearningRate = -1 },
		"Train.Net.Stem is 0":                                                  func(c *Config) { c.Train.Net.Stem = 0 },
		"Train.Net.First.F5x5Reduce is 0: it must be at least 1":               func(c *Config) { c.Train.Net.First.F5x5Reduce = 0 },
		"Compare.Net.Second.PoolProj is -1":                                    func(c *Config) { c.Compare.Net.Second.PoolProj = -1 },
		"Compare.Seeds is empty: give at least one seed":                       func(c *Config) { c.Compare.Seeds = nil },
		"Scales.Seeds has 1 twice":                                             func(c *Config) { c.Scales.Seeds = []int64{1, 2, 1} },
		"Strides.Strides has 0: every value must be at least 1":                func(c *Config) { c.Strides.Strides = []int{1, 0} },
		"Strides.Strides has 12: every value must be at least 1 and at most 6": func(c *Config) { c.Strides.Strides = []int{12} }, // whose fields do not fit into memory
		"Strides.Sizes is empty: give at least 1 value":                        func(c *Config) { c.Strides.Sizes = nil },
		"Compare.Shifts is empty":                                              func(c *Config) { c.Compare.Shifts = []int{} },
		"Train.Devices is -1":                                                  func(c *Config) { c.Train.Devices = -1 },
		"Depth.Layers is 0":                                                    func(c *Config) { c.Depth.Layers = 0 },
	})
}

// An experiment of a cell gets the errors of a whole run.
func TestEveryExperimentChecksItsPictures(t *testing.T) {
	ctx, b, c := context.Background(), lessontest.PureGo(t), Smoke()
	c.Data.Train = 15
	for name, run := range map[string]func() error{
		"Depth":   func() error { _, err := DeepGradients.Measured(ctx, b, c.DepthKnobs()); return err },
		"Budget":  func() error { _, err := EqualBudget.Measured(ctx, b, c.BudgetKnobs()); return err },
		"Compare": func() error { _, err := OneChange.Measured(ctx, b, c.CompareKnobs()); return err },
		"Train":   func() error { _, err := MainNet.Measured(ctx, b, c.TrainKnobs()); return err },
	} {
		err := run()
		require.ErrorIs(t, err, badinput.Err, name)
		require.ErrorContains(t, err, name+".Data.Train is 15")
	}
}

func TestSeedMovesEverySeedOnce(t *testing.T) {
	c := Lesson.Config(experiment.Options{Preset: experiment.Smoke, Seed: 100})
	require.Equal(t, []int64{101, 102}, c.Compare.Seeds)
	require.Equal(t, int64(101), c.Train.Seed)
	require.Equal(t, []int64{1, 2}, Smoke().Compare.Seeds, "the lesson's own stay")
}

func TestDataFolderAsksForCIFAR10(t *testing.T) {
	c := Lesson.Config(experiment.Options{Preset: experiment.Smoke, Data: "somewhere"})
	require.True(t, c.Data.CIFAR10)
	require.Equal(t, "somewhere", c.Data.Folder)
	require.False(t, Lesson.Config(experiment.Options{Preset: experiment.Default}).Data.CIFAR10)
	require.True(t, Lesson.Config(experiment.Options{Preset: experiment.Full}).Data.CIFAR10, "the full scale looks in the cache")
}

func TestDevicesAreThoseAskedFor(t *testing.T) {
	require.Equal(t, 4, Lesson.Config(experiment.Options{Devices: 4}).Train.Devices)
	require.Equal(t, 1, Lesson.Config(experiment.Options{}).Train.Devices, "the lesson's own")
}

func TestOnlyTheFullScaleIsTheSheetsOwn(t *testing.T) {
	c := Full()
	require.Equal(t, 10, c.Train.Epochs)
	require.Equal(t, 32, c.Train.BatchSize)
	require.Equal(t, 50_000, c.Data.Train)
	require.InDelta(t, 1e-3, c.Train.LearningRate, 0, "Adam's default rate")
	require.Len(t, sheet.ValidationAccuracy, 10)
}

func TestTwoDevicesTrainTheNetAsOneDoes(t *testing.T) {
	backend := lessontest.Backend(t)
	if backend.NumDevices() < 2 {
		t.Skipf("%s has one device", backend.Name())
	}
	losses := func(devices int) []float64 {
		c := Lesson.Config(experiment.Options{Preset: experiment.Smoke, Devices: devices})
		trained, err := MainNet.Measured(context.Background(), backend, c.TrainKnobs())
		require.NoError(t, err)
		return trained.History.Losses
	}
	require.InDeltaSlice(t, losses(1), losses(2), 1e-4)
}

// The repository's run at full scale can be drawn: the training beside the sheet's, and
// the verdicts that need CIFAR-10.
func TestFullRunIsInTheRepository(t *testing.T) {
	full, err := FullRun()
	require.NoError(t, err)
	shown := full.Only("accuracy", "training")
	require.Len(t, shown.Charts, 1)
	require.Len(t, shown.Tables, 1)
	require.NoError(t, shown.Validate())
	table := Recorded(full, "q7a.5", "q7.t")
	require.NoError(t, report.Validate(table))
	require.Equal(t, []string{"q7a.5", "q7.t"}, []string{table.Rows[0][0], table.Rows[1][0]})
	require.Equal(t, "supported", table.Rows[1][1])

	t.Setenv("EVIDENT_HOME", t.TempDir())
	_, err = FullRun()
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, record)
}
