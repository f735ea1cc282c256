package inception

import (
	"context"
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
	require.Equal(t, "Training on CIFAR-10 (train), beside the sheet. Each epoch shuffles the 50000 pictures anew and trains 1562 batches of 32; "+
		"the last 16 of its order sit it out (Keras, and so the sheet, makes a batch number 1563 of them)", full.Table().Title)
	few := Trained{DataSet: "shapes (seed 1)", Pictures: 100, BatchSize: 32}
	require.Equal(t, "Training on shapes (seed 1). Each epoch shuffles the 100 pictures anew and trains 3 batches of 32; "+
		"the last 4 of its order sit it out (Keras makes a batch number 4 of them)", few.Table().Title)
	whole := Trained{DataSet: "shapes (seed 1)", Pictures: Default().Data.Train, BatchSize: Default().Train.BatchSize}
	require.Equal(t, "Training on shapes (seed 1)", whole.Table().Title)
}

func TestMissingDataIsBadInput(t *testing.T) {
	_, err := Run(context.Background(), lessontest.Backend(t), For(experiment.Options{Preset: experiment.Smoke, Data: t.TempDir()}))
	require.ErrorIs(t, err, badinput.Err)
}
