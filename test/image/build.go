package main

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
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
