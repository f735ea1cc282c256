package textfolder

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"evident/datasets"

	"golang.org/x/text/encoding/charmap"
	utf16 "golang.org/x/text/encoding/unicode"
)

// The encodings that are read.
const (
	utf8Name    = "UTF-8"
	utf16Little = "UTF-16 (little endian)"
	utf16Big    = "UTF-16 (big endian)"
	windows1252 = "Windows-1252"
)

// signatures are the first bytes of files that are no text, and what to do with
// each.
var signatures = []struct{ begins, kind, remedy string }{
	{"PK\x03\x04", "a ZIP archive or an Excel workbook", "unpack it, or save the sheet as CSV UTF-8"},
	{"\xd0\xcf\x11\xe0", "an old Excel workbook or Word document", "save it as CSV UTF-8"},
	{"\x1f\x8b", "packed with gzip", "unpack it with gunzip"},
	{"BZh", "packed with bzip2", "unpack it with bunzip2"},
	{"\xfd7zXZ", "packed with xz", "unpack it with unxz"},
	{"\x28\xb5\x2f\xfd", "packed with zstd", "unpack it with unzstd"},
	{"7z\xbc\xaf", "a 7z archive", "unpack it"},
	{"Rar!", "a RAR archive", "unpack it"},
	{"PAR1", "a Parquet file", "write it as CSV, as with pandas: read_parquet(…).to_csv(…, index=False)"},
	{"ARROW1", "an Arrow file", "write it as CSV"},
	{"SQLite format 3", "a data base of SQLite", "write the table as CSV"},
	{"%PDF", "a PDF document", "name a table of texts"},
	{"{\\rtf", "an RTF document", "save it as text in UTF-8"},
}

// decode reads a file as text, and says in which encoding.
func decode(content []byte) (text, encoding string, err error) {
	for _, s := range signatures {
		if bytes.HasPrefix(content, []byte(s.begins)) {
			return "", "", fmt.Errorf("%s, not a text: %s", s.kind, s.remedy)
		}
	}
	switch {
	case bytes.HasPrefix(content, []byte{0xFF, 0xFE, 0, 0}), bytes.HasPrefix(content, []byte{0, 0, 0xFE, 0xFF}):
		return "", "", fmt.Errorf("UTF-32: convert it, as in `iconv -f UTF-32 -t UTF-8`")
	case bytes.HasPrefix(content, []byte{0xFF, 0xFE}):
		return inUTF16(content, utf16Little)
	case bytes.HasPrefix(content, []byte{0xFE, 0xFF}):
		return inUTF16(content, utf16Big)
	}
	if even, odd := zeros(content); even+odd > 0 {
		switch half := len(content) / 2; { // Latin letters, digits and line ends have a zero
		case odd > half/5 && even == 0:
			return inUTF16(content, utf16Little)
		case even > half/5 && odd == 0:
			return inUTF16(content, utf16Big)
		}
		return "", "", fmt.Errorf("binary data, not a text: byte %d is a NUL", bytes.IndexByte(content, 0)+1)
	}
	if utf8.Valid(content) {
		return string(bytes.TrimPrefix(content, []byte("\ufeff"))), utf8Name, nil
	}
	return inOneByte(content)
}

func inUTF16(content []byte, name string) (string, string, error) {
	order := utf16.LittleEndian
	if name == utf16Big {
		order = utf16.BigEndian
	}
	text, err := utf16.UTF16(order, utf16.UseBOM).NewDecoder().Bytes(content)
	if err != nil || len(content)%2 != 0 || bytes.ContainsRune(text, utf8.RuneError) {
		return "", "", fmt.Errorf("damaged %s: save it again, as UTF-8", name)
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return "", "", fmt.Errorf("binary data, not a text")
	}
	return string(bytes.TrimPrefix(text, []byte("\ufeff"))), name, nil
}

// maxAccented is the share of the letters above which a text in one byte a letter
// is not in a language of Western Europe, so not in Windows-1252. French has
// 0.04, Vietnamese or Greek more than 0.2.
const maxAccented = 0.15

// inOneByte reads bytes that are not UTF-8. Windows-1252 holds Latin-1, and is
// what programs in Western languages write.
func inOneByte(content []byte) (string, string, error) {
	line := 1 + bytes.Count(content[:firstInvalid(content)], []byte("\n"))
	text, err := charmap.Windows1252.NewDecoder().Bytes(content)
	letters, accented := 0, 0
	pairs, invalid := utf8Pairs(content)
	for _, r := range string(text) {
		if unicode.IsLetter(r) {
			letters++
			if r >= utf8.RuneSelf {
				accented++
			}
		}
	}
	const convert = "say which it is by converting it, as in `iconv -f WINDOWS-1251 -t UTF-8`"
	switch {
	case err != nil || bytes.ContainsRune(text, utf8.RuneError) || strings.ContainsFunc(string(text), isControl):
		return "", "", fmt.Errorf("not UTF-8 (line %d), nor Windows-1252: %s", line, convert)
	case pairs > invalid/10:
		return "", "", fmt.Errorf("partly UTF-8, partly not (from line %d): mend these lines, or save it again as UTF-8", line)
	case float64(accented) > maxAccented*float64(letters):
		return "", "", fmt.Errorf("not UTF-8 (line %d), and in no Western encoding, it seems: %s", line, convert)
	}
	return string(text), windows1252, nil
}

func isControl(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }

// firstInvalid is where UTF-8 ends.
func firstInvalid(content []byte) int {
	for i := 0; i < len(content); {
		r, size := utf8.DecodeRune(content[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(content)
}

// utf8Pairs counts the signs of several bytes that are whole in UTF-8, and the
// bytes that are not. In Windows-1252 such a sign, as Ã©, hardly occurs.
func utf8Pairs(content []byte) (pairs, invalid int) {
	for len(content) > 0 {
		r, size := utf8.DecodeRune(content)
		switch {
		case size > 1:
			pairs++
		case r == utf8.RuneError:
			invalid++
		}
		content = content[size:]
	}
	return pairs, invalid
}

// zeros counts the zero bytes at even and at odd places.
func zeros(content []byte) (even, odd int) {
	for i, b := range content {
		switch {
		case b != 0:
		case i%2 == 0:
			even++
		default:
			odd++
		}
	}
	return even, odd
}

// readAll is a file's text, without a mark of its encoding.
func readAll(r io.Reader, path string) (text, encoding string, err error) {
	content, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	switch {
	case err != nil:
		return "", "", fmt.Errorf("%s: %w", path, datasets.WithoutPath(err))
	case len(content) > maxBytes:
		return "", "", fmt.Errorf("%s: larger than %d MB: give a part of it", path, maxBytes>>20)
	}
	if text, encoding, err = decode(content); err != nil {
		return "", "", fmt.Errorf("%s: %w", path, err)
	}
	return text, encoding, nil
}
