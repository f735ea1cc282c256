package inception

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/experiment"
	"evident/kit/lessontest"
	"evident/kit/report"
)

func TestLesson(t *testing.T) {
	lessontest.Test(t, lessontest.Lesson[Config]{
		Claims: Claims(), For: For, Run: Run,
		Seeds: func(c *Config) []*[]int64 {
			return []*[]int64{&c.Compare.Seeds, &c.Scales.Seeds, &c.Depth.Seeds}
		},
	})
}

func TestProvenanceNamesTheData(t *testing.T) {
	c := Smoke()
	var report report.Report
	require.NoError(t, illustrate(&report, c, Measurements{Pictures: pictures(t, 16)}))
	require.Equal(t, pictures(t, 16).Name, report.Provenance.DataSet)
}

func TestTableSaysWhichPicturesSitOut(t *testing.T) {
	const keras = 1563 // steps an epoch: 50,000 / 32 = 1,562.5, rounded up
	full := Trained{DataSet: "CIFAR-10 (train)", CIFAR10: true, Pictures: Full().Data.Train, BatchSize: Full().Train.BatchSize}
	require.Equal(t, keras, sheetSteps)
	require.Equal(t, "Training on CIFAR-10 (train), beside the sheet. An epoch has 1,562 steps of 32 pictures each, in a new order every time; what is left over (16 of 50,000) is not trained on. "+
		"Keras, and so the sheet, uses it for a last, smaller batch, so that an epoch has 1,563 steps", full.Table().Title)
	few := Trained{DataSet: "shapes (seed 1)", Pictures: 100, BatchSize: 32}
	require.Equal(t, "Training on shapes (seed 1). An epoch has 3 steps of 32 pictures each, in a new order every time; what is left over (4 of 100) is not trained on. "+
		"Keras uses it for a last, smaller batch, so that an epoch has 4 steps", few.Table().Title)
	one := Trained{DataSet: "shapes (seed 1)", Pictures: 40, BatchSize: 32}
	require.Contains(t, one.Table().Title, "An epoch has 1 step of 32 pictures each")
	whole := Trained{DataSet: "shapes (seed 1)", Pictures: Default().Data.Train, BatchSize: Default().Train.BatchSize}
	require.Equal(t, "Training on shapes (seed 1)", whole.Table().Title)
}

func TestMissingDataIsBadInput(t *testing.T) {
	_, err := Run(context.Background(), lessontest.Backend(t), For(experiment.Options{Preset: experiment.Smoke, Data: t.TempDir()}))
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
			_, err := Run(context.Background(), lessontest.Backend(t), For(experiment.Options{Preset: experiment.Smoke, Data: folder}))
			require.ErrorIs(t, err, badinput.Err)
			require.EqualError(t, err, fmt.Sprintf("cifar10: %s holds pictures (%s) and not CIFAR-10: `evident run imageclass --data %s` trains on pictures of your own", folder, file, folder))
		})
	}
	// What belongs to CIFAR-10 is named as that, whatever lies beside it.
	folder := t.TempDir()
	for _, name := range []string{"data_batch_1.bin", "1.png"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), nil, 0o644))
	}
	_, _, err := Load(DataConfig{CIFAR10: true, Folder: folder})
	require.ErrorContains(t, err, "data_batch_2.bin is missing")
}
