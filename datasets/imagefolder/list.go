package imagefolder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"evident/datasets"
	"evident/internal/badinput"
)

// file may be a picture.
type file struct {
	path  string // below the folder
	class int
	held  bool // for validation, by the folder's own split
}

// listing is what a folder holds before a picture is read.
type listing struct {
	root    *os.Root
	folder  string // as the user calls it
	classes []string
	files   []file
	// given says that the folder itself divides its pictures, and layout says
	// what was made of folders like train and test; "" when it has none.
	given   bool
	layout  string
	skipped []Skipped
	others  []string // files that are no pictures, by their place
	system  []string // files and folders of systems and programs
}

// list finds the classes, in the order of their names, and the files that may be
// pictures.
func list(root *os.Root, folder string) (listing, error) {
	l := listing{root: root, folder: folder}
	top, err := l.foldersIn(".", path.Base(folder))
	if err != nil {
		return l, badinput.Errorf("folder of pictures %s: %w", folder, err)
	}
	training, held, rest := parts(top)
	switch {
	case len(training) > 0 && (len(held) > 0 || len(top) == 1):
		for _, dir := range rest {
			l.leaveOut(dir, "it stands beside "+strings.Join(slices.Concat(training, held), " and ")+", so it is neither to train on nor to validate with")
		}
		err = l.addParts(training, held)
		if err != nil {
			return l, err
		}
	default:
		for _, dir := range top {
			l.add(dir, path.Base(dir), false)
		}
		l.splitInside()
	}
	return l, l.checkClasses()
}

// parts sorts folders into those that are called like the two sides of a split,
// as in train, training_set and train2017, or test, valid, val2017, and the rest.
func parts(folders []string) (training, held, rest []string) {
	for _, dir := range folders {
		words := strings.FieldsFunc(strings.ToLower(path.Base(dir)), func(r rune) bool { return !unicode.IsLetter(r) })
		is := func(beginnings ...string) bool {
			return slices.ContainsFunc(words, func(word string) bool {
				return word == "val" || slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(word, b) })
			})
		}
		switch {
		case is("train") && !is():
			training = append(training, dir)
		case is("test", "valid", "eval", "holdout", "dev"):
			held = append(held, dir)
		default:
			rest = append(rest, dir)
		}
	}
	return training, held, rest
}

// splitInside uses folders like train and test as the split that stand in the
// folder of every class, with all its files.
func (l *listing) splitInside() {
	sides := map[file]bool{}
	for i, f := range l.files {
		_, below, _ := strings.Cut(f.path, l.classes[f.class]+"/")
		part, _, deeper := strings.Cut(below, "/")
		training, held, _ := parts([]string{part})
		if !deeper || len(training)+len(held) == 0 {
			return
		}
		l.files[i].held = len(held) > 0
		sides[file{class: f.class, held: len(held) > 0}] = true
	}
	if l.given = len(l.classes) > 0 && len(sides) == 2*len(l.classes); l.given {
		l.layout = "split as the folders of the classes have it, as in " + path.Dir(l.files[0].path)
	}
}

// addParts lists folders that hold one folder for each class.
func (l *listing) addParts(training, held []string) error {
	sides := map[bool][]string{} // the classes to train on and those held back
	var labelled []string        // folders with classes among those held back
	for _, dir := range slices.Concat(training, held) {
		isHeld := slices.Contains(held, dir)
		folders, err := l.foldersIn(dir, path.Base(dir))
		if err != nil {
			return badinput.Errorf("folder of pictures %s: %w", l.folder, err)
		}
		if isHeld && len(folders) > 0 {
			labelled = append(labelled, dir)
		}
		for _, class := range folders {
			name := path.Base(class)
			if !slices.Contains(sides[isHeld], name) {
				sides[isHeld] = append(sides[isHeld], name)
			}
			l.add(class, name, isHeld)
		}
	}
	names := func(dirs []string) string { return strings.Join(dirs, " and ") }
	trained, tested := sides[false], sides[true]
	switch {
	case len(trained) == 0:
		return badinput.Errorf("%s: %s holds no folders of classes: put its pictures into one folder for each class, as in %s/healthy and %s/lesion", l.folder, names(training), training[0], training[0])
	case len(held) == 0:
		l.layout = names(training) + " stands alone: a part of its pictures is kept to validate with"
	case len(tested) == 0:
		l.layout = fmt.Sprintf("%s holds no folders of classes, so it cannot be used: a part of %s is kept to validate with", names(held), names(training))
	default:
		l.given = true
		l.layout = fmt.Sprintf("split as the folder has it: %s to train on, %s to validate with", names(training), names(labelled))
	}
	if l.given {
		slices.Sort(trained)
		slices.Sort(tested)
		if !slices.Equal(trained, tested) {
			return badinput.Errorf("%s: %s holds the classes %s, and %s %s: both need the same, called the same", l.folder, names(training), quoted(trained), names(labelled), quoted(tested))
		}
	}
	return nil
}

func quoted(names []string) string {
	var all []string
	for _, name := range names {
		all = append(all, strconv.Quote(name))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// foldersIn lists the folders in one that should hold nothing else, and notes
// what it does hold. Archives often unpack to a folder in one of the same name:
// then it is the inner one that counts.
func (l *listing) foldersIn(dir, name string) (folders []string, err error) {
	entries, err := fs.ReadDir(l.root.FS(), dir)
	if err != nil {
		return nil, datasets.WithoutPath(err)
	}
	for _, entry := range entries {
		at := path.Join(dir, entry.Name())
		switch {
		case l.passOver(at, entry):
		case entry.IsDir():
			folders = append(folders, at)
		case hasReadEnding(at) || unreadEnding(at) != nil:
			l.leaveOut(at, "it stands in no folder of a class")
		default:
			l.others = append(l.others, at)
		}
	}
	if len(folders) == 1 && fold(path.Base(folders[0])) == fold(name) {
		return l.foldersIn(folders[0], "")
	}
	return folders, nil
}

// add lists the files of a class, those in folders below too.
func (l *listing) add(dir, name string, held bool) {
	class := slices.Index(l.classes, name)
	if class < 0 {
		class = len(l.classes)
		l.classes = append(l.classes, name)
	}
	_ = fs.WalkDir(l.root.FS(), dir, func(at string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil: // a folder that cannot be opened
			l.leaveOut(at, "the folder cannot be opened: "+datasets.WithoutPath(err).Error())
			return nil
		case at == dir:
		case l.passOver(at, entry):
			if entry.IsDir() {
				return fs.SkipDir
			}
		case !entry.IsDir():
			l.files = append(l.files, file{at, class, held})
		}
		return nil
	})
}

// passOver notes what is no reader's own file, or a link to a folder: behind
// one may stand the folder itself once more, or the whole disk.
func (l *listing) passOver(at string, entry fs.DirEntry) bool {
	if datasets.LeftBehind(entry.Name()) {
		l.system = append(l.system, at)
		return true
	}
	if entry.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := fs.Stat(l.root.FS(), at)
	switch {
	case err == nil && !info.IsDir():
		return false
	case errors.Is(err, fs.ErrNotExist):
		l.leaveOut(at, "a link to nothing")
	default:
		l.leaveOut(at, "a link that is not followed: put the folder or file itself in its place")
	}
	return true
}

func (l *listing) leaveOut(at, reason string) {
	l.skipped = append(l.skipped, Skipped{at, reason})
}

// checkClasses returns an error when there are too few or too many classes, or
// two that people would call the same.
func (l *listing) checkClasses() error {
	if len(l.classes) < 2 || len(l.classes) > maxClasses {
		return badinput.Errorf("%s holds %s: it takes one for each class, as in healthy/ and lesion/, 2 to %d of them%s", l.folder, plural(len(l.classes), "folder"), maxClasses, l.hint())
	}
	seen := map[string]string{}
	for _, class := range l.classes {
		if other, found := seen[fold(class)]; found {
			return badinput.Errorf("%s holds the classes %q and %q: put them into one folder, or give them names that differ in more than capitals and spaces", l.folder, other, class)
		}
		seen[fold(class)] = class
	}
	return nil
}

// fold makes names equal that people take for the same.
func fold(name string) string {
	return cases.Fold().String(norm.NFC.String(strings.Join(strings.Fields(name), " ")))
}

// hint says where the classes may be when they are not there.
func (l *listing) hint() string {
	for _, skipped := range l.skipped {
		if strings.HasPrefix(skipped.Reason, "a link") {
			return fmt.Sprintf("; %s is %s", skipped.Path, skipped.Reason)
		}
	}
	if len(l.classes) != 1 || len(l.files) == 0 {
		return ""
	}
	var inner []string
	outer := strings.TrimSuffix(l.files[0].path, strings.TrimPrefix(l.files[0].path, l.classes[0]))
	entries, _ := fs.ReadDir(l.root.FS(), outer)
	for _, entry := range entries {
		if entry.IsDir() && !datasets.LeftBehind(entry.Name()) {
			inner = append(inner, entry.Name())
		}
	}
	if len(inner) < 2 {
		return ""
	}
	return fmt.Sprintf("; if %s are the classes, name the folder %s", quoted(inner[:min(len(inner), 5)]), path.Join(l.folder, outer))
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
