package textfolder

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"evident/datasets"
	"evident/datasets/recognise"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	utf16 "golang.org/x/text/encoding/unicode"
)

// The supported encodings.
const (
	utf8Name    = "UTF-8"
	utf16Little = "UTF-16 (little endian)"
	utf16Big    = "UTF-16 (big endian)"
	windows1252 = "Windows-1252"
)

// decode reads a file as text, and names its encoding.
func decode(content []byte) (text, encoding string, err error) {
	if kind, todo := recognise.Packed(content[:min(len(content), recognise.HeadSize)]); kind != "" {
		return "", "", fmt.Errorf("%s not a text: %s", strings.TrimSuffix(kind, ",")+",", todo)
	}
	switch {
	case bytes.HasPrefix(content, []byte{0xFF, 0xFE, 0, 0}), bytes.HasPrefix(content, []byte{0, 0, 0xFE, 0xFF}):
		return "", "", fmt.Errorf("UTF-32: convert it, as with `iconv -f UTF-32 -t UTF-8`")
	case bytes.HasPrefix(content, []byte{0xFF, 0xFE}):
		return inUTF16(content, utf16Little)
	case bytes.HasPrefix(content, []byte{0xFE, 0xFF}):
		return inUTF16(content, utf16Big)
	}
	if even, odd := zeros(content); even+odd > 0 {
		switch half := len(content) / 2; { // in Latin letters, digits and line ends, one byte is zero
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

// convert says what to do with a file in an unknown encoding.
const convert = "convert it to UTF-8 from the encoding of the program that wrote it, as with `iconv -f ENCODING -t UTF-8`"

// inOneByte reads bytes that are not UTF-8 as Windows-1252, which programs in
// Western languages write and which includes Latin-1.
func inOneByte(content []byte) (string, string, error) {
	if name := eastAsian(content); name != "" {
		return "", "", fmt.Errorf("not UTF-8 but %s, it seems: convert it, as with `iconv -f %s -t UTF-8`", name, name)
	}
	line := 1 + bytes.Count(content[:firstInvalid(content)], []byte("\n"))
	text, err := charmap.Windows1252.NewDecoder().Bytes(content)
	switch {
	case err != nil || bytes.ContainsRune(text, utf8.RuneError) || strings.ContainsFunc(string(text), isControl):
		return "", "", fmt.Errorf("not UTF-8 (line %d), nor Windows-1252: %s", line, convert)
	case partlyUTF8(content):
		return "", "", fmt.Errorf("partly UTF-8, partly not (from line %d): fix these lines, or save the file again as UTF-8", line)
	case oddInside(string(text)):
		return "", "", fmt.Errorf("not UTF-8 (line %d), nor Windows-1252, as %q shows: %s", line, accentedWord(string(text)), convert)
	case inForeignWords(string(text)):
		return "", "", fmt.Errorf("not UTF-8 (line %d), and in no Western encoding, it seems: %s", line, convert)
	}
	return string(text), windows1252, nil
}

// inForeignWords reports whether non-ASCII letters are neighbours, as in a word of
// Greek or Cyrillic. In Western languages that is rare, as in "créée".
func inForeignWords(text string) bool {
	const few = 4 // too few letters to decide
	accented, neighbours := 0, 0
	before := false
	for _, r := range text {
		is := r >= utf8.RuneSelf && unicode.IsLetter(r)
		if is {
			accented++
			if before {
				neighbours++
			}
		}
		before = is
	}
	return accented >= few && 3*neighbours > accented
}

// oddInside reports whether capitals and symbols follow small letters, as in
// "cafŽ", which shows that the text comes from an old Macintosh or from DOS.
func oddInside(text string) bool {
	const few = 3
	all, odd := 0, 0
	before := false
	for _, r := range text {
		if r >= utf8.RuneSelf {
			all++
			if before && (unicode.IsUpper(r) || strings.ContainsRune("‚ƒ„†‡ˆ‰‹¤§¢£", r)) {
				odd++
			}
		}
		before = r >= 'a' && r <= 'z'
	}
	return odd >= few && 4*odd >= all
}

// letters counts the letters of all files, to judge whether they are in a language
// of Western Europe and therefore in Windows-1252.
type letters struct{ all, accented int }

func (l *letters) add(text string) {
	for _, r := range text {
		if unicode.IsLetter(r) {
			l.all++
			if r >= utf8.RuneSelf {
				l.accented++
			}
		}
	}
}

// western returns an error if more letters are accented than in any language of
// Western Europe. The fraction is 0.04 in French, and more than 0.15 in Vietnamese,
// Czech or Greek. A few words are allowed more.
func (l *letters) western() error {
	const fraction, few = 0.15, 5
	if float64(l.accented) > fraction*float64(l.all)+few {
		return fmt.Errorf("not UTF-8, and in no Western encoding, it seems: %s", convert)
	}
	return nil
}

// accentedWord returns the first word with a non-ASCII character, as an example.
func accentedWord(text string) string {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return unicode.IsSpace(r) || isDelimiter(r) }) {
		if strings.ContainsFunc(word, func(r rune) bool { return r >= utf8.RuneSelf }) {
			return shortened(word)
		}
	}
	return ""
}

// scripts are the encodings of East Asia by their names in iconv. A character takes
// two bytes. In each encoding, at least the given fraction of the characters has a
// first byte in the given range, which holds the kana, Hangul, or the common half
// of the Chinese characters. The first match counts.
var scripts = []struct {
	name     string
	encoding encoding.Encoding
	from, to byte
	second   byte // smallest second byte
	fraction float64
}{
	{"EUC-JP", japanese.EUCJP, 0xA4, 0xA5, 0xA1, 0.2},
	{"SHIFT_JIS", japanese.ShiftJIS, 0x82, 0x83, 0x40, 0.2},
	{"EUC-KR", korean.EUCKR, 0xB0, 0xC8, 0xA1, 0.9},
	{"GB18030", simplifiedchinese.GB18030, 0xB0, 0xD7, 0xA1, 0.85},
	{"BIG5", traditionalchinese.Big5, 0xA4, 0xC6, 0x40, 0.85},
}

// eastAsian returns the name of the East Asian encoding in which the bytes are a
// text, or "".
func eastAsian(content []byte) string {
	for _, s := range scripts {
		text, err := s.encoding.NewDecoder().Bytes(content)
		if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
			continue
		}
		all, own, runs := 0, 0, 0
		before := false // whether the previous byte was the first of a character
		for i := 0; i < len(content); i++ {
			first := content[i]
			if first < utf8.RuneSelf {
				before = false
				continue
			}
			if !before {
				runs++
			}
			before = true
			if s.name == "SHIFT_JIS" && first >= 0xA1 && first <= 0xDF || i == len(content)-1 { // narrow kana have one byte
				continue
			}
			i++
			if first == 0x81 || first >= 0xA1 && first <= 0xA3 && s.from > 0xA3 { // punctuation
				continue
			}
			all++
			if first >= s.from && first <= s.to && content[i] >= s.second {
				own++
			}
		}
		// In another encoding, accents would look like single characters.
		if all >= 2*runs && all > 0 && float64(own) >= s.fraction*float64(all) {
			return s.name
		}
	}
	return ""
}

func isControl(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }

// firstInvalid returns the index of the first byte that is not UTF-8.
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

// partlyUTF8 reports whether at least a tenth of the lines with non-ASCII
// characters, or most such characters, are in UTF-8.
func partlyUTF8(content []byte) bool {
	whole, broken, signs, invalid := 0, 0, 0, 0
	for line := range bytes.Lines(content) {
		before := invalid
		isASCII := true
		for len(line) > 0 {
			r, size := utf8.DecodeRune(line)
			switch {
			case size > 1:
				signs++
			case r == utf8.RuneError:
				invalid++
			}
			isASCII = isASCII && r < utf8.RuneSelf
			line = line[size:]
		}
		switch {
		case invalid > before:
			broken++
		case !isASCII:
			whole++
		}
	}
	return whole > broken/10 || signs > 3*invalid
}

// zeros counts the zero bytes at even and odd places.
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

// readAll returns a file's text without a byte order mark.
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
