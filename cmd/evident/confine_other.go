//go:build !linux

package main

import (
	"context"

	"evident/lessons/lesson"
)

func confine(_ context.Context, _, _ string, _ []string) error {
	return lesson.BadInputf("submissions are kept from the files of a course by Linux alone: grade there")
}
