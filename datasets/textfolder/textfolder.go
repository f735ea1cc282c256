// Package textfolder reads the user's own labelled texts: a table, or a folder with one folder per
// class, as in
//
//	mails.csv
//	mails/spam/1.txt  mails/fine/2024/a.txt
//
// [Load] reads either. A table has one row per text, with the label in another column. All lines
// together decide the delimiter (commas, semicolons, tabs or bars), the meaning of quotes, whether the
// first line is a header, and which columns hold text and label. The ending of the file's name does not
// matter. A [Format] says how the table was read. Load drops titles and remarks above the header,
// further headers below it, and the lines of a table drawn with bars, as in Markdown; the [Report] says
// so. If two readings are equally plausible, the error asks for a header with the names text and label,
// which always decide. Load also reads the format of fastText, with __label__ before each line.
//
// In a folder, every .txt file is one text. Load does not follow links out of the folder, and ignores
// folders that programs leave behind, such as __MACOSX.
//
// Texts are in UTF-8 or UTF-16. Load reads other bytes as Windows-1252 if all files together are
// plausible in it; the [Report] says so. Labels that differ only in case or white space are one class.
// All copies of a text have one number in the set's Groups.
package textfolder

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"evident/datasets"
	"evident/datasets/text"
	"evident/internal/badinput"
)

// Limits on what is read.
const (
	maxBytes   = 256 << 20 // per file
	maxClasses = 256
)

// Texts are labelled texts, with a report on the files.
type Texts struct {
	text.Set
	Report Report
}

// row is a text with its label as written.
type row struct{ text, label string }

// Load reads a table or a folder. The classes are in alphabetical order. The error is a badinput.Err
// that names the file, and in a table the line.
func Load(path string) (Texts, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Texts{}, unopened(path, err)
	}
	if !info.IsDir() {
		return load(readTable, os.DirFS(filepath.Dir(path)), filepath.Base(path), path)
	}
	root, err := os.OpenRoot(path) // prevents links from leading out of the folder
	if err != nil {
		return Texts{}, unopened(path, err)
	}
	defer func() { _ = root.Close() }()
	return load(readFolder, root.FS(), ".", path)
}

// LoadTable reads a table from a file system, such as one in memory, as [Load] does.
func LoadTable(files fs.FS, name string) (Texts, error) { return load(readTable, files, name, name) }

func unopened(path string, err error) error {
	return badinput.Errorf("labelled texts %s: %w: name a table or a folder", path, datasets.WithoutPath(err))
}

// reader reads a table or a folder of that name in a file system. The path is what the user calls it.
type reader func(files fs.FS, name, path string, report *Report) ([]row, error)

func load(read reader, files fs.FS, name, path string) (Texts, error) {
	report := Report{Path: path}
	rows, err := read(files, name, path, &report)
	if err != nil {
		return Texts{}, badinput.Errorf("labelled texts %w", err)
	}
	set, err := classified(rows, &report)
	if err != nil {
		return Texts{}, badinput.Errorf("labelled texts %s: %w", path, err)
	}
	set.Name = "texts in " + filepath.Base(path)
	report.find(&set)
	if n := set.Len(); report.Duplicates.Exact == n-1 {
		return Texts{}, badinput.Errorf("labelled texts %s: %w", path, allTheSame(n, set.Texts[0], "each has a text of its own"))
	}
	return Texts{set, report}, nil
}

// allTheSame returns the error for texts without differences.
func allTheSame(n int, text, look string) error {
	return fmt.Errorf("all %d texts are the same, %q: look whether %s", n, shortened(text), look)
}

// classified drops rows without a text or a label, and numbers the labels.
func classified(rows []row, report *Report) (text.Set, error) {
	kept := rows[:0]
	labels := newLabels()
	for _, r := range rows {
		switch {
		case isMissing(r.text):
			report.leaveOut("label", "without a text"+standIn(r.text), fmt.Sprintf("%q", shortened(r.label)))
		case isMissing(r.label):
			report.leaveOut("text", "without a label"+standIn(r.label), fmt.Sprintf("%q", shortened(r.text)))
		default:
			kept = append(kept, r)
			labels.add(r.label)
		}
	}
	classes, number := labels.classes()
	report.Merged = labels.merged()
	if label := labels.several(); label != "" {
		report.note("label %q seems to hold several: each such label is a class of its own, unless you give its texts one label", shortened(label))
	}
	leftOut := ""
	if len(report.LeftOut) > 0 {
		leftOut = " (left out: " + report.leftOut() + ")"
	}
	switch {
	case len(kept) == 0:
		return text.Set{}, fmt.Errorf("no text with a label%s: it takes 2 classes at least", leftOut)
	case len(classes) == 1:
		return text.Set{}, fmt.Errorf("%s of one class alone, %q%s: it takes 2 at least", datasets.Counted(len(kept), "text"), shortened(classes[0]), leftOut)
	case len(classes) > maxClasses:
		return text.Set{}, fmt.Errorf("%d different labels in %d texts, as in %q and %q: it takes classes, %d at most, not numbers or texts to predict", len(classes), len(kept), shortened(classes[0]), shortened(classes[1]), maxClasses)
	}
	set := text.Set{Classes: classes}
	for _, r := range kept {
		set.Add(r.text, number(r.label))
	}
	return set, nil
}
