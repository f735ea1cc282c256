package params

import (
	"testing"

	"evident/kit/lessontest"
)

func TestLesson(t *testing.T) {
	lessontest.Test(t, lessontest.Lesson[Config]{
		Claims: Claims(), For: For, Run: Run,
		Seeds: func(*Config) []*[]int64 { return nil }, // counting needs none
	})
}
