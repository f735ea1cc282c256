package fetch

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"

	"evident/datasets/recognise"
	"evident/internal/badinput"
)

// endsEarly reports whether a gzip file is truncated even though the server
// sent all the bytes that it announced.
func endsEarly(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // only read
	unpacked, err := gzip.NewReader(f)
	if err == nil {
		_, err = io.Copy(io.Discard, io.LimitReader(unpacked, DefaultMaxBytes))
	}
	return errors.Is(err, io.ErrUnexpectedEOF)
}

// notTheFile says what the server sent instead of the file, and what to do. sum
// is the checksum of the received bytes.
func (d *download) notTheFile(kind string, head []byte, sum string) error {
	what := fmt.Sprintf("%s came in place of the file", kind)
	if sum != "" { // the .part file holds all of it
		what += fmt.Sprintf(" (%d bytes)", d.offset)
	}
	if d.from != "" {
		what += " from " + d.from
	}
	switch kind {
	case recognise.WebPage, recognise.JSON, recognise.XML, recognise.Text:
		if words := recognise.Words(head); words != "" {
			what += fmt.Sprintf(", %q", words)
		}
	}
	todo := "use the URL of the file itself"
	switch {
	case kind == recognise.WebPage:
		todo = "open the URL in a browser and log in to the network if the page asks for it, then try again; or use another URL"
	case kind == recognise.Tar || kind == recognise.Twice:
		todo = "the server or a proxy on the way packs or unpacks what it passes on: use another URL or another network"
	case !d.Unchecked && (kind == recognise.Gzip || kind == recognise.Binary):
		return d.wrongSum(sum)
	}
	return badinput.Errorf("cannot fetch %s: %s: %s", redacted(d.URL), what, todo)
}

// wrongSum returns the error for a file of the right kind with a wrong
// checksum.
func (d *download) wrongSum(sum string) error {
	how := "downloaded in one piece"
	switch {
	case endsEarly(d.part.Name()):
		how = "an archive that ends early"
	case d.pieced:
		how = "downloaded in pieces"
	}
	return badinput.Errorf("%s has %d bytes with SHA-256 %s, expected %s (%s): the file there is another or was damaged on the way; try again, or use another URL",
		redacted(d.URL), d.offset, sum, d.SHA256, how)
}
