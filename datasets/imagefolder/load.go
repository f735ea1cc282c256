package imagefolder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"evident/datasets"
	"evident/datasets/audit"
	"evident/lessons/lesson"
)

// Options say what to make of the pictures.
type Options struct {
	Height, Width int
	Colour        bool    // three channels, red, green and blue; otherwise one, grey
	Validation    float64 // share of the pictures of each class, above 0 and below 1
	Seed          int64   // of the split
}

// Set is a folder of pictures, split in two.
type Set struct {
	Train, Validation datasets.Images
	Report            Report
}

// Report says what became of the files.
type Report struct {
	Folder     string
	Read       []int     // pictures of each class
	Skipped    []Skipped // pictures that could not be read
	Duplicates audit.Duplicates
	// Disputed are pictures that stand, exactly or nearly the same, in more than
	// one class: at least one of the labels is wrong.
	Disputed [][]string
}

// Skipped is a file that was left out.
type Skipped struct{ Path, Reason string }

// Classes are at most what a label can count.
const maxClasses = 256

// Load reads, checks, scales and splits the pictures. The error is a
// lesson.ErrBadInput when there are no two classes with pictures on both sides.
func Load(folder string, o Options) (Set, error) {
	if err := o.check(); err != nil {
		return Set{}, err
	}
	root, err := os.OpenRoot(folder) // keeps links inside
	if err != nil {
		return Set{}, lesson.BadInputf("folder of pictures %s: %w", folder, errors.Unwrap(err))
	}
	defer root.Close()
	classes, files, err := list(root, folder)
	if err != nil {
		return Set{}, err
	}
	all, paths, skipped := read(root, classes, files, o)
	all.Name = fmt.Sprintf("pictures in %s", path.Base(strings.TrimRight(folder, "/")))
	report := Report{Folder: folder, Read: make([]int, len(classes)), Skipped: skipped, Duplicates: audit.Find(all)}
	for _, label := range all.Labels {
		report.Read[label]++
	}
	for class, count := range report.Read {
		if count == 0 {
			return Set{}, lesson.BadInputf("class %q in %s has no picture that can be read: %s", classes[class], folder, describe(skipped, len(files)))
		}
	}
	report.Disputed = disputed(all, paths, report.Duplicates)
	train, validation, err := split(all, report.Duplicates, o)
	return Set{Train: train, Validation: validation, Report: report}, err
}

func (o Options) check() error {
	if o.Height < 1 || o.Width < 1 || o.Width > most().pixels/o.Height {
		return lesson.BadInputf("pictures are to be scaled to %d×%d pixels: give 1×1 or more", o.Height, o.Width)
	}
	if !(o.Validation > 0 && o.Validation < 1) {
		return lesson.BadInputf("the share for validation is %g: it must be above 0 and below 1", o.Validation)
	}
	return nil
}

// file is a picture to be read.
type file struct {
	path  string // below the folder
	class int
}

// list finds the classes, in the order of their names, and their pictures.
func list(root *os.Root, folder string) (classes []string, files []file, err error) {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, nil, lesson.BadInputf("folder of pictures %s: %w", folder, err)
	}
	for _, entry := range entries {
		if entry.IsDir() && !hidden(entry.Name()) {
			classes = append(classes, entry.Name())
		}
	}
	if len(classes) < 2 || len(classes) > maxClasses {
		return nil, nil, lesson.BadInputf("%s holds %d folders: it takes one for each class, as in healthy/ and lesion/, 2 to %d of them", folder, len(classes), maxClasses)
	}
	for i, class := range classes {
		err := fs.WalkDir(root.FS(), class, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case hidden(entry.Name()) && entry.IsDir():
				return fs.SkipDir
			case !entry.IsDir() && !hidden(entry.Name()) && isPicture(name):
				files = append(files, file{name, i})
			}
			return nil
		})
		if err != nil {
			return nil, nil, lesson.BadInputf("folder of pictures %s: %w", folder, err)
		}
	}
	return classes, files, nil
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") }

// isPicture goes by the ending of the name.
func isPicture(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp":
		return true
	}
	return false
}

// describe says how many pictures were left out, and why the first was.
func describe(skipped []Skipped, files int) string {
	if len(skipped) == 0 {
		return "there is none"
	}
	return fmt.Sprintf("%d of %d were left out, the first of them %s: %s", len(skipped), files, skipped[0].Path, skipped[0].Reason)
}

// disputed lists the groups of twins with different labels.
func disputed(all datasets.Images, paths []string, found audit.Duplicates) [][]string {
	var groups [][]string
	for _, group := range found.Groups {
		var names []string
		differ := false
		for _, i := range group {
			names = append(names, paths[i])
			differ = differ || all.Labels[i] != all.Labels[group[0]]
		}
		if differ {
			groups = append(groups, names)
		}
	}
	return groups
}
