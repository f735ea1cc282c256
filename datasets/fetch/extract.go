package fetch

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"evident/datasets"
	"evident/datasets/recognise"
	"evident/internal/badinput"
)

// Archive says what to unpack, and where.
type Archive struct {
	Path string // of a .tar.gz file
	Dest string // folder to create or replace

	// Files lists the names that the archive may hold, with slashes, as in
	// "cifar-10-batches-bin/test_batch.bin". Any other name, a repeated name,
	// and anything except regular files and their parent folders is an error.
	// Nothing can therefore be written outside of Dest.
	Files []string
	// MaxBytes limits the unpacked size including headers; 0 means
	// DefaultMaxBytes.
	MaxBytes int64
	// Check, if not nil, checks the unpacked folder before it is moved to Dest,
	// and may add files. If it fails, Dest does not change.
	Check func(folder string) error
}

// Extract unpacks a .tar.gz archive. Dest becomes complete or does not change.
// Extract works in the folder Dest+".tmp", which it clears first. Hold [Lock]
// on Dest, or make sure that nobody else extracts to it.
func Extract(ctx context.Context, a Archive) error {
	if a.MaxBytes == 0 {
		a.MaxBytes = DefaultMaxBytes
	}
	temporary := a.Dest + ".tmp"
	if err := os.RemoveAll(temporary); err != nil {
		return unwritable(temporary, err)
	}
	defer func() { _ = os.RemoveAll(temporary) }() // already moved if all went well
	if err := makeFolder(temporary); err != nil {
		return err
	}
	if err := a.unpack(ctx, temporary); err != nil {
		return err
	}
	if a.Check != nil {
		if err := a.Check(temporary); err != nil {
			return err
		}
	}
	return replaceFolder(temporary, a.Dest)
}

func replaceFolder(temporary, dest string) error {
	if err := os.RemoveAll(dest); err != nil {
		return unwritable(dest, err)
	}
	return moveInto(temporary, dest)
}

func (a Archive) unpack(ctx context.Context, folder string) error {
	f, err := os.Open(a.Path)
	if err != nil {
		return unreadable(a.Path, err)
	}
	defer func() { _ = f.Close() }() // only read
	zipped, err := gzip.NewReader(readerUntil(ctx, f))
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, io.EOF) {
		return a.noGzip()
	}
	if err != nil {
		return a.damaged(ctx, err)
	}
	bounded := &boundedReader{r: zipped, left: a.MaxBytes}
	if err := a.unpackEntries(ctx, tar.NewReader(bounded), folder); err != nil {
		return err
	}
	// Read past the last entry, because gzip's checksum comes at the end.
	if _, err := io.Copy(io.Discard, bounded); err != nil {
		return a.damaged(ctx, err)
	}
	return nil
}

func (a Archive) unpackEntries(ctx context.Context, entries *tar.Reader, folder string) error {
	seen := map[string]bool{}
	total := int64(0) // sum of the declared sizes: a sparse file unpacks to more than its size in the archive
	for {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return a.damaged(ctx, err)
		}
		name := path.Clean(header.Name)
		if err := a.admit(header, name, seen); err != nil {
			return err
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		if total += header.Size; total > a.MaxBytes {
			return a.damaged(ctx, errUnbounded)
		}
		seen[name] = true
		if err := a.writeEntry(ctx, entries, filepath.Join(folder, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
}

// admit rejects all entries except the listed files, once each, and their
// parent folders.
func (a Archive) admit(header *tar.Header, name string, seen map[string]bool) error {
	switch header.Typeflag {
	case tar.TypeXGlobalHeader: // a comment, as git archive writes it
		return nil
	case tar.TypeDir:
		if slices.ContainsFunc(a.Files, func(file string) bool { return name == "." || strings.HasPrefix(file, name+"/") }) {
			return nil
		}
	case tar.TypeReg:
		if slices.Contains(a.Files, name) && !seen[name] {
			return nil
		}
	default:
		return badinput.Errorf("cannot unpack %s: %q is a link or a special file: use the URL of another archive", a.Path, header.Name)
	}
	if seen[name] {
		return badinput.Errorf("cannot unpack %s: %q is in it twice: use the URL of another archive", a.Path, header.Name)
	}
	return badinput.Errorf("cannot unpack %s: %q is not expected in it: use the URL of the archive of this data set", a.Path, header.Name)
}

func (a Archive) writeEntry(ctx context.Context, entry io.Reader, file string) (err error) {
	if err := makeFolder(filepath.Dir(file)); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return unwritable(file, err)
	}
	defer func() {
		if closeErr := f.Close(); err == nil && closeErr != nil {
			err = unwritable(file, closeErr)
		}
	}()
	target := &rememberingWriter{w: f}
	if _, err := io.Copy(target, entry); err != nil {
		if target.err != nil {
			return unwritable(file, target.err)
		}
		return a.damaged(ctx, err)
	}
	return nil
}

var (
	errUnbounded = errors.New("it unpacks to more than the bound")
	errEndsEarly = errors.New("it ends early")
)

// damaged says why reading the archive failed.
func (a Archive) damaged(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("unpacking %s: %w", a.Path, ctx.Err())
	case errors.Is(err, errUnbounded):
		return badinput.Errorf("cannot unpack %s: %w of %d bytes: delete it, and use the URL of the archive of this data set", a.Path, err, a.MaxBytes)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errEndsEarly
	}
	return badinput.Errorf("cannot unpack %s: %w, so it is damaged: delete it and fetch again", a.Path, datasets.WithoutPath(err))
}

// noGzip says what the file is instead of an archive.
func (a Archive) noGzip() error {
	kind, _, err := recognise.File(a.Path)
	if err != nil {
		return unreadable(a.Path, err)
	}
	return badinput.Errorf("cannot unpack %s: it is %s in place of a gzip archive (.tar.gz): delete it and fetch again", a.Path, kind)
}

// boundedReader fails instead of ending if there is more than left.
type boundedReader struct {
	r    io.Reader
	left int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p[:min(int64(len(p)), b.left+1)])
	if b.left -= int64(n); b.left < 0 {
		return n, errUnbounded
	}
	return n, err
}

// rememberingWriter separates write errors from read errors.
type rememberingWriter struct {
	w   io.Writer
	err error
}

func (r *rememberingWriter) Write(p []byte) (n int, err error) {
	n, r.err = r.w.Write(p)
	return n, r.err
}
