package textcnn

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/experiment"
	"evident/kit/lessontest"
)

func TestLesson(t *testing.T) {
	lessontest.Test(t, lessontest.Lesson[Config]{
		Claims: Claims(), For: For, Run: Run,
		Seeds: func(c *Config) []*[]int64 {
			lists := []*[]int64{&c.Shift.Seeds}
			for _, training := range c.trainings() {
				lists = append(lists, &training.Seeds)
			}
			return lists
		},
	})
}

func TestMissingDataIsBadInput(t *testing.T) {
	_, err := Run(context.Background(), lessontest.PureGo(t), For(experiment.Options{Preset: experiment.Smoke, Data: t.TempDir()}))
	require.ErrorIs(t, err, badinput.Err)
}
