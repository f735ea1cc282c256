package imagefolder

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"evident/datasets"
	"evident/datasets/recognise"
	"evident/internal/badinput"
)

// file is a file that may be a picture.
type file struct {
	path  string // below the folder
	class int
	held  bool // for validation, by the folder's own split
}

// listing describes a folder before any picture is read.
type listing struct {
	root    fs.FS
	folder  string // as the user wrote it
	classes []string
	files   []file
	// given means that the folder itself defines the split. layout says how folders
	// like train and test were used; "" if there are none.
	given   bool
	layout  string
	skipped []Skipped
	others  []string // files that are not pictures, by their path
	system  []string // files and folders of operating systems and programs
}

// list finds the classes in alphabetical order, and the files that may be pictures.
// It returns an error if the number of classes is not the wanted one.
func list(root fs.FS, folder string, wanted int) (listing, error) {
	l := listing{root: root, folder: folder}
	top, err := l.foldersIn(".", path.Base(folder))
	if err != nil {
		return l, err
	}
	training, held, rest := datasets.SplitParts(top)
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
		if err := l.splitInside(); err != nil {
			return l, err
		}
	}
	return l, l.checkClasses(wanted)
}

// splitInside uses folders like train and test as the split, if each class contains
// such folders and they hold all its files.
func (l *listing) splitInside() error {
	type side struct {
		class int
		held  bool
	}
	example := map[side]string{} // one folder of each side
	for i, f := range l.files {
		_, below, _ := strings.Cut(f.path, l.classes[f.class]+"/")
		part, _, deeper := strings.Cut(below, "/")
		training, held, _ := datasets.SplitParts([]string{part})
		if !deeper || len(training)+len(held) == 0 {
			return nil
		}
		l.files[i].held = len(held) > 0
		example[side{f.class, len(held) > 0}] = strings.TrimSuffix(f.path, strings.TrimPrefix(below, part))
	}
	isHeld := func(f file) bool { return f.held }
	if !slices.ContainsFunc(l.files, isHeld) {
		return nil // each class has only train
	}
	for class, name := range l.classes {
		for _, held := range []bool{false, true} {
			if there := example[side{class, !held}]; there != "" && example[side{class, held}] == "" {
				return badinput.Errorf("%s: class %q has the folder %s, and none %s, as other classes have: give it one", l.folder, name, there, purpose(held))
			}
		}
	}
	l.given = true
	l.layout = "split as the folders of the classes have it, as in " + path.Dir(l.files[0].path)
	return nil
}

// purpose says what the pictures of a side are for.
func purpose(held bool) string {
	if held {
		return "to validate with"
	}
	return "to train on"
}

// addParts lists folders that hold one folder for each class.
func (l *listing) addParts(training, held []string) error {
	trained, tested := map[string][]string{}, map[string][]string{} // folders that hold each class
	var labelled []string                                           // folders with classes among the held-back ones
	for _, dir := range slices.Concat(training, held) {
		isHeld := slices.Contains(held, dir)
		folders, err := l.foldersIn(dir, path.Base(dir))
		if err != nil {
			return err
		}
		side := trained
		if isHeld {
			side = tested
		}
		if isHeld && len(folders) > 0 {
			labelled = append(labelled, dir)
		}
		for _, class := range folders {
			name := path.Base(class)
			side[name] = append(side[name], dir)
			l.add(class, name, isHeld)
		}
	}
	names := func(dirs []string) string { return strings.Join(dirs, " and ") }
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
	if alone := append(onlyIn(trained, tested), onlyIn(tested, trained)...); l.given && len(alone) > 0 {
		return badinput.Errorf("%s: %s: each class needs a folder of the same name both in %s and in %s; move what is no class elsewhere",
			l.folder, strings.Join(alone, ", "), strings.Join(training, " or "), strings.Join(labelled, " or "))
	}
	return nil
}

// onlyIn lists the classes that only one side of a split has.
func onlyIn(side, other map[string][]string) (alone []string) {
	for _, class := range slices.Sorted(maps.Keys(side)) {
		if other[class] == nil {
			alone = append(alone, fmt.Sprintf("class %q stands in %s alone", class, strings.Join(side[class], " and ")))
		}
	}
	return alone
}

func quoted(names []string) string {
	var all []string
	for _, name := range names {
		all = append(all, strconv.Quote(name))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// loose is the reason for leaving out a picture beside the classes.
const loose = "it stands in no folder of a class"

// foldersIn lists the subfolders of a folder that should hold nothing else, and notes
// anything else. Archives often unpack to a folder inside one of the same name; then
// the inner one counts.
func (l *listing) foldersIn(dir, name string) (folders []string, err error) {
	entries, err := fs.ReadDir(l.root, dir)
	if err != nil {
		return nil, badinput.Errorf("folder of pictures %s cannot be read (%w): %s", path.Join(l.folder, dir), datasets.WithoutPath(err), recognise.MakeReadable)
	}
	for _, entry := range entries {
		at := path.Join(dir, entry.Name())
		switch {
		case l.passOver(at, entry):
		case entry.IsDir():
			folders = append(folders, at)
		case hasReadEnding(at) || unreadEnding(at) != nil:
			l.leaveOut(at, loose)
		default:
			l.others = append(l.others, at)
		}
	}
	if len(folders) == 1 && fold(path.Base(folders[0])) == fold(name) {
		return l.foldersIn(folders[0], "")
	}
	return folders, nil
}

// add lists the files of a class, including those in subfolders.
func (l *listing) add(dir, name string, held bool) {
	class := slices.Index(l.classes, name)
	if class < 0 {
		class = len(l.classes)
		l.classes = append(l.classes, name)
	}
	_ = fs.WalkDir(l.root, dir, func(at string, entry fs.DirEntry, err error) error {
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

// passOver notes entries that are not the reader's own files, and links to folders. A
// link could lead back to the folder itself, or to the whole disk.
func (l *listing) passOver(at string, entry fs.DirEntry) bool {
	if datasets.LeftBehind(entry.Name()) {
		l.system = append(l.system, at)
		return true
	}
	if entry.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := fs.Stat(l.root, at)
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
	l.skipped = append(l.skipped, Skipped{Path: at, Reason: reason})
}

// checkClasses returns an error if the number of classes is not the wanted one, or if
// two names look the same to people.
func (l *listing) checkClasses(wanted int) error {
	switch n := len(l.classes); {
	case n < wanted:
		return badinput.Errorf("%s holds %s, and %d are needed: make a folder of pictures for each, as healthy/ and lesion/%s", l.folder, l.counted(), wanted, l.hint())
	case n > wanted:
		return badinput.Errorf("%s holds %s, and %d are needed: move the other folders elsewhere", l.folder, l.counted(), wanted)
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

// counted says how many classes there are, and how many files the first ones have.
func (l *listing) counted() string {
	const most = 5
	if len(l.classes) == 0 {
		return "no folder of a class"
	}
	files := make([]int, len(l.classes))
	for _, f := range l.files {
		files[f.class]++
	}
	var each []string
	for class, name := range l.classes[:min(most, len(l.classes))] {
		each = append(each, fmt.Sprintf("%q with %s", name, datasets.Counted(files[class], "file")))
	}
	if len(l.classes) > most {
		each = append(each, "…")
	}
	return fmt.Sprintf("%s (%s)", datasets.Counted(len(l.classes), "class"), strings.Join(each, ", "))
}

// FirstPicture returns the path, below a folder, of the first file with the ending of
// a picture, readable or not. It searches as deep as archive/train/class/file, and
// returns "" if it finds none.
func FirstPicture(folder string) string {
	const depth, most = 4, 20_000 // most limits the number of entries to keep the search short
	found, seen := "", 0
	_ = fs.WalkDir(os.DirFS(folder), ".", func(at string, entry fs.DirEntry, err error) error {
		seen++
		switch {
		case seen > most:
			return fs.SkipAll
		case err != nil && entry != nil && entry.IsDir():
			return fs.SkipDir // the folder cannot be opened
		case err != nil:
			return fs.SkipAll
		case at == ".":
		case entry.IsDir() && (datasets.LeftBehind(entry.Name()) || strings.Count(at, "/")+1 >= depth):
			return fs.SkipDir
		case entry.Type().IsRegular() && !datasets.LeftBehind(entry.Name()) && (hasReadEnding(at) || unreadEnding(at) != nil):
			found = at
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// fold maps names that look the same to people to one name.
func fold(name string) string {
	return cases.Fold().String(norm.NFC.String(strings.Join(strings.Fields(name), " ")))
}

// hint says where missing classes may be.
func (l *listing) hint() string {
	for _, skipped := range l.skipped {
		if strings.HasPrefix(skipped.Reason, "a link") {
			return fmt.Sprintf("; %s is %s", skipped.Path, skipped.Reason)
		}
	}
	stray := slices.DeleteFunc(slices.Clone(l.skipped), func(s Skipped) bool { return s.Reason != loose })
	switch {
	case len(stray) > 0:
		return fmt.Sprintf("; in no such folder: %s, as %s", datasets.Counted(len(stray), "picture"), stray[0].Path)
	case len(l.classes) == 0:
		if what, todo := recognise.Path(l.folder); todo != "" {
			return fmt.Sprintf("; it %s: %s", what, todo)
		}
		return ""
	case len(l.classes) > 1 || len(l.files) == 0:
		return ""
	}
	var inner []string
	outer := strings.TrimSuffix(l.files[0].path, strings.TrimPrefix(l.files[0].path, l.classes[0]))
	entries, _ := fs.ReadDir(l.root, outer)
	for _, entry := range entries {
		if entry.IsDir() && !datasets.LeftBehind(entry.Name()) {
			inner = append(inner, entry.Name())
		}
	}
	if len(inner) < 2 {
		return ""
	}
	return fmt.Sprintf("; if %s are meant, name the folder %s", quoted(inner[:min(len(inner), 5)]), path.Join(l.folder, outer))
}
