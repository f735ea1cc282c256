// Package recognise names what came in place of a data set: the web page of a
// network that wants a login, an archive that is still packed, the same data set
// in another version, another data set. Whoever refuses it can then say what it
// is, and what to do.
package recognise

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"
)

// HeadSize is how many bytes of a file [Content] needs to name it.
const HeadSize = 4096

// The kinds of content for which there is more to say than their names.
const (
	Empty   = "an empty file"
	WebPage = "a web page"
	JSON    = "a JSON message"
	XML     = "an XML message"
	Text    = "a text"
	Binary  = "binary data"
	Tar     = "an unpacked archive (tar)"
	Gzip    = "a gzip archive"
	Twice   = "a gzip archive that was packed with gzip once more"
)

// magic are the first bytes of formats that come in place of data sets.
var magic = []struct{ prefix, name string }{
	{"PK\x03\x04", "a zip archive"},
	{"BZh", "a bzip2 archive"},
	{"\xfd7zXZ\x00", "an xz archive"},
	{"(\xb5/\xfd", "a zstd archive"},
	{"7z\xbc\xaf'\x1c", "a 7z archive"},
	{"Rar!", "a rar archive"},
	{"%PDF", "a PDF"},
	{"version https://git-lfs", "a Git LFS pointer, which only names the file,"},
}

const gzipMagic = "\x1f\x8b"

// Content names the content that begins with head, which is all of it or
// [HeadSize] bytes: its headers may say anything, so they do not count.
func Content(head []byte) string {
	switch {
	case len(head) == 0:
		return Empty
	case bytes.HasPrefix(head, []byte(gzipMagic)):
		return insideGzip(head)
	case len(head) >= 262 && string(head[257:262]) == "ustar":
		return Tar
	}
	for _, m := range magic {
		if bytes.HasPrefix(head, []byte(m.prefix)) {
			return m.name
		}
	}
	return textual(head)
}

// File names the content of a file, and gives its first bytes.
func File(path string) (kind string, head []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = f.Close() }() // only read
	head, err = io.ReadAll(io.LimitReader(f, HeadSize))
	if err != nil {
		return "", nil, err
	}
	return Content(head), head, nil
}

// insideGzip looks for what is packed: a page may come in gzip, unasked.
func insideGzip(head []byte) string {
	unpacked, err := gzip.NewReader(bytes.NewReader(head))
	if err != nil {
		return Gzip
	}
	inside := make([]byte, HeadSize)
	n, _ := io.ReadFull(unpacked, inside) // head is cut, so this ends in an error
	switch inside = inside[:n]; {
	case bytes.HasPrefix(inside, []byte(gzipMagic)):
		return Twice
	case len(inside) > 0 && textual(inside) == WebPage:
		return WebPage
	}
	return Gzip
}

var page = regexp.MustCompile(`^(<!doctype html|<!--|<(html|head|body|title|script|meta|style|div|table|h1|p|a|br|iframe|center)[\s/>])`)

func textual(head []byte) string {
	text := strings.ToLower(strings.TrimSpace(plain(head)))
	switch {
	case page.MatchString(text), strings.HasPrefix(text, "<?xml") && strings.Contains(text, "<html"):
		return WebPage
	case strings.HasPrefix(text, "<?xml"):
		return XML
	case !isText(text):
		return Binary
	case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "["):
		return JSON
	}
	return Text
}

// plain is the head without a byte order mark; of UTF-16, the characters that
// ASCII has too.
func plain(head []byte) string {
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return strings.ReplaceAll(string(head[2:]), "\x00", "")
	}
	return strings.TrimPrefix(string(head), "\ufeff")
}

// isText is false for control characters, which no text has. A character that is
// cut at the end of the head, or is not of UTF-8, does not count.
func isText(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r\f\x1b", r) })
}

var (
	unseen = regexp.MustCompile(`(?is)<(script|style)\b.*?(</(script|style)>|$)|<!--.*?(-->|$)`)
	tag    = regexp.MustCompile(`(?s)<[^>]*(>|$)`)
)

// Words are the first words that a reader of a page or a message sees, in one
// line: they often say what is wrong.
func Words(head []byte) string {
	if bytes.HasPrefix(head, []byte(gzipMagic)) {
		return ""
	}
	seen := tag.ReplaceAllString(unseen.ReplaceAllString(plain(head), " "), " ")
	seen = strings.ToValidUTF8(strings.Join(strings.Fields(seen), " "), "")
	const most = 70
	if utf8.RuneCountInString(seen) > most {
		seen = string([]rune(seen)[:most-1]) + "…"
	}
	return seen
}
