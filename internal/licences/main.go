// Licences writes docs/licences.md, which lists the dependencies of evident and
// their licences. `make licences` runs it. A test keeps the file up to date, and
// fails on a licence that is not on the list in allowed.go.
package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
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
	packages, err := pythonPackages(root)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, path), page(modules, packages), 0o644)
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

func page(modules, packages []dependency) []byte {
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
## Python packages

All that ` + "`kernel/requirements.txt`, `requirements-test.txt` and `requirements-grading.txt`" + ` pin, as the packages' metadata say.

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
