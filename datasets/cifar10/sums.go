package cifar10

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"evident/internal/badinput"
)

// badRecord says which record of a file is invalid.
type badRecord struct {
	index int // counted from 0
	err   error
}

func (b badRecord) Error() string { return fmt.Sprintf("record %d (from 0): %v", b.index, b.err) }
func (b badRecord) Unwrap() error { return b.err }

// badLabel is a label without a class.
type badLabel uint8

func (b badLabel) Error() string { return fmt.Sprintf("label %d, expected 0 to 9", uint8(b)) }

// sums maps file names to SHA-256 checksums in hexadecimal. Nil means that no
// checksums are recorded.
type sums map[string]string

var sumLine = regexp.MustCompile(`^([0-9a-fA-F]{64}) [ *](.+)$`)

// readSums reads SHA256SUMS in dir, or returns nil if there is none.
func readSums(dir string) (sums, error) {
	file := filepath.Join(dir, sumsName)
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, badinput.Errorf("cifar10: %w: make it readable or delete it", err)
	}
	read := sums{}
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		match := sumLine.FindStringSubmatch(strings.TrimSuffix(line, "\r"))
		if match == nil {
			return nil, badinput.Errorf("cifar10: %s: line %d is no checksum and name: write it anew with `sha256sum *.bin >SHA256SUMS`, or delete it", file, i+1)
		}
		read[match[2]] = strings.ToLower(match[1])
	}
	return read, nil
}

// verify compares the checksums of the files in dir with the recorded ones.
func (s sums) verify(dir string, got sums) error {
	if s == nil {
		return nil
	}
	for _, name := range batches() {
		switch want, listed := s[name]; {
		case !listed:
			return badinput.Errorf("cifar10: %s does not list %s: write it anew with `sha256sum *.bin >SHA256SUMS`, or delete it", filepath.Join(dir, sumsName), name)
		case got[name] != want:
			return badinput.Errorf("cifar10: %s was altered: its SHA-256 is %s, %s says %s: %s", filepath.Join(dir, name), got[name], sumsName, want, remedy)
		}
	}
	return nil
}

// write writes SHA256SUMS in dir, in the format of sha256sum.
func (s sums) write(dir string) error {
	var text strings.Builder
	for _, name := range batches() {
		fmt.Fprintf(&text, "%s  %s\n", s[name], name)
	}
	file := filepath.Join(dir, sumsName)
	if err := os.WriteFile(file, []byte(text.String()), 0o644); err != nil {
		return badinput.Errorf("cifar10: %w: free disk space or make the folder writable", err)
	}
	return nil
}
