package polarity

import (
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
	"evident/datasets/text"
	"evident/internal/badinput"
)

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
