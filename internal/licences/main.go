// Licences writes docs/licences.md, which lists the dependencies of evident and
// their licences. `make licences` runs it. A test keeps the file up to date, and
// fails on a licence that is not on the list in allowed.go.
package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

func main() {
	if err := write("docs/licences.md"); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func write(path string) error {
	root, err := checkout()
	if err != nil {
		return err
	}
	modules, err := goModules(root)
	if err != nil {
		return err
	}
	scripts, err := npmPackages(root)
	if err != nil {
		return err
	}
	packages, err := pythonPackages(root)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, path), page(modules, scripts, packages), 0o644)
}

// checkout returns the folder of go.mod.
func checkout() (string, error) {
	file, err := exec.Command("go", "env", "GOMOD").Output()
	return filepath.Dir(strings.TrimSpace(string(file))), err
}

// dependency is a module or package by others.
type dependency struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Licence string `json:"licence"` // in SPDX form; empty if it is not known here
}

func (d dependency) row() string {
	return fmt.Sprintf("| %s | %s | %s |", d.Name, d.Version, d.Licence)
}

func page(modules, scripts, packages []dependency) []byte {
	var text strings.Builder
	text.WriteString(`<!-- Written by make licences; do not edit. -->
# Licences

evident itself is under Apache-2.0. It is handed out as source: what is listed here comes from the package registries when it is set up. A test compares this
page with what is pinned, and refuses a licence that is not on the list in ` + "`internal/licences/allowed.go`" + `.

## Go modules

All that ` + "`evident`, the lessons, GoNB and goimports" + ` are built from on Linux, as found in the modules' licence files.

| module | version | licence |
|---|---|---|
`)
	for _, d := range modules {
		text.WriteString(d.row() + "\n")
	}
	text.WriteString(`
## npm packages

All that draws the charts on pages that run in a browser, as ` + "`internal/site/live/package-lock.json`" + ` pins it. The site holds a copy of these packages, and of their
licences in ` + "`live/licences.txt`" + `.

| package | version | licence |
|---|---|---|
`)
	for _, d := range scripts {
		text.WriteString(d.row() + "\n")
	}
	text.WriteString(`
## Python packages

All that ` + "`kernel/requirements.txt`, `requirements-test.txt`, `requirements-site.txt` and `requirements-grading.txt`" + ` pin, as the packages' metadata say.

| package | version | licence |
|---|---|---|
`)
	var elsewhere []string
	for _, d := range packages {
		if d.Licence == "" {
			elsewhere = append(elsewhere, d.Name)
			continue
		}
		text.WriteString(d.row() + "\n")
	}
	fmt.Fprintf(&text, "\nPinned for other systems or Pythons than that of this page, and not looked at: %s.\n", strings.Join(elsewhere, ", "))
	text.WriteString("\n## Not on the list, and used all the same\n\n")
	for _, name := range slices.Sorted(maps.Keys(exceptions)) {
		fmt.Fprintf(&text, "* %s: %s.\n", name, exceptions[name])
	}
	return []byte(text.String())
}

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

// npmPackages returns the packages of npm, whose lock file states their licences.
func npmPackages(root string) ([]dependency, error) {
	content, err := os.ReadFile(filepath.Join(root, "internal", "site", "live", "package-lock.json"))
	if err != nil {
		return nil, err
	}
	var lock struct {
		Packages map[string]struct{ Version, License string }
	}
	if err := json.Unmarshal(content, &lock); err != nil {
		return nil, err
	}
	var found []dependency
	for _, path := range slices.Sorted(maps.Keys(lock.Packages)) {
		if name, is := strings.CutPrefix(path, "node_modules/"); is {
			found = append(found, dependency{name, lock.Packages[path].Version, lock.Packages[path].License})
		}
	}
	return found, nil
}

// pythonPackages returns the pinned packages. Their licences are known only where
// they are installed; the result is nil without a .venv.
func pythonPackages(root string) ([]dependency, error) {
	python := filepath.Join(root, ".venv", "bin", "python")
	if _, err := os.Stat(python); errors.Is(err, fs.ErrNotExist) {
		return nil, errNoPython
	}
	arguments := []string{filepath.Join(root, "internal", "licences", "python.py")}
	for _, name := range []string{"requirements.txt", "requirements-test.txt", "requirements-site.txt", "requirements-grading.txt"} {
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
