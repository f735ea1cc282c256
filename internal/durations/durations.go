// Package durations remembers how long work took the last time, so that a progress bar
// can say how long it will take.
package durations

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"evident/datasets"
	"evident/internal/files"
)

// Book holds the durations of named work. It is kept in the user's cache folder; where
// there is none, or the file is damaged, it is empty.
type Book struct {
	mu    sync.Mutex
	path  string
	names map[string]seconds
}

// seconds are how long one work took.
type seconds struct {
	Last  float64 `json:"last"`
	Fresh float64 `json:"fresh,omitempty"` // when nothing was kept from a run before
}

// Open reads the book.
func Open() *Book {
	path, err := file()
	if err != nil {
		return &Book{names: map[string]seconds{}}
	}
	return at(path)
}

func file() (string, error) {
	cache, err := datasets.CacheDir()
	return filepath.Join(cache, "durations.json"), err
}

func at(path string) *Book {
	b := &Book{path: path, names: map[string]seconds{}}
	if content, err := os.ReadFile(path); err == nil {
		if json.Unmarshal(content, &b.names) != nil || b.names == nil {
			b.names = map[string]seconds{}
		}
	}
	return b
}

// Of is how long the work took the last time, or the last time that it was all done
// afresh; 0 if it was not.
func (b *Book) Of(name string, fresh bool) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	took := b.names[name].Last
	if fresh {
		took = b.names[name].Fresh
	}
	return time.Duration(took * float64(time.Second))
}

// Note keeps how long the work took, and whether some of it was kept from a run before.
// An error is ignored: all that it costs is an estimate.
func (b *Book) Note(name string, took time.Duration, kept bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := seconds{Last: took.Seconds(), Fresh: took.Seconds()}
	if kept {
		now.Fresh = b.names[name].Fresh
	}
	b.names[name] = now
	if b.path == "" {
		return
	}
	if content, err := json.Marshal(b.names); err == nil {
		_ = files.Save(b.path, append(content, '\n'))
	}
}

// Work is one piece of work of several.
type Work struct {
	Expected time.Duration // 0 if unknown
	Began    time.Time     // the zero time if it has not
	Ended    bool
}

// Left is how long the work that has not ended will take when so much of it is done at
// the same time; 0 if that is unknown.
func Left(all []Work, jobs int, now time.Time) time.Duration {
	var sum, longest time.Duration
	for _, w := range all {
		if w.Ended {
			continue
		}
		if w.Expected == 0 {
			return 0
		}
		left := w.Expected
		if !w.Began.IsZero() {
			left = max(0, left-now.Sub(w.Began))
		}
		sum, longest = sum+left, max(longest, left)
	}
	return max(longest, sum/time.Duration(jobs))
}

// Forget deletes the book: when nothing is kept any more, the last run says nothing about
// the next.
func Forget() error {
	path, err := file()
	if err != nil {
		return nil
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
