package jupyter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"evident/datasets"
	"evident/internal/nbformat"
	"evident/kit/backend"
	"evident/kit/experiment"
	"evident/kit/keep"
)

// executed is what the execution of a notebook makes.
type executed struct{ Notebook, Page []byte }

// outcome is an executed notebook with where it comes from.
type outcome struct {
	executed
	origin keep.Origin
}

// execute runs a notebook, or takes what an earlier run has kept: the same cells on the same code, data, backend and
// machine. What has a failed cell is not kept, and neither is what was executed while the code changed.
func (r runner) execute(ctx context.Context, path string, run func() (executed, error)) (outcome, error) {
	store, root := keep.Open(false), filepath.Dir(filepath.Dir(r.bin))
	key, err := keyOf(root, path)
	if err != nil {
		store = nil
	}
	made, origin, err := keep.Value(ctx, store, key, experiment.Commit(), func() (executed, error) {
		made, err := run()
		if err != nil || store == nil {
			return made, err
		}
		if n, err := nbformat.Parse(made.Notebook); err != nil || n.Failure() != "" {
			return made, errUnkept
		}
		if after, err := keyOf(root, path); err != nil || after != key {
			return made, errUnkept
		}
		return made, nil
	})
	if errors.Is(err, errUnkept) {
		err = nil
	}
	return outcome{made, origin}, err
}

// errUnkept stands by an executed notebook that must not be kept.
var errUnkept = errors.New("not kept")

// keyOf is made of all that the outputs of a notebook depend on. The error says that there is something that cannot be
// told.
func keyOf(root, path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	n, err := nbformat.Parse(content)
	if err != nil {
		return "", err
	}
	source, err := nbformat.Sources(content)
	if err != nil {
		return "", err
	}
	var code strings.Builder
	for _, cell := range n.Cells {
		if cell.Kind == "code" {
			code.WriteString(string(cell.Source) + "\n")
		}
	}
	if err := readsElsewhere(filepath.Dir(path), code.String()); err != nil {
		return "", err
	}
	packages, err := packagesOf(root, code.String())
	if err != nil {
		return "", err
	}
	sources, err := keep.Snapshot(root, packages...)
	if err != nil {
		return "", err
	}
	kernel, err := contents(filepath.Join(root, "kernel"))
	if err != nil {
		return "", err
	}
	beside, err := contents(filepath.Dir(path))
	if err != nil {
		return "", err
	}
	records, err := contents(filepath.Join(root, "bench", "results")) // which experiment.Recorded reads
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	machine, err := experiment.Machine()
	if err != nil {
		return "", err
	}
	return keep.Key("1", filepath.Base(path), string(source), sources, kernel, beside, records, dataSets(), backend.Chosen(), settings(os.Environ()), runtime.Version(), machine)
}

// command is a line of a cell that goes to the shell, and literal a text in Go.
var (
	command = regexp.MustCompile(`(?m)^\s*!`)
	literal = regexp.MustCompile("\"[^\"\n]+\"|`[^`\n]+`")
)

// readsElsewhere returns an error when cells run a command, or name a file outside of the notebook's folder: both can
// change unseen.
func readsElsewhere(folder, code string) error {
	if command.MatchString(code) {
		return errors.New("a cell runs a command of the shell")
	}
	for _, quoted := range literal.FindAllString(code, -1) {
		name, err := strconv.Unquote(quoted)
		if err != nil || !filepath.IsAbs(name) && !strings.HasPrefix(name, "..") {
			continue
		}
		if !filepath.IsAbs(name) {
			name = filepath.Join(folder, name)
		}
		if _, err := os.Stat(name); err == nil {
			return fmt.Errorf("a cell names %s", name)
		}
	}
	return nil
}

// packagesOf are those of the project that cells import, and those that the kernel may import for them: the engine,
// the data sets, and each lesson whose name stands before a dot. The last three run the cells.
func packagesOf(root, code string) ([]string, error) {
	found := []string{"evident/cmd/evident-kernel", "evident/internal/jupyter", "evident/kit/show"}
	for _, group := range []string{"kit", "datasets", "lessons"} {
		folders, err := filepath.Glob(filepath.Join(root, group, "*"))
		if err != nil {
			return nil, err
		}
		for _, folder := range append(folders, filepath.Join(root, group)) {
			sources, _ := filepath.Glob(filepath.Join(folder, "*.go"))
			name := filepath.Base(folder)
			if len(sources) > 0 && regexp.MustCompile(`\b`+name+`\.`).MatchString(code) {
				path, err := filepath.Rel(root, folder)
				if err != nil {
					return nil, err
				}
				found = append(found, "evident/"+filepath.ToSlash(path))
			}
		}
	}
	return found, nil
}

// contents is a checksum of the files of a folder and below it, notebooks and what tools leave there aside.
func contents(folder string) (string, error) {
	return walked(folder, func(path string, _ fs.FileInfo) (string, error) {
		content, err := os.ReadFile(path)
		return string(content), err
	})
}

// dataSets are the downloaded ones: by size and time, for they are large.
func dataSets() string {
	cache, err := datasets.CacheDir()
	if err != nil {
		return ""
	}
	found := ""
	for _, name := range []string{"cifar10", "polarity"} {
		sum, err := walked(filepath.Join(cache, name), func(_ string, info fs.FileInfo) (string, error) {
			return fmt.Sprint(info.Size(), info.ModTime().UnixNano()), nil
		})
		if err == nil {
			found += sum
		}
	}
	return found
}

func walked(folder string, of func(path string, info fs.FileInfo) (string, error)) (string, error) {
	hash := sha256.New()
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && path != folder && (strings.HasPrefix(e.Name(), ".") || e.Name() == "__pycache__"):
			return filepath.SkipDir
		case !e.Type().IsRegular() || filepath.Ext(path) == ".ipynb":
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		text, err := of(path, info)
		_, _ = fmt.Fprintf(hash, "%s\n%d\n%s\n", path, len(text), text)
		return err
	})
	return hex.EncodeToString(hash.Sum(nil)), err
}

// settings are the variables of the environment that cells, the kernel and XLA read.
func settings(environment []string) []string {
	var found []string
	for _, setting := range environment {
		name, _, _ := strings.Cut(setting, "=")
		if name == keep.Variable {
			continue
		}
		if slices.ContainsFunc([]string{"EVIDENT_", "GOMLX_", "XLA_", "PJRT_", "CUDA_", "GONB_"}, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
			found = append(found, setting)
		}
	}
	slices.Sort(found)
	return found
}
