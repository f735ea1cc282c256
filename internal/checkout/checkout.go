// Package checkout finds the folder of the project.
package checkout

import (
	"os"
	"path/filepath"
	"regexp"

	"evident/internal/badinput"
)

var moduleLine = regexp.MustCompile(`(?m)^module evident\s*$`)

// Find returns the project's folder that contains the current folder.
func Find() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		content, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && moduleLine.Match(content) {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", badinput.Errorf("%s is not in a checkout of evident: change to its folder", start)
		}
	}
}
