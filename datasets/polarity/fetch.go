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

// OfficialURL is that of the official archive, about 500 kB. Its checksum is not
// on record; what counts is that of the text inside, which [Load] checks.
const OfficialURL = "https://www.cs.cornell.edu/people/pabo/movie-review-data/rt-polaritydata.tar.gz"

// Source says where [Fetch] gets the data set from, and how. The zero value is
// the official archive.
type Source struct {
	URL    string       // of the archive, or of a mirror; "" means OfficialURL
	SHA256 string       // of the archive; "" leaves it to the texts' own checksums
	Client fetch.Client // how patient to be

	// Progress, when not nil, is called during the download with the bytes that
	// are there and those expected, -1 when unknown.
	Progress func(done, total int64)
}

// Fetch brings the data set into the cache and returns its folder, for [Load].
// When it is there whole, no network is needed; when it is there broken, it is
// fetched anew.
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
	if _, err := load(dir, files); err == nil { // by another process, while this one waited
		return dir, nil
	}
	archive := folder + ".tar.gz"
	if err := s.download(ctx, archive); err != nil {
		return "", err
	}
	// Nothing else vouches for the archive, so a bad one must not stay.
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

// unpack moves the data set into place when its texts are those of version 1.0.
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
