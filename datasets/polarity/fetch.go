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

// Source says from where and how [Fetch] downloads the data set. The zero value
// means the official archive.
type Source struct {
	URL    string       // of the archive, or of a mirror; "" means OfficialURL
	SHA256 string       // of the archive; "" means that only the texts' checksums count
	Client fetch.Client // patience of the download

	// Progress, if not nil, is called during the download with the number of
	// bytes so far and the expected number, or -1 if unknown.
	Progress func(done, total int64)
}

// Fetch downloads the data set into the cache and returns its folder, for
// [Load]. If a complete copy is there, Fetch needs no network. It replaces a
// damaged copy.
func Fetch(ctx context.Context, s Source) (dir string, err error) {
	folder, err := cacheFolder()
	if err != nil {
		return "", err
	}
	return s.into(ctx, folder, official())
}

func (s Source) into(ctx context.Context, folder string, files []file) (dir string, err error) {
	dir = filepath.Join(folder, folderName)
	if _, err := load(dir, files); err == nil {
		return dir, nil
	}
	unlock, err := fetch.Lock(ctx, folder)
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := load(dir, files); err == nil { // another process fetched it while this one waited
		return dir, nil
	}
	archive := folder + ".tar.gz"
	if err := s.download(ctx, archive); err != nil {
		return "", err
	}
	// Delete the archive, because without a checksum a bad one would stay
	// unnoticed.
	defer func() { _ = os.Remove(archive) }()
	return dir, unpack(ctx, archive, folder, files)
}

func (s Source) download(ctx context.Context, archive string) error {
	if s.URL == "" {
		s.URL = OfficialURL
	}
	err := s.Client.File(ctx, fetch.Request{
		URL: s.URL, SHA256: s.SHA256, Unchecked: s.SHA256 == "", Dest: archive, MaxBytes: 2 * maxBytes, Progress: s.Progress,
	})
	if errors.Is(err, badinput.Err) {
		return badinput.Errorf("polarity: %w; --url names a mirror, and `evident run --data FOLDER` takes a copy that you have", err)
	}
	return err
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
				return badinput.Errorf("polarity: %s does not hold the data set: %w: use the URL of another archive", archive, err)
			}
			return nil
		},
	})
}
