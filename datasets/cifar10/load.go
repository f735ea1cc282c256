package cifar10

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"evident/datasets"
	"evident/internal/badinput"
)

// Load reads the data set from dir, or from cifar-10-batches-bin below it: the
// 50,000 pictures for training and the 10,000 for testing, as [n, 32, 32, 3].
// The error for a missing, truncated, overlong or altered file is a
// badinput.Err that names the file.
func Load(dir string) (train, test datasets.Images, err error) {
	return loadChecked(dir, perBatch)
}

// loadChecked is Load for batches of n records.
func loadChecked(dir string, n int) (train, test datasets.Images, err error) {
	dir, err = locate(dir)
	if err != nil {
		return train, test, err
	}
	want, err := readSums(dir)
	if err != nil {
		return train, test, err
	}
	all, got, err := load(dir, n, want != nil)
	if err == nil {
		err = want.verify(dir, got)
	}
	if err != nil {
		return train, test, err
	}
	train, test = all.split()
	return train, test, nil
}

// records are labelled pictures, in the order of the files.
type records struct {
	pixels []uint8 // [n, side, side, channels]
	labels []uint8 // [n]
}

func newRecords(n int) records {
	return records{make([]uint8, n*channels*plane), make([]uint8, n)}
}

// slice returns the records from, …, to-1. They share memory.
func (r records) slice(from, to int) records {
	const size = channels * plane
	return records{r.pixels[from*size : to*size : to*size], r.labels[from:to:to]}
}

// split separates the last batch, which is for testing.
func (r records) split() (train, test datasets.Images) {
	n := len(r.labels) * (len(batches()) - 1) / len(batches())
	return r.slice(0, n).images("cifar10 (train)"), r.slice(n, len(r.labels)).images("cifar10 (test)")
}

func (r records) images(name string) datasets.Images {
	return datasets.Images{
		Name: name, Classes: Classes(),
		Height: side, Width: side, Channels: channels,
		Pixels: r.pixels, Labels: r.labels,
	}
}

// load reads all batches of n records each in parallel. It computes checksums
// only on request, because hashing takes about as long as everything else.
func load(dir string, n int, sum bool) (records, sums, error) {
	names := batches()
	all := newRecords(n * len(names))
	digests := make([]string, len(names))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range names {
		group.Go(func() (err error) {
			digests[i], err = loadBatch(filepath.Join(dir, name), all.slice(i*n, (i+1)*n), sum)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return records{}, nil, err
	}
	got := sums{}
	for i, name := range names {
		got[name] = digests[i]
	}
	return all, got, nil
}

// loadBatch fills dst from one file, and returns its SHA-256 on request.
func loadBatch(path string, dst records, sum bool) (digest string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", unreadable(err)
	}
	defer func() { _ = f.Close() }() // only read
	if err := checkSize(f, len(dst.labels)); err != nil {
		return "", err
	}
	var source io.Reader = f
	var hashed hash.Hash
	if sum {
		hashed = sha256.New()
		source = io.TeeReader(f, hashed)
	}
	if err := decode(source, dst); err != nil {
		return "", badinput.Errorf("cifar10: %s: %w: %s", path, err, remedy)
	}
	if !sum {
		return "", nil
	}
	return hex.EncodeToString(hashed.Sum(nil)), nil
}

// checkSize checks the size before anything is read, so that an endless file
// costs nothing.
func checkSize(f *os.File, n int) error {
	info, err := f.Stat()
	if err != nil {
		return badinput.Errorf("cifar10: %w: %s", err, remedy)
	}
	if wrong := wrongSize(info.Size(), n); wrong != "" {
		return badinput.Errorf("cifar10: %s is %s (%d records of %d): %s", f.Name(), wrong, n, recordSize, remedy)
	}
	return nil
}

// wrongSize says how a size differs from that of n records, or returns "" if
// it does not.
func wrongSize(size int64, n int) string {
	want := int64(n) * recordSize
	switch {
	case size < want:
		return fmt.Sprintf("cut short: %d bytes, expected %d", size, want)
	case size > want:
		return fmt.Sprintf("too long: %d bytes, expected %d", size, want)
	}
	return ""
}

// chunk is the number of records that are read at once. They take 200 kB,
// which stay in the processor's cache until they are interleaved.
const chunk = 64

// decode fills dst with as many records as fit.
func decode(source io.Reader, dst records) error {
	buffer := make([]byte, chunk*recordSize)
	for done := 0; done < len(dst.labels); {
		n := min(chunk, len(dst.labels)-done)
		if _, err := io.ReadFull(source, buffer[:n*recordSize]); err != nil {
			return shortRead(err, done)
		}
		for i := range n {
			if err := decodeRecord(buffer[i*recordSize:][:recordSize], dst.slice(done+i, done+i+1)); err != nil {
				return badRecord{done + i, err}
			}
		}
		done += n
	}
	return nil
}

func decodeRecord(record []byte, dst records) error {
	if record[0] > 9 {
		return badLabel(record[0])
	}
	dst.labels[0] = record[0]
	interleave(dst.pixels, record[1:])
	return nil
}

// interleave converts [channels, side, side] to [side, side, channels]. Slices
// of known length let the compiler drop all bounds checks in the loop.
func interleave(dst, src []uint8) {
	dst = dst[:channels*plane]
	red, green, blue := src[:plane], src[plane:][:plane], src[2*plane:][:plane]
	for i := range plane {
		pixel := dst[channels*i : channels*i+channels : channels*i+channels]
		pixel[0], pixel[1], pixel[2] = red[i], green[i], blue[i]
	}
}

func shortRead(err error, done int) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return badRecord{done, errors.New("the file ends here or soon after")}
	}
	return err
}

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
