//go:build !linux

package confine

import (
	"context"

	"evident/internal/badinput"
)

// Run returns an error, because only Linux can confine a command.
func Run(_ context.Context, _, _ string, _ []string) error {
	return badinput.Errorf("only Linux can keep submissions from the files of a course: grade on Linux")
}
