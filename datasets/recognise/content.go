// Package recognise names a file that is there instead of a data set: a
// network's login page, a packed archive, another version of the data set, or
// another data set. A loader that rejects a file can then say what it is, and
// what to do. [Content] looks at bytes, [File] at a file, and [Path] also at a
// folder.
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

// HeadSize is the number of bytes that [Content] needs.
const HeadSize = 4096

// The kinds of content that callers treat specially.
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

// magic lists the first bytes of formats that are given instead of data sets,
// and says how to get the texts out of each.
var magic = []struct{ prefix, name, todo string }{
	{"PK\x03\x04", "a zip archive", "unpack it, or save it as CSV UTF-8 if it is a workbook of Excel"},
	{"BZh", "a bzip2 archive", "unpack it with bunzip2"},
	{"\xfd7zXZ\x00", "an xz archive", "unpack it with unxz"},
	{"(\xb5/\xfd", "a zstd archive", "unpack it with unzstd"},
	{"7z\xbc\xaf'\x1c", "a 7z archive", "unpack it"},
	{"Rar!", "a rar archive", "unpack it"},
	{"\xd0\xcf\x11\xe0", "an old Excel workbook or Word document", "save it as CSV UTF-8"},
	{"PAR1", "a Parquet file", "write it as CSV, as with pandas: read_parquet(…).to_csv(…, index=False)"},
	{"ARROW1", "an Arrow file", "write it as CSV"},
	{"SQLite format 3", "a data base of SQLite", "write its table as CSV"},
	{"{\\rtf", "an RTF document", "save it as text in UTF-8"},
	{"%PDF", "a PDF", "save its text in UTF-8"},
	{"version https://git-lfs", "a Git LFS pointer, which only names the file,", "fetch the file itself with `git lfs pull`"},
}

const gzipMagic = "\x1f\x8b"

// Content names the content that begins with head, which is the whole content or
// its first [HeadSize] bytes. It ignores HTTP headers, which may be wrong.
func Content(head []byte) string {
	switch {
	case len(head) == 0:
		return Empty
	case bytes.HasPrefix(head, []byte(gzipMagic)):
		return insideGzip(head)
	case len(head) >= 262 && string(head[257:262]) == "ustar":
		return Tar
	case bytes.HasPrefix(head, []byte("PK\x05\x06")): // an empty archive
		return Zip
	case bytes.HasPrefix(head, []byte("\x89HDF\r\n\x1a\n")):
		return HDF5
	case len(head) > 1 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5:
		return Pickle
	}
	for _, m := range magic {
		if bytes.HasPrefix(head, []byte(m.prefix)) {
			return m.name
		}
	}
	return textual(head)
}

// Packed names content whose texts must be converted before they can be read,
// and says how. Both results are "" for any other content.
func Packed(head []byte) (kind, todo string) {
	if bytes.HasPrefix(head, []byte(gzipMagic)) {
		return Gzip, "unpack it with gunzip"
	}
	if kind = Content(head); kind == Tar {
		return kind, "unpack it"
	}
	for _, m := range magic {
		if m.name == kind {
			return kind, m.todo
		}
	}
	return "", ""
}

// File names the content of a file, and returns its first bytes.
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

// insideGzip recognises compressed content, because servers may send pages in
// gzip unasked.
func insideGzip(head []byte) string {
	unpacked, err := gzip.NewReader(bytes.NewReader(head))
	if err != nil {
		return Gzip
	}
	inside := make([]byte, HeadSize)
	n, _ := io.ReadFull(unpacked, inside) // head is truncated, so this ends in an error
	switch inside = inside[:n]; {
	case bytes.HasPrefix(inside, []byte(gzipMagic)):
		return Twice
	case len(inside) > 0 && textual(inside) == WebPage:
		return WebPage
	}
	return Gzip
}

var page = regexp.MustCompile(`^(<!doctype html|<!--|<(html|head|body|title|script|meta|style|div|table|h1|p|a|br|iframe|center)[\s/>])`)

// message matches the beginning of JSON, also as Python prints it, but not a
// text such as "[laughs] no".
var message = regexp.MustCompile(`^(\{\s*(["'}]|$)|\[\s*([\[{"\]]|$))`)

func textual(head []byte) string {
	text := strings.ToLower(strings.TrimSpace(plain(head)))
	switch {
	case page.MatchString(text), strings.HasPrefix(text, "<?xml") && strings.Contains(text, "<html"):
		return WebPage
	case strings.HasPrefix(text, "<?xml"):
		return XML
	case !isText(text):
		return Binary
	case message.MatchString(text):
		return JSON
	}
	return Text
}

// plain returns the head without a byte order mark. For UTF-16 it returns the
// ASCII characters.
func plain(head []byte) string {
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return strings.ReplaceAll(string(head[2:]), "\x00", "")
	}
	return strings.TrimPrefix(string(head), "\ufeff")
}

// isText reports whether the head has no control characters. It ignores bytes
// that are not UTF-8, such as a character that is cut at the end.
func isText(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r\f\x1b", r) })
}

var (
	unseen = regexp.MustCompile(`(?is)<(script|style)\b.*?(</(script|style)>|$)|<!--.*?(-->|$)`)
	tag    = regexp.MustCompile(`(?s)<[^>]*(>|$)`)
)

// Words returns the first visible words of a page or a message in one line,
// because they often say what is wrong.
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

// The kinds of files that hold models.
const (
	Zip    = "a zip archive"
	HDF5   = "an HDF5 file"
	Pickle = "a Python pickle"
)

// Wide names the encoding of text with two or four bytes per character, such as
// "UTF-16". It recognises the byte order mark, or the zeros beside a first ASCII
// character, and returns "" for any other content.
func Wide(head []byte) string {
	text := string(head[:min(len(head), 4)])
	switch {
	case text == "\xff\xfe\x00\x00", text == "\x00\x00\xfe\xff":
		return "UTF-32"
	case strings.HasPrefix(text, "\xff\xfe"), strings.HasPrefix(text, "\xfe\xff"):
		return "UTF-16"
	case len(text) > 1 && (text[0] == 0 && isSign(text[1]) || isSign(text[0]) && text[1] == 0):
		return "UTF-16"
	}
	return ""
}

// isSign reports whether the byte is a printable ASCII character.
func isSign(b byte) bool { return b >= ' ' && b <= '~' }
