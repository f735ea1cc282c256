package minibatch

import (
	"testing"

	"evident/kit/lessontest"
)

func TestLesson(t *testing.T) {
	lessontest.Test(t, lessontest.Lesson[Config]{
		Claims: Claims(), For: For, Run: Run,
		Seeds: func(c *Config) []*[]int64 {
			return []*[]int64{&c.Noise.Seeds, &c.Trend.Seeds, &c.Picture.Learn.Seeds, &c.Picture.Unseen.Seeds, &c.Time.Seeds}
		},
	})
}
