package datasets

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"evident/internal/badinput"
)

// WithoutPath returns the cause of a file error, for messages that name the path
// themselves.
func WithoutPath(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// LeftBehind reports whether an operating system or a program creates files or
// folders of this name beside the reader's own. Such folders are not classes.
func LeftBehind(name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") {
		return true
	}
	switch strings.ToLower(name) {
	case "__macosx", "network trash folder", "temporary items", "icon\r", // macOS
		"$recycle.bin", "recycler", "recycled", "system volume information", "thumbs.db", "ehthumbs.db", "desktop.ini", // Windows
		"lost+found", "found.000", // file systems
		"@eadir", "@tmp", "@recycle", "@recently-snapshot", "#recycle", "#snapshot", // network storage
		"__pycache__":
		return true
	}
	return false
}

// CacheDir returns the folder for downloads and trained models: "evident" in
// the user's cache folder. It may not exist yet. The error is a badinput.Err.
func CacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", badinput.Errorf("no cache folder (%w): set HOME or XDG_CACHE_HOME, or name a folder yourself", err)
	}
	return filepath.Join(dir, "evident"), nil
}

// SplitParts sorts folders by name into the two sides of a split and the rest.
// Names for training are train, training_set, train2017 and the like; names for
// the held-back side are test, valid, val2017 and the like.
func SplitParts(folders []string) (training, held, rest []string) {
	for _, folder := range folders {
		words := strings.FieldsFunc(strings.ToLower(path.Base(folder)), func(r rune) bool { return !unicode.IsLetter(r) })
		is := func(whole []string, beginnings ...string) bool {
			return slices.ContainsFunc(words, func(word string) bool {
				return slices.Contains(whole, word) || slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(word, b) })
			})
		}
		switch short := []string{"val", "dev"}; { // other words, such as device, begin with these
		case is(nil, "train") && !is(short):
			training = append(training, folder)
		case is(short, "test", "valid", "eval", "holdout"):
			held = append(held, folder)
		default:
			rest = append(rest, folder)
		}
	}
	return training, held, rest
}
