// Package textfolder reads the user's own labelled texts: a table of two columns,
// or a folder with one folder for each class, as in
//
//	mails.csv                    "text","label" in its first line, or text first
//	mails/spam/1.txt  mails/fine/2024/a.txt
//
// A table is CSV with commas or semicolons (.csv), or has tabs (.tsv, .txt). In a
// folder every .txt file is one text. All has to be UTF-8; of a file in another
// encoding the error says which it seems to be. Links that lead out of the
// folder are not followed.
package textfolder

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"evident/datasets/text"
	"evident/lessons/lesson"
)

// Bounds on what is read.
const (
	maxBytes   = 256 << 20 // of a file
	maxClasses = 256
)

// IsTable reports whether a path has the name of a table.
func IsTable(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv", ".tsv", ".txt":
		return true
	}
	return false
}

// Load reads a table or a folder. The classes are in the order of their names.
// The error is a lesson.ErrBadInput that names the file, and the line of a table.
func Load(path string) (text.Set, error) {
	info, err := os.Stat(path)
	if err != nil {
		return text.Set{}, lesson.BadInputf("labelled texts %s: %w: name a table or a folder", path, cause(err))
	}
	read := readFolder
	if !info.IsDir() {
		read = readTable
	}
	texts, labels, err := read(path)
	if err != nil {
		return text.Set{}, lesson.BadInputf("labelled texts %w", err)
	}
	return classified(path, texts, labels)
}

// classified numbers the labels.
func classified(path string, texts, labels []string) (text.Set, error) {
	classes := slices.Compact(slices.Sorted(slices.Values(labels)))
	if len(classes) < 2 || len(classes) > maxClasses {
		return text.Set{}, lesson.BadInputf("labelled texts %s: %d classes %s: it takes 2 to %d", path, len(classes), some(classes), maxClasses)
	}
	set := text.Set{Name: "texts in " + filepath.Base(path), Classes: classes}
	for i, label := range labels {
		class, _ := slices.BinarySearch(classes, label)
		set.Add(texts[i], int32(class))
	}
	return set, nil
}

// some shows the first names of a list.
func some(names []string) string {
	const most = 3
	if len(names) > most {
		return fmt.Sprintf("(%q, …)", names[:most])
	}
	return fmt.Sprintf("%q", names)
}

func readTable(path string) (texts, labels []string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }() // only read
	content, err := readAll(f, path)
	if err != nil {
		return nil, nil, err
	}
	table := csv.NewReader(strings.NewReader(content))
	table.Comma, table.FieldsPerRecord = delimiter(path, content), 2
	textColumn := 0
	for first := true; ; first = false {
		record, err := table.Read()
		switch {
		case errors.Is(err, io.EOF):
			return texts, labels, nil
		case errors.Is(err, csv.ErrFieldCount):
			line, _ := table.FieldPos(0)
			return nil, nil, fmt.Errorf("%s: line %d has %d columns: a table takes two, a text and its label; put a text with %q in it in quotes", path, line, len(record), table.Comma)
		case err != nil:
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		if column, header := headerOf(record); first && header {
			textColumn = column
			continue
		}
		label := strings.TrimSpace(record[1-textColumn])
		if label == "" {
			line, _ := table.FieldPos(0)
			return nil, nil, fmt.Errorf("%s: line %d has no label", path, line)
		}
		texts, labels = append(texts, strings.TrimSpace(record[textColumn])), append(labels, label)
	}
}

// headerOf reports whether a line names the columns, and which has the text.
func headerOf(record []string) (textColumn int, header bool) {
	isText := func(name string) bool {
		return slices.Contains([]string{"text", "sentence", "review"}, strings.ToLower(strings.TrimSpace(name)))
	}
	isLabel := func(name string) bool {
		return slices.Contains([]string{"label", "class", "category", "sentiment"}, strings.ToLower(strings.TrimSpace(name)))
	}
	switch {
	case isText(record[0]) && isLabel(record[1]):
		return 0, true
	case isLabel(record[0]) && isText(record[1]):
		return 1, true
	}
	return 0, false
}

// delimiter is the tab by the file's name or where the first line has one; else
// the semicolon where the first line has one and no comma.
func delimiter(path, content string) rune {
	first, _, _ := strings.Cut(content, "\n")
	switch {
	case strings.EqualFold(filepath.Ext(path), ".tsv"), strings.Contains(first, "\t"):
		return '\t'
	case strings.Contains(first, ";") && !strings.Contains(first, ","):
		return ';'
	}
	return ','
}

func readFolder(folder string) (texts, labels []string, err error) {
	root, err := os.OpenRoot(folder) // keeps links inside
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = root.Close() }()
	err = fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		class, _, below := strings.Cut(name, "/")
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(entry.Name(), ".") && name != ".":
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir(), !below, !strings.EqualFold(path.Ext(name), ".txt"):
			return nil
		}
		content, err := readFile(root, folder, name)
		texts, labels = append(texts, strings.TrimSpace(content)), append(labels, class)
		return err
	})
	if err == nil && len(texts) == 0 {
		err = fmt.Errorf("%s: no .txt file in a folder of a class, as in spam/1.txt", folder)
	}
	return texts, labels, err
}

func readFile(root *os.Root, folder, name string) (string, error) {
	full := filepath.Join(folder, filepath.FromSlash(name))
	info, err := root.Stat(name)
	if err != nil {
		return "", fmt.Errorf("%s: %w", full, cause(err))
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s: not a file", full) // a pipe would be waited for
	}
	f, err := root.Open(name)
	if err != nil {
		return "", fmt.Errorf("%s: %w", full, cause(err))
	}
	defer func() { _ = f.Close() }() // only read
	return readAll(f, full)
}

// readAll is a file's text, without a mark of its encoding.
func readAll(r io.Reader, path string) (string, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: %w", path, cause(err))
	case len(content) > maxBytes:
		return "", fmt.Errorf("%s: larger than %d MB", path, maxBytes>>20)
	}
	if encoding := otherThanUTF8(content); encoding == notText {
		return "", fmt.Errorf("%s: %s, not a text", path, encoding)
	} else if encoding != "" {
		return "", fmt.Errorf("%s: not UTF-8, but %s: convert it, as in `iconv -f %s -t UTF-8`", path, encoding, iconvName[encoding])
	}
	return string(bytes.TrimPrefix(content, []byte("\ufeff"))), nil
}

// cause takes the operation and the path off a file error.
func cause(err error) error {
	var inner *fs.PathError
	if errors.As(err, &inner) {
		return inner.Err
	}
	return err
}
