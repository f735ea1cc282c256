// Package imagefolder reads the user's own pictures from a folder with one folder
// per class, as in
//
//	scans/healthy/a.png  scans/healthy/2023/b.jpg  scans/lesion/c.tif
//
// [Load] reads, checks, scales and splits them. If folders like train and test
// (training_set, valid, val2017) contain the classes, or each class contains such
// folders, they define the split. Otherwise the split is random.
//
// Pictures may be JPEG, PNG, GIF, BMP, TIFF or WebP, whatever the ending of their
// names. They may be grey or in colour, with up to 64 million pixels and 30,000
// on a side. Load uses the first frame of an animation. It turns every picture
// upright by its EXIF, fills transparent parts with white, and scales the picture
// to one size without keeping its ratio of sides, as Keras does.
//
// The [Report] counts and names what was left out: pictures of other formats
// (HEIC, AVIF, raw), broken ones, and links to folders or out of the folder. It
// also counts the files of operating systems (__MACOSX, @eaDir, ._x) and files
// that are not pictures. Exact and near duplicates stay on one side of the split,
// unless the folder's own split separates them. The report counts those.
package imagefolder

import (
	"cmp"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strings"

	"evident/datasets"
	"evident/datasets/audit"
	"evident/datasets/recognise"
	"evident/internal/badinput"
)

// Options say how to load the pictures.
type Options struct {
	Classes       int // number of classes that the folder must hold, 2 to 256
	Height, Width int
	// Colour asks for three channels, red, green and blue, otherwise one, grey. A
	// folder's pictures have three too when any of them has colour.
	Colour     bool
	Validation float64 // share of the pictures of each class, above 0 and below 1
	Seed       int64   // of the split
}

// Set is a folder of pictures, split into training and validation.
type Set struct {
	Train, Validation datasets.Images
	Report            Report
}

// Report says how the files were used.
type Report struct {
	Folder string
	Read   []int // number of pictures in each class
	// Layout says how folders like train and test were used; "" means that there
	// are none, and that the split is random. Given means that these folders
	// define the split.
	Layout  string
	Given   bool
	Skipped []Skipped // pictures, links and folders that were left out
	Others  []string  // files that are not pictures by name or content
	System  []string  // files and folders of operating systems and programs
	// Duplicates lists the duplicate pictures. Crossing counts the validation
	// pictures with a duplicate among the training pictures; it is 0 unless the
	// split is given.
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
	Format       string // as in ".heic", if this format is not supported
}

// maxClasses is the number of values of a label.
const maxClasses = 256

// Load reads, checks, scales and splits the pictures. The error is a badinput.Err
// if the folder does not have the wanted classes, or if a class lacks pictures for
// one side of the split.
func Load(folder string, o Options) (Set, error) {
	if err := o.check(); err != nil {
		return Set{}, err
	}
	root, err := os.OpenRoot(folder) // prevents links from leading out of the folder
	if err != nil {
		what, todo := recognise.Path(folder)
		return Set{}, badinput.Errorf("%s %s: %s", folder, what, cmp.Or(todo, "name a folder with one folder of pictures for each class"))
	}
	defer root.Close()
	return LoadFS(root.FS(), folder, o)
}

// LoadFS reads the pictures of a file system, such as one in memory, as [Load] does.
// Its files can seek. The folder is what the user calls it.
func LoadFS(root fs.FS, folder string, o Options) (Set, error) {
	if err := o.check(); err != nil {
		return Set{}, err
	}
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
		if !slices.Contains(train.Labels, uint8(class)) || !slices.Contains(validation.Labels, uint8(class)) {
			return Set{}, badinput.Errorf("class %q in %s holds %s: add different pictures, because it needs one for training and one for validation",
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
		return badinput.Errorf("the fraction for validation is %g: it must be above 0 and below 1", o.Validation)
	}
	return nil
}

// checkRead returns an error if a class has no readable picture, or none on one
// side of the folder's own split.
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

// describe says how many of some files were left out, and why the first one was.
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

// pathsOf returns the paths of groups of files.
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

// crossing counts the validation pictures with a duplicate among the training
// pictures.
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

// chosen selects the same fraction of every class for validation. Duplicates stay
// together, on the side of the first of them.
func chosen(all datasets.Images, found audit.Duplicates, fraction float64, random *rand.Rand) []bool {
	together := make([][]int, all.Len())
	for i := range together {
		together[i] = []int{i}
	}
	for _, group := range found.Groups {
		for _, i := range group {
			together[i] = nil
		}
		together[group[0]] = group
	}
	held := make([]bool, all.Len())
	for class := range all.Classes {
		hold(held, together, all.Labels, uint8(class), fraction, random)
	}
	return held
}

// split puts the pictures on their sides, in random order.
func split(all datasets.Images, held []bool, random *rand.Rand) (train, validation datasets.Images) {
	train, validation = empty(all), empty(all)
	for _, i := range random.Perm(all.Len()) {
		if held[i] {
			add(&validation, all, i)
		} else {
			add(&train, all, i)
		}
	}
	return train, validation
}

// hold marks a fraction of a class for validation, one group of equal pictures
// after the other. It marks at least one group, and never all of several groups.
func hold(held []bool, together [][]int, labels []uint8, class uint8, fraction float64, random *rand.Rand) {
	var groups [][]int
	count := 0
	for _, group := range together {
		if len(group) > 0 && labels[group[0]] == class {
			groups = append(groups, group)
			count += len(group)
		}
	}
	random.Shuffle(len(groups), func(i, j int) { groups[i], groups[j] = groups[j], groups[i] })
	if len(groups) == 0 {
		return // all pictures follow their duplicates in other classes
	}
	smallest := slices.MinFunc(groups, func(a, b []int) int { return len(a) - len(b) })
	left := max(min(int(math.Round(fraction*float64(count))), count-1), len(smallest))
	for _, group := range groups {
		if len(group) > left {
			continue // a smaller group may fit
		}
		left -= len(group)
		for _, i := range group {
			held[i] = true
		}
	}
}

// empty returns a set like another, without pictures.
func empty(of datasets.Images) datasets.Images {
	of.Pixels, of.Labels = nil, nil
	return of
}

func add(to *datasets.Images, from datasets.Images, i int) {
	size := from.PictureSize()
	to.Pixels = append(to.Pixels, from.Pixels[i*size:][:size]...)
	to.Labels = append(to.Labels, from.Labels[i])
}

// random returns a generator that only the split uses.
func (o Options) random() *rand.Rand {
	return rand.New(rand.NewPCG(uint64(o.Seed), 0x666f6c646572)) // "folder"
}
