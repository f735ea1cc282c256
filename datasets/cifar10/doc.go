// Package cifar10 reads the CIFAR-10 data set: 60,000 colour pictures of 32×32
// pixels in ten classes (Alex Krizhevsky, "Learning Multiple Layers of Features
// from Tiny Images", 2009; https://www.cs.toronto.edu/~kriz/cifar.html). [Fetch]
// downloads it, [Find] locates it, and [Load] reads it.
//
// The package reads the "binary version". Its files data_batch_1.bin to
// data_batch_5.bin hold the 50,000 pictures for training, and test_batch.bin the
// 10,000 for testing. A record is one byte of label and 3,072 bytes of pixels:
// 1,024 red, 1,024 green, 1,024 blue, each row by row. [Load] returns the pixels
// in the order [n, height, width, channels].
//
// Load checks the sizes of the files and every label. It also checks the
// contents against a file SHA256SUMS beside them, if there is one. `sha256sum
// *.bin` writes this file, and so does [Fetch]. Without it, a flipped bit in a
// pixel goes unnoticed.
package cifar10

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"evident/datasets"
	"evident/datasets/imagefolder"
	"evident/datasets/recognise"
	"evident/internal/badinput"
)

// The sizes of the data set.
const (
	TrainPictures = 50_000
	TestPictures  = 10_000

	side       = 32
	channels   = 3
	plane      = side * side            // bytes of one colour channel of one picture
	recordSize = 1 + channels*plane     // bytes: the label, then the colour channels
	perBatch   = 10_000                 // records in one file
	folderName = "cifar-10-batches-bin" // in the official archive
	testBatch  = "test_batch.bin"
	sumsName   = "SHA256SUMS"
)

// Classes returns the names of the labels 0 to 9.
func Classes() []string {
	return []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}
}

// batches returns the names of the files, those for training first.
func batches() []string {
	return []string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", testBatch}
}

// remedy ends the messages about broken files.
const remedy = "put a whole copy there, or fetch the data set with `go run ./cmd/evident fetch cifar10`"

// Find locates the data set: in the folder data if it is not "", else in the
// cache, where [Fetch] puts it. A named folder without the data set is an error.
// An empty cache is not an error; found is then false. Find only looks for the
// files, and [Load] checks them.
func Find(data string) (dir string, found bool, err error) {
	if data != "" {
		dir, err = locate(data)
		return dir, err == nil, err
	}
	cached, err := cacheFolder()
	if err != nil {
		return "", false, nil // without a cache folder nothing is cached
	}
	dir = filepath.Join(cached, folderName)
	_, err = os.Stat(dir)
	return dir, err == nil, nil
}

// cacheFolder returns the folder into which Fetch unpacks the archive.
func cacheFolder() (string, error) {
	cache, err := datasets.CacheDir()
	return filepath.Join(cache, "cifar10"), err
}

// locate returns the folder of the files: dir, or folderName below it.
func locate(dir string) (string, error) {
	below := filepath.Join(dir, folderName)
	if _, err := os.Stat(below); err == nil {
		dir = below
	}
	present := 0
	var missing string
	for _, name := range batches() {
		info, err := os.Stat(filepath.Join(dir, name))
		switch {
		case err == nil && info.Mode().IsRegular():
			present++
		case err == nil:
			return "", badinput.Errorf("cifar10: %s is no regular file: %s", filepath.Join(dir, name), remedy)
		case errors.Is(err, fs.ErrPermission):
			return "", unreadable(err)
		default: // dir may also be a file
			missing = cmp.Or(missing, name)
		}
	}
	switch {
	case present == 0:
		what, todo := recognise.Path(dir)
		// Name what the folder holds instead, if it is another known data set or
		// an archive.
		if first := imagefolder.FirstPicture(dir); first != "" && (todo == "" || strings.Contains(todo, "imageclass")) {
			return "", badinput.Errorf("cifar10: %s holds pictures (%s) and not CIFAR-10: `evident run imageclass --data %s` trains on pictures of your own", dir, first, dir)
		}
		if todo == "" {
			todo = fmt.Sprintf("it takes a folder with %s, there or in %s below it: %s", missing, folderName, remedy)
		}
		return "", badinput.Errorf("cifar10: %s %s: %s", dir, what, todo)
	case missing != "":
		return "", badinput.Errorf("cifar10: %s is missing: %s", filepath.Join(dir, missing), remedy)
	}
	return dir, nil
}

// unreadable returns the error for a file that cannot be opened.
func unreadable(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return badinput.Errorf("cifar10: %w: %s", err, recognise.MakeReadable)
	}
	return badinput.Errorf("cifar10: %w: %s", err, remedy)
}
