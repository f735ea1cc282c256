package keep

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// module is the path of this module; its packages are below it.
const module = "evident"

// ErrStale means that the sources are newer than the running program: what it measures does not belong to them.
var ErrStale = errors.New("the sources are newer than the program")

// Code is a checksum of the code that a package depends on: of the sources of its import graph within the module
// whose folder is root, files that they embed included, and of go.sum, which names the versions of all other
// modules. Tests do not count. The error is [ErrStale], or that of a folder that cannot be read.
func Code(root, path string) (string, error) { return codeBefore(root, path, started()) }

// sums are those of [Code], which do not change while a program runs.
var sums sync.Map

func codeBefore(root, path string, built time.Time) (string, error) {
	if sum, known := sums.Load(root + "\n" + path); known {
		return sum.(string), nil
	}
	sum, err := checksum(root, built.Before, path)
	if err == nil {
		sums.Store(root+"\n"+path, sum)
	}
	return sum, err
}

// Snapshot is a checksum of the code that packages depend on, as it stands in the files now: for programs that are yet
// to be built of it.
func Snapshot(root string, paths ...string) (string, error) {
	return checksum(root, func(time.Time) bool { return false }, paths...)
}

// checksum is that of files none of which is stale by its time.
func checksum(root string, stale func(time.Time) bool, paths ...string) (string, error) {
	folders, err := graph(root, paths)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	add := func(name string) error {
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		info, err := os.Stat(filepath.Join(root, name))
		if err == nil && stale(info.ModTime()) {
			return ErrStale
		}
		_, _ = fmt.Fprintf(hash, "%s\n%d\n%s\n", name, len(content), content)
		return err
	}
	for _, folder := range folders {
		names, err := sources(root, folder)
		if err != nil {
			return "", err
		}
		for _, name := range names {
			if err := add(name); err != nil {
				return "", err
			}
		}
	}
	if err := add("go.sum"); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", hash.Sum(nil)[:16]), nil
}

// started is when the running program was built.
func started() time.Time {
	path, err := os.Executable()
	if err != nil {
		return time.Time{}
	}
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// graph is the folders of packages and of all packages of the module that they import, in order of their names.
func graph(root string, paths []string) ([]string, error) {
	seen := map[string]bool{}
	var visit func(path string) error
	visit = func(path string) error {
		folder, inside := strings.CutPrefix(path, module+"/")
		if !inside || seen[folder] {
			return nil
		}
		seen[folder] = true
		entries, err := os.ReadDir(filepath.Join(root, folder))
		if err != nil {
			return err
		}
		for _, e := range entries {
			if !isSource(e) {
				continue
			}
			if match, err := build.Default.MatchFile(filepath.Join(root, folder), e.Name()); err != nil || !match {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, folder, e.Name()), nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			for _, spec := range file.Imports {
				imported, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					return err
				}
				if err := visit(imported); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for _, path := range paths {
		if !strings.HasPrefix(path, module+"/") {
			return nil, fmt.Errorf("%s is no package of %s", path, module)
		}
		if err := visit(path); err != nil {
			return nil, err
		}
	}
	var folders []string
	for folder := range seen {
		folders = append(folders, folder)
	}
	slices.Sort(folders)
	return folders, nil
}

func isSource(e fs.DirEntry) bool {
	return !e.IsDir() && strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go")
}

// sources of a package are its Go files and, since they may embed them or compile them with cgo, all others of its
// folder, and of folders below it that are no packages and no test data.
func sources(root, folder string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch {
		case e.IsDir() && name != folder && (e.Name() == "testdata" || IsPackage(path)):
			return filepath.SkipDir
		case !e.Type().IsRegular() || strings.HasSuffix(e.Name(), "_test.go"):
			return nil
		}
		names = append(names, filepath.ToSlash(name))
		return nil
	})
	slices.Sort(names)
	return names, err
}

// IsPackage reports whether a folder has Go files.
func IsPackage(dir string) bool {
	found, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	return len(found) > 0
}
