package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

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
