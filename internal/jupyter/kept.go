package jupyter

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"evident/datasets"
	"evident/internal/nbformat"
	"evident/kit/backend"
	"evident/kit/experiment"
	"evident/kit/keep"
)

// executed is what the execution of a notebook makes.
type executed struct {
	Notebook, Page []byte
	Took           time.Duration
}

// outcome is an executed notebook with where it comes from.
type outcome struct {
	executed
	origin keep.Origin
}

// execute runs a notebook, or takes what an earlier run has kept: the same cells on the same code, data, backend and
// machine. What has a failed cell is not kept, and neither is what was executed while the code or a file changed.
func (r runner) execute(ctx context.Context, path string, run func() (executed, error)) (outcome, error) {
	store, root := keep.Open(false), filepath.Dir(filepath.Dir(r.bin))
	before, err := dependenciesOf(root, path)
	if err != nil {
		store = nil
	}
	made, origin, err := keep.Value(ctx, store, before.key(), experiment.Commit(), func() (executed, error) {
		began := time.Now()
		made, err := run()
		made.Took = time.Since(began)
		if err != nil || store == nil {
			return made, err
		}
		after, err := dependenciesOf(root, path)
		if n, parsed := nbformat.Parse(made.Notebook); parsed != nil || n.Failure() != "" || err != nil || !after.follow(before) {
			return made, errUnkept
		}
		if after.key() != before.key() {
			_, _, err = keep.Value(ctx, store, after.key(), experiment.Commit(), func() (executed, error) { return made, nil })
		}
		return made, err
	})
	if errors.Is(err, errUnkept) {
		err = nil
	}
	return outcome{made, origin}, err
}

// errUnkept stands by an executed notebook that must not be kept.
var errUnkept = errors.New("not kept")

// dependencies are all that the outputs of a notebook depend on.
type dependencies struct {
	fixed string
	files map[string]string // those beside the notebook that its cells name, with their checksums
}

func (d dependencies) key() string { return d.fixed + fmt.Sprint(d.files) }

// follow reports whether only the notebook itself can have changed the dependencies from others: it may leave files
// and replace them by others.
func (d dependencies) follow(before dependencies) bool {
	for path, sum := range before.files {
		if now, there := d.files[path]; there && now != sum {
			return false
		}
	}
	return d.fixed == before.fixed
}

// dependenciesOf a notebook. The error says that there is something that cannot be told.
func dependenciesOf(root, path string) (d dependencies, err error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return d, err
	}
	n, err := nbformat.Parse(content)
	if err != nil {
		return d, err
	}
	source, err := nbformat.Sources(content)
	if err != nil {
		return d, err
	}
	var code strings.Builder
	for _, cell := range n.Cells {
		if cell.Kind == "code" {
			code.WriteString(string(cell.Source) + "\n")
		}
	}
	if err := readsElsewhere(filepath.Dir(path), code.String()); err != nil {
		return d, err
	}
	packages, err := packagesOf(root, code.String())
	if err != nil {
		return d, err
	}
	sources, err := keep.Snapshot(root, packages...)
	if err != nil {
		return d, err
	}
	kernel, err := walked(filepath.Join(root, "kernel"), content256)
	if err != nil {
		return d, err
	}
	if d.files, err = namedFiles(filepath.Dir(path), code.String()); err != nil {
		return d, err
	}
	records, err := walked(filepath.Join(root, "bench", "results"), content256) // which experiment.Recorded reads
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return d, err
	}
	machine, err := experiment.Machine()
	if err != nil {
		return d, err
	}
	d.fixed, err = keep.Key("1", filepath.Base(path), string(source), sources, kernel, records, dataSets(), backend.Chosen(), settings(os.Environ()), runtime.Version(), machine)
	return d, err
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

// own is an import of a package of the project.
var own = regexp.MustCompile(`"evident/[^"\n]+"`)

// packagesOf are the packages of the project that cells import, by whatever name, and those that the kernel may import
// for them, because their name stands before a dot. The first three run the cells.
func packagesOf(root, code string) ([]string, error) {
	found := []string{"evident/cmd/evident-kernel", "evident/internal/jupyter", "evident/kit/show"}
	for _, quoted := range own.FindAllString(code, -1) {
		found = append(found, strings.Trim(quoted, `"`))
	}
	for _, pattern := range []string{"kit/*", "kit/*/*", "datasets", "datasets/*", "lessons", "lessons/*"} {
		folders, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			return nil, err
		}
		for _, folder := range folders {
			if !keep.IsPackage(folder) || !strings.Contains(code, filepath.Base(folder)+".") {
				continue
			}
			path, err := filepath.Rel(root, folder)
			if err != nil {
				return nil, err
			}
			found = append(found, "evident/"+filepath.ToSlash(path))
		}
	}
	return found, nil
}

// namedFiles are the files of a notebook's folder, and of folders in it, whose names the cells have. What another notebook
// has left there does not count.
func namedFiles(folder, code string) (map[string]string, error) {
	entries, err := os.ReadDir(folder)
	found := map[string]string{}
	for _, e := range entries {
		if !strings.Contains(code, e.Name()) {
			continue
		}
		files, err := walked(filepath.Join(folder, e.Name()), content256)
		if err != nil {
			return nil, err
		}
		maps.Copy(found, files)
	}
	return found, err
}

// dataSets are the downloaded ones: by size and time, for they are large.
func dataSets() []map[string]string {
	var found []map[string]string
	for _, name := range []string{"cifar10", "polarity"} {
		cache, err := datasets.CacheDir()
		if err != nil {
			return nil
		}
		files, _ := walked(filepath.Join(cache, name), func(path string) (string, error) {
			info, err := os.Stat(path)
			if err != nil {
				return "", err
			}
			return fmt.Sprint(info.Size(), info.ModTime().UnixNano()), nil
		})
		found = append(found, files)
	}
	return found
}

func content256(path string) (string, error) {
	content, err := os.ReadFile(path)
	return fmt.Sprintf("%x", sha256.Sum256(content)), err
}

// walked is what of says of each file of a folder and below it, notebooks and what tools leave there aside.
func walked(folder string, of func(path string) (string, error)) (map[string]string, error) {
	found := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && path != folder && (strings.HasPrefix(e.Name(), ".") || e.Name() == "__pycache__"):
			return filepath.SkipDir
		case !e.Type().IsRegular() || filepath.Ext(path) == ".ipynb":
			return nil
		}
		found[path], err = of(path)
		return err
	})
	return found, err
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
