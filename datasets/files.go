package datasets

import (
	"errors"
	"io/fs"
	"os"
	"strings"
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
