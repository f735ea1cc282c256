package recognise

import "strings"

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
