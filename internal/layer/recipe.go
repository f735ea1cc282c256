package layer

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/modfile"

	"evident/kit/keep"
)

// recipe is how Go has built the programs of earlier cells: with the same commands, the compiler and the linker build
// the next one. The command go would look through 470 packages first to find that none has changed, which costs
// twice as much as both. A program that needs a package that is not in the recipe, or is built after a change of what
// the recipe was made of, is built by go.
type recipe struct {
	key           string            // the command and the settings that it was made for
	compile, link recorded          // the commands
	packages      map[string]string // the compiled packages, by import path
	modules       *debug.BuildInfo  // the modules that they are from, which a program tells of itself
	files         map[string]string // what may change, by path: sources outside of the module cache, and what says which they are
}

// recorded is a command that the command go has given.
type recorded struct {
	Program   string
	Arguments []string
	Root      string // the variable GOROOT
	Config    string // the file with the packages
}

// Marks around the text that tells of a program's modules, as in cmd/go/internal/modload/build.go.
const markLength = 16

// record notes a command of go that compiles or links a program, and becomes it. Go starts it for -toolexec.
func record(folder string, command []string) error {
	r := recorded{Program: command[0], Arguments: command[1:], Root: os.Getenv("GOROOT")}
	name := filepath.Base(r.Program)
	if name == "compile" && flagValue(r.Arguments, "-p") == "main" || name == "link" {
		config, err := os.ReadFile(flagValue(r.Arguments, "-importcfg"))
		if err == nil {
			r.Config = string(config)
			content, _ := json.Marshal(r)
			_ = os.WriteFile(filepath.Join(folder, name), content, 0o600) // without it, go builds the next program too
		}
	}
	return becomeProgram(command)
}

// flagValue is the argument behind a flag, or "".
func flagValue(arguments []string, flag string) string {
	if at := slices.Index(arguments, flag); at >= 0 && at+1 < len(arguments) {
		return arguments[at+1]
	}
	return ""
}

func withFlag(arguments []string, flag, value string) []string {
	changed := slices.Clone(arguments)
	if at := slices.Index(changed, flag); at >= 0 && at+1 < len(changed) {
		changed[at+1] = value
	}
	return changed
}

// buildProgram builds by the recipe, or by go, from which it learns a recipe.
func (k *Kernel) buildProgram(r *run, b buildCall) callReply {
	k.building.Lock()
	defer k.building.Unlock()
	key := recipeKey(b)
	if key == "" {
		return runGo(k.tools.goTool, b, r)
	}
	if k.recipe != nil && k.recipe.key == key && k.recipe.build(b, r) {
		return callReply{}
	}
	began := time.Now()
	folder, err := os.MkdirTemp("", "recipe-")
	if err != nil {
		return runGo(k.tools.goTool, b, r)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	own, err := os.Executable()
	if err != nil || strings.Contains(own+folder, "'") { // which -toolexec cannot quote
		return runGo(k.tools.goTool, b, r)
	}
	recording := b
	recording.Arguments = slices.Insert(slices.Clone(b.Arguments), 1, fmt.Sprintf("-toolexec='%s' record '%s'", own, folder))
	reply := runGo(k.tools.goTool, recording, r)
	if reply.Status == 0 {
		k.recipe = learn(folder, b.Folder, key, began, k.recipe)
	}
	return reply
}

// recipeKey is the command without the program's name, and what it is told by the environment; "" where there is to be
// no recipe.
func recipeKey(b buildCall) string {
	arguments := withFlag(b.Arguments, "-o", "")
	if arguments[0] != "build" {
		return ""
	}
	var settings []string
	for _, setting := range b.Environment {
		if strings.HasPrefix(setting, "GO") || strings.HasPrefix(setting, "CGO_") || strings.HasPrefix(setting, "PATH=") {
			settings = append(settings, setting)
		}
	}
	slices.Sort(settings)
	key := strings.Join(append(arguments, settings...), "\n")
	if strings.Contains(key, "-toolexec") {
		return ""
	}
	return key
}

// learn makes a recipe of what was recorded of a build, and of an earlier recipe that still holds; nil where something
// that it would need cannot be told.
func learn(records, folder, key string, began time.Time, earlier *recipe) *recipe {
	r := recipe{key: key, packages: map[string]string{}}
	for name, to := range map[string]*recorded{"compile": &r.compile, "link": &r.link} {
		content, err := os.ReadFile(filepath.Join(records, name))
		if err != nil || json.Unmarshal(content, to) != nil {
			return nil
		}
	}
	// What this build has compiled lies in its own folder, and is in the cache only from the next one on.
	work := filepath.Dir(filepath.Dir(flagValue(r.link.Arguments, "-importcfg"))) + string(filepath.Separator)
	for line := range strings.Lines(r.link.Config) {
		kind, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch kind {
		case "packagefile":
			if path, file, ok := strings.Cut(text, "="); ok && !strings.HasPrefix(file, work) {
				r.packages[path] = file
			}
		case "modinfo":
			quoted, err := strconv.Unquote(text)
			if err != nil || len(quoted) < 2*markLength {
				return nil
			}
			if r.modules, err = debug.ParseBuildInfo(quoted[markLength : len(quoted)-markLength]); err != nil {
				return nil
			}
		}
	}
	if r.modules == nil {
		return nil
	}
	if earlier != nil && earlier.key == key && earlier.holds(folder) {
		r.add(*earlier)
	}
	var err error
	if r.files, err = changeable(folder, r.packages, began); err != nil {
		return nil
	}
	return &r
}

// add takes over what an earlier recipe has that this one has not.
func (r *recipe) add(earlier recipe) {
	for path, file := range earlier.packages {
		if _, known := r.packages[path]; !known {
			r.packages[path] = file
		}
	}
	known := map[string]bool{}
	for _, m := range r.modules.Deps {
		known[m.Path] = true
	}
	for _, m := range earlier.modules.Deps {
		if !known[m.Path] {
			r.modules.Deps = append(r.modules.Deps, m)
		}
	}
	slices.SortFunc(r.modules.Deps, func(a, b *debug.Module) int { return strings.Compare(a.Path, b.Path) })
}

// holds reports whether nothing has changed that the recipe was made of.
func (r *recipe) holds(folder string) bool {
	files, err := changeable(folder, r.packages, time.Time{})
	return err == nil && maps.Equal(files, r.files)
}

// errChanged: a file has changed while the program was built.
var errChanged = errors.New("changed during the build")

// changeable are the files that can make another program of the same cell: the sources of packages that are in a folder
// and not in the module cache, and the files that say which folders those are. None may be newer than the beginning of
// the build, unless that is the zero time.
func changeable(folder string, packages map[string]string, began time.Time) (map[string]string, error) {
	found := map[string]string{}
	read := func(path string) ([]byte, error) {
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		found[path] = string(content)
		return content, err
	}
	modules, err := modulesBeside(folder, read)
	if err != nil {
		return nil, err
	}
	for path := range packages {
		module := ""
		for m := range modules {
			if len(m) > len(module) && (path == m || strings.HasPrefix(path, m+"/")) {
				module = m
			}
		}
		if module == "" {
			continue
		}
		within := filepath.Join(modules[module], filepath.FromSlash(strings.TrimPrefix(path, module)))
		if err := sourcesBelow(within, began, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// modulesBeside are the folders of modules that a program is built with, by path: those of the workspace, and those that
// replace others.
func modulesBeside(folder string, read func(string) ([]byte, error)) (map[string]string, error) {
	modules := map[string]string{}
	replace := func(at string, all []*modfile.Replace) {
		for _, r := range all {
			if modfile.IsDirectoryPath(r.New.Path) {
				modules[r.Old.Path] = absolute(at, r.New.Path)
			}
		}
	}
	module := func(at string) error {
		content, err := read(filepath.Join(at, "go.mod"))
		if err != nil {
			return err
		}
		parsed, err := modfile.Parse("go.mod", content, nil)
		if err != nil {
			return err
		}
		if parsed.Module != nil && at != folder {
			modules[parsed.Module.Mod.Path] = at
		}
		replace(at, parsed.Replace)
		_, err = read(filepath.Join(at, "go.sum"))
		return err
	}
	if err := module(folder); err != nil {
		return nil, err
	}
	content, err := read(filepath.Join(folder, "go.work"))
	if err != nil {
		return nil, err
	}
	work, err := modfile.ParseWork("go.work", content, nil)
	if err != nil {
		return nil, err
	}
	replace(folder, work.Replace)
	for _, use := range work.Use {
		if at := absolute(folder, use.Path); at != folder {
			if err := module(at); err != nil {
				return nil, err
			}
		}
	}
	return modules, nil
}

func absolute(folder, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(folder, path)
}

// sourcesBelow notes the files of a package, and of the folders below it whose files it may embed: their size and time.
func sourcesBelow(folder string, began time.Time, found map[string]string) error {
	return filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if path != folder && (strings.HasPrefix(e.Name(), ".") || keep.IsPackage(path)) {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if !began.IsZero() && info.ModTime().After(began) {
			return errChanged
		}
		found[path] = fmt.Sprint(info.Size(), " ", info.ModTime().UnixNano())
		return nil
	})
}

// build compiles and links the program in the folder. It is false where go has to do it, also for an error of the
// compiler: go says it as readers know it.
func (r *recipe) build(b buildCall, running *run) bool {
	program, err := build.Default.ImportDir(b.Folder, 0)
	if err != nil || len(program.CgoFiles)+len(program.EmbedPatterns)+len(program.SFiles)+len(program.CFiles)+len(program.SysoFiles) > 0 {
		return false
	}
	for _, path := range program.Imports {
		if _, known := r.packages[path]; !known && path != "unsafe" {
			return false
		}
	}
	if !r.holds(b.Folder) {
		return false
	}
	folder, err := os.MkdirTemp("", "build-")
	if err != nil {
		return false
	}
	defer func() { _ = os.RemoveAll(folder) }()
	var packages strings.Builder
	for path, file := range r.packages {
		fmt.Fprintf(&packages, "packagefile %s=%s\n", path, file)
	}
	config, archive, made := filepath.Join(folder, "importcfg"), filepath.Join(folder, "main.a"), filepath.Join(folder, "program")
	if os.WriteFile(config, []byte(packages.String()), 0o600) != nil {
		return false
	}
	compile := slices.Clone(r.compile.Arguments[:slices.Index(r.compile.Arguments, "-pack")+1])
	for _, name := range program.GoFiles {
		compile = append(compile, filepath.Join(b.Folder, name))
	}
	compile = withFlag(withFlag(compile, "-o", archive), "-importcfg", config)
	if !r.compile.run(compile, b, running) {
		return false
	}
	packages.WriteString("modinfo " + strconv.Quote(r.marked(r.modules.String())) + "\n")
	if os.WriteFile(config, []byte(packages.String()), 0o600) != nil {
		return false
	}
	link := withFlag(withFlag(r.link.Arguments, "-o", made), "-importcfg", config)
	link[len(link)-1] = archive
	return r.link.run(link, b, running) && os.Rename(made, flagValue(b.Arguments, "-o")) == nil
}

// marked is a text between the marks by which a program finds it.
func (r *recipe) marked(text string) string {
	_, quoted, _ := strings.Cut(r.link.Config, "modinfo ")
	quoted, _, _ = strings.Cut(quoted, "\n")
	old, _ := strconv.Unquote(quoted) // learn has read it
	return old[:markLength] + text + old[len(old)-markLength:]
}

// run gives a recorded command with other arguments.
func (c recorded) run(arguments []string, b buildCall, running *run) bool {
	environment := b.Environment
	if c.Root != "" {
		environment = append(slices.Clone(environment), "GOROOT="+c.Root)
	}
	return runGo(c.Program, buildCall{arguments, environment, b.Folder}, running).Status == 0
}
