// Package keep stores what took long to make and does not change: measurements, and the values of a reader. A
// value is kept under a key that is made of all that it depends on, so a stored value is as good as a new one.
package keep

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"evident/datasets"
	"evident/internal/files"
)

// Variable is the environment variable that turns keeping off with "off". With a time, see [Since], only what was made
// after it counts as kept.
const Variable = "EVIDENT_KEEP"

// most is how many bytes a store may hold. The values that were not used for the longest time go first. One value
// may take a quarter.
const most = 1 << 30

const ending = ".kept"

// Store is a folder of kept values.
type Store struct {
	dir   string
	since time.Time // what was made before does not count
	most  int64     // see [most]
	group string    // what the names of the files begin with, see [Store.Group]
}

// Open is the store in the user's cache folder; nil, which keeps nothing, where [Variable] is "off" or there is no
// cache folder. A fresh store gives nothing back: everything is made again, and replaces what was kept.
func Open(fresh bool) *Store {
	cache, err := datasets.CacheDir()
	setting := os.Getenv(Variable)
	if err != nil || setting == "off" {
		return nil
	}
	since, _ := time.Parse(time.RFC3339Nano, setting) // the zero time for any other text
	if fresh {
		since = time.Now()
	}
	return At(filepath.Join(cache, "kept"), since)
}

// At is a store in a folder, which need not exist. What was made before since does not count.
func At(dir string, since time.Time) *Store { return &Store{dir: dir, since: since, most: most} }

// Group is the part of the store whose values belong together, as all that were kept under one name of the reader's.
// [Store.Forget] deletes them.
func (s *Store) Group(name string) *Store {
	if s == nil {
		return nil
	}
	part := *s
	part.group = digest(name) + "-"
	return &part
}

// Again is the store in which nothing that is there counts: all is made again.
func (s *Store) Again() *Store {
	if s == nil {
		return nil
	}
	fresh := *s
	fresh.since = time.Now()
	return &fresh
}

// Forget deletes the values of a [Store.Group], and says how many there were.
func (s *Store) Forget() (int, error) {
	if s == nil {
		return 0, nil
	}
	found, err := filepath.Glob(filepath.Join(s.dir, s.group+"*"+ending))
	for _, file := range found {
		err = errors.Join(err, os.Remove(file))
	}
	return len(found), err
}

// Since is the value of [Variable] with which a program, and those that it starts, make everything again once.
func Since(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// Origin says where a value comes from.
type Origin struct {
	Made    time.Time     // when it was made
	Took    time.Duration // how long that took
	Commit  string        // of the code that made it, "+dirty" when the tree had changes; may be empty
	WasKept bool          // it was read, not made now
	Refused string        // why the value, made now, could not be stored; "" where it was, or where there is no store
}

// String says in one line that the value was kept, as in "Measured 30 Nov 2026, 14:02 (3.1 s), kept."
func (o Origin) String() string {
	line := fmt.Sprintf("Measured %s (%.1f s)", o.When(), o.Took.Seconds())
	if o.WasKept {
		line += ", kept"
	}
	return line + "."
}

// When is the time when the value was made, as in "30 Nov 2026, 14:02".
func (o Origin) When() string { return o.Made.Local().Format("2 Jan 2006, 15:04") }

// entry is the content of a file, after its SHA-256.
type entry struct {
	Key    string
	Origin Origin
	Value  []byte
}

// Value is what produce makes, or what was kept under the key. It is made once, also when two processes ask for it
// at the same time. A file that is damaged or of another key is not believed: the value is made again. What cannot
// be stored whole is made, and not kept: see [Origin]. The error is that of produce, or of a context that ends while another process
// makes the value.
func Value[V any](ctx context.Context, s *Store, key, commit string, produce func() (V, error)) (V, Origin, error) {
	if s == nil {
		return produced(commit, produce)
	}
	unlock, err := s.lock(ctx, key)
	if err != nil {
		var none V
		return none, Origin{}, err
	}
	defer unlock()
	if v, origin, err := read[V](s, key); err == nil {
		return v, origin, nil
	}
	v, origin, err := produced(commit, produce)
	if err != nil {
		return v, origin, err
	}
	if err := write(s, key, v, origin); err != nil {
		origin.Refused = err.Error()
	}
	return v, origin, nil
}

func produced[V any](commit string, produce func() (V, error)) (V, Origin, error) {
	start := time.Now()
	v, err := produce()
	return v, Origin{Made: start.UTC(), Took: time.Since(start), Commit: commit}, err
}

func read[V any](s *Store, key string) (v V, origin Origin, err error) {
	path := s.path(key)
	content, err := os.ReadFile(path)
	if err != nil {
		return v, origin, err
	}
	head, body := content[:min(len(content), sha256.Size)], content[min(len(content), sha256.Size):]
	if sum := sha256.Sum256(body); !bytes.Equal(head, sum[:]) {
		return v, origin, errors.New("damaged")
	}
	var e entry
	if err := gob.NewDecoder(bytes.NewReader(body)).Decode(&e); err != nil {
		return v, origin, err
	}
	if e.Key != key || e.Origin.Made.Before(s.since) {
		return v, origin, errors.New("it is of another key, or too old")
	}
	var box struct{ V V }
	if err := gob.NewDecoder(bytes.NewReader(e.Value)).Decode(&box); err != nil {
		return v, origin, err
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // it was used
	e.Origin.WasKept = true
	return box.V, e.Origin, nil
}

func write[V any](s *Store, key string, v V, origin Origin) error {
	if err := Storable(reflect.TypeFor[V]()); err != nil {
		return err
	}
	// In a box, for gob encodes no pointer and no empty value at the top.
	box := reflect.ValueOf(&struct{ V V }{v})
	if err := whole(box.Elem().Field(0), reflect.TypeFor[V]().String(), 0); err != nil {
		return err
	}
	var value, body bytes.Buffer
	if err := gob.NewEncoder(&value).EncodeValue(box); err != nil {
		return err
	}
	if size := int64(value.Len()); size > s.most/4 {
		return fmt.Errorf("it has %.1f MB, and the store takes values of up to %.1f: keep a part of it", float64(size)/1e6, float64(s.most/4)/1e6)
	}
	if err := gob.NewEncoder(&body).Encode(entry{Key: key, Origin: origin, Value: value.Bytes()}); err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	sum := sha256.Sum256(body.Bytes())
	if err := files.Replace(s.path(key), 0o644, sum[:], body.Bytes()); err != nil {
		return err
	}
	return s.prune(s.most)
}

// prune deletes the files that were not used for the longest time, until the rest has no more than limit bytes.
func (s *Store) prune(limit int64) error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	var all []fs.FileInfo
	total := int64(0)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasSuffix(e.Name(), ending) {
			all, total = append(all, info), total+info.Size()
		}
	}
	slices.SortFunc(all, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, info := range all {
		if total <= limit {
			break
		}
		if err := os.Remove(filepath.Join(s.dir, info.Name())); err == nil {
			total -= info.Size()
		}
	}
	return nil
}

// lock waits until no other process makes the value of the key, or the context ends. Where the disk knows no locks,
// there is none.
func (s *Store) lock(ctx context.Context, key string) (unlock func(), err error) {
	none := func() {}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return none, nil
	}
	const pause = 50 * time.Millisecond // between two tries
	lock := flock.New(s.path(key) + ".lock")
	if _, err := lock.TryLockContext(ctx, pause); err != nil {
		return none, ctx.Err()
	}
	return func() {
		_ = os.Remove(lock.Path())
		_ = lock.Unlock()
	}, nil
}

func (s *Store) path(key string) string { return filepath.Join(s.dir, s.group+digest(key)+ending) }

func digest(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}

// Clean deletes the store in the user's cache folder, and says how many values and bytes it held.
func Clean() (values int, size int64, err error) {
	cache, err := datasets.CacheDir()
	if err != nil {
		return 0, 0, err
	}
	dir := filepath.Join(cache, "kept")
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, nil
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasSuffix(e.Name(), ending) {
			values, size = values+1, size+info.Size()
		}
	}
	return values, size, errors.Join(err, os.RemoveAll(dir))
}

// Key joins the parts of a key. Parts of other types than text are written in JSON.
func Key(parts ...any) (string, error) {
	var key strings.Builder
	for _, part := range parts {
		text, is := part.(string)
		if !is {
			encoded, err := json.Marshal(part)
			if err != nil {
				return "", err
			}
			text = string(encoded)
		}
		fmt.Fprintf(&key, "%d\n%s\n", len(text), text)
	}
	return key.String(), nil
}
