package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// image is a stage as far as it is built: its root folder, and what a container of it would start with.
type image struct {
	root, base  string   // folders; base is the root of the base image
	arguments   []string // ARG; a stage that begins with this one has them too
	environment []string // ENV
	folder      string   // WORKDIR
	user        string
	command     []string
}

// builder is a build of one Dockerfile.
type builder struct {
	work      string
	context   string            // folder with the files that .dockerignore lets through
	arguments map[string]string // of the command line
	stages    map[string]*image
}

func build(ctx context.Context, file, checkout, work string, arguments map[string]string) (*image, error) {
	stages, err := parse(file)
	if err != nil {
		return nil, err
	}
	b := &builder{work: work, context: filepath.Join(work, "context"), arguments: arguments, stages: map[string]*image{}}
	if err := copyContext(ctx, checkout, b.context); err != nil {
		return nil, err
	}
	var last *image
	for i, stage := range stages {
		if last, err = b.stage(ctx, stage, i); err != nil {
			return nil, fmt.Errorf("%s: stage %s: %w", file, stage.SourceCode, err)
		}
		b.stages[stage.Name] = last
	}
	return last, nil
}

func parse(file string) ([]instructions.Stage, error) {
	text, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer text.Close()
	tree, err := parser.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	stages, global, err := instructions.Parse(tree.AST, nil)
	if len(global) > 0 {
		return nil, fmt.Errorf("%s: an ARG before the first FROM is not known here", file)
	}
	return stages, err
}

func (b *builder) stage(ctx context.Context, stage instructions.Stage, number int) (*image, error) {
	built, err := b.from(ctx, stage.BaseName, filepath.Join(b.work, fmt.Sprintf("stage%d", number)))
	if err != nil {
		return nil, err
	}
	for _, command := range stage.Commands {
		fmt.Fprintln(os.Stderr, "==>", command)
		if err := expand(command, slices.Concat(built.arguments, built.environment)); err != nil {
			return nil, err
		}
		switch c := command.(type) {
		case *instructions.ArgCommand:
			built.arguments = append(built.arguments, b.values(c)...)
		case *instructions.RunCommand:
			err = built.run(ctx, c)
		case *instructions.CopyCommand:
			err = b.copy(ctx, built, c)
		default:
			err = built.set(c)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", command, err)
		}
	}
	return built, nil
}

// from begins a stage with a copy of an earlier one, or of a base image.
func (b *builder) from(ctx context.Context, name, root string) (*image, error) {
	before, err := b.image(ctx, name)
	if err != nil {
		return nil, err
	}
	built := *before
	built.root = root
	built.arguments, built.environment = slices.Clone(before.arguments), slices.Clone(before.environment)
	if err := os.RemoveAll(root); err != nil { // of an earlier build
		return nil, err
	}
	return &built, copyRoot(ctx, before.root, root)
}

// image is the stage of that name, or the stand-in for the base image.
func (b *builder) image(ctx context.Context, name string) (*image, error) {
	if stage, built := b.stages[name]; built {
		return stage, nil
	}
	root, err := baseRoot(ctx, b.work, name)
	if err != nil {
		return nil, err
	}
	path := "PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
	b.stages[name] = &image{root: root, base: root, folder: "/", environment: []string{path}}
	return b.stages[name], nil
}

// expand fills variables in, as Docker does everywhere but in RUN and CMD.
func expand(command instructions.Command, environment []string) error {
	word, expands := command.(instructions.SupportsSingleWordExpansion)
	if !expands {
		return nil
	}
	lexer := shell.NewLex('\\')
	return word.Expand(func(text string) (string, error) {
		filled, unknown, err := lexer.ProcessWord(text, shell.EnvsFromSlice(environment))
		if len(unknown) > 0 {
			return "", fmt.Errorf("%q has a variable that is not set", text)
		}
		return filled, err
	})
}

func (b *builder) values(c *instructions.ArgCommand) []string {
	var values []string
	for _, argument := range c.Args {
		if given, found := b.arguments[argument.Key]; found {
			values = append(values, argument.Key+"="+given)
		} else if argument.Value != nil {
			values = append(values, argument.Key+"="+*argument.Value)
		}
	}
	return values
}

// set carries out what only changes how a container starts.
func (i *image) set(command instructions.Command) error {
	switch c := command.(type) {
	case *instructions.EnvCommand:
		for _, variable := range c.Env {
			i.environment = append(i.environment, variable.Key+"="+variable.Value)
		}
	case *instructions.WorkdirCommand:
		i.folder = path.Join(i.folder, c.Path)
		if path.IsAbs(c.Path) {
			i.folder = c.Path
		}
		return os.MkdirAll(filepath.Join(i.root, i.folder), 0o755)
	case *instructions.UserCommand:
		i.user = c.User
	case *instructions.CmdCommand:
		i.command = c.CmdLine
	case *instructions.ExposeCommand, *instructions.LabelCommand:
	default:
		return fmt.Errorf("the instruction %s is not known here", strings.ToUpper(command.Name()))
	}
	return nil
}

// run carries out RUN in the root, as the user and in the folder that were set, with the network of this machine.
func (i *image) run(ctx context.Context, c *instructions.RunCommand) error {
	line := c.CmdLine
	if c.PrependShell {
		line = append([]string{"/bin/sh", "-c"}, line...)
	}
	run := command(ctx, "unshare", i.unshare(slices.Concat(registries(), i.arguments), line)...)
	run.Stdout, run.Stderr = os.Stderr, os.Stderr
	return run.Run()
}

// tag is what a base image must look like, as in golang:1.26.8-bookworm.
var tag = regexp.MustCompile(`^(golang|python):([0-9.]+)(?:-slim)?-([a-z]+)$`)

// baseRoot makes the stand-in for a base image, once for each Debian.
func baseRoot(ctx context.Context, work, name string) (string, error) {
	parts := tag.FindStringSubmatch(name)
	if parts == nil {
		return "", fmt.Errorf("the base image %q is not known here, only golang:VERSION-DEBIAN and python:VERSION-slim-DEBIAN", name)
	}
	debian := filepath.Join(work, parts[3])
	if err := debootstrap(ctx, parts[3], debian); err != nil || parts[1] == "python" {
		return debian, err
	}
	if parts[2] != strings.TrimPrefix(runtime.Version(), "go") {
		return "", fmt.Errorf("this machine has %s, not the Go of %s: install that one", runtime.Version(), name)
	}
	root := filepath.Join(work, "golang")
	if err := copyRoot(ctx, debian, root); err != nil {
		return "", err
	}
	goroot, err := command(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", err
	}
	return root, copyRoot(ctx, strings.TrimSpace(string(goroot)), filepath.Join(root, "usr/local/go"))
}

// debootstrap gives the root what reaches the package registries from this machine, too.
func debootstrap(ctx context.Context, release, root string) error {
	if _, err := os.Stat(filepath.Join(root, "usr/bin/python3")); err == nil {
		return nil
	}
	fmt.Fprintln(os.Stderr, "==> debootstrap", release)
	bootstrap := command(ctx, "debootstrap", "--variant=minbase", "--include=ca-certificates,python3,python3-venv", release, root)
	if output, err := bootstrap.CombinedOutput(); err != nil {
		return fmt.Errorf("debootstrap: %w: %s", err, output)
	}
	for _, file := range []string{"/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt"} {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(root, file), text, 0o644); err != nil {
			return err
		}
	}
	return os.RemoveAll(filepath.Join(root, "var/cache/apt/archives"))
}

// unshare are the arguments of unshare(1) for a command in the image: with a root, a process table and nothing else of its own.
func (i *image) unshare(variables, line []string) []string {
	user := i.user
	if user == "" {
		user = "0"
	}
	arguments := []string{"--mount", "--pid", "--fork", "--kill-child", "--root", i.root, "--mount-proc", "--wd", i.folder,
		"--setgid", user, "--setuid", user, "--", "/usr/bin/env", "-i"}
	return slices.Concat(arguments, variables, i.environment, line)
}

// registries are the variables by which the clients on this machine reach the package registries. Docker hands proxies
// on as well, the certificates are what a machine behind one needs besides.
func registries() []string {
	var found []string
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(strings.ToLower(variable), "=")
		switch name {
		case "http_proxy", "https_proxy", "no_proxy", "goproxy", "gosumdb", "pip_cert", "pip_index_url", "ssl_cert_file":
			found = append(found, variable)
		}
	}
	return found
}

// command ends with its children when the context does.
func command(ctx context.Context, name string, arguments ...string) *exec.Cmd {
	run := exec.CommandContext(ctx, name, arguments...)
	run.Cancel = func() error { return run.Process.Signal(syscall.SIGTERM) }
	run.WaitDelay = 10 * time.Second
	return run
}

// copyContext copies what .dockerignore leaves of the checkout, as docker build sends it to the engine.
func copyContext(ctx context.Context, checkout, target string) error {
	list, err := os.Open(filepath.Join(checkout, ".dockerignore"))
	if err != nil {
		return err
	}
	defer list.Close()
	patterns, err := ignorefile.ReadAll(list)
	if err != nil {
		return err
	}
	names, err := notIgnored(checkout, patterns)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(target, 0o755); err != nil {
		return err
	}
	pack := command(ctx, "cp", "--archive", "--no-preserve=ownership", "--parents", "--target-directory", target, "--")
	pack.Args = append(pack.Args, names...)
	pack.Dir = checkout
	pack.Stderr = os.Stderr
	return pack.Run()
}

func notIgnored(root string, patterns []string) ([]string, error) {
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return nil, fmt.Errorf(".dockerignore: %w", err)
	}
	var names []string
	err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == root {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		ignored, err := matcher.MatchesOrParentMatches(relative)
		switch {
		case err != nil:
			return err
		case ignored && entry.IsDir() && !matcher.Exclusions():
			return filepath.SkipDir
		case !ignored && !entry.IsDir():
			names = append(names, relative)
		}
		return nil
	})
	return names, err
}

// copy carries out COPY. Files of the context are root's or those of --chown, files of a stage keep their owners.
func (b *builder) copy(ctx context.Context, built *image, c *instructions.CopyCommand) error {
	if c.Chmod != "" || c.Link || c.Parents || len(c.SourceContents) > 0 || len(c.ExcludePatterns) > 0 {
		return fmt.Errorf("of the options of COPY only --from and --chown are known here")
	}
	from := b.context
	if c.From != "" {
		stage, err := b.image(ctx, c.From)
		if err != nil {
			return err
		}
		from = stage.root
	}
	target := path.Join("/", c.DestPath)
	if !path.IsAbs(c.DestPath) {
		target = path.Join(built.folder, c.DestPath)
	}
	for _, source := range c.SourcePaths {
		into := target
		if strings.HasSuffix(c.DestPath, "/") && !isFolder(filepath.Join(from, source)) {
			into = path.Join(target, path.Base(source))
		}
		owner := c.Chown
		if owner == "" && c.From == "" {
			owner = "0"
		}
		if err := copyOwned(ctx, filepath.Join(from, source), filepath.Join(built.root, into), owner); err != nil {
			return err
		}
	}
	return nil
}

// copyOwned copies a file, or what is in a folder, and gives it to the owner; "" leaves the owners.
func copyOwned(ctx context.Context, source, target, owner string) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if owner == "" {
		return copyRoot(ctx, source, target)
	}
	staged := target + ".copied"
	defer os.RemoveAll(staged)
	if err := copyRoot(ctx, source, staged); err != nil {
		return err
	}
	if err := command(ctx, "chown", "--recursive", "--no-dereference", owner+":"+owner, staged).Run(); err != nil {
		return fmt.Errorf("chown %s: %w", owner, err)
	}
	if isFolder(staged) {
		return copyRoot(ctx, staged, target)
	}
	return os.Rename(staged, target)
}

// copyRoot copies a file, or a folder into a folder, with everything that belongs to it.
func copyRoot(ctx context.Context, source, target string) error {
	if isFolder(source) {
		source += "/."
		if err := os.MkdirAll(target, 0o755); err != nil {
			return err
		}
	}
	output, err := command(ctx, "cp", "--archive", "--reflink=auto", source, target).CombinedOutput()
	if err != nil {
		return fmt.Errorf("cp %s: %w: %s", source, err, output)
	}
	return nil
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// size is what the image has more than its base, in bytes.
func (i *image) size() (int64, error) {
	base, err := folderSize(i.base)
	if err != nil {
		return 0, err
	}
	size, err := folderSize(i.root)
	return size - base, err
}

// folderSize is what the files of a folder take, in bytes.
func folderSize(folder string) (int64, error) {
	var size int64
	err := filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().IsRegular() {
			size += info.Size()
		}
		return err
	})
	return size, err
}
