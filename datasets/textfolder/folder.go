package textfolder

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"evident/datasets"
)

// unlabelled is the folder of unlabelled texts in the data set of Maas et al.
// (2011).
const unlabelled = "unsup"

func isUnlabelled(class string) bool { return strings.EqualFold(class, unlabelled) }

func readFolder(files fs.FS, _, folder string, report *Report) ([]row, error) {
	classes, err := classesIn(files, report)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	if err := refuseSplits(files, folder, classes); err != nil {
		return nil, err
	}
	var rows []row
	var found letters
	var others []string // files in Windows-1252
	example := ""
	for _, class := range classes {
		if isUnlabelled(class) && len(classes) > 2 {
			report.leaveOut("folder", "of texts without a label", class+"/")
			continue
		}
		before := len(rows)
		err := fs.WalkDir(files, class, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return fmt.Errorf("%s: %w", filepath.Join(folder, filepath.FromSlash(name)), datasets.WithoutPath(err))
			case datasets.LeftBehind(entry.Name()):
				if entry.IsDir() {
					return fs.SkipDir
				}
				return nil
			case entry.IsDir():
				return nil
			case !strings.EqualFold(path.Ext(name), ".txt"):
				report.leaveOut("file", "without the ending .txt", name)
				return nil
			}
			content, encoding, err := readFile(files, folder, name)
			if err != nil {
				return err
			}
			found.add(content)
			if encoding == windows1252 {
				others = append(others, name)
				example = cmp.Or(example, accentedWord(content))
			}
			if content = strings.TrimSpace(content); content == "" {
				report.leaveOut("file", "without a text", name)
				return nil
			}
			rows = append(rows, row{content, class})
			return nil
		})
		if err != nil {
			return nil, err
		}
		if len(rows) == before {
			report.leaveOut("folder", "without a .txt file that holds a text", class+"/")
		}
	}
	if len(others) > 0 {
		if err := found.western(); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(folder, filepath.FromSlash(others[0])), err)
		}
		report.note("%s in place of UTF-8: %s, as %s with %q, so look whether the letters are right", windows1252, datasets.Counted(len(others), "file"), others[0], example)
	}
	if len(rows) == 0 {
		return nil, nothingIn(folder, report)
	}
	return rows, nil
}

// classesIn returns the folders that may be classes, and counts all other
// entries.
func classesIn(files fs.FS, report *Report) ([]string, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, datasets.WithoutPath(err)
	}
	var classes []string
	for _, entry := range entries {
		switch {
		case datasets.LeftBehind(entry.Name()):
		case entry.IsDir():
			classes = append(classes, entry.Name())
		case entry.Type()&fs.ModeSymlink != 0:
			report.leaveOut("link", "not followed", entry.Name())
		default:
			report.leaveOut("file", "in no folder of a class", entry.Name())
		}
	}
	return classes, nil
}

// nothingIn returns an error that names the supported layouts.
func nothingIn(folder string, report *Report) error {
	const layouts = "it takes one folder for each class with .txt files, as in spam/1.txt and fine/1.txt, or rt-polarity.neg and rt-polarity.pos of the sentence polarity set"
	if len(report.LeftOut) > 0 {
		return fmt.Errorf("%s: no texts (left out: %s): %s", folder, report.leftOut(), layouts)
	}
	return fmt.Errorf("%s: no texts: %s", folder, layouts)
}

// refuseSplits rejects a folder whose subfolders contain the classes, as in a
// data set that is already split, because its parts would be taken for classes.
func refuseSplits(files fs.FS, folder string, names []string) error {
	training, held, _ := datasets.SplitParts(names)
	split := slices.Concat(training, held) // the training part first
	inner := map[string][]string{}
	for _, name := range names {
		entries, _ := fs.ReadDir(files, name) // unreadable folders are reported later
		for _, entry := range entries {
			if entry.IsDir() && !datasets.LeftBehind(entry.Name()) {
				inner[name] = append(inner[name], entry.Name())
			}
		}
	}
	switch {
	case len(names) == 1 && len(inner[names[0]]) > 1:
		return fmt.Errorf("%s holds one folder, %s, with folders in it (%s): name %s", folder, names[0], some(inner[names[0]]), filepath.Join(folder, names[0]))
	case len(split) > 0 && len(inner[split[0]]) > 1:
		return fmt.Errorf("%s is split into %s: this lesson splits texts itself, so name the part to use, as in --data %s", folder, partsWith(split, inner), filepath.Join(folder, split[0]))
	case len(split) == len(names) && len(split) > 1:
		return fmt.Errorf("%s holds the parts of a split (%s), which are no classes: it takes one folder for each class", folder, some(split))
	}
	return nil
}

// partsWith lists the parts of a split with their classes, and says which classes
// stand in some of the parts alone.
func partsWith(parts []string, inner map[string][]string) string {
	in := map[string][]string{} // the parts with a class
	var classes, listed, alone []string
	for _, part := range parts {
		for _, class := range inner[part] {
			if in[class] == nil {
				classes = append(classes, class)
			}
			in[class] = append(in[class], part)
		}
		listed = append(listed, fmt.Sprintf("%s (%s)", part, cmp.Or(some(inner[part]), "no folders")))
	}
	for _, class := range classes {
		where := fmt.Sprintf("stands in %s alone", strings.Join(in[class], " and "))
		switch {
		case len(in[class]) == len(parts):
		case isUnlabelled(class):
			alone = append(alone, fmt.Sprintf("%s %s and is left out, since its texts have no label", class, where))
		default:
			alone = append(alone, fmt.Sprintf("class %q %s: move it elsewhere if it is none", class, where))
		}
	}
	if len(alone) == 0 {
		return fmt.Sprintf("%s, with the classes (%s) in each", some(parts), some(classes))
	}
	return strings.Join(slices.Concat(upTo(listed, 4), upTo(alone, 4)), "; ")
}

// some shows the first names of a list.
func some(names []string) string { return strings.Join(upTo(names, 4), ", ") }

func readFile(files fs.FS, folder, name string) (content, encoding string, err error) {
	full := filepath.Join(folder, filepath.FromSlash(name))
	info, err := fs.Stat(files, name)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", full, datasets.WithoutPath(err))
	}
	if !info.Mode().IsRegular() {
		return "", "", fmt.Errorf("%s: not a file", full) // reading a pipe could block
	}
	return readWhole(files, name, full)
}
