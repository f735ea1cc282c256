// A browser fetches nothing, and is spared net/http.

//go:build !js

package cifar10

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"

	"evident/datasets/fetch"
	"evident/internal/badinput"
)

// The official archive, 170 MB.
const (
	OfficialURL    = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
	OfficialSHA256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
)

// Fetch downloads the data set into the cache and returns its folder, for
// [Load]. If a complete copy is there, Fetch needs no network. It replaces a
// damaged copy. An interrupted download resumes. The source's empty fields mean
// the official archive.
func Fetch(ctx context.Context, s fetch.Source) (dir string, err error) {
	folder, err := cacheFolder()
	if err != nil {
		return "", err
	}
	return into(ctx, s, folder, perBatch)
}

// into is Fetch into a given folder, with n records per batch.
func into(ctx context.Context, s fetch.Source, folder string, n int) (dir string, err error) {
	dir = filepath.Join(folder, folderName)
	archive := fetch.Request{URL: OfficialURL, SHA256: OfficialSHA256, Dest: folder + ".tar.gz"}
	err = s.Into(ctx, folder, archive, func() bool { return intact(dir, n) }, func() error {
		if err := unpack(ctx, archive.Dest, folder, n); err != nil {
			return err
		}
		if err := os.Remove(archive.Dest); err != nil { // to free 170 MB of disk
			return badinput.Errorf("%w: make the cache writable", err)
		}
		return nil
	})
	if errors.Is(err, badinput.Err) {
		return "", badinput.Errorf("cifar10: %w", err)
	}
	return dir, err
}

// intact reports whether dir holds the data set with the checksums that were
// recorded at unpacking.
func intact(dir string, n int) bool {
	want, err := readSums(dir)
	if err != nil || want == nil {
		return false
	}
	_, got, err := load(dir, n, true)
	return err == nil && want.verify(dir, got) == nil
}

// unpack checks the data set, records its checksums, and moves it into place.
func unpack(ctx context.Context, archive, folder string, n int) error {
	files := []string{path.Join(folderName, "batches.meta.txt"), path.Join(folderName, "readme.html")}
	for _, name := range batches() {
		files = append(files, path.Join(folderName, name))
	}
	return fetch.Extract(ctx, fetch.Archive{
		Path: archive, Dest: folder, Files: files,
		MaxBytes: int64(len(batches())*n*recordSize) + 1<<20, // 1 MiB for headers and the two small files
		Check: func(unpacked string) error {
			dir := filepath.Join(unpacked, folderName)
			err := wantSizes(dir, n)
			if err == nil {
				err = seal(dir, n)
			}
			if err != nil {
				return badinput.Errorf("%s does not hold the data set: %w: use the URL of another archive", archive, err)
			}
			return nil
		},
	})
}

// wantSizes finds missing or truncated files in an archive. Its error does not
// give the usual advice, which applies to the reader's own folders.
func wantSizes(dir string, n int) error {
	for _, name := range batches() {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			return fmt.Errorf("%s is missing", name)
		}
		if wrong := wrongSize(info.Size(), n); wrong != "" {
			return fmt.Errorf("%s is %s", name, wrong)
		}
	}
	return nil
}

// seal checks the files in dir and records their checksums beside them.
func seal(dir string, n int) error {
	if _, err := locate(dir); err != nil {
		return err
	}
	_, got, err := load(dir, n, true)
	if err != nil {
		return err
	}
	return got.write(dir)
}
