// A browser fetches nothing, and is spared net/http.

//go:build !js

package polarity

import (
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"

	"evident/datasets/fetch"
	"evident/internal/badinput"
)

// OfficialURL is the address of the official archive, about 500 kB. Its checksum
// is not known; [Load] checks the text inside instead.
const OfficialURL = "https://www.cs.cornell.edu/people/pabo/movie-review-data/rt-polaritydata.tar.gz"

// Fetch downloads the data set into the cache and returns its folder, for
// [Load]. If a complete copy is there, Fetch needs no network. It replaces a
// damaged copy. The source's empty URL means the official archive.
func Fetch(ctx context.Context, s fetch.Source) (dir string, err error) {
	folder, err := cacheFolder()
	if err != nil {
		return "", err
	}
	return into(ctx, s, folder, official())
}

func into(ctx context.Context, s fetch.Source, folder string, files []file) (dir string, err error) {
	dir = filepath.Join(folder, folderName)
	archive := fetch.Request{URL: OfficialURL, Dest: folder + ".tar.gz", MaxBytes: 2 * maxBytes}
	isIntact := func() bool { _, err := load(dir, files); return err == nil }
	err = s.Into(ctx, folder, archive, isIntact, func() error {
		// Delete the archive, because without a checksum a bad one would stay
		// unnoticed.
		defer func() { _ = os.Remove(archive.Dest) }()
		return unpack(ctx, archive.Dest, folder, files)
	})
	if errors.Is(err, badinput.Err) {
		return "", badinput.Errorf("polarity: %w", err)
	}
	return dir, err
}

// unpack moves the data set into place if its texts are version 1.0.
func unpack(ctx context.Context, archive, folder string, files []file) error {
	names := []string{readme, path.Join(folderName, readme)}
	for _, f := range files {
		names = append(names, path.Join(folderName, f.name))
	}
	return fetch.Extract(ctx, fetch.Archive{
		Path: archive, Dest: folder, Files: names, MaxBytes: 2 * maxBytes,
		Check: func(unpacked string) error {
			for _, f := range files {
				_, err := f.read(filepath.Join(unpacked, folderName))
				if err == nil {
					continue
				}
				return badinput.Errorf("%s does not hold the data set: %w: use the URL of another archive", archive, err)
			}
			return nil
		},
	})
}
