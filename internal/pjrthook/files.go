package pjrthook

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"time"

	"evident/internal/files"
)

// store keeps blobs in a folder, each in a file with its name. It ignores
// write errors, because the folder only saves time.
type store struct {
	folder string
	most   int64 // total bytes; the least recently used blobs are removed
}

// read returns a blob, or nil if there is no intact one.
func (s store) read(name string) []byte {
	path := filepath.Join(s.folder, name)
	content, err := os.ReadFile(path)
	if err != nil || len(content) < sha256.Size {
		return nil
	}
	sum, blob := content[:sha256.Size], content[sha256.Size:]
	if expected := sha256.Sum256(blob); !bytes.Equal(sum, expected[:]) {
		return nil
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // marks it as used
	return blob
}

// write keeps a blob atomically.
func (s store) write(name string, blob []byte) {
	if os.MkdirAll(s.folder, 0o700) != nil {
		return
	}
	sum := sha256.Sum256(blob)
	_ = files.Replace(filepath.Join(s.folder, name), 0o600, sum[:], blob)
	s.shrink()
}

// shrink removes the least recently used blobs until the rest is small
// enough.
func (s store) shrink() {
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		return
	}
	var kept []os.FileInfo
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil {
			kept = append(kept, info)
		}
	}
	slices.SortFunc(kept, func(a, b os.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	var total int64
	for _, file := range kept {
		if total += file.Size(); total > s.most {
			_ = os.Remove(filepath.Join(s.folder, file.Name()))
		}
	}
}
