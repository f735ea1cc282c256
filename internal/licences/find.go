package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// goModules returns the modules with a package in one of our programs, on Linux.
func goModules(root string) ([]dependency, error) {
	list := exec.Command("go", "list", "-deps", "-f", `{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}`,
		"./cmd/...", "./lessons/...", "github.com/janpfeifer/gonb", "golang.org/x/tools/cmd/goimports")
	list.Dir, list.Env = root, append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=1", "GOFLAGS=")
	output, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	slices.Sort(lines)
	var found []dependency
	for _, line := range slices.Compact(lines) {
		name, rest, _ := strings.Cut(line, " ")
		version, folder, _ := strings.Cut(rest, " ")
		licence, err := licenceIn(folder)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		found = append(found, dependency{name, version, cmp.Or(read[name], licence)})
	}
	return found, nil
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[sc]e|copying|unlicense)([-._].*)?$`)

// licenceIn returns the licence that a module's licence files state.
func licenceIn(folder string) (string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return "", err
	}
	var ids []string
	for _, entry := range entries {
		if entry.IsDir() || !licenceFile.MatchString(entry.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return "", err
		}
		for _, match := range licensecheck.Scan(text).Match {
			if !match.IsURL {
				ids = append(ids, match.ID)
			}
		}
	}
	if len(ids) == 0 {
		return "unknown", nil
	}
	slices.Sort(ids)
	return strings.Join(slices.Compact(ids), " AND "), nil
}

// pythonPackages returns the pinned packages. Their licences are known only where
// they are installed; the result is nil without a .venv.
func pythonPackages(root string) ([]dependency, error) {
	python := filepath.Join(root, ".venv", "bin", "python")
	if _, err := os.Stat(python); errors.Is(err, fs.ErrNotExist) {
		return nil, errNoPython
	}
	arguments := []string{filepath.Join(root, "internal", "licences", "python.py")}
	for _, name := range []string{"requirements.txt", "requirements-test.txt", "requirements-grading.txt"} {
		arguments = append(arguments, filepath.Join(root, "kernel", name))
	}
	output, err := exec.Command(python, arguments...).Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", arguments[0], err)
	}
	var found []dependency
	if err := json.Unmarshal(output, &found); err != nil {
		return nil, err
	}
	for i, d := range found {
		if d.Licence != "" {
			found[i].Licence = cmp.Or(read[d.Name], spdx(d.Licence))
		}
	}
	return found, nil
}

var errNoPython = errors.New("there is no .venv: run `make grading` first")
