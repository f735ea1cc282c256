package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// found returns all dependencies, and the committed page.
func found(t *testing.T) (modules, scripts, packages []dependency, committed string) {
	t.Helper()
	root, err := checkout()
	require.NoError(t, err)
	modules, err = goModules(root)
	require.NoError(t, err)
	scripts, err = npmPackages(root)
	require.NoError(t, err)
	packages, err = pythonPackages(root)
	if !errors.Is(err, errNoPython) {
		require.NoError(t, err)
	}
	content, err := os.ReadFile(filepath.Join(root, "docs", "licences.md"))
	require.NoError(t, err)
	return modules, scripts, packages, string(content)
}

func TestEveryLicenceIsAllowed(t *testing.T) {
	modules, scripts, packages, _ := found(t)
	require.NotEmpty(t, modules)
	require.NotEmpty(t, scripts)
	for _, d := range slices.Concat(modules, scripts, packages) {
		if d.Licence == "" || exceptions[d.Name] != "" {
			continue
		}
		require.True(t, isAllowed(d.Licence), "%s %s is under %q: look at it, then see allowed.go", d.Name, d.Version, d.Licence)
	}
}

func TestPageIsFresh(t *testing.T) {
	modules, scripts, packages, committed := found(t)
	head, _, _ := strings.Cut(string(page(modules, scripts, nil)), "\n## Python packages")
	require.True(t, strings.HasPrefix(committed, head), "docs/licences.md is stale: run `make licences`")
	for _, d := range packages {
		// The set of installed packages depends on the Python version.
		_, elsewhere, _ := strings.Cut(committed, "\nPinned for other")
		if !strings.Contains(elsewhere, d.Name) {
			require.Contains(t, committed, "| "+d.Name+" | "+d.Version+" | ", "run `make licences`")
		}
	}
}

func TestWhatIsAllowed(t *testing.T) {
	for licence, want := range map[string]bool{
		"MIT": true, "MIT AND BSD-3-Clause": true, "GPL-2.0-only OR MIT": true, "(FTL OR GPL-2.0-only)": true,
		"GPL-3.0": false, "MIT AND AGPL-3.0": false, "unknown": false, "": false, "MITx": false,
	} {
		require.Equal(t, want, isAllowed(licence), licence)
	}
}

func TestExceptionsAreNeeded(t *testing.T) {
	modules, _, packages, _ := found(t)
	if packages == nil {
		t.Skip("there is no .venv")
	}
	here := map[string]dependency{}
	for _, d := range append(modules, packages...) {
		here[d.Name] = d
	}
	for name := range exceptions {
		d, ok := here[name]
		require.True(t, ok, "%s is no dependency any more: take it off the list", name)
		require.False(t, d.Licence != "" && isAllowed(d.Licence), "%s needs no exception", name)
	}
}

// isAllowed reports whether a licence is allowed: all of A AND B, one of A OR B.
func isAllowed(licence string) bool {
	for _, part := range strings.Split(licence, " AND ") {
		choices := strings.Split(strings.Trim(part, "()"), " OR ")
		if !slices.ContainsFunc(choices, func(choice string) bool { return slices.Contains(allowed, choice) }) {
			return false
		}
	}
	return true
}
