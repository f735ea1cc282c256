package inception

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/lessons/lesson"
	"evident/lessons/lessontest"
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
	var report lesson.Report
	require.NoError(t, illustrate(&report, c, Measurements{Pictures: pictures(t, 16)}))
	require.Equal(t, pictures(t, 16).Name, report.Provenance.DataSet)
}

func TestMissingDataIsBadInput(t *testing.T) {
	_, err := Run(context.Background(), lessontest.Backend(t), For(lesson.Options{Scale: lesson.Smoke, Data: t.TempDir()}))
	require.ErrorIs(t, err, lesson.ErrBadInput)
}
