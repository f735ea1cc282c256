package imagefolder

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"evident/datasets"
	"evident/datasets/audit"
	"evident/datasets/recognise"
	"evident/internal/badinput"
)

// Options say what to make of the pictures.
type Options struct {
	Classes       int // that the folder must hold, 2 to 256
	Height, Width int
	// Colour asks for three channels, red, green and blue, otherwise one, grey. A
	// folder's pictures have three too when any of them has colour.
	Colour     bool
	Validation float64 // share of the pictures of each class, above 0 and below 1
	Seed       int64   // of the split
}

// Set is a folder of pictures, split in two.
type Set struct {
	Train, Validation datasets.Images
	Report            Report
}

// Report says what became of the files.
type Report struct {
	Folder string
	Read   []int // pictures of each class
	// Layout says what was made of folders called like train and test; "" when
	// there are none, and chance splits the pictures. Given says that they are the
	// split.
	Layout  string
	Given   bool
	Skipped []Skipped // pictures, links and folders that were left out
	Others  []string  // files that are no pictures and are not called so
	System  []string  // files and folders that systems and programs leave behind
	// Duplicates are pictures that are there twice. Crossing is how many pictures
	// to validate with have a twin to train on: none, unless the split is given.
	Duplicates audit.Duplicates
	Crossing   int
	// Twins are pictures that are the same, exactly or nearly.
	Twins [][]string
	// Disputed are exact twins in more than one class, of which at least one label
	// is wrong; DisputedNear are near twins in more than one.
	Disputed, DisputedNear [][]string
}

// Skipped is a file that was left out.
type Skipped struct {
	Path, Reason string
	Format       string // as in ".heic", where the reason is that no such file is read
}

// maxClasses is what a label can count.
const maxClasses = 256

// Load reads, checks, scales and splits the pictures. The error is a
// badinput.Err when the folder has not the classes that are wanted, or one of
// them has no pictures for both sides.
func Load(folder string, o Options) (Set, error) {
	if err := o.check(); err != nil {
		return Set{}, err
	}
	root, err := os.OpenRoot(folder) // keeps links inside
	if err != nil {
		what, todo := recognise.Path(folder)
		return Set{}, badinput.Errorf("%s %s: %s", folder, what, cmp.Or(todo, "name a folder with one folder of pictures for each class"))
	}
	defer root.Close()
	found, err := list(root, folder, o.Classes)
	if err != nil {
		return Set{}, err
	}
	all, kept := found.read(o)
	all.Name = fmt.Sprintf("pictures in %s", path.Base(strings.TrimRight(folder, "/")))
	report := Report{
		Folder: folder, Read: make([]int, len(found.classes)), Layout: found.layout, Given: found.given,
		Skipped: found.skipped, Others: found.others, System: found.system, Duplicates: audit.Find(all),
	}
	for _, label := range all.Labels {
		report.Read[label]++
	}
	if err := found.checkRead(kept); err != nil {
		return Set{}, err
	}
	report.Twins = pathsOf(kept, report.Duplicates.Groups)
	class := func(i int) int { return kept[i].class }
	report.Disputed = pathsOf(kept, audit.Disputed(report.Duplicates.Copies, class))
	report.DisputedNear = pathsOf(kept, audit.Disputed(report.Duplicates.NearOnly(), class))
	random := o.random()
	held := make([]bool, all.Len())
	if found.given {
		for i, f := range kept {
			held[i] = f.held
		}
		report.Crossing = crossing(held, report.Duplicates)
	} else {
		held = chosen(all, report.Duplicates, o.Validation, random)
	}
	train, validation := split(all, held, random)
	for class, name := range all.Classes {
		if !has(train, class) || !has(validation, class) {
			return Set{}, badinput.Errorf("class %q in %s holds %s: put others there that are no copies of these, so that there is one to train on and one to validate with",
				name, folder, datasets.Counted(report.Read[class], "picture"))
		}
	}
	return Set{Train: train, Validation: validation, Report: report}, nil
}

func (o Options) check() error {
	if o.Classes < 2 || o.Classes > maxClasses {
		return badinput.Errorf("%d classes of pictures are wanted: it must be 2 to %d", o.Classes, maxClasses)
	}
	if o.Height < 1 || o.Width < 1 || o.Width > most().pixels/o.Height {
		return badinput.Errorf("pictures are to be scaled to %d×%d pixels: give 1×1 or more", o.Height, o.Width)
	}
	if !(o.Validation > 0 && o.Validation < 1) {
		return badinput.Errorf("the share for validation is %g: it must be above 0 and below 1", o.Validation)
	}
	return nil
}

// checkRead returns an error when a class has no picture that could be read, or
// none on one side of a split that the folder has.
func (l *listing) checkRead(kept []file) error {
	for class, name := range l.classes {
		for _, held := range []bool{false, true} {
			isThere := func(f file) bool { return f.class == class && (!l.given || f.held == held) }
			if slices.ContainsFunc(kept, isThere) {
				continue
			}
			where := ""
			if l.given {
				where = " " + purpose(held)
			}
			return badinput.Errorf("class %q in %s has no picture%s that can be read: %s", name, l.folder, where, l.describe(isThere))
		}
	}
	return nil
}

// describe says how many of some files were left out, and why the first was.
func (l *listing) describe(of func(file) bool) string {
	files, left := 0, []Skipped{}
	for _, f := range l.files {
		if !of(f) {
			continue
		}
		files++
		if i := slices.IndexFunc(l.skipped, func(s Skipped) bool { return s.Path == f.path }); i >= 0 {
			left = append(left, l.skipped[i])
		}
	}
	switch {
	case len(left) > 0:
		return fmt.Sprintf("%d of %s left out, as %s: %s", len(left), datasets.Counted(files, "file"), left[0].Path, left[0].Reason)
	case files > 0:
		return fmt.Sprintf("of %s none is a picture, so put some there", datasets.Counted(files, "file"))
	}
	return "there is none, so put some there"
}

// pathsOf are the paths of groups of files.
func pathsOf(files []file, groups [][]int) (paths [][]string) {
	for _, group := range groups {
		var names []string
		for _, i := range group {
			names = append(names, files[i].path)
		}
		paths = append(paths, names)
	}
	return paths
}

// crossing counts the pictures to validate with that have a twin to train on.
func crossing(held []bool, found audit.Duplicates) int {
	count := 0
	for _, group := range found.Groups {
		kept := 0
		for _, i := range group {
			if held[i] {
				kept++
			}
		}
		if kept < len(group) {
			count += kept
		}
	}
	return count
}
