package pointwise

import (
	"testing"

	"evident/kit/lessontest"
)

func TestLesson(t *testing.T) {
	lessontest.Test(t, lessontest.Lesson[Config]{
		Claims: Claims(), For: For, Run: Run,
		Seeds: func(c *Config) []*[]int64 {
			return []*[]int64{&c.Rank.Seeds, &c.Order.Seeds, &c.First.Seeds, &c.Width.Seeds}
		},
	})
}
