package saddle

import (
	"testing"

	"evident/kit/lessontest"
)

func TestLesson(t *testing.T) {
	lessontest.Test(t, lessontest.Lesson[Config]{
		Claims: Claims(), For: For, Run: Run,
		Seeds: func(c *Config) []*[]int64 {
			return []*[]int64{&c.Plane.Seeds, &c.Deep.Seeds, &c.Race.Tuning, &c.Race.Seeds, &c.Noise.Seeds}
		},
	})
}
