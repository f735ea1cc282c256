// Package files reads and writes files for commands. Writes are atomic, and errors
// say what to do.
package files

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"evident/datasets"
	"evident/internal/badinput"
)

// File is a file to be written.
type File struct {
	Path    string
	Content []byte
}

// Replace gives a file new content, which consists of the parts. However the process
// ends, the file is either the old one or the new one: Replace writes beside the old
// file, syncs to disk and renames. An existing file keeps its permissions; a new one
// gets perm, less the umask. The folder must exist.
func Replace(path string, perm os.FileMode, parts ...[]byte) error {
	pending, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithPermissions(perm), renameio.WithExistingPermissions())
	if err != nil {
		return err
	}
	defer func() { _ = pending.Cleanup() }() // does nothing after the file is replaced
	for _, part := range parts {
		if _, err := pending.Write(part); err != nil {
			return err
		}
	}
	return pending.CloseAtomicallyReplace()
}

// Leftovers are the files that processes which were killed within [Replace] have left beside a path.
func Leftovers(path string) []string {
	found, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"[0-9]*"))
	return found
}

// Save is [Replace] that also creates the folder, and whose error the user can fix.
func Save(path string, content []byte) error {
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = Replace(path, 0o644, content)
	}
	if err != nil {
		return unwritable(path, filepath.Dir(path), err)
	}
	return nil
}

// unwritable returns the error for a path below a folder. The user gave the folder
// or the path with --out.
func unwritable(path, folder string, err error) error {
	switch file := fileOnTheWay(folder); file {
	case "":
		return badinput.Errorf("cannot write %s: %w: name another folder with --out, or make room", path, err)
	case path:
		return badinput.Errorf("cannot write into %s: it is a file, not a folder: name a folder with --out", path)
	default:
		return badinput.Errorf("cannot write %s: %s is a file, not a folder: name another folder with --out", path, file)
	}
}

// fileOnTheWay returns the part of a path that is a file instead of a folder, or "".
func fileOnTheWay(path string) string {
	for {
		if info, err := os.Stat(path); err == nil {
			if info.IsDir() {
				return ""
			}
			return path
		}
		up := filepath.Dir(path)
		if up == path {
			return ""
		}
		path = up
	}
}

// WantFolder is [CheckFolder] with an error that says what to do.
func WantFolder(dir string) error {
	if err := CheckFolder(dir); err != nil {
		return unwritable(dir, dir, err)
	}
	return nil
}

// CheckFolder creates the folder and tries to write a file in it, before hours of
// work that could not be saved.
func CheckFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	trial, err := os.CreateTemp(dir, ".evident-*")
	if err != nil {
		return err
	}
	return errors.Join(trial.Close(), os.Remove(trial.Name()))
}

// most limits how much of a file is read. A notebook with its pictures has a few MB.
const most = 256 << 20

// Read returns the content of a file that the user named.
func Read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, badinput.Errorf("cannot read %s: %w", path, datasets.WithoutPath(err))
	}
	defer func() { _ = f.Close() }() // only read
	content, err := io.ReadAll(io.LimitReader(f, most+1))
	switch {
	case err != nil:
		return nil, badinput.Errorf("cannot read %s: %w", path, datasets.WithoutPath(err))
	case len(content) > most:
		return nil, badinput.Errorf("cannot read %s: it has more than %d MB: name a notebook or a key", path, most>>20)
	}
	return content, nil
}

// WriteJSON writes a value as indented JSON, without escaping HTML.
func WriteJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", " ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
