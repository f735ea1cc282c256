// Package polarity reads the sentence polarity data set: 5,331 positive and
// 5,331 negative sentences from film reviews (Bo Pang and Lillian Lee, "Seeing
// Stars: Exploiting Class Relationships for Sentiment Categorization with
// Respect to Rating Scales", ACL 2005; version 1.0 of
// https://www.cs.cornell.edu/people/pabo/movie-review-data/). [Fetch] downloads
// it, [Find] locates it, and [Load] reads it.
//
// The files rt-polarity.pos and rt-polarity.neg hold one sentence per line. The
// official files are in Windows-1252; copies in UTF-8 are about as common. Load
// reads both, and checks that the text is version 1.0.
package polarity

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"evident/datasets"
	"evident/datasets/recognise"
	"evident/datasets/text"
	"evident/internal/badinput"
)

// PerClass is the number of sentences in each class.
const PerClass = 5331

// Classes returns the names of the labels 0 and 1.
func Classes() []string { return []string{"negative", "positive"} }

// The names of the files and their folder in the official archive.
const (
	folderName = "rt-polaritydata"
	readme     = "rt-polaritydata.README.1.0.txt"
)

// file is one class of the data set.
type file struct {
	name   string
	sha256 string // of its text in UTF-8
	lines  int
}

// official returns the files of version 1.0, in the order of the labels. The
// checksums apply to the text in UTF-8, whatever the encoding of the file.
func official() []file {
	return []file{
		{"rt-polarity.neg", "2d11cfbc790f1cd96d78339f41ce53ced1efa83cd22d37d6788fa3fe3d17e2fd", PerClass},
		{"rt-polarity.pos", "4134882974a28d0c7b5151256f0e33a6169984ee7372c279e673f1114f475d58", PerClass},
	}
}

// remedy ends the messages about broken files.
const remedy = "put a whole copy there, or fetch the data set with `go run ./cmd/evident fetch polarity`"

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
	dir, err = locate(cached)
	return dir, err == nil, nil
}

// cacheFolder returns the folder into which Fetch unpacks the archive.
func cacheFolder() (string, error) {
	cache, err := datasets.CacheDir()
	return filepath.Join(cache, "polarity"), err
}

// locate returns the folder of the files: dir, or one of two folders below it.
func locate(dir string) (string, error) {
	var missing string
	for _, folder := range []string{dir, filepath.Join(dir, folderName), filepath.Join(dir, "rt-polarity")} {
		absent := ""
		for _, f := range official() {
			if info, err := os.Stat(filepath.Join(folder, f.name)); err != nil || !info.Mode().IsRegular() {
				absent = cmp.Or(absent, f.name)
			}
		}
		if absent == "" {
			return folder, nil
		}
		missing = cmp.Or(missing, absent)
	}
	what, todo := recognise.Path(dir)
	if todo == "" {
		todo = fmt.Sprintf("no file %s, there or in %s below it: %s", missing, folderName, remedy)
	}
	return "", badinput.Errorf("polarity: %s %s: %s", dir, what, todo)
}

// maxBytes limits what is read of a file; the larger file has 626,395 bytes.
const maxBytes = 8 << 20

// Load reads the data set from dir, or from rt-polaritydata or rt-polarity below
// it. It returns the negative sentences, then the positive ones, in the order of
// the files. The error for a missing, truncated or altered file is a
// badinput.Err that names the file.
func Load(dir string) (text.Set, error) { return load(dir, official()) }

func load(dir string, files []file) (text.Set, error) {
	set := text.Set{Name: "polarity", Classes: Classes()}
	dir, err := locate(dir)
	if err != nil {
		return set, err
	}
	for label, f := range files {
		lines, err := f.read(dir)
		if err != nil {
			return set, badinput.Errorf("polarity: %s: %w: %s", dir, err, remedy)
		}
		for _, line := range lines {
			set.Add(line, int32(label))
		}
	}
	return set, nil
}

// read returns the checked sentences of the file in a folder. The error says
// what is wrong with the file, but not what to do.
func (f file) read(dir string) ([]string, error) {
	raw, err := readFile(filepath.Join(dir, f.name))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, datasets.WithoutPath(err))
	}
	content, err := inUTF8(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	lines := strings.Split(strings.TrimSuffix(content, "\n"), "\n")
	if len(lines) != f.lines {
		return nil, fmt.Errorf("%s has %d lines, expected %d", f.name, len(lines), f.lines)
	}
	if sum := sumOf(content); sum != f.sha256 {
		return nil, fmt.Errorf("%s was altered: the SHA-256 of its text in UTF-8 is %s, expected %s", f.name, sum, f.sha256)
	}
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return lines, nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	raw, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err == nil && len(raw) > maxBytes {
		err = fmt.Errorf("larger than %d bytes", maxBytes)
	}
	return raw, err
}

// inUTF8 converts a file in UTF-8 or Windows-1252 to UTF-8 with Unix line ends.
func inUTF8(raw []byte) (string, error) {
	if !utf8.Valid(raw) {
		var err error
		if raw, err = charmap.Windows1252.NewDecoder().Bytes(raw); err != nil {
			return "", err
		}
	}
	return strings.ReplaceAll(string(raw), "\r\n", "\n"), nil
}

func sumOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}
