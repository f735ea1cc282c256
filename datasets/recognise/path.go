package recognise

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"evident/datasets"
)

// known is something that readers give instead of the wanted data set.
type known struct {
	files []string // it contains all of these
	what  string
	todo  string
}

const (
	getBinary  = "the lesson inception reads the binary version: fetch it with `go run ./cmd/evident fetch cifar10`, or unpack cifar-10-binary.tar.gz and name that folder"
	onlyTen    = "the lesson inception reads CIFAR-10: fetch it with `go run ./cmd/evident fetch cifar10`, or unpack cifar-10-binary.tar.gz and name that folder"
	forPicture = "the lesson imageclass reads those: `evident run imageclass --data FOLDER`"
)

// MakeReadable says what to do about a file without read permission.
const MakeReadable = "make it readable for yourself, as with `chmod -R u+rX`"

// sets are recognised by their files. The first match counts.
var sets = []known{
	{[]string{"data_batch_1.bin", "test_batch.bin"}, "the binary version of CIFAR-10", "the lesson inception reads it: `evident run inception --data FOLDER`"},
	{[]string{"data_batch_1.mat"}, "the MATLAB version of CIFAR-10", getBinary},
	{[]string{"data_batch_1"}, "the Python version of CIFAR-10", getBinary},
	{[]string{"train.bin", "test.bin"}, "the binary version of CIFAR-100", onlyTen},
	{[]string{"train.mat", "test.mat"}, "the MATLAB version of CIFAR-100", onlyTen},
	{[]string{"train", "test", "meta"}, "the Python version of CIFAR-100", onlyTen},
	{[]string{"train-images-idx3-ubyte"}, "MNIST or a set in its format", onlyTen},
	{[]string{"rt-polarity.pos", "rt-polarity.neg"}, "the sentence polarity set", "the lesson textcnn reads it: `evident run textcnn --data FOLDER`"},
}

// Path says what path is, as in "holds the Python version of CIFAR-10", and what
// to do with it. todo is "" if there is nothing to add or nothing is known. Path
// looks only at names and first bytes.
func Path(path string) (what, todo string) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist", ""
	case err != nil: // also for a path below a file
		return unreadable(err)
	case !info.IsDir():
		return file(path)
	}
	return folder(path)
}

func unreadable(err error) (what, todo string) {
	return fmt.Sprintf("cannot be read (%v)", datasets.WithoutPath(err)), MakeReadable
}

func file(path string) (what, todo string) {
	if todo := unpack(path); todo != "" {
		return "is a packed archive", todo
	}
	kind, _, err := File(path)
	if err != nil {
		return unreadable(err)
	}
	if kind == Tar || kind == Twice || strings.HasSuffix(kind, "archive") {
		return "is " + kind, "unpack it and name the folder that comes out"
	}
	for _, set := range sets {
		if slices.Contains(set.files, filepath.Base(path)) {
			return "is one file of " + set.what, "name its folder"
		}
	}
	if kind == Empty {
		return "is empty", "name the table or the folder that holds the data set"
	}
	return "is a file", "name the folder that holds the data set"
}

// folder looks at a folder, then at its subfolders, then at its parent.
func folder(path string) (what, todo string) {
	entries, err := os.ReadDir(path)
	switch {
	case err != nil:
		return unreadable(err)
	case len(entries) == 0:
		return "is empty", ""
	}
	if set, found := setIn(path); found {
		return "holds " + set.what, set.todo
	}
	for _, entry := range entries {
		if todo := unpack(entry.Name()); todo != "" && !entry.IsDir() {
			return fmt.Sprintf("holds the packed archive %s", entry.Name()), todo
		}
	}
	for _, below := range append(glob(path, "*"), glob(path, "*", "*")...) {
		if set, found := setIn(below); found {
			return fmt.Sprintf("holds %s in %s", set.what, below), strings.ReplaceAll(set.todo, "FOLDER", below)
		}
	}
	if above := filepath.Dir(absolute(path)); above != path {
		if set, found := setIn(above); found {
			return fmt.Sprintf("lies in %s, which holds %s", above, set.what), strings.ReplaceAll(set.todo, "FOLDER", above)
		}
	}
	if class := folderOfPictures(path); class != "" {
		return fmt.Sprintf("holds pictures in folders (%s)", class), strings.ReplaceAll(forPicture, "FOLDER", path)
	}
	return "holds other files (" + some(entries) + ")", ""
}

func absolute(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

func setIn(folder string) (known, bool) {
	for _, set := range sets {
		if !slices.ContainsFunc(set.files, func(name string) bool { return !isFile(filepath.Join(folder, name)) }) {
			set.todo = strings.ReplaceAll(set.todo, "FOLDER", folder)
			return set, true
		}
	}
	return known{}, false
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// glob is filepath.Glob below a folder whose own name may hold any character.
func glob(folder string, pattern ...string) (found []string) {
	names, _ := fs.Glob(os.DirFS(folder), strings.Join(pattern, "/")) // the pattern is valid
	for _, name := range names {
		found = append(found, filepath.Join(folder, filepath.FromSlash(name)))
	}
	return found
}

// folderOfPictures returns a subfolder that holds pictures.
func folderOfPictures(path string) string {
	for _, file := range glob(path, "*", "*") {
		if slices.Contains([]string{".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff"}, strings.ToLower(filepath.Ext(file))) {
			return filepath.Base(filepath.Dir(file))
		}
	}
	return ""
}

// unpackers are the commands that unpack archives, by the endings of their names;
// "" where there is none for every system.
var unpackers = []struct {
	endings []string
	command string
}{
	{[]string{".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz2", ".tbz", ".tar.xz", ".txz", ".tar.zst"}, "tar -xf"},
	{[]string{".zip"}, "unzip"}, {[]string{".gz"}, "gunzip"}, {[]string{".bz2"}, "bunzip2"}, {[]string{".xz"}, "unxz"},
	{[]string{".7z", ".rar", ".zst"}, ""},
}

// unpack says how to unpack a file, judging by its name, or returns "" if it is
// not an archive. It ignores archives of versions that no lesson reads.
func unpack(path string) string {
	name := strings.ToLower(filepath.Base(path))
	for _, u := range unpackers {
		switch {
		case !slices.ContainsFunc(u.endings, func(ending string) bool { return strings.HasSuffix(name, ending) }):
		case u.command == "":
			return "unpack it and name the folder that comes out"
		case strings.HasPrefix(name, "cifar-100"):
			return onlyTen
		case strings.HasPrefix(name, "cifar-10-python"), strings.HasPrefix(name, "cifar-10-matlab"):
			return getBinary
		default:
			return fmt.Sprintf("unpack it with `%s %s` and name the folder that comes out", u.command, filepath.Base(path))
		}
	}
	return ""
}

// some names the first entries.
func some(entries []fs.DirEntry) string {
	const most = 3
	names := []string{}
	for _, entry := range entries[:min(most, len(entries))] {
		names = append(names, fmt.Sprintf("%q", entry.Name()))
	}
	if len(entries) > most {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}
